//! Each channel by itself: a row of pixels at a time.

use super::super::lanes::{Lanes, Work};
use super::super::layout::Layout;
use super::super::memory::Aligned;
use super::super::operators;
use super::finish::{Finish, Finisher, padded};
use super::rows::{Rows, Target};
use crate::shape::Geometry;

/// A depthwise convolution, made ready.
#[derive(Clone, Debug)]
pub(crate) struct Depthwise {
    input: Layout,
    geometry: Geometry,
    /// For each kernel place, the weights of all channels.
    weights: Aligned,
    bias: Aligned,
    /// Floats of one kernel place in `weights`.
    place: usize,
    finish: Finish,
}

impl Depthwise {
    pub fn new(
        depthwise: &operators::Depthwise,
        input: Layout,
        second: Option<(Layout, bool)>,
    ) -> Self {
        let places = depthwise.geometry.kernel.pow(2);
        let bias = padded(&depthwise.bias);
        let place = bias.get().len();
        let mut weights = Aligned::zeroed(places * place);
        for (channel, values) in depthwise.weights.chunks_exact(places).enumerate() {
            for (at, &value) in values.iter().enumerate() {
                weights.get_mut()[at * place + channel] = value;
            }
        }
        Depthwise {
            input,
            geometry: depthwise.geometry,
            weights,
            bias,
            place,
            finish: Finish::new(&depthwise.function, second),
        }
    }

    /// Vectors of a pixel.
    pub fn vectors<L: Lanes>(&self, _: L) -> usize {
        self.input.stride() / L::COUNT
    }

    /// For one run.
    #[inline(always)]
    pub fn on<'a, L: Lanes>(&'a self, lanes: L, input: &'a [f32], second: &'a [f32]) -> Run<'a, L> {
        let pixel = self.vectors(lanes);
        Run {
            lanes,
            input: lanes.chunks(input),
            weights: lanes.chunks(self.weights.get()),
            bias: lanes.chunks(self.bias.get()),
            place: self.place / L::COUNT,
            pixel,
            row: self.input.row() / L::COUNT,
            window: self.input.window(self.geometry) / L::COUNT,
            geometry: self.geometry,
            finish: self.finish.on(lanes, second),
        }
    }
}

/// The convolution during a run, in vectors.
#[derive(Clone, Copy)]
pub(crate) struct Run<'a, L: Lanes> {
    lanes: L,
    input: &'a [L::Array],
    weights: &'a [L::Array],
    bias: &'a [L::Array],
    place: usize,
    pixel: usize,
    row: usize,
    window: usize,
    geometry: Geometry,
    pub finish: Finisher<'a, L>,
}

/// Takes the sums of neighbouring pixels.
///
/// A trait and no closure, because a closure cannot be told to become part of its caller, and
/// only there it has the caller's instructions.
pub(crate) trait Put<L: Lanes> {
    fn put(&mut self, pixel: usize, sum: L::Vector);
}

impl<L: Lanes> Run<'_, L> {
    /// Hands `put` the channels `vector` of the outputs (`y`, `x`) and right of it, one for each of `count`.
    #[inline(always)]
    pub fn pixels(
        &self,
        vector: usize,
        (y, x): (usize, usize),
        count: usize,
        put: &mut impl Put<L>,
    ) {
        let stride = self.geometry.stride;
        let first = self.window + stride * (y * self.row + x * self.pixel) + vector;
        match self.geometry.kernel {
            3 => self.three(vector, first, stride * self.pixel, count, put),
            kernel => self.any(kernel, vector, first, stride * self.pixel, count, put),
        }
    }

    /// With weights in registers.
    #[inline(always)]
    fn three(&self, vector: usize, first: usize, step: usize, count: usize, put: &mut impl Put<L>) {
        let lanes = self.lanes;
        let bias = lanes.load(&self.bias[vector]);
        let mut weights = [bias; 9];
        for (place, weight) in weights.iter_mut().enumerate() {
            *weight = lanes.load(&self.weights[place * self.place + vector]);
        }
        let (second, third) = (self.pixel, 2 * self.pixel);
        // As long as what is read, so that no check of single places is left.
        let length = (count - 1) * step + third + 1;
        let upper = &self.input[first..][..length];
        let middle = &self.input[first + self.row..][..length];
        let lower = &self.input[first + 2 * self.row..][..length];
        for index in 0..count {
            let at = index * step;
            let mut sum = bias;
            for (row, weights) in [upper, middle, lower]
                .iter()
                .zip(weights.as_chunks::<3>().0)
            {
                sum = lanes.mul_add(lanes.load(&row[at]), weights[0], sum);
                sum = lanes.mul_add(lanes.load(&row[at + second]), weights[1], sum);
                sum = lanes.mul_add(lanes.load(&row[at + third]), weights[2], sum);
            }
            put.put(index, sum);
        }
    }

    #[inline(always)]
    fn any(
        &self,
        kernel: usize,
        vector: usize,
        first: usize,
        step: usize,
        count: usize,
        put: &mut impl Put<L>,
    ) {
        let lanes = self.lanes;
        for index in 0..count {
            let mut sum = lanes.load(&self.bias[vector]);
            for place in 0..kernel * kernel {
                let (row, column) = (place / kernel, place % kernel);
                let at = first + index * step + row * self.row + column * self.pixel;
                let weight = lanes.load(&self.weights[place * self.place + vector]);
                sum = lanes.mul_add(lanes.load(&self.input[at]), weight, sum);
            }
            put.put(index, sum);
        }
    }
}

/// A depthwise convolution that is a step of its own.
pub(crate) struct Alone<'a, L: Lanes> {
    pub lanes: L,
    pub kernel: &'a Depthwise,
    pub input: &'a [f32],
    pub second: &'a [f32],
    pub rows: Rows<'a>,
}

impl<L: Lanes> Work for Alone<'_, L> {
    #[inline(always)]
    fn run(self) {
        let run = self.kernel.on(self.lanes, self.input, self.second);
        let mut line = Line {
            lanes: self.lanes,
            finish: run.finish,
            target: self.rows.target,
            y: 0,
            vector: 0,
            out: self.lanes.chunks_mut(self.rows.out),
        };
        for y in self.rows.range {
            line.y = y;
            for vector in 0..run.pixel {
                line.vector = vector;
                run.pixels(vector, (y, 0), line.target.width, &mut line);
            }
        }
    }
}

/// A row of an output, of which one vector of channels is made.
struct Line<'a, L: Lanes> {
    lanes: L,
    finish: Finisher<'a, L>,
    target: Target,
    y: usize,
    vector: usize,
    out: &'a mut [L::Array],
}

impl<L: Lanes> Put<L> for Line<'_, L> {
    #[inline(always)]
    fn put(&mut self, x: usize, sum: L::Vector) {
        let place = self.finish.place(self.y, x);
        let value = self.finish.finish(place, self.vector, sum);
        let at = self.target.at(self.y, x) / L::COUNT + self.vector;
        self.lanes.store(&mut self.out[at], value);
    }
}
