//! The show, or somebody through it, wishes something.

use super::{install, not_done};
use crate::here::Here;
use crate::lock::Lock;
use crate::notes::read_short;
use crate::{Error, state, tool};
use sfumato_slots::{Deed, Restart, RootHash, Slot, Source, from_hex};
use std::fs;
use std::io;

/// Bytes of the longest wish.
const LONGEST: u64 = 256;

/// What can be wished.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// Install what came over the serial line; restart as said, else as the board's file says.
    Install(Option<Restart>),
    /// What runs is to stay.
    Confirm,
    /// Try what has this hash.
    Test(RootHash),
    /// Empty a slot.
    Erase(Slot),
}

impl Wish {
    /// Reads a wish; none if it is not understood.
    ///
    /// ```
    /// # use sfumato_update::commands::Wish;
    /// assert_eq!(Wish::parse("confirm\n"), Some(Wish::Confirm));
    /// assert_eq!(Wish::parse("confirm all"), None);
    /// ```
    pub fn parse(line: &str) -> Option<Wish> {
        let mut words = line.split_ascii_whitespace();
        let wish = match (words.next()?, words.next()) {
            ("install", None) => Wish::Install(None),
            ("install", Some(word)) => Wish::Install(Some(Restart::parse(word)?)),
            ("confirm", None) => Wish::Confirm,
            ("test", Some(hash)) => Wish::Test(from_hex(hash)?),
            ("erase", Some(slot)) => Wish::Erase(Slot::parse(slot)?),
            _ => return None,
        };
        words.next().is_none().then_some(wish)
    }
}

/// Takes the wish that lies there, if there is one, and does it.
///
/// # Errors
/// Why it was not done; that is told too.
pub fn request(here: &mut Here) -> Result<(), Error> {
    let lock = Lock::wait(&here.paths)?;
    let path = here.paths.request();
    let line = match read_short(&path, LONGEST) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) if error.kind() == io::ErrorKind::InvalidData => String::new(),
        line => line.map_err(|error| Error::file(&path, error))?,
    };
    // Taken: what is written after this is another wish.
    fs::remove_file(&path).map_err(|error| Error::file(&path, error))?;
    let Some(wish) = Wish::parse(&line) else {
        let error = Error::Wish(format!("{:?} is no wish", line.trim()));
        not_done(here, Deed::Install, "", Source::Serial, &error)?;
        return Err(error);
    };
    let outcome = fulfil(here, wish);
    drop(lock);
    outcome
}

fn fulfil(here: &mut Here, wish: Wish) -> Result<(), Error> {
    let what = match wish {
        Wish::Install(when) => {
            let bundle = here.paths.incoming();
            let restart = when.unwrap_or(here.restart);
            let outcome = install(here, &bundle, Source::Serial, restart);
            // Installed or refused, it is not needed any more; the space is.
            if let Err(error) = fs::remove_file(&bundle)
                && error.kind() != io::ErrorKind::NotFound
            {
                eprintln!("sfumato-update: {}: {error}", bundle.display());
            }
            return outcome.map(drop);
        }
        Wish::Confirm => Deed::Confirm,
        Wish::Test(_) => Deed::Test,
        Wish::Erase(_) => Deed::Erase,
    };
    let outcome = match wish {
        Wish::Install(_) => Ok(false),
        Wish::Confirm => here.updates().confirm().map(|_| false).map_err(Error::from),
        Wish::Test(hash) => test(here, &hash).map(|()| true),
        Wish::Erase(slot) => here
            .updates()
            .erase(slot, Source::Serial)
            .map(|_| false)
            .map_err(Error::from),
    };
    match outcome {
        Ok(restart) => {
            state::tell(here, None)?;
            if restart {
                tool::restart_board()?;
            }
            Ok(())
        }
        Err(error) => {
            not_done(here, what, "", Source::Serial, &error)?;
            Err(error)
        }
    }
}

/// Puts the other slot on trial, if it holds this.
fn test(here: &mut Here, hash: &RootHash) -> Result<(), Error> {
    let other = here.running.slot.other();
    let boot = here.updates().boot()?;
    let there = boot
        .entry(other)
        .is_some_and(|entry| entry.image.root_hash == *hash);
    if !there {
        return Err(Error::Wish(format!(
            "slot {other} holds nothing of this hash"
        )));
    }
    here.updates().test(Source::Serial)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn wishes_are_read() {
        assert_eq!(Wish::parse("install"), Some(Wish::Install(None)));
        let night = Wish::Install(Some(Restart::AtNight));
        assert_eq!(Wish::parse("install at-night\n"), Some(night));
        let hash = "ab".repeat(32);
        assert_eq!(
            Wish::parse(&format!("test {hash}\n")),
            Some(Wish::Test([0xab; 32]))
        );
        assert_eq!(Wish::parse("erase b\n"), Some(Wish::Erase(Slot::B)));
        for line in [
            "",
            "install now",
            "test",
            "test ab",
            "erase",
            "erase c",
            "erase a b",
            "reboot",
        ] {
            assert_eq!(Wish::parse(line), None, "{line}");
        }
    }

    proptest! {
        #[test]
        fn noise_is_read_without_harm(line in "\\PC*") {
            let _ = Wish::parse(&line);
        }
    }
}
