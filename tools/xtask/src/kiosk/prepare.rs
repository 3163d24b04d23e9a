//! Makes what a run needs: the image, updates good and bad, USB sticks, the test bed's disk.

use super::Options;
use super::machine::Platform;
use super::picture::Picture;
use super::scene::Scene;
use crate::image::bundle::{self, Signer};
use crate::image::tools::{Tool, clear, overlay};
use crate::image::{self, Image, Parts, verity};
use crate::programs::Programs;
use crate::steps::{cargo, step};
use crate::{clients, demo, package};
use anyhow::{Context, Result, bail};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;
use xtask::board::{Architecture, Board};
use xtask::cache;
use xtask::prerequisites::{self, Prerequisite};

/// What the emulator's boards have in common: the hand of the test bed.
const LAYER: &str = "qemu-common";

/// Versions: on the disk, of a good update, of a broken one, of one that is too old, of one that does not even start.
const VERSION: &str = "1.0.0";
const NEXT: &str = "1.1.0";
const BROKEN: &str = "1.2.0";
const OLDER: &str = "0.9.0";
const UNSTARTABLE: &str = "1.0.1";

/// Of zstd. Soon, not small: it lives for a run.
const LEVEL: u32 = 6;

/// What a disk has beyond the image, MiB: room for the data partition.
const ROOM_MIB: u64 = 512;

/// Pictures of a visitor's film; it is shown again and again.
const FILM: &str = "4";

/// What a run starts from.
#[derive(Debug)]
pub struct Prepared {
    /// What the emulator plays.
    pub platform: &'static Platform,
    /// Where everything is made.
    pub folder: PathBuf,
    /// The kiosk's disk, flashed.
    pub disk: PathBuf,
    /// The test bed's disk.
    pub rig: PathBuf,
    /// The rest.
    pub scene: Scene,
    /// Size of the image as it is handed out, 10^6 bytes.
    pub compressed_megabytes: f64,
}

/// Makes all of it, from what is there already where that is the same.
pub fn prepare(options: &Options) -> Result<Prepared> {
    prerequisites::ensure(&[
        prerequisites::BUILD,
        prerequisites::MODELS,
        prerequisites::IMAGES,
    ])?;
    let root = crate::steps::root()?;
    let board = Board::load(&root, &options.board)?;
    if !board.layers.iter().any(|layer| layer == LAYER) {
        bail!(
            "the emulator plays no {}; it plays boards with the layer {LAYER}",
            board.name
        );
    }
    prerequisites::ensure(&[emulation(board.architecture)])?;
    let (programs, pack) = demo::built_in()?;
    let folder = programs.target.join("kiosk").join(&board.name);
    std::fs::create_dir_all(&folder)?;
    let packages = match &options.packages {
        Some(folder) => image::debs(folder)?,
        // The profile that the tests are built with, too: here function is judged, not speed.
        None => package::make(&package::Options {
            board: Some(board.name.clone()),
            profile: Some("dev".into()),
            programs: (board.architecture == package::here())
                .then(|| programs.target.join("debug")),
            pack: Some(pack.clone()),
            ..package::Options::default()
        })?,
    };
    let signer = Signer::own(&cache::folder().join("signing"))?;
    let make = |version: &str, overlay: Option<PathBuf>| {
        let parts = Parts {
            packages: packages.clone(),
            version: version.into(),
            signer: signer.clone(),
            overlay,
            level: LEVEL,
        };
        once(&board, &parts, &folder.join(version))
    };
    let first = make(VERSION, None)?;
    let second = make(NEXT, None)?;
    let broken = make(BROKEN, Some(broken_overlay(&folder)?))?;
    let small = SmallBundles::make(&folder, &board.compatible, &signer)?;
    let unstartable = unstartable(&first, &folder, &board.compatible, &signer)?;
    let sticks = [
        ("next", second.bundle),
        ("broken", broken.bundle),
        ("tampered", small.tampered),
        ("other-board", small.other_board),
        ("older", small.older),
    ];
    let sticks = step("USB sticks", || {
        sticks
            .into_iter()
            .map(|(name, bundle)| {
                Ok((name, stick(&folder.join(format!("{name}.stick")), &bundle)?))
            })
            .collect::<Result<Vec<_>>>()
    })?;
    let rig = rig(&folder, &board, &programs)?;
    let compressed = image::compress(&first.disk, LEVEL)?;
    let disk = step("flashing", || {
        flash(&programs, &first.disk, &compressed, &folder)
    })?;
    let scene = Scene {
        painting: expected(&folder, &programs, &pack)?,
        next: NEXT.into(),
        unstartable,
        atelier: programs.atelier.clone(),
        sticks,
        clients: clients::fetched().ok(),
        pack,
        seed: options.seed,
        cuts: options.cuts,
    };
    Ok(Prepared {
        platform: Platform::of(board.architecture),
        disk,
        rig,
        scene,
        compressed_megabytes: std::fs::metadata(&compressed)?.len() as f64 / 1e6,
        folder,
    })
}

