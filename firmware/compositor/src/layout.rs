//! Where on the screen the painting lies.

use sfumato_core::geometry::Rect;
use sfumato_core::pixels::{Xrgb, xrgb};

/// How the painting is brought to the screen's size.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Placement {
    /// As large as it fits, all of it visible, wall around it.
    #[default]
    Fit,
    /// As small as fills the screen; what does not fit is cut off evenly.
    Fill,
    /// One painting pixel to one screen pixel, in the middle.
    Exact,
    /// This part of the painting, as large as it fits.
    Crop(Rect),
}

/// The screen as the visitor sees it (after its rotation) and what lies on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    /// Columns of the screen.
    pub width: u32,
    /// Rows of the screen.
    pub height: u32,
    /// Colour of the wall around the painting.
    pub wall: Xrgb,
    /// How the painting is brought to the screen's size.
    pub placement: Placement,
}

impl Layout {
    /// The whole painting as large as it fits on a near-black wall.
    pub fn fit(width: u32, height: u32) -> Layout {
        Layout {
            width,
            height,
            wall: xrgb([12, 11, 10]),
            placement: Placement::Fit,
        }
    }
}
