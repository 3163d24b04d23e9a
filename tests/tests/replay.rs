//! Recorded visitors, from the clip to the shown picture: does the portrait do what they do?
//!
//! The recordings are not part of the project; where they are absent this says so and passes. The
//! yardstick is what MediaPipe measured in every frame of them.

// A test fails by panicking; the lint is for the device.
#![allow(clippy::unwrap_used)]

use serde_json::Value;
use sfumato_core::pixels::PixelsMut;
use sfumato_sitter::{Performance, Sitter};
use sfumato_tests::{best_lag, built_in_pack, sfumato, track};
use std::path::{Path, PathBuf};

/// Frames by which an answer may be late.
const LATEST: usize = 3;

/// Least correlation of whatever a visitor moves.
const LEAST: f64 = 0.95;

/// A quantity: its name in a report, how far a visitor must move it to be judged (98th less
/// 2nd percentile of the yardstick), and the yardstick.
type Quantity = (&'static str, f64, fn(&Value) -> f64);

/// All that is judged.
///
/// The head's turn is bounded softly, a visitor's 30 degrees become 11, and is judged against the
/// unbounded yardstick all the same. An eye that turns away is seen
/// foreshortened: MediaPipe's two eyes differ by a third on a turned head, and their lesser one is
/// what people would call how open the eyes are. The portrait's eyes move as one but for a wink.
const QUANTITIES: [Quantity; 6] = [
    ("headYaw", 10.0, |face| number(face, "yaw")),
    ("headPitch", 6.0, |face| number(face, "pitch")),
    ("headRoll", 6.0, |face| number(face, "roll")),
    ("jawOpen", 0.2, |face| number(face, "mouth")),
    ("eyeOpennessLeft", 0.08, eyes),
    ("eyeOpennessRight", 0.08, eyes),
];

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

/// MediaPipe's measure in every frame; where it found nobody, the last one.
fn reference(frames: &[Value], of: fn(&Value) -> f64) -> Vec<f64> {
    let mut last = 0.0;
    let measure = |frame: &Value| {
        last = frame["faces"].get(0).map_or(last, of);
        last
    };
    frames.iter().map(measure).collect()
}

/// How far a series moves but for its most extreme frames.
fn span(series: &[f64]) -> f64 {
    let mut sorted = series.to_vec();
    sorted.sort_by(f64::total_cmp);
    let at = |share: f64| sorted[(share * (sorted.len() - 1) as f64).round() as usize];
    at(0.98) - at(0.02)
}

fn run(name: &str, camera: &Path) -> Value {
    let scratch = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let pack = built_in_pack(&scratch).unwrap();
    let camera = format!("clip:{}?pace=off", camera.display());
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
    sfumato(&arguments, &scratch.join(format!("{name}.json"))).unwrap()
}

fn number(face: &Value, name: &str) -> f64 {
    face[name].as_f64().unwrap()
}

fn eyes(face: &Value) -> f64 {
    number(face, "ear_left").min(number(face, "ear_right"))
}

/// One clip, whole: each track that its visitor moves against MediaPipe's. `moved` says how many of
/// [`QUANTITIES`] that must be, so that none is passed over by mistake.
fn compare(clip: &str, moved: usize) {
    let Some(folder) = recordings() else {
        return;
    };
    let text = std::fs::read(folder.join("reference.json")).unwrap();
    let all: Value = serde_json::from_slice(&text).unwrap();
    let frames = all["clips"][clip]["track"].as_array().unwrap();
    let report = run(clip, &folder.join("visitors").join(clip));
    let mut judged = 0;
    for (name, least_span, measure) in QUANTITIES {
        let truth = reference(frames, measure);
        let answer = track(&report, name).unwrap();
        assert_eq!(answer.len(), truth.len(), "{clip}: a frame was lost");
        if span(&truth) < least_span {
            continue;
        }
        judged += 1;
        let (correlation, lag) = best_lag(&truth, &answer, 2 * LATEST);
        println!("{clip} {name}: correlation {correlation:.3}, {lag} frames late");
        assert!(
            correlation > LEAST,
            "{clip} {name}: correlation {correlation:.3}"
        );
        assert!(lag <= LATEST, "{clip} {name}: {lag} frames late");
    }
    assert_eq!(judged, moved, "{clip}: tracks judged");
}

#[test]
fn turning_and_tilting_the_head() {
    compare("turn_tilt_smile.mp4", 5);
}

#[test]
fn opening_the_mouth() {
    compare("mouth_open.mp4", 2);
}

#[test]
fn closing_the_eyes_behind_glasses() {
    compare("webcam_glasses.mp4", 5);
}

#[test]
fn three_people_talking_one_after_another() {
    compare("talk_three_speakers.mp4", 5);
}

#[test]
fn turning_the_head_in_a_small_clip_of_a_second() {
    compare("head_turn_small.mp4", 5);
}

/// Shows a picture for four seconds; nothing of the motion may change, not by a bit.
fn frozen(name: &str, picture: &Path) {
    let scratch = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let folder = scratch.join(format!("frozen-{name}"));
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    let ending = picture.extension().unwrap().to_str().unwrap();
    for frame in 0..120 {
        let file = folder.join(format!("{frame:03}.{ending}"));
        std::fs::hard_link(picture, &file)
            .or_else(|_| std::fs::copy(picture, &file).map(drop))
            .unwrap();
    }
    let report = run(&format!("frozen-{name}"), &folder);
    let faces = report["faces"].as_array().unwrap();
    assert!(faces.iter().all(|count| *count != 0), "{name}: face lost");
    let motion = report["motion"].as_array().unwrap();
    assert_eq!(motion.len(), 120);
    for (frame, shown) in motion.iter().enumerate() {
        assert_eq!(shown, &motion[0], "{name}: frame {frame}");
    }
}

#[test]
fn a_frozen_photograph_does_not_move_the_portrait_at_all() {
    let Some(folder) = recordings() else {
        return;
    };
    let visitors = folder.join("visitors");
    // Those that moved it longest when every picture was looked at in a crop of its own.
    for name in [
        "portrait.jpg",
        "business_person.png",
        "frames/mouth_open_136.jpg",
        "frames/head_turn_small_008.jpg",
        "frames/talk_three_speakers_180.jpg",
    ] {
        frozen(&name.replace('/', "-"), &visitors.join(name));
    }
}

/// The same without recordings: the built-in visitor, caught in the middle of a smile.
#[test]
fn a_frozen_picture_of_the_built_in_visitor_does_not_move_the_portrait_at_all() {
    let (width, height) = (400, 300);
    let mut pixels = vec![[0u8; 3]; width * height];
    let view = PixelsMut::new(&mut pixels, width, height, width).unwrap();
    let performance = Performance {
        yaw: 8.0,
        pitch: -5.0,
        smile: 0.6,
        jaw_open: 0.3,
        ..Performance::default()
    };
    Sitter::new(width, height).render(&performance, view);
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("sitter.png");
    let file = std::fs::File::create(&path).unwrap();
    let mut encoder = png::Encoder::new(file, width as u32, height as u32);
    encoder.set_color(png::ColorType::Rgb);
    let mut writer = encoder.write_header().unwrap();
    writer
        .write_image_data(pixels.as_flattened())
        .and_then(|()| writer.finish())
        .unwrap();
    frozen("sitter", &path);
}
