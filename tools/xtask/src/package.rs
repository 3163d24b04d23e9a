//! `cargo xtask package`: a board's Debian packages, and for NVIDIA's boards the overlay of their root file system.

use crate::steps::{cargo_with, step};
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use xtask::board::debian::Package;
use xtask::board::elf::Needs;
use xtask::board::notices::notices;
use xtask::board::packages::{PORTRAIT, PORTRAITS_UNITS, Parts, UPDATE, packages};
use xtask::board::{Architecture, Board, Common, Entry, Kind, Tree, hardening, jetson};
use xtask::cache;
use xtask::prerequisites::{self, runs};
use xtask::workspace::Workspace;

/// What the user asked for.
#[derive(Debug, Default)]
pub struct Options {
    /// The board's name.
    pub board: Option<String>,
    /// Cargo's profile; `release` when absent.
    pub profile: Option<String>,
    /// A folder with ready programs, instead of building them.
    pub programs: Option<PathBuf>,
    /// The painting's pack, instead of the built-in one.
    pub pack: Option<PathBuf>,
    /// For boards with TensorRT: the network exported from that pack.
    pub network: Option<PathBuf>,
}

/// Builds the packages into `target/boards/BOARD`; returns their files.
pub fn make(options: &Options) -> Result<Vec<PathBuf>> {
    let root = std::env::current_dir().context("the project's folder is gone")?;
    let Some(name) = &options.board else {
        let names: Vec<String> = Board::all(&root)?
            .into_iter()
            .map(|board| board.name)
            .collect();
        bail!("say for which board, with --board: {}", names.join(", "));
    };
    let board = Board::load(&root, name)?;
    let common = Common::load(&root)?;
    let workspace = Workspace::members()?;
    let has_update = workspace.own().any(|package| package.name == UPDATE);
    let programs = match &options.programs {
        Some(folder) => folder.clone(),
        None => build(&board, options, has_update, &workspace.target_directory)?,
    };
    let target = board.architecture.target();
    let update = has_update && board.image.kind == Kind::Uefi;
    let parts = step("what goes into the packages", || {
        let version = workspace.own().find(|package| package.name == PORTRAIT);
        let version = version.context("the workspace has no package sfumato")?;
        Ok(Parts {
            version: version.version.clone(),
            portrait: stripped(&programs.join(PORTRAIT), board.architecture)?,
            update: match update {
                true => Some(stripped(&programs.join(UPDATE), board.architecture)?),
                false => None,
            },
            notices: (
                notices(PORTRAIT, target, features(&board))?,
                match update {
                    true => notices(UPDATE, target, "")?,
                    false => String::new(),
                },
            ),
            models: models()?,
            painting: painting(options.pack.as_deref())?,
        })
    })?;
    let folder = workspace.target_directory.join("boards").join(&board.name);
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let epoch = epoch()?;
    let packages = packages(&board, &common, &parts)?;
    step("hardening", || hardened(&packages, &folder))?;
    step("packages", || {
        let mut files = Vec::new();
        for package in &packages {
            let file = package.write(&folder, epoch)?;
            let size = fs::metadata(&file)?.len();
            println!("   {} ({:.1} MB)", file.display(), size as f64 / 1e6);
            files.push(file);
        }
        if board.image.kind == Kind::L4t {
            let overlay = folder.join("overlay");
            if overlay.exists() {
                fs::remove_dir_all(&overlay).context("cannot clear the old overlay")?;
            }
            let network = options.network.as_deref();
            if network.is_none() && board.tensorrt.is_some() {
                println!(
                    "   without a network for TensorRT (--network): the portrait's own engine draws"
                );
            }
            let tree = jetson::whole_overlay(&board, &packages, &folder, network)?;
            tree.write(&overlay, epoch)?;
            println!(
                "   {}/ (how to flash it: board/{}/README.md)",
                overlay.display(),
                board.name
            );
        }
        Ok(files)
    })
}

/// Prints how much of the system each service could reach; the portrait's must reach little.
fn hardened(packages: &[Package], folder: &Path) -> Result<()> {
    if !hardening::measurable() {
        println!("   skipped: systemd-analyze is not here, or too old to measure unit files");
        return Ok(());
    }
    let laid = folder.join(".units");
    if laid.exists() {
        fs::remove_dir_all(&laid).context("cannot clear the folder of units")?;
    }
    let mut units = Tree::default();
    for package in packages {
        for (path, entry) in package.tree.entries() {
            if let (true, Entry::File { bytes, .. }) = (path.contains("systemd/system/"), entry) {
                units.file(path, bytes.clone(), false);
            }
        }
    }
    units.write(&laid, 0)?;
    for (path, _) in units.entries() {
        let name = path.rsplit('/').next().unwrap_or_default();
        // A template has no measure of its own.
        if !name.ends_with(".service") || name.contains('@') {
            continue;
        }
        let level = hardening::exposure(&laid, name)?;
        println!("   {name}: {level} of 10");
        if PORTRAITS_UNITS.contains(&name) && level >= hardening::LIMIT {
            bail!(
                "{name} could reach {level} of 10; it must stay below {}",
                hardening::LIMIT
            );
        }
    }
    fs::remove_dir_all(&laid).context("cannot clear the folder of units")
}

