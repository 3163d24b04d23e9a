//! A small model with every operator, written as a TensorFlow Lite file, read, converted and
//! run, against an interpreter that knows nothing but the definitions of the operators.

use crate::tflite::{Activation, Padding};
use crate::tflite_generated::tflite as schema;
use crate::{Graph, Operation, Tensor, Values, convert, parse};
use flatbuffers::{FlatBufferBuilder, UnionWIPOffset, WIPOffset};
use half::f16;
use proptest::prelude::*;
use sfumato_infer::{Contract, Network};

type Builder = FlatBufferBuilder<'static>;
type Options = Option<(schema::BuiltinOptions, WIPOffset<UnionWIPOffset>)>;

/// Writes a model tensor by tensor and operator by operator.
struct Author {
    builder: Builder,
    tensors: Vec<WIPOffset<schema::Tensor<'static>>>,
    buffers: Vec<WIPOffset<schema::Buffer<'static>>>,
    operators: Vec<WIPOffset<schema::Operator<'static>>>,
    codes: Vec<schema::BuiltinOperator>,
    seed: u32,
}

impl Author {
    fn new() -> Author {
        let mut builder = FlatBufferBuilder::new();
        let empty = schema::Buffer::create(&mut builder, &schema::BufferArgs { data: None });
        Author {
            builder,
            tensors: Vec::new(),
            buffers: vec![empty],
            operators: Vec::new(),
            codes: Vec::new(),
            seed: 1,
        }
    }

    fn random(&mut self) -> f32 {
        self.seed = self
            .seed
            .wrapping_mul(1_664_525)
            .wrapping_add(1_013_904_223);
        (self.seed >> 8) as f32 / (1 << 23) as f32 - 1.0
    }

    fn tensor(
        &mut self,
        shape: &[i32],
        kind: schema::TensorType,
        data: &[u8],
        sparsity: Option<WIPOffset<schema::SparsityParameters<'static>>>,
    ) -> i32 {
        let mut buffer = 0;
        if !data.is_empty() {
            let data = self.builder.create_vector(data);
            let args = schema::BufferArgs { data: Some(data) };
            self.buffers
                .push(schema::Buffer::create(&mut self.builder, &args));
            buffer = self.buffers.len() as u32 - 1;
        }
        let shape = self.builder.create_vector(shape);
        let name = self
            .builder
            .create_string(&format!("tensor {}", self.tensors.len()));
        let args = schema::TensorArgs {
            shape: Some(shape),
            type_: kind,
            buffer,
            name: Some(name),
            sparsity,
            ..schema::TensorArgs::default()
        };
        self.tensors
            .push(schema::Tensor::create(&mut self.builder, &args));
        self.tensors.len() as i32 - 1
    }

    fn picture(&mut self, shape: &[i32]) -> i32 {
        self.tensor(shape, schema::TensorType::FLOAT32, &[], None)
    }

    fn integers(&mut self, shape: &[i32], values: &[i32]) -> i32 {
        let data: Vec<u8> = values
            .iter()
            .flat_map(|value| value.to_le_bytes())
            .collect();
        self.tensor(shape, schema::TensorType::INT32, &data, None)
    }

    /// Weights stored as 16-bit floats and widened by an operator.
    fn weight(&mut self, shape: &[i32]) -> i32 {
        let count: i32 = shape.iter().product();
        let data: Vec<u8> = (0..count)
            .flat_map(|_| f16::from_f32(0.5 * self.random()).to_le_bytes())
            .collect();
        let stored = self.tensor(shape, schema::TensorType::FLOAT16, &data, None);
        let widened = self.picture(shape);
        self.operator(
            schema::BuiltinOperator::DEQUANTIZE,
            &[stored],
            widened,
            None,
        );
        widened
    }

