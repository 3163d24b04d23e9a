//! One board: `board.toml`, read and checked.

use super::{Common, read, refuse, serial_device};
use anyhow::{Context, Result, bail};
use serde::Deserialize;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// One board; the folder's name is the board's.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Board {
    /// Name of its folder, such as `qemu-x86_64`.
    #[serde(skip)]
    pub name: String,
    /// The project's root folder.
    #[serde(skip)]
    pub root: PathBuf,
    /// What people call it.
    pub title: String,
    /// What its processor is.
    pub architecture: Architecture,
    /// What an update must be made for (RAUC's word), such as `sfumato-qemu-x86_64`.
    pub compatible: String,
    /// Folders beside the board's own whose `root/` it has, too, such as `qemu-common`; later ones go first.
    #[serde(default)]
    pub layers: Vec<String>,
    /// Names of its devices.
    pub devices: Devices,
    /// What it starts from.
    pub image: Image,
    /// Where TensorRT runs the portrait's network; the program is built for it then.
    pub tensorrt: Option<TensorRt>,
    /// Whether an update may be older than what runs.
    #[serde(default)]
    pub allow_downgrade: bool,
    /// What was seen to work.
    pub proof: Proof,
}

/// The table of the same name in the portrait's settings file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TensorRt {
    /// The exported network.
    pub network: String,
    /// ONNX Runtime, built with TensorRT.
    pub library: String,
    /// Where engines are kept.
    pub cache: String,
}

/// A processor by Debian's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Architecture {
    /// x86-64.
    Amd64,
    /// 64-bit Arm.
    Arm64,
}

impl Architecture {
    /// Debian's name of it.
    pub fn debian(self) -> &'static str {
        match self {
            Architecture::Amd64 => "amd64",
            Architecture::Arm64 => "arm64",
        }
    }

    /// Rust's name of what is built for it.
    pub fn target(self) -> &'static str {
        match self {
            Architecture::Amd64 => "x86_64-unknown-linux-gnu",
            Architecture::Arm64 => "aarch64-unknown-linux-gnu",
        }
    }

    /// Beginning of the names of Debian's compiler and its tools for it.
    pub fn tools(self) -> &'static str {
        match self {
            Architecture::Amd64 => "x86_64-linux-gnu-",
            Architecture::Arm64 => "aarch64-linux-gnu-",
        }
    }
}

/// Names of a board's devices.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Devices {
    /// The camera, as `sfumato run --camera` takes it.
    pub camera: String,
    /// The screen, as `sfumato run --screen` takes it.
    pub screen: String,
    /// The serial port, as `sfumato run --serial` takes it.
    pub serial: String,
    /// The watchdog that systemd holds, such as `/dev/watchdog0`; none: the board has none.
    pub watchdog: Option<String>,
}

/// How a board's system is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A Debian image of ours, started by UEFI.
    Uefi,
    /// NVIDIA's Linux for Tegra, with our files laid over it.
    L4t,
    /// None: a computer that has its own system.
    None,
}

/// What a board starts from. What only a UEFI image has is checked to be there for one, and absent elsewhere.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Image {
    /// How it is made.
    pub kind: Kind,
    /// Debian's release by name, or L4T's by number.
    pub release: Option<String>,
    /// Sections of Debian's archive.
    #[serde(default = "main_only")]
    pub components: Vec<String>,
    /// The kernel's package.
    pub kernel: Option<String>,
    /// Debian packages beyond the common ones.
    #[serde(default)]
    pub packages: Vec<String>,
    /// Kernel modules beyond the common ones.
    #[serde(default)]
    pub modules: Vec<String>,
    /// Of all modules, what is loaded at each start beyond the common ones.
    #[serde(default)]
    pub load: Vec<String>,
    /// Modules of the initial RAM disk beyond the common ones.
    #[serde(default)]
    pub initrd_modules: Vec<String>,
    /// Kernel options before the common ones.
    #[serde(default)]
    pub command_line: String,
    /// Size of the boot partition in MiB.
    pub esp_mib: Option<u32>,
    /// Size of each of the two root partitions in MiB.
    pub slot_mib: Option<u32>,
    /// Units that must never run, beyond the common ones and the login prompt of the serial port.
    #[serde(default)]
    pub masks: Vec<String>,
}

fn main_only() -> Vec<String> {
    vec!["main".to_owned()]
}

/// How far something was proved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum Proved {
    /// Ran in the emulator, from the board's own image.
    #[serde(rename = "booted in QEMU")]
    Booted,
    /// Was built, and looked at from outside.
    #[serde(rename = "built")]
    Built,
    /// Runs in the test suite, without hardware.
    #[serde(rename = "simulated")]
    Simulated,
    /// Nobody has tried.
    #[serde(rename = "not tried")]
    NotTried,
    /// There is no such thing on this board.
    #[serde(rename = "none")]
    Nothing,
}

