//! What a port can do.

use crate::{Device, Kind, PortError, PseudoTerminal, SerialUri};
use std::time::Duration;

/// A serial port.
///
/// After an error a port is of no more use: drop it and open it again.
pub trait Port: Send {
    /// Waits until something comes, at most `patience`, and reads what there is; 0: nothing came.
    fn read(&mut self, buffer: &mut [u8], patience: Duration) -> Result<usize, PortError>;

    /// Sends all of it, or gives up after `patience`: nobody reads at the other end.
    fn write(&mut self, bytes: &[u8], patience: Duration) -> Result<(), PortError>;

    /// What and where it is, for people.
    fn description(&self) -> String;
}

/// Opens the port at an address; `baud` is the rate where the address has none, bits a second.
pub fn open(uri: &SerialUri, baud: u32) -> Result<Box<dyn Port>, PortError> {
    Ok(match &uri.kind {
        Kind::Device(path) => Box::new(Device::open(path, uri.baud.unwrap_or(baud))?),
        Kind::PseudoTerminal(link) => Box::new(PseudoTerminal::open(link.as_deref())?),
    })
}