    /// 1 x 1 weights stored sparsely: every third one, in `u8` indices.
    fn sparse_weight(&mut self, outputs: i32, inputs: i32) -> i32 {
        let shape = [outputs, 1, 1, inputs];
        let (mut segments, mut indices, mut data) = (vec![0u8], Vec::new(), Vec::new());
        for output in 0..outputs {
            for input in (output % 3..inputs).step_by(3) {
                indices.push(input as u8);
                data.extend(f16::from_f32(self.random()).to_le_bytes());
            }
            segments.push(indices.len() as u8);
        }
        let mut vector = |values: &[u8]| {
            let values = self.builder.create_vector(values);
            let args = schema::Uint8VectorArgs {
                values: Some(values),
            };
            schema::Uint8Vector::create(&mut self.builder, &args).as_union_value()
        };
        let (segments, indices) = (vector(&segments), vector(&indices));
        let mut levels = Vec::new();
        for size in [outputs, 1, 1] {
            levels.push(schema::DimensionMetadata::create(
                &mut self.builder,
                &schema::DimensionMetadataArgs {
                    format: schema::DimensionType::DENSE,
                    dense_size: size,
                    ..schema::DimensionMetadataArgs::default()
                },
            ));
        }
        levels.push(schema::DimensionMetadata::create(
            &mut self.builder,
            &schema::DimensionMetadataArgs {
                format: schema::DimensionType::SPARSE_CSR,
                array_segments_type: schema::SparseIndexVector::Uint8Vector,
                array_segments: Some(segments),
                array_indices_type: schema::SparseIndexVector::Uint8Vector,
                array_indices: Some(indices),
                ..schema::DimensionMetadataArgs::default()
            },
        ));
        let levels = self.builder.create_vector(&levels);
        let order = self.builder.create_vector(&[0i32, 1, 2, 3]);
        let sparsity = schema::SparsityParameters::create(
            &mut self.builder,
            &schema::SparsityParametersArgs {
                traversal_order: Some(order),
                dim_metadata: Some(levels),
                ..schema::SparsityParametersArgs::default()
            },
        );
        let stored = self.tensor(&shape, schema::TensorType::FLOAT16, &data, Some(sparsity));
        let dense = self.tensor(&shape, schema::TensorType::FLOAT16, &[], None);
        let widened = self.picture(&shape);
        self.operator(schema::BuiltinOperator::DENSIFY, &[stored], dense, None);
        self.operator(schema::BuiltinOperator::DEQUANTIZE, &[dense], widened, None);
        widened
    }

    fn operator(
        &mut self,
        code: schema::BuiltinOperator,
        inputs: &[i32],
        output: i32,
        options: Options,
    ) {
        let index = self
            .codes
            .iter()
            .position(|known| *known == code)
            .unwrap_or_else(|| {
                self.codes.push(code);
                self.codes.len() - 1
            });
        let inputs = self.builder.create_vector(inputs);
        let outputs = self.builder.create_vector(&[output]);
        let (kind, options) = match options {
            Some((kind, options)) => (kind, Some(options)),
            None => (schema::BuiltinOptions::NONE, None),
        };
        let args = schema::OperatorArgs {
            opcode_index: index as u32,
            inputs: Some(inputs),
            outputs: Some(outputs),
            builtin_options_type: kind,
            builtin_options: options,
        };
        self.operators
            .push(schema::Operator::create(&mut self.builder, &args));
    }

    #[allow(clippy::too_many_arguments)] // as many as a convolution has
    fn conv(
        &mut self,
        from: i32,
        weights: i32,
        outputs: i32,
        to: &[i32],
        padding: schema::Padding,
        stride: i32,
        activation: schema::ActivationFunctionType,
    ) -> i32 {
        let bias = self.weight(&[outputs]);
        let to = self.picture(to);
        let args = schema::Conv2DOptionsArgs {
            padding,
            stride_w: stride,
            stride_h: stride,
            fused_activation_function: activation,
            dilation_w_factor: 1,
            dilation_h_factor: 1,
        };
        let options = schema::Conv2DOptions::create(&mut self.builder, &args).as_union_value();
        self.operator(
            schema::BuiltinOperator::CONV_2D,
            &[from, weights, bias],
            to,
            Some((schema::BuiltinOptions::Conv2DOptions, options)),
        );
        to
    }

