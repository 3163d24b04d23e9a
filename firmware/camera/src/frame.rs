//! One picture of the room, in a buffer that is used again and again.

use sfumato_core::pixels::{Pixels, PixelsMut, Rgb, TooShort};
use sfumato_core::time::Moment;

/// One camera picture with the moment it was taken.
///
/// The buffer grows to the largest picture seen and is then used again, so a loop that hands the
/// same frame to [`Camera::next`](crate::Camera::next) allocates nothing once it is warm.
#[derive(Clone, Debug, Default)]
pub struct Frame {
    pixels: Vec<Rgb>,
    width: usize,
    height: usize,
    /// When the picture was taken, on the clock the camera was opened with; for a clip that is
    /// not paced, its own time stamp counted from zero.
    pub captured: Moment,
    /// The camera's own frame number. A gap means that frames in between were lost or skipped.
    pub sequence: u64,
}

impl Frame {
    /// An empty frame, 0 x 0 pixels.
    pub fn new() -> Self {
        Frame::default()
    }

    /// Columns.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Rows.
    pub fn height(&self) -> usize {
        self.height
    }

    /// The picture, rows without gaps between them.
    pub fn pixels(&self) -> Pixels<'_, Rgb> {
        // `resize` keeps buffer and size in step, so this view always fits; an empty view stands
        // in for the case that cannot happen, because an edge does not panic.
        Pixels::new(&self.pixels, self.width, self.height, self.width).unwrap_or(Pixels::EMPTY)
    }

    /// The picture to write, rows without gaps between them.
    pub fn pixels_mut(&mut self) -> Result<PixelsMut<'_, Rgb>, TooShort> {
        PixelsMut::new(&mut self.pixels, self.width, self.height, self.width)
    }

    /// Sets the size; the content is undefined afterwards. Allocates only when it must grow.
    pub fn resize(&mut self, width: usize, height: usize) {
        self.pixels.resize(width.saturating_mul(height), [0, 0, 0]);
        self.width = width;
        self.height = height;
    }

    /// All pixels as bytes `R G B R G B …`, rows without gaps.
    pub fn bytes(&self) -> &[u8] {
        self.pixels.as_flattened()
    }

    /// All pixels as bytes `R G B R G B …` to write, rows without gaps.
    pub fn bytes_mut(&mut self) -> &mut [u8] {
        self.pixels.as_flattened_mut()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_buffer_is_used_again() {
        let mut frame = Frame::new();
        frame.resize(4, 3);
        let before = frame.bytes().as_ptr();
        frame.resize(2, 2);
        frame.resize(4, 3);
        assert_eq!(frame.bytes().as_ptr(), before);
        assert_eq!(frame.bytes().len(), 36);
        assert_eq!(frame.pixels().row(2).len(), 4);
    }

    #[test]
    fn an_empty_frame_has_an_empty_view() {
        assert_eq!(Frame::new().pixels().data().len(), 0);
    }
}
