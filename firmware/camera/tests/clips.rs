//! Clips show the right pictures, at the right times, or say what is wrong.

#![allow(clippy::unwrap_used)] // A test fails by panicking.

mod common;

use common::{media, open};
use sfumato_camera::{Frame, Next};
use std::path::Path;
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(20);

fn frames(uri: &str) -> Vec<Frame> {
    let mut camera = open(uri).unwrap();
    let mut frame = Frame::new();
    let mut frames = Vec::new();
    while camera.next(&mut frame, PATIENCE).unwrap() == Next::Frame {
        frames.push(frame.clone());
    }
    frames
}

fn message(uri: &str) -> String {
    open(uri).err().expect(uri).to_string()
}

fn near(got: [u8; 3], want: [u8; 3]) -> bool {
    got.iter()
        .zip(want)
        .all(|(got, want)| got.abs_diff(want) <= 4)
}

fn mean_difference(one: &[u8], other: &[u8]) -> f64 {
    assert_eq!(one.len(), other.len());
    let sum: u64 = one
        .iter()
        .zip(other)
        .map(|(a, b)| u64::from(a.abs_diff(*b)))
        .sum();
    sum as f64 / one.len() as f64
}

#[test]
fn pictures_come_in_the_order_of_their_names_with_their_own_times() {
    let folder = tempfile::tempdir().unwrap();
    common::write_pictures(folder.path(), 5);
    let frames = frames(&format!("clip:{}?pace=off&fps=10", folder.path().display()));
    assert_eq!(frames.len(), 5);
    for (number, frame) in frames.iter().enumerate() {
        let pixel = frame.pixels().get(20, 10).unwrap();
        assert!(
            near(pixel, common::colour(number as u8)),
            "{number}: {pixel:?}"
        );
        assert_eq!(frame.sequence, number as u64);
        assert_eq!(frame.captured.0, number as u64 * 100_000);
    }
}

#[test]
fn one_bad_picture_does_not_stop_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    common::write_pictures(folder.path(), 5);
    std::fs::write(folder.path().join("002.png"), b"\x89PNG broken").unwrap();
    let mut camera = open(&format!("clip:{}?pace=off&fps=10", folder.path().display())).unwrap();
    let mut frame = Frame::new();
    let mut times = Vec::new();
    while camera.next(&mut frame, PATIENCE).unwrap() == Next::Frame {
        times.push(frame.captured.0 / 100_000);
    }
    assert_eq!(times, [0, 1, 3, 4]);
    assert_eq!(camera.counters().corrupt, 1);
}

#[test]
fn looping_goes_on_in_time() {
    let folder = tempfile::tempdir().unwrap();
    common::write_pictures(folder.path(), 3);
    let mut camera = open(&format!(
        "clip:{}?pace=off&fps=10&loop=on",
        folder.path().display()
    ))
    .unwrap();
    let mut frame = Frame::new();
    for number in 0..8u64 {
        assert_eq!(camera.next(&mut frame, PATIENCE).unwrap(), Next::Frame);
        assert_eq!(
            (frame.sequence, frame.captured.0),
            (number, number * 100_000)
        );
        assert!(near(
            frame.pixels().get(0, 0).unwrap(),
            common::colour(number as u8 % 3)
        ));
    }
    // The files vanish: an error, not an endless search.
    for file in std::fs::read_dir(folder.path()).unwrap() {
        std::fs::write(file.unwrap().path(), "gone").unwrap();
    }
    let error = loop {
        match camera.next(&mut frame, PATIENCE) {
            Ok(Next::Frame) => {}
            Ok(other) => panic!("{other:?}"),
            Err(error) => break error,
        }
    };
    assert!(error.to_string().contains("no readable picture"), "{error}");
}

#[test]
fn y4m_and_motion_jpeg_show_what_was_put_in() {
    let folder = tempfile::tempdir().unwrap();
    let y4m = folder.path().join("clip.y4m");
    std::fs::write(&y4m, common::y4m(4)).unwrap();
    let shown = frames(&format!("clip:{}?pace=off", y4m.display()));
    let greys: Vec<u8> = shown
        .iter()
        .map(|frame| frame.pixels().get(32, 16).unwrap()[1])
        .collect();
    assert_eq!(greys, [20, 40, 60, 80]);
    assert_eq!(shown[3].captured.0, 300_000);

    let mjpeg = folder.path().join("clip.mjpeg");
    let mut bytes = common::motion_jpeg(4);
    // Cut off in the middle of the last picture.
    bytes.truncate(bytes.len() - 100);
    std::fs::write(&mjpeg, bytes).unwrap();
    let shown = frames(&format!("clip:{}?pace=off", mjpeg.display()));
    assert_eq!(shown.len(), 3);
    for (number, frame) in shown.iter().enumerate() {
        assert!(near(
            frame.pixels().get(30, 20).unwrap(),
            common::colour(number as u8)
        ));
    }
}

