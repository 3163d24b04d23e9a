//! The state machine of an update.
//!
//! ```text
//!             begin              publish           restart, by the loader        confirm
//! confirmed ---------> (empty) -----------> trial +3 -----------> trial +2-1 ------------> confirmed
//!  or anything     slot is written       kernel, initrd,               |
//!                     by RAUC             then the entry               | give up, or three starts
//!                                                                      v
//!                                                                    bad +0-3; the other slot starts
//! ```
//!
//! The entry goes before the first byte of the slot is written and comes after the last: a slot with an entry is
//! whole. Each step may be cut anywhere and done again.

use crate::boot::{Boot, State};
use crate::entries;
use crate::entry::{Entry, Identity, options_for};
use crate::esp::{Esp, EspError};
use crate::name::EntryName;
use crate::notes::{Note, Notes, NotesError};
use crate::pending::{Deed, Last, Outcome, Pending, Source, Stage};
use crate::starts::{MOST, Starts};
use crate::{Slot, bundle};

/// Bytes that stay free on the boot partition: folders and entries grow.
const SPARE: u64 = 256 << 10;

/// Why a step was not done, with the cure.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UpdateError {
    /// The running system would have been written.
    #[error("slot {0} runs and is never written; restart into the other slot first")]
    Running(Slot),
    /// The only system that has proved itself would have been written.
    #[error(
        "slot {0} is what the board falls back to while the running version is on trial; wait until that is \
         confirmed, or go back, then try again"
    )]
    Fallback(Slot),
    /// There is nothing to start.
    #[error("slot {0} holds nothing that can be started; install a bundle")]
    Empty(Slot),
    /// There is no system to go back to.
    #[error("slot {0} holds no version that has proved itself; the running one stays")]
    NoFallback(Slot),
    /// Kernel and initial RAM disk do not fit.
    #[error(
        "the boot partition has room for {free} bytes, {needed} are needed; remove what is not Sfumato's from it"
    )]
    NoRoom {
        /// Bytes needed.
        needed: u64,
        /// Bytes free.
        free: u64,
    },
    /// What was written reads back differently.
    #[error(
        "{0} was written to the boot partition and reads back differently; the disk is dying: replace it"
    )]
    Damaged(&'static str),
    /// Not a version.
    #[error("the version {0:?} cannot stand in a boot entry; versions look like 1.2.3")]
    Version(String),
    /// The boot partition.
    #[error("{0}")]
    Esp(#[from] EspError),
    /// The data partition.
    #[error("{0}")]
    Notes(#[from] NotesError),
}

/// The system that runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Running {
    /// Its slot.
    pub slot: Slot,
    /// Its version, as it says itself.
    pub version: String,
    /// The words that its kernel was started with.
    pub options: String,
}

/// What a freshly written slot holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image<'a> {
    /// The kernel.
    pub kernel: &'a [u8],
    /// The initial RAM disk.
    pub initrd: &'a [u8],
    /// What is in the slot.
    pub identity: Identity,
    /// Its version.
    pub version: &'a str,
}

/// What was found out at the start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Noticed {
    /// Nothing.
    Nothing,
    /// The update before this start ended so.
    Ended(Last),
    /// The power was cut while a slot was written; the running system is as it was.
    Interrupted(Pending),
    /// The running version has gone bad: the board must be restarted, into the other slot.
    HandOver(Last),
}

/// The two slots and all that is done to them.
#[derive(Debug)]
pub struct Updates<'a, E, N> {
    /// The boot partition.
    pub esp: &'a mut E,
    /// What is remembered.
    pub notes: &'a mut N,
    /// The system that runs.
    pub running: &'a Running,
}

