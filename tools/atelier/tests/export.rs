//! What `atelier export` writes.

#![allow(clippy::unwrap_used)] // a test that cannot go on shall panic

use atelier::export::export;
use sfumato_models::quantised::{Description, example, portrait, write};
use std::path::Path;

fn network() -> Vec<u8> {
    let mut description = example(&portrait(), false, 1);
    let names = "head.yaw,,jawOpen".to_owned();
    description.metadata = vec![("inputs".to_owned(), names)];
    write(&description).unwrap()
}

fn read(folder: &Path, name: &str) -> String {
    std::fs::read_to_string(folder.join(name)).unwrap()
}

#[test]
fn both_kinds_lie_side_by_side_with_a_page() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("new/deep");
    let network = network();
    let written = export(&network, "A painting", [true, true], &out).unwrap();
    let names: Vec<_> = written
        .iter()
        .map(|path| path.file_name().unwrap().to_str().unwrap())
        .collect();
    assert_eq!(
        names,
        [
            "network.onnx",
            "network-tensorrt.onnx",
            "build.sh",
            "README.md"
        ]
    );
    assert_eq!(std::fs::read(out.join("network.onnx")).unwrap(), network);
    let page = read(&out, "README.md");
    for line in [
        "# The network of \"A painting\"",
        "| 0 | head.yaw |",
        "| 1 | unused, 0 |",
        "| 2 | jawOpen |",
        "| field | 2 | 64 | 64 |",
        "| mouth | 6 | 64 | 96 |",
        "shape [1, 64], each within +-8 in steps of 0.00024414063.",
        "numpy.zeros((1, 64), numpy.float32)",
        "No TensorRT has run this file",
    ] {
        assert!(page.contains(line), "{line}\n{page}");
    }
    // The device cannot mistake the one for the other.
    let other = std::fs::read(out.join("network-tensorrt.onnx")).unwrap();
    assert!(
        Description::read(&other)
            .unwrap_err()
            .to_string()
            .contains("atelier bake")
    );
}

#[test]
fn one_kind_alone_says_nothing_of_the_other() {
    let folder = tempfile::tempdir().unwrap();
    let written = export(&network(), "x", [true, false], folder.path()).unwrap();
    assert_eq!(written.len(), 2);
    assert!(!read(folder.path(), "README.md").contains("TensorRT"));
}

#[test]
fn the_script_builds_for_the_file_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    export(&network(), "x", [false, true], folder.path()).unwrap();
    // A stand-in for trtexec that prints what it was told, and where.
    let stub = folder.path().join("trtexec");
    std::fs::write(&stub, "#!/bin/sh\npwd\necho \"$@\"\n").unwrap();
    let run = |command: &str| {
        let output = std::process::Command::new("sh")
            .args(["-c", command])
            .current_dir("/")
            .output();
        output.unwrap()
    };
    run(&format!("chmod +x '{}'", stub.display()));
    let script = folder.path().join("build.sh");
    let output = run(&format!(
        "TRTEXEC='{}' '{}' mine.engine",
        stub.display(),
        script.display()
    ));
    let said = String::from_utf8(output.stdout).unwrap();
    let (place, told) = said.split_once('\n').unwrap();
    assert!(Path::new(place).join("network-tensorrt.onnx").exists());
    for word in [
        "--onnx=network-tensorrt.onnx",
        "--int8",
        "--fp16",
        "--saveEngine=mine.engine",
    ] {
        assert!(told.contains(word), "{told}");
    }
    let output = run(&format!("TRTEXEC=/nowhere '{}'", script.display()));
    assert!(!output.status.success());
    assert!(
        String::from_utf8(output.stderr)
            .unwrap()
            .contains("set TRTEXEC")
    );
}

#[test]
fn what_is_no_network_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let error = export(b"no network", "x", [true, false], folder.path()).unwrap_err();
    assert!(error.to_string().contains("atelier bake"), "{error}");
}
