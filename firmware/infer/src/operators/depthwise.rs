//! Depthwise convolution with windows of 3 x 3: each channel by itself.
//!
//! Each row of the result is the sum of three rows of the channel, each read at three offsets. To
//! read without looking for borders, a channel is first copied into a scratch plane with its
//! zeros around it; for a stride of 2 the columns of a row are sorted into even and odd
//! ones, so that neighbours in the result are neighbours in memory.

use super::{Own, Shape, fixed, four, values};
use tract_onnx::model::ParsingContext;
use tract_onnx::pb::NodeProto;
use tract_onnx::tract_hir::internal::*;

const WINDOW: usize = 3;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Depthwise {
    /// `[channels, 1, 3, 3]`.
    weights: Arc<Tensor>,
    /// One for each channel, or none.
    bias: Option<Arc<Tensor>>,
    stride: usize,
    /// Top, left, bottom, right.
    pads: [usize; 4],
}

impl Own for Depthwise {
    const KIND: &'static str = "Conv";

    fn read(context: &ParsingContext, node: &NodeProto) -> TractResult<Option<Self>> {
        let attribute = |name| node.get_attr_opt_vec::<usize>(name);
        let group = node.get_attr_opt::<usize>("group")?.unwrap_or(1);
        let Some(weights) = fixed(context, node, 1) else {
            return Ok(None);
        };
        let stride = match attribute("strides")?.as_deref() {
            None | Some([1, 1]) => 1,
            Some([2, 2]) => 2,
            _ => return Ok(None),
        };
        let pads = attribute("pads")?.unwrap_or_else(|| vec![0; 4]);
        let plain = attribute("dilations")?.is_none_or(|dilations| dilations == [1, 1])
            && node
                .get_attr_opt::<&str>("auto_pad")?
                .is_none_or(|pad| pad == "NOTSET");
        let bias = match node.input.get(2) {
            Some(name) if !name.is_empty() => match fixed(context, node, 2) {
                Some(bias) if bias.shape() == [group] => Some(Arc::new(bias)),
                _ => return Ok(None),
            },
            _ => None,
        };
        let (true, [channels, 1, WINDOW, WINDOW], Ok(pads)) =
            (plain, weights.shape(), <[usize; 4]>::try_from(pads))
        else {
            return Ok(None);
        };
        if *channels != group || group == 1 {
            return Ok(None);
        }
        Ok(Some(Depthwise {
            weights: Arc::new(weights),
            bias,
            stride,
            pads,
        }))
    }

    fn shape(&self, input: Shape) -> TractResult<Shape> {
        let [batch, channels, height, width] = input;
        let [top, left, bottom, right] = self.pads;
        let (tall, wide) = (height + top + bottom, width + left + right);
        ensure!(
            channels == self.weights.shape()[0] && tall >= WINDOW && wide >= WINDOW,
            "depthwise convolution of {input:?}"
        );
        let count = |size: usize| (size - WINDOW) / self.stride + 1;
        Ok([batch, channels, count(tall), count(wide)])
    }

    fn run(&self, input: TValue) -> TractResult<Tensor> {
        let shape = four(input.shape())?;
        let [_, channels, height, width] = shape;
        let result = self.shape(shape)?;
        let mut tensor = Tensor::zero::<f32>(&result)?;
        let mut view = tensor.try_as_plain_ram_mut()?;
        let outputs = view.as_slice_mut::<f32>()?;
        let bias = self.bias.as_deref().map(values).transpose()?;
        let job = Job {
            plane: Plane::new(self, height, width),
            weights: values(&self.weights)?,
            bias,
            inputs: values(&input)?,
            size: [height, width],
            result: [result[2], result[3]],
            channels,
        };
        dispatch(job, outputs);
        Ok(tensor)
    }
}

/// Everything a run needs.
struct Job<'a> {
    plane: Plane,
    weights: &'a [f32],
    bias: Option<&'a [f32]>,
    inputs: &'a [f32],
    size: [usize; 2],
    result: [usize; 2],
    channels: usize,
}

/// Runs the job with the widest vectors the processor has; the bits are the same.
fn dispatch(job: Job<'_>, outputs: &mut [f32]) {
    #[cfg(target_arch = "x86_64")]
    {
        #[target_feature(enable = "avx2")]
        fn with_avx2(job: Job<'_>, outputs: &mut [f32]) {
            job.run(outputs);
        }
        if std::arch::is_x86_feature_detected!("avx2") {
            // SAFETY: the processor has the instructions, as the line above has just asked it.
            #[allow(unsafe_code)]
            return unsafe { with_avx2(job, outputs) };
        }
    }
    job.run(outputs);
}

