//! The standard experiment: a clip played back to a portrait made of its own first frame.
//!
//! The recordings are not part of the project; where they are absent this says so and passes. That every measure is perfect
//! when it is fed the truth, and that the warp gives back a picture that does not move, are tests of `atelier` itself.

// A test fails by panicking; the lint is for the device.
#![allow(clippy::unwrap_used)]

use clap::Parser as _;
use serde_json::Value;
use sfumato_faces::store::{self, Model};
use sfumato_tests::{atelier, recordings};
use std::fs;
use std::path::{Path, PathBuf};

/// Every measure, and whether more of it is better.
const MEASURES: [(&str, bool); 9] = [
    ("psnr", true),
    ("ssim", true),
    ("gmsd", false),
    ("akd", false),
    ("shape_distance", false),
    ("expression_distance", false),
    ("pose_error", false),
    ("blink_error", false),
    ("gaze_error", false),
];

/// The recorded visitors; none where they or the models are absent.
fn visitors() -> Option<PathBuf> {
    let visitors = recordings()?.join("visitors");
    if let Err(error) = store::read(&store::default_folder(), Model::Landmarks) {
        println!("skipped: {error}");
        return None;
    }
    Some(visitors)
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn number(value: &Value, name: &str) -> f64 {
    let number = value[name].as_f64();
    number.unwrap_or_else(|| panic!("{name} is no number in {value}"))
}

/// Plain means, and an interval around each.
fn has_the_contract_s_shape(method: &Value) {
    for (name, _) in MEASURES {
        let ends = &method["interval"][name];
        let (low, high) = (ends[0].as_f64().unwrap(), ends[1].as_f64().unwrap());
        let mean = number(method, name);
        assert!(low <= mean && mean <= high, "{name}: {low} {mean} {high}");
    }
    assert_eq!(number(method, "face_found"), 1.0);
}

#[test]
fn ours_is_nearer_to_the_truth_than_a_picture_that_stays() {
    let Some(visitors) = visitors() else { return };
    let folder = tempfile::tempdir().unwrap();
    let clip = visitors.join("turn_tilt_smile.mp4");
    atelier(&[
        "evaluate",
        "--self-reenactment",
        text(&clip),
        "--k",
        "1",
        "--every",
        "10",
        "-o",
        text(folder.path()),
        "--json",
    ])
    .unwrap();
    let json = fs::read(folder.path().join("reenactment.json")).unwrap();
    let json: Value = serde_json::from_slice(&json).unwrap();
    let (ours, still, warp) = (&json["k"]["1"], &json["still"], &json["warp"]);
    for method in [ours, still, warp] {
        has_the_contract_s_shape(method);
    }
    assert_eq!(json["given"]["1"], serde_json::json!([0]));
    // 249 frames are not given; every tenth of them.
    assert_eq!(json["frames"], 25);
    for (name, more) in MEASURES {
        let (ours, still) = (number(ours, name), number(still, name));
        println!("{name}: ours {ours:.3}, still {still:.3}");
        assert_eq!(ours > still, more, "{name}: ours {ours}, still {still}");
    }
    // Lids are layers: they close where a warped picture's hardly do. And filters keep a frozen visitor frozen.
    for (name, most) in [("blink_error", 1.0), ("jitter", 0.2)] {
        let (ours, warp) = (number(ours, name), number(warp, name));
        println!("{name}: ours {ours:.3}, warp {warp:.3}");
        assert!(ours < most * warp, "{name}: ours {ours}, warp {warp}");
    }
    let sheet = fs::File::open(folder.path().join("reenactment.png")).unwrap();
    let sheet = png::Decoder::new(std::io::BufReader::new(sheet));
    let sheet = sheet.read_info().unwrap();
    // Truth, still, warp, ours.
    assert_eq!(sheet.info().width, 4 * 260 + 4);
}

#[test]
fn what_cannot_be_judged_is_refused_with_a_cure() {
    let Some(visitors) = visitors() else { return };
    let folder = tempfile::tempdir().unwrap();
    let told = |clip: &Path, k: &str| {
        let output = folder.path().join("out");
        let line = [
            "evaluate",
            "--self-reenactment",
            text(clip),
            "--k",
            k,
            "-o",
            text(&output),
        ];
        format!("{:#}", atelier(&line).unwrap_err())
    };
    let short = told(&visitors.join("head_turn_small.mp4"), "1,32");
    assert!(short.contains("ask for fewer pictures"), "{short}");
    let coffee = folder.path().join("coffee");
    fs::create_dir(&coffee).unwrap();
    for frame in 0..30 {
        let to = coffee.join(format!("{frame:03}.png"));
        fs::copy(visitors.join("no_face_coffee.png"), to).unwrap();
    }
    let nobody = told(&coffee, "1");
    assert!(nobody.contains("nobody is seen"), "{nobody}");
    assert!(
        nobody.contains("take a clip that shows one face"),
        "{nobody}"
    );
}

#[test]
fn the_two_ways_to_evaluate_do_not_mix() {
    let parse = |line: &str| atelier::Arguments::try_parse_from(line.split(' ')).map(|_| ());
    parse("atelier evaluate a.pack --driver clip.mp4 -o out").unwrap();
    parse("atelier evaluate --self-reenactment clip.mp4 --k 1,8,32 -o out --json").unwrap();
    for wrong in [
        "atelier evaluate -o out",
        "atelier evaluate a.pack -o out",
        "atelier evaluate --driver clip.mp4 -o out",
        "atelier evaluate a.pack --driver clip.mp4 --self-reenactment clip.mp4 -o out",
        "atelier evaluate --self-reenactment clip.mp4 --personality serene -o out",
        "atelier evaluate a.pack --driver clip.mp4 --k 8 -o out",
        "atelier evaluate --self-reenactment clip.mp4 --every 0 -o out",
    ] {
        assert!(parse(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn a_painting_follows_a_visitor_and_stays_itself() {
    let Some(visitors) = visitors() else { return };
    let folder = tempfile::tempdir().unwrap();
    let [picture, pack, out] = ["built-in.png", "built-in.pack", "out"]
        .map(|name| text(&folder.path().join(name)).to_owned());
    let clip = visitors.join("turn_tilt_smile.mp4");
    atelier(&["paint", "--size", "600x800", "-o", &picture]).unwrap();
    atelier(&["prepare", &picture, "-o", &pack]).unwrap();
    let line = [
        "evaluate",
        &pack,
        "--driver",
        text(&clip),
        "-o",
        &out,
        "--height",
        "640",
    ];
    atelier(&line).unwrap();
    let json = fs::read(Path::new(&out).join("metrics.json")).unwrap();
    let json: Value = serde_json::from_slice(&json).unwrap();
    for name in ["eyes", "yaw", "roll"] {
        let follows = number(&json["quantities"][name], "correlation");
        println!("{name} follows with {follows:.3}");
        assert!(follows > 0.9, "{name}: {follows}");
    }
    let [portrait, visitor] =
        ["portrait_millimetres", "visitor_millimetres"].map(|name| number(&json["identity"], name));
    assert!(portrait < 0.7 * visitor, "{portrait} {visitor}");
    let jitter = number(&json, "jitter_pixels");
    assert!(jitter < 0.15, "{jitter}");
}
