//! A board in a folder: real bundles, real RAUC where it can run, the real loader's files.

use sfumato_slots::{Entry, EntryName, Identity, Slot, options_for};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

/// What the tests need of this machine.
const TOOLS: [(&str, &str); 6] = [
    ("rauc", "rauc"),
    ("openssl", "openssl"),
    ("mksquashfs", "squashfs-tools"),
    ("unsquashfs", "squashfs-tools"),
    ("veritysetup", "cryptsetup-bin"),
    ("mount", "mount"),
];

/// Bundles and keys, made once.
#[derive(Debug)]
pub struct Workshop {
    folder: tempfile::TempDir,
}

fn run(program: &str, arguments: &[&str], folder: &Path) -> Output {
    let output = Command::new(program)
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{program} {arguments:?}: {}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    output
}

/// Path of a program, as the shell finds it.
fn which(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let path =
        std::env::split_paths(&path).chain([PathBuf::from("/usr/sbin"), PathBuf::from("/sbin")]);
    path.map(|folder| folder.join(program))
        .find(|file| file.is_file())
}

impl Workshop {
    /// The workshop; none, with the reason printed, where this machine lacks something.
    pub fn open() -> Option<&'static Workshop> {
        static WORKSHOP: OnceLock<Option<Workshop>> = OnceLock::new();
        WORKSHOP
            .get_or_init(|| {
                for (tool, package) in TOOLS {
                    if which(tool).is_none() {
                        println!("skipped: {tool} is not installed (apt install {package})");
                        return None;
                    }
                }
                let workshop = Workshop::make();
                workshop.can_mount().then_some(workshop)
            })
            .as_ref()
    }

    fn make() -> Workshop {
        let folder = tempfile::tempdir().unwrap();
        let at = folder.path();
        for (name, who) in [("good", "museum"), ("other", "somebody")] {
            let (key, cert) = (format!("{name}.key"), format!("{name}.pem"));
            let subject = format!("/O=Sfumato test/CN={who}");
            let arguments = [
                "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-keyout", &key,
                "-out", &cert, "-subj", &subject,
            ];
            run("openssl", &arguments, at);
        }
        let workshop = Workshop { folder };
        for (name, board, version, key) in [
            ("newer", "sfumato-sim", "0.2.0", "good"),
            ("newest", "sfumato-sim", "0.3.0", "good"),
            ("same", "sfumato-sim", "0.1.5", "good"),
            ("older", "sfumato-sim", "0.1.0", "good"),
            ("foreign", "sfumato-jetson", "0.2.0", "good"),
            ("stranger", "sfumato-sim", "0.2.0", "other"),
        ] {
            workshop.bundle(name, board, version, key);
        }
        workshop.spoil();
        workshop.plain_bundle();
        workshop
    }

    /// Builds a system of its version and signs it.
    fn bundle(&self, name: &str, board: &str, version: &str, key: &str) {
        let at = self.folder.path();
        let (root, content) = (at.join("root"), at.join("content"));
        for folder in [root.join("boot"), root.join("usr/lib"), content.clone()] {
            fs::create_dir_all(folder).unwrap();
        }
        fs::write(root.join("boot/vmlinuz-6.1"), kernel(version)).unwrap();
        let link = root.join("boot/vmlinuz");
        let _ = fs::remove_file(&link);
        std::os::unix::fs::symlink("vmlinuz-6.1", link).unwrap();
        fs::write(root.join("boot/initrd.img"), initrd(version)).unwrap();
        let release = format!("ID=debian\nIMAGE_VERSION=\"{version}\"\n");
        fs::write(root.join("usr/lib/os-release"), release).unwrap();
        let image = content.join("root.img");
        let _ = fs::remove_file(&image);
        run(
            "mksquashfs",
            &[
                "root",
                "content/root.img",
                "-quiet",
                "-no-progress",
                "-all-root",
            ],
            at,
        );
        let size = fs::metadata(&image).unwrap().len();
        assert_eq!(size % 4096, 0);
        let (blocks, offset) = (
            format!("--data-blocks={}", size / 4096),
            format!("--hash-offset={size}"),
        );
        let veritysetup = which("veritysetup").unwrap();
        let veritysetup = veritysetup.to_str().unwrap();
        let arguments = [
            "format",
            &blocks,
            &offset,
            "content/root.img",
            "content/root.img",
        ];
        run(veritysetup, &arguments, at);
        let manifest = format!(
            "[update]\ncompatible={board}\nversion={version}\n\n[bundle]\nformat=verity\n\n[image.rootfs]\nfilename=root.img\n"
        );
        fs::write(content.join("manifest.raucm"), manifest).unwrap();
        let (cert, key) = (format!("--cert={key}.pem"), format!("--key={key}.key"));
        run(
            "rauc",
            &["bundle", &cert, &key, "content", &format!("{name}.raucb")],
            at,
        );
    }

    /// The newest system once more, in the one format that RAUC can install without device-mapper.
    fn plain_bundle(&self) {
        self.bundle("spare", "sfumato-sim", "0.4.0", "good");
        let content = self.folder.path().join("content");
        let manifest = "[update]\ncompatible=sfumato-sim\nversion=0.4.0\n\n[image.rootfs]\nfilename=root.img\n";
        fs::write(content.join("manifest.raucm"), manifest).unwrap();
        let arguments = [
            "bundle",
            "--cert=good.pem",
            "--key=good.key",
            "content",
            "plain.raucb",
        ];
        run("rauc", &arguments, self.folder.path());
    }

    /// Bundles that something happened to.
    fn spoil(&self) {
        let good = fs::read(self.file("newer")).unwrap();
        let write = |name: &str, bytes: &[u8]| fs::write(self.file(name), bytes).unwrap();
        let mut bytes = good.clone();
        bytes[100_000] ^= 1;
        write("tampered", &bytes);
        write("truncated", &good[..good.len() / 2]);
        write("short", &good[..5]);
        // The signed manifest itself is changed.
        let mut bytes = good.clone();
        let words = b"version=0.2.0";
        let at = bytes
            .windows(words.len())
            .rposition(|window| window == words)
            .unwrap();
        bytes[at + words.len() - 1] = b'9';
        write("renamed", &bytes);
        fs::copy(
            self.folder.path().join("content/root.img"),
            self.file("unsigned"),
        )
        .unwrap();
        write("nonsense", &vec![b'x'; 100_000]);
    }

    fn can_mount(&self) -> bool {
        let mount = self.folder.path().join("mount");
        fs::create_dir_all(&mount).unwrap();
        let image = self.folder.path().join("content/root.img");
        let mounted = Command::new("mount")
            .args(["-t", "squashfs", "-o", "ro"])
            .arg(image)
            .arg(&mount)
            .output()
            .unwrap();
        if !mounted.status.success() {
            let reason = String::from_utf8_lossy(&mounted.stderr).into_owned();
            println!(
                "skipped: squashfs cannot be mounted here (needs root and loop devices): {reason}"
            );
            return false;
        }
        run("umount", &[mount.to_str().unwrap()], self.folder.path());
        true
    }

    /// A bundle's file.
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(format!("{name}.raucb"))
    }

    fn certificate(&self) -> PathBuf {
        self.folder.path().join("good.pem")
    }
}

