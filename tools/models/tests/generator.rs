//! A written generator reads back as it was, and means what its definitions say.

#![allow(clippy::unwrap_used)] // a test that cannot go on shall panic

mod common;

use common::{Stored, compare, engine, loaded, motion, reference};
use proptest::prelude::*;
use sfumato_infer::quantised::{Instructions, Quantised, Workers};
use sfumato_infer::{Contract, Network};
use sfumato_models::quantised::{
    Description, Dialect, Form, Kind, Shape, example, portrait, with_turn, write, write_as,
};

#[test]
fn a_portrait_reads_back_as_it_was() {
    for residual in [false, true] {
        let description = with_turn(example(&portrait(), residual, 1), 1);
        let onnx = write(&description).unwrap();
        assert_eq!(Description::read(&onnx).unwrap(), description);
        let weights: usize = description
            .layers
            .iter()
            .map(|layer| match &layer.kind {
                Kind::Connected { weights, .. } | Kind::Convolution { weights, .. } => {
                    weights.values.len() + 12 * weights.bias.len()
                }
                _ => 0,
            })
            .sum();
        // The file is hardly larger than what it holds.
        assert!(
            onnx.len() < weights + weights / 10,
            "{} bytes, {weights} of weights",
            onnx.len()
        );
    }
}

#[test]
fn a_portrait_has_its_heads_and_its_costs() {
    let network = loaded(&write(&example(&portrait(), false, 1)).unwrap());
    let heads: Vec<_> = network
        .heads()
        .iter()
        .map(|head| (head.name.as_str(), head.channels, head.height, head.width))
        .collect();
    assert_eq!(
        heads,
        [
            ("field", 2, 64, 64),
            ("mouth", 6, 64, 96),
            ("eye_right", 4, 48, 64),
            ("eye_left", 4, 48, 64)
        ]
    );
    assert_eq!(network.input_numbers(), 64);
    assert_eq!(network.input_scale(), 1.0 / 4096.0);
    assert_eq!(
        network.metadata(),
        [("made".to_owned(), "by chance".to_owned())]
    );
    let cost = |name: &str| {
        let found = network.macs().iter().find(|cost| cost.name == name);
        found.unwrap().multiplications
    };
    assert_eq!(cost("field-hidden"), 64 * 96);
    assert_eq!(cost("field-seed"), 96 * 32 * 64);
    assert_eq!(cost("mouth-conv1"), 16 * 24 * 48 * 48 * 9);
    assert_eq!(cost("field-depth"), 64 * 64 * 32 * 9);
    assert_eq!(cost("field-up3"), 0);
    let all: u64 = network.macs().iter().map(|cost| cost.multiplications).sum();
    assert!((100_000_000..150_000_000).contains(&all), "{all}");
}

/// Bytes that the reference rounds to the other side of a half are the only difference.
#[test]
fn the_engine_gives_what_the_definitions_say() {
    for residual in [false, true] {
        let description = with_turn(example(&portrait(), residual, 2), 2);
        let mut network = loaded(&write(&description).unwrap());
        for turn in 0..3 {
            let input = motion(64, turn);
            let expected = reference(&description, &input, Stored::Unsigned);
            for (found, expected) in engine(&mut network, &input).iter().zip(&expected) {
                let (largest, noise, signal) = compare(found, expected);
                assert!(signal > 0.1, "{signal}");
                assert!(
                    largest < 0.03 * signal && noise < 0.003 * signal,
                    "{largest} {noise} {signal}"
                );
            }
        }
    }
}

/// tract knows nothing of bytes here: what differs is the price of eight bits, for random weights.
#[test]
fn tract_in_floats_gives_nearly_the_same() {
    let description = with_turn(example(&portrait(), false, 3), 3);
    let mut network = loaded(&write(&description).unwrap());
    let outputs: Vec<usize> = network.heads().iter().map(|head| head.numbers()).collect();
    let contract = Contract {
        name: "generator",
        input: &[1, 64],
        outputs: &outputs,
    };
    let float = write_as(&description, Dialect::Float).unwrap();
    let mut tract = Network::load(&float, &contract).unwrap();
    for turn in 0..3 {
        let input = motion(64, turn);
        let real: Vec<f32> = input.iter().map(|&word| f32::from(word) / 4096.0).collect();
        let mut floats: Vec<Vec<f32>> = outputs.iter().map(|&n| vec![0.0; n]).collect();
        let mut views: Vec<&mut [f32]> = floats.iter_mut().map(Vec::as_mut_slice).collect();
        tract.run(&real, &mut views).unwrap();
        let exact = reference(&description, &input, Stored::Floats);
        for ((found, floats), exact) in engine(&mut network, &input).iter().zip(&floats).zip(&exact)
        {
            let floats: Vec<f64> = floats.iter().map(|&value| value.into()).collect();
            let (largest, _, signal) = compare(&floats, exact);
            assert!(
                largest < 1e-4 * signal,
                "the float file: {largest} of {signal}"
            );
            let (_, noise, signal) = compare(found, &floats);
            assert!(noise < 0.1 * signal, "the engine: {noise} of {signal}");
        }
    }
}

