//! Serial ports, as the portrait needs them: bytes in, bytes out, and no wait without an end.
//!
//! | address | port |
//! |---|---|
//! | `/dev/ttyTHS1?baud=115200` | a serial device, at its own rate or the one in the settings |
//! | `pty:` | a pseudo-terminal; other programs find it under the path that is told |
//! | `pty:/run/sfumato/port` | the same, with a link to it at a path of one's own |
//!
//! [`Port`] is what all of them can do, and [`conformance`] what each is held to. A port that is away, held by
//! somebody or unplugged is an [error](PortError) that says so; whoever has it opens it again later.

pub mod conformance;
mod device;
mod error;
mod holder;
mod port;
mod pseudo;
mod raw;
mod scripted;
mod uri;

pub use device::Device;
pub use error::PortError;
pub use port::{Port, open};
pub use pseudo::PseudoTerminal;
pub use scripted::{Scripted, Step};
pub use uri::{Kind, SerialUri, UriError};