/// Lets a file be run.
pub fn make_program(file: &Path) {
    fs::set_permissions(file, fs::Permissions::from_mode(0o755)).unwrap();
}

/// The kernel of a version.
pub fn kernel(version: &str) -> Vec<u8> {
    noise(version, 1, 300_000)
}

/// The initial RAM disk of a version.
pub fn initrd(version: &str) -> Vec<u8> {
    noise(version, 2, 200_000)
}

/// Bytes that do not compress.
fn noise(version: &str, seed: u64, length: usize) -> Vec<u8> {
    let mut state = version.bytes().fold(seed | 1, |state, byte| {
        state.wrapping_mul(31).wrapping_add(u64::from(byte))
    });
    (0..length)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state.to_le_bytes()[3]
        })
        .collect()
}

/// A board in a folder. Version 0.1.5 runs in slot a, 0.1.4 is in slot b.
#[derive(Debug)]
pub struct Board {
    pub root: tempfile::TempDir,
    /// What is to break in the stand-in for `rauc install`.
    pub fault: &'static str,
}

impl Board {
    pub fn new(workshop: &Workshop) -> Board {
        let root = tempfile::tempdir().unwrap();
        let board = Board { root, fault: "" };
        board.put(
            "usr/lib/sfumato/board.toml",
            "name = \"sim\"\ntitle = \"A simulated board\"\n",
        );
        board.put("usr/lib/os-release", "IMAGE_VERSION=0.1.5\n");
        board.put("proc/uptime", "30.11 20.00\n");
        board.put("dev/disk/by-partlabel/root-a", "");
        board.put("dev/disk/by-partlabel/root-b", "");
        fs::create_dir_all(board.path("var/lib/sfumato/update")).unwrap();
        // RAUC reads the file that boards are given.
        let conf = include_str!("../../../../board/common/rauc/system.conf.in");
        board.put(
            "etc/rauc/system.conf",
            &conf.replace("@COMPATIBLE@", "sfumato-sim"),
        );
        fs::copy(workshop.certificate(), board.path("etc/rauc/keyring.pem")).unwrap();
        for (number, (slot, version)) in [(Slot::B, "0.1.4"), (Slot::A, "0.1.5")]
            .into_iter()
            .enumerate()
        {
            let image = Identity {
                root_hash: [number as u8 + 1; 32],
                verity: 4096,
            };
            let entry = Entry {
                slot,
                version: version.into(),
                number: number as u64 + 1,
                image,
                options: options_for("quiet console=ttyS0", slot, &image),
            };
            board.put(
                &format!("efi/loader/entries/{}", EntryName::confirmed(slot)),
                &entry.to_string(),
            );
            board.put(&format!("efi/{}", slot.kernel()), "kernel");
            board.put(&format!("efi/{}", slot.initrd()), "initrd");
        }
        board.starts();
        let tools = board.path("tools");
        fs::create_dir_all(&tools).unwrap();
        for (name, script) in [
            ("rauc", include_str!("rauc.sh")),
            (
                "systemctl",
                "#!/bin/sh\nif [ \"$1\" = show ]; then cat \"$ROOT/ends\" 2>/dev/null; exit; fi\n\
                 echo \"$*\" >> \"$ROOT/restarts\"\n",
            ),
        ] {
            let file = tools.join(name);
            fs::write(&file, script).unwrap();
            make_program(&file);
        }
        board
    }

