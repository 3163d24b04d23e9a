//! A pack that was baked, however briefly, is shown by its network; by its rig where that is of no
//! use; and its network can be taken out and put into the pack again.
//!
//! Needs the face models (`cargo xtask models`).

// A test fails by panicking; the lint is for the device.
#![allow(clippy::unwrap_used)]

use serde_json::Value;
use sfumato_pack::Pack;
use sfumato_tests::{atelier, built_in_pack, sfumato};
use std::path::{Path, PathBuf};

/// A show of three seconds: what draws it, and the rung of each frame.
fn show(pack: &Path) -> (String, Vec<String>) {
    let arguments = [
        "--pack",
        text(pack),
        "--camera",
        "synthetic:?pace=off&size=320x240",
        "--screen",
        "null:",
        "--seconds",
        "3",
    ];
    let report = sfumato(&arguments, &pack.with_extension("report.json")).unwrap();
    let word = |value: &Value| value.as_str().unwrap().to_owned();
    let levels = report["level"].as_array().unwrap().iter().map(word);
    (word(&report["set_up"]["generator"]), levels.collect())
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn a_baked_pack_is_shown_by_its_network() {
    let scratch = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let folder = tempfile::tempdir_in(&scratch).unwrap();
    let pack = folder.path().join("baked.pack");
    std::fs::copy(built_in_pack(&scratch).unwrap(), &pack).unwrap();
    assert_eq!(show(&pack).0, "rig");
    let nothing = atelier(&["export", text(&pack), "--onnx", "-o", text(folder.path())]);
    let error = format!("{:#}", nothing.unwrap_err());
    assert!(error.contains("atelier bake"), "{error}");

    let report = folder.path().join("bake.json");
    atelier(&[
        "bake",
        text(&pack),
        "--minutes",
        "0.1",
        "--examples",
        "120",
        "--report",
        text(&report),
    ])
    .unwrap();
    // What was kept for the case of a break is gone.
    assert!(!folder.path().join("baked.pack.bake").exists());
    let report: Value = serde_json::from_slice(&std::fs::read(report).unwrap()).unwrap();
    assert!(report["steps"].as_u64().unwrap() > 0, "{report}");
    assert!(report["macs"].as_u64().unwrap() <= 150_000_000);
    assert!(report["bytes"].as_u64().unwrap() < 1_900_000);
    assert!(
        report["quality"]["psnr"].as_f64().unwrap() > 10.0,
        "{report}"
    );
    let (generator, levels) = show(&pack);
    assert_eq!(generator, "network");
    assert!(
        levels
            .iter()
            .all(|level| level != "rig" && level != "still")
    );

    // Taken out and put into an unbaked pack it is the same.
    let baked = Pack::read(&pack).unwrap();
    atelier(&["export", text(&pack), "--onnx", "-o", text(folder.path())]).unwrap();
    let onnx = folder.path().join("network.onnx");
    let other = folder.path().join("other.pack");
    std::fs::copy(built_in_pack(&scratch).unwrap(), &other).unwrap();
    let unbaked = Pack::read(&other).unwrap();
    let install = |least: &str| {
        let network = ["--network", text(&onnx), "--least", least];
        atelier(&[&["bake", text(&other)][..], &network].concat())
    };
    // Unless it draws too badly: nothing so briefly baked is nearer than that.
    let error = format!("{:#}", install("60").unwrap_err());
    assert!(error.contains("without --network"), "{error}");
    assert!(Pack::read(&other).unwrap() == unbaked);
    install("10").unwrap();
    assert!(Pack::read(&other).unwrap() == baked);

    // A file that is no network is refused, and the pack stays as it was.
    std::fs::write(&onnx, b"not a network").unwrap();
    let error = atelier(&["bake", text(&other), "--network", text(&onnx)]).unwrap_err();
    assert!(format!("{error:#}").contains("atelier bake"), "{error:#}");
    assert!(Pack::read(&other).unwrap() == baked);

    // A pack that holds one all the same is shown by its rig, and says so.
    let mut broken = baked;
    broken.network = Some(b"not a network".to_vec());
    broken.write(&other).unwrap();
    let (generator, levels) = show(&other);
    assert!(generator.contains("unusable"), "{generator}");
    assert!(levels.iter().all(|level| level == "rig"), "{levels:?}");
}
