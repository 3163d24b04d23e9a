//! What every boot partition must do, the real one too.

use crate::esp::{Esp, EspError};

/// Plays through what [`Esp`] promises, on an empty partition with room for a megabyte; leaves it empty.
///
/// # Errors
/// The promise that is broken.
pub fn conformance(esp: &mut dyn Esp) -> Result<(), String> {
    let (first, second) = ("loader/entries/one.conf", "loader/entries/two.conf");
    let expect = |good: bool, promise: &str| good.then_some(()).ok_or_else(|| promise.to_owned());
    let fine = |outcome: Result<(), EspError>| outcome.map_err(|error| error.to_string());

    expect(
        esp.list("loader/entries") == Ok(Vec::new()),
        "a folder that is not there is empty",
    )?;
    expect(
        esp.read(first, 9) == Err(EspError::Missing(first.to_owned())),
        "a missing file is missing",
    )?;
    fine(esp.remove(first))?;

    fine(esp.write(first, b"a longer text"))?;
    fine(esp.write(first, b"text"))?;
    fine(esp.write("sfumato/a/linux", &[7; 100_000]))?;
    fine(esp.sync())?;
    expect(
        esp.read(first, 4).as_deref() == Ok(b"text"),
        "a file holds what was written last",
    )?;
    expect(
        esp.read(first, 3) == Err(EspError::TooLong(first.to_owned())),
        "a limit is kept to",
    )?;
    expect(
        esp.list("loader/entries") == Ok(vec!["one.conf".to_owned()]),
        "files are listed, folders are not",
    )?;
    expect(esp.list("loader") == Ok(Vec::new()), "a folder is no file")?;

    fine(esp.write(second, b"other"))?;
    expect(
        esp.rename(first, second) == Err(EspError::Exists(second.to_owned())),
        "a rename replaces nothing",
    )?;
    fine(esp.remove(second))?;
    fine(esp.rename(first, second))?;
    expect(
        esp.rename(first, second) == Err(EspError::Missing(first.to_owned())),
        "what is gone has no new name",
    )?;
    expect(
        esp.read(second, 9).as_deref() == Ok(b"text"),
        "a file keeps its text under a new name",
    )?;

    expect(esp.free().is_ok_and(|free| free > 0), "there is room")?;
    fine(esp.remove(second))?;
    fine(esp.remove("sfumato/a/linux"))?;
    fine(esp.sync())?;
    expect(
        esp.list("loader/entries") == Ok(Vec::new()),
        "what was removed is gone",
    )
}
