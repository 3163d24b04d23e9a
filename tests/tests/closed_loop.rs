//! The closed loop: the built-in visitor acts its script before the synthetic camera; what the
//! script said comes out at the other end of the pipeline, on time.
//!
//! Needs the face models (`cargo xtask models`).

// A test fails by panicking; the lint is for the device.
#![allow(clippy::unwrap_used)]

use serde_json::Value;
use sfumato::counting::CountingAllocator;
use sfumato_core::pixels::Pixels;
use sfumato_core::time::Moment;
use sfumato_faces::{Perception, store};
use sfumato_motion::{Measurement, measure};
use sfumato_sitter::{Feature, Performance, Script};
use sfumato_tests::{best_lag, built_in_pack, sfumato, track};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator;

const FRAMES_A_SECOND: u64 = 30;

/// Frames by which an answer may be late: 100 milliseconds.
const LATEST: usize = 3;

/// A feature's name in the report, the least correlation, the frames that count, the truth.
type Told<'a> = (&'static str, f64, &'a [bool], fn(&Performance) -> f32);

fn scratch() -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR"))
}

fn watch(name: &str, camera: &str, screen: &str, seconds: &str) -> Value {
    let pack = built_in_pack(&scratch()).unwrap();
    let arguments = [
        "--pack",
        pack.to_str().unwrap(),
        "--camera",
        camera,
        "--screen",
        screen,
        "--personality",
        "mirror",
        "--seconds",
        seconds,
    ];
    sfumato(&arguments, &scratch().join(format!("{name}.json"))).unwrap()
}

/// The whole script, answered once for all tests that look at it.
fn whole_script() -> &'static Value {
    static REPORT: OnceLock<Value> = OnceLock::new();
    REPORT.get_or_init(|| watch("script", "synthetic:?pace=off&size=400x300", "null:", "24"))
}

/// What the script says at each shown frame.
fn truth(report: &Value, feature: impl Fn(&Performance) -> f32) -> Vec<f64> {
    let script = Script::default();
    let moments = report["moment"].as_array().unwrap();
    let at = |moment: &Value| f64::from(feature(&script.at(Moment(moment.as_u64().unwrap()))));
    moments.iter().map(at).collect()
}

#[test]
fn the_script_comes_out_at_the_other_end_on_time() {
    let report = whole_script();
    let frames = 24 * FRAMES_A_SECOND;
    assert_eq!(report["frames"]["in"], frames);
    assert_eq!(report["frames"]["out"], frames);
    let faces = report["faces"].as_array().unwrap();
    let found = faces.iter().filter(|count| **count == 1).count() as u64;
    assert!(
        found >= frames - 3,
        "one face in {found} of {frames} frames"
    );

    // The built-in head draws its corners apart when it opens the jaw wide, which the landmarks show
    // as a smile too: smiles are compared while the jaw is shut.
    let shut: Vec<bool> = truth(report, |p| p.jaw_open)
        .iter()
        .map(|jaw| *jaw == 0.0)
        .collect();
    let always = vec![true; shut.len()];
    let features: [Told; 8] = [
        ("headYaw", 0.95, &always, |p| p.yaw),
        ("headPitch", 0.9, &always, |p| p.pitch),
        ("headRoll", 0.95, &always, |p| p.roll),
        ("jawOpen", 0.95, &always, |p| p.jaw_open),
        ("mouthSmileLeft", 0.95, &shut, |p| p.smile),
        ("mouthSmileRight", 0.95, &shut, |p| p.smile),
        ("eyeOpennessLeft", 0.95, &always, |p| 1.0 - p.blink_left),
        ("eyeOpennessRight", 0.95, &always, |p| 1.0 - p.blink_right),
    ];
    for (name, least, when, feature) in features {
        let pick = |series: Vec<f64>| -> Vec<f64> {
            let counted = series.into_iter().zip(when).filter(|(_, counts)| **counts);
            counted.map(|(value, _)| value).collect()
        };
        let (correlation, lag) = best_lag(
            &pick(truth(report, feature)),
            &pick(track(report, name).unwrap()),
            2 * LATEST,
        );
        println!("{name}: correlation {correlation:.3}, {lag} frames late");
        assert!(correlation > least, "{name}: correlation {correlation:.3}");
        assert!(lag <= LATEST, "{name}: {lag} frames late");
    }
}

#[test]
fn every_scripted_blink_shuts_the_eyes() {
    let report = whole_script();
    let left = track(report, "eyeOpennessLeft").unwrap();
    let script = Script::default();
    let blinks = script
        .beats()
        .iter()
        .filter(|beat| beat.feature == Feature::Blink);
    for blink in blinks {
        let frame = |millis: u32| (u64::from(millis) * FRAMES_A_SECOND / 1_000) as usize;
        let from = frame(blink.start);
        let to = (frame(blink.start + blink.rise + blink.hold) + LATEST).min(left.len() - 1);
        let most_shut = left[from..=to].iter().copied().fold(f64::MAX, f64::min);
        assert!(
            most_shut < 0.15,
            "blink at {} ms: openness {most_shut:.2}",
            blink.start
        );
    }
}

