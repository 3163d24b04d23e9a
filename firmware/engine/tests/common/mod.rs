//! Numbers by chance, and networks made of them.

#![allow(dead_code)] // each test file uses some of it

use sfumato_engine::{
    Activation, BuildError, Builder, FixedPoint, Geometry, Output, Plan, Quantisation, Shape,
    Tensor, Weights,
};

/// How far numbers reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spread {
    /// All values, evenly.
    Even,
    /// The two ends only.
    Extremes,
    /// Weights of 7 bits, other numbers evenly.
    Small,
}

/// A generator of numbers (splitmix64).
#[derive(Clone, Debug)]
pub struct Chance(pub u64, pub Spread);

impl Chance {
    pub fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, limit: usize) -> usize {
        (self.number() % limit as u64) as usize
    }

    pub fn unit(&mut self) -> f32 {
        self.below(1 << 24) as f32 / (1 << 24) as f32
    }

    pub fn byte(&mut self) -> u8 {
        match self.1 {
            Spread::Extremes => [0, 255][self.below(2)],
            Spread::Even | Spread::Small => self.below(256) as u8,
        }
    }

    pub fn weight(&mut self) -> i8 {
        match self.1 {
            Spread::Extremes => [-128, 127][self.below(2)],
            Spread::Even => (self.below(256) as i32 - 128) as i8,
            Spread::Small => (self.below(129) as i32 - 64) as i8,
        }
    }

    pub fn words(&mut self, count: usize) -> Vec<i16> {
        let word = |_| match self.1 {
            Spread::Extremes => [i16::MIN, i16::MAX][self.below(2)],
            Spread::Even | Spread::Small => self.number() as i16,
        };
        (0..count).map(word).collect()
    }

    pub fn bytes(&mut self, count: usize) -> Vec<u8> {
        (0..count).map(|_| self.byte()).collect()
    }

    /// A scale, and a zero point that is often at an end.
    pub fn quantisation(&mut self) -> Quantisation {
        Quantisation {
            scale: 0.01 + 0.05 * self.unit(),
            zero_point: [0, 255, self.below(256) as u8, 128][self.below(4)],
        }
    }

    pub fn slopes(&mut self, count: usize) -> Vec<f32> {
        (0..count).map(|_| 3.0 * self.unit() - 1.5).collect()
    }

    pub fn layer(&mut self, outputs: usize, terms: usize) -> Layer {
        Layer {
            values: (0..outputs * terms).map(|_| self.weight()).collect(),
            // Outputs spread over a few times the range of a byte.
            scales: (0..outputs)
                .map(|_| (0.001 + 0.02 * self.unit()) / (terms as f32).sqrt())
                .collect(),
            bias: (0..outputs)
                .map(|_| self.below(40_000) as i32 - 20_000)
                .collect(),
        }
    }

    /// A kernel, a stride and a border for an input, such that something is left.
    pub fn geometry(&mut self, kernel: usize, stride: usize, input: Shape) -> Geometry {
        let mut padding = [0; 4].map(|_| self.below(kernel));
        padding[2] = padding[2].max(kernel.saturating_sub(input.height + padding[0]));
        padding[3] = padding[3].max(kernel.saturating_sub(input.width + padding[1]));
        Geometry {
            kernel,
            stride,
            padding,
        }
    }
}

/// Weights that own themselves.
#[derive(Clone, Debug)]
pub struct Layer {
    pub values: Vec<i8>,
    pub scales: Vec<f32>,
    pub bias: Vec<i32>,
}

impl Layer {
    pub fn view(&self) -> Weights<'_> {
        Weights {
            values: &self.values,
            scales: &self.scales,
            bias: &self.bias,
        }
    }
}

/// What a run gave, output by output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    Bytes(Vec<u8>),
    Fixed(Vec<i32>),
}

/// Room for every output of a plan; `heads` of them, the last ones, are fixed point.
pub fn room(plan: &Plan, heads: usize) -> Vec<Answer> {
    let shapes: Vec<Shape> = plan.outputs().collect();
    let bytes = shapes.len() - heads;
    let answer = |(index, shape): (usize, &Shape)| {
        if index < bytes {
            Answer::Bytes(vec![0; shape.len()])
        } else {
            Answer::Fixed(vec![0; shape.len()])
        }
    };
    shapes.iter().enumerate().map(answer).collect()
}

pub fn views(answers: &mut [Answer]) -> Vec<Output<'_>> {
    fn view(answer: &mut Answer) -> Output<'_> {
        match answer {
            Answer::Bytes(bytes) => Output::Bytes(bytes),
            Answer::Fixed(values) => Output::Fixed(values),
        }
    }
    answers.iter_mut().map(view).collect()
}

