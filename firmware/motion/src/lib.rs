//! From landmarks to motion: what the visitor does becomes what the portrait does.
//!
//! ```text
//! Face --measure--> Measurement --Mover::observe--> (baseline, filters) --Mover::at--> Motion
//! ```
//!
//! - [`measure`](measure::measure) reads pose, eye and mouth ratios and pose-free features off
//!   468 landmarks. It remembers nothing.
//! - [`Mover`] holds everything that takes time: the visitor's own resting face, smoothing,
//!   blinks, gaze, the change from one visitor to the next, and idle life.
//! - [`Personality`] says how a visitor's motion becomes the portrait's. [`scale`] says what a
//!   coefficient of 1 means on a face, so that whatever deforms the painting uses the same ruler.

#![no_std]
#![forbid(unsafe_code)]

pub mod measure;
pub mod mover;
pub mod personality;
pub mod placement;
pub mod scale;

pub use measure::{Measurement, measure};
pub use mover::{Moved, Mover};
pub use personality::Personality;
pub use placement::Placement;
