//! What the definitions of a generator's layers say, in plain 64-bit floats.

#![allow(dead_code)] // each test file uses some of it

use sfumato_infer::quantised::{Instructions, Quantised};
use sfumato_models::quantised::{Description, Form, Kind, Layer, Weights};

/// What is between layers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stored {
    /// Real numbers.
    Floats,
    /// Bytes as the description says.
    Unsigned,
    /// Signed bytes with zero point 0, as TensorRT has them.
    Signed,
}

/// Heads by the definitions: channel by channel, row by row.
pub fn reference(description: &Description, input: &[i16], stored: Stored) -> Vec<Vec<f64>> {
    let tensors = description.check().unwrap();
    let scale = f64::from(description.input.scale);
    let mut values = vec![input.iter().map(|&word| f64::from(word) * scale).collect()];
    let mut heads = Vec::new();
    for (index, layer) in description.layers.iter().enumerate() {
        let from = &tensors[layer.input];
        let mut sums = sums(layer, &values, from.shape, f64::from(from.scale));
        match layer.form() {
            Some(Form::Head { .. }) => heads.push(sums.clone()),
            Some(&Form::Bytes {
                scale,
                zero_point,
                relu,
            }) => {
                for sum in &mut sums {
                    if relu {
                        *sum = sum.max(0.0);
                    }
                    let (scale, zero) = (f64::from(scale), f64::from(zero_point));
                    *sum = match stored {
                        Stored::Floats => *sum,
                        Stored::Unsigned => {
                            let byte = (*sum / scale + zero + 0.5).floor().clamp(0.0, 255.0);
                            scale * (byte - zero)
                        }
                        Stored::Signed => {
                            let scale = match zero_point {
                                0 => 2.0 * scale,
                                _ => scale * zero.max(255.0 - zero) / 127.0,
                            };
                            scale * (*sum / scale).round_ties_even().clamp(-128.0, 127.0)
                        }
                    };
                }
            }
            None => {}
        }
        assert_eq!(sums.len(), tensors[index + 1].numbers());
        values.push(sums);
    }
    heads
}

fn sums(
    layer: &Layer,
    values: &[Vec<f64>],
    [channels, height, width]: [usize; 3],
    step: f64,
) -> Vec<f64> {
    let input = &values[layer.input];
    let start = |weights: &Weights, output: usize| {
        f64::from(weights.bias[output]) * f64::from(weights.scales[output]) * step
    };
    match &layer.kind {
        Kind::Connected { weights, .. } => (0..weights.bias.len())
            .map(|output| {
                let row = weights
                    .values
                    .chunks_exact(weights.terms())
                    .nth(output)
                    .unwrap();
                let products = row.iter().zip(input).map(|(&w, x)| f64::from(w) * x);
                start(weights, output) + products.sum::<f64>() * f64::from(weights.scales[output])
            })
            .collect(),
        Kind::Convolution {
            kernel,
            depthwise,
            weights,
            ..
        } => {
            let terms = if *depthwise { 1 } else { channels };
            let mut sums = Vec::new();
            for output in 0..weights.bias.len() {
                let mut map = vec![0.0; height * width];
                for term in 0..terms {
                    let from = if *depthwise { output } else { term };
                    let plane = &input[from * height * width..][..height * width];
                    for place in 0..kernel * kernel {
                        let weight =
                            weights.values[(output * terms + term) * kernel * kernel + place];
                        add_plane(
                            &mut map,
                            plane,
                            (height, width),
                            f64::from(weight),
                            (place / kernel, place % kernel, kernel / 2),
                        );
                    }
                }
                let (start, scale) = (start(weights, output), f64::from(weights.scales[output]));
                sums.extend(map.iter().map(|sum| start + scale * sum));
            }
            sums
        }
        Kind::Upsample => {
            let mut sums = Vec::new();
            for y in 0..2 * channels * height {
                sums.extend((0..2 * width).map(|x| input[y / 2 * width + x / 2]));
            }
            sums
        }
        Kind::Add { other, .. } => {
            let pairs = input.iter().zip(&values[*other]);
            pairs.map(|(a, b)| a + b).collect()
        }
    }
}

/// Adds a plane times a weight, moved by the weight's place in its kernel.
fn add_plane(
    map: &mut [f64],
    plane: &[f64],
    (height, width): (usize, usize),
    weight: f64,
    (ky, kx, middle): (usize, usize, usize),
) {
    for y in 0..height {
        let Some(row) = (y + ky).checked_sub(middle).filter(|&row| row < height) else {
            continue;
        };
        for x in 0..width {
            if let Some(column) = (x + kx).checked_sub(middle).filter(|&x| x < width) {
                map[y * width + x] += weight * plane[row * width + column];
            }
        }
    }
}

/// Heads by the engine, in real numbers and in the reference's order.
pub fn engine(network: &mut Quantised, input: &[i16]) -> Vec<Vec<f64>> {
    let heads = network.heads().to_vec();
    let mut outputs: Vec<Vec<i32>> = heads.iter().map(|head| vec![0; head.numbers()]).collect();
    let mut views: Vec<&mut [i32]> = outputs.iter_mut().map(Vec::as_mut_slice).collect();
    network.run(input, &mut views).unwrap();
    let planes = heads.iter().zip(&outputs).map(|(head, output)| {
        let channels = 0..head.channels;
        channels
            .flat_map(|channel| output.iter().skip(channel).step_by(head.channels))
            .map(|&number| f64::from(number) / f64::from(1 << 24))
            .collect()
    });
    planes.collect()
}

/// The largest difference, and the root of the mean square of differences and of what is expected.
pub fn compare(found: &[f64], expected: &[f64]) -> (f64, f64, f64) {
    assert_eq!(found.len(), expected.len());
    let (mut largest, mut noise, mut signal) = (0.0f64, 0.0, 0.0);
    for (a, b) in found.iter().zip(expected) {
        largest = largest.max((a - b).abs());
        noise += (a - b).powi(2);
        signal += b * b;
    }
    let count = found.len() as f64;
    (largest, (noise / count).sqrt(), (signal / count).sqrt())
}

/// Motions in steps of an input of scale 1/4096: within +-1, different for each turn.
pub fn motion(numbers: usize, turn: u64) -> Vec<i16> {
    let mut state = turn.wrapping_mul(0x2545_f491_4f6c_dd1d) + 1;
    let mut word = |_| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        ((state >> 33) % 8193) as i16 - 4096
    };
    (0..numbers).map(&mut word).collect()
}

/// A network with the fastest instructions.
pub fn loaded(onnx: &[u8]) -> Quantised {
    Quantised::load(onnx, Instructions::best()).unwrap()
}
