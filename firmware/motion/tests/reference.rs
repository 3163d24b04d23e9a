//! Measuring against MediaPipe's own figures, where the media for developers are at hand.

use sfumato_core::face::{LANDMARKS, Landmark};
use sfumato_motion::measure;
use std::path::Path;

#[test]
fn pose_and_ratios_agree_with_the_reference() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/media/reference.json");
    let Ok(text) = std::fs::read_to_string(&path) else {
        println!("skipped: {} is not there", path.display());
        return;
    };
    let reference: serde_json::Value = serde_json::from_str(&text).expect("reference.json");
    let mut compared = 0;
    for group in ["photos", "frames", "paintings"] {
        for (name, picture) in reference[group].as_object().expect("a group of pictures") {
            let size = |key: &str| picture[key].as_f64().expect("a size");
            let (width, height) = (size("width"), size("height"));
            for face in picture["faces"].as_array().into_iter().flatten() {
                let mut landmarks = [Landmark::default(); LANDMARKS];
                let points = face["landmarks"].as_array().expect("landmarks");
                for (landmark, point) in landmarks.iter_mut().zip(points) {
                    let at = |axis: usize, by: f64| {
                        (point[axis].as_f64().expect("a number") * by) as f32
                    };
                    *landmark = Landmark {
                        x: at(0, width),
                        y: at(1, height),
                        z: at(2, width),
                    };
                }
                let seen = measure(&landmarks);
                let near = |what: &str, got: f32, within: f64| {
                    let wanted = face[what].as_f64().expect("a figure");
                    assert!(
                        (f64::from(got) - wanted).abs() < within,
                        "{name}: {what} {got}, reference {wanted}"
                    );
                };
                near("yaw", seen.pose.yaw, 0.02);
                near("pitch", seen.pose.pitch, 0.02);
                near("roll", seen.pose.roll, 0.02);
                near("ear_right", seen.eye_aspect[0], 0.002);
                near("ear_left", seen.eye_aspect[1], 0.002);
                near("mouth", seen.mouth, 0.002);
                near("smile", seen.smile, 0.002);
                compared += 1;
            }
        }
    }
    assert!(compared > 30, "only {compared} faces in the reference");
    println!("compared {compared} faces");
}
