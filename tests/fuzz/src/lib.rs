//! Fuzz targets: what is read from a line, a file or the storage gets any bytes.
//!
//! A [`Target`] takes bytes and panics where a promise is broken. Its inputs are small scripts rather
//! than the bytes themselves where a check sum would keep a fuzzer out: the target puts right what
//! only arithmetic can put right, unless the script says not to.
//!
//! The same functions run in three ways: under libFuzzer (`cargo xtask test fuzz`), over all seeds in the
//! ordinary tests, and with single files by the program of this package.

#![forbid(unsafe_code)]
// A target that finds something panics: that is how it says so.
#![allow(clippy::unwrap_used)]

mod clip;
mod config;
mod conversation;
mod demultiplexer;
mod pack;
mod record;
mod request;
mod script;
mod value;

/// Something that is given any bytes.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// Its name, and that of its folder of seeds.
    pub name: &'static str,
    /// Panics where a promise is broken.
    pub run: fn(&[u8]),
}

/// All of them.
pub const TARGETS: [Target; 8] = [
    Target {
        name: "clip",
        run: clip::run,
    },
    Target {
        name: "config",
        run: config::run,
    },
    Target {
        name: "conversation",
        run: conversation::run,
    },
    Target {
        name: "demultiplexer",
        run: demultiplexer::run,
    },
    Target {
        name: "pack",
        run: pack::run,
    },
    Target {
        name: "record",
        run: record::run,
    },
    Target {
        name: "request",
        run: request::run,
    },
    Target {
        name: "value",
        run: value::run,
    },
];

impl Target {
    /// The target of that name.
    pub fn by_name(name: &str) -> Option<Target> {
        TARGETS.into_iter().find(|target| target.name == name)
    }
}
