//! The root file system: a minimal Debian, the project's packages, the board's files, and nothing else.

use super::modules::{self, Modules};
use super::tools::{Tool, clear, overlay};
use anyhow::{Context, Result, bail};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

/// What a root is made of.
#[derive(Debug)]
pub struct Ingredients<'a> {
    /// Debian's name of the architecture.
    pub architecture: &'a str,
    /// Debian's release.
    pub release: &'a str,
    /// Sections of Debian's archive.
    pub components: &'a [String],
    /// Debian's packages.
    pub packages: &'a [String],
    /// Packages taken away again: what only building needs.
    pub removed: &'a [String],
    /// The project's own packages, files.
    pub own: &'a [PathBuf],
    /// Folders laid over it, in order.
    pub overlays: &'a [PathBuf],
    /// Kernel modules that stay.
    pub modules: &'a [String],
    /// The certificate that updates are checked by.
    pub keyring: &'a Path,
    /// What the board is called.
    pub board: &'a str,
    /// The image's version.
    pub version: &'a str,
    /// Seconds since 1970 for what asks for a time.
    pub epoch: u64,
}

/// Units that Debian starts and an image does not want; what no board wants its package masks.
const MASKED: [&str; 10] = [
    "apt-daily.timer",
    "apt-daily-upgrade.timer",
    "dpkg-db-backup.timer",
    "e2scrub_all.timer",
    "e2scrub_reap.service",
    "fstrim.timer",
    // Would declare a start good because it got far; the portrait's own verdict does that.
    "systemd-bless-boot.service",
    "systemd-networkd.socket",
    "systemd-firstboot.service",
    "systemd-machine-id-commit.service",
];

/// Folders of which nothing is needed at run time.
const EMPTIED: [&str; 14] = [
    "usr/share/man",
    "usr/share/info",
    "usr/share/locale",
    "usr/share/lintian",
    "usr/share/bug",
    "usr/share/bash-completion",
    "usr/share/zsh",
    "usr/share/initramfs-tools",
    "usr/lib/valgrind",
    "var/cache",
    "var/log",
    "var/lib/apt",
    "var/backups",
    "tmp",
];

