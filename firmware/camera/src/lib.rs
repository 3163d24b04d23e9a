//! Where pictures of the room come from.
//!
//! A [`Camera`] hands out [`Frame`]s. There is the real one (`v4l2:`), the recorded one (`clip:`),
//! the rendered one (`synthetic:`) and one that misbehaves by script ([`Faulty`]); all keep the
//! same promises, which [`conformance`] checks. A time-out and the end of a clip are values, not
//! errors; an error means that this camera is finished, and [`Reopening`] gets it back.
//!
//! Frames live in memory only: nothing in this crate writes to a disk or a socket.

mod backoff;
mod camera;
mod clip;
mod clock;
pub mod conformance;
mod convert;
mod counters;
mod error;
mod faulty;
mod frame;
mod in_room;
pub mod light;
mod mains;
mod pace;
mod reopening;
mod synthetic;
mod uri;
#[cfg(target_os = "linux")]
mod v4l2;

pub use backoff::Backoff;
pub use camera::{Camera, CameraControls, Control, Description, Next};
pub use clock::{SharedClock, SystemClock};
pub use counters::Counters;
pub use error::CameraError;
pub use faulty::{Act, Faulty, Script};
pub use frame::Frame;
pub use in_room::{InRoom, Room};
pub use mains::{Mains, MainsAnswer};
pub use reopening::{Opener, Reopening};
pub use uri::{CameraUri, ClipAddress, SyntheticAddress, V4l2Address, V4l2Device};

/// Opens the camera at `uri`.
///
/// Frames are stamped with `clock`, except those of a recording that is not paced, which keep the
/// recording's own times, counted from zero. A real camera that goes away later is looked for and
/// opened again by itself ([`Next::Absent`] meanwhile); one that is not there now is an error,
/// unlike with [`open_patiently`].
pub fn open(uri: &CameraUri, clock: SharedClock) -> Result<Box<dyn Camera>, CameraError> {
    match uri {
        CameraUri::Clip(address) => Ok(Box::new(clip::Clip::open(address, clock)?)),
        CameraUri::Synthetic(address) => Ok(Box::new(synthetic::Synthetic::open(
            address,
            sfumato_sitter::Script::default(),
            clock,
        ))),
        #[cfg(target_os = "linux")]
        CameraUri::V4l2(address) => Ok(Box::new(v4l2::open(address, clock)?)),
        #[cfg(not(target_os = "linux"))]
        CameraUri::V4l2(_) => Err(linux_only()),
    }
}

/// Opens the camera at `uri`, or begins to look for it if it is not there.
///
/// Only a real camera can be waited for; anything else opens as by [`open`].
pub fn open_patiently(uri: &CameraUri, clock: SharedClock) -> Result<Box<dyn Camera>, CameraError> {
    match uri {
        #[cfg(target_os = "linux")]
        CameraUri::V4l2(address) => Ok(Box::new(v4l2::open_patiently(address, clock))),
        _ => open(uri, clock),
    }
}

#[cfg(not(target_os = "linux"))]
fn linux_only() -> CameraError {
    CameraError::Unsupported {
        what: "v4l2: works on Linux only".into(),
        cure: "use clip: or synthetic:".into(),
    }
}

/// Films the built-in visitor acting `script` instead of the built-in script.
pub fn open_synthetic(
    address: &SyntheticAddress,
    script: sfumato_sitter::Script,
    clock: SharedClock,
) -> Box<dyn Camera> {
    Box::new(synthetic::Synthetic::open(address, script, clock))
}
