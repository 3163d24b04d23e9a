//! Other runtimes accept what is written, and give what the engine gives.
//!
//! Needs a Python with `onnx` and `onnxruntime`: `SFUMATO_PYTHON`, or `python3`.

#![allow(clippy::unwrap_used)] // a test that cannot go on shall panic

mod common;

use common::{Stored, compare, engine, loaded, motion, reference};
use sfumato_models::quantised::{Dialect, example, portrait, with_turn, write, write_as};
use std::path::Path;
use std::process::Command;

/// Rows of inputs.
const TURNS: u64 = 3;

/// What the Python script computed: for each dialect, without and with optimisation, the rows' outputs.
fn outputs(files: &[Vec<u8>], inputs: &[Vec<i16>]) -> Option<Vec<f32>> {
    let python = std::env::var_os("SFUMATO_PYTHON").unwrap_or_else(|| "python3".into());
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let mut command = Command::new(&python);
    command.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/peers.py"));
    for (index, file) in files.iter().enumerate() {
        let path = path(&format!("{index}.onnx"));
        std::fs::write(&path, file).unwrap();
        command.arg(path);
    }
    let numbers = inputs.iter().flatten();
    let bytes: Vec<u8> = numbers
        .flat_map(|&word| (f32::from(word) / 4096.0).to_le_bytes())
        .collect();
    std::fs::write(path("inputs"), bytes).unwrap();
    let answer = match command.arg(path("inputs")).arg(path("out")).output() {
        Ok(answer) => answer,
        Err(error) => {
            eprintln!(
                "SKIPPED: {}: {error}; set SFUMATO_PYTHON",
                Path::new(&python).display()
            );
            return None;
        }
    };
    let said = String::from_utf8_lossy(&answer.stdout);
    if said.starts_with("MISSING") {
        eprintln!(
            "SKIPPED: {}; pip install onnx onnxruntime and set SFUMATO_PYTHON",
            said.trim()
        );
        return None;
    }
    assert!(
        answer.status.success(),
        "{}",
        String::from_utf8_lossy(&answer.stderr)
    );
    println!("{}", said.trim());
    let bytes = std::fs::read(path("out")).unwrap();
    Some(
        bytes
            .as_chunks()
            .0
            .iter()
            .map(|&four| f32::from_le_bytes(four))
            .collect(),
    )
}

#[test]
fn onnxruntime_accepts_the_files_and_agrees() {
    let description = with_turn(example(&portrait(), true, 11), 11);
    let dialects = [Dialect::Integer, Dialect::Float, Dialect::TensorRt];
    let files = dialects.map(|dialect| write_as(&description, dialect).unwrap());
    let inputs: Vec<Vec<i16>> = (0..TURNS).map(|turn| motion(64, turn)).collect();
    let Some(found) = outputs(&files, &inputs) else {
        return;
    };
    let mut network = loaded(&write(&description).unwrap());
    let (mut found, mut turns) = (found.into_iter().map(f64::from), 0);
    for dialect in dialects {
        for optimised in [false, true] {
            for input in &inputs {
                let ours = engine(&mut network, input);
                let expected = match dialect {
                    Dialect::Integer => ours.clone(),
                    Dialect::Float => reference(&description, input, Stored::Floats),
                    Dialect::TensorRt => reference(&description, input, Stored::Signed),
                };
                for (head, ours) in expected.iter().zip(&ours) {
                    let found: Vec<f64> = found.by_ref().take(head.len()).collect();
                    let (_, noise, signal) = compare(&found, ours);
                    println!("{dialect:?}: {:.4} from the engine", noise / signal);
                    assert!(noise < 0.1 * signal, "{dialect:?}");
                    let (largest, noise, signal) = compare(&found, head);
                    let (most, mean) = tolerance(dialect, optimised);
                    println!(
                        "{dialect:?}, optimised {optimised}: {:.5} at most, {:.5} in the mean",
                        largest / signal,
                        noise / signal
                    );
                    assert!(
                        largest < most * signal && noise < mean * signal,
                        "{dialect:?}"
                    );
                    turns += 1;
                }
            }
        }
    }
    assert_eq!((turns, found.next()), (3 * 2 * 3 * 5, None));
}

/// How far a dialect may be from its own definition, in parts of the outputs' size: at most, and
/// in the root of the mean square.
///
/// Bytes are the same but for halves that are rounded the other way; floats but for the order of
/// sums. onnxruntime's optimiser takes freedoms with signed bytes. From the engine, all may be a tenth: weights by chance suffer from coarse steps.
fn tolerance(dialect: Dialect, optimised: bool) -> (f64, f64) {
    match dialect {
        Dialect::Integer => (0.03, 0.003),
        Dialect::Float => (1e-4, 1e-5),
        Dialect::TensorRt if optimised => (0.5, 0.05),
        Dialect::TensorRt => (0.03, 0.003),
    }
}