#[test]
fn a_paced_clip_skips_what_is_late() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("clip.y4m");
    std::fs::write(&file, common::y4m(10)).unwrap();
    let mut camera = open(&format!("clip:{}?fps=100", file.display())).unwrap();
    let mut frame = Frame::new();
    assert_eq!(camera.next(&mut frame, PATIENCE).unwrap(), Next::Frame);
    assert_eq!(frame.sequence, 0);
    std::thread::sleep(Duration::from_millis(45));
    let mut handed_out = 1;
    if camera.next(&mut frame, PATIENCE).unwrap() == Next::Frame {
        // At least frames 1 to 3 were over; how many more depends on the machine.
        assert!(frame.sequence >= 4, "{}", frame.sequence);
        handed_out += 1;
    }
    while camera.next(&mut frame, PATIENCE).unwrap() == Next::Frame {
        handed_out += 1;
    }
    let counters = camera.counters();
    assert_eq!(counters.frames, handed_out);
    assert_eq!(counters.frames + counters.skipped, 10);
}

#[test]
fn wrong_clips_name_the_cure() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let uri = |path: &Path| format!("clip:{}", path.display());
    assert!(message(&uri(&at("missing.mp4"))).contains("exists"));
    assert!(message(&uri(folder.path())).contains(".jpg"));
    std::fs::write(at("text.y4m"), "hello\n").unwrap();
    assert!(message(&uri(&at("text.y4m"))).contains("ffmpeg -i"));
    std::fs::write(at("text.png"), "hello").unwrap();
    assert!(message(&uri(&at("text.png"))).contains("not a readable picture"));
    std::fs::write(at("empty.mjpeg"), "").unwrap();
    assert!(message(&uri(&at("empty.mjpeg"))).contains("no picture"));
    if common::ffmpeg_is_there() {
        std::fs::write(at("text.mp4"), "hello").unwrap();
        assert!(message(&uri(&at("text.mp4"))).contains("not a video"));
    }
}

/// The reference frames were taken out of the clips by OpenCV and saved as JPEG of quality 95:
/// the same frame, in the same colours, to the loss of that.
#[test]
fn videos_have_the_reference_frames() {
    let Some(folder) = media("visitors/frames") else {
        return;
    };
    if !common::ffmpeg_is_there() {
        return;
    }
    let mut compared = 0;
    for clip in [
        "talk_three_speakers",
        "turn_tilt_smile",
        "mouth_open",
        "two_visitors",
    ] {
        let path = media(&format!("visitors/{clip}.mp4")).unwrap();
        let shown = frames(&format!("clip:{}?pace=off", path.display()));
        for entry in std::fs::read_dir(&folder).unwrap() {
            let file = entry.unwrap().path();
            let name = file.file_stem().unwrap().to_string_lossy().into_owned();
            let Some(number) = name
                .strip_prefix(clip)
                .and_then(|rest| rest.trim_start_matches('_').parse::<usize>().ok())
            else {
                continue;
            };
            let reference = image::open(&file).unwrap().into_rgb8();
            let difference = mean_difference(shown[number].bytes(), reference.as_raw());
            assert!(difference < 1.5, "{name}: {difference} grey levels apart");
            // The frame before or after is further away: the numbers are right.
            let neighbour = &shown[if number > 0 { number - 1 } else { 1 }];
            assert!(difference <= mean_difference(neighbour.bytes(), reference.as_raw()));
            compared += 1;
        }
    }
    assert!(compared >= 10, "only {compared} frames compared");
}

/// y4m is decoded by this crate, everything else by ffmpeg: they must agree.
#[test]
fn y4m_agrees_with_ffmpeg() {
    let Some(clip) = media("visitors/webcam_glasses.mp4") else {
        return;
    };
    if !common::ffmpeg_is_there() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let y4m = folder.path().join("clip.y4m");
    let made = std::process::Command::new("ffmpeg")
        .args(["-v", "error", "-i"])
        .arg(&clip)
        .args(["-frames:v", "5"])
        .arg(&y4m)
        .status()
        .unwrap();
    assert!(made.success());
    let ours = frames(&format!("clip:{}?pace=off", y4m.display()));
    let mut theirs = open(&format!("clip:{}?pace=off", clip.display())).unwrap();
    assert_eq!(ours.len(), 5);
    let mut frame = Frame::new();
    for ours in &ours {
        assert_eq!(theirs.next(&mut frame, PATIENCE).unwrap(), Next::Frame);
        assert_eq!(ours.captured, frame.captured);
        let difference = mean_difference(ours.bytes(), frame.bytes());
        assert!(difference < 1.5, "{difference} grey levels apart");
    }
}