impl Job<'_> {
    #[inline(always)]
    fn run(mut self, outputs: &mut [f32]) {
        let [height, width] = self.size;
        let [tall, wide] = self.result;
        for (index, (input, output)) in self
            .inputs
            .chunks_exact((height * width).max(1))
            .zip(outputs.chunks_exact_mut((tall * wide).max(1)))
            .enumerate()
        {
            let channel = index % self.channels;
            self.plane.fill(input);
            let bias = self.bias.and_then(|bias| bias.get(channel));
            let (nine, _) = self.weights.as_chunks::<9>();
            let Some(nine) = nine.get(channel) else {
                return;
            };
            for (y, row) in output.chunks_exact_mut(wide.max(1)).enumerate() {
                self.plane.row(y, bias.copied().unwrap_or(0.0), nine, row);
            }
        }
    }
}

/// A channel with zeros around it.
struct Plane {
    values: Vec<f32>,
    /// Values from one row to the next.
    pitch: usize,
    /// For a stride of 2: even columns of a row; odd ones follow.
    evens: usize,
    stride: usize,
    top: usize,
    left: usize,
    width: usize,
}

impl Plane {
    fn new(op: &Depthwise, height: usize, width: usize) -> Plane {
        let [top, left, bottom, right] = op.pads;
        // One more column than needed lets even and odd columns be read alike.
        let pitch = width + left + right + 1;
        Plane {
            values: vec![0.0; pitch * (height + top + bottom)],
            pitch,
            evens: pitch.div_ceil(2),
            stride: op.stride,
            top,
            left,
            width,
        }
    }

    /// Takes in a channel; the zeros around it stay.
    #[inline(always)]
    fn fill(&mut self, channel: &[f32]) {
        let rows = self.values.chunks_exact_mut(self.pitch).skip(self.top);
        for (row, values) in rows.zip(channel.chunks_exact(self.width.max(1))) {
            if self.stride == 1 {
                row[self.left..self.left + self.width].copy_from_slice(values);
                continue;
            }
            let (evens, odds) = row.split_at_mut(self.evens);
            // The first value of the channel lies in column `left`.
            let (first, second) = if self.left.is_multiple_of(2) {
                (&mut evens[self.left / 2..], &mut odds[self.left / 2..])
            } else {
                (&mut odds[self.left / 2..], &mut evens[self.left / 2 + 1..])
            };
            let pairs = values.chunks_exact(2);
            if let ([last], Some(place)) = (pairs.remainder(), first.get_mut(pairs.len())) {
                *place = *last;
            }
            for ((a, b), pair) in first.iter_mut().zip(second).zip(pairs) {
                (*a, *b) = (pair[0], pair[1]);
            }
        }
    }

    /// Computes row `y` of the result.
    #[inline(always)]
    fn row(&self, y: usize, bias: f32, weights: &[f32; 9], output: &mut [f32]) {
        let count = output.len();
        // What each weight is multiplied with, as long as the output.
        let taps: [&[f32]; 9] = core::array::from_fn(|index| {
            let (dy, dx) = (index / WINDOW, index % WINDOW);
            let start = (y * self.stride + dy) * self.pitch;
            let column = match (self.stride, dx) {
                (1, dx) => dx,
                (_, 1) => self.evens,
                (_, dx) => dx / 2,
            };
            &self.values[start + column..][..count]
        });
        sum_taps(bias, weights, taps, output);
    }
}

/// Writes the weighted sums of nine rows, each as long as `output`.
///
/// One expression over plain indices: this the compiler turns into vector instructions, where
/// loops over the taps stay loops.
#[inline(always)]
fn sum_taps(bias: f32, weights: &[f32; 9], taps: [&[f32]; 9], output: &mut [f32]) {
    let count = output.len();
    let [a, b, c, d, e, f, g, h, i] = taps.map(|tap| &tap[..count]);
    let [p, q, r, s, t, u, v, w, x] = *weights;
    for n in 0..count {
        output[n] = bias
            + (p * a[n] + q * b[n] + r * c[n])
            + (s * d[n] + t * e[n] + u * f[n])
            + (v * g[n] + w * h[n] + x * i[n]);
    }
}
