//! `atelier bench pipeline`: what a frame costs from clip to screen.
//!
//! The device binary plays a clip as fast as it can, without a screen, and its CPU time is read
//! from the system; then a Python script with MediaPipe and OpenCV does what an artist would
//! hack, with the same clip and the same painting at the same height. They take turns, and the
//! median of the turns counts. Both start up first: that time is taken out.

use anyhow::{Context, Result, bail};
use serde_json::Value;
use sfumato_compositor::Picture;
use sfumato_pack::Pack;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Frames of the short run whose CPU time is taken off the long one's.
const WARM_UP: u64 = 10;

/// How often everybody is measured.
const TURNS: usize = 3;

/// What the peer does; kept as a file of its own so that anybody can run it.
const PEER: &str = include_str!("peer.py");

/// Measures and prints.
pub fn run(
    pack: &Path,
    clip: &Path,
    height: u32,
    program: Option<&Path>,
    python: &Path,
) -> Result<()> {
    let painting = Pack::read(pack)?.portrait.painting;
    let width = u64::from(painting.width()) * u64::from(height) / u64::from(painting.height());
    let folder = std::env::temp_dir().join(format!("atelier-bench-{}", std::process::id()));
    std::fs::create_dir_all(&folder)
        .with_context(|| format!("{} cannot be made", folder.display()))?;
    let result = compare(
        pack,
        clip,
        (width as u32, height),
        program,
        python,
        &painting,
        &folder,
    );
    let _ = std::fs::remove_dir_all(&folder);
    result
}

fn compare(
    pack: &Path,
    clip: &Path,
    size: (u32, u32),
    program: Option<&Path>,
    python: &Path,
    painting: &Picture,
    folder: &Path,
) -> Result<()> {
    let program = match program {
        Some(program) => program.to_owned(),
        None => beside_this_one()?,
    };
    let report = folder.join("report.json");
    let play = |frames: Option<u64>| -> Result<(f64, Value)> {
        let mut command = Command::new(&program);
        command.arg("run").arg("--pack").arg(pack);
        command
            .arg("--camera")
            .arg(format!("clip:{}?pace=off", clip.display()));
        command
            .arg("--screen")
            .arg(format!("null:?size={}x{}", size.0, size.1));
        command
            .args(["--personality", "mirror", "--report"])
            .arg(&report);
        if let Some(frames) = frames {
            command.arg("--frames").arg(frames.to_string());
        }
        let before = children_seconds()?;
        let output = command
            .output()
            .with_context(|| format!("{} does not run", program.display()))?;
        if !output.status.success() {
            bail!("{}", String::from_utf8_lossy(&output.stderr).trim());
        }
        let seconds = children_seconds()? - before;
        Ok((seconds, serde_json::from_slice(&std::fs::read(&report)?)?))
    };
    let picture = folder.join("painting.png");
    crate::preview::write_png(&picture, painting)?;
    let arguments = PeerArguments {
        python,
        picture: &picture,
        clip,
        height: size.1,
    };

    let mut ours = Vec::new();
    let mut peers: Result<Vec<PeerTurn>> = Ok(Vec::new());
    let mut newest = Value::Null;
    for _ in 0..TURNS {
        let (short, _) = play(Some(WARM_UP))?;
        let (long, report) = play(None)?;
        let frames = report["frames"]["out"].as_u64().unwrap_or(0);
        if frames <= WARM_UP {
            bail!("{} is too short: {frames} frames", clip.display());
        }
        ours.push(1000.0 * (long - short) / (frames - WARM_UP) as f64);
        newest = report;
        if let Ok(turns) = &mut peers {
            match peer(&arguments) {
                Ok(turn) => turns.push(turn),
                Err(error) => peers = Err(error),
            }
        }
    }
    print(size, clip, &newest, &mut ours, peers);
    Ok(())
}

