//! `sfumato privacy` says the truth: the program's calls to the system are watched while it looks at a visitor.

// A test fails by panicking; the lint is for the device.
#![allow(clippy::unwrap_used)]

use sfumato_tests::{built_in_pack, sfumato_program};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Calls by which something could be written, or sent.
const WATCHED: &str = "trace=%network,open,openat,openat2,creat,mkdir,mkdirat,mknod,mknodat,rename,renameat,renameat2,\
link,linkat,symlink,symlinkat,truncate,memfd_create";

/// One call, as strace writes it: number of the thread, the call, its result.
fn is_harmless(call: &str, state: &Path) -> bool {
    let failed = call.contains(" = -1 ");
    let quoted = call.split('"').nth(1).unwrap_or_default();
    let device = ["/dev/ptmx", "/dev/pts/", "/dev/null", "/dev/tty"];
    let named = device.iter().any(|device| quoted.starts_with(device))
        || Path::new(quoted).starts_with(state);
    let opens = call.contains("open(") || call.contains("openat(") || call.contains("openat2(");
    let writes = ["O_WRONLY", "O_RDWR", "O_CREAT"]
        .iter()
        .any(|flag| call.contains(flag));
    // What arrives and ends is no call of its own.
    let other = call.contains("+++") || call.contains("---") || call.contains("resumed>");
    // Local sockets stay on the board: systemd's, and pairs of one's own.
    let local = call.contains("AF_UNIX");
    other || failed || local || named || (opens && !writes)
}

#[test]
fn no_picture_is_written_and_no_network_is_used() {
    if Command::new("strace").arg("--version").output().is_err() {
        assert!(
            std::env::var_os("CI").is_none(),
            "strace is missing; apt-get install strace"
        );
        eprintln!("SKIPPED: strace is missing; apt-get install strace");
        return;
    }
    let scratch = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let pack = built_in_pack(&scratch).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (trace, state) = (folder.path().join("trace"), folder.path().join("state"));
    let config = folder.path().join("config.toml");
    let text = format!(
        "pack = \"{}\"\ncamera = \"synthetic:?size=320x240\"\nscreen = \"null:?hz=30\"\nstate = \"{}\"\nserial = \"pty:\"\n",
        pack.display(),
        state.display()
    );
    fs::write(&config, text).unwrap();
    let output = Command::new("strace")
        .args(["-f", "-qq", "-e", WATCHED, "-o"])
        .arg(&trace)
        .arg(sfumato_program().unwrap())
        .args(["run", "--frames", "120", "--config"])
        .arg(&config)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{said}");
    assert!(!said.contains(" 0 camera frames"), "it saw nobody: {said}");
    let calls = fs::read_to_string(trace).unwrap();
    // It was watched: it has read its pack, and made its port.
    assert!(calls.contains(pack.to_str().unwrap()) && calls.contains("/dev/ptmx"));
    let harmful: Vec<&str> = calls
        .lines()
        .filter(|call| !is_harmless(call, &state))
        .collect();
    assert!(harmful.is_empty(), "{}", harmful.join("\n"));
    assert!(!state.exists(), "nothing was saved, nothing is there");
}

#[test]
fn what_would_be_harmful_is_seen() {
    let state = Path::new("/var/lib/sfumato");
    for call in [
        "7 openat(AT_FDCWD, \"/tmp/face.png\", O_WRONLY|O_CREAT|O_TRUNC, 0666) = 3",
        "7 open(\"/home/x\", O_RDWR) = 3",
        "7 socket(AF_INET, SOCK_STREAM, 0) = 3",
        "7 socket(AF_INET6, SOCK_DGRAM, 0) = 3",
        "7 memfd_create(\"frames\", 0) = 3",
        "7 rename(\"/tmp/a\", \"/tmp/b\") = 0",
    ] {
        assert!(!is_harmless(call, state), "{call}");
    }
    for call in [
        "7 openat(AT_FDCWD, \"/etc/localtime\", O_RDONLY|O_CLOEXEC) = 3",
        "7 open(\"/dev/pts/0\", O_RDWR|O_NOCTTY) = 5",
        "7 openat(AT_FDCWD, \"/var/lib/sfumato/settings-a\", O_WRONLY|O_CREAT, 0666) = 3",
        "7 openat(AT_FDCWD, \"/tmp/missing\", O_RDWR) = -1 ENOENT (No such file or directory)",
        "7 socket(AF_UNIX, SOCK_DGRAM, 0) = 3",
        "7 +++ exited with 0 +++",
    ] {
        assert!(is_harmless(call, state), "{call}");
    }
}

#[test]
fn the_statement_names_what_is_set_up() {
    let output = Command::new(sfumato_program().unwrap())
        .args([
            "privacy",
            "--camera",
            "v4l2:/dev/video7",
            "--screen",
            "null:",
        ])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success());
    for words in [
        "/dev/video7",
        "no serial line",
        "no network socket",
        "no face is recognised",
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
}
