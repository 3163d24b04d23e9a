//! Where the living painting is shown.
//!
//! A [`Screen`] hands out a buffer to paint and presents it. There is the real display (`drm:`), a
//! desktop window (`window:`), a folder of PNG files (`frames:`), nowhere (`null:`), and one that
//! misbehaves by script; all keep the same promises. A display that is unplugged is an
//! error value that [`Screen::reprobe`] ends.

mod error;
mod null;
mod screen;
mod uri;

pub use error::ScreenError;
pub use screen::{Counters, Flip, Mode, Presented, Screen};
pub use uri::{Rotation, ScreenKind, ScreenUri};

use sfumato_core::time::Clock;
use std::sync::Arc;

/// The clock that stamps flips; shared with whoever compares ages.
pub type SharedClock = Arc<dyn Clock + Send + Sync>;

/// Opens the screen at `uri`.
///
/// `default_size` (columns, rows, as the program paints) is used where the address names no size
/// and the screen has none of its own. Flips are stamped with `clock`.
pub fn open(
    uri: &ScreenUri,
    default_size: (usize, usize),
    clock: SharedClock,
) -> Result<Box<dyn Screen>, ScreenError> {
    let size = uri.size.unwrap_or(default_size);
    match &uri.kind {
        ScreenKind::Null { hz } => Ok(Box::new(null::Null::open(size, *hz, clock))),
        _ => Err(ScreenError::NotFound {
            what: "this kind of screen is not built in yet".into(),
            cure: "use null:".into(),
        }),
    }
}
