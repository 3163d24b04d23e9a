//! `cargo xtask image`: from a board's file to a disk that boots into the living portrait.
//!
//! 1. [`root`]: a minimal Debian with the project's packages, without what it does not need; [`foreign`] where it is for
//!    another processor.
//! 2. [`modules`], [`initrd`]: the drivers the board names; the first program.
//! 3. [`verity`]: all of it in one read-only file system under a hash tree.
//! 4. [`disk`]: partitions and boot loader around it.
//! 5. [`bundle`]: the same content as a signed update.
//!
//! Same commit, same packages, same bytes: every time in it is the last commit's, every identifier is derived
//! from the content.

pub mod bundle;
pub mod disk;
mod foreign;
pub mod initrd;
pub mod modules;
pub mod root;
pub mod tools;
pub mod verity;

use crate::package;
use crate::steps::step;
use anyhow::{Context, Result, bail};
use bundle::Signer;
use disk::Disk;
use root::Ingredients;
use std::path::{Path, PathBuf};
use tools::Tool;
use xtask::board::{Architecture, Board, Common, Kind};
use xtask::cache;
use xtask::prerequisites;
use xtask::workspace::Workspace;

/// Packages that the root has while it is made and not afterwards.
const REMOVED: [&str; 12] = [
    "apt",
    "initramfs-tools",
    "initramfs-tools-core",
    "klibc-utils",
    "libklibc",
    "perl",
    "perl-modules-5.36",
    "libperl5.36",
    "libfile-find-rule-perl",
    "libtext-glob-perl",
    "libnumber-compare-perl",
    "logsave",
];

/// What the user asked for.
#[derive(Debug, Default)]
pub struct Options {
    /// The board's name.
    pub board: Option<String>,
    /// The image's version, else the project's.
    pub version: Option<String>,
    /// Ready packages instead of building them.
    pub packages: Option<PathBuf>,
    /// Who may sign updates for it.
    pub certificate: Option<PathBuf>,
    /// The private key to that.
    pub key: Option<PathBuf>,
}

/// Makes an image to hand out: compressed, with a block map and the update beside it.
pub fn run(options: &Options) -> Result<()> {
    prerequisites::ensure(&[prerequisites::IMAGES])?;
    let root = crate::steps::root()?;
    let Some(name) = &options.board else {
        let names: Vec<String> = Board::all(&root)?
            .into_iter()
            .map(|board| board.name)
            .collect();
        bail!("say for which board: --board {}", names.join(" or "));
    };
    let board = Board::load(&root, name)?;
    let signer = match (&options.certificate, &options.key) {
        (Some(certificate), Some(key)) => Signer::named(certificate.clone(), key.clone())?,
        (None, None) => {
            let folder = cache::folder().join("signing");
            println!(
                "   updates will be signed by this computer's own key, {}; for a museum's: --certificate FILE --key FILE",
                folder.display()
            );
            Signer::own(&folder)?
        }
        _ => bail!("--certificate and --key belong together"),
    };
    let out = Workspace::members()?
        .target_directory
        .join("boards")
        .join(name);
    let packages = match &options.packages {
        Some(folder) => debs(folder)?,
        None => package::make(&package::Options {
            board: Some(name.clone()),
            ..package::Options::default()
        })?,
    };
    let parts = Parts {
        packages,
        version: options
            .version
            .clone()
            .unwrap_or_else(|| env!("CARGO_PKG_VERSION").into()),
        signer,
        overlay: None,
        level: 19,
    };
    let image = make(&board, &parts, &out)?;
    let compressed = compress(&image.disk, parts.level)?;
    println!("   disk   {}", compressed.display());
    println!("   update {}", image.bundle.display());
    println!("   what is in it: {}", image.manifest.display());
    let megabytes = |file: &Path| std::fs::metadata(file).map(|file| file.len() as f64 / 1e6);
    println!(
        "   {:.1} MB compressed, {:.1} MB the update; sha256 of the disk {}",
        megabytes(&compressed)?,
        megabytes(&image.bundle)?,
        verity::hash(&image.disk)?
    );
    Ok(())
}

/// All packages in a folder.
pub fn debs(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).with_context(|| format!("{}", folder.display()))? {
        let path = entry?.path();
        if path.extension().is_some_and(|ending| ending == "deb") {
            files.push(path);
        }
    }
    if files.is_empty() {
        bail!("there is no package in {}", folder.display());
    }
    files.sort();
    Ok(files)
}

/// The disk as it is handed out: zstd, and a map of the blocks that are not holes beside it.
pub fn compress(disk: &Path, level: u32) -> Result<PathBuf> {
    let out = disk.with_extension("img.zst");
    let map = disk.with_extension("img.bmap");
    step("compressing", || {
        Tool::new("bmaptool")
            .args(["create", "--output"])
            .arg(&map)
            .arg(disk)
            .run()?;
        Tool::new("zstd")
            .args(["--quiet", "--force", &format!("-{level}"), "-T0", "-o"])
            .arg(&out)
            .arg(disk)
            .run()
    })?;
    Ok(out)
}

