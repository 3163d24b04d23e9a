//! Recorded visitors, from the clip to the shown picture: does the portrait do what they do?
//!
//! The recordings are not part of the project; where they are absent this says so and passes. The
//! yardstick is what MediaPipe measured in every frame of them.

// A test fails by panicking; the lint is for the device.
#![allow(clippy::unwrap_used)]

use serde_json::Value;
use sfumato_tests::{best_lag, built_in_pack, sfumato, track};
use std::path::{Path, PathBuf};

/// Frames by which an answer may be late.
const LATEST: usize = 3;

fn recordings() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/media");
    if !folder.join("reference.json").exists() {
        println!("skipped: no recordings in {}", folder.display());
        return None;
    }
    let ffmpeg = std::process::Command::new("ffmpeg")
        .arg("-version")
        .output();
    if ffmpeg.is_err() {
        println!("skipped: ffmpeg is not installed, so films cannot be read");
        return None;
    }
    Some(folder)
}

/// MediaPipe's measure in every frame; none where it found nobody.
fn reference(folder: &Path, clip: &str, of: impl Fn(&Value) -> f64) -> Vec<Option<f64>> {
    let text = std::fs::read(folder.join("reference.json")).unwrap();
    let all: Value = serde_json::from_slice(&text).unwrap();
    let frames = all["clips"][clip]["track"].as_array().unwrap();
    frames
        .iter()
        .map(|frame| frame["faces"].get(0).map(&of))
        .collect()
}

fn run(folder: &Path, clip: &str) -> Value {
    let scratch = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let pack = built_in_pack(&scratch).unwrap();
    let camera = format!(
        "clip:{}?pace=off",
        folder.join("visitors").join(clip).display()
    );
    let arguments = [
        "--pack",
        pack.to_str().unwrap(),
        "--camera",
        &camera,
        "--screen",
        "null:",
        "--personality",
        "mirror",
    ];
    sfumato(&arguments, &scratch.join(format!("{clip}.json"))).unwrap()
}

type Measure = fn(&Value) -> f64;

fn number(face: &Value, name: &str) -> f64 {
    face[name].as_f64().unwrap()
}

/// One clip: each of our tracks against MediaPipe's, after the first second in which the
/// visitor's resting face is learned.
fn compare(clip: &str, tracks: &[(&str, f64, Measure)]) {
    let Some(folder) = recordings() else {
        return;
    };
    let report = run(&folder, clip);
    for (name, least, measure) in tracks {
        let truth = reference(&folder, clip, measure);
        let answer = track(&report, name).unwrap();
        assert_eq!(answer.len(), truth.len(), "{clip}: a frame was lost");
        let skip = truth.len() / 8;
        let mut last = 0.0;
        let truth: Vec<f64> = truth
            .iter()
            .map(|value| {
                last = value.unwrap_or(last);
                last
            })
            .collect();
        let (correlation, lag) = best_lag(&truth[skip..], &answer[skip..], 2 * LATEST);
        println!("{clip} {name}: correlation {correlation:.3}, {lag} frames late");
        assert!(
            correlation > *least,
            "{clip} {name}: correlation {correlation:.3}"
        );
        assert!(lag <= LATEST, "{clip} {name}: {lag} frames late");
    }
}

fn eyes(face: &Value) -> f64 {
    number(face, "ear_left").min(number(face, "ear_right"))
}

#[test]
fn turning_the_head() {
    let tracks: &[(&str, f64, Measure)] = &[
        ("headYaw", 0.9, |face| number(face, "yaw")),
        ("headPitch", 0.8, |face| number(face, "pitch")),
        ("headRoll", 0.9, |face| number(face, "roll")),
        ("eyeOpennessLeft", 0.7, eyes),
    ];
    compare("turn_tilt_smile.mp4", tracks);
}

#[test]
fn opening_the_mouth() {
    compare(
        "mouth_open.mp4",
        &[("jawOpen", 0.9, |face| number(face, "mouth"))],
    );
}

#[test]
fn closing_the_eyes_behind_glasses() {
    let tracks: &[(&str, f64, Measure)] = &[
        ("headYaw", 0.9, |face| number(face, "yaw")),
        ("eyeOpennessLeft", 0.75, eyes),
    ];
    compare("webcam_glasses.mp4", tracks);
}
