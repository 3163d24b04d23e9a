//! Random networks of floats, and what they compute by definition: number by number, nothing fused.

#![allow(dead_code)] // each test file uses some of it

#[path = "../common/mod.rs"]
mod common;

pub use common::{Chance, Spread};
use sfumato_engine::float::{Activation, Builder, Order, Tensor, Weights};
use sfumato_engine::{Geometry, Shape};

/// A tensor: its numbers in the order rows, columns, channels.
#[derive(Clone, Debug, PartialEq)]
pub struct Numbers {
    pub shape: Shape,
    pub values: Vec<f32>,
}

#[derive(Clone, Debug)]
enum Operation {
    Convolution(Geometry, Vec<f32>, Vec<f32>),
    Depthwise(Geometry, Vec<f32>, Vec<f32>),
    Relu,
    Clamp(f32, f32),
    Slopes(Vec<f32>),
    Add(usize),
    PadChannels(usize),
    MaxPool,
    Upsample,
    DepthToSpace(usize),
}

/// A network: each operation makes the next tensor from one before.
#[derive(Clone, Debug)]
pub struct Sketch {
    pub input: Shape,
    operations: Vec<(Operation, usize)>,
    shapes: Vec<Shape>,
    pub outputs: Vec<(Vec<usize>, Order)>,
}

fn numbers(chance: &mut Chance, count: usize) -> Vec<f32> {
    (0..count).map(|_| 2.0 * chance.unit() - 1.0).collect()
}

impl Sketch {
    pub fn new(input: Shape) -> Sketch {
        Sketch {
            input,
            operations: Vec::new(),
            shapes: vec![input],
            outputs: Vec::new(),
        }
    }

    /// A network by chance; blocks as in the face models among single operators.
    pub fn random(chance: &mut Chance, length: usize) -> Sketch {
        let channels = [1 + chance.below(4), 1 + chance.below(40)][chance.below(2)];
        let shape = Shape::new(1 + chance.below(20), 1 + chance.below(20), channels);
        let mut sketch = Sketch::new(shape);
        while sketch.operations.len() < length {
            // Mostly the newest tensor, so that there is something to fuse.
            let newest = sketch.shapes.len() - 1;
            let from = [newest, newest, newest, chance.below(newest + 1)][chance.below(4)];
            sketch.extend(chance, from);
        }
        let newest = sketch.shapes.len() - 1;
        let any = chance.below(newest + 1);
        sketch.outputs = vec![
            (vec![newest], Order::Pixels),
            (
                vec![any, newest],
                [Order::Pixels, Order::Planes][chance.below(2)],
            ),
        ];
        sketch
    }

    fn push(&mut self, operation: Operation, from: usize, shape: Shape) -> usize {
        self.operations.push((operation, from));
        self.shapes.push(shape);
        self.shapes.len() - 1
    }

    fn geometry(chance: &mut Chance, shape: Shape) -> Geometry {
        let most = 5.min(shape.height + 1).min(shape.width + 1);
        let kernel = 1 + chance.below(most);
        let mut border = || chance.below(kernel);
        let padding = [border(), border(), border(), border()];
        let fits = shape.height + padding[0] + padding[2] >= kernel
            && shape.width + padding[1] + padding[3] >= kernel;
        let padding = if fits { padding } else { [kernel - 1; 4] };
        Geometry {
            kernel,
            stride: 1 + chance.below(2),
            padding,
        }
    }

    fn sums(geometry: Geometry, shape: Shape, channels: usize) -> Shape {
        let [top, left, bottom, right] = geometry.padding;
        let steps = |size: usize| (size - geometry.kernel) / geometry.stride + 1;
        let (height, width) = (shape.height + top + bottom, shape.width + left + right);
        Shape::new(steps(height), steps(width), channels)
    }

    pub fn convolution(
        &mut self,
        chance: &mut Chance,
        from: usize,
        geometry: Geometry,
        channels: usize,
    ) -> usize {
        let shape = self.shapes[from];
        let terms = geometry.kernel.pow(2) * shape.channels;
        let weights = numbers(chance, channels * terms);
        let bias = numbers(chance, channels);
        let output = Self::sums(geometry, shape, channels);
        self.push(
            Operation::Convolution(geometry, weights, bias),
            from,
            output,
        )
    }

    pub fn depthwise(&mut self, chance: &mut Chance, from: usize, geometry: Geometry) -> usize {
        let shape = self.shapes[from];
        let weights = numbers(chance, shape.channels * geometry.kernel.pow(2));
        let bias = numbers(chance, shape.channels);
        let output = Self::sums(geometry, shape, shape.channels);
        self.push(Operation::Depthwise(geometry, weights, bias), from, output)
    }

    fn activation(&mut self, chance: &mut Chance, from: usize) -> usize {
        let shape = self.shapes[from];
        let operation = match chance.below(3) {
            0 => Operation::Relu,
            1 => Operation::Clamp(-0.5, chance.unit()),
            _ => Operation::Slopes(numbers(chance, shape.channels)),
        };
        self.push(operation, from, shape)
    }

