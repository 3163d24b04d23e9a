//! The display's own controls, over its cable: DDC/CI.
//!
//! Most monitors answer commands on the two wires by which they also describe themselves: how bright
//! the backlight is, and whether the panel is on. That saves what a black picture and even a stopped
//! signal do not, but it cannot be trusted: bridges refuse it, and some monitors accept every command
//! and do nothing. So nothing here is believed until the display was seen to obey:
//! [`DisplayControl`] writes, reads back, and says what is proved. The caller falls back to
//! [`Screen::set_power`](crate::Screen::set_power) or to black.
//!
//! - `packet` turns commands into bytes and answers into values; pure.
//! - [`Bus`] is the wires: the kernel's ([`open`]), a simulated monitor ([`Monitor`]), and one that
//!   misbehaves by script ([`Faulty`]); [`conformance`] holds all of them to the same promises.
//! - `vcp` reads and writes one control, with the pauses the display needs and a few tries.
//! - [`DisplayControl`] decides.
//!
//! **Never call this from the thread that draws.** One reading takes a tenth of a second, a display
//! that does not answer seconds, and falling asleep several.
//!
//! # Terms and source
//!
//! A *control* is what MCCS calls a VCP code: a number that stands for one setting of the display.
//! Packets and pauses are those of VESA's DDC/CI 1.1, the controls those of MCCS 2.2a.
//!
//! # What the system must allow
//!
//! The module `i2c-dev` must be loaded, and the program may open the display's `/dev/i2c-N`. Debian's
//! group `i2c` may, so that `usermod -aG i2c USER` is enough; elsewhere a udev rule does it:
//!
//! ```text
//! SUBSYSTEM=="i2c-dev", GROUP="i2c", MODE="0660"
//! ```
//!
//! Other chips sit on other buses, and a stray command can spoil them: only the bus that the kernel
//! names for the connector is ever spoken to.

mod bus;
pub mod conformance;
mod control;
mod faulty;
#[cfg(target_os = "linux")]
mod find;
#[cfg(target_os = "linux")]
mod linux;
mod monitor;
mod packet;
mod vcp;

pub use bus::{Bus, BusError};
pub use control::{DdcError, DisplayControl, LuminanceRange, Proved};
pub use faulty::{Faulty, Trouble};
#[cfg(target_os = "linux")]
pub use linux::{open, open_device};
pub use monitor::Monitor;
pub use packet::Damage;
