//! Teaches a small network what the rig of one painting draws.
#![deny(unsafe_code)]
pub mod adam;
pub mod bake;
pub mod chain;
pub mod examples;
pub mod learner;
pub mod loss;
pub mod motions;
pub mod prune;
pub mod quantise;
pub mod random;
pub mod save;
pub mod shape;
pub mod stage;
pub mod student;
pub mod teacher;
