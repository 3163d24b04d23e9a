//! What a program needs of the system it runs on: libraries, and how new the C library must be.
//!
//! Programs are linked on newer systems than they must run on. Symbols of the C library carry the version that brought
//! them, so what a program needs can be read out of it and be held to the oldest system that is supported.

use super::Architecture;
use anyhow::{Context, Result, anyhow, bail};
use object::elf::{self, FileHeader64};
use object::read::elf::{Dyn as _, FileHeader as _, Sym as _};
use object::{Endianness, SectionIndex};
use std::collections::BTreeMap;
use std::collections::BTreeSet;

/// The C library of the oldest supported system: Ubuntu 22.04, which NVIDIA's JetPack 6 is.
pub const NEWEST_GLIBC: (u32, u32) = (2, 35);

/// What a program needs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    /// Libraries by their names, such as `libc.so.6`.
    pub libraries: BTreeSet<String>,
    /// Versions of symbols, such as `GLIBC_2.34`, each with one symbol that needs it.
    pub versions: BTreeMap<String, String>,
}

impl Needs {
    /// Reads a program for `architecture`; one for another processor is refused.
    pub fn read(program: &[u8], architecture: Architecture) -> Result<Needs> {
        read(program, architecture).map_err(|error| match error.downcast::<object::Error>() {
            Ok(error) => anyhow!("it is no whole program for Linux: {error}"),
            Err(error) => error,
        })
    }

    /// Refuses what the oldest supported system does not have; names the symbol.
    pub fn hold_to_glibc(&self) -> Result<()> {
        let (major, minor) = NEWEST_GLIBC;
        let mut too_new = Vec::new();
        for (version, symbol) in &self.versions {
            let Some(number) = version.strip_prefix("GLIBC_") else {
                continue;
            };
            // Names without numbers stand for abilities of the loader that came with 2.36 or later, or for its own use.
            if number_of(number).is_none_or(|number| number > NEWEST_GLIBC) {
                too_new.push(format!("{symbol} ({version})"));
            }
        }
        if too_new.is_empty() {
            return Ok(());
        }
        bail!(
            "it needs a newer C library than {major}.{minor}, which Ubuntu 22.04 and JetPack 6 have: {}; build it on \
             an older system, or call something else",
            too_new.join(", ")
        );
    }

    /// Debian's `Depends` for it; a library of unknown origin is refused.
    pub fn depends(&self) -> Result<String> {
        let mut packages = BTreeSet::new();
        for library in &self.libraries {
            packages.insert(match library.as_str() {
                "libc.so.6"
                | "libm.so.6"
                | "libdl.so.2"
                | "libpthread.so.0"
                | "librt.so.1"
                | "ld-linux-x86-64.so.2"
                | "ld-linux-aarch64.so.1" => "libc6",
                "libgcc_s.so.1" => "libgcc-s1",
                other => bail!(
                    "it needs {other}, and no Debian package is known to bring that; say so in \
                     tools/xtask/src/board/elf.rs, or link without it"
                ),
            });
        }
        let with_version = packages.iter().map(|package| {
            let prefix = match *package {
                "libc6" => "GLIBC_",
                _ => "GCC_",
            };
            let numbers = self.versions.keys().filter_map(|v| v.strip_prefix(prefix));
            match numbers.filter_map(number_of).max() {
                Some((major, minor)) => format!("{package} (>= {major}.{minor})"),
                None => (*package).to_owned(),
            }
        });
        Ok(with_version.collect::<Vec<String>>().join(", "))
    }
}

/// The first two of a version's numbers.
fn number_of(text: &str) -> Option<(u32, u32)> {
    let mut numbers = text.split('.');
    let major = numbers.next()?.parse().ok()?;
    let minor = numbers.next()?.parse().ok()?;
    numbers
        .all(|rest| rest.parse::<u32>().is_ok())
        .then_some((major, minor))
}

fn read(program: &[u8], architecture: Architecture) -> Result<Needs> {
    let header = FileHeader64::<Endianness>::parse(program)?;
    let endian = header.endian()?;
    let machine = match architecture {
        Architecture::Amd64 => elf::EM_X86_64,
        Architecture::Arm64 => elf::EM_AARCH64,
    };
    if header.e_machine(endian) != machine {
        bail!("it is for another processor than {}", architecture.debian());
    }
    let sections = header.sections(endian, program)?;
    let mut needs = Needs::default();
    if let Some((entries, link)) = sections.dynamic(endian, program)? {
        let strings = sections.strings(endian, program, SectionIndex(link.0))?;
        for entry in entries {
            if entry.tag(endian) == elf::DT_NEEDED {
                let name = entry.string(endian, strings)?;
                needs.libraries.insert(text(name)?);
            }
        }
    }
    let symbols = sections.symbols(endian, program, elf::SHT_DYNSYM)?;
    let Some(versions) = sections.versions(endian, program)? else {
        return Ok(needs);
    };
    for (index, symbol) in symbols.enumerate() {
        if !symbol.is_undefined(endian) {
            continue;
        }
        let Some(version) = versions.version(versions.version_index(endian, index).index())? else {
            continue;
        };
        let name = text(symbols.symbol_name(endian, symbol)?)?;
        needs.versions.entry(text(version.name())?).or_insert(name);
    }
    Ok(needs)
}

fn text(name: &[u8]) -> Result<String> {
    let name = std::str::from_utf8(name).context("a name in it is not UTF-8")?;
    Ok(name.to_owned())
}
