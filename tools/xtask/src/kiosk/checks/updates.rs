//! Updates: refused, installed, rolled back.

use super::super::machine::Machine;
use super::super::scene::{LONG, SOON, START, Scene};
use crate::image::tools::Tool;
use anyhow::{Result, ensure};
use std::time::{Duration, Instant};

/// Puts a stick in and waits for an outcome that is told on the serial line.
fn with_stick(
    machine: &mut Machine,
    scene: &Scene,
    stick: &str,
    limit: Duration,
    outcome: &str,
) -> Result<String> {
    let before = machine.line()?.value("update", "last").unwrap_or_default();
    let id = machine.plug(scene.stick(stick)?)?;
    let told = machine.line()?.until("update", outcome, limit, |lines| {
        let last = lines.iter().find_map(|line| line.strip_prefix("last: "));
        last.is_some_and(|last| last != before && last.contains(outcome))
    });
    let _ = machine.unplug(&id);
    told?;
    machine.line()?.value("update", "last")
}

/// What runs, as the kiosk tells: slot and version.
fn running(machine: &mut Machine) -> Result<String> {
    machine.hand()?.wait(START)?;
    machine
        .hand()?
        .run("sed -n 's/^IMAGE_VERSION=//p' /usr/lib/os-release; tr ' ' '\\n' < /proc/cmdline | sed -n 's/^sfumato.slot=//p'")
        .map(|text| text.replace('\n', " in slot "))
}

/// Bad bundles.
pub fn refused(machine: &mut Machine, scene: &Scene) -> Result<String> {
    let before = running(machine)?;
    let mut seen = Vec::new();
    for stick in ["tampered", "other-board", "older"] {
        seen.push(format!(
            "{stick}: {}",
            with_stick(machine, scene, stick, LONG, "refused")?
        ));
    }
    ensure!(running(machine)? == before, "something else runs");
    Ok(seen.join("; "))
}

/// One that comes over the serial line, as a technician sends it; its system cannot start.
pub fn over_serial(machine: &mut Machine, scene: &Scene) -> Result<String> {
    let before = running(machine)?;
    let told = machine.line()?.value("update", "last").unwrap_or_default();
    let start = Instant::now();
    Tool::new(&scene.atelier.display().to_string())
        .arg("serial")
        .arg(machine.port())
        .arg("update")
        .arg(&scene.unstartable)
        .output()?;
    let sent = start.elapsed();
    let size = std::fs::metadata(&scene.unstartable)?.len() as f64;
    machine
        .line()?
        .until("update", "rolled back", LONG, |lines| {
            let last = lines.iter().find_map(|line| line.strip_prefix("last: "));
            last.is_some_and(|last| last != told && last.contains("from serial: rolled"))
        })?;
    let took = start.elapsed();
    let last = runs_again(machine, scene, &before)?;
    Ok(format!(
        "{:.1} MB sent in {:.0} s; {before} again after {:.0} s; {last}",
        size / 1e6,
        sent.as_secs_f32(),
        took.as_secs_f32()
    ))
}

/// Pictures come from what ran before; what is told of the update.
fn runs_again(machine: &mut Machine, scene: &Scene, before: &str) -> Result<String> {
    scene.wait_for_pictures(machine, machine.age() + SOON)?;
    let after = running(machine)?;
    ensure!(after == before, "{after} runs, not {before}");
    machine.line()?.value("update", "last")
}

/// A good one.
pub fn second_version(machine: &mut Machine, scene: &Scene) -> Result<String> {
    let before = running(machine)?;
    let start = Instant::now();
    with_stick(machine, scene, "next", LONG, "confirmed")?;
    let took = start.elapsed();
    let after = running(machine)?;
    ensure!(
        after.starts_with(&scene.next),
        "{after} runs after the update"
    );
    ensure!(after != before, "the same slot runs");
    Ok(format!(
        "{before}, then {after}, confirmed {:.0} s after the stick went in",
        took.as_secs_f32()
    ))
}

/// One whose program ends at once.
pub fn broken_version(machine: &mut Machine, scene: &Scene) -> Result<String> {
    let before = running(machine)?;
    let start = Instant::now();
    with_stick(machine, scene, "broken", LONG * 2, "rolled-back")?;
    let took = start.elapsed();
    let last = runs_again(machine, scene, &before)?;
    Ok(format!(
        "{before} again {:.0} s after the stick went in; {last}",
        took.as_secs_f32()
    ))
}

/// The other slot is made the loader's default, as the key `d` in its menu does.
pub fn menu(machine: &mut Machine, scene: &Scene) -> Result<String> {
    let before = running(machine)?;
    // Attributes, then UTF-16 (Boot Loader Interface).
    machine.hand()?.run(
        "variables=/sys/firmware/efi/efivars; \
         mountpoint -q $variables || mount -t efivarfs efivarfs $variables; \
         other=$(tr ' ' '\\n' < /proc/cmdline | sed -n 's/^sfumato.slot=//p' | tr ab ba); \
         { printf '\\007\\000\\000\\000'; printf 'sfumato-%s.conf' $other | sed 's/./&\\x00/g'; printf '\\000\\000'; } > /tmp/choice; \
         cat /tmp/choice > $variables/LoaderEntryDefault-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f",
    )?;
    machine.power_cut()?;
    scene.wait_for_pictures(machine, START)?;
    let chosen = running(machine)?;
    ensure!(chosen != before, "the loader was not told of the choice");
    machine.power_cut()?;
    scene.wait_for_pictures(machine, START)?;
    let after = running(machine)?;
    ensure!(after == before, "{after} runs, not {before}");
    Ok(format!("{before}; chosen: {chosen}; then {after}"))
}

/// A changed byte in the running slot: it is noticed at the next start.
pub fn corrupt_slot(machine: &mut Machine, scene: &Scene) -> Result<String> {
    let before = running(machine)?;
    // The first block of the hash tree decides: below the root hash nothing fits any more.
    machine.hand()?.run(
        "slot=$(tr ' ' '\\n' < /proc/cmdline | sed -n 's/^sfumato.slot=//p'); \
         at=$(tr ' ' '\\n' < /proc/cmdline | sed -n 's/^sfumato.verity=//p'); \
         printf X | dd of=/dev/disk/by-partlabel/root-$slot bs=1 seek=$((at + 4096 + 5)) conv=notrunc,fsync status=none",
    )?;
    machine.power_cut()?;
    scene.wait_for_pictures(machine, START * 2)?;
    let after = running(machine)?;
    ensure!(after != before, "{after} runs in spite of the changed byte");
    Ok(format!("{before}, then {after}"))
}