/// The shown portrait, looked at with the same eyes as the visitor.
#[test]
fn whoever_looks_at_the_portrait_sees_what_the_visitor_did() {
    let folder = scratch().join("seen");
    let _ = std::fs::remove_dir_all(&folder);
    let screen = format!("frames:{}?size=450x600", folder.display());
    let report = watch(
        "seen",
        "synthetic:?pace=off&fps=12&size=400x300",
        &screen,
        "24",
    );
    let mut perception = Perception::load(&store::default_folder()).unwrap();
    let mut seen = Vec::new();
    for (picture, moment) in pictures(&folder)
        .iter()
        .zip(report["moment"].as_array().unwrap())
    {
        let (pixels, width, height) = decode(picture);
        let view = Pixels::new(&pixels, width, height, width).unwrap();
        let faces = perception
            .see(view, Moment(moment.as_u64().unwrap()))
            .unwrap();
        assert_eq!(
            faces.faces.len(),
            1,
            "the portrait's face is lost in frame {}",
            seen.len()
        );
        seen.push(measure(&faces.faces[0].landmarks));
    }
    type Compared = (
        &'static str,
        f64,
        fn(&Measurement) -> f32,
        fn(&Performance) -> f32,
    );
    let compared: [Compared; 3] = [
        ("yaw", 0.9, |m| m.pose.yaw, |p| p.yaw),
        ("mouth", 0.9, |m| m.mouth, |p| p.jaw_open),
        (
            "eyes",
            0.8,
            |m| m.eye_aspect[0].min(m.eye_aspect[1]),
            |p| 1.0 - p.blink_left,
        ),
    ];
    for (name, least, measured, scripted) in compared {
        let answer: Vec<f64> = seen.iter().map(|m| f64::from(measured(m))).collect();
        let (correlation, lag) = best_lag(&truth(&report, scripted), &answer, LATEST);
        println!("{name} as seen: correlation {correlation:.3}, {lag} frames late");
        assert!(correlation > least, "{name}: correlation {correlation:.3}");
    }
}

/// A PNG file's pixels, width and height.
fn decode(bytes: &[u8]) -> (Vec<[u8; 3]>, usize, usize) {
    let mut reader = png::Decoder::new(std::io::Cursor::new(bytes))
        .read_info()
        .unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut pixels).unwrap();
    assert_eq!(info.color_type, png::ColorType::Rgb);
    let (pixels, _) = pixels.as_chunks::<3>();
    (pixels.to_vec(), info.width as usize, info.height as usize)
}

#[test]
fn the_same_clip_gives_the_same_bytes() {
    let folder = |name: &str| scratch().join(name);
    let film = |name: &str| {
        let _ = std::fs::remove_dir_all(folder(name));
        let screen = format!("frames:{}?size=150x200", folder(name).display());
        let report = watch(
            name,
            "synthetic:?pace=off&fps=10&size=320x240",
            &screen,
            "5",
        );
        assert_eq!(report["frames"]["out"], 50);
        pictures(&folder(name))
    };
    let (once, again) = (film("once"), film("again"));
    assert_eq!(once.len(), 50);
    assert!(once == again, "the two runs differ");
    assert!(
        once.windows(2).any(|pair| pair[0] != pair[1]),
        "nothing moves"
    );
}

/// All files of a folder by name, as bytes.
fn pictures(folder: &Path) -> Vec<Vec<u8>> {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    for (index, path) in paths.iter().enumerate() {
        let expected = format!("{index:06}.png");
        assert_eq!(path.file_name().unwrap().to_str(), Some(expected.as_str()));
    }
    paths
        .iter()
        .map(|path| std::fs::read(path).unwrap())
        .collect()
}

#[test]
fn a_live_show_answers_and_allocates_nothing() {
    // So many seconds that even a busy machine gets every stage warm.
    let report = watch("live", "synthetic:?size=160x120", "null:?hz=30", "12");
    let levels = report["level"].as_array().unwrap();
    assert!(
        levels.iter().any(|level| level == "living"),
        "nobody was answered"
    );
    let allocations = &report["allocations_after_warm_up"];
    // That allocations are counted at all is for `firmware/sfumato/tests/allocations.rs` to show.
    assert_eq!(allocations["engine"], 0, "{allocations}");
    for stage in [
        "camera",
        "perception",
        "motion",
        "generator",
        "compositor",
        "screen",
    ] {
        assert!(
            allocations[stage]["runs"].as_u64().unwrap() > 0,
            "{stage}: {allocations}"
        );
        assert_eq!(allocations[stage]["ours"], 0, "{stage}: {allocations}");
    }
}
