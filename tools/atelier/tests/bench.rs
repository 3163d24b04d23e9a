//! `atelier bench generator` measures and says what it could not.

#![allow(clippy::unwrap_used)] // a test that cannot go on shall panic

use serde_json::Value;
use std::process::Command;

fn bench(python: &str) -> Value {
    let output = Command::new(env!("CARGO_BIN_EXE_atelier"))
        .args([
            "bench",
            "generator",
            "--json",
            "--rounds",
            "3",
            "--python",
            python,
        ])
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn without_python_tract_is_left_to_compare_with() {
    let report = bench("/nowhere/python3");
    let reason = report["missing"]["all in Python"].as_str().unwrap();
    assert!(
        reason.contains("/nowhere/python3") && reason.contains("--install"),
        "{reason}"
    );
    let engines = report["engines"].as_object().unwrap();
    assert_eq!(engines.len(), 2);
    for (name, engine) in engines {
        assert!(engine["ms"].as_f64().unwrap() > 0.0, "{name}");
        let ratio = engine["ratio"].as_f64().unwrap();
        assert_eq!(name == "sfumato int8", ratio == 1.0, "{name}: {ratio}");
    }
    // Each layer's multiplications add up to the network's, and each has a kernel and a time.
    let layers = report["layers"].as_array().unwrap();
    let sum: u64 = layers
        .iter()
        .map(|layer| layer["multiplications"].as_u64().unwrap())
        .sum();
    assert_eq!(report["multiplications"].as_u64(), Some(sum));
    assert!(
        layers
            .iter()
            .all(|layer| layer["ms"].as_f64().unwrap() > 0.0)
    );
    let by_cpu = report["two_threads_by_cpu_time"].as_f64().unwrap();
    assert!((1.0..=2.0).contains(&by_cpu), "{by_cpu}");
}

/// With the other engines installed, those that can be converted for compute the same numbers.
#[test]
fn the_others_are_measured_where_they_are() {
    let Ok(python) = std::env::var("SFUMATO_PYTHON") else {
        eprintln!("SKIPPED: SFUMATO_PYTHON names no Python with onnx and onnxruntime");
        return;
    };
    let report = bench(&python);
    let missing = report["missing"].as_object().unwrap();
    for (name, reason) in missing {
        // Not there is fine; there but converted wrongly is not.
        assert!(
            reason.as_str().unwrap().contains("ModuleNotFoundError"),
            "{name}: {reason}"
        );
    }
    assert!(report["engines"].as_object().unwrap().len() > 2 || !missing.is_empty());
}
