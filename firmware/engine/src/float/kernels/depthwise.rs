//! Each channel by itself: a row of pixels at a time.

use super::super::lanes::windows::Windows;
use super::super::lanes::{Lanes, Work};
use super::super::layout::{GRANULE, Layout};
use super::super::memory::Aligned;
use super::super::operators;
use super::finish::{Finish, Finisher, padded};
use super::rows::Rows;
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

    /// Floats of scratch memory, where it is a step of its own.
    pub fn scratch(&self, width: usize) -> usize {
        width * 2 * GRANULE
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
    finish: Finisher<'a, L>,
}

impl<L: Lanes> Run<'_, L> {
    /// Computes the channels `vector` of the outputs (`y`, `x`) and right of it, function included.
    #[inline(always)]
    pub fn pixels(&self, vector: usize, (y, x): (usize, usize), out: &mut [L::Array]) {
        let stride = self.geometry.stride;
        let first = self.window + stride * (y * self.row + x * self.pixel) + vector;
        match self.geometry.kernel {
            3 => self.lanes.vectorise(Three {
                run: self,
                vector,
                first,
                step: stride * self.pixel,
                out,
            }),
            kernel => self.any(kernel, vector, first, stride * self.pixel, out),
        }
        if self.finish.changes() {
            let places = (x..).map(|x| self.finish.place(y, x));
            for (out, place) in out.iter_mut().zip(places) {
                let value = self.finish.finish(place, vector, self.lanes.load(out));
                self.lanes.store(out, value);
            }
        }
    }

    #[inline(always)]
    fn any(&self, kernel: usize, vector: usize, first: usize, step: usize, out: &mut [L::Array]) {
        let lanes = self.lanes;
        for (index, out) in out.iter_mut().enumerate() {
            let mut sum = lanes.load(&self.bias[vector]);
            for place in 0..kernel * kernel {
                let (row, column) = (place / kernel, place % kernel);
                let at = first + index * step + row * self.row + column * self.pixel;
                let weight = lanes.load(&self.weights[place * self.place + vector]);
                sum = lanes.mul_add(lanes.load(&self.input[at]), weight, sum);
            }
            lanes.store(out, sum);
        }
    }
}

/// A 3x3 kernel, one vector of channels of neighbouring pixels: the inner loop.
struct Three<'a, 'b, L: Lanes> {
    run: &'a Run<'b, L>,
    vector: usize,
    first: usize,
    step: usize,
    out: &'a mut [L::Array],
}

impl<L: Lanes> Work for Three<'_, '_, L> {
    #[inline(always)]
    fn run(self) {
        let run = self.run;
        let lanes = run.lanes;
        let bias = lanes.load(&run.bias[self.vector]);
        let mut weights = [[bias; 3]; 3];
        for (place, weight) in weights.as_flattened_mut().iter_mut().enumerate() {
            *weight = lanes.load(&run.weights[place * run.place + self.vector]);
        }
        let distances = (run.row, run.pixel);
        let windows = Windows::new(run.input, self.first, distances, self.step, self.out.len());
        for (out, window) in self.out.iter_mut().zip(windows) {
            let mut sum = bias;
            for (window, weights) in window.iter().zip(&weights) {
                for (number, weight) in window.iter().zip(weights) {
                    sum = lanes.mul_add(lanes.load(number), *weight, sum);
                }
            }
            lanes.store(out, sum);
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
    pub scratch: &'a mut [f32],
}

impl<L: Lanes> Work for Alone<'_, L> {
    #[inline(always)]
    fn run(self) {
        let run = self.kernel.on(self.lanes, self.input, self.second);
        let target = self.rows.target;
        let out = self.lanes.chunks_mut(self.rows.out);
        // One vector of each pixel of a row.
        let line = &mut self.lanes.chunks_mut(self.scratch)[..target.width];
        for y in self.rows.range {
            let first = target.at(y, 0) / L::COUNT;
            for vector in 0..run.pixel {
                run.pixels(vector, (y, 0), line);
                let places = out[first + vector..].iter_mut().step_by(run.pixel);
                for (out, value) in places.zip(line.iter()) {
                    *out = *value;
                }
            }
        }
    }
}
