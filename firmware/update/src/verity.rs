//! Hash trees of dm-verity: what a partition or a bundle must hold, block by block.
//!
//! Version 1 as the kernel's `verity.rst` and cryptsetup's description of the superblock have it: SHA-256 over salt and
//! block, blocks of 4096 bytes, 128 hashes in each block of the tree, the topmost level first.

use sfumato_slots::RootHash;
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

/// Bytes of a block, of data and of hashes.
pub const BLOCK: u64 = 4096;

/// A block's content.
type Block = [u8; BLOCK as usize];

/// Hashes in a block.
const FAN: u64 = BLOCK / 32;

/// Bytes of the longest salt.
const SALT: usize = 256;

/// Why a hash tree does not fit.
#[derive(Debug, thiserror::Error)]
pub enum VerityError {
    /// No superblock, or one of another kind.
    #[error("there is no dm-verity hash tree of version 1 with SHA-256 and blocks of 4096 bytes")]
    Kind,
    /// A block is not what it was.
    #[error("block {0} differs from what was built")]
    Damaged(u64),
    /// The tree itself is not what it was.
    #[error("the hash tree differs from what was built")]
    Tree,
    /// The disk.
    #[error("it cannot be read: {0}")]
    Disk(#[from] io::Error),
}

/// Where the data and its hash tree lie. The data begins at offset 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tree {
    /// Blocks of data.
    pub blocks: u64,
    /// Where the topmost block of the tree lies, in bytes.
    pub at: u64,
    /// Put before each block.
    pub salt: Vec<u8>,
}

impl Tree {
    /// Reads the superblock at `offset`, behind which the tree lies.
    ///
    /// # Errors
    /// [`VerityError::Kind`], [`VerityError::Disk`].
    pub fn read(file: &File, offset: u64) -> Result<Tree, VerityError> {
        let mut block = [0; 512];
        file.read_exact_at(&mut block, offset)?;
        Tree::parse(&block, offset).ok_or(VerityError::Kind)
    }

    fn parse(block: &[u8; 512], offset: u64) -> Option<Tree> {
        let bytes = |at: usize, length: usize| block.get(at..at.checked_add(length)?);
        let word = |at| Some(u32::from_le_bytes(bytes(at, 4)?.try_into().ok()?));
        let algorithm = bytes(32, 32)?;
        let sha256 = algorithm
            .strip_prefix(b"sha256\0")?
            .iter()
            .all(|byte| *byte == 0);
        let good = bytes(0, 8)? == b"verity\0\0" && word(8)? == 1 && word(12)? == 1 && sha256;
        let block_size = u32::try_from(BLOCK).ok()?;
        if !good || word(64)? != block_size || word(68)? != block_size {
            return None;
        }
        let blocks = u64::from_le_bytes(bytes(72, 8)?.try_into().ok()?);
        let salt = usize::from(u16::from_le_bytes(bytes(80, 2)?.try_into().ok()?));
        if salt > SALT || blocks == 0 || blocks > u64::MAX / BLOCK {
            return None;
        }
        Some(Tree {
            blocks,
            at: offset.checked_add(BLOCK)?,
            salt: bytes(88, salt)?.to_vec(),
        })
    }

    /// The levels, the lowest first: where each begins, and its blocks.
    fn levels(&self) -> Vec<(u64, u64)> {
        let mut counts = Vec::new();
        let mut blocks = self.blocks;
        while blocks > 1 {
            blocks = blocks.div_ceil(FAN);
            counts.push(blocks);
        }
        let mut at = self.at;
        let mut levels: Vec<(u64, u64)> = counts
            .into_iter()
            .rev()
            .map(|count| {
                let here = (at, count);
                at = at.saturating_add(count.saturating_mul(BLOCK));
                here
            })
            .collect();
        levels.reverse();
        levels
    }

    /// Bytes of the tree.
    pub fn size(&self) -> u64 {
        let blocks = self
            .levels()
            .into_iter()
            .map(|(_, blocks)| blocks)
            .sum::<u64>();
        blocks.saturating_mul(BLOCK)
    }

    fn hash(&self, block: &Block) -> RootHash {
        let mut hash = Sha256::new();
        hash.update(&self.salt);
        hash.update(block);
        hash.finalize().into()
    }

    /// The hash of the topmost block, which names all that lies below.
    ///
    /// # Errors
    /// [`VerityError::Disk`].
    pub fn root(&self, file: &File) -> Result<RootHash, VerityError> {
        // With one block of data there is no tree.
        let at = self.levels().last().map_or(0, |(at, _)| *at);
        Ok(self.hash(&block(file, at)?))
    }

    /// Compares all data with the tree, and the tree with its root; says the root.
    ///
    /// # Errors
    /// [`VerityError`].
    pub fn check(&self, file: &File) -> Result<RootHash, VerityError> {
        let mut below = (0, self.blocks);
        for (depth, level) in self.levels().into_iter().enumerate() {
            self.check_level(file, below, level)
                .map_err(|error| match error {
                    VerityError::Damaged(_) if depth > 0 => VerityError::Tree,
                    other => other,
                })?;
            below = level;
        }
        self.root(file)
    }

