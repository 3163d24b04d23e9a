//! `clip:`: recorded frames.
//!
//! A *recording* is a file or folder read picture by picture: still pictures, y4m, motion JPEG,
//! or anything that an installed ffmpeg decodes. [`Clip`] puts it on a time table: paced, it
//! behaves like a camera that films in real time; not paced, every picture is handed out in order
//! with the recording's own times, so that a run is deterministic.

mod ffmpeg;
mod mjpeg;
mod pictures;
mod y4m;

use crate::pace::{Due, Pace};
use crate::{Camera, CameraError, ClipAddress, Counters, Description, Frame, Next, SharedClock};
use sfumato_core::time::{Micros, Moment};
use std::path::Path;
use std::time::Duration;

/// Frames a second of recordings that do not say.
const DEFAULT_FPS: f64 = 25.0;

/// A recording, read from front to back.
pub(crate) trait Recording: Send {
    /// Reads the next picture into `frame`: pixels and size only.
    fn read(&mut self, frame: &mut Frame) -> Result<Read, CameraError>;

    /// Goes back to the first picture.
    fn rewind(&mut self) -> Result<(), CameraError>;

    /// What is known about the recording before anything is read.
    fn facts(&self) -> Facts;
}

/// How reading one picture ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Read {
    /// The picture is in the frame.
    Picture,
    /// There was one, but it is damaged; the next may be whole.
    Damaged,
    /// There are no more.
    End,
}

/// What a recording says about itself.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Facts {
    pub(crate) format: String,
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) fps: Option<f64>,
    pub(crate) frames: Option<u64>,
}

/// Why a clip cannot be used; the path is put in by [`CameraError::Clip`].
pub(crate) fn broken(path: &Path, cause: impl Into<String>) -> CameraError {
    CameraError::Clip {
        path: path.to_owned(),
        cause: cause.into(),
    }
}

/// Opens the recording at `path` by what it is.
fn open_recording(path: &Path) -> Result<Box<dyn Recording>, CameraError> {
    let kind = std::fs::metadata(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => CameraError::NotFound {
            what: format!("the clip {}", path.display()),
            cure: "name a file or a folder that exists".into(),
        },
        _ => CameraError::io(format!("opening {}", path.display()), error),
    })?;
    if kind.is_dir() {
        return Ok(Box::new(pictures::Pictures::folder(path)?));
    }
    let extension = path
        .extension()
        .map(|extension| extension.to_string_lossy().to_ascii_lowercase());
    match extension.as_deref() {
        Some("jpg" | "jpeg" | "png") => Ok(Box::new(pictures::Pictures::single(path))),
        Some("y4m") => Ok(Box::new(y4m::Y4m::open(path)?)),
        Some("mjpeg" | "mjpg") => Ok(Box::new(mjpeg::MotionJpeg::open(path)?)),
        _ => Ok(Box::new(ffmpeg::Ffmpeg::open(path)?)),
    }
}

/// A recording on a time table.
pub(crate) struct Clip {
    recording: Box<dyn Recording>,
    address: ClipAddress,
    clock: SharedClock,
    pace: Pace,
    /// The number of the next picture, counted over all repeats.
    index: u64,
    /// Read ahead: a paced clip must know its size, and an empty one fails on opening.
    ahead: Option<Frame>,
    facts: Facts,
    /// Whether a picture was read since the recording was last at its beginning.
    read_any: bool,
    ended: bool,
    counters: Counters,
}

/// So many overdue pictures are passed over in one wait; a recording that is still behind then
/// cannot be decoded in real time and is played slower.
const MOST_SKIPPED: u32 = 30;

