//! The plug is pulled at random moments.

use super::super::machine::Machine;
use super::super::scene::{START, Scene};
use anyhow::{Context, Result, ensure};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// Random numbers that are the same for a seed (xorshift64*, Vigna 2016).
struct Dice(u64);

impl Dice {
    fn throw(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) % sides
    }
}

/// Cuts during saves, uploads and updates by turns.
pub fn at_random(machine: &mut Machine, scene: &Scene) -> Result<String> {
    let mut dice = Dice(scene.seed | 1);
    let mut old = 0;
    for cut in 0..scene.cuts {
        let before = value(machine)?;
        let next = 1 + dice.throw(99);
        let mut client = None;
        let longest = match cut % 3 {
            0 => {
                saving(machine, next)?;
                400
            }
            1 => {
                client = Some(uploading(machine, scene, &mut dice)?);
                8_000
            }
            _ => {
                machine.plug(scene.stick("next")?)?;
                40_000
            }
        };
        std::thread::sleep(Duration::from_millis(dice.throw(longest)));
        machine.power_cut()?;
        drop(client);
        scene
            .wait_for_pictures(machine, START * 2)
            .with_context(|| format!("after cut {cut}"))?;
        let after = value(machine)?;
        ensure!(
            after == before || (cut % 3 == 0 && after == next),
            "after cut {cut} night_brightness is {after}: neither {before} nor {next}"
        );
        old += u32::from(after == before);
    }
    Ok(format!(
        "{} cuts (seed {}): every start with pictures; {old} times with the old settings",
        scene.cuts, scene.seed
    ))
}

fn value(machine: &mut Machine) -> Result<u64> {
    let text = machine
        .line()?
        .value("night_brightness", "OK display.night_brightness")?;
    let number = text.trim_end_matches(" %");
    number
        .parse()
        .with_context(|| format!("night_brightness is {text}"))
}

fn saving(machine: &mut Machine, next: u64) -> Result<()> {
    let line = machine.line()?;
    line.say(&format!("night_brightness {next}"))?;
    // Its answer is not waited for.
    let _ = line.hear("save", Duration::ZERO);
    Ok(())
}

/// A pack begins to come over the line, by another's program. It is cut with the power.
fn uploading(machine: &mut Machine, scene: &Scene, dice: &mut Dice) -> Result<Client> {
    let clients = scene
        .clients
        .as_ref()
        .context("the clients could not be fetched")?;
    let client = Command::new(clients.join("bin/mcumgrctl"))
        .arg("--serial")
        .arg(machine.port())
        .args(["--baud", "115200", "fs", "upload"])
        .arg(&scene.pack)
        .arg(format!("/packs/cut{}.pack", dice.throw(1000)))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .context("cannot run mcumgrctl")?;
    Ok(Client(client))
}

/// Ends with its owner.
struct Client(Child);

impl Drop for Client {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