    /// A block of a face model: depthwise, 1x1, a shortcut perhaps pooled and padded, an activation.
    pub fn block(&mut self, chance: &mut Chance, from: usize, stride: usize, more: usize) -> usize {
        let shape = self.shapes[from];
        let padding = if stride == 1 { [1; 4] } else { [0, 0, 1, 1] };
        let geometry = Geometry {
            kernel: 3,
            stride,
            padding,
        };
        let mut layer = self.depthwise(chance, from, geometry);
        if chance.below(4) == 0 {
            layer = self.activation(chance, layer);
        }
        let channels = shape.channels + more;
        layer = self.convolution(chance, layer, Geometry::POINT, channels);
        let mut shortcut = from;
        if stride == 2 {
            let half = Shape::new(shape.height / 2, shape.width / 2, shape.channels);
            shortcut = self.push(Operation::MaxPool, shortcut, half);
        }
        if more > 0 {
            let padded = Shape {
                channels,
                ..self.shapes[shortcut]
            };
            shortcut = self.push(Operation::PadChannels(channels), shortcut, padded);
        }
        let shape = self.shapes[layer];
        // In either order.
        let sum = if chance.below(2) == 0 {
            self.push(Operation::Add(layer), shortcut, shape)
        } else {
            self.push(Operation::Add(shortcut), layer, shape)
        };
        self.activation(chance, sum)
    }

    fn extend(&mut self, chance: &mut Chance, from: usize) {
        let shape = self.shapes[from];
        let small = shape.len() < 4000;
        match chance.below(9) {
            0 => {
                let geometry = Self::geometry(chance, shape);
                let channels = 1 + chance.below(50);
                self.convolution(chance, from, geometry, channels);
            }
            1 => {
                let geometry = Self::geometry(chance, shape);
                self.depthwise(chance, from, geometry);
            }
            2 => {
                self.activation(chance, from);
            }
            3 => {
                let others: Vec<usize> = (0..self.shapes.len())
                    .filter(|&other| self.shapes[other] == shape)
                    .collect();
                let other = others[chance.below(others.len())];
                self.push(Operation::Add(other), from, shape);
            }
            4 if shape.height > 1 && shape.width > 1 => {
                let half = Shape::new(shape.height / 2, shape.width / 2, shape.channels);
                self.push(Operation::MaxPool, from, half);
            }
            5 if small => {
                let twice = Shape::new(2 * shape.height, 2 * shape.width, shape.channels);
                let large = self.push(Operation::Upsample, from, twice);
                if chance.below(2) == 0 {
                    let other = self.activation(chance, large);
                    let again = self.push(Operation::Upsample, from, twice);
                    self.push(Operation::Add(again), other, twice);
                }
            }
            6 if shape.channels.is_multiple_of(4) => {
                let spread = Shape::new(2 * shape.height, 2 * shape.width, shape.channels / 4);
                self.push(Operation::DepthToSpace(2), from, spread);
            }
            _ => {
                let even = shape.height.is_multiple_of(2) && shape.width.is_multiple_of(2);
                let stride = if even { 1 + chance.below(2) } else { 1 };
                let more = [0, 0, 4, chance.below(20)][chance.below(4)];
                self.block(chance, from, stride, more);
            }
        }
    }

    /// The same network for the engine.
    pub fn builder(&self) -> Builder {
        let mut builder = Builder::new();
        let mut tensors: Vec<Tensor> = vec![builder.input(self.input).unwrap()];
        for (operation, from) in &self.operations {
            let input = tensors[*from];
            let weights = |values, bias| Weights { values, bias };
            let tensor = match operation {
                Operation::Convolution(geometry, values, bias) => {
                    builder.convolution(input, *geometry, &weights(values, bias))
                }
                Operation::Depthwise(geometry, values, bias) => {
                    builder.depthwise(input, *geometry, &weights(values, bias))
                }
                Operation::Relu => builder.activation(input, Activation::Relu),
                Operation::Clamp(low, high) => {
                    builder.activation(input, Activation::Clamp(*low, *high))
                }
                Operation::Slopes(slopes) => builder.activation(input, Activation::Slopes(slopes)),
                Operation::Add(other) => builder.add(input, tensors[*other]),
                Operation::PadChannels(channels) => builder.pad_channels(input, *channels),
                Operation::MaxPool => builder.max_pool(input),
                Operation::Upsample => builder.upsample(input),
                Operation::DepthToSpace(block) => builder.depth_to_space(input, *block),
            };
            let tensor = tensor.unwrap();
            assert_eq!(builder.shape(tensor), Ok(self.shapes[tensors.len()]));
            tensors.push(tensor);
        }
        for (parts, order) in &self.outputs {
            let parts: Vec<Tensor> = parts.iter().map(|&part| tensors[part]).collect();
            builder.output(&parts, *order).unwrap();
        }
        builder
    }

