//! Finds and follows visitors' faces in camera pictures.
//!
//! ```text
//!            +- detector (short or full range) -> decode -> suppress -+
//! picture ---+                                                        +-> crop -> landmarks -> face
//!            +- the crop of a face followed from the last picture ----+             |
//!                          ^--------------------------------------------------------+
//! ```
//!
//! The networks are MediaPipe's, and the numbers around them follow MediaPipe's graphs (version
//! 0.10.14, `FaceMesh` and `FaceDetection`) step by step, so that landmarks agree with what its
//! users know. Each rule stands where it is coded:
//!
//! - [`detection`]: anchors, decoding, weighted non-maximum suppression;
//! - [`crop`]: letterbox, the rotated square around a face, landmarks back into the picture;
//! - [`sample`]: how pixels are read for a network;
//! - [`regions`]: lips and eyes, looked at more closely;
//! - [`glimpse`]: whether the picture of a face has changed;
//! - [`tracks`]: who is who from one picture to the next;
//! - [`choice`]: whom the portrait answers.
//!
//! All that is `no_std` and pure. With the feature `networks` (on by default) comes
//! [`Perception`], which runs the networks and ties it together, and [`store`], which finds
//! their files and proves them undamaged.
//!
//! Words: a *detection* is what a detector says (a box and six points); a *crop* is the rotated
//! square that the landmark network looks at; a *face* is what it found there; a *track* is a
//! face followed through time.

#![cfg_attr(not(feature = "networks"), no_std)]
#![forbid(unsafe_code)]

pub mod choice;
pub mod crop;
pub mod detection;
pub mod glimpse;
#[cfg(feature = "networks")]
mod mesh;
#[cfg(feature = "networks")]
mod perception;
mod perspective;
pub mod regions;
pub mod sample;
#[cfg(feature = "networks")]
pub mod store;
pub mod tracks;

pub use choice::Choice;
pub use crop::Crop;
pub use detection::{Detection, Range};
#[cfg(feature = "networks")]
pub use perception::{Perception, PerceptionError, Settings};
