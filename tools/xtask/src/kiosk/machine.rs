//! A kiosk in the emulator: the real image on a disk of its own, with screen, camera, serial line and USB.
//!
//! Emulated instruction by instruction: what is judged here is function, not speed.

use super::hand::Hand;
use super::line::Line;
use super::qmp::Qmp;
use anyhow::{Context, Result, bail};
use serde_json::json;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use xtask::board::Architecture;

/// What the emulator plays.
#[derive(Debug)]
pub struct Platform {
    emulator: &'static str,
    /// Machine and processor.
    machine: &'static [&'static str],
    /// UEFI, and what it remembers, as Debian's packages bring them.
    firmware: &'static str,
    variables: &'static str,
    /// The portrait's serial port.
    port: &'static [&'static str],
}

/// The PC. Wider vectors than this processor has are emulated number by number: faces would take 20 s each.
const PC: Platform = Platform {
    emulator: "qemu-system-x86_64",
    machine: &["-M", "q35", "-cpu", "Nehalem"],
    firmware: "/usr/share/OVMF/OVMF_CODE_4M.fd",
    variables: "/usr/share/OVMF/OVMF_VARS_4M.fd",
    port: &["-serial", "chardev:portrait"],
};

/// The arm64 board. It has one UART, which is the console's.
const ARM64: Platform = Platform {
    emulator: "qemu-system-aarch64",
    machine: &["-M", "virt", "-cpu", "cortex-a57"],
    firmware: "/usr/share/AAVMF/AAVMF_CODE.fd",
    variables: "/usr/share/AAVMF/AAVMF_VARS.fd",
    port: &["-device", "virtconsole,chardev=portrait"],
};

impl Platform {
    /// What a board of this architecture is.
    pub fn of(architecture: Architecture) -> &'static Platform {
        match architecture {
            Architecture::Amd64 => &PC,
            Architecture::Arm64 => &ARM64,
        }
    }
}

/// A kiosk, on or off.
#[derive(Debug)]
pub struct Machine {
    platform: &'static Platform,
    folder: PathBuf,
    disk: PathBuf,
    rig: PathBuf,
    emulator: Option<Child>,
    starts: u32,
    began: Instant,
    /// Words with the emulator.
    pub qmp: Option<Qmp>,
    /// The hand inside.
    pub hand: Option<Hand>,
    /// The serial line, once the kiosk is on.
    pub line: Option<Line>,
    port: PathBuf,
    sticks: u32,
}

impl Machine {
    /// A kiosk with a disk, switched off; all that it leaves goes to `folder`.
    pub fn new(
        platform: &'static Platform,
        disk: &Path,
        rig: &Path,
        folder: &Path,
    ) -> Result<Machine> {
        std::fs::create_dir_all(folder)?;
        std::fs::copy(platform.variables, folder.join("variables.fd"))
            .context("no UEFI firmware")?;
        Ok(Machine {
            platform,
            folder: folder.to_owned(),
            disk: disk.to_owned(),
            rig: rig.to_owned(),
            emulator: None,
            starts: 0,
            began: Instant::now(),
            qmp: None,
            hand: None,
            line: None,
            port: PathBuf::new(),
            sticks: 0,
        })
    }

    /// Where it leaves what it shows and says.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The serial port from outside.
    pub fn port(&self) -> &Path {
        &self.port
    }

