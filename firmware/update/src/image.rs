//! What RAUC has written into a slot: read back, compared, and its kernel.

use crate::Error;
use crate::here::os_release;
use crate::paths::Paths;
use crate::tool;
use crate::verity::{Tree, VerityError, squashfs_end};
use rustix::fs::{Advice, Mode, OFlags, ResolveFlags, fadvise, openat2};
use sfumato_slots::{Identity, Slot};
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

/// Bytes of the largest kernel or initial RAM disk.
const LARGEST: u64 = 256 << 20;

/// Bytes of the longest `os-release`.
const LONGEST: u64 = 64 << 10;

/// What is needed of a slot to start it.
#[derive(Debug)]
pub struct Content {
    /// What is in it.
    pub identity: Identity,
    /// The kernel.
    pub kernel: Vec<u8>,
    /// The initial RAM disk.
    pub initrd: Vec<u8>,
    /// Its version, as it says itself (`IMAGE_VERSION`); none if it does not.
    pub version: Option<String>,
}

/// Reads a slot back, past the cache, compares all of it with its hash tree, and takes its kernel out.
///
/// # Errors
/// [`Error::Slot`] if it is not what was built; [`Error::Tool`] if it cannot be mounted.
pub fn read(paths: &Paths, slot: Slot) -> Result<Content, Error> {
    let device = paths.partition(slot);
    let identity = identity(&device).map_err(|reason| Error::Slot {
        slot,
        reason: reason.to_string(),
    })?;
    let mounted = Mounted::at(&device, "squashfs", &paths.mounts().join(slot.partition()))?;
    let read = |path: &str, limit: u64| {
        within(&mounted.folder, path, limit).map_err(|error| Error::Slot {
            slot,
            reason: format!("{path}: {error}"),
        })
    };
    let release = read("usr/lib/os-release", LONGEST).ok();
    let release = release.and_then(|text| String::from_utf8(text).ok());
    Ok(Content {
        identity,
        kernel: read("boot/vmlinuz", LARGEST)?,
        initrd: read("boot/initrd.img", LARGEST)?,
        version: release.and_then(|text| os_release(&text, "IMAGE_VERSION")),
    })
}

/// Compares a whole partition with the hash tree behind its squashfs; says how the kernel will know it.
fn identity(device: &Path) -> Result<Identity, VerityError> {
    let file = File::open(device)?;
    file.sync_all()?;
    fadvise(&file, 0, None, Advice::DontNeed).map_err(io::Error::from)?;
    let verity = squashfs_end(&file)?.ok_or(VerityError::Kind)?;
    let tree = Tree::read(&file, verity)?;
    if tree.blocks.checked_mul(crate::verity::BLOCK) != Some(verity) {
        return Err(VerityError::Kind);
    }
    Ok(Identity {
        root_hash: tree.check(&file)?,
        verity,
    })
}

/// A file system mounted read-only; unmounted when dropped.
#[derive(Debug)]
pub(crate) struct Mounted {
    /// Where.
    pub(crate) folder: PathBuf,
}

impl Mounted {
    /// Mounts a device with one of these file systems, separated by commas. A program in it could not be run, a device in it not be opened.
    pub(crate) fn at(device: &Path, kinds: &str, folder: &Path) -> Result<Mounted, Error> {
        fs::create_dir_all(folder).map_err(|error| Error::file(folder, error))?;
        let options: &OsStr = "ro,nosuid,nodev,noexec".as_ref();
        let kinds: &OsStr = kinds.as_ref();
        tool::run(
            "mount",
            &[
                "-t".as_ref(),
                kinds,
                "-o".as_ref(),
                options,
                device.as_ref(),
                folder.as_ref(),
            ],
        )?;
        Ok(Mounted {
            folder: folder.to_owned(),
        })
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        if let Err(error) = tool::run("umount", &[self.folder.as_ref()]) {
            eprintln!("sfumato-update: {error}");
        }
    }
}

/// A file below a folder; links that lead out of it lead to the folder itself.
fn within(folder: &Path, path: &str, limit: u64) -> io::Result<Vec<u8>> {
    let folder = File::open(folder)?;
    let flags = OFlags::RDONLY | OFlags::CLOEXEC;
    let file = openat2(&folder, path, flags, Mode::empty(), ResolveFlags::IN_ROOT)?;
    let mut bytes = Vec::new();
    File::from(file).take(limit + 1).read_to_end(&mut bytes)?;
    if bytes.is_empty() || bytes.len() as u64 > limit {
        return Err(io::Error::new(
            io::ErrorKind::InvalidData,
            "it is empty or too long",
        ));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_do_not_lead_out() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("boot")).unwrap();
        fs::write(folder.path().join("boot/vmlinuz-6"), "kernel").unwrap();
        std::os::unix::fs::symlink("/boot/vmlinuz-6", folder.path().join("boot/vmlinuz")).unwrap();
        std::os::unix::fs::symlink("../../../../etc/passwd", folder.path().join("boot/out"))
            .unwrap();
        assert_eq!(within(folder.path(), "boot/vmlinuz", 6).unwrap(), b"kernel");
        assert!(within(folder.path(), "boot/vmlinuz", 5).is_err());
        assert!(within(folder.path(), "boot/out", 9999).is_err());
    }
}
