//! The update: a slot's content in a bundle that RAUC checks and installs.

use super::tools::{Tool, clear};
use anyhow::{Context, Result};
use std::path::{Path, PathBuf};

/// By what updates are signed, and by what boards know them.
#[derive(Clone, Debug)]
pub struct Signer {
    /// The certificate that boards trust.
    pub certificate: PathBuf,
    /// Its private key.
    pub key: PathBuf,
}

impl Signer {
    /// A signer of this computer, made at its first use.
    ///
    /// For trials. A museum keeps its own key, off the build machine: [`Signer::named`].
    pub fn own(folder: &Path) -> Result<Signer> {
        let signer = Signer {
            certificate: folder.join("certificate.pem"),
            key: folder.join("key.pem"),
        };
        if !signer.certificate.exists() || !signer.key.exists() {
            std::fs::create_dir_all(folder)?;
            Tool::new("openssl")
                .args([
                    "req", "-x509", "-newkey", "rsa:3072", "-nodes", "-days", "7300",
                ])
                .args([
                    "-subj",
                    "/O=Sfumato/CN=this computer's own updates",
                    "-keyout",
                ])
                .arg(&signer.key)
                .arg("-out")
                .arg(&signer.certificate)
                .run()?;
            use std::os::unix::fs::PermissionsExt;
            std::fs::set_permissions(&signer.key, std::fs::Permissions::from_mode(0o600))?;
        }
        Ok(signer)
    }

    /// A signer by its files.
    pub fn named(certificate: PathBuf, key: PathBuf) -> Result<Signer> {
        for file in [&certificate, &key] {
            std::fs::metadata(file).with_context(|| format!("cannot read {}", file.display()))?;
        }
        Ok(Signer { certificate, key })
    }
}

/// Bundles a slot's content; `work` is emptied.
pub fn build(
    slot: &Path,
    compatible: &str,
    version: &str,
    signer: &Signer,
    work: &Path,
    out: &Path,
) -> Result<()> {
    clear(work)?;
    let content = work.join("content");
    std::fs::create_dir(&content)?;
    std::fs::hard_link(slot, content.join("root.img"))
        .or_else(|_| std::fs::copy(slot, content.join("root.img")).map(drop))?;
    std::fs::write(
        content.join("manifest.raucm"),
        format!(
            "[update]\ncompatible={compatible}\nversion={version}\n\n\
             [bundle]\nformat=verity\n\n[image.rootfs]\nfilename=root.img\n"
        ),
    )?;
    if out.exists() {
        std::fs::remove_file(out)?;
    }
    Tool::new("rauc")
        .arg("bundle")
        .arg("--cert")
        .arg(&signer.certificate)
        .arg("--key")
        .arg(&signer.key)
        .arg(&content)
        .arg(out)
        .run()
}
