//! The promises of a camera, checked on every kind of camera.

#![allow(clippy::unwrap_used)] // A test fails by panicking.

mod common;

use common::{clock, media, open};
use sfumato_camera::{
    Act, Camera, CameraError, Faulty, Frame, Next, Reopening, Script, conformance,
};
use std::time::Duration;

fn check(uri: &str, most_frames: u64) -> conformance::Seen {
    let seen = conformance::check(&mut || open(uri), most_frames);
    seen.unwrap_or_else(|broken| panic!("{uri}: {broken}"))
}

#[test]
fn the_built_in_visitor() {
    assert_eq!(check("synthetic:?size=64x48&pace=off", 4).frames, 4);
    assert_eq!(check("synthetic:?size=64x48&fps=100", 4).frames, 4);
}

#[test]
fn a_folder_of_pictures() {
    let folder = tempfile::tempdir().unwrap();
    common::write_pictures(folder.path(), 5);
    // Something that is not a picture is left alone.
    std::fs::write(folder.path().join("notes.txt"), "hello").unwrap();
    let uri = format!("clip:{}", folder.path().display());
    let seen = check(&format!("{uri}?pace=off"), 100);
    assert_eq!((seen.frames, seen.ended), (5, true));
    let looped = check(&format!("{uri}?pace=off&loop=on"), 13);
    assert_eq!((looped.frames, looped.ended), (13, false));
    let paced = check(&format!("{uri}?fps=50"), 100);
    assert!(paced.ended);
}

#[test]
fn uncompressed_video() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("clip.y4m");
    std::fs::write(&file, common::y4m(7)).unwrap();
    let seen = check(&format!("clip:{}?pace=off", file.display()), 100);
    assert_eq!((seen.frames, seen.ended), (7, true));
}

#[test]
fn motion_jpeg() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("clip.mjpeg");
    std::fs::write(&file, common::motion_jpeg(6)).unwrap();
    let seen = check(&format!("clip:{}?pace=off", file.display()), 100);
    assert_eq!((seen.frames, seen.ended), (6, true));
}

#[test]
fn any_video_by_ffmpeg() {
    let Some(clip) = media("visitors/head_turn_small.mp4") else {
        return;
    };
    if !common::ffmpeg_is_there() {
        return;
    }
    let seen = check(&format!("clip:{}?pace=off", clip.display()), 100);
    assert_eq!((seen.frames, seen.ended), (23, true));
    let looped = check(&format!("clip:{}?pace=off&loop=on", clip.display()), 50);
    assert_eq!((looped.frames, looped.ended), (50, false));
    check(&format!("clip:{}", clip.display()), 5);
}

#[test]
fn a_scripted_camera() {
    let acts = || {
        vec![
            Act::TimeOuts(2),
            Act::Frames(3),
            Act::Damaged(2),
            Act::Lost(4),
            Act::Size(80, 60),
            Act::Frames(3),
            Act::End,
        ]
    };
    let seen = conformance::check(
        &mut || Ok(Box::new(Faulty::open(&Script::new(acts()), clock())?)),
        100,
    );
    assert_eq!(seen.map(|seen| (seen.frames, seen.ended)), Ok((6, true)));
}

#[test]
fn a_camera_that_comes_back() {
    // One clock for all openings, or time would begin anew with each.
    let clock = clock();
    let seen = conformance::check(
        &mut || {
            let script = Script::new(vec![
                Act::Frames(3),
                Act::Gone,
                Act::OpeningFails(1),
                Act::Frames(3),
                Act::Io(5),
                Act::Frames(1),
                Act::End,
            ]);
            let for_camera = clock.clone();
            let opener = Box::new(move || {
                Faulty::open(&script, for_camera.clone())
                    .map(|camera| Box::new(camera) as Box<dyn Camera>)
            });
            Ok(Box::new(Reopening::open(opener, clock.clone())?))
        },
        100,
    );
    assert_eq!(seen.map(|seen| (seen.frames, seen.ended)), Ok((7, true)));
}

/// The suite must notice a camera that breaks its promises, or it proves nothing.
#[test]
fn broken_promises_are_noticed() {
    /// Hands out frames with something wrong in them.
    struct Liar {
        inner: Faulty,
        wrong: fn(&mut Frame),
        counted: bool,
    }
    impl Camera for Liar {
        fn next(&mut self, frame: &mut Frame, timeout: Duration) -> Result<Next, CameraError> {
            let next = self.inner.next(frame, timeout)?;
            (self.wrong)(frame);
            Ok(next)
        }
        fn description(&self) -> sfumato_camera::Description {
            self.inner.description()
        }
        fn counters(&self) -> sfumato_camera::Counters {
            if self.counted {
                self.inner.counters()
            } else {
                Default::default()
            }
        }
    }
    let verdict = |wrong: fn(&mut Frame), counted: bool| {
        conformance::check(
            &mut || {
                let script = Script::new(vec![Act::Frames(5), Act::End]);
                Ok(Box::new(Liar {
                    inner: Faulty::open(&script, clock())?,
                    wrong,
                    counted,
                }))
            },
            100,
        )
    };
    assert!(verdict(|_| (), true).is_ok());
    assert!(verdict(|_| (), false).unwrap_err().contains("counter"));
    assert!(
        verdict(|frame| frame.sequence = 7, true)
            .unwrap_err()
            .contains("number")
    );
    assert!(
        verdict(|frame| frame.resize(0, 0), true)
            .unwrap_err()
            .contains("size")
    );
    assert!(
        verdict(|frame| *frame = frame.clone(), true)
            .unwrap_err()
            .contains("used again")
    );
}

#[test]
fn a_real_camera() {
    if !std::path::Path::new("/dev/video0").exists() {
        println!("skipped: there is no /dev/video0");
        return;
    }
    let seen = check("v4l2:/dev/video0", 30);
    assert_eq!(seen.frames, 30);
}
