//! Applies a drawing to the full-resolution painting and draws the overlay.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod compositor;
mod layout;
mod picture;
mod portrait;

pub use compositor::{Compositor, CompositorError};
pub use layout::{Layout, Placement};
pub use picture::Picture;
pub use portrait::{EyeLayers, MAX_SIDE, Portrait, PortraitError};
