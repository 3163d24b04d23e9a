//! The promises of a [`Bus`] and of what is proved over it, checked on any display.
//!
//! A display that does not answer, or does not obey, keeps the promises too: then nothing may be
//! proved and nothing may have changed.

use super::{Bus, DdcError, DisplayControl, Proved};
use std::time::{Duration, Instant};

/// How long one call may take before the bus counts as stuck. Generous: it tells a bounded wait from
/// an endless one, nothing more.
const STUCK: Duration = Duration::from_secs(120);

/// Proves what the display at the end of `bus` obeys, and holds it to that; it is dark for a while.
///
/// The error says which promise was broken.
pub fn check(bus: Box<dyn Bus>) -> Result<Proved, String> {
    require(!bus.description().is_empty(), "a bus says what it is")?;
    let mut control = DisplayControl::new(bus);
    require(
        matches!(control.set_luminance(50), Err(DdcError::Unproved))
            && matches!(control.set_power(false), Err(DdcError::Unproved)),
        "nothing is asked that was not proved",
    )?;
    let before = control.luminance().ok();
    let begun = Instant::now();
    let proved = control.probe();
    require(begun.elapsed() < STUCK, "a wait is bounded")?;
    require(control.proved() == proved, "what is proved stays so")?;
    if let (Some(before), Ok(after)) = (before, control.luminance()) {
        require(
            proved.luminance.is_none() || before.abs_diff(after) <= 2 + before / 20,
            "a proof leaves the luminance as it was",
        )?;
    }
    if let (Some(range), Some(before)) = (proved.luminance, before) {
        for percent in [30u8, 80] {
            let set = control.set_luminance(percent);
            set.map_err(|error| format!("what was proved is obeyed, but {error}"))?;
            let read = control.luminance().map_err(|error| error.to_string())?;
            let wanted = u32::from(range.maximum) * u32::from(percent) / 100;
            require(
                u32::from(read).abs_diff(wanted) <= 1 + u32::from(range.maximum) / 40,
                "the luminance is what was set",
            )?;
        }
        // A display that rounds may not come back to the very value.
        let _ = control.put_luminance(before);
    } else {
        let refused = control.set_luminance(50);
        require(
            matches!(refused, Err(DdcError::Unproved)),
            "a luminance that is not proved is not set",
        )?;
    }
    if proved.power {
        for on in [false, true] {
            let set = control.set_power(on);
            set.map_err(|error| format!("what was proved is obeyed, but {error}"))?;
        }
    } else {
        let refused = control.set_power(false);
        require(
            matches!(refused, Err(DdcError::Unproved)),
            "a display that was not seen to wake is not put to sleep",
        )?;
    }
    require(
        control.proved() == proved,
        "what was proved is still trusted",
    )?;
    Ok(proved)
}

fn require(kept: bool, promise: &str) -> Result<(), String> {
    if kept { Ok(()) } else { Err(promise.into()) }
}
