//! Points and rectangles in pictures. x runs right, y runs down, pixel centres lie at halves.

/// A position in a picture, in pixels. The top left corner of the picture is (0, 0).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Point {
    /// Pixels from the left edge.
    pub x: f32,
    /// Pixels from the top edge.
    pub y: f32,
}

/// A box in a picture, in pixels, edges included as positions. May leave the picture.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Box2 {
    /// Left edge.
    pub left: f32,
    /// Top edge.
    pub top: f32,
    /// Right edge, not less than `left`.
    pub right: f32,
    /// Bottom edge, not less than `top`.
    pub bottom: f32,
}

impl Box2 {
    /// Width in pixels.
    pub fn width(&self) -> f32 {
        self.right - self.left
    }

    /// Height in pixels.
    pub fn height(&self) -> f32 {
        self.bottom - self.top
    }

    /// The middle.
    pub fn centre(&self) -> Point {
        Point {
            x: 0.5 * (self.left + self.right),
            y: 0.5 * (self.top + self.bottom),
        }
    }

    /// Shared area over joint area, in [0, 1]; 0 for boxes without area.
    pub fn intersection_over_union(&self, other: &Box2) -> f32 {
        let width = self.right.min(other.right) - self.left.max(other.left);
        let height = self.bottom.min(other.bottom) - self.top.max(other.top);
        if width <= 0.0 || height <= 0.0 {
            return 0.0;
        }
        let shared = width * height;
        shared / (self.width() * self.height() + other.width() * other.height() - shared)
    }
}

/// A rectangle of whole pixels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Rect {
    /// First column.
    pub x: u32,
    /// First row.
    pub y: u32,
    /// Columns.
    pub width: u32,
    /// Rows.
    pub height: u32,
}

impl Rect {
    /// One past the last column.
    pub fn right(&self) -> u32 {
        self.x + self.width
    }

    /// One past the last row.
    pub fn bottom(&self) -> u32 {
        self.y + self.height
    }

    /// Whether the pixel lies inside.
    pub fn contains(&self, x: u32, y: u32) -> bool {
        (self.x..self.right()).contains(&x) && (self.y..self.bottom()).contains(&y)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn boxes_overlap_by_area() {
        let a = Box2 {
            left: 0.0,
            top: 0.0,
            right: 2.0,
            bottom: 2.0,
        };
        let b = Box2 {
            left: 1.0,
            top: 0.0,
            right: 3.0,
            bottom: 2.0,
        };
        assert!((a.intersection_over_union(&b) - 1.0 / 3.0).abs() < 1e-6);
        assert_eq!(a.intersection_over_union(&a), 1.0);
        let far = Box2 {
            left: 9.0,
            top: 9.0,
            right: 9.5,
            bottom: 9.5,
        };
        assert_eq!(a.intersection_over_union(&far), 0.0);
    }
}