impl Proved {
    /// As it is said on the page of boards.
    pub fn words(self) -> &'static str {
        match self {
            Proved::Booted => "booted in QEMU",
            Proved::Built => "built only",
            Proved::Simulated => "simulated by the tests",
            Proved::NotTried => "not tried",
            Proved::Nothing => "–",
        }
    }
}

/// What was proved of a board; nothing is claimed for hardware that was not seen.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Proof {
    /// Its packages.
    pub package: Proved,
    /// Its image.
    pub image: Proved,
    /// From power-on to a picture.
    pub boot: Proved,
    /// Camera to picture.
    pub camera: Proved,
    /// Picture to screen.
    pub screen: Proved,
    /// Settings over the serial line.
    pub serial: Proved,
    /// Update and roll-back.
    pub update: Proved,
    /// Writing the image to a disk.
    pub flash: Proved,
}

impl Proof {
    /// Every row with its name, in the page's order.
    pub fn rows(&self) -> [(&'static str, Proved); 8] {
        [
            ("package", self.package),
            ("image", self.image),
            ("boot", self.boot),
            ("camera", self.camera),
            ("screen", self.screen),
            ("serial", self.serial),
            ("update", self.update),
            ("flash", self.flash),
        ]
    }
}

/// Largest partition that anybody should want, in MiB.
const MOST_MIB: u32 = 16 * 1024;

impl Board {
    /// Reads the board `name` of the project at `root`. An unknown name is answered with those that there are.
    pub fn load(root: &Path, name: &str) -> Result<Board> {
        let names = Board::names(root)?;
        if !names.contains(name) {
            let known: Vec<&str> = names.iter().map(String::as_str).collect();
            bail!(
                "there is no board {name:?}; there are: {}",
                known.join(", ")
            );
        }
        let path = root.join("board").join(name).join("board.toml");
        let mut board: Board = read(&path)?;
        board.name = name.to_owned();
        board.root = root.to_owned();
        refuse(&path, &board.mistakes())?;
        Ok(board)
    }

    /// Every board of the project at `root`, by name.
    pub fn all(root: &Path) -> Result<Vec<Board>> {
        let names = Board::names(root)?;
        names.iter().map(|name| Board::load(root, name)).collect()
    }

    /// Every folder with a `board.toml`.
    fn names(root: &Path) -> Result<BTreeSet<String>> {
        let folder = root.join("board");
        let entries = std::fs::read_dir(&folder)
            .with_context(|| format!("cannot look into {}", folder.display()))?;
        let mut names = BTreeSet::new();
        for entry in entries {
            let entry = entry?;
            if entry.path().join("board.toml").is_file() {
                names.insert(entry.file_name().to_string_lossy().into_owned());
            }
        }
        Ok(names)
    }

    /// Folders whose files the board has, those that are laid down first at the beginning.
    pub fn folders(&self) -> Vec<PathBuf> {
        let common = (self.image.kind == Kind::Uefi).then_some("common");
        let layers = self.layers.iter().map(String::as_str);
        let names = common.into_iter().chain(layers).chain([self.name.as_str()]);
        names
            .map(|name| self.root.join("board").join(name).join("root"))
            .filter(|folder| folder.is_dir())
            .collect()
    }

    /// All Debian packages of its image but ours, the kernel's at the end.
    pub fn packages(&self, common: &Common) -> Vec<String> {
        let kernel = self.image.kernel.iter().cloned();
        joined(&common.packages, &self.image.packages, kernel)
    }

    /// All kernel modules of its root file system.
    pub fn modules(&self, common: &Common) -> Vec<String> {
        joined(&common.modules, &self.image.modules, [])
    }

    /// All kernel modules of its initial RAM disk.
    pub fn initrd_modules(&self, common: &Common) -> Vec<String> {
        joined(&common.initrd_modules, &self.image.initrd_modules, [])
    }

    /// All kernel modules that are loaded at each start.
    pub fn load_at_start(&self, common: &Common) -> Vec<String> {
        joined(&common.load, &self.image.load, [])
    }

    /// The kernel's options, without those that say which slot is started.
    pub fn command_line(&self, common: &Common) -> String {
        let both = [self.image.command_line.trim(), common.command_line.trim()];
        both.join(" ").trim().to_owned()
    }

