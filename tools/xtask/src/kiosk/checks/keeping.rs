//! What is kept, what is not, and who may change it.

use super::super::machine::Machine;
use super::super::scene::{START, Scene};
use crate::image::tools::Tool;
use anyhow::{Result, bail, ensure};

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
    let night = machine
        .line()?
        .value("night_brightness", "OK display.night_brightness")?;
    let day = machine
        .line()?
        .value("brightness", "OK display.brightness")?;
    ensure!(night == "23 %", "what was saved is {night}, not 23 %");
    ensure!(day == "100 %", "what was not saved is {day}, not 100 %");
    Ok("what was saved is there, what was not is at its default".into())
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
