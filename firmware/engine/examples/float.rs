//! Where the time of networks like the face models goes on this machine, step by step, on one thread.
//!
//! ```sh
//! cargo run --release -p sfumato-engine --example float -- [landmark|short|full] [rounds]
//! ```
//!
//! The shapes are the face models', the weights are made up. Each line: what a step makes, its million
//! multiplications, its median time, and how much that is of what multiply-and-add instructions alone could
//! do here, measured in the same run.

#![allow(clippy::unwrap_used)] // a measurement that cannot go on shall panic

use rustix::time::{ClockId, clock_gettime};
use sfumato_engine::float::{Activation, Builder, Instructions, Order, Tensor, Weights};
use sfumato_engine::{Geometry, OneThread, Shape};

/// Microseconds that this thread has had a processor.
fn thread_time() -> f64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec as f64 * 1e6 + time.tv_nsec as f64 / 1e3
}

fn noise(count: usize) -> Vec<f32> {
    let number = |index: usize| (index.wrapping_mul(2_654_435_761) >> 7) % 2001;
    (0..count)
        .map(|index| number(index) as f32 / 1e4 - 0.1)
        .collect()
}

/// A network under construction.
struct Sketch(Builder);

impl Sketch {
    fn convolution(&mut self, input: Tensor, geometry: Geometry, channels: usize) -> Tensor {
        let terms = geometry.kernel.pow(2) * self.0.shape(input).unwrap().channels;
        let (values, bias) = (noise(terms * channels), noise(channels));
        let weights = Weights {
            values: &values,
            bias: &bias,
        };
        self.0.convolution(input, geometry, &weights).unwrap()
    }

    fn depthwise(&mut self, input: Tensor, stride: usize) -> Tensor {
        let channels = self.0.shape(input).unwrap().channels;
        let (values, bias) = (noise(9 * channels), noise(channels));
        let weights = Weights {
            values: &values,
            bias: &bias,
        };
        let padding = if stride == 1 { [1; 4] } else { [0, 0, 1, 1] };
        let geometry = Geometry {
            kernel: 3,
            stride,
            padding,
        };
        self.0.depthwise(input, geometry, &weights).unwrap()
    }

    fn slopes(&mut self, input: Tensor) -> Tensor {
        let slopes = noise(self.0.shape(input).unwrap().channels);
        let slopes = Activation::Slopes(&slopes);
        self.0.activation(input, slopes).unwrap()
    }

    /// Depthwise, 1x1, shortcut, PReLU.
    fn block(&mut self, input: Tensor, stride: usize, channels: usize) -> Tensor {
        let layer = self.depthwise(input, stride);
        let layer = self.convolution(layer, Geometry::POINT, channels);
        let mut shortcut = input;
        if stride == 2 {
            shortcut = self.0.max_pool(shortcut).unwrap();
        }
        shortcut = self.0.pad_channels(shortcut, channels).unwrap();
        let sum = self.0.add(layer, shortcut).unwrap();
        self.slopes(sum)
    }

    /// Down to fewer channels, and up again beside a shortcut.
    fn bottleneck(&mut self, input: Tensor, narrow: usize) -> Tensor {
        let channels = self.0.shape(input).unwrap().channels;
        let layer = self.depthwise(input, 1);
        let layer = self.convolution(layer, Geometry::POINT, narrow);
        let layer = self.0.activation(layer, Activation::Relu).unwrap();
        let layer = self.depthwise(layer, 1);
        let layer = self.convolution(layer, Geometry::POINT, channels);
        let sum = self.0.add(input, layer).unwrap();
        self.0.activation(sum, Activation::Relu).unwrap()
    }
}

fn landmark() -> Builder {
    let mut sketch = Sketch(Builder::new());
    let input = sketch.0.input(Shape::new(192, 192, 3)).unwrap();
    let geometry = Geometry {
        kernel: 3,
        stride: 2,
        padding: [0, 0, 1, 1],
    };
    let mut layer = sketch.convolution(input, geometry, 16);
    layer = sketch.slopes(layer);
    for (stride, channels) in [16, 32, 64, 128, 128, 128]
        .into_iter()
        .enumerate()
        .flat_map(|(stage, channels)| {
            let first = if stage == 0 { 1 } else { 2 };
            [(first, channels), (1, channels), (1, channels)]
        })
        .skip(1)
    {
        layer = sketch.block(layer, stride, channels);
    }
    layer = sketch.convolution(layer, Geometry::POINT, 32);
    layer = sketch.slopes(layer);
    layer = sketch.block(layer, 1, 32);
    let geometry = Geometry {
        kernel: 3,
        stride: 1,
        padding: [0; 4],
    };
    layer = sketch.convolution(layer, geometry, 1404);
    sketch.0.output(&[layer], Order::Pixels).unwrap();
    sketch.0
}

