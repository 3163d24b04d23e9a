//! What is kept, what is not, and who may change it.

use super::super::machine::Machine;
use super::super::scene::{SOON, START, Scene};
use crate::image::tools::Tool;
use anyhow::{Context, Result, bail, ensure};

/// Files that a board may write on its data partition, by the beginnings of their paths.
const EXPECTED: [&str; 7] = [
    "/data/lost+found",
    "/data/identity",
    "/data/rauc.status",
    "/data/update",
    "/data/sfumato/settings",
    "/data/sfumato/last-run",
    "/data/sfumato/update",
];

/// Other people's programs at the line.
pub fn clients(machine: &mut Machine, scene: &Scene) -> Result<String> {
    let Some(clients) = &scene.clients else {
        bail!(
            "the clients could not be fetched; run `cargo xtask test clients` where there is a network"
        );
    };
    let port = machine.port().display().to_string();
    let smpmgr = clients.join("bin/smpmgr").display().to_string();
    let mcumgrctl = clients.join("bin/mcumgrctl").display().to_string();
    let timeout = ["--timeout", "20"];
    let echo = Tool::new(&smpmgr)
        .args(["--port", &port])
        .args(timeout)
        .args(["os", "echo", "hello"])
        .output()?;
    ensure!(echo.contains("hello"), "smpmgr echoes {echo:?}");
    let serial = ["--serial", &port, "--baud", "115200"];
    let run = |words: &[&str]| Tool::new(&mcumgrctl).args(serial).args(words).output();
    // Values are hexadecimal on its command line: 64.
    run(&["settings", "write", "display/brightness", "3634"])?;
    run(&["settings", "commit"])?;
    let value = machine
        .line()?
        .value("brightness", "OK display.brightness")?;
    ensure!(
        value == "64 %",
        "brightness is {value} after mcumgrctl wrote 64"
    );
    machine.line()?.say("brightness 100")?;
    Ok("smpmgr: echo; mcumgrctl: a setting written, put into force, and seen on the line".into())
}

/// Saves, cuts, looks.
pub fn settings(machine: &mut Machine, scene: &Scene) -> Result<String> {
    machine.line()?.say("night_brightness 23")?;
    machine.line()?.say("save")?;
    machine.line()?.say("brightness 55")?;
    machine.power_cut()?;
    scene.wait_for_pictures(machine, START)?;
    let night = night_brightness(machine)?;
    let day = machine
        .line()?
        .value("brightness", "OK display.brightness")?;
    ensure!(night == "23 %", "what was saved is {night}, not 23 %");
    ensure!(day == "100 %", "what was not saved is {day}, not 100 %");
    Ok("what was saved is there, what was not is at its default".into())
}

const DATA: &str = "/dev/disk/by-partlabel/data";

/// Overwrites the beginning of the data partition, superblock and all.
pub fn data_damaged(machine: &mut Machine, scene: &Scene) -> Result<String> {
    machine.line()?.say("night_brightness 31")?;
    machine.line()?.say("save")?;
    overwrite(machine, scene, "bs=4K count=2")?;
    let night = night_brightness(machine)?;
    ensure!(night == "31 %", "what was saved is {night}, not 31 %");
    Ok(format!("pictures, and what was saved is there: {night}"))
}

