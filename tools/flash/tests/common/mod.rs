//! Images and devices for tests.
#![allow(dead_code, clippy::unwrap_used)]

use sfumato_flash::crew::{self, Habits, Work};
use sfumato_flash::failure::Failure;
use sfumato_flash::image::{Image, Reading};
use sfumato_flash::map::Piece;
use sfumato_flash::record::Forgetful;
use sfumato_flash::target::Target;
use sfumato_flash::writer::Flashed;
use sfumato_flash::{bmap::Bmap, digest::Digest};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

pub const MIB: u64 = 1 << 20;

/// Numbers that look random and are the same each time (SplitMix64).
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit.max(1)
    }

    pub fn bytes(&mut self, count: usize) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(count + 8);
        while bytes.len() < count {
            bytes.extend_from_slice(&self.next().to_le_bytes());
        }
        bytes.truncate(count);
        bytes
    }
}

/// An image of so many bytes, no two places alike, with zeros in `zeros`.
pub fn picture(length: u64, zeros: &[Range<u64>], seed: u64) -> Vec<u8> {
    let mut bytes = Random(seed).bytes(length as usize);
    for range in zeros {
        bytes[range.start as usize..range.end as usize].fill(0);
    }
    bytes
}

pub fn file(folder: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

/// The block map of everything outside `gaps`, in blocks of 4 KiB.
pub fn bmap(image: &[u8], gaps: &[Range<u64>]) -> String {
    let length = image.len() as u64;
    let mut pieces = Vec::new();
    let mut at = 0;
    for gap in gaps.iter().cloned().chain(std::iter::once(length..length)) {
        if at < gap.start {
            pieces.push(Piece {
                range: at..gap.start,
                sha256: Some(Digest::of(&image[at as usize..gap.start as usize])),
            });
        }
        at = gap.end;
    }
    Bmap::write(length, 4096, &pieces)
}

pub fn open(path: &Path) -> Arc<Image> {
    Arc::new(Image::open(path, &Reading::default()).unwrap())
}

pub fn work(target: impl Target + 'static) -> Work {
    Work {
        target: Box::new(target),
        keeper: Box::new(Forgetful::default()),
    }
}

/// Habits that do not make tests wait.
pub fn brisk() -> Habits {
    Habits {
        memory: 64 << 20,
        patience: Duration::from_secs(60),
        every: Duration::from_millis(20),
    }
}

pub fn flash(image: &Arc<Image>, work: Vec<Work>) -> Vec<Result<Flashed, Failure>> {
    crew::flash(Arc::clone(image), work, brisk(), |_, _| {})
}