impl Clip {
    /// Opens the clip and reads its first picture, so that a wrong file fails here.
    pub(crate) fn open(address: &ClipAddress, clock: SharedClock) -> Result<Self, CameraError> {
        let mut recording = open_recording(&address.path)?;
        let mut first = Frame::new();
        let mut counters = Counters::default();
        let mut index = 0;
        loop {
            match recording.read(&mut first)? {
                Read::Picture => break,
                Read::Damaged => {
                    counters.corrupt += 1;
                    index += 1;
                }
                Read::End => {
                    return Err(broken(
                        &address.path,
                        "there is no picture in it; is it a video or a folder of JPEG or PNG files?",
                    ));
                }
            }
        }
        let mut facts = recording.facts();
        facts.width = first.width() as u32;
        facts.height = first.height() as u32;
        let fps = address.fps.or(facts.fps).unwrap_or(DEFAULT_FPS);
        facts.fps = Some(fps);
        Ok(Clip {
            recording,
            address: address.clone(),
            clock,
            pace: Pace::new(fps, address.paced),
            index,
            ahead: Some(first),
            facts,
            read_any: true,
            ended: false,
            counters,
        })
    }

    /// Reads the picture number `self.index` into `frame`.
    fn read(&mut self, frame: &mut Frame) -> Result<Read, CameraError> {
        if let Some(mut ahead) = self.ahead.take() {
            // The caller's buffer is given up once, for the one read while opening.
            std::mem::swap(frame, &mut ahead);
            return Ok(Read::Picture);
        }
        let mut read = self.recording.read(frame)?;
        if read == Read::End && self.address.repeat {
            // Otherwise a folder whose files were deleted would be read in circles for ever.
            if !std::mem::take(&mut self.read_any) {
                return Err(broken(
                    &self.address.path,
                    "no readable picture is left in it",
                ));
            }
            self.recording.rewind()?;
            read = self.recording.read(frame)?;
        }
        self.read_any |= read == Read::Picture;
        Ok(read)
    }

    fn hand_out(&mut self, frame: &mut Frame, captured: Moment) -> Next {
        frame.captured = captured;
        frame.sequence = self.index;
        self.index += 1;
        self.counters.frames += 1;
        Next::Frame
    }
}

impl Camera for Clip {
    fn next(&mut self, frame: &mut Frame, timeout: Duration) -> Result<Next, CameraError> {
        let timeout = Micros(u64::try_from(timeout.as_micros()).unwrap_or(u64::MAX));
        let deadline = self.clock.now() + timeout;
        let mut skipped = 0;
        while !self.ended {
            let now = self.clock.now();
            match self.pace.due(self.index, now) {
                Due::In(wait) => {
                    let left = Duration::from_micros(now.until(deadline).0);
                    if left.is_zero() {
                        self.counters.timeouts += 1;
                        return Ok(Next::TimedOut);
                    }
                    std::thread::sleep(wait.min(left));
                    continue;
                }
                // Overdue pictures are decoded all the same: a recording cannot be jumped in, and
                // if it ends here, the last one is the newest there is.
                // Overdue pictures are decoded all the same: most recordings cannot be jumped in.
                Due::Skip if skipped < MOST_SKIPPED => match self.read(frame)? {
                    Read::Picture => {
                        skipped += 1;
                        self.counters.skipped += 1;
                    }
                    Read::Damaged => self.counters.corrupt += 1,
                    Read::End => self.ended = true,
                },
                due => match self.read(frame)? {
                    Read::Picture => {
                        let captured = match due {
                            Due::Now(captured) => captured,
                            _ => {
                                self.pace.start_over(self.index, now);
                                now
                            }
                        };
                        return Ok(self.hand_out(frame, captured));
                    }
                    Read::Damaged => self.counters.corrupt += 1,
                    Read::End => self.ended = true,
                },
            }
            self.index += 1;
        }
        Ok(Next::Ended)
    }

    fn description(&self) -> Description {
        Description {
            name: self.address.path.display().to_string(),
            format: self.facts.format.clone(),
            width: self.facts.width,
            height: self.facts.height,
            fps: self.facts.fps.unwrap_or(DEFAULT_FPS),
            live: self.address.paced,
            frames: self.facts.frames.filter(|_| !self.address.repeat),
        }
    }

    fn counters(&self) -> Counters {
        self.counters
    }
}
