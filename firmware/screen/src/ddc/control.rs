//! What may be asked of a display: only what it was seen to do.
//!
//! # How it is proved
//!
//! - *Luminance* is set a step of a twentieth beside its value, read back, and put back. Nobody sees
//!   that. A display that rounds to steps of its own is taken as obeying.
//! - *Power* is proved by a night of a few seconds: told to sleep, the display must say that it sleeps;
//!   told to wake, that it is awake. That is seen, so it is done at the first closing time or before the
//!   first picture.
//!
//! # What is never done
//!
//! The value 5 of the power control is the power button itself: a display that obeys no longer listens,
//! and only a hand brings it back. Asleep is 4, after which most displays go on listening; one that
//! does not is found out by the proof and never put to sleep this way again. A display that sleeps is
//! not asked how it is: some wake when they are spoken to.

use super::packet::Reading;
pub use super::vcp::DdcError;
use super::vcp::Vcp;
use super::{Bus, BusError};
use std::ops::RangeInclusive;
use std::time::Duration;

/// The backlight: 0 to a maximum that the display tells.
pub(super) const LUMINANCE: u8 = 0x10;
/// The power: one of the values below.
pub(super) const POWER: u8 = 0xd6;

/// Power: on.
pub(super) const ON: u16 = 1;
/// Power: off, but listening.
pub(super) const ASLEEP: u16 = 4;
/// What displays call themselves when they sleep: standby, suspended, off, off by its button.
const SLEEPING: RangeInclusive<u16> = 2..=5;

/// A proof changes the luminance by this part of its range.
const PROOF: u16 = 20;

/// Between two looks whether the power has changed.
const LOOK: Duration = Duration::from_millis(200);
/// Looks for falling asleep: four seconds or more.
const LOOKS_ASLEEP: u32 = 15;
/// Looks for waking: seven seconds or more.
const LOOKS_AWAKE: u32 = 25;
/// A display on its way into sleep or out of it may not hear: it is told again after so many looks.
const LOOKS_A_TELLING: u32 = 5;

/// How far a display's backlight goes, in its own units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LuminanceRange {
    /// The brightest; the darkest is 0, which is dim but not black.
    pub maximum: u16,
}

/// What a display was seen to obey.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Proved {
    /// It can be put to sleep and woken.
    pub power: bool,
    /// Its backlight can be set, over this range.
    pub luminance: Option<LuminanceRange>,
}

/// One display's controls.
///
/// Made anew when another display may be there: nothing proved of one holds for the next. Every call
/// waits for the display, up to the seconds it says (longer only where the kernel's driver hangs), and
/// must not be made by the thread that draws.
pub struct DisplayControl {
    vcp: Vcp,
    proved: Proved,
    /// The luminance that was last set and confirmed.
    luminance: Option<u16>,
}

impl DisplayControl {
    /// The controls at the end of `bus`; nothing is proved yet.
    pub fn new(bus: Box<dyn Bus>) -> Self {
        DisplayControl {
            vcp: Vcp { bus },
            proved: Proved::default(),
            luminance: None,
        }
    }

    /// Proves luminance, then power; the display is dark for some seconds.
    ///
    /// Takes less than a second where nobody answers, else up to half a minute. Whoever wants to know what is wrong calls
    /// [`DisplayControl::prove_luminance`] and [`DisplayControl::prove_power`].
    pub fn probe(&mut self) -> Proved {
        let _ = self.prove_luminance();
        let _ = self.prove_power();
        self.proved
    }

    /// What is proved so far.
    pub fn proved(&self) -> Proved {
        self.proved
    }

    /// What the controls are reached by, for status lines.
    pub fn description(&self) -> String {
        self.vcp.bus.description()
    }

    /// Looks whether the luminance can be set; nobody sees it. Takes less than two seconds.
    ///
    /// An error says why it is not trusted.
    pub fn prove_luminance(&mut self) -> Result<LuminanceRange, DdcError> {
        self.proved.luminance = None;
        self.luminance = None;
        let Reading { current, maximum } = self.vcp.get(LUMINANCE)?;
        let step = (maximum / PROOF).max(1);
        if maximum < 2 || current > maximum {
            return Err(DdcError::Unsupported(LUMINANCE));
        }
        let other = current.checked_sub(step).unwrap_or(current + step);
        let changed = self.change_luminance(other, step);
        // Put back whatever came of it.
        let restored = self.change_luminance(current, step);
        changed.and(restored)?;
        let range = LuminanceRange { maximum };
        self.proved.luminance = Some(range);
        Ok(range)
    }

