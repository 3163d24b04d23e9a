//! The statistics of choices between two: pure functions, each with a test against known values.

pub mod bootstrap;
pub mod bradley_terry;
pub mod sign;
