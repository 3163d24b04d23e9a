//! Debian packages: control files, scripts, and the package itself.
//!
//! The same tree at the same time of day of the last commit gives the same bytes: files are sorted, owned by root,
//! have one time, and are compressed by one thread.

use super::Tree;
use crate::prerequisites::runs;
use anyhow::{Context, Result, bail};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A package before it is written.
#[derive(Clone, Debug, Default)]
pub struct Package {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Debian's name of the processor, or `all`.
    pub architecture: String,
    /// What must be installed with it.
    pub depends: String,
    /// One line about it, not a sentence.
    pub about: String,
    /// What it installs.
    pub tree: Tree,
}

/// Who answers for the packages.
const MAINTAINER: &str = "The Sfumato developers <sfumato@example.org>";

impl Package {
    /// The package's file name.
    pub fn file_name(&self) -> String {
        format!("{}_{}_{}.deb", self.name, self.version, self.architecture)
    }

    /// The control file.
    pub fn control(&self) -> String {
        let mut text = String::new();
        for (field, value) in [
            ("Package", self.name.as_str()),
            ("Version", &self.version),
            ("Architecture", &self.architecture),
            ("Maintainer", MAINTAINER),
            ("Installed-Size", &self.tree.kibibytes().to_string()),
            ("Depends", &self.depends),
            ("Section", "misc"),
            ("Priority", "optional"),
            ("Description", &self.about),
        ] {
            if !value.is_empty() {
                // Writing to a string cannot fail.
                let _ = writeln!(text, "{field}: {value}");
            }
        }
        text
    }

    /// Files that somebody may change and that an update of the package must not overwrite unasked.
    pub fn conffiles(&self) -> String {
        let files = self.tree.entries().filter(|(path, entry)| {
            path.starts_with("etc/") && matches!(entry, super::Entry::File { .. })
        });
        files.map(|(path, _)| format!("/{path}\n")).collect()
    }

    /// Units that are to be started with the board: those that say by whom.
    pub fn units(&self) -> Vec<&str> {
        let wanted = |text: &[u8]| String::from_utf8_lossy(text).contains("\n[Install]\n");
        let units = self.tree.entries().filter_map(|(path, entry)| {
            let name = path.strip_prefix("usr/lib/systemd/system/")?;
            match entry {
                super::Entry::File { bytes, .. } if !name.contains('/') && wanted(bytes) => {
                    Some(name)
                }
                _ => None,
            }
        });
        units.collect()
    }

    /// What systemd is told of these units; empty without any.
    pub fn preset(&self) -> String {
        let units = self.units();
        units
            .iter()
            .map(|unit| format!("enable {unit}\n"))
            .collect()
    }

    /// What is done after its files have come.
    pub fn after_install(&self) -> String {
        let mut work = String::new();
        let files = |folder: &str| -> Vec<String> {
            let prefix = format!("usr/lib/{folder}/");
            let paths = self.tree.entries().map(|(path, _)| path);
            let names = paths.filter_map(|path| path.strip_prefix(&prefix));
            names.map(str::to_owned).collect()
        };
        let users = files("sysusers.d");
        if !users.is_empty() {
            let _ = writeln!(work, "    systemd-sysusers {}", users.join(" "));
        }
        let folders = files("tmpfiles.d");
        if !folders.is_empty() {
            // In an image's folder some of it may not be possible; the next start does it again.
            let _ = writeln!(
                work,
                "    systemd-tmpfiles --create {} || true",
                folders.join(" ")
            );
        }
        let units = self.units();
        if !units.is_empty() {
            let _ = writeln!(work, "    systemctl --no-reload preset {}", units.join(" "));
        }
        format!("#!/bin/sh\nset -e\nif [ \"$1\" = configure ]; then\n{work}{RELOAD}fi\n",)
    }

    /// What is done before its files go.
    pub fn before_removal(&self) -> Option<String> {
        let units = self.units();
        (!units.is_empty()).then(|| {
            format!(
                "#!/bin/sh\nset -e\nif [ \"$1\" = remove ]; then\n    \
                 if [ -d /run/systemd/system ]; then systemctl stop {0}; fi\n    \
                 systemctl --no-reload disable {0}\nfi\n",
                units.join(" ")
            )
        })
    }

    /// Writes it into `folder`, every time in it being `epoch`, in seconds since 1970; gives the file's path.
    pub fn write(&self, folder: &Path, epoch: u64) -> Result<PathBuf> {
        if !runs("dpkg-deb", &["--version"]) {
            bail!("dpkg-deb is missing; run: sudo apt-get install -y dpkg");
        }
        let staged = folder.join(format!(".{}", self.name));
        if staged.exists() {
            fs::remove_dir_all(&staged)
                .with_context(|| format!("cannot clear {}", staged.display()))?;
        }
        let mut tree = Tree::default();
        tree.extend(self.tree.clone());
        tree.text("DEBIAN/control", self.control());
        let conffiles = self.conffiles();
        if !conffiles.is_empty() {
            tree.text("DEBIAN/conffiles", conffiles);
        }
        tree.file("DEBIAN/postinst", self.after_install().into_bytes(), true);
        if let Some(script) = self.before_removal() {
            tree.file("DEBIAN/prerm", script.into_bytes(), true);
        }
        tree.write(&staged, epoch)?;
        let file = folder.join(self.file_name());
        let output = Command::new("dpkg-deb")
            .args(["--root-owner-group", "-Zxz", "--build"])
            .args([&staged, &file])
            .env("SOURCE_DATE_EPOCH", epoch.to_string())
            .env("DPKG_DEB_THREADS_MAX", "1")
            .env("LC_ALL", "C")
            .output()
            .context("cannot run dpkg-deb")?;
        if !output.status.success() {
            bail!(
                "dpkg-deb could not build {}:\n{}",
                file.display(),
                String::from_utf8_lossy(&output.stderr)
            );
        }
        fs::remove_dir_all(&staged)
            .with_context(|| format!("cannot clear {}", staged.display()))?;
        Ok(file)
    }
}

/// A running system is told; an image's folder has none.
const RELOAD: &str = "    if [ -d /run/systemd/system ]; then\n        \
                      systemctl daemon-reload\n        \
                      udevadm control --reload || true\n    fi\n";
