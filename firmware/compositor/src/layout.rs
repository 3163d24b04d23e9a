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

/// Pixels by which the picture may be shifted on the screen, each way.
pub const MAX_SHIFT: i32 = 8;

/// The part of the scaled painting that drawing needs: what is visible, and the region, from
/// whose hidden parts paint may be moved into sight.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Placed {
    /// Shown pixels to a painting pixel, across and down.
    pub scale: [f64; 2],
    /// Where in the painting the top left corner of this part lies.
    pub origin: [f64; 2],
    /// Columns and rows of this part.
    pub size: [u32; 2],
    /// Where on the screen its top left pixel lies; may be off screen.
    pub at: [i32; 2],
}

impl Layout {
    /// Places a painting of `width` by `height` pixels with this region on the screen.
    pub(crate) fn place(&self, width: u32, height: u32, region: &Rect) -> Placed {
        let screen = [self.width, self.height];
        let painting = [width, height];
        let part = match self.placement {
            Placement::Crop(part) if part.width > 0 && part.height > 0 => part,
            _ => Rect {
                x: 0,
                y: 0,
                width,
                height,
            },
        };
        let ratio = |axis: usize| {
            let sides = [part.width, part.height];
            f64::from(screen[axis]) / f64::from(sides[axis])
        };
        let scale = match self.placement {
            Placement::Fit | Placement::Crop(_) => ratio(0).min(ratio(1)),
            Placement::Fill => ratio(0).max(ratio(1)),
            Placement::Exact => 1.0,
        };
        let middle = [
            f64::from(part.x) + f64::from(part.width) / 2.0,
            f64::from(part.y) + f64::from(part.height) / 2.0,
        ];
        let mut placed = Placed {
            scale: [1.0; 2],
            origin: [0.0; 2],
            size: [0; 2],
            at: [0; 2],
        };
        for axis in 0..2 {
            // The whole painting gets whole pixels; its scale follows from them.
            let side = libm::round(f64::from(painting[axis]) * scale).max(1.0);
            let scale = side / f64::from(painting[axis]);
            let start = libm::round(f64::from(screen[axis]) / 2.0 - middle[axis] * scale);
            let on_screen = |at: u32| start + f64::from(at) * scale;
            let (from, to) = [(region.x, region.right()), (region.y, region.bottom())][axis];
            let margin = f64::from(MAX_SHIFT);
            let first = libm::floor(on_screen(from).min(-margin)).max(start);
            let last = libm::ceil(on_screen(to).max(f64::from(screen[axis]) + margin));
            let last = last.min(start + side);
            placed.scale[axis] = scale;
            placed.origin[axis] = (first - start) / scale;
            placed.size[axis] = (last - first).max(0.0) as u32;
            placed.at[axis] = first as i32;
        }
        placed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(placement: Placement, screen: [u32; 2], painting: [u32; 2]) -> Placed {
        let layout = Layout {
            placement,
            ..Layout::fit(screen[0], screen[1])
        };
        let region = Rect {
            x: painting[0] / 4,
            y: painting[1] / 4,
            width: 16,
            height: 16,
        };
        layout.place(painting[0], painting[1], &region)
    }

    #[test]
    fn its_own_size_is_one_to_one() {
        let placed = place(Placement::Fit, [640, 480], [640, 480]);
        assert_eq!(placed.scale, [1.0; 2]);
        assert_eq!((placed.at, placed.size), ([0; 2], [640, 480]));
    }

    #[test]
    fn fitting_leaves_wall_beside_a_portrait() {
        let placed = place(Placement::Fit, [1920, 1080], [1342, 2000]);
        assert_eq!(placed.size, [725, 1080]);
        assert_eq!(placed.at, [598, 0]);
        assert_eq!(placed.origin, [0.0; 2]);
    }

    #[test]
    fn filling_cuts_evenly_and_keeps_a_margin_for_the_shift() {
        let placed = place(Placement::Fill, [1000, 1000], [500, 1000]);
        assert_eq!(placed.scale, [2.0; 2]);
        assert_eq!(placed.at, [0, -MAX_SHIFT]);
        assert_eq!(placed.size, [1000, 1016]);
        assert_eq!(placed.origin, [0.0, 246.0]);
    }

    #[test]
    fn all_of_the_region_is_kept_though_little_is_visible() {
        let part = Rect {
            x: 500,
            y: 600,
            width: 100,
            height: 100,
        };
        let placed = place(Placement::Crop(part), [100, 100], [1000, 1000]);
        // The region starts at (250, 250) and lies left of and above what is visible.
        assert_eq!((placed.origin, placed.at), ([250.0; 2], [-250, -350]));
        assert_eq!(placed.size, [250 + 100 + 8, 350 + 100 + 8]);
    }

    #[test]
    fn a_crop_is_centred() {
        let part = Rect {
            x: 100,
            y: 200,
            width: 100,
            height: 100,
        };
        let placed = place(Placement::Crop(part), [300, 200], [1000, 1000]);
        assert_eq!(placed.scale, [2.0; 2]);
        // Painting (150, 250) in the middle of the screen.
        let middle = |axis: usize| {
            placed.origin[axis] * 2.0 + [150.0, 100.0][axis] - f64::from(placed.at[axis])
        };
        assert_eq!([middle(0), middle(1)], [300.0, 500.0]);
    }
}