impl<E: Esp, N: Notes> Updates<'_, E, N> {
    /// How both slots stand.
    ///
    /// # Errors
    /// [`UpdateError::Esp`].
    pub fn boot(&mut self) -> Result<Boot, UpdateError> {
        Ok(Boot::read(self.esp)?)
    }

    /// The same, after an emptying that was cut is finished.
    fn tidy(&mut self) -> Result<Boot, UpdateError> {
        Ok(entries::tidy(self.esp, self.running.slot)?)
    }

    /// The update under way.
    pub fn pending(&mut self) -> Option<Pending> {
        Pending::parse(&self.notes.read(Note::Pending)?)
    }

    /// How the last thing ended that was done.
    pub fn last(&mut self) -> Option<Last> {
        Last::parse(&self.notes.read(Note::Last)?)
    }

    /// The version that was rolled back last, and has not been installed since.
    pub fn rolled_back(&mut self) -> Option<String> {
        self.notes.read(Note::RolledBack)
    }

    /// Whether a slot may be written now.
    ///
    /// # Errors
    /// [`UpdateError::Running`], [`UpdateError::Fallback`], [`UpdateError::Esp`].
    pub fn may_write(&mut self, target: Slot) -> Result<(), UpdateError> {
        if target == self.running.slot {
            return Err(UpdateError::Running(target));
        }
        let boot = self.boot()?;
        let proved = boot.state(self.running.slot) == State::Confirmed;
        if !proved && boot.state(target) == State::Confirmed {
            return Err(UpdateError::Fallback(target));
        }
        Ok(())
    }

    /// Begins an update: afterwards the slot has no entry, and may be written.
    ///
    /// # Errors
    /// Those of [`Updates::may_write`], [`UpdateError::Version`], [`UpdateError::Notes`].
    pub fn begin(&mut self, mut pending: Pending) -> Result<(), UpdateError> {
        if !crate::entry::is_version(&pending.version) {
            return Err(UpdateError::Version(pending.version));
        }
        self.may_write(pending.slot)?;
        let before = self.pending();
        let again = before.filter(|before| {
            before.stage != Stage::Ready
                && before.slot == pending.slot
                && before.version == pending.version
        });
        pending.attempts = again.map_or(0, |before| before.attempts).saturating_add(1);
        pending.stage = Stage::Writing;
        self.notes.write(Note::Pending, &pending.to_string())?;
        self.empty(pending.slot)
    }

    /// Takes a slot's entry and kernel away, so that it may be written. Begins nothing.
    ///
    /// # Errors
    /// Those of [`Updates::may_write`].
    pub fn empty(&mut self, target: Slot) -> Result<(), UpdateError> {
        self.may_write(target)?;
        Ok(entries::take_away(self.esp, target, self.running.slot)?)
    }

    /// Puts a slot that was written on trial: kernel and initial RAM disk, then the entry.
    ///
    /// # Errors
    /// Those of [`Updates::may_write`], [`UpdateError::NoRoom`], [`UpdateError::Damaged`], [`UpdateError::Version`]:
    /// then the slot has no entry.
    pub fn publish(&mut self, target: Slot, image: &Image<'_>) -> Result<(), UpdateError> {
        if !crate::entry::is_version(image.version) {
            return Err(UpdateError::Version(image.version.to_owned()));
        }
        self.empty(target)?;
        let files = [
            (target.kernel(), image.kernel),
            (target.initrd(), image.initrd),
        ];
        let length = |bytes: &[u8]| u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        let needed = files.iter().map(|(_, bytes)| length(bytes)).sum::<u64>();
        let needed = needed.saturating_add(SPARE);
        let free = self.esp.free()?;
        if needed > free {
            return Err(UpdateError::NoRoom { needed, free });
        }
        for (path, bytes) in files {
            self.esp.write(path, bytes)?;
        }
        self.esp.sync()?;
        for (path, bytes) in files {
            if self.esp.read(path, bytes.len())? != bytes {
                return Err(UpdateError::Damaged(path));
            }
        }
        let boot = self.boot()?;
        let options = boot
            .entry(self.running.slot)
            .map_or(&self.running.options, |entry| &entry.options);
        let entry = Entry {
            slot: target,
            version: image.version.to_owned(),
            number: boot.new_number(),
            image: image.identity,
            options: options_for(options, target, &image.identity),
        };
        entries::put(self.esp, EntryName::trial(target), &entry)?;
        if let Some(mut pending) = self.pending().filter(|pending| pending.slot == target) {
            pending.stage = Stage::Ready;
            self.notes.write(Note::Pending, &pending.to_string())?;
        }
        Ok(())
    }

    /// An update that was begun came to nothing.
    ///
    /// # Errors
    /// [`UpdateError::Notes`].
    pub fn failed(
        &mut self,
        version: &str,
        from: Source,
        reason: &str,
    ) -> Result<Last, UpdateError> {
        let last = Last {
            what: Deed::Install,
            version: version.to_owned(),
            outcome: Outcome::Failed,
            reason: reason.to_owned(),
            from,
        };
        self.end(&last)?;
        Ok(last)
    }

    /// Confirms the running version; says whether that is news. The other slot stays as it is, to fall back to.
    ///
    /// # Errors
    /// [`UpdateError::Esp`]: then it is still on trial. [`UpdateError::Notes`]: it is confirmed, only not remembered.
    pub fn confirm(&mut self) -> Result<bool, UpdateError> {
        let slot = self.running.slot;
        let name = EntryName::confirmed(slot);
        let boot = self.tidy()?;
        let lone = boot.entries(slot).count() == 1;
        let news = boot.state(slot) != State::Confirmed;
        if news || !lone {
            self.put_confirmed(&boot, name)?;
            entries::only(self.esp, name)?;
        }
        let starts = Starts::of(slot, self.notes.read(Note::Starts).as_deref());
        if starts.without > 0 {
            self.notes.remove(Note::Starts)?;
        }
        let pending = self.pending();
        let ours = pending.filter(|pending| pending.slot == slot);
        if let Some(pending) = &ours {
            self.notes.remove(Note::RolledBack)?;
            let last = self.confirmed(pending);
            self.end(&last)?;
        } else if news {
            let last = Last {
                what: Deed::Confirm,
                version: self.running.version.clone(),
                outcome: Outcome::Confirmed,
                reason: String::new(),
                from: Source::Hand,
            };
            self.notes.write(Note::Last, &last.to_string())?;
        }
        Ok(news)
    }

    /// Puts the confirmed entry of the running slot there, unless it is the one that counts.
    fn put_confirmed(&mut self, boot: &Boot, name: EntryName) -> Result<(), UpdateError> {
        let first = boot
            .entries(name.slot)
            .find(|found| found.entry.is_some())
            .filter(|found| found.name == name);
        if first.is_some() {
            return Ok(());
        }
        let entry = match boot.entry(name.slot) {
            Some(entry) => entry.clone(),
            None => self.entry_of_running(boot)?,
        };
        Ok(entries::put(self.esp, name, &entry)?)
    }

    /// The running system's entry, where the boot partition has lost it.
    fn entry_of_running(&self, boot: &Boot) -> Result<Entry, UpdateError> {
        let Running {
            slot,
            version,
            options,
        } = self.running;
        let lost = || UpdateError::Empty(*slot);
        Ok(Entry {
            slot: *slot,
            version: version.clone(),
            number: boot.new_number(),
            image: Identity::of(options).ok_or_else(lost)?,
            options: options.clone(),
        })
    }

    /// Gives the running version up: the board has to be restarted, into the
    /// other slot.
    ///
    /// # Errors
    /// [`UpdateError::NoFallback`], [`UpdateError::Esp`].
    pub fn give_up(&mut self, reason: &str) -> Result<Last, UpdateError> {
        let (slot, boot) = (self.running.slot, self.tidy()?);
        if boot.state(slot.other()) != State::Confirmed {
            return Err(UpdateError::NoFallback(slot.other()));
        }
        let done = boot.entries(slot).find_map(|found| found.name.counter);
        let done = done.map_or(1, |counter| counter.done.max(1));
        entries::mark_bad(self.esp, slot, done)?;
        let pending = self.pending().filter(|pending| pending.slot == slot);
        let last = self.rolled_back_from(pending.as_ref(), reason);
        self.end(&last)?;
        Ok(last)
    }

    /// Puts the other slot on trial once more, whatever it was; from a version on trial, this is giving it up.
    ///
    /// # Errors
    /// [`UpdateError::Empty`], [`UpdateError::Esp`].
    pub fn test(&mut self, from: Source) -> Result<Last, UpdateError> {
        let (slot, boot) = (self.running.slot.other(), self.tidy()?);
        let Some(entry) = boot.entry(slot) else {
            return Err(UpdateError::Empty(slot));
        };
        if boot.state(self.running.slot) != State::Confirmed && boot.state(slot) == State::Confirmed
        {
            return self.give_up("somebody asked to go back");
        }
        let (entry, name) = (
            Entry {
                number: boot.new_number(),
                ..entry.clone()
            },
            EntryName::trial(slot),
        );
        let pending = Pending {
            slot,
            version: entry.version.clone(),
            from,
            stage: Stage::Ready,
            attempts: 1,
            restart: crate::Restart::AtOnce,
        };
        self.notes.write(Note::Pending, &pending.to_string())?;
        entries::put(self.esp, name, &entry)?;
        entries::only(self.esp, name)?;
        let last = Last {
            what: Deed::Test,
            version: entry.version,
            outcome: Outcome::Installed,
            reason: "it is put on trial once more".to_owned(),
            from,
        };
        self.notes.write(Note::Last, &last.to_string())?;
        Ok(last)
    }

    /// Empties a slot that is not needed.
    ///
    /// # Errors
    /// Those of [`Updates::may_write`].
    pub fn erase(&mut self, slot: Slot, from: Source) -> Result<Last, UpdateError> {
        let entry = self.boot()?.entry(slot).cloned();
        self.empty(slot)?;
        if self.pending().is_some_and(|pending| pending.slot == slot) {
            self.notes.remove(Note::Pending)?;
        }
        let last = Last {
            what: Deed::Erase,
            version: entry.map_or(String::new(), |entry| entry.version),
            outcome: Outcome::Confirmed,
            reason: format!("slot {slot} is empty"),
            from,
        };
        self.notes.write(Note::Last, &last.to_string())?;
        Ok(last)
    }

    /// Notes that this start has lasted `seconds` without a verdict; says whether the other slot's turn has come.
    ///
    /// # Errors
    /// [`UpdateError::Notes`].
    pub fn without_verdict(&mut self, boot: &str, seconds: u64) -> Result<bool, UpdateError> {
        let mut starts = self.starts();
        if starts.lasted(boot, seconds) {
            self.notes.write(Note::Starts, &starts.to_string())?;
        }
        Ok(starts.too_many())
    }

    /// Looks at what the start before this one left; to be called at each start before anything else.
    ///
    /// # Errors
    /// [`UpdateError`]; what was not noticed now is noticed at the next start.
    pub fn at_start(&mut self) -> Result<Noticed, UpdateError> {
        let boot = self.tidy()?;
        if self.starts().too_many()
            && let Some(last) = self.hand_over(&boot)?
        {
            return Ok(Noticed::HandOver(last));
        }
        let Some(pending) = self.pending() else {
            return Ok(Noticed::Nothing);
        };
        let (slot, running) = (pending.slot, self.running.slot);
        if slot == running {
            return self.started(&boot, pending);
        }
        let entry = boot.entry(slot);
        let newest = boot
            .entry(running)
            .is_none_or(|old| entry.is_some_and(|new| new.number > old.number));
        let published = entry.is_some_and(|entry| entry.version == pending.version) && newest;
        match boot.state(slot) {
            // It waits; or somebody chose the other one at the loader.
            State::Trial(_) if published => self.ready(pending).map(|()| Noticed::Nothing),
            State::Bad if published => {
                let last = self.rolled_back_from(
                    Some(&pending),
                    "it reached no verdict in any of its starts, each ended before",
                );
                self.end(&last)?;
                Ok(Noticed::Ended(last))
            }
            // Confirmed, and only the note is left.
            State::Confirmed if published && pending.stage == Stage::Ready => {
                let last = self.confirmed(&pending);
                self.end(&last)?;
                Ok(Noticed::Ended(last))
            }
            State::Confirmed if pending.stage == Stage::Ready => {
                let reason = "the power was cut before its trial could begin";
                let last = self.failed(&pending.version, pending.from, reason)?;
                Ok(Noticed::Ended(last))
            }
            _ if pending.stage == Stage::Ready => {
                let reason = "its boot entry was lost; install it again";
                let last = self.rolled_back_from(Some(&pending), reason);
                self.end(&last)?;
                Ok(Noticed::Ended(last))
            }
            _ => self.interrupted(pending),
        }
    }

    /// The slot that an update went to runs.
    fn started(&mut self, boot: &Boot, pending: Pending) -> Result<Noticed, UpdateError> {
        if pending.stage != Stage::Ready && pending.version != self.running.version {
            // Cut before its entry was taken away: nothing was written, and what was there runs.
            return self.interrupted(pending);
        }
        if boot.state(pending.slot) == State::Confirmed {
            let last = self.confirmed(&pending);
            self.end(&last)?;
            return Ok(Noticed::Ended(last));
        }
        self.ready(pending).map(|()| Noticed::Nothing)
    }

    fn ready(&mut self, mut pending: Pending) -> Result<(), UpdateError> {
        if pending.stage != Stage::Ready {
            pending.stage = Stage::Ready;
            self.notes.write(Note::Pending, &pending.to_string())?;
        }
        Ok(())
    }

    fn interrupted(&mut self, mut pending: Pending) -> Result<Noticed, UpdateError> {
        if pending.stage != Stage::Interrupted {
            pending.stage = Stage::Interrupted;
            let last = Last {
                what: Deed::Install,
                version: pending.version.clone(),
                outcome: Outcome::Failed,
                reason: "the power was cut while it was written; the version before runs"
                    .to_owned(),
                from: pending.from,
            };
            self.notes.write(Note::Last, &last.to_string())?;
            self.notes.write(Note::Pending, &pending.to_string())?;
        }
        Ok(Noticed::Interrupted(pending))
    }

    /// Hands over to the other slot, if that has proved itself and this one had.
    fn hand_over(&mut self, boot: &Boot) -> Result<Option<Last>, UpdateError> {
        let slot = self.running.slot;
        let both = Slot::ALL
            .iter()
            .all(|slot| boot.state(*slot) == State::Confirmed);
        if !both {
            return Ok(None);
        }
        entries::mark_bad(self.esp, slot, MOST)?;
        let last = Last {
            what: Deed::HandOver,
            version: self.running.version.clone(),
            outcome: Outcome::RolledBack,
            reason: format!("{MOST} starts in a row without a healthy picture"),
            from: Source::Hand,
        };
        self.notes.remove(Note::Starts)?;
        self.notes.write(Note::RolledBack, &self.running.version)?;
        self.notes.write(Note::Last, &last.to_string())?;
        Ok(Some(last))
    }

    fn starts(&mut self) -> Starts {
        Starts::of(self.running.slot, self.notes.read(Note::Starts).as_deref())
    }

    fn confirmed(&self, pending: &Pending) -> Last {
        Last {
            what: Deed::Install,
            version: pending.version.clone(),
            outcome: Outcome::Confirmed,
            reason: String::new(),
            from: pending.from,
        }
    }

    fn rolled_back_from(&self, pending: Option<&Pending>, reason: &str) -> Last {
        Last {
            what: Deed::Install,
            version: pending
                .map_or(&self.running.version, |pending| &pending.version)
                .clone(),
            outcome: Outcome::RolledBack,
            reason: reason.to_owned(),
            from: pending.map_or(Source::Hand, |pending| pending.from),
        }
    }

    /// Remembers how an update ended; the record of it goes last.
    fn end(&mut self, last: &Last) -> Result<(), NotesError> {
        if last.outcome == Outcome::RolledBack {
            self.notes.write(Note::RolledBack, &last.version)?;
        }
        self.notes.write(Note::Last, &last.to_string())?;
        self.notes.remove(Note::Pending)
    }
}

/// Whether a bundle on a stick is to be installed by itself, after [`bundle::judge`] has allowed it.
///
/// A stick stays in its socket: what runs, what waits for its trial, and what was rolled back is not installed over and
/// over.
///
/// # Errors
/// Why not.
pub fn worth_it(
    version: &str,
    running: &str,
    waiting: Option<&str>,
    rolled_back: Option<&str>,
) -> Result<(), String> {
    let same = |other: &str| bundle::compare(version, other).is_eq();
    if same(running) {
        return Err(format!("version {version} runs already"));
    }
    if waiting.is_some_and(same) {
        return Err(format!(
            "version {version} is installed already and waits for the restart"
        ));
    }
    if rolled_back.is_some_and(same) {
        return Err(format!(
            "version {version} was tried and rolled back; take the stick out, or send the bundle over the serial \
             line to try it once more"
        ));
    }
    Ok(())
}
