//! One control read or written, with the pauses a display needs and a few tries.

use super::packet::{self, ANSWER_LENGTH, Answer, Damage, Reading};
use super::{Bus, BusError};
use std::time::Duration;

/// From asking to reading the answer (DDC/CI 1.1: at least 40 ms).
const BEFORE_ANSWER: Duration = Duration::from_millis(40);
/// After an exchange before the next (DDC/CI 1.1: at least 50 ms).
const BETWEEN: Duration = Duration::from_millis(50);

/// How often one thing is tried. Long cables and busy displays lose single exchanges.
const TRIES: u32 = 4;

/// Why a display was not controlled.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DdcError {
    /// The wires failed.
    #[error(transparent)]
    Bus(#[from] BusError),
    /// Answers came damaged, each time.
    #[error("the display's answers are damaged ({0}); try a shorter or better cable")]
    Damaged(Damage),
    /// The display had nothing to say, each time.
    #[error("the display is busy or does not understand; try again in a second")]
    Busy,
    /// The display has no such control.
    #[error("the display has no control {0:02x}; choose display.power dpms, or shade the picture")]
    Unsupported(u8),
    /// It took a command and did something else, or nothing.
    #[error(
        "the display was told to set control {control:02x} to {wanted} and says {got}; \
         choose display.power dpms, or shade the picture"
    )]
    Disobeyed {
        /// The control.
        control: u8,
        /// What it was told.
        wanted: u16,
        /// What it says it is.
        got: u16,
    },
    /// It was not seen to obey, so it is not asked.
    #[error("this display was not seen to obey; prove it first, or use display.power dpms")]
    Unproved,
    /// It was put to sleep and does not say that it woke.
    #[error(
        "the display does not say that it woke; stop and start its signal, else press its power button"
    )]
    StillDark,
}

/// A display's controls at the end of a bus.
pub(super) struct Vcp {
    pub(super) bus: Box<dyn Bus>,
}

impl Vcp {
    /// Reads a control. Costs 90 ms, four times that where nobody answers.
    pub(super) fn get(&mut self, control: u8) -> Result<Reading, DdcError> {
        self.try_often(|vcp| {
            let asked = vcp.bus.write(&packet::get(control));
            let mut bytes = [0; ANSWER_LENGTH];
            let read = asked.and_then(|()| {
                vcp.bus.wait(BEFORE_ANSWER);
                vcp.bus.read(&mut bytes)
            });
            vcp.bus.wait(BETWEEN);
            read?;
            match packet::answer(&bytes).map_err(DdcError::Damaged)? {
                Answer::Value {
                    control: told,
                    reading,
                } if told == control => Ok(reading),
                Answer::Unsupported(told) if told == control => Err(DdcError::Unsupported(told)),
                // Late answers to something that was asked before.
                Answer::Value { .. } | Answer::Unsupported(_) | Answer::Null => Err(DdcError::Busy),
            }
        })
    }

    /// Writes a control, without looking whether that had an effect. Costs 50 ms.
    pub(super) fn set(&mut self, control: u8, value: u16) -> Result<(), DdcError> {
        self.try_often(|vcp| {
            let sent = vcp.bus.write(&packet::set(control, value));
            vcp.bus.wait(BETWEEN);
            Ok(sent?)
        })
    }

    fn try_often<T>(
        &mut self,
        mut act: impl FnMut(&mut Self) -> Result<T, DdcError>,
    ) -> Result<T, DdcError> {
        let mut tries = 1;
        loop {
            match act(self) {
                Err(
                    DdcError::Bus(BusError::NoAnswer | BusError::Io { .. })
                    | DdcError::Damaged(_)
                    | DdcError::Busy,
                ) if tries < TRIES => tries += 1,
                // Some displays say so once while they are busy, but then for good.
                Err(DdcError::Unsupported(_)) if tries < 2 => tries += 1,
                outcome => return outcome,
            }
        }
    }
}
