//! Changes of boot entries, each safe to cut anywhere and to begin again.
//!
//! What makes it so on FAT, where a rename that is cut may leave both names on the same clusters, or neither, and a
//! removed file may keep its name though its clusters are free:
//!
//! - A file gets its text under a name the loader does not look at, is synced, and only then renamed.
//! - Nothing that the loader sees is ever removed: what is no longer wanted is *set aside* under a name it does not
//!   look at, and lies there until its slot is emptied; then all goes at once.
//! - An emptying that was cut is finished ([`tidy`]) before anything else is written, so that no clusters are
//!   used again that still have an old name.

use crate::Slot;
use crate::boot::{Boot, path};
use crate::entry::Entry;
use crate::esp::{Esp, EspError};
use crate::name::EntryName;

/// Finishes an emptying that was cut; comes before everything that writes.
///
/// The running slot keeps its kernel even if its entry was lost: it is whole, and gets a new entry when it is confirmed.
///
/// # Errors
/// [`EspError`].
pub(crate) fn tidy(esp: &mut dyn Esp, running: Slot) -> Result<Boot, EspError> {
    let boot = Boot::read(esp)?;
    let mut left = Vec::new();
    for slot in Slot::ALL {
        if boot.entries(slot).next().is_some() {
            continue;
        }
        left.extend(boot.aside(slot).map(path));
        if slot != running {
            let there = esp.list(slot.folder())?;
            left.extend(there.iter().map(|file| format!("{}/{file}", slot.folder())));
        }
    }
    if left.is_empty() {
        return Ok(boot);
    }
    for path in &left {
        esp.remove(path)?;
    }
    esp.sync()?;
    Boot::read(esp)
}

/// Takes all entries of a slot away, and its kernel: when this comes back, for good, so that its content may be
/// overwritten.
///
/// # Errors
/// [`EspError`]; the slot may have lost its entries or not.
pub(crate) fn take_away(esp: &mut dyn Esp, slot: Slot, running: Slot) -> Result<(), EspError> {
    let boot = tidy(esp, running)?;
    let mut any = false;
    for found in boot.entries(slot) {
        set_aside(esp, slot, &found.file)?;
        any = true;
    }
    if any {
        esp.sync()?;
    }
    tidy(esp, running).map(drop)
}

/// Gives a slot an entry of this name; others of its entries stay. [`tidy`] comes first.
///
/// # Errors
/// [`EspError`]; the entry may be there or not, never in part.
pub(crate) fn put(esp: &mut dyn Esp, name: EntryName, entry: &Entry) -> Result<(), EspError> {
    let boot = Boot::read(esp)?;
    let (file, new) = (name.to_string(), boot.free_name(name.slot));
    esp.write(&path(&new), entry.to_string().as_bytes())?;
    esp.sync()?;
    if boot.entries(name.slot).any(|found| found.file == file) {
        set_aside(esp, name.slot, &file)?;
    }
    esp.rename(&path(&new), &path(&file))?;
    esp.sync()
}

/// Sets all entries of a slot aside but the one of this name.
///
/// # Errors
/// [`EspError`]; some may be left.
pub(crate) fn only(esp: &mut dyn Esp, name: EntryName) -> Result<(), EspError> {
    let boot = Boot::read(esp)?;
    let file = name.to_string();
    for found in boot.entries(name.slot) {
        if found.file != file {
            set_aside(esp, name.slot, &found.file)?;
        }
    }
    esp.sync()
}

/// Makes a slot's first entry a bad one, and its only one. [`tidy`] comes first.
///
/// # Errors
/// [`EspError`]; the slot may be bad or as before, or have no entry.
pub(crate) fn mark_bad(esp: &mut dyn Esp, slot: Slot, done: u32) -> Result<(), EspError> {
    let boot = Boot::read(esp)?;
    let bad = EntryName::bad(slot, done);
    let file = bad.to_string();
    let Some(first) = boot.entries(slot).next() else {
        return Ok(());
    };
    if first.file != file {
        if boot.entries(slot).any(|found| found.file == file) {
            set_aside(esp, slot, &file)?;
        }
        esp.rename(&path(&first.file), &path(&file))?;
        esp.sync()?;
    }
    only(esp, bad)
}

fn set_aside(esp: &mut dyn Esp, slot: Slot, file: &str) -> Result<(), EspError> {
    let name = Boot::read(esp)?.free_name(slot);
    esp.rename(&path(file), &path(&name))
}
