//! A stick was put in.

use super::install::{allowed, install};
use super::not_done;
use crate::here::Here;
use crate::image::Mounted;
use crate::lock::Lock;
use crate::rauc::Signed;
use crate::{Error, rauc};
use sfumato_slots::{Deed, Slot, Source, Stage, State, compare, worth_it};
use std::fs;
use std::path::{Path, PathBuf};

/// Bundles on a stick that are looked at.
const MOST: usize = 32;

/// Looks at the top folder of a stick and installs the newest bundle that the board takes, if it is worth it.
///
/// The stick is a folder where it is mounted, or a device, which is then mounted read-only for as long as that takes.
/// RAUC's service reads the bundle too, so it has to be mounted where that sees it.
///
/// # Errors
/// Why it was not done; told too, unless it is only that there is nothing new.
pub fn usb(here: &mut Here, stick: &Path) -> Result<(), Error> {
    let lock = Lock::wait(&here.paths)?;
    let mounts = here.paths.mounts().join("usb");
    let mounted = if stick.is_dir() {
        None
    } else {
        Some(Mounted::at(stick, "vfat,exfat,ext4", &mounts)?)
    };
    let folder = mounted.as_ref().map_or(stick, |mounted| &mounted.folder);
    let found = bundles(folder)?;
    let outcome = newest(here, found).and_then(|newest| match newest {
        Some((bundle, signed)) => take(here, &bundle, &signed),
        None => Ok(()),
    });
    drop(mounted);
    drop(lock);
    outcome
}

/// Files that are called bundles, by name.
fn bundles(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let entries = fs::read_dir(folder).map_err(|error| Error::file(folder, error))?;
    let mut found: Vec<PathBuf> = entries
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| {
            path.extension()
                .is_some_and(|kind| kind.eq_ignore_ascii_case("raucb"))
        })
        // What macOS puts beside each file.
        .filter(|path| {
            !path
                .file_name()
                .is_some_and(|name| name.as_encoded_bytes().starts_with(b"."))
        })
        .filter(|path| path.is_file())
        .collect();
    found.sort();
    found.truncate(MOST);
    Ok(found)
}

/// The newest one that the board takes; none where there are none at all.
fn newest(here: &mut Here, found: Vec<PathBuf>) -> Result<Option<(PathBuf, Signed)>, Error> {
    let mut best: Option<(PathBuf, Signed)> = None;
    let mut refused = None;
    for bundle in found {
        let name = bundle
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let signed = rauc::info(&here.paths, &bundle);
        let signed = signed.and_then(|signed| allowed(here, &signed).map(|()| signed));
        match signed {
            Ok(signed) => {
                let version = &signed.bundle.version;
                let newer = best
                    .as_ref()
                    .is_none_or(|(_, best)| compare(version, &best.bundle.version).is_gt());
                if newer {
                    best = Some((bundle, signed));
                }
            }
            Err(error) => {
                println!("{name}: {error}");
                refused.get_or_insert(Error::Refused(format!("{name}: {error}")));
            }
        }
    }
    match (best, refused) {
        (None, Some(error)) => {
            not_done(here, Deed::Install, "", Source::Usb, &error)?;
            Err(error)
        }
        (best, _) => Ok(best),
    }
}

fn take(here: &mut Here, bundle: &Path, signed: &Signed) -> Result<(), Error> {
    let running = here.version()?;
    let rolled_back = here.updates().rolled_back();
    let waiting = waiting(here)?;
    let version = &signed.bundle.version;
    if let Err(reason) = worth_it(
        version,
        &running,
        waiting.as_deref(),
        rolled_back.as_deref(),
    ) {
        println!("nothing to do: {reason}");
        return Ok(());
    }
    let restart = here.restart;
    install(here, bundle, Source::Usb, restart).map(drop)
}

/// Version that waits for its trial in the other slot.
fn waiting(here: &mut Here) -> Result<Option<String>, Error> {
    let other: Slot = here.running.slot.other();
    let ready = here
        .updates()
        .pending()
        .filter(|pending| pending.slot == other && pending.stage == Stage::Ready);
    let boot = here.updates().boot()?;
    let on_trial = matches!(boot.state(other), State::Trial(_));
    Ok(ready.filter(|_| on_trial).map(|pending| pending.version))
}