    pub fn path(&self, path: &str) -> PathBuf {
        self.root.path().join(path)
    }

    pub fn put(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub fn text(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap_or_default()
    }

    /// Runs the program; its exit status, and all that it said.
    pub fn run(&self, words: &[&str]) -> (i32, String) {
        self.start(env!("CARGO_BIN_EXE_sfumato-update"), |command| {
            command.arg("--root").arg(self.root.path()).args(words);
        })
    }

    /// Runs a program that finds the board's tools.
    pub fn start(&self, program: &str, with: impl FnOnce(&mut Command)) -> (i32, String) {
        let paths = std::env::var_os("PATH").unwrap_or_default();
        let paths = std::env::join_paths(
            [self.path("tools")]
                .into_iter()
                .chain(std::env::split_paths(&paths)),
        )
        .unwrap();
        let mut command = Command::new(program);
        with(&mut command);
        let output = command
            .env("PATH", paths)
            .env("ROOT", self.root.path())
            .env("UPDATE", env!("CARGO_BIN_EXE_sfumato-update"))
            .env("REAL_RAUC", which("rauc").unwrap_or_default())
            .env("BREAK", self.fault)
            .output()
            .unwrap();
        let said = [output.stdout, output.stderr].concat();
        (
            output.status.code().unwrap_or(-1),
            String::from_utf8_lossy(&said).into_owned(),
        )
    }

    pub fn good(&self, words: &[&str]) -> String {
        let (status, said) = self.run(words);
        assert_eq!(status, 0, "{words:?}: {said}");
        said
    }

    pub fn state(&self) -> serde_json::Value {
        serde_json::from_str(&self.text("run/sfumato-update/state.json")).unwrap()
    }

    /// Files in the loader's folder.
    pub fn entries(&self) -> Vec<String> {
        let entries = fs::read_dir(self.path("efi/loader/entries")).unwrap();
        let mut names: Vec<String> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.retain(|name| name.ends_with(".conf"));
        names.sort();
        names
    }

    /// How often the board was told to restart.
    pub fn restarts(&self) -> usize {
        self.text("restarts")
            .lines()
            .filter(|line| *line == "reboot")
            .count()
    }

    /// The loader starts what it finds, and memory is empty.
    pub fn starts(&self) -> Slot {
        let mut esp = sfumato_update::esp::Mounted::at(self.path("efi"));
        let started = sfumato_slots::sim::start(&mut esp).unwrap().unwrap();
        let slot = Slot::running(&started.options).unwrap();
        self.put("proc/cmdline", &format!("initrd=\\x {}\n", started.options));
        let starts = self.text("starts").len() + 1;
        self.put("starts", &"x".repeat(starts));
        self.put(
            "proc/sys/kernel/random/boot_id",
            &format!("boot-{starts}\n"),
        );
        self.put("proc/uptime", "30.11 20.00\n");
        let version = self.text(&format!("efi/loader/entries/{}", started.file));
        let version = version.split_ascii_whitespace().nth(2).unwrap().to_owned();
        self.put("usr/lib/os-release", &format!("IMAGE_VERSION={version}\n"));
        let _ = fs::remove_dir_all(self.path("run"));
        fs::create_dir_all(self.path("run/sfumato")).unwrap();
        slot
    }
}

impl Board {
    /// Hash of what is in slot a.
    pub fn state_of_a(&self) -> String {
        self.good(&["boot"]);
        self.state()["slots"][0]["sha256"]
            .as_str()
            .unwrap()
            .to_owned()
    }
}
