//! RAUC, by its command line: what a bundle says of itself, and writing it.

use crate::Error;
use crate::paths::Paths;
use crate::tool;
use serde::Deserialize;
use sfumato_slots::Bundle;
use std::ffi::OsStr;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{Command, Stdio};

/// Bytes of what RAUC says that are kept.
const MOST: u64 = 64 << 10;

/// What is known of a bundle whose signature is good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// Board and version.
    pub bundle: Bundle,
    /// What its payload must be; none in other formats than verity.
    pub verity: Option<Verity>,
}

/// The hash tree of a bundle's payload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verity {
    /// Its root, in hexadecimal digits.
    pub hash: String,
    /// Its salt, in hexadecimal digits.
    pub salt: String,
    /// Its size in bytes.
    pub size: u64,
}

#[derive(Deserialize)]
struct Info {
    compatible: String,
    version: Option<String>,
}

/// Checks a bundle's signature and says what it is.
///
/// # Errors
/// [`Error::Refused`] with the reason in words; [`Error::Tool`] where RAUC is missing.
pub fn info(paths: &Paths, bundle: &Path) -> Result<Signed, Error> {
    let keyring = paths.keyring();
    if !keyring.is_file() {
        return Err(Error::Refused(format!(
            "this board trusts nobody: {} is missing; install the board's package again",
            keyring.display()
        )));
    }
    let conf = paths.system_conf();
    let mut keys = "--keyring=".to_owned().into_bytes();
    keys.extend_from_slice(std::os::unix::ffi::OsStrExt::as_bytes(keyring.as_os_str()));
    let keys: &OsStr = std::os::unix::ffi::OsStrExt::from_bytes(&keys);
    let said = |format: &str| {
        let mut arguments: Vec<&OsStr> = Vec::new();
        if conf.is_file() {
            arguments.extend::<[&OsStr; 2]>(["--conf".as_ref(), conf.as_ref()]);
        }
        arguments.extend::<[&OsStr; 4]>(["info".as_ref(), format.as_ref(), keys, bundle.as_ref()]);
        tool::run("rauc", &arguments).map_err(|error| match error {
            Error::Tool { reason, .. } if !reason.ends_with("is it installed?") => {
                Error::Refused(words(&reason))
            }
            other => other,
        })
    };
    let json = said("--output-format=json")?;
    let info: Info = serde_json::from_str(json.trim()).map_err(|error| {
        Error::Refused(format!("the bundle's manifest is not understood: {error}"))
    })?;
    let readable = said("--output-format=readable")?;
    Ok(Signed {
        bundle: Bundle {
            compatible: info.compatible,
            version: info.version.unwrap_or_default(),
        },
        verity: verity(&readable),
    })
}

/// The hash tree as `rauc info` tells it: lines with a name like `Verity Salt:` and a value in quotes.
fn verity(readable: &str) -> Option<Verity> {
    let value = |name: &str| {
        let line = readable
            .lines()
            .find_map(|line| line.trim().strip_prefix(name))?;
        Some(line.trim().trim_matches('\'').to_owned())
    };
    Some(Verity {
        hash: value("Verity Hash:")?,
        salt: value("Verity Salt:")?,
        size: value("Verity Size:")?.parse().ok()?,
    })
}

