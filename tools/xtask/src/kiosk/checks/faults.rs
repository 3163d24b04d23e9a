//! What breaks in front of visitors, and comes back.

use super::super::machine::Machine;
use super::super::picture::Picture;
use super::super::scene::{SOON, START, Scene, shown};
use anyhow::{Result, ensure};
use std::time::{Duration, Instant};

/// How long a fault that takes the camera away is left alone.
const LINGER: Duration = Duration::from_secs(3);

fn camera_there(line: &str) -> bool {
    line.starts_with("camera:") && line.contains(", there")
}

/// Waits until the portrait tells that its camera is there, or away; how long it took.
fn camera_is(machine: &mut Machine, there: bool) -> Result<Duration> {
    let what = if there {
        "the camera is back"
    } else {
        "the camera is away"
    };
    machine.line()?.until("status", what, SOON, |lines| {
        lines
            .iter()
            .any(|line| line.starts_with("camera:") && camera_there(line) == there)
    })
}

/// Waits for a face.
fn face(machine: &mut Machine) -> Result<Duration> {
    machine
        .line()?
        .until("status", "a visitor is seen again", SOON, |lines| {
            lines
                .iter()
                .any(|line| line.starts_with("camera:") && line.contains("1 faces now"))
        })
}

/// Pictures go on while the camera does not.
fn lives(machine: &mut Machine) -> Result<()> {
    let before = shown(machine)?;
    std::thread::sleep(LINGER);
    let after = shown(machine)?;
    ensure!(after > before, "the picture stands still without a camera");
    Ok(())
}

/// Every fault that the kernel's camera driver can play.
pub fn camera(machine: &mut Machine, scene: &Scene) -> Result<String> {
    scene.visitor(machine, "calm")?;
    let mut seen = Vec::new();
    machine
        .hand()?
        .run("v4l2-ctl -d0 -c percentage_of_dropped_buffers=97")?;
    lives(machine)?;
    machine
        .hand()?
        .run("v4l2-ctl -d0 -c percentage_of_dropped_buffers=80")?;
    face(machine)?;
    seen.push("dropped buffers: pictures go on".to_owned());
    for _ in 0..3 {
        machine
            .hand()?
            .run("v4l2-ctl -d0 -c inject_v4l2_buf_flag_error=1")?;
    }
    lives(machine)?;
    face(machine)?;
    seen.push("damaged buffers: pictures go on".to_owned());
    for (name, control) in [
        ("EIO", "inject_fatal_streaming_error"),
        ("disconnected", "disconnect"),
    ] {
        machine
            .hand()?
            .run(&format!("v4l2-ctl -d0 -c {control}=1"))?;
        lives(machine)?;
        // The feeding end was thrown out with it.
        let back = scene.visitor(machine, "calm")?;
        seen.push(format!(
            "{name}: seen again after {:.1} s",
            back.as_secs_f32()
        ));
    }
    let driver = "/sys/bus/platform/drivers/vivid";
    machine.hand()?.run("pkill -x v4l2-ctl; true")?;
    machine
        .hand()?
        .run(&format!("echo vivid.0 > {driver}/unbind"))?;
    let away = camera_is(machine, false)?;
    lives(machine)?;
    machine
        .hand()?
        .run(&format!("echo vivid.0 > {driver}/bind"))?;
    let back = camera_is(machine, true)?;
    scene.visitor(machine, "calm")?;
    seen.push(format!(
        "unbound: noticed after {:.1} s, back {:.1} s after it was bound",
        away.as_secs_f32(),
        back.as_secs_f32()
    ));
    Ok(seen.join("; "))
}

