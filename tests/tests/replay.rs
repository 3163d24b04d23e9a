//! Recorded visitors, from the clip to the shown picture: does the portrait do what they do?
//!
//! The recordings are not part of the project; where they are absent this says so and passes. The
//! yardstick of how the head turns and leans is what MediaPipe's plain mesh measured in every frame
//! of them. That of everything else is measured in the landmarks of our own perception: the plain
//! mesh hardly sees lids shut, keeps lips apart and takes an open mouth for a nod, and of the mesh
//! with attention MediaPipe's landmarks are known for some of the frames only. There, ours must
//! agree with them.

// A test fails by panicking; the lint is for the device.
#![allow(clippy::unwrap_used)]

use serde_json::Value;
use sfumato_core::face::{LANDMARKS, Landmark};
use sfumato_core::pixels::PixelsMut;
use sfumato_motion::{Measurement, measure};
use sfumato_sitter::{Performance, Sitter};
use sfumato_tests::{best_lag, built_in_pack, recordings, sfumato, sfumato_program, track};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Frames by which an answer may be late.
const LATEST: usize = 3;

/// Least correlation of whatever a visitor moves.
const LEAST: f64 = 0.95;

/// A quantity: its name in a report, how far a visitor must move it to be judged (98th less
/// 2nd percentile of the yardstick), and the yardstick.
type Quantity = (&'static str, f64, fn(&Measurement) -> f32);

/// All that is judged.
///
/// The head's turn is bounded softly, a visitor's 30 degrees become 11, and is judged against the
/// unbounded yardstick all the same. An eye that turns away is seen foreshortened, and its lids apart where they are
/// not. The portrait's eyes move as one but for a wink.
const QUANTITIES: [Quantity; 6] = [
    ("headYaw", 10.0, |seen| seen.pose.yaw),
    ("headPitch", 6.0, |seen| seen.pose.pitch),
    ("headRoll", 6.0, |seen| seen.pose.roll),
    ("jawOpen", 0.2, |seen| seen.mouth),
    ("eyeOpennessLeft", 0.08, eyes),
    ("eyeOpennessRight", 0.08, eyes),
];

/// Those of them that MediaPipe's plain mesh tells as well, and by what names.
const PLAIN: [(&str, &str); 2] = [("headYaw", "yaw"), ("headRoll", "roll")];

/// A head that turns so far from side to side is seen in profile, where the two meshes differ by degrees
/// in how it leans.
const PROFILES: f64 = 60.0;

/// A number of every frame; where nobody was found, the last one.
fn every<'a, T: 'a>(frames: &'a [Option<T>], of: impl Fn(&'a T) -> f64) -> Vec<f64> {
    let mut last = 0.0;
    let number = |frame: &'a Option<T>| {
        last = frame.as_ref().map_or(last, &of);
        last
    };
    frames.iter().map(number).collect()
}

/// Landmarks in a list of points, x, y, z each, in `units` of pixels.
fn landmarks(points: &Value, units: [f64; 3]) -> [Landmark; LANDMARKS] {
    let points = points.as_array().unwrap();
    std::array::from_fn(|index| {
        let [x, y, z] =
            [0, 1, 2].map(|axis| (points[index][axis].as_f64().unwrap() * units[axis]) as f32);
        Landmark { x, y, z }
    })
}

/// What our perception sees of the first face in each frame of a clip.
fn seen(clip: &Path) -> Vec<Option<Measurement>> {
    let atelier = sfumato_program().unwrap().with_file_name("atelier");
    let output = Command::new(atelier)
        .args(["faces", clip.to_str().unwrap(), "--json"])
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let lines = std::str::from_utf8(&output.stdout).unwrap().lines();
    lines
        .map(|line| {
            let line: Value = serde_json::from_str(line).unwrap();
            let face = line["faces"].get(0)?;
            Some(measure(&landmarks(&face["landmarks"], [1.0; 3])))
        })
        .collect()
}

