//! The end of every step: add the second tensor, apply the function, store.

use super::super::lanes::Lanes;
use super::super::layout::{GRANULE, Layout};
use super::super::memory::Aligned;
use super::super::operators::Function;

/// A step's end, made ready.
#[derive(Clone, Debug)]
pub(crate) struct Finish {
    function: Function,
    /// The slopes, with zeros for the channels that pad.
    slopes: Aligned,
    second: Option<(Layout, bool)>,
}

impl Finish {
    /// `second` is the layout of what is added and whether the largest of 2x2 of its pixels is.
    pub fn new(function: &Function, second: Option<(Layout, bool)>) -> Finish {
        let slopes = match function {
            Function::Slopes(slopes) => padded(slopes),
            _ => Aligned::default(),
        };
        Finish {
            function: function.clone(),
            slopes,
            second,
        }
    }

    /// For one run; `second` holds what is added, if anything is.
    #[inline(always)]
    pub fn on<'a, L: Lanes>(&'a self, lanes: L, second: &'a [f32]) -> Finisher<'a, L> {
        let addend = self.second.map(|(layout, pooled)| Addend {
            numbers: lanes.chunks(second),
            origin: layout.origin() / L::COUNT,
            row: layout.row() / L::COUNT,
            pixel: layout.stride() / L::COUNT,
            pooled,
        });
        Finisher {
            lanes,
            function: &self.function,
            slopes: lanes.chunks(self.slopes.get()),
            addend,
        }
    }
}

/// Numbers by channel, with zeros for the channels that pad.
pub(crate) fn padded(numbers: &[f32]) -> Aligned {
    // Room for the longest vectors.
    let mut padded = Aligned::zeroed(numbers.len().next_multiple_of(2 * GRANULE));
    padded.get_mut()[..numbers.len()].copy_from_slice(numbers);
    padded
}

/// What is added, in vectors.
#[derive(Clone, Copy)]
struct Addend<'a, L: Lanes> {
    numbers: &'a [L::Array],
    origin: usize,
    row: usize,
    pixel: usize,
    pooled: bool,
}

/// A step's end during a run.
#[derive(Clone, Copy)]
pub(crate) struct Finisher<'a, L: Lanes> {
    lanes: L,
    function: &'a Function,
    slopes: &'a [L::Array],
    addend: Option<Addend<'a, L>>,
}

impl<L: Lanes> Finisher<'_, L> {
    /// Where output pixel (`y`, `x`) finds what is added to it.
    #[inline(always)]
    pub fn place(&self, y: usize, x: usize) -> usize {
        match &self.addend {
            None => 0,
            Some(addend) => {
                let step = if addend.pooled { 2 } else { 1 };
                addend.origin + step * (y * addend.row + x * addend.pixel)
            }
        }
    }

    /// Whether it does anything.
    #[inline(always)]
    pub fn changes(&self) -> bool {
        self.addend.is_some() || *self.function != Function::Linear
    }

    /// A vector of channels at its end; `place` is from [`Finisher::place`].
    #[inline(always)]
    pub fn finish(&self, place: usize, vector: usize, value: L::Vector) -> L::Vector {
        let lanes = self.lanes;
        let value = match &self.addend {
            None => value,
            Some(addend) if vector < addend.pixel => {
                lanes.add(value, addend.get(lanes, place + vector))
            }
            Some(_) => lanes.add(value, lanes.splat(0.0)),
        };
        match self.function {
            Function::Linear => value,
            Function::Relu => lanes.max(value, lanes.splat(0.0)),
            Function::Clamp(low, high) => {
                let value = lanes.max(value, lanes.splat(*low));
                lanes.min(value, lanes.splat(*high))
            }
            Function::Slopes(_) => lanes.slope(value, lanes.load(&self.slopes[vector])),
        }
    }
}

impl<L: Lanes> Addend<'_, L> {
    #[inline(always)]
    fn get(&self, lanes: L, at: usize) -> L::Vector {
        if self.pooled {
            pool(lanes, self.numbers, at, self.row, self.pixel)
        } else {
            lanes.load(&self.numbers[at])
        }
    }
}

/// The largest of 2x2 pixels, of which the first is at `at`; `row` and `pixel` lead to the next ones.
#[inline(always)]
pub(crate) fn pool<L: Lanes>(
    lanes: L,
    numbers: &[L::Array],
    at: usize,
    row: usize,
    pixel: usize,
) -> L::Vector {
    let numbers = &numbers[at..][..row + pixel + 1];
    let upper = lanes.max(lanes.load(&numbers[0]), lanes.load(&numbers[pixel]));
    let three = lanes.max(upper, lanes.load(&numbers[row]));
    lanes.max(three, lanes.load(&numbers[row + pixel]))
}