/// Takes the display's cable out and puts it back.
pub fn screen(machine: &mut Machine, scene: &Scene) -> Result<String> {
    let pid = main_pid(machine)?;
    let connector = connector(machine)?;
    machine.hand()?.run(&format!("echo off > {connector}"))?;
    let away = machine
        .line()?
        .until("status", "the screen is away", SOON, |lines| {
            lines
                .iter()
                .any(|line| line.starts_with("picture:") && line.contains("away"))
        })?;
    machine.hand()?.run(&format!("echo detect > {connector}"))?;
    let back = machine
        .line()?
        .until("status", "the screen is back", SOON, |lines| {
            lines
                .iter()
                .any(|line| line.starts_with("picture:") && line.contains("display there"))
        })?;
    painting_shown(machine, scene, "screen-back")?;
    ensure!(main_pid(machine)? == pid, "another process shows it");
    Ok(format!(
        "away after {:.1} s, back after {:.1} s, same process",
        away.as_secs_f32(),
        back.as_secs_f32()
    ))
}

/// Starts without a display, which comes later. The kernel is told that there is none (its `video=` option).
pub fn screen_at_start(machine: &mut Machine, scene: &Scene) -> Result<String> {
    let none = "video=Virtual-1:d";
    let entries = "/efi/loader/entries/sfumato-*.conf";
    machine.hand()?.wait(SOON)?;
    machine.hand()?.run(&format!(
        "systemctl start efi.mount && sed -i 's/^options .*/& {none}/' {entries} && sync"
    ))?;
    machine.power_cut()?;
    let asked = machine
        .line()?
        .until("status", "the screen is away", START, |lines| {
            lines
                .iter()
                .any(|line| line.starts_with("picture:") && line.contains("away"))
        })?;
    machine.hand()?.wait(SOON)?;
    let connector = connector(machine)?;
    machine.hand()?.run(&format!("echo detect > {connector}"))?;
    scene.wait_for_pictures(machine, machine.age() + SOON)?;
    painting_shown(machine, scene, "screen-late")?;
    machine.hand()?.run(&format!(
        "systemctl start efi.mount && sed -i 's/ {none}//' {entries} && sync"
    ))?;
    machine.power_cut()?;
    scene.wait_for_pictures(machine, START)?;
    Ok(format!(
        "answered {:.0} s after power-on without a screen; then the portrait",
        asked.as_secs_f32()
    ))
}

/// The file that says whether the display is there.
fn connector(machine: &mut Machine) -> Result<String> {
    machine
        .hand()?
        .run("ls -d /sys/class/drm/card0-Virtual-*/status")
}

/// The screen shows the painting.
fn painting_shown(machine: &mut Machine, scene: &Scene, name: &str) -> Result<()> {
    std::thread::sleep(LINGER);
    let alike = Picture::read(&machine.screenshot(name)?)?.correlation(&scene.painting)?;
    ensure!(alike > 0.95, "the screen shows something else: {alike:.3}");
    Ok(())
}

fn main_pid(machine: &mut Machine) -> Result<String> {
    machine
        .hand()?
        .run("systemctl show --property MainPID --value sfumato")
}

/// Kills it.
pub fn killed(machine: &mut Machine, _: &Scene) -> Result<String> {
    ended_by(machine, "KILL")
}

/// Stops it, so that it cannot even end.
pub fn hung(machine: &mut Machine, _: &Scene) -> Result<String> {
    ended_by(machine, "STOP")
}

fn ended_by(machine: &mut Machine, signal: &str) -> Result<String> {
    let pid = main_pid(machine)?;
    let start = Instant::now();
    machine.hand()?.run(&format!("kill -{signal} {pid}"))?;
    while start.elapsed() < START {
        std::thread::sleep(Duration::from_secs(1));
        let other = main_pid(machine).is_ok_and(|now| now != pid && now != "0");
        if other && shown(machine).is_ok_and(|count| count > 0) {
            return Ok(format!(
                "pictures again {:.0} s after SIG{signal}, by another process",
                start.elapsed().as_secs_f32()
            ));
        }
    }
    anyhow::bail!("no picture {} s after SIG{signal}", START.as_secs())
}
