//! Teaches a small network what the rig of one painting draws.
//!
//! ```text
//! motions --teacher (rig)--> examples --learner--> parameters of four chains --quantise--> description
//!                               ^                      |
//!                               +---- loss (paint) <---+      prune: sixteen channels at a time
//! ```
//!
//! [`bake`] says what happens when; everything else is one idea a module: `motions` what to learn
//! from, `teacher` and `examples` what to learn, `loss` how wrong something is, `chain` the layers
//! and their way back, `learner` a step of learning, `shape` how large networks begin, `prune` how
//! they get smaller, `quantise` and `whole` how they become whole numbers, `sketches`, `sketch` and
//! `components` how sums of pictures are learned, `polynomial` and `moments` how the turn is, `save` how a bake outlives a break.
//! [`generic`] is a start that many faces have learned together ([`meta`]).
//! [`student`] and [`stage`] show what has been learned.
//!
//! Nothing here reads a clock or a file. The same seed, times and examples give the same network,
//! however many threads there are.

#![deny(unsafe_code)]

mod adam;
pub mod bake;
mod branch;
mod chain;
mod components;
mod examples;
pub mod generic;
pub mod learner;
pub mod loss;
pub mod meta;
mod moments;
pub mod motions;
mod polynomial;
mod prune;
mod quantise;
pub mod random;
mod save;
mod shape;
mod sketch;
mod sketches;
pub mod stage;
pub mod student;
mod teacher;
mod whole;

pub use save::SaveError;
