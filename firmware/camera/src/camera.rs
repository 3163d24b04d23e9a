//! The camera trait: frames on one side, controls on the other.

use crate::{CameraError, Counters, Frame};
use std::time::Duration;

/// A source of frames.
///
/// Every implementation keeps these promises, and a conformance suite checks them:
/// `next` returns within the time-out and a little, frames never go back in time or number, a
/// frame's buffer is filled whole, and after [`Next::Ended`] it stays ended.
pub trait Camera: Send {
    /// Waits for the newest frame, at most `timeout`, and writes it into `frame`.
    ///
    /// Older frames that were waiting too are passed over and counted, except from a source that
    /// is not paced, which hands out every frame in order. `frame` is untouched unless the answer
    /// is [`Next::Frame`]. After an error the camera is closed for good; open it again.
    fn next(&mut self, frame: &mut Frame, timeout: Duration) -> Result<Next, CameraError>;

    /// What this camera is and what it was set to.
    fn description(&self) -> Description;

    /// Events counted since it was opened.
    fn counters(&self) -> Counters;

    /// The camera's controls, where it has any.
    fn controls(&mut self) -> Option<&mut dyn CameraControls> {
        None
    }
}

/// How a wait for a frame ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// The frame was filled.
    Frame,
    /// No frame came in time; ask again.
    TimedOut,
    /// The camera is away and will be looked for again; ask again. Never lasts for less than the
    /// time-out without a reason, so a loop over it does not spin.
    Absent,
    /// The clip is over; there will be no further frame.
    Ended,
}

/// What a camera is, for status lines and reports.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Description {
    /// The camera's or the clip's name.
    pub name: String,
    /// How frames are coded at the source, for instance `YUYV` or `y4m 420`.
    pub format: String,
    /// Columns of a frame; zero when not known before the first one.
    pub width: u32,
    /// Rows of a frame; zero when not known before the first one.
    pub height: u32,
    /// Frames a second; zero when not known.
    pub fps: f64,
    /// Whether frames come in real time. If not, every frame is handed out, in order.
    pub live: bool,
    /// Number of frames, where the source knows it and ends.
    pub frames: Option<u64>,
}

/// A setting of a camera that this program knows how to ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Control {
    /// Flicker suppression: 0 off, 1 for 50 Hz, 2 for 60 Hz, 3 automatic.
    PowerLineFrequency,
    /// Who chooses the exposure: 1 the user, 3 the camera (aperture priority); 0 and 2 are for
    /// cameras that have an iris.
    AutoExposure,
    /// Whether automatic exposure may lower the frame rate in the dark: 0 no, 1 yes.
    ExposureMayLowerRate,
    /// Exposure time in units of 100 microseconds.
    Exposure,
    /// Sensor gain, in the camera's own units.
    Gain,
    /// Picture brightness, in the camera's own units.
    Brightness,
}

/// The knobs of a camera, apart from its frames.
pub trait CameraControls {
    /// Sets a control and returns the value in force, read back from the camera.
    ///
    /// The camera may round or refuse: compare. The value is remembered and set again whenever
    /// the camera is opened again.
    fn set(&mut self, control: Control, value: i32) -> Result<i32, CameraError>;

    /// The value in force.
    fn get(&mut self, control: Control) -> Result<i32, CameraError>;

    /// The least and the greatest value it can have.
    fn range(&mut self, control: Control) -> Result<(i32, i32), CameraError>;

    /// Controls that did not take the value that was wanted of them last.
    fn refused(&self) -> &[Control] {
        &[]
    }
}
