//! `cargo xtask image`: from a board's file to a disk that boots into the living portrait.
//!
//! 1. [`root`]: a minimal Debian with the project's packages, without what it does not need.
//! 2. [`modules`], [`initrd`]: the drivers the board names; the first program.
//! 3. [`verity`]: all of it in one read-only file system under a hash tree.
//! 4. [`disk`]: partitions and boot loader around it.
//! 5. [`bundle`]: the same content as a signed update.
//!
//! Same commit, same packages, same bytes: every time in it is the last commit's, every identifier is derived
//! from the content.

pub mod bundle;
pub mod disk;
pub mod initrd;
pub mod modules;
pub mod root;
pub mod tools;
pub mod verity;
