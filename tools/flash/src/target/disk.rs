//! A real block device, or a regular file that stands for one.
//!
//! Written and read past the host's cache (`O_DIRECT`) where the kernel lets us: progress is then what the device
//! took, errors come with their place, and reading back says what is really there. Held exclusively
//! (`O_EXCL`: the kernel refuses it while anything on it is mounted, and refuses mounting while we hold it) and
//! locked, so that udev does not look into a half-written device (systemd's "Locking Block Device Access").

use super::{Bypass, Target};
use crate::kernel;
use rustix::fs::{Advice, FallocateFlags, FileType, FlockOperation, Mode, OFlags};
use rustix::io::Errno;
use std::fs::File;
use std::io::{self, Seek, SeekFrom};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::time::Duration;

/// What memory must be aligned to for direct reads and writes; enough for every device.
const MEMORY: usize = 4096;

/// Bytes copied at once where memory is not aligned.
const BOUNCE: usize = 4 << 20;

/// A block device, or a file.
#[derive(Debug)]
pub struct Disk {
    file: File,
    size: u64,
    alignment: u64,
    direct: bool,
    block: bool,
    zeroes: bool,
    bounce: Vec<u8>,
}

impl Disk {
    /// Opens a device for nobody else. `EBUSY`: it is in use.
    pub fn open(path: &Path) -> io::Result<Disk> {
        Disk::open_with(path, true)
    }

    /// The same; `direct` false: through the cache, as for a device that cannot do without.
    pub fn open_with(path: &Path, direct: bool) -> io::Result<Disk> {
        let stat = rustix::fs::stat(path)?;
        let block = FileType::from_raw_mode(stat.st_mode) == FileType::BlockDevice;
        let mut flags = OFlags::RDWR | OFlags::CLOEXEC;
        if block {
            flags |= OFlags::EXCL;
        }
        let open = |flags| rustix::fs::open(path, flags, Mode::empty());
        let (handle, mut direct) = match direct {
            true => match open(flags | OFlags::DIRECT) {
                Err(Errno::INVAL) => (open(flags)?, false),
                opened => (opened?, true),
            },
            false => (open(flags)?, false),
        };
        let opened = rustix::fs::fstat(&handle)?;
        if (opened.st_rdev, opened.st_ino) != (stat.st_rdev, stat.st_ino) {
            return Err(io::Error::other("another device took its name just now"));
        }
        let mut file = File::from(handle);
        let size = file.seek(SeekFrom::End(0))?;
        if block {
            lock(&file)?;
        }
        let sector = match block {
            true => u64::from(rustix::fs::ioctl_blksszget(&file)?).max(512),
            false => MEMORY as u64,
        };
        if direct && !size.is_multiple_of(sector) {
            // A file with an odd end: direct access could not reach it.
            rustix::fs::fcntl_setfl(&file, OFlags::empty())?;
            direct = false;
        }
        Ok(Disk {
            file,
            size,
            alignment: if direct { sector } else { 1 },
            direct,
            block,
            zeroes: true,
            bounce: vec![0; BOUNCE + MEMORY],
        })
    }
}

/// Locks a device. Udev may just be looking at it; that is over soon.
fn lock(file: &File) -> io::Result<()> {
    for _ in 0..100 {
        match rustix::fs::flock(file, FlockOperation::NonBlockingLockExclusive) {
            Err(Errno::WOULDBLOCK) => std::thread::sleep(Duration::from_millis(50)),
            locked => return locked.map_err(io::Error::from),
        }
    }
    Err(Errno::BUSY.into())
}

/// The aligned part of a buffer.
fn aligned(bounce: &mut [u8]) -> &mut [u8] {
    let skip = bounce.as_ptr().align_offset(MEMORY).min(bounce.len());
    let (_, rest) = bounce.split_at_mut(skip);
    let most = rest.len().min(BOUNCE);
    &mut rest[..most]
}

fn is_aligned(bytes: &[u8]) -> bool {
    (bytes.as_ptr() as usize).is_multiple_of(MEMORY)
}

impl Target for Disk {
    fn size(&self) -> u64 {
        self.size
    }

    fn alignment(&self) -> u64 {
        self.alignment
    }

    fn write(&mut self, at: u64, bytes: &[u8]) -> io::Result<usize> {
        if at >= self.size && !bytes.is_empty() {
            // A file would grow.
            return Err(Errno::NOSPC.into());
        }
        let room = (self.size - at).min(bytes.len() as u64) as usize;
        let bytes = &bytes[..room];
        if !self.direct || is_aligned(bytes) {
            return self.file.write_at(bytes, at);
        }
        let room = aligned(&mut self.bounce);
        let some = bytes.len().min(room.len());
        room[..some].copy_from_slice(&bytes[..some]);
        self.file.write_at(&room[..some], at)
    }

    fn zero(&mut self, at: u64, length: u64) -> io::Result<()> {
        if !self.zeroes || at.saturating_add(length) > self.size {
            return Err(io::ErrorKind::Unsupported.into());
        }
        let flags = FallocateFlags::ZERO_RANGE | FallocateFlags::KEEP_SIZE;
        match rustix::fs::fallocate(&self.file, flags, at, length) {
            Ok(()) => Ok(()),
            Err(Errno::OPNOTSUPP | Errno::INVAL | Errno::NOSYS) => {
                self.zeroes = false;
                Err(io::ErrorKind::Unsupported.into())
            }
            Err(error) => Err(error.into()),
        }
    }

    fn sync(&mut self) -> io::Result<()> {
        self.file.sync_data()
    }

    fn read(&mut self, at: u64, bytes: &mut [u8]) -> io::Result<usize> {
        if !self.direct {
            if self.block {
                kernel::flush_buffers(&self.file)?;
            }
            let length = std::num::NonZeroU64::new(bytes.len() as u64);
            rustix::fs::fadvise(&self.file, at, length, Advice::DontNeed)?;
            return self.file.read_at(bytes, at);
        }
        if is_aligned(bytes) {
            return self.file.read_at(bytes, at);
        }
        let room = aligned(&mut self.bounce);
        let some = bytes.len().min(room.len());
        let came = self.file.read_at(&mut room[..some], at)?;
        bytes[..came].copy_from_slice(&room[..came]);
        Ok(came)
    }

    fn bypass(&self) -> Bypass {
        match self.direct {
            true => Bypass::Direct,
            false => Bypass::Dropped,
        }
    }

    fn finish(&mut self) -> Option<String> {
        if !self.block {
            return None;
        }
        match kernel::read_partitions(&self.file).map_err(|error| Errno::from_io_error(&error)) {
            Ok(()) => None,
            // Kinds of devices that never show partitions.
            Err(Some(Errno::INVAL | Errno::NOTTY)) => None,
            Err(_) => Some(
                "this computer still sees the old partitions: unplug it and plug it in again"
                    .to_owned(),
            ),
        }
    }
}