/// What plays a board.
pub fn emulation(architecture: Architecture) -> &'static [Prerequisite] {
    match architecture {
        Architecture::Amd64 => prerequisites::EMULATION,
        Architecture::Arm64 => prerequisites::EMULATION_ARM64,
    }
}

/// Makes an image, unless the same was made before.
fn once(board: &Board, parts: &Parts, folder: &Path) -> Result<Image> {
    let sources = [
        board.root.join("board"),
        board.root.join("tools/xtask/src/image"),
        parts.signer.certificate.clone(),
    ];
    let mut all: Vec<&Path> = sources.iter().map(PathBuf::as_path).collect();
    all.extend(parts.packages.iter().map(PathBuf::as_path));
    all.extend(parts.overlay.as_deref());
    let key = cache::key(&all)?;
    let stamp = folder.join("key");
    let image = Image::named(board, &parts.version, folder);
    if image.disk.exists() && std::fs::read_to_string(&stamp).is_ok_and(|made| made == key) {
        println!("   version {} as it was made before", parts.version);
        return Ok(image);
    }
    let _ = std::fs::remove_file(&stamp);
    let image = image::make(board, parts, folder)?;
    std::fs::write(&stamp, key)?;
    Ok(image)
}

/// A program in the place of ours that ends at once.
fn broken_overlay(folder: &Path) -> Result<PathBuf> {
    use std::os::unix::fs::PermissionsExt;
    let laid = folder.join("broken-overlay");
    clear(&laid)?;
    let program = laid.join("usr/bin/sfumato");
    std::fs::create_dir_all(laid.join("usr/bin"))?;
    std::fs::write(
        &program,
        "#!/bin/sh\necho 'this version is broken' >&2\nexit 1\n",
    )?;
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755))?;
    Ok(laid)
}

/// Updates that must be refused before a byte of them is written.
struct SmallBundles {
    tampered: PathBuf,
    other_board: PathBuf,
    older: PathBuf,
}

impl SmallBundles {
    fn make(folder: &Path, compatible: &str, signer: &Signer) -> Result<SmallBundles> {
        let slot = folder.join("small.img");
        // Nothing that could be packed into less than RAUC wants.
        let mut number = 1u32;
        let bytes: Vec<u8> = std::iter::repeat_with(|| {
            number = number.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (number >> 24) as u8
        })
        .take(256 << 10)
        .collect();
        std::fs::write(&slot, bytes)?;
        let make = |name: &str, compatible: &str, version: &str| -> Result<PathBuf> {
            let out = folder.join(format!("{name}.raucb"));
            bundle::build(
                &slot,
                compatible,
                version,
                signer,
                &folder.join("small"),
                &out,
            )?;
            Ok(out)
        };
        let tampered = make("tampered", compatible, NEXT)?;
        let mut bytes = std::fs::read(&tampered)?;
        // Within what is signed, not in the signature behind it.
        let at = bytes.len() / 3;
        bytes[at] ^= 1;
        std::fs::write(&tampered, bytes)?;
        Ok(SmallBundles {
            tampered,
            other_board: make("other-board", "sfumato-some-other-board", NEXT)?,
            older: make("older", compatible, OLDER)?,
        })
    }
}

