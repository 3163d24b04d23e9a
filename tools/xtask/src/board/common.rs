//! What the images of all boards have in common.

use super::read;
use anyhow::Result;
use serde::Deserialize;
use std::path::Path;

/// `board/common/image.toml`; the file says why each thing is there.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Common {
    /// Debian packages.
    pub packages: Vec<String>,
    /// Kernel modules of the root file system; what they depend on comes by itself.
    pub modules: Vec<String>,
    /// Of these, what is loaded at each start.
    pub load: Vec<String>,
    /// Kernel modules of the initial RAM disk.
    pub initrd_modules: Vec<String>,
    /// Folders of kernel modules that an image must not have, such as `kernel/drivers/net`.
    pub without: Vec<String>,
    /// The kernel's options.
    pub command_line: String,
    /// Units that must never run.
    pub masks: Vec<String>,
}

impl Common {
    /// Reads the file of the project at `root`.
    pub fn load(root: &Path) -> Result<Common> {
        read(&root.join("board/common/image.toml"))
    }
}
