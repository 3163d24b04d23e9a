//! The networks that are timed: weights by chance, shapes as a portrait's generator has them.

use sfumato_engine::{
    Activation, Builder, FixedPoint, Geometry, Quantisation, Shape, Tensor, Weights,
};

/// One network to time.
pub struct Case {
    pub name: String,
    pub network: Builder,
    /// How many of its outputs, the last ones, are fixed point.
    pub heads: usize,
    /// Whether it is a whole generator rather than one kind of layer.
    #[allow(dead_code)]
    pub whole: bool,
}

/// Every case.
pub fn all() -> Vec<Case> {
    let mut cases = Vec::new();
    for bits in [8, 7] {
        cases.push(whole(&format!("raster, {bits}-bit weights"), bits, raster));
        cases.push(whole(&format!("vector, {bits}-bit weights"), bits, vector));
    }
    for bits in [8, 7] {
        for (name, kernel, channels, side) in [
            ("3x3", 3, 64, 64),
            ("3x3", 3, 32, 64),
            ("3x3", 3, 16, 128),
            ("3x3", 3, 64, 8),
            ("1x1", 1, 64, 64),
            ("1x1", 1, 192, 32),
        ] {
            let name = format!("6 x {name} {channels} channels {side}, {bits} bits");
            cases.push(chain(name, bits, side, channels, |net, x| {
                net.convolution(x, channels, kernel, 1)
            }));
        }
    }
    let name = "6 x depthwise 3x3 64 channels 64".to_owned();
    cases.push(chain(name, 8, 64, 64, |net, x| net.depthwise(x, 3)));
    let name = "6 x depthwise 5x5 64 channels 64".to_owned();
    cases.push(chain(name, 8, 64, 64, |net, x| net.depthwise(x, 5)));
    cases
}

const STORED: Quantisation = Quantisation {
    scale: 0.05,
    zero_point: 0,
};

/// A network under construction, and where its weights come from.
struct Net {
    builder: Builder,
    bits: u32,
    state: u64,
}

impl Net {
    fn new(bits: u32) -> Net {
        Net {
            builder: Builder::new(),
            bits,
            state: 7,
        }
    }

    fn weights(&mut self, count: usize) -> Vec<i8> {
        let limit = (1 << (self.bits - 1)) - 1;
        let mut weight = || {
            self.state = self
                .state
                .wrapping_mul(6364136223846793005)
                .wrapping_add(1442695040888963407);
            ((self.state >> 33) as i64 % (2 * limit + 1) - limit) as i8
        };
        (0..count).map(|_| weight()).collect()
    }

    fn layer(&mut self, outputs: usize, terms: usize) -> (Vec<i8>, Vec<f32>, Vec<i32>) {
        // Keeps the numbers' spread about the same from layer to layer.
        let scale = 3.0 / (1 << self.bits) as f32 / (terms as f32).sqrt();
        (
            self.weights(outputs * terms),
            vec![scale; outputs],
            vec![500; outputs],
        )
    }

    fn convolution(&mut self, x: Tensor, outputs: usize, kernel: usize, stride: usize) -> Tensor {
        let channels = self.builder.shape(x).unwrap().channels;
        let (values, scales, bias) = self.layer(outputs, kernel * kernel * channels);
        let weights = Weights {
            values: &values,
            scales: &scales,
            bias: &bias,
        };
        let geometry = Geometry::centred(kernel, stride);
        self.builder
            .convolution(x, geometry, &weights, Activation::Relu, STORED)
            .unwrap()
    }

    fn depthwise(&mut self, x: Tensor, kernel: usize) -> Tensor {
        let channels = self.builder.shape(x).unwrap().channels;
        let (values, scales, bias) = self.layer(channels, kernel * kernel);
        let weights = Weights {
            values: &values,
            scales: &scales,
            bias: &bias,
        };
        let geometry = Geometry::centred(kernel, 1);
        self.builder
            .depthwise(x, geometry, &weights, Activation::Relu, STORED)
            .unwrap()
    }

    /// Wider by a factor, depthwise, narrow again, added to where it came from.
    fn residual(&mut self, x: Tensor, wider: usize) -> Tensor {
        let channels = self.builder.shape(x).unwrap().channels;
        let y = self.convolution(x, channels * wider, 1, 1);
        let y = self.depthwise(y, 3);
        let y = self.convolution(y, channels, 1, 1);
        self.builder
            .add([x, y], Activation::Linear, STORED)
            .unwrap()
    }

    fn upsample(&mut self, x: Tensor) -> Tensor {
        self.builder.upsample(x).unwrap()
    }

    fn head(&mut self, x: Tensor, outputs: usize) {
        let channels = self.builder.shape(x).unwrap().channels;
        let (values, scales, bias) = self.layer(outputs, 9 * channels);
        let weights = Weights {
            values: &values,
            scales: &scales,
            bias: &bias,
        };
        let form = FixedPoint {
            fraction_bits: 16,
            rest: None,
        };
        self.builder
            .convolution_head(x, Geometry::centred(3, 1), &weights, form)
            .unwrap();
    }
}

fn whole(name: &str, bits: u32, make: fn(&mut Net)) -> Case {
    let mut net = Net::new(bits);
    make(&mut net);
    Case {
        name: name.to_owned(),
        network: net.builder,
        heads: 1,
        whole: true,
    }
}

fn chain(
    name: String,
    bits: u32,
    side: usize,
    channels: usize,
    layer: impl Fn(&mut Net, Tensor) -> Tensor,
) -> Case {
    let mut net = Net::new(bits);
    let mut x = net
        .builder
        .input(Shape::new(side, side, channels), STORED)
        .unwrap();
    for _ in 0..6 {
        x = layer(&mut net, x);
    }
    net.builder.output(x).unwrap();
    Case {
        name,
        network: net.builder,
        heads: 0,
        whole: false,
    }
}

/// A picture in, six planes out: 233 million multiplications.
fn raster(net: &mut Net) {
    let x = net.builder.input(Shape::new(64, 64, 3), STORED).unwrap();
    let x = net.convolution(x, 32, 3, 2);
    let x = net.convolution(x, 64, 3, 1);
    let x = net.residual(x, 3);
    let x = net.residual(x, 3);
    let x = net.convolution(x, 64, 3, 1);
    let x = net.upsample(x);
    let x = net.convolution(x, 32, 3, 1);
    let x = net.residual(x, 2);
    end(net, x);
}

/// A vector in, six planes out: 201 million multiplications.
fn vector(net: &mut Net) {
    let x = net.builder.input(Shape::vector(64), STORED).unwrap();
    let map = Shape::new(8, 8, 128);
    let (values, scales, bias) = net.layer(map.len(), 64);
    let weights = Weights {
        values: &values,
        scales: &scales,
        bias: &bias,
    };
    let connected = net
        .builder
        .fully_connected(x, map, &weights, Activation::Linear, STORED);
    let mut x = net.convolution(connected.unwrap(), 64, 3, 1);
    for _ in 0..2 {
        x = net.upsample(x);
        x = net.convolution(x, 64, 3, 1);
    }
    let x = net.residual(x, 3);
    let x = net.upsample(x);
    let x = net.convolution(x, 32, 3, 1);
    let x = net.residual(x, 2);
    end(net, x);
}

/// Both networks' last layers, from 64x64x32 on.
fn end(net: &mut Net, x: Tensor) {
    let x = net.upsample(x);
    let x = net.depthwise(x, 3);
    let x = net.convolution(x, 16, 1, 1);
    net.head(x, 6);
}