    fn finish(mut self, inputs: &[i32], outputs: &[i32]) -> Vec<u8> {
        let mut codes = Vec::new();
        for (index, code) in self.codes.iter().enumerate() {
            // Writers old and new: the code in one field or in both.
            let args = schema::OperatorCodeArgs {
                deprecated_builtin_code: code.0 as i8,
                builtin_code: if index % 2 == 0 {
                    *code
                } else {
                    schema::BuiltinOperator::ADD
                },
                version: 1,
                custom_code: None,
            };
            codes.push(schema::OperatorCode::create(&mut self.builder, &args));
        }
        let codes = self.builder.create_vector(&codes);
        let tensors = self.builder.create_vector(&self.tensors);
        let operators = self.builder.create_vector(&self.operators);
        let inputs = self.builder.create_vector(inputs);
        let outputs = self.builder.create_vector(outputs);
        let subgraph = schema::SubGraph::create(
            &mut self.builder,
            &schema::SubGraphArgs {
                tensors: Some(tensors),
                inputs: Some(inputs),
                outputs: Some(outputs),
                operators: Some(operators),
                name: None,
            },
        );
        let subgraphs = self.builder.create_vector(&[subgraph]);
        let buffers = self.builder.create_vector(&self.buffers);
        let model = schema::Model::create(
            &mut self.builder,
            &schema::ModelArgs {
                version: 3,
                operator_codes: Some(codes),
                subgraphs: Some(subgraphs),
                description: None,
                buffers: Some(buffers),
            },
        );
        schema::finish_model_buffer(&mut self.builder, model);
        self.builder.finished_data().to_vec()
    }
}

/// 1 x 12 x 10 x 3 in; 1 x 480 x 1 and 1 x 6 x 5 x 8 out; every operator on the way.
fn small_model() -> Vec<u8> {
    use schema::{ActivationFunctionType as After, BuiltinOperator as Code, Padding as Pad};
    let mut author = Author::new();
    let x = author.picture(&[1, 12, 10, 3]);
    // Zeros around, given to the convolution.
    let counts = author.integers(&[4, 2], &[0, 0, 0, 1, 1, 0, 0, 0]);
    let padded = author.picture(&[1, 13, 11, 3]);
    author.operator(Code::PAD, &[x, counts], padded, None);
    let w = author.weight(&[4, 3, 3, 3]);
    let a = author.conv(padded, w, 4, &[1, 6, 5, 4], Pad::VALID, 2, After::RELU6);
    // Depthwise, padded by itself.
    let w = author.weight(&[1, 3, 3, 4]);
    let bias = author.weight(&[4]);
    let b = author.picture(&[1, 6, 5, 4]);
    let args = schema::DepthwiseConv2DOptionsArgs {
        padding: Pad::SAME,
        stride_w: 1,
        stride_h: 1,
        depth_multiplier: 1,
        fused_activation_function: After::NONE,
        dilation_w_factor: 1,
        dilation_h_factor: 1,
    };
    let options = schema::DepthwiseConv2DOptions::create(&mut author.builder, &args);
    author.operator(
        Code::DEPTHWISE_CONV_2D,
        &[a, w, bias],
        b,
        Some((
            schema::BuiltinOptions::DepthwiseConv2DOptions,
            options.as_union_value(),
        )),
    );
    let slopes = author.weight(&[1, 1, 4]);
    let c = author.picture(&[1, 6, 5, 4]);
    author.operator(Code::PRELU, &[b, slopes], c, None);
    let d = author.picture(&[1, 6, 5, 4]);
    let args = schema::AddOptionsArgs {
        fused_activation_function: After::RELU,
    };
    let options = schema::AddOptions::create(&mut author.builder, &args).as_union_value();
    let options = Some((schema::BuiltinOptions::AddOptions, options));
    author.operator(Code::ADD, &[a, c], d, options);
    // Zeros as further channels cannot be given to a convolution.
    let counts = author.integers(&[4, 2], &[0, 0, 0, 0, 0, 0, 0, 4]);
    let wide = author.picture(&[1, 6, 5, 8]);
    author.operator(Code::PAD, &[d, counts], wide, None);
    let sparse = author.sparse_weight(8, 4);
    let e = author.conv(d, sparse, 8, &[1, 6, 5, 8], Pad::SAME, 1, After::NONE);
    let f = author.picture(&[1, 6, 5, 8]);
    let args = schema::AddOptionsArgs {
        fused_activation_function: After::NONE,
    };
    let options = schema::AddOptions::create(&mut author.builder, &args).as_union_value();
    let options = Some((schema::BuiltinOptions::AddOptions, options));
    author.operator(Code::ADD, &[wide, e], f, options);
    let pooled = author.picture(&[1, 3, 3, 8]);
    let args = schema::Pool2DOptionsArgs {
        padding: Pad::SAME,
        stride_w: 2,
        stride_h: 2,
        filter_width: 2,
        filter_height: 2,
        fused_activation_function: After::NONE,
    };
    let options = schema::Pool2DOptions::create(&mut author.builder, &args).as_union_value();
    let options = Some((schema::BuiltinOptions::Pool2DOptions, options));
    author.operator(Code::MAX_POOL_2D, &[f], pooled, options);
    let size = author.integers(&[2], &[6, 6]);
    let large = author.picture(&[1, 6, 6, 8]);
    let args = schema::ResizeBilinearOptionsArgs {
        align_corners: false,
        half_pixel_centers: true,
    };
    let options = schema::ResizeBilinearOptions::create(&mut author.builder, &args);
    author.operator(
        Code::RESIZE_BILINEAR,
        &[pooled, size],
        large,
        Some((
            schema::BuiltinOptions::ResizeBilinearOptions,
            options.as_union_value(),
        )),
    );
    let spread = author.picture(&[1, 12, 12, 2]);
    let args = schema::DepthToSpaceOptionsArgs { block_size: 2 };
    let options = schema::DepthToSpaceOptions::create(&mut author.builder, &args);
    author.operator(
        Code::DEPTH_TO_SPACE,
        &[large],
        spread,
        Some((
            schema::BuiltinOptions::DepthToSpaceOptions,
            options.as_union_value(),
        )),
    );
    let positive = author.picture(&[1, 12, 12, 2]);
    author.operator(Code::RELU, &[spread], positive, None);
    let shape = author.integers(&[3], &[1, 288, 1]);
    let long = author.picture(&[1, 288, 1]);
    author.operator(Code::RESHAPE, &[positive, shape], long, None);
    let shape = author.integers(&[3], &[1, 240, 1]);
    let longer = author.picture(&[1, 240, 1]);
    author.operator(Code::RESHAPE, &[f, shape], longer, None);
    let all = author.picture(&[1, 528, 1]);
    let args = schema::ConcatenationOptionsArgs {
        axis: 1,
        fused_activation_function: After::NONE,
    };
    let options = schema::ConcatenationOptions::create(&mut author.builder, &args);
    author.operator(
        Code::CONCATENATION,
        &[long, longer],
        all,
        Some((
            schema::BuiltinOptions::ConcatenationOptions,
            options.as_union_value(),
        )),
    );
    author.finish(&[x], &[all, f])
}

