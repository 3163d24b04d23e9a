//! Where pictures of the room come from.
//!
//! A [`Camera`] hands out [`Frame`]s. There is the real one (`v4l2:`), the recorded one (`clip:`),
//! the rendered one (`synthetic:`) and one that misbehaves by script; all keep the
//! same promises. A time-out and the end of a clip are values, not errors; an
//! error means that this camera is finished, and a wrapper knows how to get it back.

mod camera;
mod clock;
mod counters;
mod error;
mod frame;
mod pace;
mod synthetic;
mod uri;

pub use camera::{Camera, CameraControls, Control, Description, Next};
pub use clock::{SharedClock, SystemClock};
pub use counters::Counters;
pub use error::CameraError;
pub use frame::Frame;
pub use uri::{CameraUri, ClipAddress, Mains, SyntheticAddress, V4l2Address, V4l2Device};

/// Opens the camera at `uri`.
///
/// Frames are stamped with `clock`, except those of a recording that is not paced, which keep the
/// recording's own times, counted from zero. A real camera that goes away is looked for and
/// opened again by itself ([`Next::Absent`] meanwhile).
pub fn open(uri: &CameraUri, clock: SharedClock) -> Result<Box<dyn Camera>, CameraError> {
    match uri {
        CameraUri::Synthetic(address) => Ok(Box::new(synthetic::Synthetic::open(address, clock))),
        CameraUri::Clip(_) | CameraUri::V4l2(_) => Err(CameraError::Unsupported {
            what: "this kind of camera is not built in yet".into(),
            cure: "use synthetic:".into(),
        }),
    }
}