/// What an image is made of besides its board.
#[derive(Debug)]
pub struct Parts {
    /// The project's packages.
    pub packages: Vec<PathBuf>,
    /// The image's version.
    pub version: String,
    /// Who signs its update.
    pub signer: Signer,
    /// Files laid over everything else, for trials.
    pub overlay: Option<PathBuf>,
    /// Of zstd, 1 to 22: small or soon.
    pub level: u32,
}

/// What came of it.
#[derive(Debug)]
pub struct Image {
    /// The disk, with holes.
    pub disk: PathBuf,
    /// The update.
    pub bundle: PathBuf,
    /// Names and versions of all packages in it.
    pub manifest: PathBuf,
}

/// Makes a board's image in a folder.
pub fn make(board: &Board, parts: &Parts, out: &Path) -> Result<Image> {
    let parts_of_disk = (
        &board.image.release,
        board.image.esp_mib,
        board.image.slot_mib,
    );
    let (Kind::Uefi, (Some(release), Some(esp_mib), Some(slot_mib))) =
        (board.image.kind, parts_of_disk)
    else {
        bail!(
            "{} has no image of ours; see board/{}",
            board.name,
            board.name
        );
    };
    let common = Common::load(&board.root)?;
    let epoch = package::epoch()?;
    let packages = board.packages(&common);
    let early = board.initrd_modules(&common);
    let mut modules = board.modules(&common);
    modules.extend(early.clone());
    let removed = REMOVED.map(String::from);
    let mut overlays = vec![board.root.join("board/common/image")];
    overlays.extend(parts.overlay.clone());
    let ingredients = Ingredients {
        architecture: board.architecture.debian(),
        release,
        components: &board.image.components,
        packages: &packages,
        removed: &removed,
        own: &parts.packages,
        overlays: &overlays,
        modules: &modules,
        keyring: &parts.signer.certificate,
        board: &board.name,
        version: &parts.version,
        epoch,
    };
    foreign::allow(board.architecture)?;
    std::fs::create_dir_all(out)?;
    let work = out.join("work");
    let root = work.join("root");
    let debian = step("Debian's packages", || {
        ingredients.debian(&cache::folder().join("boards"))
    })?;
    let initrd = root.join("boot/initrd.img");
    step("root file system", || {
        let kept = ingredients.lay_out(&debian, &root)?;
        forbidden(&root, &kept.release, &common.without)?;
        let drivers = modules::find(&root, &early)?;
        let init = board.root.join("board/common/initrd/init");
        initrd::build(&root, &init, &drivers, epoch, &work.join("initrd"), &initrd).map(drop)
    })?;
    let image = Image::named(board, &parts.version, out);
    let slot = work.join("slot.img");
    let verity = step("one file system under a hash tree", || {
        verity::build(&root, epoch, parts.level, &slot)
    })?;
    let loader = loader(&root, board.architecture);
    step("disk", || {
        Disk {
            architecture: board.architecture.debian(),
            loader: &loader,
            kernel: &root.join("boot/vmlinuz"),
            initrd: &initrd,
            slot: &slot,
            verity: &verity,
            version: &parts.version,
            command_line: &board.command_line(&common),
            esp_mib: esp_mib.into(),
            slot_mib: slot_mib.into(),
            epoch,
        }
        .build(&work.join("disk"), &image.disk)
    })?;
    step("update", || {
        bundle::build(
            &slot,
            &board.compatible,
            &parts.version,
            &parts.signer,
            &work.join("bundle"),
            &image.bundle,
        )
    })?;
    std::fs::write(&image.manifest, root::manifest(&root)?)?;
    Ok(image)
}

impl Image {
    /// The root that it was made of, as long as nobody clears it away.
    pub fn root(&self) -> PathBuf {
        self.disk.with_file_name("work").join("root")
    }

    /// What an image's files are called.
    pub fn named(board: &Board, version: &str, folder: &Path) -> Image {
        let file = |ending: &str| folder.join(format!("sfumato-{}-{version}.{ending}", board.name));
        Image {
            disk: file("img"),
            bundle: file("raucb"),
            manifest: file("packages"),
        }
    }
}

/// An image with a driver of these folders is none of ours.
fn forbidden(root: &Path, release: &str, folders: &[String]) -> Result<()> {
    for folder in folders {
        let path = root.join("lib/modules").join(release).join(folder);
        if path.exists() {
            bail!(
                "the image has modules of {folder}, which no board may have: one of image.modules needs them"
            );
        }
    }
    Ok(())
}

/// Where Debian's package puts systemd-boot.
fn loader(root: &Path, architecture: Architecture) -> PathBuf {
    let name = match architecture {
        Architecture::Amd64 => "systemd-bootx64.efi",
        Architecture::Arm64 => "systemd-bootaa64.efi",
    };
    root.join("usr/lib/systemd/boot/efi").join(name)
}
