//! A bundle's payload, compared with what its signed manifest says of it.
//!
//! `rauc info` checks the signature, and that covers the manifest alone; of the payload the manifest has the top of a hash
//! tree. RAUC would meet a damaged block only in the middle of writing a slot, when that slot's entry is gone
//! already. Reading everything once before costs seconds and leaves the other slot alone.

use crate::rauc::Signed;
use crate::verity::{BLOCK, Tree, VerityError};
use sfumato_slots::from_hex;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

/// Why a payload is not taken.
#[derive(Debug, thiserror::Error)]
pub enum PayloadError {
    /// Built in a format that cannot be checked beforehand.
    #[error("the bundle is not of RAUC's verity format; build it with format=verity")]
    Format,
    /// Shorter or longer than its manifest says.
    #[error(
        "the bundle is cut off or was changed: its length is not what its manifest says; copy it again"
    )]
    Length,
    /// Not what was signed.
    #[error(
        "the bundle was tampered with or is damaged: {0}; fetch it anew from whoever signed it"
    )]
    Damaged(VerityError),
    /// The disk.
    #[error("the bundle cannot be read: {0}; copy it again, to another stick if need be")]
    Disk(#[from] io::Error),
}

/// Compares all of a bundle's payload with what was signed.
///
/// # Errors
/// [`PayloadError`].
pub fn check(bundle: &Path, signed: &Signed) -> Result<(), PayloadError> {
    let file = File::open(bundle)?;
    let verity = signed.verity.as_ref().ok_or(PayloadError::Format)?;
    let root = from_hex(&verity.hash).ok_or(PayloadError::Format)?;
    let salt = bytes_of(&verity.salt).ok_or(PayloadError::Format)?;
    // payload, hash tree, signature, its length in eight bytes.
    let whole = file.metadata()?.len();
    let end = whole.checked_sub(8).ok_or(PayloadError::Length)?;
    let mut length = [0; 8];
    file.read_exact_at(&mut length, end)?;
    let tree_end = end
        .checked_sub(u64::from_be_bytes(length))
        .ok_or(PayloadError::Length)?;
    let at = tree_end
        .checked_sub(verity.size)
        .ok_or(PayloadError::Length)?;
    let tree = Tree {
        blocks: at / BLOCK,
        at,
        salt,
    };
    if at == 0 || !at.is_multiple_of(BLOCK) || tree.size() != verity.size {
        return Err(PayloadError::Length);
    }
    match tree.check(&file) {
        Ok(found) if found == root => Ok(()),
        Ok(_) => Err(PayloadError::Damaged(VerityError::Tree)),
        Err(VerityError::Disk(error)) => Err(error.into()),
        Err(error) => Err(PayloadError::Damaged(error)),
    }
}

/// Bytes of hexadecimal digits.
fn bytes_of(hex: &str) -> Option<Vec<u8>> {
    let digits = hex.as_bytes();
    let pairs = digits.chunks_exact(2);
    if !pairs.remainder().is_empty() {
        return None;
    }
    pairs
        .map(|pair| {
            let text = std::str::from_utf8(pair).ok()?;
            u8::from_str_radix(text, 16).ok()
        })
        .collect()
}