fn short() -> Builder {
    let mut sketch = Sketch(Builder::new());
    let input = sketch.0.input(Shape::new(128, 128, 3)).unwrap();
    let geometry = Geometry {
        kernel: 5,
        stride: 2,
        padding: [1, 1, 2, 2],
    };
    let mut layer = sketch.convolution(input, geometry, 24);
    for (stride, channels) in [
        (1, 24),
        (1, 28),
        (2, 32),
        (1, 36),
        (1, 42),
        (2, 48),
        (1, 56),
        (1, 64),
        (1, 72),
        (1, 80),
        (1, 88),
        (2, 96),
        (1, 96),
        (1, 96),
        (1, 96),
        (1, 96),
    ] {
        layer = sketch.block(layer, stride, channels);
    }
    sketch.0.output(&[layer], Order::Pixels).unwrap();
    sketch.0
}

fn full() -> Builder {
    let mut sketch = Sketch(Builder::new());
    let input = sketch.0.input(Shape::new(192, 192, 3)).unwrap();
    let mut layer = sketch.convolution(input, Geometry::centred(3, 2), 32);
    for (narrow, channels) in [(8, 32), (16, 64), (32, 128), (48, 192), (96, 384)] {
        if channels > 32 {
            layer = sketch.depthwise(layer, 2);
            layer = sketch.convolution(layer, Geometry::POINT, channels);
        }
        layer = sketch.bottleneck(layer, narrow);
        layer = sketch.bottleneck(layer, narrow);
    }
    sketch.0.output(&[layer], Order::Pixels).unwrap();
    sketch.0
}

/// The fastest multiplication known here: a 1x1 layer that fits the caches.
fn limit() -> f64 {
    let mut sketch = Sketch(Builder::new());
    let input = sketch.0.input(Shape::new(12, 4, 64)).unwrap();
    let mut layer = input;
    for _ in 0..20 {
        layer = sketch.convolution(layer, Geometry::POINT, 64);
    }
    sketch.0.output(&[layer], Order::Pixels).unwrap();
    let mut plan = sketch.0.build(Instructions::best()).unwrap();
    let (input, mut out) = (noise(12 * 4 * 64), vec![0.0; 12 * 4 * 64]);
    let mut best = f64::MAX;
    for _ in 0..50 {
        let start = thread_time();
        plan.run(&[&input], &mut [&mut out]).unwrap();
        best = best.min(thread_time() - start);
    }
    plan.multiplications() as f64 / best
}

fn median(times: &mut [f64]) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let name = arguments.next().unwrap_or_else(|| "landmark".to_owned());
    let rounds = arguments.next().map_or(200, |text| text.parse().unwrap());
    let network = match name.as_str() {
        "landmark" => landmark(),
        "short" => short(),
        "full" => full(),
        other => panic!("landmark, short or full, not {other}"),
    };
    let limit = limit();
    for instructions in Instructions::all().skip(1) {
        let mut plan = network.clone().build(instructions).unwrap();
        let count = plan.steps().count();
        let shape = plan.inputs().next().unwrap();
        let input = noise(shape.len());
        let mut out = vec![0.0; plan.outputs().next().unwrap()];
        let mut times = vec![Vec::new(); count];
        let mut whole = Vec::new();
        for _ in 0..rounds {
            let start = thread_time();
            let mut last = start;
            plan.run_watched(&OneThread, &[&input], &mut [&mut out], |step| {
                let now = thread_time();
                times[step].push(now - last);
                last = now;
            })
            .unwrap();
            whole.push(thread_time() - start);
        }
        let total = median(&mut whole);
        println!(
            "{name}, {}: {total:.0} us, {:.1} million multiplications, {:.0} % of the limit, arena {} KiB",
            instructions.name(),
            plan.multiplications() as f64 / 1e6,
            100.0 * plan.multiplications() as f64 / total / limit,
            plan.arena_bytes() / 1024,
        );
        for ((kernel, shape, products), times) in plan.steps().zip(&mut times) {
            let time = median(times);
            println!(
                "  {kernel:10} {:3} x {:3} x {:4} {:6.2} M {time:7.1} us {:4.0} %",
                shape.height,
                shape.width,
                shape.channels,
                products as f64 / 1e6,
                100.0 * products as f64 / time / limit,
            );
        }
    }
}