    /// Switches it on.
    pub fn power_on(&mut self) -> Result<()> {
        self.power_off();
        self.starts += 1;
        self.began = Instant::now();
        let at = |name: &str| self.folder.join(name);
        for name in ["qmp.sock", "hand.sock"] {
            let _ = std::fs::remove_file(at(name));
        }
        let file = |name: &str| at(name).display().to_string();
        let log = File::create(at(&format!("emulator-{}.log", self.starts)))?;
        let platform = self.platform;
        let mut command = Command::new(platform.emulator);
        command
            .args(platform.machine)
            .args(["-accel", "tcg,thread=multi", "-smp", "2", "-m", "1024"])
            .args(["-nodefaults", "-no-user-config"])
            .args(["-display", "none", "-nic", "none"])
            .args([
                "-drive",
                &format!(
                    "if=pflash,format=raw,readonly=on,file={}",
                    platform.firmware
                ),
            ])
            .args([
                "-drive",
                &format!("if=pflash,format=raw,file={}", file("variables.fd")),
            ])
            .args([
                "-drive",
                &format!("if=none,id=disk,format=raw,file={}", self.disk.display()),
            ])
            .args(["-device", "virtio-blk-pci,drive=disk,bootindex=1"])
            .arg("-drive")
            .arg(format!(
                "if=none,id=rig,format=raw,readonly=on,file={}",
                self.rig.display()
            ))
            .args(["-device", "virtio-blk-pci,drive=rig,serial=RIG"])
            .args(["-device", "virtio-gpu-pci,xres=800,yres=600"])
            .args(["-device", "qemu-xhci,id=usb"])
            .args(["-device", "i6300esb"])
            .args([
                "-serial",
                &format!("file:{}", file(&format!("console-{}.log", self.starts))),
            ])
            .args(["-device", "virtio-serial-pci"])
            .args(["-chardev", "pty,id=portrait"])
            .args(platform.port)
            .args([
                "-chardev",
                &format!(
                    "socket,id=hand,server=on,wait=off,path={}",
                    file("hand.sock")
                ),
            ])
            .args(["-device", "virtserialport,chardev=hand,name=sfumato.hand"])
            .args([
                "-qmp",
                &format!("unix:{},server=on,wait=off", file("qmp.sock")),
            ])
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log);
        let emulator = command.spawn();
        self.emulator =
            Some(emulator.with_context(|| format!("cannot run {}", platform.emulator))?);
        let socket = at("qmp.sock");
        let mut qmp = loop {
            if let Ok(qmp) = Qmp::open(&socket) {
                break qmp;
            }
            if self.began.elapsed() > Duration::from_secs(30) {
                bail!("the emulator does not start; see {}", self.folder.display());
            }
            std::thread::sleep(Duration::from_millis(100));
        };
        let devices = qmp.ask("query-chardev", json!({}))?;
        let port = devices
            .as_array()
            .into_iter()
            .flatten()
            .find(|device| device["label"] == "portrait")
            .and_then(|device| device["filename"].as_str()?.strip_prefix("pty:"))
            .context("the emulator tells no serial port")?;
        self.port = port.into();
        self.line = Some(Line::open(&self.port, &at("serial.log"))?);
        self.hand = Some(Hand::take(&at("hand.sock"))?);
        self.qmp = Some(qmp);
        Ok(())
    }

    /// Pulls the plug.
    pub fn power_off(&mut self) {
        self.qmp = None;
        self.hand = None;
        self.line = None;
        if let Some(mut emulator) = self.emulator.take() {
            let _ = emulator.kill();
            let _ = emulator.wait();
        }
    }

    /// Starts it anew as a power cut would: without a word to the system in it.
    pub fn power_cut(&mut self) -> Result<()> {
        self.power_off();
        self.power_on()
    }

    /// Seconds since it was switched on.
    pub fn age(&self) -> Duration {
        self.began.elapsed()
    }

    /// The serial line.
    pub fn line(&mut self) -> Result<&mut Line> {
        self.line.as_mut().context("the kiosk is off")
    }

    /// The hand inside, as soon as it is there.
    pub fn hand(&mut self) -> Result<&mut Hand> {
        self.hand.as_mut().context("the kiosk is off")
    }

    /// Words with the emulator.
    pub fn qmp(&mut self) -> Result<&mut Qmp> {
        self.qmp.as_mut().context("the kiosk is off")
    }

    /// What the screen shows, kept under a name.
    pub fn screenshot(&mut self, name: &str) -> Result<PathBuf> {
        let file = std::fs::canonicalize(&self.folder)?.join(format!("{name}.png"));
        self.qmp()?.screenshot(&file)?;
        Ok(file)
    }

    /// Puts a USB stick in; returns how to pull it out.
    pub fn plug(&mut self, stick: &Path) -> Result<String> {
        self.sticks += 1;
        let id = format!("stick{}", self.sticks);
        let file = std::fs::canonicalize(stick)?;
        let qmp = self.qmp()?;
        qmp.ask(
            "blockdev-add",
            json!({"driver": "raw", "node-name": id, "read-only": true,
                   "file": {"driver": "file", "filename": file, "read-only": true}}),
        )?;
        qmp.ask(
            "device_add",
            json!({"driver": "usb-storage", "bus": "usb.0", "drive": id, "id": format!("usb-{id}"), "removable": true}),
        )?;
        Ok(id)
    }

    /// Pulls it out.
    pub fn unplug(&mut self, id: &str) -> Result<()> {
        self.qmp()?
            .ask("device_del", json!({"id": format!("usb-{id}")}))
            .map(drop)
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        self.power_off();
    }
}
