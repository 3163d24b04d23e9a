//! The promises of [`Camera`], checked on any implementation.
//!
//! Used by this crate's tests on every camera that needs no hardware, and by the program
//! `camera_probe` on real ones.

use crate::{Camera, CameraControls, CameraError, Control, Frame, Next};
use std::time::{Duration, Instant};

/// How long to wait for the first frame, and for any answer at all, before a camera counts as
/// stuck. Generous: it tells a bounded wait from an endless one, nothing more.
const STUCK: Duration = Duration::from_secs(20);

/// What was seen while checking.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// Frames.
    pub frames: u64,
    /// Waits that ended without one.
    pub timeouts: u64,
    /// Whether the source came to its end.
    pub ended: bool,
}

/// Opens a camera (twice) and checks its promises on up to `most_frames` frames.
///
/// The error says which promise was broken.
pub fn check(
    open: &mut dyn FnMut() -> Result<Box<dyn Camera>, CameraError>,
    most_frames: u64,
) -> Result<Seen, String> {
    let (seen, first) = run(open, most_frames, 0x00)?;
    let (_, second) = run(open, most_frames.min(2), 0xff)?;
    let live = open()
        .map_err(|error| error.to_string())?
        .description()
        .live;
    // The same picture, read into a buffer of zeros and into one of ones: every byte was written.
    if !live && first.bytes() != second.bytes() {
        return Err("the same first frame differs from one opening to the next".into());
    }
    Ok(seen)
}

/// Checks the promises of [`CameraControls`] on one control that the camera has.
///
/// Turns it to its ends and beyond them, and back to where it was. The error says which promise
/// was broken.
pub fn check_controls(controls: &mut dyn CameraControls, control: Control) -> Result<(), String> {
    let text = |error: CameraError| error.to_string();
    let before = controls.get(control).map_err(text)?;
    let (least, most) = controls.range(control).map_err(text)?;
    require(least <= most, "a range has its least value first")?;
    require(
        (least..=most).contains(&before),
        "a value lies within its range",
    )?;
    for wanted in [least, most, before] {
        let in_force = controls.set(control, wanted).map_err(text)?;
        require(
            (least..=most).contains(&in_force),
            "a value in force lies within its range",
        )?;
        require(
            controls.get(control).map_err(text)? == in_force,
            "setting says what reading says",
        )?;
        require(in_force == wanted, "a value within the range is taken")?;
    }
    // Beyond the range: refused or rounded, but never in force.
    for beyond in [least.checked_sub(1), most.checked_add(1)] {
        let Some(beyond) = beyond else { continue };
        let set = controls.set(control, beyond);
        let in_force = controls.get(control).map_err(text)?;
        require(
            (least..=most).contains(&in_force) && set.is_ok_and(|set| set == in_force)
                || in_force == before,
            "a value beyond the range is refused or rounded",
        )?;
    }
    controls.set(control, before).map_err(text)?;
    Ok(())
}

fn require(kept: bool, promise: &str) -> Result<(), String> {
    if kept { Ok(()) } else { Err(promise.into()) }
}

/// One run; returns the first frame too. `poison` fills the buffer beforehand.
fn run(
    open: &mut dyn FnMut() -> Result<Box<dyn Camera>, CameraError>,
    most_frames: u64,
    poison: u8,
) -> Result<(Seen, Frame), String> {
    let mut camera = open().map_err(|error| error.to_string())?;
    let before = camera.counters();
    let mut frame = Frame::new();
    let mut first = Frame::new();
    let mut seen = Seen::default();
    let mut last = None;
    let mut buffer = None;
    let start = Instant::now();
    // A large buffer from the start, so that its address must not change.
    frame.resize(32, 32);
    frame.bytes_mut().fill(poison);
    while seen.frames < most_frames {
        let before_wait = (
            frame.captured,
            frame.sequence,
            frame.width(),
            frame.height(),
        );
        // Short waits and long ones; a wait of nothing must come back as well.
        let timeout = match seen.timeouts % 3 {
            0 => Duration::from_millis(200),
            1 => Duration::ZERO,
            _ => Duration::from_millis(50),
        };
        let asked = Instant::now();
        let next = camera
            .next(&mut frame, timeout)
            .map_err(|error| format!("after {} frames: {error}", seen.frames))?;
        require(asked.elapsed() < STUCK, "a wait is bounded")?;
        if next != Next::Frame {
            require(
                before_wait
                    == (
                        frame.captured,
                        frame.sequence,
                        frame.width(),
                        frame.height(),
                    ),
                "without a frame the buffer is left alone",
            )?;
        }
        match next {
            Next::Frame => {}
            Next::TimedOut | Next::Absent => {
                seen.timeouts += 1;
                require(
                    start.elapsed() < STUCK || seen.frames > 0,
                    "a first frame comes",
                )?;
                require(seen.timeouts < 10_000, "frames go on coming")?;
                continue;
            }
            Next::Ended => {
                seen.ended = true;
                break;
            }
        }
        check_frame(&*camera, &frame, last)?;
        last = Some((frame.captured, frame.sequence));
        if seen.frames == 0 {
            first = frame.clone();
        } else {
            // Warm from the second frame on: the same size is the same buffer.
            let now = (frame.bytes().as_ptr(), frame.bytes().len());
            if let Some((pointer, length)) = buffer {
                require(
                    length != now.1 || std::ptr::eq(pointer, now.0),
                    "the frame's buffer is used again",
                )?;
            }
            buffer = Some(now);
        }
        frame.bytes_mut().fill(poison);
        seen.frames += 1;
    }
    require(seen.frames > 0, "there is at least one frame")?;
    if seen.ended {
        for _ in 0..3 {
            let again = camera.next(&mut frame, Duration::from_millis(1));
            require(
                matches!(again, Ok(Next::Ended)),
                "after its end it stays ended",
            )?;
        }
    }
    let after = camera.counters();
    require(
        after.frames - before.frames == seen.frames,
        "the counter of frames is the number handed out",
    )?;
    Ok((seen, first))
}

fn check_frame(
    camera: &dyn Camera,
    frame: &Frame,
    last: Option<(sfumato_core::time::Moment, u64)>,
) -> Result<(), String> {
    require(
        frame.width() > 0 && frame.height() > 0,
        "a frame has a size",
    )?;
    require(
        frame.bytes().len() == frame.width() * frame.height() * 3,
        "a frame is filled whole",
    )?;
    let description = camera.description();
    require(!description.name.is_empty(), "a camera has a name")?;
    if let Some((captured, sequence)) = last {
        require(frame.captured >= captured, "time does not run backwards")?;
        require(frame.sequence > sequence, "every frame has a higher number")?;
    }
    Ok(())
}
