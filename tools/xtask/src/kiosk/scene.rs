//! What a run needs besides the kiosk: images, updates, sticks, visitors, and what the screen should show.

use super::machine::Machine;
use super::picture::Picture;
use anyhow::{Context, Result, bail};
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// Longest way from power-on to pictures: emulated processors on a busy machine.
pub const START: Duration = Duration::from_secs(300);

/// Longest wait for something that takes seconds on real hardware.
pub const SOON: Duration = Duration::from_secs(90);

/// Longest installation of an update, with a start after it.
pub const LONG: Duration = Duration::from_secs(600);

/// Everything that was made for a run.
#[derive(Debug)]
pub struct Scene {
    /// The painting as the screen should show it at rest.
    pub painting: Picture,
    /// The version of the update.
    pub next: String,
    /// An update for the serial line, of which no system starts.
    pub unstartable: PathBuf,
    /// The technician's program.
    pub atelier: PathBuf,
    /// USB sticks by what is on them.
    pub sticks: Vec<(&'static str, PathBuf)>,
    /// A folder whose `bin` has other people's clients; none where they could not be fetched.
    pub clients: Option<PathBuf>,
    /// A painting to send over the line.
    pub pack: PathBuf,
    /// Random moments of the power cuts.
    pub seed: u64,
    /// How many of them.
    pub cuts: u32,
}

impl Scene {
    /// A stick.
    pub fn stick(&self, name: &str) -> Result<&PathBuf> {
        let found = self.sticks.iter().find(|(stick, _)| *stick == name);
        found
            .map(|(_, path)| path)
            .with_context(|| format!("no stick {name}"))
    }

    /// Waits until pictures are shown, asking over the serial line; how long after power-on.
    pub fn wait_for_pictures(&self, machine: &mut Machine, limit: Duration) -> Result<Duration> {
        let first = self.pictures(machine, limit)?;
        // One more than there were: they go on.
        let start = Instant::now();
        while start.elapsed() < SOON {
            if shown(machine).is_ok_and(|count| count > first) {
                return Ok(machine.age());
            }
            std::thread::sleep(Duration::from_millis(300));
        }
        bail!("the picture stands still");
    }

    fn pictures(&self, machine: &mut Machine, limit: Duration) -> Result<u64> {
        while machine.age() < limit {
            if let Ok(count) = shown(machine)
                && count > 0
            {
                return Ok(count);
            }
            std::thread::sleep(Duration::from_millis(500));
        }
        bail!(
            "no picture {} s after power-on; see the console's log in {}",
            limit.as_secs(),
            machine.folder().display()
        )
    }

    /// Lets the kernel's camera see a visitor and waits until the portrait sees one; how long that took.
    pub fn visitor(&self, machine: &mut Machine, act: &str) -> Result<Duration> {
        machine.hand()?.wait(SOON)?;
        machine
            .hand()?
            .run(&format!("/run/rig/camera /run/rig/{act}.yuyv"))?;
        let limit = SOON * 2;
        machine
            .line()?
            .until("status", "a visitor is answered", limit, |lines| {
                let seen =
                    |line: &String| line.starts_with("camera:") && line.contains("1 faces now");
                lines.iter().any(seen) && lines.iter().any(|line| line == "portrait: living")
            })
    }
}

/// Pictures shown so far, as the portrait tells.
pub fn shown(machine: &mut Machine) -> Result<u64> {
    let limit = Duration::from_secs(3);
    let lines = machine.line()?.hear("status", limit)?;
    let line = lines
        .iter()
        .find_map(|line| line.strip_prefix("picture: "))
        .context("status tells no pictures")?;
    let count = line.split(' ').next().unwrap_or_default();
    count.parse().with_context(|| format!("picture: {line}"))
}
