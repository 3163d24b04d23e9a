//! The rules of explicit quantisation as TensorRT states them, held to the file's structure.

#![allow(clippy::unwrap_used)] // a test that cannot go on shall panic

use sfumato_infer::onnx::{DataType, GraphProto, Message, ModelProto, NodeProto, TensorProto};
use sfumato_models::quantised::{
    Description, Dialect, Form, Kind, Weights, example, portrait, with_turn, write_as,
};

fn graph(description: &Description) -> GraphProto {
    let onnx = write_as(description, Dialect::TensorRt).unwrap();
    let model = ModelProto::decode(onnx.as_slice()).unwrap();
    // The oldest set of operators with a scale for each channel: every TensorRT since 8.0 reads it.
    assert_eq!(model.opset_import[0].version, 13);
    model.graph.unwrap()
}

/// The node that makes a value.
fn maker<'a>(graph: &'a GraphProto, value: &str) -> Option<&'a NodeProto> {
    let made = |node: &&NodeProto| node.output[0] == value;
    graph.node.iter().find(made)
}

fn constant<'a>(graph: &'a GraphProto, name: &str) -> Option<&'a TensorProto> {
    graph.initializer.iter().find(|tensor| tensor.name == name)
}

/// The quantiser behind a value that has been dequantised just now.
fn pair<'a>(graph: &'a GraphProto, value: &str) -> &'a NodeProto {
    let dequantise = maker(graph, value).unwrap();
    assert_eq!(dequantise.op_type, "DequantizeLinear", "{value}");
    let quantise = maker(graph, &dequantise.input[0]).unwrap();
    assert_eq!(quantise.op_type, "QuantizeLinear", "{value}");
    assert_eq!(quantise.input[1..], dequantise.input[1..], "{value}");
    quantise
}

fn check(graph: &GraphProto) {
    let input = graph.input[0].name.as_str();
    let (mut convolutions, mut sums) = (0, 0);
    for node in &graph.node {
        match node.op_type.as_str() {
            "QuantizeLinear" | "DequantizeLinear" => {
                assert_ne!(node.input[0], input, "the input stays as it is");
                let zero = constant(graph, &node.input[2]).unwrap();
                assert_eq!(zero.data_type, DataType::Int8 as i32, "signed bytes only");
                assert!(zero.raw_data.iter().all(|&byte| byte == 0), "zero point 0");
            }
            "Conv" | "Gemm" => {
                let bias = constant(graph, &node.input[2]).unwrap();
                assert_eq!(bias.data_type, DataType::Float as i32, "biases are floats");
                let sliced =
                    maker(graph, &node.input[0]).is_some_and(|node| node.op_type == "Slice");
                if node.input[0] == input || sliced {
                    assert!(
                        constant(graph, &node.input[1]).is_some(),
                        "floats with floats"
                    );
                    continue;
                }
                convolutions += 1;
                pair(graph, &node.input[0]);
                let weights = pair(graph, &node.input[1]);
                let values = constant(graph, &weights.input[0]).unwrap();
                assert_eq!(values.data_type, DataType::Float as i32);
                let scales = constant(graph, &weights.input[1]).unwrap();
                assert_eq!(scales.dims, [values.dims[0]], "a scale for each output");
                assert_eq!(
                    (weights.attribute[0].name.as_str(), weights.attribute[0].i),
                    ("axis", 0)
                );
            }
            "Add" => {
                sums += 1;
                pair(graph, &node.input[0]);
                pair(graph, &node.input[1]);
            }
            "Slice" => assert_eq!(node.input[0], input, "the input as it is"),
            "Resize" => drop(pair(graph, &node.input[0])),
            "Relu" | "Reshape" => {
                let from = maker(graph, &node.input[0]).unwrap();
                assert!(["Conv", "Gemm", "Relu", "Add"].contains(&from.op_type.as_str()));
            }
            other => panic!("{other}"),
        }
    }
    for output in &graph.output {
        let mut last = maker(graph, &output.name).unwrap();
        if last.op_type == "Reshape" {
            last = maker(graph, &last.input[0]).unwrap();
        }
        assert!(
            ["Conv", "Gemm"].contains(&last.op_type.as_str()),
            "heads end in floats"
        );
        assert!(
            graph
                .node
                .iter()
                .all(|node| !node.input.contains(&output.name))
        );
    }
    // But for the turn, which has one layer of floats.
    assert_eq!(sums, graph.output.len() - 1);
    assert_eq!(convolutions, 7 * sums);
}

#[test]
fn a_portrait_keeps_the_rules() {
    check(&graph(&with_turn(example(&portrait(), true, 1), 1)));
}

#[test]
fn bytes_after_a_relu_take_twice_the_step() {
    let description = example(&portrait(), true, 1);
    let graph = graph(&description);
    let mut relus = 0;
    for layer in &description.layers {
        let Some(Form::Bytes {
            scale, zero_point, ..
        }) = layer.form()
        else {
            continue;
        };
        let stored = constant(&graph, &format!("{}/scale", layer.name)).unwrap();
        let found = f32::from_le_bytes(stored.raw_data.as_slice().try_into().unwrap());
        let (least, most) = (-f32::from(*zero_point), 255.0 - f32::from(*zero_point));
        if *zero_point == 0 {
            assert_eq!(found, 2.0 * scale);
            relus += 1;
        } else {
            // Both ends are within a signed byte's reach.
            assert!(127.01 * found >= most * scale && -128.0 * found <= least * scale);
        }
    }
    assert!(relus > 20);
}

#[test]
fn the_floats_become_the_bytes_that_were_there() {
    let description = example(&portrait(), true, 1);
    let graph = graph(&description);
    let floats = |name: String| -> Vec<f32> {
        let tensor = constant(&graph, &name).unwrap();
        tensor
            .raw_data
            .as_chunks()
            .0
            .iter()
            .map(|&b| f32::from_le_bytes(b))
            .collect()
    };
    for layer in &description.layers {
        let (Kind::Connected { weights, .. } | Kind::Convolution { weights, .. }) = &layer.kind
        else {
            continue;
        };
        let Weights {
            values,
            scales,
            bias,
        } = weights;
        let terms = values.len() / bias.len();
        for (at, value) in floats(format!("{}/weights", layer.name))
            .into_iter()
            .enumerate()
        {
            assert_eq!((value / scales[at / terms]).round() as i8, values[at]);
        }
    }
}
