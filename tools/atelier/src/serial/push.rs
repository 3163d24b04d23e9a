//! `atelier serial push` and `update`: a pack and its signature, or a new version, onto the board.

use super::files::{self, Refusal};
use super::line::Line;
use anyhow::{Context, Result, bail, ensure};
use sfumato_pack::store::{MAX_NAME, is_name};
use sha2::{Digest, Sha256};
use std::io::{IsTerminal, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Bytes of a part at most: what fits a packet with its frame.
const PART: usize = 2048;

/// How long a part may be on the line: an answer is waited for three seconds.
const ON_THE_LINE: f64 = 0.7;

/// Bytes that a byte of a file becomes on the line: base64 and frames, as measured in SMP's documentation.
const SWELLING: f64 = 1.4;

/// Pushes a pack and says what became of it.
pub fn push(line: &mut Line, pack: &Path, name: &str, baud: u32) -> Result<Vec<String>> {
    let bytes = read(pack)?;
    let signature = signature_of(pack);
    ensure!(
        signature.is_file(),
        "{} is not there; a board takes signed packs only: minisign -Sm {}",
        signature.display(),
        pack.display()
    );
    let signature = read(&signature)?;
    let address = format!("/packs/{name}.pack");
    if files::length(line, &address)? == Some(bytes.len() as u64)
        && files::sha256(line, &address)? == Sha256::digest(&bytes).as_slice()
        && is_kept(line, name)?
    {
        return Ok(vec![format!("{name}: it is there already")]);
    }
    let most = part(baud);
    let mut progress = Progress::new(bytes.len());
    for again in [true, false] {
        files::upload(
            line,
            &format!("{address}.minisig"),
            &signature,
            most,
            &mut |_| {},
        )?;
        match files::upload(line, &address, &bytes, most, &mut |at| progress.at(at)) {
            Ok(()) => break,
            // What had come before was of another pack: it has been deleted.
            Err(Refusal::Refused(reason)) if again && reason.contains("not what was signed") => {}
            Err(error) => {
                progress.end();
                bail!("{name}: {error}");
            }
        }
    }
    progress.end();
    ensure!(
        is_kept(line, name)?,
        "{name} has come, but the board does not list it; atelier serial say packs tells more"
    );
    Ok(vec![format!(
        "{name}: {:.1} MB, signed and kept",
        bytes.len() as f64 / 1e6
    )])
}

/// Sends a bundle for the update service and says what is known of it then.
pub fn update(line: &mut Line, bundle: &Path, baud: u32) -> Result<Vec<String>> {
    let bytes = read(bundle)?;
    // Says so in words on a board without updates.
    line.ask("update")?;
    let mut progress = Progress::new(bytes.len());
    let sent = files::upload_image(line, &bytes, part(baud), &mut |at| progress.at(at));
    progress.end();
    if let Err(error) = sent {
        bail!("{}: {error}", bundle.display());
    }
    let mut said = vec![format!(
        "{:.1} MB have come and are handed to the update service; atelier serial update tells how it goes on",
        bytes.len() as f64 / 1e6
    )];
    said.extend(line.ask("update")?);
    Ok(said)
}

/// Bytes of a part: as much as is on the line before anybody gets impatient.
fn part(baud: u32) -> usize {
    let most = ((f64::from(baud) / 10.0) * ON_THE_LINE / SWELLING) as usize;
    most.clamp(64, PART)
}

/// What a pack is called on the board: as wished, else as its file.
pub fn name(pack: &Path, wished: Option<&str>) -> Result<String> {
    let Some(name) = wished else {
        return name_of(pack);
    };
    ensure!(
        is_name(name),
        "{name:?} is no name for a pack: small letters, digits and hyphens, at most {MAX_NAME}"
    );
    Ok(name.to_owned())
}

/// Whether the board lists it as whole.
fn is_kept(line: &mut Line, name: &str) -> Result<bool> {
    let packs = line.ask("packs")?;
    let row = packs
        .iter()
        .find_map(|row| row.strip_prefix(name)?.strip_prefix(": "));
    Ok(row.is_some_and(|words| !words.contains("have come") && !words.contains("waits")))
}

fn read(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).with_context(|| format!("{} cannot be read", path.display()))
}

