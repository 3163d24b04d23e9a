//! The screen trait and its implementations.
