//! The two wires to the display.

use std::io;
use std::time::Duration;

/// The wires to one display's controls.
///
/// Each call is one transfer, to or from the display's address; it ends by itself, at the latest after
/// the time-out of the kernel's driver (a second or so).
pub trait Bus: Send {
    /// Sends bytes to the display.
    fn write(&mut self, bytes: &[u8]) -> Result<(), BusError>;

    /// Fills `bytes` with what the display says. One that has less to say is followed by anything.
    fn read(&mut self, bytes: &mut [u8]) -> Result<(), BusError>;

    /// Lets time pass: the display needs pauses. A simulation turns its own clock instead.
    fn wait(&mut self, length: Duration);

    /// What this is, for status lines.
    fn description(&self) -> String;
}

/// Why a transfer failed, or a bus could not be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BusError {
    /// Nobody acknowledged: there is no display, it has no DDC/CI, or it is switched off in its menu.
    #[error(
        "the display does not answer DDC/CI; switch DDC/CI on in its menu, or choose display.power dpms"
    )]
    NoAnswer,
    /// The bus itself went away, as with a card or dock that was unplugged.
    #[error("the display's bus is gone; open it again when the display is back")]
    Gone,
    /// The system has no such bus.
    #[error("{what}; {cure}")]
    NotFound {
        /// What was looked for.
        what: String,
        /// What to do about it.
        cure: String,
    },
    /// The system refused a transfer.
    #[error("{doing}: {source}")]
    Io {
        /// What was being done.
        doing: String,
        /// The system's reason.
        source: io::Error,
    },
}