    /// What is wrong with the data though its form is right.
    fn mistakes(&self) -> Vec<String> {
        let mut mistakes = Vec::new();
        let mut wrong = |key: &str, what: String| mistakes.push(format!("{key}: {what}"));
        if self.title.trim().is_empty() {
            wrong("title", "say what people call the board".into());
        }
        if self.compatible != format!("sfumato-{}", self.name) {
            wrong(
                "compatible",
                format!("{:?} must be sfumato-{}", self.compatible, self.name),
            );
        }
        for layer in &self.layers {
            if !self.root.join("board").join(layer).join("root").is_dir() {
                wrong("layers", format!("there is no folder board/{layer}/root"));
            }
        }
        for (key, value, schemes) in [
            (
                "devices.camera",
                &self.devices.camera,
                &["v4l2:", "clip:", "synthetic:"][..],
            ),
            (
                "devices.screen",
                &self.devices.screen,
                &["drm:", "window:", "frames:", "null:"],
            ),
            ("devices.serial", &self.devices.serial, &["/dev/", "pty:"]),
        ] {
            if !schemes.iter().any(|scheme| value.starts_with(scheme)) {
                wrong(
                    key,
                    format!("{value:?} must begin with {}", schemes.join(" or ")),
                );
            }
        }
        let tensorrt = self.tensorrt.as_ref();
        let tensorrt = tensorrt.map_or([""; 3], |t| [&t.network, &t.library, &t.cache]);
        let devices = [
            ("devices.camera", self.devices.camera.as_str()),
            ("devices.screen", &self.devices.screen),
            ("devices.serial", &self.devices.serial),
            ("tensorrt.network", tensorrt[0]),
            ("tensorrt.library", tensorrt[1]),
            ("tensorrt.cache", tensorrt[2]),
        ];
        for (key, value) in devices {
            if !value
                .chars()
                .all(|c| c.is_ascii_graphic() && !"\"\\".contains(c))
            {
                wrong(
                    key,
                    format!("{value:?} has a character that no address has"),
                );
            }
        }
        if let Some(watchdog) = &self.devices.watchdog
            && serial_device(watchdog).is_none()
        {
            wrong(
                "devices.watchdog",
                format!("{watchdog:?} must be a device such as /dev/watchdog0"),
            );
        }
        self.image_mistakes(&mut wrong);
        mistakes
    }

    fn image_mistakes(&self, wrong: &mut dyn FnMut(&str, String)) {
        let image = &self.image;
        let uefi = image.kind == Kind::Uefi;
        for (key, there) in [
            ("image.kernel", image.kernel.is_some()),
            ("image.esp_mib", image.esp_mib.is_some()),
            ("image.slot_mib", image.slot_mib.is_some()),
        ] {
            match (uefi, there) {
                (true, false) => wrong(key, "an image that UEFI starts needs it".into()),
                (false, true) => wrong(key, "only an image that UEFI starts has it".into()),
                _ => {}
            }
        }
        for (key, there) in [
            ("image.packages", !image.packages.is_empty()),
            ("image.modules", !image.modules.is_empty()),
            ("image.initrd_modules", !image.initrd_modules.is_empty()),
            ("image.command_line", !image.command_line.is_empty()),
        ] {
            if there && !uefi {
                wrong(key, "only an image that UEFI starts has it".into());
            }
        }
        if (image.kind != Kind::None) != image.release.is_some() {
            wrong(
                "image.release",
                "every board but one without an image says whose release it is".into(),
            );
        }
        for (key, size, least) in [
            ("image.esp_mib", image.esp_mib, 64),
            ("image.slot_mib", image.slot_mib, 128),
        ] {
            if size.is_some_and(|size| !(least..=MOST_MIB).contains(&size)) {
                wrong(key, format!("must be {least} to {MOST_MIB}"));
            }
        }
        for (key, names) in [
            ("image.packages", &image.packages),
            ("image.modules", &image.modules),
            ("image.load", &image.load),
            ("image.initrd_modules", &image.initrd_modules),
            ("image.components", &image.components),
            ("image.masks", &image.masks),
        ] {
            let mut seen = BTreeSet::new();
            for name in names {
                if !is_name(name) {
                    wrong(key, format!("{name:?} is no name"));
                }
                if !seen.insert(name) {
                    wrong(key, format!("{name:?} stands there twice"));
                }
            }
        }
        let options = &image.command_line;
        if options.contains('\n') || options.contains("sfumato.") {
            wrong(
                "image.command_line",
                "must be one line, without what the boot entries say (sfumato.…)".into(),
            );
        }
    }
}

/// Names of packages, modules and units; nothing that a shell or a path would read otherwise.
fn is_name(text: &str) -> bool {
    let known = |c: char| c.is_ascii_alphanumeric() || "+-._@".contains(c);
    text.starts_with(|c: char| c.is_ascii_alphanumeric()) && text.chars().all(known)
}

fn joined(
    common: &[String],
    own: &[String],
    more: impl IntoIterator<Item = String>,
) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    let all = common.iter().chain(own).cloned().chain(more);
    for name in all {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}
