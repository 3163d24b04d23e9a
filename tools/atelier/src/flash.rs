//! `atelier flash`: writes an image to cards and disks, and proves by reading back that it is there.
//!
//! What it does and in which order is told in [`sfumato_flash`].

use sfumato_flash::command::{self, Request};
use sfumato_flash::image::Reading;
use std::path::PathBuf;

/// What `atelier flash` is told.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The image: raw, or packed by zstd or xz. A block map beside it (IMAGE.bmap) is used.
    pub image: PathBuf,
    /// The devices, such as /dev/sdb; all are written at once.
    #[arg(required = true, value_name = "DEVICE")]
    pub devices: Vec<PathBuf>,
    /// Ask nobody. What is mounted, or what this computer runs from, is refused all the same.
    #[arg(long)]
    pub yes: bool,
    /// Print one JSON object a line.
    #[arg(long)]
    pub json: bool,
    /// Take regular files as devices, too; they must exist and be big enough.
    #[arg(long)]
    pub file: bool,
    /// Begin anew, whatever an interrupted run has stored.
    #[arg(long)]
    pub fresh: bool,
    /// This block map instead of one beside the image.
    #[arg(long, value_name = "FILE")]
    pub bmap: Option<PathBuf>,
    /// Write all of the image, whatever a block map says.
    #[arg(long, conflicts_with = "bmap")]
    pub no_bmap: bool,
    /// Without a block map: leave on the device what it has where the image file has holes. Faster, and right only if
    /// the image's maker made holes of what does not matter.
    #[arg(long)]
    pub leave_holes: bool,
}

/// Flashes, or says why not.
pub fn run(arguments: Arguments) -> anyhow::Result<()> {
    command::at_terminal(&Request {
        image: arguments.image,
        devices: arguments.devices,
        reading: Reading {
            no_bmap: arguments.no_bmap,
            bmap: arguments.bmap,
            leave_holes: arguments.leave_holes,
        },
        yes: arguments.yes,
        json: arguments.json,
        files: arguments.file,
        fresh: arguments.fresh,
        records: command::records(),
    })?;
    Ok(())
}