/// Overwrites so much of it that no repair finds anything; afterwards it is made anew.
pub fn data_lost(machine: &mut Machine, scene: &Scene) -> Result<String> {
    let size = machine
        .hand()?
        .run(&format!("blockdev --getsize64 {DATA}"))?;
    let size: u64 = size.parse().context("the size of the data partition")?;
    overwrite(machine, scene, &format!("bs=1M count={}", size >> 20))?;
    let night = night_brightness(machine)?;
    ensure!(
        night != "31 %",
        "it was not lost: night_brightness is {night}"
    );
    let lines = machine.line()?.hear("save", SOON)?;
    let answer = lines.last().cloned().unwrap_or_default();
    ensure!(answer.starts_with("ERR 40"), "`save` answers {answer}");
    // What a technician would try.
    let boot = "cat /proc/sys/kernel/random/boot_id";
    machine.hand()?.wait(SOON)?;
    let before = machine.hand()?.run(boot)?;
    machine.line()?.say("reboot")?;
    scene.wait_for_pictures(machine, machine.age() + START)?;
    machine.hand()?.wait(SOON)?;
    ensure!(
        machine.hand()?.run(boot)? != before,
        "`reboot` has not started the board anew"
    );
    machine
        .hand()?
        .run(&format!("mkfs.ext4 -q -F -L data {DATA} && sync"))?;
    machine.power_cut()?;
    scene.wait_for_pictures(machine, START)?;
    machine.line()?.say("save")?;
    Ok(format!(
        "pictures with defaults; `save`: {answer}; `reboot` works"
    ))
}

/// Overwrites the beginning of the data partition and pulls the plug.
fn overwrite(machine: &mut Machine, scene: &Scene, blocks: &str) -> Result<()> {
    machine.hand()?.wait(SOON)?;
    machine.hand()?.run(&format!(
        "dd if=/dev/zero of={DATA} {blocks} conv=fsync status=none"
    ))?;
    machine.power_cut()?;
    scene.wait_for_pictures(machine, START).map(drop)
}

fn night_brightness(machine: &mut Machine) -> Result<String> {
    machine
        .line()?
        .value("night_brightness", "OK display.night_brightness")
}

/// Looks through the data partition.
pub fn writes(machine: &mut Machine, _: &Scene) -> Result<String> {
    let hand = machine.hand()?;
    hand.wait(START)?;
    let list = hand.run("find /data -xdev -not -type d | sort")?;
    let unexpected: Vec<&str> = list
        .lines()
        .filter(|file| !EXPECTED.iter().any(|known| file.starts_with(known)))
        .collect();
    ensure!(
        unexpected.is_empty(),
        "written besides: {}",
        unexpected.join(", ")
    );
    let (said, status) = hand.try_run("touch /usr/bin/sfumato || touch /etc/x")?;
    ensure!(status != 0, "the root can be written");
    ensure!(
        said.contains("Read-only"),
        "the root refuses otherwise: {said}"
    );
    let mounts = hand.run("findmnt -rno TARGET,OPTIONS -t ext4,vfat,squashfs")?;
    let writable = |line: &&str| {
        line.contains(" rw,")
            && !line.starts_with("/data ")
            && !line.starts_with("/var/lib/sfumato ")
            && !line.starts_with("/efi ")
    };
    let others: Vec<&str> = mounts.lines().filter(writable).collect();
    ensure!(others.is_empty(), "mounted writable: {}", others.join(", "));
    Ok(format!(
        "{} files, all expected; root read-only",
        list.lines().count()
    ))
}

/// Looks for a way out.
pub fn network(machine: &mut Machine, _: &Scene) -> Result<String> {
    let hand = machine.hand()?;
    let interfaces = hand.run("ls /sys/class/net")?;
    ensure!(interfaces == "lo", "interfaces: {interfaces}");
    let drivers = hand.run("ls -d /lib/modules/*/kernel/drivers/net 2>/dev/null | wc -l")?;
    ensure!(drivers == "0", "the image has drivers of networks");
    let pid = hand.run("systemctl show --property MainPID --value sfumato")?;
    let own = hand.run(&format!("readlink /proc/{pid}/ns/net"))?;
    let all = hand.run("readlink /proc/1/ns/net")?;
    ensure!(own != all, "the program shares the system's network");
    let inside = hand.run(&format!(
        "tail -n +3 /proc/{pid}/net/dev | cut -d: -f1 | tr -d ' '"
    ))?;
    ensure!(inside == "lo", "the program sees {inside}");
    Ok("only lo, and another one for the program".into())
}