/// Features that the portrait's program is built with.
fn features(board: &Board) -> &'static str {
    match board.tensorrt {
        Some(_) => "sfumato/tensorrt",
        None => "",
    }
}

/// Builds the board's programs; gives their folder.
fn build(board: &Board, options: &Options, update: bool, target: &Path) -> Result<PathBuf> {
    let profile = options.profile.as_deref().unwrap_or("release");
    if !["release", "dev"].contains(&profile) {
        bail!("there is no profile {profile:?}; there are: release, dev");
    }
    prerequisites::ensure(&[prerequisites::BUILD])?;
    let triple = board.architecture.target();
    let crossing = board.architecture != here();
    let mut arguments = vec![
        "build",
        "--locked",
        "--profile",
        profile,
        "--package",
        PORTRAIT,
    ];
    if update {
        arguments.extend(["--package", UPDATE]);
    }
    let features = features(board);
    if !features.is_empty() {
        arguments.extend(["--features", features]);
    }
    // Without --target where it is not needed: what the tests have built serves here, too.
    if crossing {
        if board.architecture == Architecture::Amd64 {
            bail!(
                "packages for amd64 are built on amd64; bring ready programs with --programs FOLDER"
            );
        }
        if !prerequisites::available(prerequisites::ARM64)? || !prerequisites::rust_target(triple)?
        {
            bail!(
                "cannot build for arm64 here; run: rustup target add {triple}, and install what is named above"
            );
        }
        arguments.extend(["--target", triple]);
    }
    step("programs (many minutes the first time)", || {
        let linker = (
            "CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER",
            "aarch64-linux-gnu-gcc",
        );
        let environment = if crossing { vec![linker] } else { Vec::new() };
        cargo_with(&arguments, &environment)
    })?;
    let folder = if profile == "dev" { "debug" } else { profile };
    Ok(match crossing {
        true => target.join(triple).join(folder),
        false => target.join(folder),
    })
}

/// What this machine is, as far as boards go.
pub fn here() -> Architecture {
    if cfg!(target_arch = "aarch64") {
        Architecture::Arm64
    } else {
        Architecture::Amd64
    }
}

/// A program without what only a debugger reads.
fn stripped(program: &Path, architecture: Architecture) -> Result<Vec<u8>> {
    if !program.is_file() {
        bail!("there is no program {}", program.display());
    }
    let bytes = fs::read(program).with_context(|| format!("cannot read {}", program.display()))?;
    Needs::read(&bytes, architecture).with_context(|| format!("{}", program.display()))?;
    let own = format!("{}strip", architecture.tools());
    let strip = if runs(&own, &["--version"]) {
        own.as_str()
    } else {
        "strip"
    };
    let to = std::env::temp_dir().join(format!("sfumato-stripped-{}", std::process::id()));
    let output = Command::new(strip).arg("-o").arg(&to).arg(program).output();
    let output = output.with_context(|| format!("cannot run {strip}; install binutils"))?;
    if !output.status.success() {
        bail!(
            "{strip} could not strip {}; for another processor it needs binutils-aarch64-linux-gnu:\n{}",
            program.display(),
            String::from_utf8_lossy(&output.stderr)
        );
    }
    let bytes = fs::read(&to).context("cannot read the stripped program");
    // A file left behind costs space, no more.
    let _ = fs::remove_file(&to);
    bytes
}

/// Where `cargo xtask models` has left the face models: the same rule as the portrait's program has.
fn models() -> Result<PathBuf> {
    let folder = match std::env::var_os("SFUMATO_CACHE").filter(|value| !value.is_empty()) {
        Some(folder) => PathBuf::from(folder),
        None => cache::folder().join("models"),
    };
    let there = fs::read_dir(&folder).is_ok_and(|entries| {
        let mut paths = entries.flatten().map(|entry| entry.path());
        paths.any(|path| path.extension().is_some_and(|end| end == "onnx"))
    });
    if !there {
        bail!(
            "no face models in {}; run: cargo xtask models",
            folder.display()
        );
    }
    Ok(folder)
}

fn painting(named: Option<&Path>) -> Result<PathBuf> {
    if let Some(path) = named {
        return Ok(path.to_owned());
    }
    let path = cache::folder().join("built-in.pack");
    if !path.is_file() {
        bail!(
            "no painting at {}; run `cargo xtask demo` once, which leaves the built-in one there, or name one with --pack FILE",
            path.display()
        );
    }
    Ok(path)
}

/// The time that everything in a package has: `SOURCE_DATE_EPOCH`, else that of the last commit.
pub fn epoch() -> Result<u64> {
    if let Ok(text) = std::env::var("SOURCE_DATE_EPOCH") {
        return text
            .trim()
            .parse()
            .context("SOURCE_DATE_EPOCH is no number of seconds");
    }
    let output = Command::new("git")
        .args(["log", "-1", "--format=%ct"])
        .output()
        .context("cannot run git; say the time with SOURCE_DATE_EPOCH")?;
    let text = String::from_utf8_lossy(&output.stdout);
    text.trim()
        .parse()
        .context("git tells no last commit; say the time with SOURCE_DATE_EPOCH")
}