impl Ingredients<'_> {
    /// Debian's part, as an archive; kept in `cache` under a name made of what is in it.
    ///
    /// Its packages are those of the day it was made: remove the file to have newer ones.
    pub fn debian(&self, cache: &Path) -> Result<PathBuf> {
        let list = self.packages.join(",");
        let components = self.components.join(",");
        let name = format!(
            "debian-{}-{}-{}.tar",
            self.release,
            self.architecture,
            &super::verity::hash_of(format!("{components} {list}").as_bytes())[..16]
        );
        let file = cache.join(name);
        if file.exists() {
            println!("   Debian's part as it was fetched: {}", file.display());
            return Ok(file);
        }
        std::fs::create_dir_all(cache)?;
        let unfinished = file.with_extension("part.tar");
        Tool::new("mmdebstrap")
            .args(["--variant=minbase", "--mode=root", "--quiet"])
            .arg(format!("--architectures={}", self.architecture))
            .arg(format!("--components={components}"))
            .arg(format!("--include={list}"))
            .env("SOURCE_DATE_EPOCH", self.epoch.to_string())
            // Ours is another one (see `initrd`); Debian's takes minutes, emulated a quarter of an hour.
            .env("INITRD", "No")
            .arg(self.release)
            .arg(&unfinished)
            .run()
            .context("Debian's packages could not be fetched; is there a network?")?;
        std::fs::rename(&unfinished, &file)?;
        Ok(file)
    }

    /// Lays all of it out in `root`, which is emptied. Returns the modules that stay.
    pub fn lay_out(&self, debian: &Path, root: &Path) -> Result<Modules> {
        clear(root)?;
        Tool::new("tar")
            .args(["--numeric-owner", "--extract", "--directory"])
            .arg(root)
            .arg("--file")
            .arg(debian)
            .run()?;
        let epoch = self.epoch.to_string();
        // The root's own dpkg: this machine's may be for another processor.
        let dpkg = || {
            Tool::new("chroot")
                .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
                .env("SOURCE_DATE_EPOCH", &epoch)
                .env("DEBIAN_FRONTEND", "noninteractive")
                .arg(root)
                .arg("dpkg")
        };
        if !self.own.is_empty() {
            let own = root.join("tmp/own");
            std::fs::create_dir_all(&own)?;
            let mut install = dpkg().arg("--install");
            for package in self.own {
                let name = package.file_name().context("a package without a name")?;
                std::fs::copy(package, own.join(name))
                    .with_context(|| format!("cannot read {}", package.display()))?;
                install = install.arg(Path::new("/tmp/own").join(name));
            }
            install
                .run()
                .context("the project's packages cannot be installed in the root")?;
        }
        for folder in self.overlays {
            overlay(folder, root)?;
        }
        dpkg()
            .args(["--purge", "--force-depends", "--force-remove-essential"])
            .args(self.removed)
            .run()
            .context("packages that only building needs cannot be taken away")?;
        let modules = modules::find(root, self.modules)?;
        modules::keep_only(root, &modules)?;
        self.kernel(root, &modules.release)?;
        self.settle(root)?;
        Ok(modules)
    }

    /// The kernel under the one name by which an update finds it.
    fn kernel(&self, root: &Path, release: &str) -> Result<()> {
        let boot = root.join("boot");
        let kernel = boot.join(format!("vmlinuz-{release}"));
        let content = std::fs::read(&kernel)
            .with_context(|| format!("the root has no kernel at {}", kernel.display()))?;
        clear(&boot)?;
        std::fs::write(boot.join("vmlinuz"), content)?;
        for link in ["vmlinuz", "initrd.img", "vmlinuz.old", "initrd.img.old"] {
            let _ = std::fs::remove_file(root.join(link));
        }
        Ok(())
    }

    fn settle(&self, root: &Path) -> Result<()> {
        for folder in EMPTIED {
            let folder = root.join(folder);
            if folder.exists() {
                clear(&folder)?;
            }
        }
        only_copyrights(&root.join("usr/share/doc"))?;
        let units = root.join("etc/systemd/system");
        for unit in MASKED {
            let link = units.join(unit);
            let _ = std::fs::remove_file(&link);
            symlink("/dev/null", &link)?;
        }
        for folder in ["data", "efi", "var/lib/sfumato"] {
            std::fs::create_dir_all(root.join(folder))?;
        }
        // Written anew at each start, in memory: nothing that tells one board from another is in an image.
        std::fs::write(root.join("etc/machine-id"), "")?;
        std::fs::write(root.join("etc/hostname"), "sfumato\n")?;
        std::fs::write(
            root.join("etc/hosts"),
            "127.0.0.1 localhost\n::1 localhost\n",
        )?;
        let _ = std::fs::remove_file(root.join("etc/resolv.conf"));
        let _ = std::fs::remove_file(root.join("var/lib/dbus/machine-id"));
        for file in [
            "etc/passwd-",
            "etc/group-",
            "etc/shadow-",
            "etc/gshadow-",
            "etc/subuid-",
            "etc/subgid-",
            "etc/.pwd.lock",
            "etc/ld.so.cache~",
            "var/lib/dpkg/status-old",
            "var/lib/dpkg/available",
            "var/lib/dpkg/diversions-old",
            "var/lib/dpkg/statoverride-old",
            "var/lib/systemd/random-seed",
        ] {
            let _ = std::fs::remove_file(root.join(file));
        }
        // The log-in date of an account is the day it was made.
        without_days(&root.join("etc/shadow"), self.epoch)?;
        std::fs::create_dir_all(root.join("etc/rauc"))?;
        std::fs::copy(self.keyring, root.join("etc/rauc/keyring.pem"))
            .with_context(|| format!("no certificate at {}", self.keyring.display()))?;
        let release = root.join("usr/lib/os-release");
        let mut text = std::fs::read_to_string(&release)?;
        text.push_str(&format!(
            "IMAGE_ID=sfumato-{}\nIMAGE_VERSION={}\n",
            self.board, self.version
        ));
        std::fs::write(release, text)?;
        Ok(())
    }
}

/// Licences stay; the rest of the documentation goes.
fn only_copyrights(folder: &Path) -> Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let path = entry.path();
        if entry.file_type()?.is_dir() {
            only_copyrights(&path)?;
        } else if !entry.file_name().to_string_lossy().contains("copyright") {
            std::fs::remove_file(&path)?;
        }
    }
    Ok(())
}

/// Puts one day in place of the day on which each account was made.
fn without_days(shadow: &Path, epoch: u64) -> Result<()> {
    let day = (epoch / 86_400).to_string();
    let text = std::fs::read_to_string(shadow)?;
    let mut lines = Vec::new();
    for line in text.lines() {
        let mut fields: Vec<&str> = line.split(':').collect();
        match fields.get_mut(2) {
            Some(field) => *field = &day,
            None => bail!("{} has a line of another form", shadow.display()),
        }
        lines.push(fields.join(":"));
    }
    std::fs::write(shadow, lines.join("\n") + "\n")?;
    Ok(())
}

/// Names and versions of all packages in a root, one a line.
pub fn manifest(root: &Path) -> Result<String> {
    Tool::new("dpkg-query")
        .arg(format!(
            "--admindir={}",
            root.join("var/lib/dpkg").display()
        ))
        .args([
            "--show",
            "--showformat=${Package} ${Version} ${Architecture}\\n",
        ])
        .output()
}