/// In the frames whose landmarks MediaPipe's mesh with attention told, ours must say about the same.
///
/// Not quite: they looked at each frame by itself, ours follow a face. A jaw that is wide open falls out of the
/// crop around a face found anew, and is seen less far open.
fn agree(all: &Value, clip: &str, seen: &[Option<Measurement>]) {
    let mut compared = 0;
    for (name, picture) in all["frames"].as_object().unwrap() {
        let faces = picture["faces"].as_array().unwrap();
        let (Some(face), true) = (faces.first(), picture["clip"] == clip) else {
            continue;
        };
        let [width, height] = ["width", "height"].map(|key| picture[key].as_f64().unwrap());
        let points = &face["landmarks_attention"];
        let theirs = measure(&landmarks(points, [width, height, width]));
        let ours = seen[picture["frame"].as_u64().unwrap() as usize].unwrap();
        for (what, _, of) in QUANTITIES {
            let within = match what {
                "jawOpen" => 0.2,
                _ if what.starts_with("head") => 4.0,
                _ => 0.06,
            };
            let [ours, theirs] = [of(&ours), of(&theirs)];
            println!("{name} {what}: {ours}, MediaPipe {theirs}");
            assert!(
                (ours - theirs).abs() < within,
                "{name} {what}: {ours}, MediaPipe {theirs}"
            );
        }
        compared += 1;
    }
    assert!(compared > 2, "{clip}: {compared} frames compared");
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

/// How open the eyes are; the one that turns away counts less, from 20 degrees on not at all.
fn eyes(seen: &Measurement) -> f32 {
    let [right, left] = seen.eye_aspect;
    let (near, far) = if seen.pose.yaw > 0.0 {
        (right, left)
    } else {
        (left, right)
    };
    let share = 0.5 * (1.0 - seen.pose.yaw.abs() / 20.0).max(0.0);
    near + share * (far - near)
}

/// One clip, whole: each track that its visitor moves against the yardstick. `moved` says how many of
/// [`QUANTITIES`] that must be, so that none is passed over by mistake.
fn compare(clip: &str, moved: usize) {
    let Some(folder) = recordings() else {
        return;
    };
    let text = std::fs::read(folder.join("reference.json")).unwrap();
    let all: Value = serde_json::from_slice(&text).unwrap();
    let path = folder.join("visitors").join(clip);
    let seen = seen(&path);
    agree(&all, clip, &seen);
    let report = run(clip, &path);
    let follows = |name: &str, truth: &[f64]| {
        let answer = track(&report, name).unwrap();
        assert_eq!(answer.len(), truth.len(), "{clip}: a frame was lost");
        let (correlation, lag) = best_lag(truth, &answer, 2 * LATEST);
        println!("{clip} {name}: correlation {correlation:.3}, {lag} frames late");
        assert!(
            correlation > LEAST,
            "{clip} {name}: correlation {correlation:.3}"
        );
        assert!(lag <= LATEST, "{clip} {name}: {lag} frames late");
    };
    let frames = all["clips"][clip]["track"].as_array().unwrap();
    let plain: Vec<Option<&Value>> = frames.iter().map(|frame| frame["faces"].get(0)).collect();
    let mut judged = 0;
    for (name, least_span, of) in QUANTITIES {
        let truth = every(&seen, |seen| f64::from(of(seen)));
        if span(&truth) < least_span {
            continue;
        }
        judged += 1;
        follows(name, &truth);
        if let Some((_, theirs)) = PLAIN.iter().find(|(ours, _)| *ours == name) {
            let told = |what: &str| every(&plain, |face| face[what].as_f64().unwrap());
            if name == "headYaw" || span(&told("yaw")) < PROFILES {
                follows(name, &told(theirs));
            }
        }
    }
    assert_eq!(judged, moved, "{clip}: tracks judged");
}

#[test]
fn turning_and_tilting_the_head() {
    compare("turn_tilt_smile.mp4", 5);
}

#[test]
fn opening_the_mouth() {
    compare("mouth_open.mp4", 3);
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
    // It turns, and hardly nods.
    compare("head_turn_small.mp4", 4);
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
