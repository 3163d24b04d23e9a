//! Our engine: its runs, its layers, and its two threads.

use super::report::Layer;
use super::thread_time;
use anyhow::Result;
use sfumato_bake::motions;
use sfumato_bake::random::Random;
use sfumato_generator::network::INPUTS_KEY;
use sfumato_generator::network::inputs::{self, INPUTS};
use sfumato_infer::quantised::{Cost, FRACTION_BITS, OneThread, Quantised, Workers};
use std::cell::Cell;
use std::time::Instant;

/// The network with an input and room for its outputs.
pub struct Ours {
    network: Quantised,
    input: Vec<i16>,
    outputs: Vec<Vec<i32>>,
}

impl Ours {
    /// A network and some motion, the same in every run.
    pub fn new(network: Quantised) -> Ours {
        let portrait = network.metadata().iter().any(|(key, _)| key == INPUTS_KEY);
        let input = if portrait && network.input_numbers() == INPUTS {
            // What it was baked for: its numbers go together.
            let mut row = [0; INPUTS];
            inputs::write(&motions::extreme(&mut Random::new(7)), &mut row);
            row.to_vec()
        } else {
            // Steps of the whole range that neither repeat soon nor are all of one sign.
            let reach = (1.0 / network.input_scale()).clamp(1.0, 32767.0) as i64;
            (0..network.input_numbers() as i64)
                .map(|number| (number * 7919 % (2 * reach + 1) - reach) as i16)
                .collect()
        };
        let outputs = network
            .heads()
            .iter()
            .map(|head| vec![0; head.numbers()])
            .collect();
        Ours {
            network,
            input,
            outputs,
        }
    }

    /// The input in real numbers.
    pub fn real_input(&self) -> Vec<f32> {
        let scale = self.network.input_scale();
        self.input
            .iter()
            .map(|&word| f32::from(word) * scale)
            .collect()
    }

    /// How many numbers each output has.
    pub fn lengths(&self) -> Vec<usize> {
        self.outputs.iter().map(Vec::len).collect()
    }

    /// What each layer costs.
    pub fn costs(&self) -> Vec<Cost> {
        self.network.macs().to_vec()
    }

    /// The outputs in real numbers, channel by channel, one after the other.
    pub fn planes(&mut self) -> Result<Vec<f32>> {
        self.run()?;
        let one = f64::from(1u32 << FRACTION_BITS);
        let mut planes = Vec::new();
        for (head, output) in self.network.heads().iter().zip(&self.outputs) {
            for channel in 0..head.channels {
                let plane = output.iter().skip(channel).step_by(head.channels);
                planes.extend(plane.map(|&number| (f64::from(number) / one) as f32));
            }
        }
        Ok(planes)
    }

    /// One run on this thread.
    pub fn run(&mut self) -> Result<()> {
        self.run_on(&OneThread)
    }

    fn run_on<W: Workers>(&mut self, workers: &W) -> Result<()> {
        let mut views: Vec<&mut [i32]> = self.outputs.iter_mut().map(Vec::as_mut_slice).collect();
        Ok(self.network.run_on(workers, &self.input, &mut views)?)
    }

    /// How many times less two threads need that never wait for a processor or for each other, but for
    /// the longer half of each step.
    pub fn two_at_best(&mut self, turns: u32) -> Result<f64> {
        let halves = Halves(Cell::new(0.0));
        let start = thread_time();
        for _ in 0..turns {
            self.run_on(&halves)?;
        }
        let whole = thread_time() - start;
        Ok(whole / (whole - halves.0.get()))
    }

    /// A few runs that note each layer's milliseconds of CPU time.
    pub fn run_watched(&mut self, layers: &mut [Layer]) -> Result<()> {
        for _ in 0..3 {
            let mut views: Vec<&mut [i32]> =
                self.outputs.iter_mut().map(Vec::as_mut_slice).collect();
            let mut start = thread_time();
            let done = |number: usize| {
                let now = thread_time();
                if let Some(layer) = layers.get_mut(number) {
                    layer.times.push(now - start);
                }
                start = thread_time();
            };
            self.network
                .run_watched(&OneThread, &self.input, &mut views, done)?;
        }
        Ok(())
    }
}

/// Both halves of each step one after the other, and the time that they could have run together.
struct Halves(Cell<f64>);

impl Workers for Halves {
    const COUNT: usize = 2;

    fn join(&self, first: impl FnOnce() + Send, second: impl FnOnce() + Send) {
        let start = thread_time();
        first();
        let middle = thread_time();
        second();
        let together = (middle - start).min(thread_time() - middle);
        self.0.set(self.0.get() + together);
    }
}

/// Two threads that wait for work.
pub struct Pool(rayon::ThreadPool);

struct Pair;

impl Workers for Pair {
    const COUNT: usize = 2;

    fn join(&self, first: impl FnOnce() + Send, second: impl FnOnce() + Send) {
        rayon::join(first, second);
    }
}

impl Pool {
    /// A pool of two threads.
    pub fn new() -> Result<Pool> {
        Ok(Pool(
            rayon::ThreadPoolBuilder::new().num_threads(2).build()?,
        ))
    }

    /// Milliseconds of wall time that a run takes on one thread and on two.
    pub fn compare(&self, ours: &mut Ours, turns: u32) -> Result<[f64; 2]> {
        self.0.install(|| {
            let mut times = [0.0; 2];
            for (time, two) in times.iter_mut().zip([false, true]) {
                let start = Instant::now();
                for _ in 0..turns {
                    if two {
                        ours.run_on(&Pair)?;
                    } else {
                        ours.run()?;
                    }
                }
                *time = start.elapsed().as_secs_f64() * 1e3 / f64::from(turns);
            }
            Ok(times)
        })
    }
}
