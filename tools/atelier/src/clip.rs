//! Clips, frame after frame.

use anyhow::{Context, Result, bail};
use sfumato_camera::{CameraUri, ClipAddress, Frame, Next, SystemClock};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// Longest that a frame may let itself be waited for.
const PATIENCE: Duration = Duration::from_secs(10);

/// Shows `look` every frame of a clip, a `.y4m` or a folder of pictures, in order and as fast as it
/// looks; answers with how many there were.
pub fn each_frame(path: &Path, mut look: impl FnMut(&Frame) -> Result<()>) -> Result<usize> {
    let address = CameraUri::Clip(ClipAddress {
        path: path.to_owned(),
        paced: false,
        repeat: false,
        fps: None,
    });
    let clip = || format!("{}", path.display());
    let mut camera =
        sfumato_camera::open(&address, Arc::new(SystemClock::new())).with_context(clip)?;
    let mut frame = Frame::new();
    let mut frames = 0;
    loop {
        match camera.next(&mut frame, PATIENCE).with_context(clip)? {
            Next::Frame => {
                look(&frame)?;
                frames += 1;
            }
            Next::Ended => return Ok(frames),
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
