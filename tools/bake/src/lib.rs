//! Teaches a small network what the rig of one painting draws.
#![deny(unsafe_code)]
pub mod adam;
pub mod chain;
pub mod examples;
pub mod learner;
pub mod loss;
pub mod motions;
pub mod prune;
pub mod quantise;
pub mod random;
pub mod teacher;