/// Where minisign puts a file's signature.
fn signature_of(pack: &Path) -> PathBuf {
    let mut path = pack.as_os_str().to_owned();
    path.push(".minisig");
    path.into()
}

/// A pack's name by its file's: `Mona Lisa.pack` is `mona-lisa`.
fn name_of(pack: &Path) -> Result<String> {
    let stem = pack.file_stem().unwrap_or_default().to_string_lossy();
    let name: String = stem
        .to_lowercase()
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
        .collect();
    let name = name.trim_matches('-').to_owned();
    ensure!(
        is_name(&name),
        "{} is no name for a pack; give one with --name",
        pack.display()
    );
    Ok(name)
}

/// A line at the terminal that says how far it is, and how long it will take.
struct Progress {
    total: usize,
    first: Option<(Instant, usize)>,
    told: Option<Instant>,
    shown: bool,
}

impl Progress {
    fn new(total: usize) -> Progress {
        Progress {
            total,
            first: None,
            told: None,
            shown: std::io::stderr().is_terminal(),
        }
    }

    fn at(&mut self, at: usize) {
        let now = Instant::now();
        // What was there before counts for nothing.
        let (began, from) = *self.first.get_or_insert((now, at));
        let fresh = self
            .told
            .is_some_and(|told| now.duration_since(told) < Duration::from_millis(500));
        if !self.shown || fresh && at < self.total {
            return;
        }
        self.told = Some(now);
        let words = words(at, from, self.total, now.duration_since(began));
        let mut stderr = std::io::stderr();
        // A terminal that is gone is no reason to stop.
        let _ = write!(stderr, "\r\x1b[K{words}");
        let _ = stderr.flush();
    }

    fn end(&self) {
        if self.shown && self.told.is_some() {
            eprintln!();
        }
    }
}

fn words(at: usize, from: usize, total: usize, since: Duration) -> String {
    let percent = 100 * at / total.max(1);
    let megabytes = |bytes: usize| bytes as f64 / 1e6;
    let (at_words, of) = (megabytes(at), megabytes(total));
    let seconds = since.as_secs_f64();
    let rate = (at - from.min(at)) as f64 / seconds.max(1e-3);
    if seconds < 1.0 || rate <= 0.0 {
        return format!("{percent} %  {at_words:.1} of {of:.1} MB");
    }
    let left = ((total - at) as f64 / rate) as u64;
    format!(
        "{percent} %  {at_words:.1} of {of:.1} MB  {:.1} kB/s  {}:{:02} left",
        rate / 1e3,
        left / 60,
        left % 60
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packs_are_named_by_their_files() {
        let by_file = |path: &str| name_of(Path::new(path)).ok();
        assert_eq!(by_file("/x/Mona Lisa.pack").as_deref(), Some("mona-lisa"));
        assert_eq!(by_file("girl_2.pack").as_deref(), Some("girl-2"));
        assert_eq!(by_file("…"), None);
        let wished = |name_of: &str| name(Path::new("x.pack"), Some(name_of)).ok();
        assert_eq!(wished("girl-2").as_deref(), Some("girl-2"));
        assert_eq!(wished("Girl"), None);
    }

    #[test]
    fn progress_tells_what_is_left() {
        let told = words(3_000_000, 1_000_000, 10_000_000, Duration::from_secs(100));
        assert_eq!(told, "30 %  3.0 of 10.0 MB  20.0 kB/s  5:50 left");
        let early = words(0, 0, 10_000_000, Duration::ZERO);
        assert_eq!(early, "0 %  0.0 of 10.0 MB");
    }
}