    /// The outputs for an input of planes, by definition.
    pub fn outputs(&self, input: &[f32]) -> Vec<Vec<f32>> {
        let mut tensors = vec![Numbers::from_planes(self.input, input)];
        for (index, (operation, from)) in self.operations.iter().enumerate() {
            let shape = self.shapes[index + 1];
            let result = operation.run(shape, &tensors[*from], &tensors);
            tensors.push(result);
        }
        let outputs = self.outputs.iter().map(|(parts, order)| {
            let parts = parts.iter().flat_map(|&part| match order {
                Order::Pixels => tensors[part].values.clone(),
                Order::Planes => tensors[part].planes(),
            });
            parts.collect()
        });
        outputs.collect()
    }

    pub fn random_input(&self, chance: &mut Chance) -> Vec<f32> {
        numbers(chance, self.input.len())
    }
}

impl Numbers {
    fn from_planes(shape: Shape, planes: &[f32]) -> Numbers {
        let pixels = shape.height * shape.width;
        let value = |index: usize| {
            let (pixel, channel) = (index / shape.channels, index % shape.channels);
            planes[channel * pixels + pixel]
        };
        Numbers {
            shape,
            values: (0..shape.len()).map(value).collect(),
        }
    }

    fn planes(&self) -> Vec<f32> {
        let pixels = self.shape.height * self.shape.width;
        let value = |index: usize| {
            let (channel, pixel) = (index / pixels, index % pixels);
            self.values[pixel * self.shape.channels + channel]
        };
        (0..self.values.len()).map(value).collect()
    }

    /// Zero outside.
    fn at(&self, y: isize, x: isize, channel: usize) -> f32 {
        let Shape {
            height,
            width,
            channels,
        } = self.shape;
        let inside = (0..height as isize).contains(&y) && (0..width as isize).contains(&x);
        if !inside || channel >= channels {
            return 0.0;
        }
        self.values[(y as usize * width + x as usize) * channels + channel]
    }
}

impl Operation {
    fn run(&self, shape: Shape, input: &Numbers, all: &[Numbers]) -> Numbers {
        let mut values = Vec::with_capacity(shape.len());
        for y in 0..shape.height {
            for x in 0..shape.width {
                for channel in 0..shape.channels {
                    values.push(self.number(input, all, (y as isize, x as isize), channel));
                }
            }
        }
        Numbers { shape, values }
    }

    fn number(&self, input: &Numbers, all: &[Numbers], (y, x): (isize, isize), c: usize) -> f32 {
        let here = input.at(y, x, c);
        match self {
            Operation::Convolution(geometry, weights, bias) => {
                let inputs = input.shape.channels;
                let places = geometry.kernel.pow(2);
                let mut sum = bias[c];
                for place in 0..places {
                    let (v, u) = under(*geometry, place, (y, x));
                    for from in 0..inputs {
                        let weight = weights[(c * places + place) * inputs + from];
                        sum = input.at(v, u, from).mul_add(weight, sum);
                    }
                }
                sum
            }
            Operation::Depthwise(geometry, weights, bias) => {
                let places = geometry.kernel.pow(2);
                (0..places).fold(bias[c], |sum, place| {
                    let (v, u) = under(*geometry, place, (y, x));
                    input.at(v, u, c).mul_add(weights[c * places + place], sum)
                })
            }
            Operation::Relu => larger(here, 0.0),
            Operation::Clamp(low, high) => {
                let value = larger(here, *low);
                if value < *high { value } else { *high }
            }
            Operation::Slopes(slopes) if here.is_sign_negative() => here * slopes[c],
            Operation::Slopes(_) => here,
            Operation::Add(other) => here + all[*other].at(y, x, c),
            Operation::PadChannels(_) => here,
            Operation::MaxPool => {
                let at = |dy: isize, dx: isize| input.at(2 * y + dy, 2 * x + dx, c);
                larger(larger(larger(at(0, 0), at(0, 1)), at(1, 0)), at(1, 1))
            }
            Operation::Upsample => {
                let (v0, v1) = between(y, input.shape.height);
                let (u0, u1) = between(x, input.shape.width);
                let column = |u: isize| mix(input.at(v0, u, c), input.at(v1, u, c));
                mix(column(u0), column(u1))
            }
            Operation::DepthToSpace(block) => {
                let block = *block as isize;
                let channels = input.shape.channels / (block * block) as usize;
                let place = (y % block * block + x % block) as usize;
                input.at(y / block, x / block, place * channels + c)
            }
        }
    }
}

/// The input pixel under a place of the kernel.
fn under(geometry: Geometry, place: usize, (y, x): (isize, isize)) -> (isize, isize) {
    let [top, left, ..] = geometry.padding.map(|border| border as isize);
    let (kernel, stride) = (geometry.kernel as isize, geometry.stride as isize);
    let place = place as isize;
    (
        y * stride + place / kernel - top,
        x * stride + place % kernel - left,
    )
}

fn larger(a: f32, b: f32) -> f32 {
    if a > b { a } else { b }
}

fn mix(near: f32, far: f32) -> f32 {
    far.mul_add(0.25, 0.75 * near)
}

fn between(at: isize, size: usize) -> (isize, isize) {
    let near = at / 2;
    let far = if at % 2 == 0 { near - 1 } else { near + 1 };
    (near, far.clamp(0, size as isize - 1))
}
