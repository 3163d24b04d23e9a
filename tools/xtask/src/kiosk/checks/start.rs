//! From power-on to a portrait that answers.

use super::super::machine::Machine;
use super::super::picture::{Picture, mean};
use super::super::scene::{START, Scene};
use anyhow::{Result, ensure};
use std::time::Duration;

/// A painting and the screen's picture of it correlate at least so much: the portrait moves, and sleeps a little.
const LIKE: f32 = 0.97;

/// How many times more a laugh must change the picture than the portrait's own life does.
const MORE: f32 = 2.0;

/// How long a portrait is given to come to do what the visitor does.
const SETTLES: Duration = Duration::from_secs(6);

/// Switches the kiosk on and waits for the painting.
pub fn from_power_on(machine: &mut Machine, scene: &Scene) -> Result<String> {
    machine.power_on()?;
    let told = scene.wait_for_pictures(machine, START)?;
    let shot = Picture::read(&machine.screenshot("start")?)?;
    let alike = shot.correlation(&scene.painting)?;
    ensure!(
        alike > LIKE,
        "the screen's picture is like the painting by {alike:.3} of {LIKE}; see start.png and expected.png"
    );
    Ok(format!(
        "pictures {:.0} s after power-on; like the painting by {alike:.3}",
        told.as_secs_f32()
    ))
}

/// Lets a calm visitor come, then one who laughs.
pub fn visitor(machine: &mut Machine, scene: &Scene) -> Result<String> {
    // Without habits of its own, so that what changes is the visitor's doing.
    machine.line()?.say("personality mirror")?;
    let seen = scene.visitor(machine, "calm")?;
    let calm = several(machine, "calm")?;
    scene.visitor(machine, "laugh")?;
    let laugh = several(machine, "laugh")?;
    scene.visitor(machine, "calm")?;
    machine.line()?.say("reset personality")?;
    machine.line()?.say("commit")?;
    let within = calm[0]
        .distance(&calm[1])?
        .max(laugh[0].distance(&laugh[1])?);
    let between = mean(&calm)?.distance(&mean(&laugh)?)?;
    ensure!(
        between > MORE * within,
        "where it does most, a laugh changes the picture by {between:.1} of 255, its own life by {within:.1}"
    );
    Ok(format!(
        "seen {:.0} s after the camera began; a laugh changes the picture {:.1} times as much as its own life",
        seen.as_secs_f32(),
        between / within.max(0.001)
    ))
}

fn several(machine: &mut Machine, name: &str) -> Result<Vec<Picture>> {
    let mut pictures = Vec::new();
    // A portrait takes its time, and an emulated one more of it.
    std::thread::sleep(SETTLES);
    for index in 0..3 {
        std::thread::sleep(Duration::from_secs(4));
        let file = machine.screenshot(&format!("visitor-{name}-{index}"))?;
        pictures.push(Picture::read(&file)?);
    }
    Ok(pictures)
}