    /// Sets the backlight to so many percent of its range, and looks that it is so. More than 100 is 100.
    ///
    /// Takes some tenths of a second; nothing where it was set to the same before. Displays keep the value in memory
    /// that wears out, so follow the daylight in steps, some a minute, not in a fade.
    ///
    /// After [`DdcError::Disobeyed`] the display is no longer trusted: shade the picture. After other
    /// errors ask again later; a display whose signal is stopped often does not answer.
    pub fn set_luminance(&mut self, percent: u8) -> Result<(), DdcError> {
        let Some(LuminanceRange { maximum }) = self.proved.luminance else {
            return Err(DdcError::Unproved);
        };
        let share = u32::from(maximum) * u32::from(percent.min(100));
        let value = u16::try_from((share + 50) / 100).unwrap_or(maximum);
        if self.luminance == Some(value) {
            return Ok(());
        }
        self.luminance = None;
        let outcome = self.change_luminance(value, (maximum / PROOF).max(1));
        match &outcome {
            Ok(()) => self.luminance = Some(value),
            Err(DdcError::Disobeyed { .. }) => self.proved.luminance = None,
            Err(_) => {}
        }
        outcome
    }

    /// Sets the luminance, twice if need be; it must come nearer than half a `step`.
    fn change_luminance(&mut self, wanted: u16, step: u16) -> Result<(), DdcError> {
        let mut got = 0;
        for _ in 0..2 {
            self.vcp.set(LUMINANCE, wanted)?;
            got = self.vcp.get(LUMINANCE)?.current;
            if got.abs_diff(wanted) <= (step - 1) / 2 {
                return Ok(());
            }
        }
        Err(DdcError::Disobeyed {
            control: LUMINANCE,
            wanted,
            got,
        })
    }

    /// Looks whether the display can be put to sleep and woken; it is dark meanwhile. Takes some seconds, at
    /// most half a minute.
    ///
    /// An error says why it is not trusted. After [`DdcError::StillDark`] stop and start the signal
    /// ([`Screen::set_power`](crate::Screen::set_power)), which wakes most displays.
    pub fn prove_power(&mut self) -> Result<(), DdcError> {
        self.proved.power = false;
        if self.vcp.get(POWER)?.current != ON {
            // An earlier run ended at night, or the display has words of its own.
            self.reach(ON, ON..=ON, LOOKS_ASLEEP)?;
        }
        let slept = self.fall_asleep();
        self.wake()?;
        slept?;
        self.proved.power = true;
        Ok(())
    }

    /// Puts the display to sleep or wakes it, and looks that it is so.
    ///
    /// - *To sleep* (`false`): up to ten seconds. [`DdcError::Unproved`] where power is not proved. After any
    ///   error the power is no longer trusted and the display may be dark or not: stop its signal.
    /// - *To wake* (`true`): up to 15 seconds; always tried, proved or not. After [`DdcError::StillDark`] stop
    ///   and start the signal and try again.
    pub fn set_power(&mut self, on: bool) -> Result<(), DdcError> {
        let outcome = match on {
            true => self.wake(),
            false if self.proved.power => self.fall_asleep(),
            false => Err(DdcError::Unproved),
        };
        if outcome.is_err() {
            self.proved.power = false;
        }
        outcome
    }

    fn fall_asleep(&mut self) -> Result<(), DdcError> {
        self.reach(ASLEEP, SLEEPING, LOOKS_ASLEEP)
    }

    fn wake(&mut self) -> Result<(), DdcError> {
        match self.reach(ON, ON..=ON, LOOKS_AWAKE) {
            Err(DdcError::Bus(BusError::Gone)) => Err(BusError::Gone.into()),
            Err(_) => Err(DdcError::StillDark),
            Ok(()) => Ok(()),
        }
    }

    /// Tells the power what to be until it says that it is so.
    fn reach(
        &mut self,
        wanted: u16,
        accepted: RangeInclusive<u16>,
        looks: u32,
    ) -> Result<(), DdcError> {
        let mut failure = DdcError::Busy;
        for look in 0..looks {
            let told = match look % LOOKS_A_TELLING {
                0 => self.vcp.set(POWER, wanted),
                _ => Ok(()),
            };
            self.vcp.bus.wait(LOOK);
            match told.and_then(|()| self.vcp.get(POWER)) {
                Ok(reading) if accepted.contains(&reading.current) => return Ok(()),
                Ok(reading) => {
                    failure = DdcError::Disobeyed {
                        control: POWER,
                        wanted,
                        got: reading.current,
                    }
                }
                Err(DdcError::Bus(BusError::Gone)) => return Err(BusError::Gone.into()),
                Err(error) => failure = error,
            }
        }
        Err(failure)
    }

    /// The luminance in the display's own units, read.
    pub(super) fn luminance(&mut self) -> Result<u16, DdcError> {
        Ok(self.vcp.get(LUMINANCE)?.current)
    }

    /// Sets the luminance in the display's own units.
    pub(super) fn put_luminance(&mut self, value: u16) -> Result<(), DdcError> {
        self.luminance = None;
        self.change_luminance(value, 1)
    }
}

impl std::fmt::Debug for DisplayControl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DisplayControl")
            .field("bus", &self.vcp.bus.description())
            .field("proved", &self.proved)
            .finish_non_exhaustive()
    }
}
