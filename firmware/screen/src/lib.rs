//! Where the living painting is shown.
//!
//! A [`Screen`] hands out a buffer to paint and presents it. There is the real display (`drm:`), a
//! desktop window (`window:`), a folder of PNG files (`frames:`), nowhere (`null:`), and one that
//! misbehaves by script ([`Faulty`]); all keep the same promises, which [`conformance`] checks. A
//! display that is unplugged is an error value that [`Screen::reprobe`] ends. At night the display
//! sleeps: [`Screen::set_power`] stops its signal, [`ddc`]
//! tells the display itself.
//!
//! Scaling and the wall's colour are the painter's business; turning the picture for a display
//! that hangs on its side is done here.

mod awaited;
mod beat;
pub mod conformance;
pub mod ddc;
#[cfg(target_os = "linux")]
mod drm;
mod error;
mod faulty;
mod frames;
mod null;
mod rotated;
mod screen;
mod uri;
#[cfg(feature = "window")]
mod window;

pub use error::ScreenError;
pub use faulty::{Act, Faulty};
pub use rotated::rotate;
pub use screen::{Counters, Flip, Mode, Power, Presented, Screen};
pub use uri::{Rotation, ScreenKind, ScreenUri};

use sfumato_core::time::Clock;
use std::sync::Arc;

/// The clock that stamps flips; shared with whoever compares ages.
pub type SharedClock = Arc<dyn Clock + Send + Sync>;

/// Opens the screen at `uri`, or one that is away as long as it cannot be opened.
///
/// Like [`open`], but a display that may come yet is no error: [`Screen::reprobe`] finds it, and until then it is
/// [`ScreenError::Disconnected`]. The error that there would have been is handed to `told`.
pub fn open_when_there(
    uri: &ScreenUri,
    default_size: (usize, usize),
    clock: SharedClock,
    told: impl FnOnce(&ScreenError),
) -> Result<Box<dyn Screen>, ScreenError> {
    match open(uri, default_size, clock.clone()) {
        Err(error) if error.may_recover() => {
            told(&error);
            let uri = uri.clone();
            let open = move || open(&uri, default_size, clock.clone());
            Ok(Box::new(awaited::Awaited::new(Box::new(open))))
        }
        opened => opened,
    }
}

/// Opens the screen at `uri`.
///
/// `default_size` (columns, rows, as the program paints it) is used where the address names no
/// size and the screen has none of its own. Flips are stamped with `clock`.
pub fn open(
    uri: &ScreenUri,
    default_size: (usize, usize),
    clock: SharedClock,
) -> Result<Box<dyn Screen>, ScreenError> {
    let (width, height) = default_size;
    let size = uri.size.unwrap_or(if uri.rotation.swaps_sides() {
        (height, width)
    } else {
        (width, height)
    });
    let screen: Box<dyn Screen> = match &uri.kind {
        ScreenKind::Null { hz } => Box::new(null::Null::open(size, *hz, clock)),
        ScreenKind::Frames { folder, every } => {
            Box::new(frames::Frames::open(folder, *every, size, clock)?)
        }
        #[cfg(feature = "window")]
        ScreenKind::Window => Box::new(window::Window::open(size, uri.size.is_none(), clock)?),
        #[cfg(target_os = "linux")]
        ScreenKind::Drm { device, connector } => {
            Box::new(drm::open(device, connector.as_deref(), uri.size, clock)?)
        }
        #[allow(unreachable_patterns)] // Reached where one of the above is not built in.
        _ => {
            return Err(ScreenError::NotFound {
                what: "this kind of screen is not built into this program".into(),
                cure: "use frames:FOLDER or null:".into(),
            });
        }
    };
    if uri.rotation == Rotation::None {
        return Ok(screen);
    }
    Ok(Box::new(rotated::Rotated::new(screen, uri.rotation)))
}
