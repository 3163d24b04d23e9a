//! Applies a drawing to the full-resolution painting and draws the overlay.
//!
//! A [`Portrait`] (the painting and its layers) and a [`Layout`] (the screen) make a
//! [`Compositor`]. It scales everything to the size shown once; then, frame by frame, it follows a
//! [`sfumato_core::drawing::Drawing`]: paint is moved, never repainted, and the little that the
//! painting does not show (eyeballs under lids, the inside of the mouth, the background behind a
//! turned head) is laid in from layers and patches.
//!
//! # Terms
//!
//! - *Shown* pixels are the painting's at the size it has on the screen; positions among them are
//!   whole numbers with `cubic`'s fractional bits. Everything from here on is whole numbers:
//!   every processor draws the same bytes.
//! - The painting at rest is exact: where a drawing changes nothing, shown pixels are copied, and
//!   reading the painting at a whole pixel gives that pixel.
//!
//! # Way through the code
//!
//! `layout` and `scale` bring the portrait to the screen; `scene` holds the result. `frame`
//! turns a drawing into shown pixels, `nodes` spreads its grids over rows, `rows` draws a row
//! step by step as the contract says, `cubic` reads paint between pixels, `simd` picks the
//! processor's version of the inner loops.
//! [`overlay`] draws words and marks on top.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod blend;
mod compositor;
mod cubic;
mod frame;
mod grain;
mod ground;
mod layout;
mod lid;
mod nodes;
pub mod overlay;
mod picture;
mod portrait;
mod rows;
mod scale;
mod scene;
mod shift;
mod simd;
mod source;
pub mod tone;

pub use compositor::{Compositor, CompositorError, Strip};
pub use grain::take_grain;
pub use layout::{Layout, MAX_SHIFT, Placement};
pub use picture::Picture;
pub use portrait::{EyeLayers, MAX_SIDE, Portrait, PortraitError};
pub use shift::PixelShift;
pub use simd::Instructions;
pub use tone::Tone;