/// A small update that the loader can start and that leads nowhere: a kernel, and no system behind it.
fn unstartable(image: &Image, folder: &Path, compatible: &str, signer: &Signer) -> Result<PathBuf> {
    let out = folder.join("unstartable.raucb");
    let work = folder.join("unstartable");
    clear(&work)?;
    let root = work.join("root");
    for made in ["boot", "usr/lib"] {
        std::fs::create_dir_all(root.join(made))?;
    }
    let kernel = image.root().join("boot/vmlinuz");
    std::fs::copy(&kernel, root.join("boot/vmlinuz"))
        .with_context(|| format!("cannot copy {}", kernel.display()))?;
    std::fs::write(root.join("boot/initrd.img"), "No initial RAM disk.\n")?;
    std::fs::write(
        root.join("usr/lib/os-release"),
        format!("IMAGE_VERSION={UNSTARTABLE}\n"),
    )?;
    let slot = work.join("slot.img");
    verity::build(&root, package::epoch()?, LEVEL, &slot)?;
    bundle::build(
        &slot,
        compatible,
        UNSTARTABLE,
        signer,
        &work.join("bundle"),
        &out,
    )?;
    Ok(out)
}

/// A USB stick with one partition and one file, as it comes from a shop.
fn stick(file: &Path, bundle: &Path) -> Result<PathBuf> {
    const START: u64 = 1 << 20;
    let room = std::fs::metadata(bundle)?.len() + (40 << 20);
    let partition = file.with_extension("vfat");
    File::create(&partition)?.set_len(room)?;
    Tool::new("mkfs.vfat")
        .args(["-n", "STICK"])
        .arg(&partition)
        .output()?;
    Tool::new("mcopy")
        .arg("-i")
        .arg(&partition)
        .arg(bundle)
        .arg("::/")
        .run()?;
    File::create(file)?.set_len(START + room)?;
    Tool::new("sfdisk")
        .arg("--quiet")
        .arg(file)
        .feed("label: dos\nstart=2048, type=c\n")?;
    Tool::new("dd")
        .arg(format!("if={}", partition.display()))
        .arg(format!("of={}", file.display()))
        .args(["bs=1M", "seek=1", "conv=notrunc,sparse", "status=none"])
        .run()?;
    std::fs::remove_file(partition)?;
    Ok(file.to_owned())
}

/// The test bed's disk: its hand, and films of a visitor.
fn rig(folder: &Path, board: &Board, programs: &Programs) -> Result<PathBuf> {
    step("the test bed's disk", || {
        cargo(&["build", "--locked", "--workspace", "--example", "film"])?;
        let tree = folder.join("rig");
        clear(&tree)?;
        overlay(&board.root.join("board/qemu-common/rig"), &tree)?;
        let film = programs.target.join("debug/examples/film");
        for act in ["calm", "laugh"] {
            let status = Command::new(&film)
                .args([act, "640x480", FILM])
                .arg(tree.join(format!("{act}.yuyv")))
                .status()?;
            if !status.success() {
                bail!("the visitor could not be filmed");
            }
        }
        let out = folder.join("rig.squashfs");
        Tool::new("mksquashfs")
            .arg(&tree)
            .arg(&out)
            .args(["-noappend", "-quiet", "-no-progress", "-all-root"])
            .run()?;
        Ok(out)
    })
}

/// Writes the image to the kiosk's disk as a technician would to a card.
fn flash(programs: &Programs, image: &Path, compressed: &Path, folder: &Path) -> Result<PathBuf> {
    let disk = folder.join("disk.raw");
    File::create(&disk)?.set_len(std::fs::metadata(image)?.len() + (ROOM_MIB << 20))?;
    let atelier = programs
        .atelier
        .to_str()
        .context("a path that is not UTF-8")?;
    Tool::new(atelier)
        .args(["flash", "--yes", "--fresh", "--file"])
        .args([compressed, &disk])
        .run()?;
    Ok(disk)
}

/// What a screen of the kiosk's size shows of the painting at rest.
fn expected(folder: &Path, programs: &Programs, pack: &Path) -> Result<Picture> {
    let frames = folder.join("expected");
    clear(&frames)?;
    let screen = format!("frames:{}?size=800x600", frames.display());
    let mut tool = Tool::new(
        programs
            .sfumato
            .to_str()
            .context("a path that is not UTF-8")?,
    );
    tool = tool.args([
        "run",
        "--camera",
        "synthetic:?pace=off",
        "--frames",
        "1",
        "--pack",
    ]);
    tool.arg(pack).args(["--screen", &screen]).run()?;
    let file = frames.join("000000.png");
    let kept = folder.join("expected.png");
    std::fs::copy(&file, &kept).context("the program has shown no picture")?;
    Picture::read(&kept)
}
