//! The device program as a service: it says when there is a picture, goes on saying so, and ends
//! in order when it is told to.

// A test fails by panicking; the lint is for the device.
#![allow(clippy::unwrap_used)]

use sfumato_tests::{built_in_pack, sfumato_program};
use std::os::unix::net::UnixDatagram;
use std::path::PathBuf;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

/// Ends the program if a test fails.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Receives until a message contains `word`.
fn hear(socket: &UnixDatagram, word: &str) {
    let mut buffer = [0; 1024];
    loop {
        let length = socket
            .recv(&mut buffer)
            .unwrap_or_else(|error| panic!("nothing heard of {word}: {error}"));
        if String::from_utf8_lossy(&buffer[..length]).contains(word) {
            return;
        }
    }
}

fn terminate(child: &Child) {
    let killed = Command::new("kill").arg(child.id().to_string()).status();
    assert!(killed.unwrap().success());
}

#[test]
fn it_reports_to_the_service_manager_and_ends_in_order() {
    let scratch = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let pack = built_in_pack(&scratch).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let address = folder.path().join("notify");
    let socket = UnixDatagram::bind(&address).unwrap();
    // Generous: a busy machine may take long to load the networks.
    socket
        .set_read_timeout(Some(Duration::from_secs(120)))
        .unwrap();
    let report = folder.path().join("report.json");
    let child = Command::new(sfumato_program().unwrap())
        .args([
            "run",
            "--camera",
            "synthetic:?size=160x120",
            "--screen",
            "null:?hz=30",
        ])
        .arg("--pack")
        .arg(pack)
        .arg("--report")
        .arg(&report)
        .env("NOTIFY_SOCKET", &address)
        .spawn()
        .unwrap();
    let mut running = Running(child);
    hear(&socket, "READY=1");
    hear(&socket, "WATCHDOG=1");
    hear(&socket, "WATCHDOG=1");
    terminate(&running.0);
    hear(&socket, "STOPPING=1");
    assert!(running.0.wait().unwrap().success());
    let report: serde_json::Value =
        serde_json::from_slice(&std::fs::read(report).unwrap()).unwrap();
    assert!(report["frames"]["out"].as_u64().unwrap() > 0);
}

/// A board whose data partition is gone: nothing can be written, and the show goes on and proves itself.
#[test]
fn a_lost_disk_is_said_once_and_the_version_proves_itself() {
    let pack = built_in_pack(&PathBuf::from(env!("CARGO_TARGET_TMPDIR"))).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path().display();
    let config = folder.path().join("config.toml");
    let text = format!(
        "pack = \"{}\"\ncamera = \"synthetic:?size=160x120\"\nscreen = \"null:?hz=30\"\n\
         state = \"/proc/sfumato\"\nserial = \"pty:{here}/port\"\n",
        pack.display()
    );
    std::fs::write(&config, text).unwrap();
    let mut readable = std::fs::metadata(&config).unwrap().permissions();
    readable.set_readonly(true);
    std::fs::set_permissions(&config, readable).unwrap();
    let log = folder.path().join("log");
    let run = folder.path().join("run");
    std::fs::create_dir(&run).unwrap();
    let child = Command::new(sfumato_program().unwrap())
        .args(["run", "--config"])
        .arg(&config)
        .env("RUNTIME_DIRECTORY", &run)
        .stderr(std::fs::File::create(&log).unwrap())
        .spawn()
        .unwrap();
    let mut running = Running(child);
    let health = || std::fs::read_to_string(run.join("health")).unwrap_or_default();
    let begun = Instant::now();
    let mut first = String::new();
    while !health().starts_with("state = healthy\n") {
        if first.is_empty() {
            first = health();
        }
        let said = std::fs::read_to_string(&log).unwrap();
        assert!(
            begun.elapsed() < Duration::from_secs(300),
            "{}\n{said}",
            health()
        );
        assert!(running.0.try_wait().unwrap().is_none(), "{said}");
        std::thread::sleep(Duration::from_millis(200));
    }
    assert!(first.starts_with("state = starting\n"), "{first}");
    let number = |name: &str| -> u64 {
        let text = health();
        let line = text.lines().find_map(|line| line.strip_prefix(name));
        line.unwrap().trim_start_matches(" = ").parse().unwrap()
    };
    assert!(
        number("flips") >= 300 && number("seconds") >= 20,
        "{}",
        health()
    );
    assert!(health().ends_with("camera = seen\n"), "{}", health());
    terminate(&running.0);
    assert!(running.0.wait().unwrap().success());
    let said = std::fs::read_to_string(&log).unwrap();
    assert_eq!(
        said.matches("nothing can be kept in /proc/sfumato").count(),
        1,
        "{said}"
    );
    assert!(said.contains("this version is healthy"), "{said}");
}

#[test]
fn what_is_missing_is_named_with_its_cure() {
    let empty = tempfile::tempdir().unwrap();
    let output = Command::new(sfumato_program().unwrap())
        .args(["run", "--camera", "synthetic:", "--screen", "null:"])
        .env("SFUMATO_CACHE", empty.path())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let message = String::from_utf8_lossy(&output.stderr);
    assert!(message.contains("cargo xtask demo"), "{message}");

    let pack = built_in_pack(&PathBuf::from(env!("CARGO_TARGET_TMPDIR"))).unwrap();
    let output = Command::new(sfumato_program().unwrap())
        .args([
            "run",
            "--camera",
            "synthetic:",
            "--screen",
            "null:",
            "--pack",
        ])
        .arg(pack)
        .env("SFUMATO_CACHE", empty.path())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let message = String::from_utf8_lossy(&output.stderr);
    assert!(message.contains("cargo xtask models"), "{message}");
}

#[test]
fn check_prints_a_table_and_fails_when_a_part_does() {
    let output = Command::new(sfumato_program().unwrap())
        .args(["check", "--camera", "synthetic:", "--screen", "null:"])
        .args(["--pack", "/surely/no/such/file.pack"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let table = String::from_utf8_lossy(&output.stdout);
    for line in [
        "camera    ok",
        "screen    ok",
        "serial    -",
        "pack      FAILS",
        "models    ok",
    ] {
        assert!(table.contains(line), "{table}");
    }
}