/// The definitions, on pictures with channels last, in 64-bit floats.
fn interpret(graph: &Graph, input: &[f64]) -> Vec<Vec<f64>> {
    let mut values: Vec<Vec<f64>> = graph
        .tensors
        .iter()
        .map(|tensor| match &tensor.values {
            Some(Values::Float(values)) => values.iter().map(|value| f64::from(*value)).collect(),
            Some(Values::Int(values)) => values.iter().map(|value| f64::from(*value)).collect(),
            None => Vec::new(),
        })
        .collect();
    values[graph.inputs[0]] = input.to_vec();
    for operator in &graph.operators {
        let ins: Vec<(&Tensor, &Vec<f64>)> = operator
            .inputs
            .iter()
            .map(|index| (&graph.tensors[*index], &values[*index]))
            .collect();
        let shape = &graph.tensors[operator.output].shape;
        values[operator.output] = step(&operator.operation, &ins, shape);
    }
    graph
        .outputs
        .iter()
        .map(|index| values[*index].clone())
        .collect()
}

fn step(operation: &Operation, ins: &[(&Tensor, &Vec<f64>)], shape: &[usize]) -> Vec<f64> {
    let (tensor, x) = ins[0];
    let after = |value: f64, activation: &Activation| match activation {
        Activation::None => value,
        Activation::Relu => value.max(0.0),
        Activation::Relu6 => value.clamp(0.0, 6.0),
    };
    match operation {
        Operation::Relu => x.iter().map(|value| value.max(0.0)).collect(),
        Operation::Relu6 => x.iter().map(|value| value.clamp(0.0, 6.0)).collect(),
        Operation::Reshape => x.clone(),
        Operation::Add { activation } => x
            .iter()
            .zip(ins[1].1)
            .map(|(a, b)| after(a + b, activation))
            .collect(),
        Operation::PRelu => x
            .iter()
            .zip(ins[1].1.iter().cycle())
            .map(|(value, slope)| if *value < 0.0 { value * slope } else { *value })
            .collect(),
        Operation::Concat { axis } => {
            assert_eq!((*axis, shape[0]), (1, 1));
            ins.iter()
                .flat_map(|(_, values)| values.iter().copied())
                .collect()
        }
        _ => {
            let &[_, height, width, channels] = shape else {
                panic!("{shape:?}")
            };
            let at = |y: isize, x_: isize, c: usize| -> Option<f64> {
                let &[_, h, w, n] = tensor.shape.as_slice() else {
                    panic!()
                };
                let inside = y >= 0 && x_ >= 0 && (y as usize) < h && (x_ as usize) < w;
                inside.then(|| x[(y as usize * w + x_ as usize) * n + c])
            };
            let before = |padding: &Padding, stride: usize, window: usize, size: usize| {
                let outputs = size.div_ceil(stride);
                match padding {
                    Padding::Valid => 0,
                    Padding::Same => ((outputs - 1) * stride + window).saturating_sub(size) / 2,
                }
            };
            let mut out = Vec::new();
            for y in 0..height {
                for x_ in 0..width {
                    for c in 0..channels {
                        out.push(match operation {
                            Operation::Conv {
                                padding,
                                stride,
                                activation,
                            }
                            | Operation::DepthwiseConv {
                                padding,
                                stride,
                                activation,
                            } => {
                                let depthwise =
                                    matches!(operation, Operation::DepthwiseConv { .. });
                                let w = &ins[1].0.shape;
                                let top = before(padding, stride[0], w[1], tensor.shape[1]);
                                let left = before(padding, stride[1], w[2], tensor.shape[2]);
                                let mut sum = ins[2].1[c];
                                for dy in 0..w[1] {
                                    for dx in 0..w[2] {
                                        let v = (y * stride[0] + dy) as isize - top as isize;
                                        let u = (x_ * stride[1] + dx) as isize - left as isize;
                                        if depthwise {
                                            let weight = ins[1].1[(dy * w[2] + dx) * w[3] + c];
                                            sum += at(v, u, c).unwrap_or(0.0) * weight;
                                            continue;
                                        }
                                        for i in 0..w[3] {
                                            let weight =
                                                ins[1].1[((c * w[1] + dy) * w[2] + dx) * w[3] + i];
                                            sum += at(v, u, i).unwrap_or(0.0) * weight;
                                        }
                                    }
                                }
                                after(sum, activation)
                            }
                            Operation::MaxPool {
                                padding,
                                stride,
                                window,
                            } => {
                                let top = before(padding, stride[0], window[0], tensor.shape[1]);
                                let left = before(padding, stride[1], window[1], tensor.shape[2]);
                                let mut most = f64::NEG_INFINITY;
                                for dy in 0..window[0] {
                                    for dx in 0..window[1] {
                                        let v = (y * stride[0] + dy) as isize - top as isize;
                                        let u = (x_ * stride[1] + dx) as isize - left as isize;
                                        most = most.max(at(v, u, c).unwrap_or(f64::NEG_INFINITY));
                                    }
                                }
                                most
                            }
                            Operation::Pad => {
                                let counts = ins[1].1;
                                if c >= tensor.shape[3] {
                                    0.0
                                } else {
                                    at(
                                        y as isize - counts[2] as isize,
                                        x_ as isize - counts[4] as isize,
                                        c,
                                    )
                                    .unwrap_or(0.0)
                                }
                            }
                            Operation::ResizeBilinear { .. } => {
                                let place = |index: usize, from: usize, to: usize| {
                                    let at = (index as f64 + 0.5) * from as f64 / to as f64 - 0.5;
                                    let at = at.clamp(0.0, (from - 1) as f64);
                                    let low = at.floor();
                                    (
                                        low as isize,
                                        (low as usize + 1).min(from - 1) as isize,
                                        at - low,
                                    )
                                };
                                let (v0, v1, fv) = place(y, tensor.shape[1], height);
                                let (u0, u1, fu) = place(x_, tensor.shape[2], width);
                                let get = |v, u| at(v, u, c).unwrap();
                                (1.0 - fv) * ((1.0 - fu) * get(v0, u0) + fu * get(v0, u1))
                                    + fv * ((1.0 - fu) * get(v1, u0) + fu * get(v1, u1))
                            }
                            Operation::DepthToSpace { block } => {
                                let from = (y % block * block + x_ % block) * channels + c;
                                at((y / block) as isize, (x_ / block) as isize, from).unwrap()
                            }
                            other => panic!("{other:?}"),
                        });
                    }
                }
            }
            out
        }
    }
}