/// What RAUC said, for people who did not build it.
pub fn words(said: &str) -> String {
    let has = |words: &[&str]| words.iter().any(|word| said.contains(word));
    let last = said
        .lines()
        .rev()
        .map(str::trim)
        .find(|line| !line.is_empty());
    let last = last.unwrap_or("it gave no reason");
    let meaning = if has(&["Signature size is 0"]) {
        "the bundle carries no signature: it is unsigned, or no bundle at all; have it signed"
    } else if has(&[
        "Signature size",
        "Invalid bundle format",
        "not a bundle",
        "too small",
    ]) {
        "the bundle is cut off, or no bundle at all; copy it again"
    } else if has(&[
        "digest failure",
        "content verify error",
        "signature failure",
        "bad signature",
    ]) {
        "the bundle was tampered with or is damaged: its signature does not fit; fetch it anew from whoever signed it"
    } else if has(&["expired", "not yet valid"]) {
        "the bundle's certificate is out of date, or the board's clock is wrong; set the clock, or have it signed anew"
    } else if has(&[
        "self-signed certificate",
        "unable to get local issuer",
        "unable to get issuer",
    ]) {
        "the bundle is signed by somebody whom this board does not trust; take the one from this board's makers"
    } else if has(&[
        "signature verification failed",
        "Failed to parse signature",
        "failed to parse signature",
    ]) {
        "the bundle's signature is broken: it was tampered with or is damaged; fetch it anew from whoever signed it"
    } else if has(&["payload is corrupted", "Input/output error"]) {
        "the bundle was damaged while it was read; copy it again"
    } else if has(&["D-Bus", "rauc service", "Error creating proxy"]) {
        "RAUC's service does not answer; systemctl status rauc"
    } else {
        return last.to_owned();
    };
    format!("{meaning} ({last})")
}

/// Has RAUC write a bundle into the other slot; tells `progress` percents from 0 to 100.
///
/// # Errors
/// [`Error::Failed`] with the reason in words; [`Error::Tool`] where RAUC is missing.
pub fn install(bundle: &Path, mut progress: impl FnMut(u8)) -> Result<(), Error> {
    let start = |error: std::io::Error| Error::Tool {
        name: "rauc".to_owned(),
        reason: format!("{error}; is it installed?"),
    };
    let mut child = Command::new("rauc")
        .arg("install")
        .arg(bundle)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .env("LC_ALL", "C")
        .spawn()
        .map_err(start)?;
    let errors = child.stderr.take();
    // Both pipes are emptied, so that RAUC never waits for us.
    let errors = std::thread::spawn(move || {
        let mut said = String::new();
        if let Some(errors) = errors {
            let mut errors = errors;
            let _ = (&mut errors).take(MOST).read_to_string(&mut said);
            let _ = std::io::copy(&mut errors, &mut std::io::sink());
        }
        said
    });
    let mut reason = None;
    if let Some(out) = child.stdout.take() {
        for line in BufReader::new(out).split(b'\n') {
            let Ok(line) = line else { break };
            let line = String::from_utf8_lossy(&line);
            if let Some(percent) = percent(&line) {
                progress(percent);
            }
            if let Some(error) = line.trim().strip_prefix("LastError: ") {
                reason = Some(error.to_owned());
            }
        }
    }
    let status = child.wait().map_err(start)?;
    let said = errors.join().unwrap_or_default();
    if status.success() {
        return Ok(());
    }
    let reason = reason.unwrap_or(said);
    if reason.trim().is_empty() {
        // As where the kernel ended it.
        return Err(Error::Failed(format!(
            "RAUC gave no reason and ended with {status}; look into the journal"
        )));
    }
    Err(Error::Failed(words(&reason)))
}

/// The number in front of ` 40% Copying image …`.
fn percent(line: &str) -> Option<u8> {
    let (number, _) = line.trim_start().split_once('%')?;
    number.parse().ok().filter(|percent| *percent <= 100)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn progress_is_read() {
        assert_eq!(percent(" 40% Copying image to rootfs.1"), Some(40));
        assert_eq!(percent("100% Installing done."), Some(100));
        assert_eq!(percent("101% x"), None);
        assert_eq!(percent("LastError: 40% full"), None);
    }

    #[test]
    fn the_hash_tree_is_read() {
        let text = "Bundle Format: \tverity\n  Verity Salt: \t'00ff'\n  Verity Hash: \t'e7'\n  Verity Size: \t28672\n";
        let read = verity(text).unwrap();
        assert_eq!(
            (read.salt.as_str(), read.hash.as_str(), read.size),
            ("00ff", "e7", 28672)
        );
        assert_eq!(verity("Bundle Format: plain"), None);
    }

    proptest! {
        #[test]
        fn whatever_rauc_says_is_taken(text in "\\PC*") {
            let _ = (percent(&text), verity(&text));
            prop_assert!(!words(&text).is_empty());
        }
    }
}
