//! `atelier export`: a pack's network for other runtimes.
//!
//! `--onnx` takes the network out as it runs; `--tensorrt` writes it once more with the
//! quantisation that TensorRT's fusions expect, and a script that builds and times its engine on
//! the board. What the numbers mean is written beside them.

mod readme;

use anyhow::{Context, Result, bail};
use sfumato_models::quantised::{Description, Dialect, write_as};
use sfumato_pack::Pack;
use std::path::{Path, PathBuf};

/// What `atelier export` is told.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The pack, baked.
    pub pack: PathBuf,
    /// Write the network as standard ONNX, quantised as it runs.
    #[arg(long, required_unless_present = "tensorrt")]
    pub onnx: bool,
    /// Write the network with TensorRT's explicit quantisation, and a script that builds its engine.
    #[arg(long)]
    pub tensorrt: bool,
    /// Where to write; made when it is not there.
    #[arg(short, long, value_name = "DIR")]
    pub output: PathBuf,
}

/// The script that builds and times the engine.
const BUILD: &str = include_str!("build.sh");

/// Runs `atelier export`.
pub fn run(arguments: Arguments) -> Result<()> {
    let pack = Pack::read(&arguments.pack)?;
    let Some(network) = &pack.network else {
        bail!(
            "{0} holds no network; run `atelier bake {0}` first",
            arguments.pack.display()
        );
    };
    let written = export(
        network,
        &pack.manifest.title,
        [arguments.onnx, arguments.tensorrt],
        &arguments.output,
    )?;
    for path in written {
        println!("{}", path.display());
    }
    Ok(())
}

/// Writes the files for a network: as it runs, for TensorRT, or both. Answers with their paths.
pub fn export(
    network: &[u8],
    title: &str,
    [onnx, tensorrt]: [bool; 2],
    folder: &Path,
) -> Result<Vec<PathBuf>> {
    let description = Description::read(network)?;
    std::fs::create_dir_all(folder)
        .with_context(|| format!("{} cannot be made", folder.display()))?;
    let mut written = Vec::new();
    let mut write = |name: &str, bytes: &[u8]| -> Result<()> {
        let path = folder.join(name);
        std::fs::write(&path, bytes)
            .with_context(|| format!("{} cannot be written", path.display()))?;
        written.push(path);
        Ok(())
    };
    if onnx {
        write("network.onnx", network)?;
    }
    if tensorrt {
        let bytes = write_as(&description, Dialect::TensorRt)?;
        write("network-tensorrt.onnx", &bytes)?;
        write("build.sh", BUILD.as_bytes())?;
    }
    let text = readme::text(&description, title, [onnx, tensorrt])?;
    write("README.md", text.as_bytes())?;
    if tensorrt {
        executable(&folder.join("build.sh"))?;
    }
    Ok(written)
}

/// Lets a script be run by name.
fn executable(path: &Path) -> Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755))
            .with_context(|| format!("{} cannot be made executable", path.display()))?;
    }
    Ok(())
}
