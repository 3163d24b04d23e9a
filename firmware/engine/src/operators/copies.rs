//! Operators that move bytes and change none: upsampling, padding, concatenation.

use crate::shape::{Layout, Shape};
use core::ops::Range;

/// Twice the size, each pixel four times.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Upsample {
    pub input: Shape,
}

impl Upsample {
    pub fn output(&self) -> Shape {
        let Shape {
            height,
            width,
            channels,
        } = self.input;
        Shape::new(2 * height, 2 * width, channels)
    }

    /// Computes `rows`; `out` is these rows alone.
    pub fn run(&self, input: &[u8], rows: Range<usize>, out: &mut [u8]) {
        let layout = Layout::new(self.input);
        let row = 2 * layout.row();
        for y in rows.clone() {
            let at = (y - rows.start) * row;
            if y % 2 == 1 && y > rows.start {
                out.copy_within(at - row..at, at);
                continue;
            }
            let pixels = input[y / 2 * layout.row()..][..layout.row()].chunks_exact(layout.stride);
            let pairs = out[at..][..row].chunks_exact_mut(2 * layout.stride);
            for (pair, pixel) in pairs.zip(pixels) {
                let (left, right) = pair.split_at_mut(layout.stride);
                left.copy_from_slice(pixel);
                right.copy_from_slice(pixel);
            }
        }
    }
}

/// A border, and channels, that hold zero.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pad {
    pub input: Shape,
    pub output: Shape,
    pub top: usize,
    pub left: usize,
    pub zero_point: u8,
}

impl Pad {
    /// Computes `rows`; `out` is these rows alone.
    pub fn run(&self, input: &[u8], rows: Range<usize>, out: &mut [u8]) {
        let (from, to) = (Layout::new(self.input), Layout::new(self.output));
        out.fill(self.zero_point);
        for (out, y) in out.chunks_exact_mut(to.row()).zip(rows) {
            let Some(y) = y.checked_sub(self.top).filter(|&y| y < self.input.height) else {
                continue;
            };
            let pixels = out[self.left * to.stride..].chunks_exact_mut(to.stride);
            for (x, out) in pixels.enumerate().take(self.input.width) {
                out[..self.input.channels].copy_from_slice(from.pixel(input, y, x));
            }
        }
    }
}

/// The channels of one tensor, then those of another.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Concat {
    pub inputs: [Shape; 2],
}

impl Concat {
    pub fn output(&self) -> Shape {
        let [first, second] = self.inputs;
        Shape {
            channels: first.channels + second.channels,
            ..first
        }
    }

    /// Computes `rows`; `out` is these rows alone.
    pub fn run(&self, first: &[u8], second: &[u8], rows: Range<usize>, out: &mut [u8]) {
        let [a, b] = self.inputs.map(Layout::new);
        let to = Layout::new(self.output());
        for (out, y) in out.chunks_exact_mut(to.row()).zip(rows) {
            for (x, out) in out.chunks_exact_mut(to.stride).enumerate() {
                let (left, right) = out.split_at_mut(a.shape.channels);
                left.copy_from_slice(a.pixel(first, y, x));
                right[..b.shape.channels].copy_from_slice(b.pixel(second, y, x));
            }
        }
    }
}