fn print(
    size: (u32, u32),
    clip: &Path,
    report: &Value,
    ours: &mut [f64],
    peers: Result<Vec<PeerTurn>>,
) {
    let counts = report["faces"].as_array().map_or(&[][..], Vec::as_slice);
    let found = counts.iter().filter(|count| **count != 0).count();
    println!(
        "{} x {}, {} frames of {}; medians of {TURNS} turns",
        size.0,
        size.1,
        counts.len(),
        clip.display()
    );
    println!("stage         median     p95      (sfumato, milliseconds on the clock)");
    for stage in [
        "camera",
        "perception",
        "motion",
        "generator",
        "compositor",
        "screen",
    ] {
        let time = |what: &str| report["stages"][stage][what].as_f64().unwrap_or(0.0) / 1000.0;
        println!("{stage:12} {:7.2} {:7.2}", time("median"), time("p95"));
    }
    let ours = median(ours);
    let line = |name: &str, time: f64| {
        println!("{name:52} {time:8.2} ms CPU a frame {:7.2}", time / ours);
    };
    line("sfumato, clip to screen", ours);
    println!("  a face in {found} of {} frames", counts.len());
    match peers {
        Ok(turns) => {
            let of = |pick: fn(&PeerTurn) -> f64| {
                median(&mut turns.iter().map(pick).collect::<Vec<f64>>())
            };
            line(
                "FaceMesh and remap in Python, clip to picture",
                of(|turn| turn.whole),
            );
            line("  of that, finding the face", of(|turn| turn.finding));
            line("  of that, moving the paint", of(|turn| turn.moving));
            if let Some(turn) = turns.last() {
                println!("  a face in {} of {} frames", turn.found, turn.frames);
            }
        }
        Err(error) => println!("the Python peer was skipped: {error:#}"),
    }
}

/// The middle one; zero of none.
fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(0.0)
}

fn beside_this_one() -> Result<PathBuf> {
    let mut path = std::env::current_exe().context("where am I?")?;
    path.set_file_name("sfumato");
    if !path.is_file() {
        bail!(
            "{} is missing: run `cargo build -p sfumato`, or name it with --program",
            path.display()
        );
    }
    Ok(path)
}

/// CPU seconds of all child processes so far, and of theirs.
fn children_seconds() -> Result<f64> {
    let text = std::fs::read_to_string("/proc/self/stat").context("this needs Linux")?;
    parse_children_seconds(&text).context("/proc/self/stat is not as expected")
}

/// Fields 16 and 17 of `proc_pid_stat(5)`, in hundredths of a second.
fn parse_children_seconds(stat: &str) -> Option<f64> {
    // The second field is a name in brackets and may hold anything, also brackets and spaces.
    let (_, rest) = stat.rsplit_once(')')?;
    let mut fields = rest.split_whitespace().skip(13);
    let mut ticks = || fields.next()?.parse::<f64>().ok();
    Some((ticks()? + ticks()?) / 100.0)
}

/// What the peer is given.
struct PeerArguments<'a> {
    python: &'a Path,
    picture: &'a Path,
    clip: &'a Path,
    height: u32,
}

/// What the peer says: frames, frames with a face, milliseconds of CPU a frame.
#[derive(Debug, PartialEq)]
struct PeerTurn {
    frames: u64,
    found: u64,
    finding: f64,
    moving: f64,
    whole: f64,
}

fn peer(arguments: &PeerArguments<'_>) -> Result<PeerTurn> {
    let output = Command::new(arguments.python)
        .args(["-c", PEER])
        .args([arguments.picture, arguments.clip])
        .arg(arguments.height.to_string())
        .output()
        .with_context(|| format!("{} does not run", arguments.python.display()))?;
    let text = String::from_utf8_lossy(&output.stdout);
    match (output.status.success(), parse_peer(&text)) {
        (true, Some(turn)) => Ok(turn),
        _ => {
            let words = String::from_utf8_lossy(&output.stderr);
            bail!("{}", words.lines().last().unwrap_or("it said nothing"))
        }
    }
}

/// The numbers in the peer's last line.
fn parse_peer(text: &str) -> Option<PeerTurn> {
    let mut words = text.lines().last()?.split_whitespace();
    let turn = PeerTurn {
        frames: words.next()?.parse().ok()?,
        found: words.next()?.parse().ok()?,
        finding: words.next()?.parse().ok()?,
        moving: words.next()?.parse().ok()?,
        whole: words.next()?.parse().ok()?,
    };
    words.next().is_none().then_some(turn)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_children_are_found_behind_any_name() {
        let stat = "7 (a) b (c) S 1 2 3 4 5 6 7 8 9 10 11 12 250 50 15 16";
        assert_eq!(parse_children_seconds(stat), Some(3.0));
        assert_eq!(parse_children_seconds("7 (a) S 1 2"), None);
        assert!(children_seconds().is_ok());
    }

    #[test]
    fn the_peers_last_line_is_read() {
        let turn = parse_peer("a warning\n216 215 9.2 38.8 50.2\n");
        assert_eq!(
            turn,
            Some(PeerTurn {
                frames: 216,
                found: 215,
                finding: 9.2,
                moving: 38.8,
                whole: 50.2
            })
        );
        assert_eq!(parse_peer("216 215 9.2"), None);
    }

    #[test]
    fn the_median_is_the_middle_one() {
        assert_eq!(median(&mut [3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(&mut []), 0.0);
    }
}