#[test]
fn every_operator_keeps_its_meaning() {
    let graph = parse(&small_model()).unwrap();
    // DEQUANTIZE and DENSIFY are gone, everything else is there.
    assert_eq!(graph.operators.len(), 15);
    let onnx = convert(&graph, "small", "nowhere").unwrap();
    let contract = Contract {
        name: "small",
        input: &[1, 3, 12, 10],
        outputs: &[528, 240],
    };
    let mut network = Network::load(&onnx, &contract).unwrap();
    for seed in 0..4 {
        let place = |index: usize| ((index + 1000 * seed) as f64 * 0.917).sin() * 3.0;
        let last: Vec<f64> = (0..360).map(place).collect();
        let mut first = vec![0.0f32; 360];
        for (index, value) in last.iter().enumerate() {
            first[index % 3 * 120 + index / 3] = *value as f32;
        }
        let (mut all, mut picture) = (vec![0.0; 528], vec![0.0; 240]);
        network.run(&first, &mut [&mut all, &mut picture]).unwrap();
        let expected = interpret(&graph, &last);
        for (index, (got, expected)) in all.iter().zip(&expected[0]).enumerate() {
            assert!(
                (f64::from(*got) - expected).abs() < 1e-4,
                "{index}: {got} {expected}"
            );
        }
        for (index, expected) in expected[1].iter().enumerate() {
            let got = picture[index % 8 * 30 + index / 8];
            assert!(
                (f64::from(got) - expected).abs() < 1e-4,
                "{index}: {got} {expected}"
            );
        }
        assert!(expected[0].iter().any(|value| value.abs() > 0.1));
    }
}

