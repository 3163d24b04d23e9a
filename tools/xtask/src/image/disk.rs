//! The whole disk: a GPT with the boot partition and two slots, of which the first is filled.
//!
//! The data partition is not in it: the first start makes it in the room that is left, so that one image fits
//! every disk. Identifiers are derived from the content: same content, same bytes.

use super::tools::{Tool, clear, set_times};
use super::verity::Verity;
use anyhow::{Context, Result, bail};
use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

const MIB: u64 = 1 << 20;
const SECTOR: u64 = 512;

/// Types of the boot partition and of all others (UEFI specification; Discoverable Partitions Specification).
///
/// The roots have the general type: nothing shall find and mount them but the first program.
const ESP: &str = "C12A7328-F81F-11D2-BA4B-00A0C93EC93B";
const GENERIC: &str = "0FC63DAF-8483-4772-8E79-3D69D8477DE4";

/// What makes a disk.
#[derive(Debug)]
pub struct Disk<'a> {
    /// `amd64` or `arm64`.
    pub architecture: &'a str,
    /// systemd-boot, an EFI program.
    pub loader: &'a Path,
    /// The kernel.
    pub kernel: &'a Path,
    /// The initial RAM disk.
    pub initrd: &'a Path,
    /// What slot a holds.
    pub slot: &'a Path,
    /// What is known of it.
    pub verity: &'a Verity,
    /// Version, in the boot menu's title.
    pub version: &'a str,
    /// What the kernel is told besides.
    pub command_line: &'a str,
    /// Size of the boot partition, MiB.
    pub esp_mib: u64,
    /// Size of each slot, MiB.
    pub slot_mib: u64,
    /// Seconds since 1970 that all files get.
    pub epoch: u64,
}

impl Disk<'_> {
    /// Writes the image; `work` is emptied.
    pub fn build(&self, work: &Path, out: &Path) -> Result<()> {
        if self.verity.size > self.slot_mib * MIB {
            bail!(
                "the root takes {} MiB and a slot has {}: raise slot_mib in the board's file",
                self.verity.size.div_ceil(MIB),
                self.slot_mib
            );
        }
        clear(work)?;
        let esp = self.boot_partition(work)?;
        let esp_start = MIB;
        let slot_start = esp_start + self.esp_mib * MIB;
        // The backup table takes the last 33 sectors.
        let length = slot_start + 2 * self.slot_mib * MIB + MIB;
        File::create(out)
            .and_then(|file| file.set_len(length))
            .with_context(|| format!("cannot write {}", out.display()))?;
        self.partition(out)?;
        copy_to(&esp, out, esp_start)?;
        copy_to(self.slot, out, slot_start)
    }

    fn partition(&self, out: &Path) -> Result<()> {
        let sectors = |mib: u64| mib * MIB / SECTOR;
        let (esp, slot) = (sectors(self.esp_mib), sectors(self.slot_mib));
        let first = MIB / SECTOR;
        let table = format!(
            "label: gpt\nlabel-id: {}\nunit: sectors\nfirst-lba: {first}\n\
             start={first}, size={esp}, type={ESP}, uuid={}, name=esp\n\
             start={}, size={slot}, type={GENERIC}, uuid={}, name=root-a\n\
             start={}, size={slot}, type={GENERIC}, uuid={}, name=root-b\n",
            self.identifier(0),
            self.identifier(1),
            first + esp,
            self.identifier(2),
            first + esp + slot,
            self.identifier(3),
        );
        Tool::new("sfdisk").arg("--quiet").arg(out).feed(&table)
    }

    /// An identifier in UUID form, from the root hash.
    fn identifier(&self, which: usize) -> String {
        let hash = &self.verity.root_hash;
        let byte = |index: usize| &hash[2 * index..2 * index + 2];
        let bytes: String = (0..15).map(byte).collect();
        let all = format!("{bytes}{which:02x}");
        [
            &all[..8],
            &all[8..12],
            &all[12..16],
            &all[16..20],
            &all[20..],
        ]
        .join("-")
    }

    /// The boot partition's file system, as a file.
    fn boot_partition(&self, work: &Path) -> Result<PathBuf> {
        let tree = work.join("esp");
        let entries = tree.join("loader/entries");
        let slot = tree.join("sfumato/a");
        let boot = tree.join("EFI/BOOT");
        for folder in [&entries, &slot, &boot] {
            std::fs::create_dir_all(folder)?;
        }
        let fallback = match self.architecture {
            "arm64" => "BOOTAA64.EFI",
            _ => "BOOTX64.EFI",
        };
        std::fs::copy(self.loader, boot.join(fallback))
            .with_context(|| format!("no boot loader at {}", self.loader.display()))?;
        std::fs::copy(self.kernel, slot.join("linux"))?;
        std::fs::copy(self.initrd, slot.join("initrd"))?;
        std::fs::write(
            tree.join("loader/loader.conf"),
            "default sfumato-*\ntimeout 0\neditor no\nauto-entries no\nauto-firmware no\nconsole-mode keep\n",
        )?;
        std::fs::write(entries.join("sfumato-a.conf"), self.entry())?;
        set_times(&tree, self.epoch)?;
        let file = work.join("esp.vfat");
        File::create(&file)?.set_len(self.esp_mib * MIB)?;
        Tool::new("mkfs.vfat")
            .args(["-F", "32", "-n", "ESP", "--invariant", "-i"])
            .args([&self.verity.root_hash[..8]])
            .arg(&file)
            .output()?;
        let mut copy = Tool::new("mcopy")
            .env("SOURCE_DATE_EPOCH", self.epoch.to_string())
            .args(["-s", "-m", "-p", "-i"])
            .arg(&file);
        for name in ["EFI", "loader", "sfumato"] {
            copy = copy.arg(tree.join(name));
        }
        copy.arg("::/").run()?;
        Ok(file)
    }

    fn entry(&self) -> String {
        format!(
            "title Sfumato {} (slot a)\nsort-key sfumato\nversion 1\n\
             linux /sfumato/a/linux\ninitrd /sfumato/a/initrd\n\
             options rauc.slot=a sfumato.slot=a sfumato.roothash={} sfumato.verity={} {}\n",
            self.version, self.verity.root_hash, self.verity.offset, self.command_line
        )
    }
}

/// Copies a file into another at an offset; blocks of zeros stay holes.
fn copy_to(from: &Path, to: &Path, offset: u64) -> Result<()> {
    let mut input = File::open(from)?;
    let mut output = OpenOptions::new().write(true).open(to)?;
    let mut buffer = vec![0; MIB as usize];
    let mut at = offset;
    loop {
        let mut filled = 0;
        while filled < buffer.len() {
            let count = input.read(&mut buffer[filled..])?;
            if count == 0 {
                break;
            }
            filled += count;
        }
        if filled == 0 {
            return Ok(());
        }
        if buffer[..filled].iter().any(|byte| *byte != 0) {
            output.seek(SeekFrom::Start(at))?;
            output.write_all(&buffer[..filled])?;
        }
        at += filled as u64;
    }
}
