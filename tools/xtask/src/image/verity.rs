//! What a slot holds: the root as squashfs, behind it the hash tree of dm-verity.
//!
//! The tree begins where the file system ends, so that whoever has the partition finds it by the length in the
//! file system's first block. Format 1 with SHA-256 and blocks of 4096 bytes: the kernel's
//! Documentation/admin-guide/device-mapper/verity.rst.

use super::tools::Tool;
use anyhow::{Context, Result};
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::io::Read;
use std::path::Path;

/// A slot's content.
#[derive(Clone, Debug)]
pub struct Verity {
    /// Root of the hash tree, hexadecimal.
    pub root_hash: String,
    /// Where the tree begins, bytes.
    pub offset: u64,
    /// Length of all, bytes.
    pub size: u64,
}

/// Makes a slot's content of a root folder.
pub fn build(root: &Path, epoch: u64, level: u32, out: &Path) -> Result<Verity> {
    if out.exists() {
        std::fs::remove_file(out)?;
    }
    Tool::new("mksquashfs")
        // It wants its times one way or the other.
        .without("SOURCE_DATE_EPOCH")
        .arg(root)
        .arg(out)
        .args(["-noappend", "-no-progress", "-quiet", "-comp", "zstd"])
        .args(["-Xcompression-level", &level.to_string(), "-b", "256K"])
        .args(["-reproducible", "-mkfs-time", &epoch.to_string()])
        .args(["-all-time", &epoch.to_string()])
        .run()?;
    let offset = std::fs::metadata(out)?.len();
    let digest = hash(out)?;
    let salt = &digest[..64];
    let id = &digest[32..64];
    let uuid = [&id[..8], &id[8..12], &id[12..16], &id[16..20], &id[20..32]].join("-");
    let said = Tool::new("veritysetup")
        .arg("format")
        .args([out, out])
        .args([
            &format!("--hash-offset={offset}"),
            &format!("--salt={salt}"),
        ])
        .arg(format!("--uuid={uuid}"))
        .output()?;
    let root_hash = said
        .lines()
        .find_map(|line| line.strip_prefix("Root hash:"))
        .context("veritysetup told no root hash")?
        .trim()
        .to_owned();
    Ok(Verity {
        root_hash,
        offset,
        size: std::fs::metadata(out)?.len(),
    })
}

/// SHA-256 of a file, hexadecimal.
pub fn hash(file: &Path) -> Result<String> {
    let mut input = std::fs::File::open(file).with_context(|| format!("{}", file.display()))?;
    let mut digest = Sha256::new();
    let mut buffer = vec![0; 1 << 20];
    loop {
        let count = input.read(&mut buffer)?;
        if count == 0 {
            break;
        }
        digest.update(&buffer[..count]);
    }
    Ok(hexadecimal(&digest.finalize()))
}

/// SHA-256 of bytes, hexadecimal.
pub fn hash_of(bytes: &[u8]) -> String {
    hexadecimal(&Sha256::digest(bytes))
}

fn hexadecimal(bytes: &[u8]) -> String {
    let mut text = String::new();
    for byte in bytes {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}