#[test]
fn the_same_model_gives_the_same_bytes() {
    let convert = || convert(&parse(&small_model()).unwrap(), "small", "nowhere").unwrap();
    assert_eq!(convert(), convert());
}

#[test]
fn operators_that_are_not_known_are_named() {
    let mut author = Author::new();
    let x = author.picture(&[1, 4, 4, 1]);
    let y = author.picture(&[1, 4, 4, 1]);
    author.operator(schema::BuiltinOperator(28), &[x], y, None);
    // Such a file is read, since a part without it may be cut out; only to convert it is refused.
    let graph = parse(&author.finish(&[x], &[y])).unwrap();
    let error = convert(&graph, "unknown", "nowhere")
        .unwrap_err()
        .to_string();
    assert!(error.contains("28"), "{error}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn damage_never_panics(
        flips in proptest::collection::vec((0.0f64..1.0, any::<u8>()), 1..6),
        cut in proptest::option::of(0.0f64..1.0),
    ) {
        let mut bytes = small_model();
        for (place, value) in flips {
            let index = (place * bytes.len() as f64) as usize;
            bytes[index] = value;
        }
        if let Some(cut) = cut {
            bytes.truncate((cut * bytes.len() as f64) as usize);
        }
        if let Ok(graph) = parse(&bytes) {
            // What is still a graph may be refused here, or be another network.
            let _ = convert(&graph, "damaged", "nowhere");
        }
    }
}

#[test]
fn manifests_are_complete() {
    let manifests = crate::manifests().unwrap();
    use sfumato_faces::store::Model;
    let models = Model::ALL.into_iter().chain([Model::Mesh]);
    assert_eq!(manifests.len(), models.clone().count());
    for (manifest, model) in manifests.iter().zip(models) {
        assert_eq!(manifest.name, model.name());
        assert_eq!(manifest.source.sha256.len(), 64);
        // Either all of a file of its name, or a part of one.
        let whole = format!("{}.tflite", manifest.name);
        assert!(manifest.cut.is_some() || manifest.source.file.ends_with(&whole));
        assert_eq!(manifest.source.licence, "Apache-2.0");
        assert!(manifest.budget.million_multiplications > 0);
    }
}

/// Holds converted models that are in the cache to their manifests.
#[test]
fn cached_models_fulfil_their_manifests() {
    for manifest in crate::manifests().unwrap() {
        let path = crate::default_folder().join(format!("{}.onnx", manifest.name));
        let Ok(bytes) = std::fs::read(&path) else {
            eprintln!(
                "SKIPPED: {} is not there; run `cargo xtask models`",
                path.display()
            );
            continue;
        };
        let outputs: Vec<usize> = manifest
            .output
            .iter()
            .map(|output| output.shape.iter().product())
            .collect();
        let contract = Contract {
            name: &manifest.name,
            input: &manifest.input.shape,
            outputs: &outputs,
        };
        Network::load(&bytes, &contract).unwrap();
    }
}
