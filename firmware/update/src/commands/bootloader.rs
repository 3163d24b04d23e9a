//! RAUC asks its custom bootloader.

use crate::here::Here;
use crate::{Error, image};
use sfumato_slots::{Image, Slot, State, UpdateError};
use std::fs;

/// What RAUC asks, by the words of its backend's interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ask {
    /// Which slot is started next?
    GetPrimary,
    /// This one shall be; it was just written.
    SetPrimary(Slot),
    /// Can it be started?
    GetState(Slot),
    /// It is good, or it is about to be written.
    SetState(Slot, bool),
    /// Which one runs?
    GetCurrent,
}

/// Answers RAUC: what goes to standard output.
///
/// Called while a bundle is being installed, so it waits for no lock.
///
/// # Errors
/// What RAUC is told by an exit status other than 0.
pub fn bootloader(here: &mut Here, ask: Ask) -> Result<String, Error> {
    let answer = answer(here, ask);
    if let Err(error) = &answer {
        let complaint = here.paths.complaint();
        let written = fs::create_dir_all(here.paths.run())
            .and_then(|()| fs::write(complaint, error.to_string()));
        if let Err(error) = written {
            eprintln!("sfumato-update: {error}");
        }
    }
    answer
}

fn answer(here: &mut Here, ask: Ask) -> Result<String, Error> {
    let running = here.running.slot;
    let boot = here.updates().boot()?;
    match ask {
        Ask::GetPrimary => match boot.next() {
            Some(found) => Ok(found.name.slot.to_string()),
            None => Err(UpdateError::Empty(running).into()),
        },
        Ask::GetCurrent => Ok(running.to_string()),
        Ask::GetState(slot) => {
            let good = matches!(boot.state(slot), State::Confirmed | State::Trial(_));
            Ok(if good { "good" } else { "bad" }.to_owned())
        }
        Ask::SetState(slot, false) if slot == running => {
            here.updates().give_up("RAUC was told that it is bad")?;
            Ok(String::new())
        }
        Ask::SetState(slot, false) => {
            here.updates().empty(slot)?;
            Ok(String::new())
        }
        Ask::SetState(slot, true) if slot == running => {
            here.updates().confirm()?;
            Ok(String::new())
        }
        Ask::SetState(slot, true) => match boot.state(slot) {
            State::Confirmed | State::Trial(_) => Ok(String::new()),
            State::Bad | State::Empty => Err(UpdateError::Empty(slot).into()),
        },
        Ask::SetPrimary(slot) => set_primary(here, slot).map(|()| String::new()),
    }
}

fn set_primary(here: &mut Here, slot: Slot) -> Result<(), Error> {
    let boot = here.updates().boot()?;
    if boot.next().is_some_and(|found| found.name.slot == slot) {
        return Ok(());
    }
    here.updates().may_write(slot)?;
    if boot.state(slot) != State::Empty {
        // Nothing was written: somebody wants it back.
        here.updates().test(sfumato_slots::Source::Hand)?;
        return Ok(());
    }
    let content = image::read(&here.paths, slot)?;
    let pending = here
        .updates()
        .pending()
        .filter(|pending| pending.slot == slot);
    let said = pending.map(|pending| pending.version);
    if let (Some(bundle), Some(system)) = (&said, &content.version)
        && bundle != system
    {
        return Err(Error::Slot {
            slot,
            reason: format!(
                "the bundle says version {bundle}, the system in it {system}; build it anew"
            ),
        });
    }
    let version = said.or(content.version).ok_or_else(|| Error::Slot {
        slot,
        reason: "neither the update nor IMAGE_VERSION in its os-release says which version it is"
            .to_owned(),
    })?;
    here.updates().publish(
        slot,
        &Image {
            kernel: &content.kernel,
            initrd: &content.initrd,
            identity: content.identity,
            version: &version,
        },
    )?;
    Ok(())
}
