//! Steps without weights: a vector of output channels from a few of input.

use super::super::lanes::{Lanes, Work};
use super::super::layout::Layout;
use super::finish::{Finish, pool};
use super::rows::Rows;

/// What an output vector comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Copy,
    MaxPool,
    Upsample,
}

/// A step without weights, made ready.
#[derive(Clone, Debug)]
pub(crate) struct Elementwise {
    pub kind: Kind,
    pub input: Layout,
    pub output: Layout,
    pub finish: Finish,
}

/// The step during a run.
pub(crate) struct Run<'a, L: Lanes> {
    pub lanes: L,
    pub step: &'a Elementwise,
    pub input: &'a [f32],
    pub second: &'a [f32],
    pub rows: Rows<'a>,
}

impl<L: Lanes> Work for Run<'_, L> {
    #[inline(always)]
    fn run(self) {
        let (lanes, step) = (self.lanes, self.step);
        let finish = step.finish.on(lanes, self.second);
        let input = Input {
            lanes,
            numbers: lanes.chunks(self.input),
            origin: step.input.origin() / L::COUNT,
            row: step.input.row() / L::COUNT,
            pixel: step.input.stride() / L::COUNT,
            height: step.input.shape.height,
            width: step.input.shape.width,
        };
        let vectors = step.output.stride() / L::COUNT;
        let out = lanes.chunks_mut(self.rows.out);
        let target = self.rows.target;
        for y in self.rows.range {
            for x in 0..target.width {
                let (at, place) = (target.at(y, x) / L::COUNT, finish.place(y, x));
                let out = &mut out[at..at + vectors];
                for (vector, out) in out.iter_mut().enumerate() {
                    let value = if vector >= input.pixel {
                        lanes.splat(0.0)
                    } else {
                        match step.kind {
                            Kind::Copy => input.at(y, x, vector),
                            Kind::MaxPool => input.largest(y, x, vector),
                            Kind::Upsample => input.between(y, x, vector),
                        }
                    };
                    lanes.store(out, finish.finish(place, vector, value));
                }
            }
        }
    }
}

/// The input, in vectors.
struct Input<'a, L: Lanes> {
    lanes: L,
    numbers: &'a [L::Array],
    origin: usize,
    row: usize,
    pixel: usize,
    height: usize,
    width: usize,
}

impl<L: Lanes> Input<'_, L> {
    #[inline(always)]
    fn at(&self, y: usize, x: usize, vector: usize) -> L::Vector {
        let at = self.origin + y * self.row + x * self.pixel + vector;
        self.lanes.load(&self.numbers[at])
    }

    #[inline(always)]
    fn largest(&self, y: usize, x: usize, vector: usize) -> L::Vector {
        let at = self.origin + 2 * (y * self.row + x * self.pixel) + vector;
        pool(self.lanes, self.numbers, at, self.row, self.pixel)
    }

    #[inline(always)]
    fn between(&self, y: usize, x: usize, vector: usize) -> L::Vector {
        let rows = neighbours(y, self.height);
        let (near, far) = neighbours(x, self.width);
        self.mix(
            self.column(rows, near, vector),
            self.column(rows, far, vector),
        )
    }

    #[inline(always)]
    fn column(&self, (near, far): (usize, usize), x: usize, vector: usize) -> L::Vector {
        self.mix(self.at(near, x, vector), self.at(far, x, vector))
    }

    /// Three parts of the nearer and one of the farther.
    #[inline(always)]
    fn mix(&self, near: L::Vector, far: L::Vector) -> L::Vector {
        let lanes = self.lanes;
        lanes.mul_add(far, lanes.splat(0.25), lanes.mul(near, lanes.splat(0.75)))
    }
}

/// The nearer and the farther of the two input rows that output row `at` lies between.
#[inline(always)]
fn neighbours(at: usize, size: usize) -> (usize, usize) {
    let near = at / 2;
    let far = if at.is_multiple_of(2) {
        near.saturating_sub(1)
    } else {
        (near + 1).min(size - 1)
    };
    (near, far)
}
