//! What a device is, and whether it may be flashed. Pure: the kernel's word comes from [`crate::survey`].

use crate::map::Length;
use crate::show;
use std::fmt;

/// What lies at a path that somebody named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A whole block device.
    Disk,
    /// A partition of one.
    Partition,
    /// A regular file.
    File,
    /// Something else.
    Other,
}

/// Something that uses a device or a part of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Use {
    /// Mounted.
    Mount {
        /// The device or partition, such as `sdb1`.
        node: String,
        /// Where.
        at: String,
    },
    /// Swapped to.
    Swap {
        /// The device or partition.
        node: String,
    },
    /// Part of another device: encryption, volumes, a RAID, a loop device.
    Holder {
        /// The device or partition.
        node: String,
        /// The other device, such as `dm-0`.
        by: String,
    },
}

/// A partition, as it is shown before it is overwritten.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Partition {
    /// Its name, such as `sdb1`.
    pub name: String,
    /// Bytes.
    pub size: u64,
    /// Its label in the partition table; may be empty.
    pub label: String,
}

/// A device, as far as its kernel knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    /// The path that was given, such as `/dev/sdb`.
    pub path: String,
    /// The kernel's name, such as `sdb`; of a file its full path.
    pub name: String,
    /// What it is.
    pub kind: Kind,
    /// Bytes.
    pub size: u64,
    /// Whether it takes no writes.
    pub read_only: bool,
    /// Whether the kernel calls it removable.
    pub removable: bool,
    /// How it is attached: `usb`, `mmc`, `nvme`, `ata`, `virtio`, `loop`, `file` or empty.
    pub bus: String,
    /// Maker and model; may be empty.
    pub model: String,
    /// Serial number, or what stands for one; may be empty.
    pub serial: String,
    /// Of a partition: the disk.
    pub whole: Option<String>,
    /// Its partitions.
    pub partitions: Vec<Partition>,
    /// What uses it.
    pub uses: Vec<Use>,
    /// Why this computer needs it, such as `/ is on it`; empty: it does not.
    pub needed: Vec<String>,
    /// Whether the image to be flashed lies on it, or is it.
    pub has_image: bool,
}

impl Device {
    /// What a record of an interrupted flash knows it by.
    pub fn identity(&self) -> String {
        let Device {
            bus,
            model,
            serial,
            size,
            ..
        } = self;
        match serial.is_empty() {
            true => format!("{bus}|{model}|{}|{size}", self.name),
            false => format!("{bus}|{model}|{serial}|{size}"),
        }
    }
}

/// Why a device is not flashed. The text names the cure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It was named twice.
    Twice,
    /// Not a device at all.
    NoDevice,
    /// A file, and files were not asked for.
    File,
    /// A partition.
    Partition {
        /// Its disk's name.
        whole: String,
    },
    /// The computer runs from it.
    System {
        /// Why.
        why: String,
    },
    /// The image lies on it.
    Source,
    /// In use.
    InUse(Use),
    /// It takes no writes.
    ReadOnly,
    /// No medium in the reader.
    NoMedium,
    /// Less room than the image needs.
    TooSmall {
        /// Bytes that the image needs.
        needs: u64,
        /// Bytes that there are.
        has: u64,
    },
    /// The kernel did not open it, and what it said.
    Closed(String),
}

impl fmt::Display for Refusal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refusal::Twice => write!(out, "it was named twice; name each device once"),
            Refusal::NoDevice => write!(
                out,
                "it is not a block device; `lsblk -o NAME,SIZE,MODEL,TRAN` lists those that there are"
            ),
            Refusal::File => write!(out, "it is a file; to write into files say --file"),
            Refusal::Partition { whole } => write!(
                out,
                "it is a partition, and the image is of a whole disk; name /dev/{whole}"
            ),
            Refusal::System { why } => {
                write!(
                    out,
                    "this computer runs from it ({why}); name another device"
                )
            }
            Refusal::Source => {
                write!(
                    out,
                    "the image lies on it; copy the image elsewhere, or name another device"
                )
            }
            Refusal::InUse(Use::Mount { node, at }) => {
                write!(
                    out,
                    "{node} is mounted at {at}; unmount it: sudo umount {at}"
                )
            }
            Refusal::InUse(Use::Swap { node }) => {
                write!(
                    out,
                    "{node} is used as swap; stop that: sudo swapoff /dev/{node}"
                )
            }
            Refusal::InUse(Use::Holder { node, by }) => write!(
                out,
                "{node} is part of {by} (encryption, volumes, RAID or loop device); close that first"
            ),
            Refusal::ReadOnly => write!(
                out,
                "it is read-only; move the card's lock slider, or use another device"
            ),
            Refusal::NoMedium => write!(out, "there is no card in it; put one in"),
            Refusal::TooSmall { needs, has } => write!(
                out,
                "it is too small: the image needs {}, and it has {}; use a bigger one",
                show::bytes(*needs),
                show::bytes(*has)
            ),
            Refusal::Closed(why) => write!(out, "{why}"),
        }
    }
}

/// Everything that speaks against flashing a device, the gravest first. None of it can be overruled.
///
/// `files`: whether regular files are welcome. `needs`: the image's length.
pub fn refusals(device: &Device, needs: Length, files: bool) -> Vec<Refusal> {
    let mut found = Vec::new();
    match device.kind {
        Kind::Other => return vec![Refusal::NoDevice],
        Kind::File if !files => return vec![Refusal::File],
        Kind::Partition => found.push(Refusal::Partition {
            whole: device.whole.clone().unwrap_or_default(),
        }),
        Kind::File | Kind::Disk => {}
    }
    if !device.needed.is_empty() {
        found.push(Refusal::System {
            why: device.needed.join(", "),
        });
    }
    if device.has_image {
        found.push(Refusal::Source);
    }
    found.extend(device.uses.iter().cloned().map(Refusal::InUse));
    if device.read_only {
        found.push(Refusal::ReadOnly);
    }
    if device.size == 0 && device.kind != Kind::File {
        found.push(Refusal::NoMedium);
    } else if device.size < needs.least() {
        found.push(Refusal::TooSmall {
            needs: needs.least(),
            has: device.size,
        });
    }
    found
}