#[test]
fn two_threads_and_all_instructions_give_the_same_numbers() {
    /// The second half first.
    struct Backwards;
    impl Workers for Backwards {
        const COUNT: usize = 2;
        fn join(&self, first: impl FnOnce() + Send, second: impl FnOnce() + Send) {
            second();
            first();
        }
    }
    let onnx = write(&example(&portrait(), true, 4)).unwrap();
    let input = motion(64, 9);
    let run = |instructions, two: bool| -> Vec<Vec<i32>> {
        let mut network = Quantised::load(&onnx, instructions).unwrap();
        let heads = network.heads().to_vec();
        let mut outputs: Vec<Vec<i32>> = heads.iter().map(|head| vec![0; head.numbers()]).collect();
        let mut views: Vec<&mut [i32]> = outputs.iter_mut().map(Vec::as_mut_slice).collect();
        if two {
            network.run_on(&Backwards, &input, &mut views).unwrap();
        } else {
            network.run(&input, &mut views).unwrap();
        }
        outputs
    };
    let expected = run(Instructions::PLAIN, false);
    for instructions in Instructions::all() {
        assert_eq!(run(instructions, false), expected, "{instructions:?}");
        assert_eq!(run(instructions, true), expected, "{instructions:?}");
    }
}

/// A head whose largest thinkable sum needs more whole bits keeps its value, at fewer binary places.
#[test]
fn heads_of_large_weights_keep_their_values() {
    let mut description = example(&portrait()[..1], false, 5);
    let head = description.layers.last_mut().unwrap();
    if let Kind::Convolution { weights, .. } = &mut head.kind {
        for scale in &mut weights.scales {
            *scale *= 20.0;
        }
        for bias in &mut weights.bias {
            *bias /= 20;
        }
    }
    let mut network = loaded(&write(&description).unwrap());
    let input = motion(64, 1);
    let expected = &reference(&description, &input, Stored::Unsigned)[0];
    let found = &engine(&mut network, &input)[0];
    let held: Vec<f64> = expected
        .iter()
        .map(|value| value.clamp(-128.0, 128.0))
        .collect();
    let (largest, _, signal) = compare(found, &held);
    assert!(expected.iter().any(|value| value.abs() > 10.0));
    assert!(largest < 0.03 * signal, "{largest} of {signal}");
}

#[test]
fn slices_of_other_lengths_are_refused() {
    let mut network = loaded(&write(&example(&portrait()[..1], false, 1)).unwrap());
    let mut whole = vec![0; 2 * 64 * 64];
    let (short, mut none): (_, [&mut [i32]; 0]) = (&[0; 63], []);
    let refused =
        |result: Result<(), _>| matches!(result, Err(sfumato_infer::InferError::Length { .. }));
    assert!(refused(network.run(short, &mut [&mut whole])));
    assert!(refused(network.run(&[0; 64], &mut none)));
    assert!(refused(network.run(&[0; 64], &mut [&mut whole[1..]])));
    network.run(&[0; 64], &mut [&mut whole]).unwrap();
}

#[test]
fn descriptions_that_contradict_themselves_are_not_written() {
    type Change = fn(&mut Description);
    let changes: &[(&str, Change)] = &[
        ("no power of two", |d| d.input.scale = 0.3),
        ("as a name", |d| d.layers[1].name = "a/b".to_owned()),
        ("another layer has this name", |d| {
            d.layers[1].name = "field-hidden".to_owned()
        }),
        ("comes later", |d| d.layers[1].input = 2),
        ("a map was given", |d| {
            let mut again = d.layers[1].clone();
            (again.name, again.input) = ("again".to_owned(), 2);
            d.layers.push(again);
        }),
        ("a vector was given", |d| d.layers[2].input = 1),
        ("no head", |d| drop(d.layers.pop())),
        ("for 96 outputs", |d| {
            if let Kind::Connected { weights, .. } = &mut d.layers[0].kind {
                weights.values.pop();
            }
        }),
        ("weight scale", |d| {
            if let Kind::Connected { weights, .. } = &mut d.layers[0].kind {
                weights.scales[5] = f32::NAN;
            }
        }),
        ("output scale", |d| {
            if let Kind::Connected { output, .. } = &mut d.layers[0].kind {
                *output = Form::Bytes {
                    scale: 0.0,
                    zero_point: 0,
                    relu: true,
                };
            }
        }),
        ("is another output's or the input's name", |d| {
            d.input.name = "field".to_owned()
        }),
    ];
    for (expected, change) in changes {
        let mut description = example(&portrait()[..1], false, 1);
        change(&mut description);
        let message = write(&description).unwrap_err().to_string();
        assert!(message.contains(expected), "{expected}: {message}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    #[test]
    fn small_networks(
        seed: u64, residual: bool,
        side in (1usize..4, 2usize..4), tens in prop::collection::vec(1usize..4, 3), head in 1usize..9,
        narrow in 1usize..40,
    ) {
        let channels = [16 * tens[0], narrow, 16 * tens[1], 16 * tens[2], 16 * tens[2]];
        let trunk = Shape { name: "small", hidden: 40, seed: [side.0, side.1], channels, head };
        let description = example(&[trunk], residual, seed);
        let onnx = write(&description).unwrap();
        prop_assert_eq!(&Description::read(&onnx).unwrap(), &description);
        let input = motion(64, seed);
        let expected = reference(&description, &input, Stored::Unsigned);
        let (largest, _, signal) = compare(&engine(&mut loaded(&onnx), &input)[0], &expected[0]);
        prop_assert!(largest < 0.1 * signal.max(0.1), "{} of {}", largest, signal);
    }
}
