//! A boot partition, a data partition and a loader for tests, with a power switch.
//!
//! | part | stands in for |
//! |---|---|
//! | [`Power`] | the mains: fails at the operation that a test asks for |
//! | [`Disk`] | the boot partition, with all that FAT may make of a cut |
//! | [`Notebook`] | the data partition: ext4, where replacing a file is atomic |
//! | [`Faulty`] | a boot partition that fails by script: full, read-only, I/O errors |
//! | [`start`] | systemd-boot: chooses and counts |
//! | [`conformance`] | what every boot partition must do |

mod conformance;
mod disk;
mod faulty;
mod loader;
mod notebook;
mod power;

pub use conformance::conformance;
pub use disk::{Cut, Disk};
pub use faulty::Faulty;
pub use loader::{Started, start};
pub use notebook::Notebook;
pub use power::Power;