    /// Compares blocks with their hashes one level up.
    fn check_level(
        &self,
        file: &File,
        (at, blocks): (u64, u64),
        above: (u64, u64),
    ) -> Result<(), VerityError> {
        let mut number = 0;
        for index in 0..above.1 {
            let hashes = block(file, above.0.saturating_add(index.saturating_mul(BLOCK)))?;
            for expected in hashes.chunks_exact(32) {
                if number == blocks {
                    // Behind the last hash nothing is said.
                    if expected.iter().any(|byte| *byte != 0) {
                        return Err(VerityError::Tree);
                    }
                    continue;
                }
                let data = block(file, at.saturating_add(number.saturating_mul(BLOCK)))?;
                if self.hash(&data) != *expected {
                    return Err(VerityError::Damaged(number));
                }
                number += 1;
            }
        }
        Ok(())
    }
}

fn block(file: &File, at: u64) -> Result<Block, VerityError> {
    let mut block = [0; BLOCK as usize];
    file.read_exact_at(&mut block, at)?;
    Ok(block)
}

/// Where the data of a squashfs ends, in bytes rounded up to whole blocks; none if it is no squashfs.
pub fn squashfs_end(file: &File) -> io::Result<Option<u64>> {
    let mut block = [0; 96];
    file.read_exact_at(&mut block, 0)?;
    Ok(end_of(&block))
}

fn end_of(block: &[u8; 96]) -> Option<u64> {
    if block.get(..4)? != b"hsqs" {
        return None;
    }
    let used = u64::from_le_bytes(block.get(40..48)?.try_into().ok()?);
    (used >= 96)
        .then(|| used.checked_next_multiple_of(BLOCK))
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::process::Command;

    /// A file of so many blocks, with the tree that the stock tool puts behind it; none where there is no such tool.
    fn formatted(blocks: u64, salt: &str) -> Option<(tempfile::NamedTempFile, String)> {
        let file = tempfile::NamedTempFile::new().unwrap();
        for number in 0..blocks {
            let content = [u8::try_from(number % 251).unwrap(); BLOCK as usize];
            file.as_file()
                .write_all_at(&content, number * BLOCK)
                .unwrap();
        }
        let output = Command::new("veritysetup")
            .args(["format", "--data-block-size=4096", "--hash-block-size=4096"])
            .arg(format!("--data-blocks={blocks}"))
            .arg(format!("--hash-offset={}", blocks * BLOCK))
            .arg(format!("--salt={salt}"))
            .args([file.path(), file.path()])
            .output();
        let Ok(output) = output else {
            println!("skipped: veritysetup is not installed (apt install cryptsetup-bin)");
            return None;
        };
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        let said = String::from_utf8(output.stdout).unwrap();
        let root = said
            .lines()
            .find_map(|line| line.strip_prefix("Root hash:"))
            .unwrap();
        Some((file, root.trim().to_owned()))
    }

    #[test]
    fn trees_are_those_of_the_stock_tool() {
        for blocks in [1, 2, 127, 128, 129, 300, 16_384, 16_385] {
            for salt in ["-", "00ff", &"5a".repeat(32)] {
                let Some((file, root)) = formatted(blocks, salt) else {
                    return;
                };
                let file = file.as_file();
                let tree = Tree::read(file, blocks * BLOCK).unwrap();
                assert_eq!(tree.blocks, blocks);
                assert_eq!(
                    sfumato_slots::to_hex(&tree.root(file).unwrap()),
                    root,
                    "{blocks} {salt}"
                );
                assert_eq!(
                    sfumato_slots::to_hex(&tree.check(file).unwrap()),
                    root,
                    "{blocks} {salt}"
                );
                assert_eq!(tree.at + tree.size(), file.metadata().unwrap().len());
            }
        }
    }

    #[test]
    fn one_changed_byte_anywhere_is_found() {
        let blocks = 300;
        let Some((file, _)) = formatted(blocks, "00ff") else {
            return;
        };
        let file = file.as_file();
        let tree = Tree::read(file, blocks * BLOCK).unwrap();
        let root = tree.root(file).unwrap();
        let end = tree.at + tree.size();
        for at in (0..blocks * BLOCK)
            .step_by(50_021)
            .chain((tree.at..end).step_by(777))
        {
            let mut byte = [0];
            file.read_exact_at(&mut byte, at).unwrap();
            file.write_all_at(&[byte[0] ^ 1], at).unwrap();
            let found = tree.check(file).map_or(true, |now| now != root);
            assert!(found, "byte {at}");
            file.write_all_at(&byte, at).unwrap();
        }
        assert_eq!(tree.check(file).unwrap(), root);
    }

    proptest! {
        #[test]
        fn noise_is_no_superblock(noise in proptest::collection::vec(any::<u8>(), 512), offset: u64) {
            let mut block: [u8; 512] = noise.try_into().unwrap();
            prop_assert_eq!(Tree::parse(&block, offset), None);
            // Nearly one.
            block[..16].copy_from_slice(b"verity\0\0\x01\0\0\0\x01\0\0\0");
            block[32..64].fill(0);
            block[32..38].copy_from_slice(b"sha256");
            for at in [64, 68] {
                block[at..at + 4].copy_from_slice(&4096u32.to_le_bytes());
            }
            if let Some(tree) = Tree::parse(&block, offset) {
                let _ = tree.size();
                prop_assert!(tree.salt.len() <= SALT);
            }
        }

        #[test]
        fn noise_is_no_squashfs(noise in proptest::collection::vec(any::<u8>(), 96)) {
            let mut block: [u8; 96] = noise.try_into().unwrap();
            prop_assert_eq!(end_of(&block), None);
            block[..4].copy_from_slice(b"hsqs");
            prop_assert!(end_of(&block).is_none_or(|end| end % BLOCK == 0 && end >= BLOCK));
        }
    }
}
