//! Depthwise convolution: each place of the kernel, channel by channel.
//!
//! `words` multiplies words and adds, one place at a time. `dots` multiplies bytes of four places at once.

mod dots;
mod words;

use super::Dots;
use super::finish::Bytes;
use super::lanes::ordered;
use crate::operators;
use crate::scratch::{Needs, Scratch};
use crate::shape::{LANES, Shape};
use crate::simd::rows::{Cell, Padding, Ring};
use alloc::vec::Vec;
use core::arch::aarch64::*;
use core::ops::Range;

/// A depthwise convolution's weights and finish.
#[derive(Clone, Debug)]
pub struct Depthwise {
    output: Shape,
    kernel: usize,
    stride: usize,
    top: usize,
    padding: Padding,
    weights: Weights,
    /// For each block of sixteen channels, what sums start from.
    start: Vec<[int32x4_t; 4]>,
    finish: Bytes,
}

/// For each block of sixteen channels.
#[derive(Clone, Debug)]
enum Weights {
    /// And each place: words.
    Words(Vec<[int16x8_t; 2]>),
    /// And each four places: their bytes, channel by channel.
    Dots(Dots, Vec<[int8x16_t; 4]>),
}

impl Depthwise {
    /// Whether it can compute this convolution.
    pub fn fits(depthwise: &operators::depthwise::Depthwise) -> bool {
        matches!(depthwise.geometry.kernel, 3 | 5)
    }

    #[target_feature(enable = "neon")]
    pub fn new(depthwise: &operators::depthwise::Depthwise, dots: Option<Dots>) -> Depthwise {
        let geometry = depthwise.geometry;
        let output = depthwise.output;
        let places = geometry.kernel.pow(2);
        let padding = Padding {
            input: depthwise.input,
            cell: dots.map_or(Cell::Words, |_| Cell::Bytes),
            zero_point: depthwise.zero_point,
            signed: dots.is_some(),
            left: geometry.padding[1],
            columns: (output.width - 1) * geometry.stride + geometry.kernel,
            rows: geometry.kernel,
        };
        let weight = |channel: usize, (ky, kx): (usize, usize)| -> i8 {
            let inside = channel < output.channels && ky < geometry.kernel && kx < geometry.kernel;
            if inside {
                depthwise.weight(channel, ky, kx)
            } else {
                0
            }
        };
        let first = (0..output.channels).step_by(LANES);
        let weights = match dots {
            None => Weights::Words(
                first
                    .flat_map(|first| (0..places).map(move |place| (first, place)))
                    .map(|(first, place)| {
                        let place = (place / geometry.kernel, place % geometry.kernel);
                        words::weights(|lane| weight(first + lane, place))
                    })
                    .collect(),
            ),
            Some(dots) => Weights::Dots(
                dots,
                first
                    .flat_map(|first| {
                        (0..dots::fours(geometry.kernel)).map(move |four| (first, four))
                    })
                    .map(|(first, four)| {
                        let places = dots::places(geometry.kernel, four);
                        dots::weights(|lane, place| weight(first + lane, places[place]))
                    })
                    .collect(),
            ),
        };
        let start = |channel: usize| {
            let row = |ky: usize| (0..geometry.kernel).map(move |kx| (ky, kx));
            let total: i32 = (0..geometry.kernel)
                .flat_map(row)
                .map(|place| i32::from(weight(channel, place)))
                .sum();
            let bias = depthwise.bias.get(channel).copied().unwrap_or(0);
            // Sums are taken modulo 2^32, and the whole one is known to fit.
            bias.wrapping_sub(total * padding.stored_zero())
        };
        Depthwise {
            output,
            kernel: geometry.kernel,
            stride: geometry.stride,
            top: geometry.padding[0],
            padding,
            weights,
            start: (0..output.channels)
                .step_by(LANES)
                .map(|first| ordered(|lane| start(first + lane)))
                .collect(),
            finish: Bytes::new(&depthwise.finish, output.channels),
        }
    }

    pub fn needs(&self) -> Needs {
        Needs {
            rows: self.padding.cells(),
            ..Needs::default()
        }
    }

    pub fn name(&self) -> &'static str {
        match self.weights {
            Weights::Words(_) => "depthwise",
            Weights::Dots(..) => "depthwise dots",
        }
    }

    /// See [`operators::depthwise::Depthwise::run`].
    #[target_feature(enable = "neon")]
    pub fn run(&self, input: &[u8], rows: Range<usize>, out: &mut [u8], scratch: &mut Scratch) {
        let first_row = |y: usize| (y * self.stride) as isize - self.top as isize;
        let mut ring = Ring::new(self.padding, &mut scratch.rows, first_row(rows.start));
        let row = self.output.width * self.start.len();
        let (places, _) = out.as_chunks_mut::<LANES>();
        for (out, y) in places.chunks_exact_mut(row).zip(rows) {
            let rows = &ring.rows(input, first_row(y))[..self.kernel];
            match &self.weights {
                Weights::Words(weights) => self.row_of_words(weights, rows, out),
                // SAFETY: `Dots` is the proof that the processor has the instructions.
                Weights::Dots(_, weights) => unsafe { self.row_of_dots(weights, rows, out) },
            }
        }
    }
}