/// Grows a network step by step at random and ends it in an output of bytes and a head.
///
/// Its first input is bytes, its second words.
pub fn random_network(chance: &mut Chance, steps: usize) -> Result<Builder, BuildError> {
    let mut builder = Builder::new();
    let shape = Shape::new(
        1 + chance.below(9),
        1 + chance.below(14),
        1 + chance.below(40),
    );
    let stored = chance.quantisation();
    let mut alive = vec![builder.input(shape, stored)?];
    let numbers = 1 + chance.below(50);
    let wide = builder.wide_input(numbers, 1.0 / 4096.0)?;
    let out = [Shape::vector(1 + chance.below(50)), Shape::new(2, 3, 16)][chance.below(2)];
    let layer = chance.layer(out.len(), numbers);
    let stored = chance.quantisation();
    alive.push(builder.wide_fully_connected(wide, out, &layer.view(), Activation::Relu, stored)?);
    for _ in 0..steps {
        let tensor = alive[chance.below(alive.len())];
        if let Some(grown) = random_step(chance, &mut builder, tensor, &alive)? {
            alive.push(grown);
        }
    }
    let last = alive[alive.len() - 1];
    builder.output(alive[chance.below(alive.len())])?;
    builder.output(last)?;
    random_head(chance, &mut builder, last)?;
    Ok(builder)
}

/// Inputs for [`random_network`].
pub fn random_inputs(chance: &mut Chance, plan: &Plan) -> (Vec<u8>, Vec<i16>) {
    let lengths: Vec<usize> = plan.inputs().map(|shape| shape.len()).collect();
    (chance.bytes(lengths[0]), chance.words(lengths[1]))
}

/// A convolution in fixed point with a rest.
pub fn random_head(
    chance: &mut Chance,
    builder: &mut Builder,
    input: Tensor,
) -> Result<(), BuildError> {
    let shape = builder.shape(input)?;
    let kernel = [1, 3][chance.below(2)];
    let geometry = Geometry::centred(kernel, 1);
    let channels = 1 + chance.below(20);
    let layer = chance.layer(channels, kernel * kernel * shape.channels);
    let rest: Vec<i32> = (0..shape.height * shape.width * channels)
        .map(|_| chance.below(2_000_000) as i32 - 1_000_000)
        .collect();
    let form = FixedPoint {
        fraction_bits: chance.below(17) as u32,
        rest: Some(&rest)
            .filter(|_| chance.below(3) > 0)
            .map(Vec::as_slice),
    };
    builder.convolution_head(input, geometry, &layer.view(), form)
}

fn random_step(
    chance: &mut Chance,
    builder: &mut Builder,
    tensor: Tensor,
    alive: &[Tensor],
) -> Result<Option<Tensor>, BuildError> {
    let shape = builder.shape(tensor)?;
    let stored = chance.quantisation();
    let small = shape.height * shape.width <= 400;
    let step = chance.below(10);
    let grown = match step {
        0..=3 => {
            let (kernel, stride) = (1 + chance.below(5), 1 + chance.below(2));
            let kernel = if step < 2 { 3 } else { kernel };
            let geometry = chance.geometry(kernel, if step == 0 { 1 } else { stride }, shape);
            let channels = 1 + chance.below(50);
            let layer = chance.layer(channels, kernel * kernel * shape.channels);
            let slopes = chance.slopes(channels);
            let activation = [Activation::Relu, Activation::Slopes(&slopes)][chance.below(2)];
            builder.convolution(tensor, geometry, &layer.view(), activation, stored)?
        }
        4 => {
            let kernel = [3, 5][chance.below(2)];
            let stride = 1 + chance.below(2);
            let geometry = chance.geometry(kernel, stride, shape);
            let layer = chance.layer(shape.channels, kernel * kernel);
            let activation = Activation::Clamp(-1.0, 3.0);
            builder.depthwise(tensor, geometry, &layer.view(), activation, stored)?
        }
        5 => {
            let same = |other: &&Tensor| builder.shape(**other) == Ok(shape);
            let others: Vec<Tensor> = alive.iter().filter(same).copied().collect();
            let other = others[chance.below(others.len())];
            builder.add([tensor, other], Activation::Linear, stored)?
        }
        6 if small => builder.upsample(tensor)?,
        7 if shape.height > 1 && shape.width > 1 => builder.max_pool(tensor)?,
        8 if small => {
            let border = [0; 4].map(|_| chance.below(3));
            let padded = builder.pad(tensor, border, chance.below(9))?;
            let slopes = chance.slopes(builder.shape(padded)?.channels);
            let activation = Activation::Slopes(&slopes);
            let rescaled = builder.rescale(padded, activation, stored)?;
            builder.concat([rescaled, rescaled])?
        }
        9 if shape.len() < 2000 => {
            let out = [Shape::vector(1 + chance.below(40)), Shape::new(2, 3, 16)][chance.below(2)];
            let layer = chance.layer(out.len(), shape.len());
            builder.fully_connected(tensor, out, &layer.view(), Activation::Linear, stored)?
        }
        _ => return Ok(None),
    };
    Ok(Some(grown))
}
