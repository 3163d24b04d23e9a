//! Replays a clip's landmarks through the mover and compares with what the visitor did.
//!
//! ```text
//! atelier faces CLIP --json > faces.jsonl
//! cargo run -p sfumato-motion --example replay -- reference.json CLIP.mp4 faces.jsonl [PERSONALITY]
//! ```
//!
//! Prints, for each quantity, the correlation of the motion with the reference track at the
//! best lag of 0 to 6 frames, and both ranges. With `--csv` it prints the tracks instead.

use serde_json::Value;
use sfumato_core::face::{Face, Landmark, TrackId};
use sfumato_core::motion::{Blendshape, Motion};
use sfumato_core::time::Moment;
use sfumato_motion::{Mover, Personality, Placement};
use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    let mut args: Vec<String> = std::env::args().skip(1).collect();
    let csv = args
        .iter()
        .position(|a| a == "--csv")
        .map(|i| args.remove(i));
    let [reference, clip, faces, rest @ ..] = args.as_slice() else {
        return Err("usage: replay REFERENCE.json CLIP FACES.jsonl [PERSONALITY] [--csv]".into());
    };
    let name = rest.first().map_or("mirror", String::as_str);
    let personality = Personality::by_name(name).ok_or("no such personality")?;
    let reference: Value = serde_json::from_str(&std::fs::read_to_string(reference)?)?;
    let clip = &reference["clips"][clip.as_str()];
    let fps = clip["fps"]
        .as_f64()
        .ok_or("no such clip in the reference")?;
    let track = clip["track"].as_array().ok_or("the clip has no track")?;

    let mut mover = Mover::new(personality, Placement::default(), 1);
    let mut motions = Vec::new();
    for (index, line) in std::fs::read_to_string(faces)?.lines().enumerate() {
        let line: Value = serde_json::from_str(line)?;
        let size = |key: &str| line[key].as_u64().unwrap_or(0) as u32;
        let face = face_of(&line["faces"][0]);
        let captured = Moment((index as f64 * 1e6 / fps) as u64);
        mover.observe(face.as_ref(), (size("width"), size("height")), captured);
        motions.push(mover.at(captured).motion);
    }
    let wanted = |row: &Value, key: &str| -> f64 {
        let face = &row["faces"][0];
        match key {
            "eyes" => {
                let eye = |k: &str| face[k].as_f64().unwrap_or(f64::NAN);
                eye("ear_right").min(eye("ear_left"))
            }
            _ => face[key].as_f64().unwrap_or(f64::NAN),
        }
    };
    let shown = |motion: &Motion, key: &str| -> f64 {
        match key {
            "yaw" => motion.head.yaw.to_num(),
            "pitch" => motion.head.pitch.to_num(),
            "roll" => motion.head.roll.to_num(),
            "mouth" => motion.get(Blendshape::JawOpen).to_num(),
            "eyes" => {
                let [right, left] = motion.eye_openness;
                right.min(left).to_num()
            }
            _ => width(motion),
        }
    };
    if csv.is_some() {
        print!(
            "frame,gaze_yaw,gaze_pitch,yaw,yaw_seen,eyes,eyes_seen,mouth,mouth_seen,smile,smile_seen"
        );
        for shape in Blendshape::ALL {
            print!(",{}", shape.name());
        }
        println!();
        for (index, (motion, row)) in motions.iter().zip(track).enumerate() {
            print!("{index},{},{}", motion.gaze.yaw, motion.gaze.pitch);
            for key in ["yaw", "eyes", "mouth", "smile"] {
                print!(",{:.4},{:.4}", shown(motion, key), wanted(row, key));
            }
            for shape in Blendshape::ALL {
                print!(",{:.3}", motion.get(shape));
            }
            println!();
        }
        return Ok(());
    }
    for key in ["yaw", "pitch", "roll", "mouth", "eyes", "smile"] {
        let got: Vec<f64> = motions.iter().map(|m| shown(m, key)).collect();
        let want: Vec<f64> = track.iter().map(|r| wanted(r, key)).collect();
        let at = |lag: usize| correlation(&got[lag.min(got.len())..], &want);
        let best = (0..7).max_by(|&a, &b| at(a).total_cmp(&at(b))).unwrap_or(0);
        let (low, high) = range(&got);
        let (seen_low, seen_high) = range(&want);
        println!(
            "{key:6} r {:.3} at lag {best} ({:.3} at 0)  shown {low:.3}..{high:.3}  visitor {seen_low:.3}..{seen_high:.3}",
            at(best),
            at(0)
        );
    }
    Ok(())
}

/// How many times as wide the portrait's mouth is as at rest.
fn width(motion: &Motion) -> f64 {
    use sfumato_motion::scale::*;
    let of = |shape| motion.get(shape).to_num::<f64>();
    let half = |right, left| 0.5 * (of(right) + of(left));
    1.0 + half(Blendshape::MouthSmileRight, Blendshape::MouthSmileLeft)
        * (f64::from(SMILE_WIDTH_RATIO_AT_ONE) - 1.0)
        + half(Blendshape::MouthStretchRight, Blendshape::MouthStretchLeft)
            * (f64::from(STRETCH_WIDTH_RATIO_AT_ONE) - 1.0)
        - of(Blendshape::MouthPucker) * (1.0 - f64::from(PUCKER_WIDTH_RATIO_AT_ONE))
        - of(Blendshape::JawOpen) * (1.0 - f64::from(JAW_OPEN_WIDTH_RATIO_AT_ONE))
}

fn face_of(value: &Value) -> Option<Face> {
    let points = value["landmarks"].as_array()?;
    let mut landmarks = [Landmark::default(); 468];
    for (landmark, point) in landmarks.iter_mut().zip(points) {
        let at = |i: usize| point[i].as_f64().unwrap_or(f64::NAN) as f32;
        *landmark = Landmark {
            x: at(0),
            y: at(1),
            z: at(2),
        };
    }
    Some(Face {
        track: TrackId(1),
        score: 1.0,
        bounds: Default::default(),
        landmarks,
        irises: Default::default(),
    })
}

fn range(values: &[f64]) -> (f64, f64) {
    values
        .iter()
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), &v| {
            (l.min(v), h.max(v))
        })
}

fn correlation(a: &[f64], b: &[f64]) -> f64 {
    let pairs: Vec<(f64, f64)> = a
        .iter()
        .copied()
        .zip(b.iter().copied())
        .filter(|(x, y)| x.is_finite() && y.is_finite())
        .collect();
    let n = pairs.len() as f64;
    let mean = |f: fn(&(f64, f64)) -> f64| pairs.iter().map(f).sum::<f64>() / n;
    let (ma, mb) = (mean(|p| p.0), mean(|p| p.1));
    let (mut ab, mut aa, mut bb) = (0.0, 0.0, 0.0);
    for (x, y) in &pairs {
        ab += (x - ma) * (y - mb);
        aa += (x - ma) * (x - ma);
        bb += (y - mb) * (y - mb);
    }
    ab / (aa * bb).sqrt()
}
