//! The camera trait and its implementations.
