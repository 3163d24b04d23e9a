//! Networks of a portrait's shape with weights by chance: for tests and for measuring.

use super::{Description, Form, Input, Kind, Layer, Weights};

/// The shape of one trunk: from the inputs to one head.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shape {
    /// The head's name; layers are named after it.
    pub name: &'static str,
    /// Numbers of the first connected layer.
    pub hidden: usize,
    /// Rows and columns that the second connected layer makes, an eighth of the head's.
    pub seed: [usize; 2],
    /// Channels: of the seed, after each upsampling, and of the last layer before the head.
    pub channels: [usize; 5],
    /// Channels of the head.
    pub head: usize,
}

/// A portrait's field, mouth and eyes, about as large as baked and pruned: 0.12 GMAC.
pub fn portrait() -> Vec<Shape> {
    let part = |name, hidden, seed, head| Shape {
        name,
        hidden,
        seed,
        channels: [32, 48, 48, 32, 32],
        head,
    };
    vec![
        part("field", 96, [8, 8], 2),
        part("mouth", 96, [8, 12], 6),
        part("eye_right", 64, [6, 8], 4),
        part("eye_left", 64, [6, 8], 4),
    ]
}

/// A network of such trunks.
///
/// Weights follow `seed`. They are spread so that numbers keep about the same size from layer to layer
/// and bytes are well used; `residual` adds a depthwise block to itself at the end of each trunk.
pub fn example(trunks: &[Shape], residual: bool, seed: u64) -> Description {
    let mut maker = Maker {
        layers: Vec::new(),
        state: seed,
    };
    for trunk in trunks {
        maker.trunk(trunk, residual);
    }
    Description {
        input: Input {
            name: "motion".to_owned(),
            numbers: INPUTS,
            scale: 1.0 / 4096.0,
        },
        layers: maker.layers,
        metadata: vec![("made".to_owned(), "by chance".to_owned())],
    }
}

/// The same network with one more head, which follows from the first of the inputs alone.
pub fn with_turn(mut description: Description, seed: u64) -> Description {
    let mut maker = Maker {
        layers: core::mem::take(&mut description.layers),
        state: seed,
    };
    let shape = [2, 8, 8];
    let weights = maker.weights(shape.iter().product(), TURN_INPUTS, description.input.scale);
    let output = Form::Head {
        name: "turn".to_owned(),
    };
    let kind = Kind::Connected {
        shape,
        weights,
        output,
    };
    maker.push("turn-pictures", 0, kind);
    description.layers = maker.layers;
    description
}

/// How many inputs the examples have.
const INPUTS: usize = 64;
/// How many of them a turn follows from.
const TURN_INPUTS: usize = 34;
/// The step of a stored number; numbers are about 1, 6.4 at most.
const STEP: f32 = 0.025;

struct Maker {
    layers: Vec<Layer>,
    state: u64,
}

impl Maker {
    fn trunk(&mut self, trunk: &Shape, residual: bool) {
        let name = |what: &str| format!("{}-{what}", trunk.name);
        let [height, width] = trunk.seed;
        let [seed, first, second, third, last] = trunk.channels;
        let hidden = self.connected(&name("hidden"), 0, INPUTS, [trunk.hidden, 1, 1]);
        let map = [seed, height, width];
        let mut x = self.connected(&name("seed"), hidden, trunk.hidden, map);
        x = self.convolution(&name("conv0"), x, 3, [seed, first]);
        let widths = [[first, second], [second, third]];
        for (index, channels) in widths.into_iter().enumerate() {
            x = self.push(&name(&format!("up{}", index + 1)), x, Kind::Upsample);
            x = self.convolution(&name(&format!("conv{}", index + 1)), x, 3, channels);
        }
        x = self.push(&name("up3"), x, Kind::Upsample);
        let deep = self.depthwise(&name("depth"), x, third);
        let mixed = self.convolution(&name("mix"), deep, 1, [third, last]);
        x = if residual {
            let output = bytes(40, false);
            self.push(
                &name("sum"),
                mixed,
                Kind::Add {
                    other: deep,
                    output,
                },
            )
        } else {
            mixed
        };
        let weights = self.weights(trunk.head, 9 * last, 0.05);
        let kind = Kind::Convolution {
            kernel: 3,
            depthwise: false,
            weights,
            output: Form::Head {
                name: trunk.name.to_owned(),
            },
        };
        self.push(&name("head"), x, kind);
    }

    fn connected(&mut self, name: &str, input: usize, terms: usize, shape: [usize; 3]) -> usize {
        let outputs = shape.iter().product();
        let kind = Kind::Connected {
            shape,
            weights: self.weights(outputs, terms, if input == 0 { 1.0 / 4096.0 } else { STEP }),
            output: bytes(0, true),
        };
        self.push(name, input, kind)
    }

    fn convolution(
        &mut self,
        name: &str,
        input: usize,
        kernel: usize,
        [from, to]: [usize; 2],
    ) -> usize {
        let kind = Kind::Convolution {
            kernel,
            depthwise: false,
            weights: self.weights(to, kernel * kernel * from, STEP),
            output: bytes(0, true),
        };
        self.push(name, input, kind)
    }

    fn depthwise(&mut self, name: &str, input: usize, channels: usize) -> usize {
        let kind = Kind::Convolution {
            kernel: 3,
            depthwise: true,
            weights: self.weights(channels, 9, STEP),
            output: bytes(0, true),
        };
        self.push(name, input, kind)
    }

    fn push(&mut self, name: &str, input: usize, kind: Kind) -> usize {
        self.layers.push(Layer {
            name: name.to_owned(),
            input,
            kind,
        });
        self.layers.len()
    }

    /// Weights of such a size that sums have about that of the inputs; biases of about a tenth.
    fn weights(&mut self, outputs: usize, terms: usize, step: f32) -> Weights {
        let values = (0..outputs * terms).map(|_| self.weight()).collect();
        // An even weight's square is 127^2 / 3 in the middle; half of the sums become 0.
        let even = (2.0 * 3.0 / terms as f32).sqrt() / 127.0;
        let scales: Vec<f32> = (0..outputs)
            .map(|_| even * (0.75 + 0.5 * self.unit()))
            .collect();
        let bias = scales
            .iter()
            .map(|scale| ((0.2 * self.unit() - 0.1) / (scale * step)) as i32)
            .collect();
        Weights {
            values,
            scales,
            bias,
        }
    }

    fn weight(&mut self) -> i8 {
        (self.number() % 255) as u8 as i8
    }

    /// 0 to 1.
    fn unit(&mut self) -> f32 {
        (self.number() >> 40) as f32 / (1u32 << 24) as f32
    }

    /// splitmix64.
    fn number(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

fn bytes(zero_point: u8, relu: bool) -> Form {
    Form::Bytes {
        scale: STEP,
        zero_point,
        relu,
    }
}
