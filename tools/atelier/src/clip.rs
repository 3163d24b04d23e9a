//! Clips, frame after frame.

use anyhow::{Context, Result, bail};
use sfumato_camera::{CameraUri, ClipAddress, Frame, Next, SystemClock};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// Longest that a frame may let itself be waited for.
const PATIENCE: Duration = Duration::from_secs(10);

/// What was in a clip.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Played {
    /// Frames shown.
    pub frames: usize,
    /// Frames that the clip says it has, where it says so.
    pub promised: Option<u64>,
}

/// Shows `look` every frame of a clip, a `.y4m` or a folder of pictures, in order and as fast as it
/// looks; answers with how many there were.
pub fn each_frame(path: &Path, look: impl FnMut(&Frame) -> Result<()>) -> Result<usize> {
    play(path, look).map(|played| played.frames)
}

/// As [`each_frame`]; answers also with how many frames there should have been.
pub fn play(path: &Path, mut look: impl FnMut(&Frame) -> Result<()>) -> Result<Played> {
    let address = CameraUri::Clip(ClipAddress {
        path: path.to_owned(),
        paced: false,
        repeat: false,
        fps: None,
    });
    let clip = || format!("{}", path.display());
    let mut camera =
        sfumato_camera::open(&address, Arc::new(SystemClock::new())).with_context(clip)?;
    let promised = camera.description().frames;
    let mut frame = Frame::new();
    let mut frames = 0;
    loop {
        match camera.next(&mut frame, PATIENCE).with_context(clip)? {
            Next::Frame => {
                look(&frame)?;
                frames += 1;
            }
            Next::Ended => return Ok(Played { frames, promised }),
            Next::TimedOut | Next::Absent => {
                bail!(
                    "{}: no frame came within {} seconds",
                    path.display(),
                    PATIENCE.as_secs()
                )
            }
        }
    }
}
