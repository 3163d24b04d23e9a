//! NVIDIA's boards: files that are laid over the root file system of L4T before it is flashed.
//!
//! The system there is NVIDIA's, with its own slots and its own tools; ours are packages that install themselves at the first
//! start. What lies in the board's folder `overlay/` is taken as it is.

use super::debian::Package;
use super::{Board, Tree};
use anyhow::{Context, Result};
use std::path::Path;

/// Where packages wait for the first start.
pub const WAITING: &str = "var/lib/sfumato-first-boot";

/// The network that TensorRT runs, exported from the painting's pack.
pub const NETWORK: &str = "usr/share/sfumato/network-tensorrt.onnx";

/// The overlay without packages and network.
pub fn overlay(board: &Board) -> Result<Tree> {
    let mut tree = Tree::default();
    let folder = board.root.join("board").join(&board.name).join("overlay");
    tree.lay(&folder, "")?;
    Ok(tree)
}

/// The overlay as it is laid down: with `packages`, which lie in `folder`, and the exported network where there is one.
pub fn whole_overlay(
    board: &Board,
    packages: &[Package],
    folder: &Path,
    network: Option<&Path>,
) -> Result<Tree> {
    let mut tree = overlay(board)?;
    for package in packages {
        let name = package.file_name();
        let path = folder.join(&name);
        let bytes =
            std::fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
        tree.file(&format!("{WAITING}/{name}"), bytes, false);
    }
    if let Some(path) = network {
        let bytes =
            std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
        tree.file(NETWORK, bytes, false);
    }
    Ok(tree)
}
