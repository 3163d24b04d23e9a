//! Baked networks on ONNX Runtime, with the processor in place of a GPU.
//!
//! Needs the library: `SFUMATO_ONNXRUNTIME` names it; `cargo xtask test runtime` fetches it.

#![allow(clippy::unwrap_used)] // a test that cannot go on shall panic

mod common;

use common::{compare, loaded, motion};
use sfumato_bake::motions;
use sfumato_bake::random::Random;
use sfumato_generator::network::inputs::{self, INPUTS};
use sfumato_infer::quantised::Runner;
use sfumato_infer::runtime::{Provider, Runtime};
use sfumato_models::quantised::{Description, Dialect, example, portrait, write, write_as};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

fn outputs(runner: &mut dyn Runner, input: &[i16]) -> Vec<Vec<f64>> {
    let room = runner.heads().iter().map(|head| vec![0; head.numbers()]);
    let mut outputs: Vec<Vec<i32>> = room.collect();
    let mut slices: Vec<&mut [i32]> = outputs.iter_mut().map(Vec::as_mut_slice).collect();
    runner.run(input, &mut slices).unwrap();
    let reals = outputs
        .iter()
        .map(|head| head.iter().copied().map(f64::from).collect());
    reals.collect()
}

/// Holds one's outputs to another's, in parts of their size over all `told`, as the program does: beside a motion
/// that hardly moves a part, the noise of bytes is no measure. What is fine is added to what is broad, and may be little beside it.
fn same(ours: &mut dyn Runner, theirs: &mut dyn Runner, told: &[Vec<i16>], most: f64) {
    let names: Vec<String> = ours.heads().iter().map(|head| head.name.clone()).collect();
    let mut parts: BTreeMap<&str, [f64; 2]> = BTreeMap::new();
    for input in told {
        let (expected, found) = (outputs(ours, input), outputs(theirs, input));
        for (name, (expected, found)) in names.iter().zip(expected.iter().zip(&found)) {
            let part = name.trim_end_matches("_broad").trim_end_matches("_fine");
            let (_, noise, signal) = compare(found, expected);
            let [noises, signals] = parts.entry(part).or_default();
            *noises += noise.powi(2);
            *signals += signal.powi(2);
        }
    }
    for (part, squares) in parts {
        let [noise, signal] = squares.map(f64::sqrt);
        let off = noise / signal;
        println!("{}: {part}: {off:.5} of its size off", theirs.name());
        assert!(noise < most * signal);
    }
}

/// What a portrait's network is told: motions such as a portrait makes before a visitor.
fn told(random: &mut Random) -> Vec<i16> {
    let mut row = [0; INPUTS];
    inputs::write(&motions::lively(random), &mut row);
    row.to_vec()
}

/// One test: a program opens one library.
#[test]
fn onnx_runtime_draws_what_our_engine_draws_or_is_refused() {
    let Some(library) = std::env::var_os("SFUMATO_ONNXRUNTIME").map(PathBuf::from) else {
        eprintln!("SKIPPED: SFUMATO_ONNXRUNTIME names no library; run `cargo xtask test runtime`");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let cache = folder.path();
    let description = example(&portrait(), true, 11);
    let onnx = write(&description).unwrap();
    let load = |library: &Path, onnx: &[u8], providers: &[Provider]| {
        Runtime::load(library, onnx, &description, cache, providers)
    };

    // Nothing is there: the file is named, and another try may do better.
    let missing = load(&cache.join("missing.so"), &onnx, &[Provider::Cpu]).unwrap_err();
    assert!(missing.to_string().contains("missing.so"), "{missing}");

    // This library has no GPU: each is tried, and said why not.
    let mut runtime = load(&library, &onnx, &Provider::ALL).unwrap();
    println!("{}: {:?}", runtime.name(), runtime.declined());
    assert_eq!(runtime.provider(), Provider::Cpu);
    let declined = runtime.declined();
    assert_eq!(declined.len(), 2);
    assert!(declined[0].starts_with("TensorRT: ") && declined[1].starts_with("CUDA: "));

    // The same numbers as our engine's, but for bytes that fall on a half.
    let mut network = loaded(&onnx);
    let built_in =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models/portraits/built-in.onnx");
    let baked = Description::read(&std::fs::read(built_in).unwrap()).unwrap();
    let dialect = write_as(&baked, Dialect::TensorRt).unwrap();
    let exported = Runtime::load(&library, &dialect, &baked, cache, &[Provider::Cpu]);
    let (mut exported, mut original) = (exported.unwrap(), loaded(&write(&baked).unwrap()));
    let mut random = Random::new(7);
    let chance: Vec<Vec<i16>> = (0..8).map(|turn| motion(64, turn)).collect();
    same(&mut network, &mut runtime, &chance, 0.003);
    let told: Vec<Vec<i16>> = (0..32).map(|_| told(&mut random)).collect();
    same(&mut original, &mut exported, &told, 0.08);

    // Lengths are checked before anything runs.
    assert!(runtime.run(&[0; 3], &mut []).is_err());

    // Another painting's network has the same shape, and is found out; so is no network at all.
    let other = write(&example(&portrait(), true, 12)).unwrap();
    let refused = load(&library, &other, &[Provider::Cpu]).unwrap_err();
    assert!(
        refused.to_string().contains("export the pack again"),
        "{refused}"
    );
    let garbage = load(&library, b"no network", &[Provider::Cpu]).unwrap_err();
    assert!(garbage.to_string().contains("CPU: "), "{garbage}");
}
