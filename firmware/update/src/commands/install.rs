//! A bundle is installed.

use super::not_done;
use crate::here::Here;
use crate::lock::Lock;
use crate::notes::read_short;
use crate::rauc::Signed;
use crate::{Error, payload, rauc, state, tool};
use sfumato_slots::{
    Deed, Last, Note, Notes as _, Outcome, Pending, Restart, Source, Stage, State, judge,
};
use std::fs;
use std::path::Path;

/// Bytes of the longest complaint.
const LONGEST: u64 = 4096;

/// Installs a bundle that somebody at the board named.
///
/// # Errors
/// Those of [`install`].
pub fn by_hand(here: &mut Here, bundle: &Path) -> Result<(), Error> {
    let lock = Lock::wait(&here.paths)?;
    let restart = here.restart;
    install(here, bundle, Source::Hand, restart)?;
    drop(lock);
    Ok(())
}

/// Checks a bundle and installs it into the other slot; restarts the board if that is wished. How it ended is remembered and
/// told either way.
///
/// # Errors
/// Why it was refused, or what failed.
pub fn install(
    here: &mut Here,
    bundle: &Path,
    from: Source,
    restart: Restart,
) -> Result<Last, Error> {
    state::tell(here, Some("checking the bundle"))?;
    let mut version = String::new();
    match attempt(here, bundle, from, restart, &mut version) {
        Ok(last) => {
            println!(
                "version {version} is installed in slot {}",
                here.running.slot.other()
            );
            state::tell(here, None)?;
            if restart == Restart::AtOnce {
                tool::restart_board()?;
            }
            Ok(last)
        }
        Err(error) => {
            not_done(here, Deed::Install, &version, from, &error)?;
            Err(error)
        }
    }
}

fn attempt(
    here: &mut Here,
    bundle: &Path,
    from: Source,
    restart: Restart,
    version: &mut String,
) -> Result<Last, Error> {
    if !bundle.is_file() {
        return Err(Error::Refused(format!(
            "there is no bundle at {}",
            bundle.display()
        )));
    }
    let signed = rauc::info(&here.paths, bundle)?;
    signed.bundle.version.clone_into(version);
    allowed(here, &signed)?;
    let target = here.running.slot.other();
    here.updates().may_write(target)?;
    payload::check(bundle, &signed).map_err(|error| Error::Refused(error.to_string()))?;
    here.updates().begin(Pending {
        slot: target,
        version: version.clone(),
        from,
        stage: Stage::Writing,
        attempts: 0,
        restart,
    })?;
    let written = write(here, bundle).and_then(|()| match here.updates().boot()?.state(target) {
        State::Trial(_) => Ok(()),
        _ => Err(Error::Failed(format!(
            "RAUC has written slot {target} but asked nobody to start it; bootloader-custom-backend in \
             /etc/rauc/system.conf must lead to sfumato-update"
        ))),
    });
    if let Err(error) = written {
        here.updates().failed(version, from, &error.to_string())?;
        return Err(error);
    }
    let last = Last {
        what: Deed::Install,
        version: version.clone(),
        outcome: Outcome::Installed,
        reason: match restart {
            Restart::AtOnce => "the board restarts into it now".to_owned(),
            Restart::ByHand => "it is tried at the next restart".to_owned(),
            Restart::AtNight => "it is tried in the night".to_owned(),
        },
        from,
    };
    here.updates().notes.write(Note::Last, &last.to_string())?;
    Ok(last)
}

/// Whether the board takes it.
///
/// # Errors
/// [`Error::Refused`].
pub(super) fn allowed(here: &mut Here, signed: &Signed) -> Result<(), Error> {
    let running = here.version()?;
    Ok(judge(&signed.bundle, &here.rules, Some(&running))?)
}

fn write(here: &mut Here, bundle: &Path) -> Result<(), Error> {
    let complaint = here.paths.complaint();
    let _ = fs::remove_file(&complaint);
    let mut told = None;
    let written = rauc::install(bundle, |percent| {
        if told == Some(percent) {
            return;
        }
        told = Some(percent);
        // What cannot be told is no reason to stop.
        if let Err(error) = state::tell(here, Some(&format!("installing {percent} %"))) {
            eprintln!("sfumato-update: {error}");
        }
    });
    // What our own backend complained of says more than RAUC, which only knows that it failed.
    written.map_err(|error| match read_short(&complaint, LONGEST) {
        Ok(complaint) => Error::Failed(complaint),
        Err(_) => error,
    })
}
