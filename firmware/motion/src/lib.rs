//! From landmarks to motion: what the visitor does becomes what the portrait does.
//!
//! ```text
//! Face --measure--> Measurement --Mover::observe--> (rest, filters) --Mover::at--> Motion
//! ```
//!
//! - [`measure()`] reads pose, eye and mouth ratios and pose-free features off
//!   468 landmarks. It remembers nothing.
//! - [`Mover`] holds everything that takes time: the visitor's own resting face, smoothing,
//!   blinks, gaze, the change from one visitor to the next, and idle life.
//! - [`State`] is what the portrait is up to: alone, drowsy, asleep, meeting somebody, answering them,
//!   seeing them off.
//! - [`Personality`] says how a visitor's motion becomes the portrait's, its [`Style`](style::Style) how somebody in particular moves. [`scale`] says what a
//!   coefficient of 1 means on a face, so that whatever deforms the painting uses the same ruler.
//!
//! Geometry is in floating point; everything that has a memory is in fixed point, so that every
//! processor shows the same picture for the same landmarks. No allocation, no clock, no I/O.

#![no_std]
#![forbid(unsafe_code)]

#[cfg(test)]
extern crate std;

mod baseline;
mod behaviour;
mod channel;
mod characters;
mod company;
mod compose;
mod curve;
mod filter;
mod gaze;
mod idle;
mod lids;
// Public: tools measure where eyes look, and play films back to their own frames.
pub mod look;
mod manners;
pub mod measure;
pub mod mover;
mod noise;
pub mod personality;
pub mod placement;
mod pursuit;
mod random;
pub mod relative;
mod reply;
// Public: preparing a painting fits its pose with it too.
pub mod rigid;
pub mod scale;
pub mod shape;
mod spring;
pub mod style;
mod visitor;

pub use behaviour::State;
pub use look::Look;
pub use measure::{Measurement, measure};
pub use mover::{Moved, Mover};
pub use personality::Personality;
pub use placement::Placement;
