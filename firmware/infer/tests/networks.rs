//! Both engines behind the `Network`: small networks written here, run and compared with plain sums.

// A test fails by panicking; the lint is for the device.
#![allow(clippy::unwrap_used)]

mod common;

use common::{ints, model, node, value, weight};
use sfumato_infer::onnx::NodeProto;
use sfumato_infer::{Contract, InferError, Network, engine_version};

/// A 3 x 3 convolution of two channels into two, followed by PRelu.
fn network(slopes: &[f32]) -> Vec<u8> {
    network_with(node("PRelu", &["y", "s"], "z"), slopes)
}

/// The same with another last node.
fn network_with(last: NodeProto, slopes: &[f32]) -> Vec<u8> {
    let weights: Vec<f32> = (0..36).map(|i| (i as f32 * 0.37).sin()).collect();
    let mut conv = node("Conv", &["x", "w", "b"], "y");
    conv.attribute = vec![ints("pads", &[1; 4])];
    let shape = if slopes.len() == 1 {
        vec![]
    } else {
        vec![2, 1, 1]
    };
    model(
        value("x", &[1, 2, 5, 7]),
        vec![value("z", &[1, 2, 5, 7]), value("y", &[1, 2, 5, 7])],
        vec![conv, last],
        vec![
            weight("w", &[2, 2, 3, 3], &weights),
            weight("b", &[2], &[0.1, -0.2]),
            weight("s", &shape, slopes),
        ],
    )
}

const CONTRACT: Contract<'static> = Contract {
    name: "test",
    input: &[1, 2, 5, 7],
    outputs: &[70, 70],
};

/// The network in our engine and in tract.
fn both(bytes: &[u8]) -> [Network; 2] {
    let ours = Network::load(bytes, &CONTRACT).unwrap();
    let tracts = Network::load_reference(bytes, &CONTRACT).unwrap();
    assert!(ours.engine().starts_with("sfumato "), "{}", ours.engine());
    assert!(tracts.engine().starts_with("tract "), "{}", tracts.engine());
    [ours, tracts]
}

fn run(network: &mut Network, input: &[f32]) -> (Vec<f32>, Vec<f32>) {
    let (mut after, mut before) = (vec![0.0; 70], vec![0.0; 70]);
    network.run(input, &mut [&mut after, &mut before]).unwrap();
    (after, before)
}

#[test]
fn prelu_is_exact_and_runs_do_not_influence_each_other() {
    let slopes = [0.25f32, -1.5];
    for mut network in both(&network(&slopes)) {
        prelu_is_exact(&mut network, slopes);
    }
}

fn prelu_is_exact(network: &mut Network, slopes: [f32; 2]) {
    let input: Vec<f32> = (0..70).map(|i| (i as f32 * 0.71).cos()).collect();
    let (after, before) = run(network, &input);
    assert!(before.iter().any(|value| *value < 0.0) && before.iter().any(|value| *value > 0.0));
    for (index, (after, before)) in after.iter().zip(&before).enumerate() {
        let expected = if *before < 0.0 {
            before * slopes[index / 35]
        } else {
            *before
        };
        assert_eq!(after.to_bits(), expected.to_bits(), "{index}");
    }
    let zeros = run(network, &[0.0; 70]);
    assert_ne!(zeros.0, after);
    assert_eq!(run(network, &input), (after, before));
}

#[test]
fn the_convolution_is_the_plain_sum() {
    for mut network in both(&network(&[1.0, 1.0])) {
        convolution_is_the_plain_sum(&mut network);
    }
}

fn convolution_is_the_plain_sum(network: &mut Network) {
    let input: Vec<f32> = (0..70).map(|i| (i as f32 * 0.71).cos()).collect();
    let (_, before) = run(network, &input);
    let weights: Vec<f64> = (0..36)
        .map(|i| f64::from((i as f32 * 0.37).sin()))
        .collect();
    for output in 0..2usize {
        for y in 0..5isize {
            for x in 0..7isize {
                let mut sum = [0.1, -0.2][output];
                for channel in 0..2usize {
                    for dy in -1..2isize {
                        for dx in -1..2isize {
                            let (u, v) = (x + dx, y + dy);
                            if (0..7).contains(&u) && (0..5).contains(&v) {
                                let at = channel * 35 + (v * 7 + u) as usize;
                                let w =
                                    output * 18 + channel * 9 + ((dy + 1) * 3 + dx + 1) as usize;
                                sum += f64::from(input[at]) * weights[w];
                            }
                        }
                    }
                }
                let got = before[output * 35 + (y * 7 + x) as usize];
                assert!((f64::from(got) - sum).abs() < 1e-5, "{got} {sum}");
            }
        }
    }
}

#[test]
fn one_slope_may_stand_for_all_channels() {
    for mut network in both(&network(&[0.5])) {
        let (after, before) = run(&mut network, &[-1.0; 70]);
        for (after, before) in after.iter().zip(&before) {
            let expected = if *before < 0.0 { 0.5 * before } else { *before };
            assert!((after - expected).abs() < 1e-6);
        }
    }
}

#[test]
fn operators_that_ours_lacks_are_run_by_tract_and_that_is_said() {
    let bytes = network_with(node("Tanh", &["y"], "z"), &[1.0, 1.0]);
    let mut network = Network::load(&bytes, &CONTRACT).unwrap();
    let engine = network.engine();
    assert!(engine.starts_with("tract "), "{engine}");
    assert!(
        engine.contains("Tanh `z`: not an operator of this engine"),
        "{engine}"
    );
    let (after, before) = run(&mut network, &[0.25; 70]);
    for (after, before) in after.iter().zip(&before) {
        assert!((after - before.tanh()).abs() < 1e-5);
    }
}

#[test]
fn what_does_not_fit_the_contract_is_refused() {
    let bytes = network(&[0.5, 0.5]);
    let load = |contract| Network::load(&bytes, &contract).unwrap_err();
    let outputs = load(Contract {
        outputs: &[70, 69],
        ..CONTRACT
    });
    assert!(matches!(outputs, InferError::Contract { .. }), "{outputs}");
    let input = load(Contract {
        input: &[1, 3, 5, 7],
        ..CONTRACT
    });
    assert!(input.to_string().contains("cargo xtask models"), "{input}");
}

#[test]
fn damaged_files_give_errors() {
    let bytes = network(&[0.5, 0.5]);
    assert!(Network::load(b"", &CONTRACT).is_err());
    assert!(Network::load(b"no network at all", &CONTRACT).is_err());
    for cut in (0..bytes.len()).step_by(37) {
        // Any answer will do but a panic; a cut at the very end may still be a network.
        let _ = Network::load(&bytes[..cut], &CONTRACT);
    }
}

#[test]
fn the_version_reported_is_the_version_locked() {
    let lock = include_str!("../../../Cargo.lock");
    let version = engine_version();
    let (_, number) = version.split_once("tract ").unwrap();
    assert!(lock.contains(&format!("name = \"tract-onnx\"\nversion = \"{number}\"")));
}
