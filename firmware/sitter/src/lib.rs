//! The built-in sitter: a modelled head that acts a script, and the painting of it.
//!
//! The project ships no photograph and no scan, so it makes its own model. One head, built from
//! the canonical face and a good deal of anatomy, serves twice:
//!
//! - [`Sitter`] draws it like a webcam picture while a [`Script`] moves it. This is the
//!   `synthetic:` camera: a visitor whose every movement is known beforehand, so that a test can
//!   ask whether the far end of the pipeline did what the script said.
//! - [`painting::paint`] paints it in oil: the built-in painting.
//!
//! # Terms
//!
//! - A *performance* says what the sitter does at one moment: head, jaw, lids, gaze, brows.
//! - A *script* is a performance for every moment; it is the ground truth.
//!
//! Everything is computed from numbers in this crate by arithmetic that is the same on every
//! machine (`libm` for the transcendental functions, own seeded noise, no clock), so the same
//! call gives the same bytes everywhere.

mod figure;
mod head;
mod light;
mod maths;
mod mesh;
pub mod painting;
mod performance;
mod raster;
mod script;
mod shot;
mod sitter;
mod transfer;

pub use performance::Performance;
pub use script::{Beat, Feature, Script};
pub use sitter::Sitter;
