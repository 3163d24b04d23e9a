//! The serial line of the real program, over a pseudo-terminal: people, controllers, other people's clients.

// A test fails by panicking; the lint is for the device.
#![allow(clippy::unwrap_used)]

use minisign::KeyPair;
use sfumato_pack::store::{Address, Store};
use sfumato_pack::trust::Trust;
use sfumato_serial::{Device, Port, PortError};
use sfumato_settings::pin::Challenge;
use sfumato_tests::{built_in_pack, sfumato_program};
use sha2::{Digest, Sha256};
use std::fs;
use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output};
use std::time::{Duration, Instant};

/// Generous: a busy machine may take long to load the networks.
const STARTING: Duration = Duration::from_secs(120);

/// The program, with a port and a folder for what it keeps.
struct Kiosk {
    child: Child,
    folder: tempfile::TempDir,
    /// Whose packs it takes.
    key: KeyPair,
}

impl Kiosk {
    fn start() -> Kiosk {
        let scratch = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
        let pack = built_in_pack(&scratch).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let here = folder.path().display();
        let key = KeyPair::generate_unencrypted_keypair().unwrap();
        let config = format!(
            "trusted_keys = [\"{}\"]\npack = \"{}\"\ncamera = \"synthetic:?size=160x120\"\nscreen = \"null:?hz=30\"\n\
             updates = \"{here}/service\"\nstate = \"{here}/state\"\nserial = \"pty:{here}/port\"\n",
            key.pk.to_base64(),
            pack.display()
        );
        fs::write(folder.path().join("config.toml"), config).unwrap();
        let child = Command::new(sfumato_program().unwrap())
            .args(["run", "--config"])
            .arg(folder.path().join("config.toml"))
            .spawn()
            .unwrap();
        Kiosk { child, folder, key }
    }

    fn port(&self) -> PathBuf {
        self.folder.path().join("port")
    }

    /// The built-in painting's pack under another name, signed by a key.
    fn signed(&self, name: &str, key: &KeyPair) -> PathBuf {
        let scratch = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
        let bytes = fs::read(built_in_pack(&scratch).unwrap()).unwrap();
        let path = self.folder.path().join(name);
        let signature = minisign::sign(None, &key.sk, Cursor::new(&bytes), None, None).unwrap();
        fs::write(&path, &bytes).unwrap();
        fs::write(path.with_extension("pack.minisig"), signature.into_string()).unwrap();
        path
    }

    /// Somebody who opens the port as soon as it is there.
    fn visitor(&mut self) -> Visitor {
        let begun = Instant::now();
        loop {
            match Device::open(&self.port(), 115_200) {
                Ok(port) => return Visitor(port),
                Err(error) => assert!(begun.elapsed() < STARTING, "{error}"),
            }
            assert!(
                self.child.try_wait().unwrap().is_none(),
                "the program has ended"
            );
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    fn end(mut self) {
        let number = self.child.id().to_string();
        assert!(Command::new("kill").arg(number).status().unwrap().success());
        assert!(self.child.wait().unwrap().success());
    }
}

impl Drop for Kiosk {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What an update service says: version 0.2.0 runs, 0.1.0 is the other, but for `changes`.
fn service(kiosk: &Kiosk, changes: serde_json::Value) {
    let folder = kiosk.folder.path().join("service");
    fs::create_dir_all(&folder).unwrap();
    let mut state = serde_json::json!({
        "board": "qemu-x86_64", "running": "a", "busy": null, "last": null,
        "slots": [
            {"slot": "a", "version": "0.2.0", "sha256": "0a".repeat(32), "state": "confirmed",
             "tries_left": null, "next": true, "size": 500_000_000},
            {"slot": "b", "version": "0.1.0", "sha256": "0b".repeat(32), "state": "confirmed",
             "tries_left": null, "next": false, "size": 500_000_000},
        ],
    });
    for (path, value) in changes.as_object().unwrap() {
        *state.pointer_mut(path).unwrap() = value.clone();
    }
    // In one step, as the service does.
    fs::write(folder.join("new"), state.to_string()).unwrap();
    fs::rename(folder.join("new"), folder.join("state.json")).unwrap();
}

/// Takes the wish that was left for the service.
fn wish(kiosk: &Kiosk) -> Option<String> {
    let path = kiosk.folder.path().join("state/update/request");
    let wish = fs::read_to_string(&path).ok()?;
    fs::remove_file(path).unwrap();
    Some(wish)
}

/// Somebody at the other end of the line.
struct Visitor(Device);

impl Visitor {
    fn send(&mut self, bytes: &[u8]) {
        self.0.write(bytes, Duration::from_secs(30)).unwrap();
    }

    /// Sends a line; its answer, up to the line that ends it.
    fn say(&mut self, line: &str) -> Vec<String> {
        self.try_say(line).unwrap()
    }

    /// The same to a program that may be starting anew, which takes its port away.
    fn try_say(&mut self, line: &str) -> Result<Vec<String>, PortError> {
        let long = Duration::from_secs(30);
        self.0.write(format!("{line}\r").as_bytes(), long)?;
        let (mut text, mut buffer) = (Vec::new(), [0; 1024]);
        let begun = Instant::now();
        loop {
            let count = self.0.read(&mut buffer, Duration::from_millis(100))?;
            text.extend_from_slice(&buffer[..count]);
            let lines: Vec<String> = String::from_utf8_lossy(&text)
                .lines()
                .map(str::to_owned)
                .collect();
            let ended = |line: &String| line.starts_with("OK") || line.starts_with("ERR ");
            if text.ends_with(b"\r\n") && lines.last().is_some_and(ended) {
                return Ok(lines);
            }
            assert!(begun.elapsed() < STARTING, "{line}: {lines:?}");
        }
    }

    fn last(&mut self, line: &str) -> String {
        self.say(line).pop().unwrap()
    }
}

#[test]
fn a_technician_sets_saves_and_starts_anew() {
    let mut kiosk = Kiosk::start();
    let mut visitor = kiosk.visitor();
    assert_eq!(
        visitor.last("brightness 70"),
        "OK display.brightness = 70 %"
    );
    assert!(visitor.last("brightness 170").starts_with("ERR 21 "));
    assert_eq!(
        visitor.last("time_zone Europe/Rome"),
        "OK opening.time_zone = Europe/Rome"
    );
    assert!(
        visitor
            .last("time_zone Europe/Atlantis")
            .starts_with("ERR 23 ")
    );
    assert!(visitor.last("personality grumpy").starts_with("ERR 23 "));
    assert_eq!(
        visitor.last("personality playful"),
        "OK personality = playful"
    );
    let status = visitor.say("status");
    assert!(
        status
            .iter()
            .any(|line| line.starts_with("personality: playful, of serene")),
        "{status:?}"
    );
    assert_eq!(visitor.last("show test-pattern"), "OK test-pattern");
    assert!(visitor.last("save").starts_with("OK saved"));
    visitor.last("brightness 10");

    // A plug's noise, a client that ignores the buffer, half a packet: the next command is answered.
    visitor.send(&[0xff; 2000]);
    visitor.send(&vec![b'x'; 300_000]);
    visitor.send(b"\n\x06\x09AAAA");
    visitor.send(b"\n");
    let begun = Instant::now();
    while visitor
        .0
        .read(&mut [0; 256], Duration::from_millis(300))
        .unwrap()
        > 0
    {
        assert!(begun.elapsed() < STARTING);
    }
    assert_eq!(visitor.last("echo still here"), "OK still here");

    // Started anew, what was saved is in force, and what was not is gone.
    assert_eq!(visitor.last("restart"), "OK in a moment");
    let gone = Instant::now();
    while visitor
        .0
        .read(&mut [0; 256], Duration::from_millis(100))
        .is_ok()
    {
        assert!(gone.elapsed() < STARTING, "it does not end");
    }
    drop(visitor);
    let mut visitor = kiosk.visitor();
    assert_eq!(visitor.last("brightness"), "OK display.brightness = 70 %");
    assert_eq!(visitor.last("personality"), "OK personality = playful");

    // With a PIN, reading is free and writing is not.
    assert_eq!(visitor.last("pin 4711"), "OK the PIN is set");
    assert_eq!(visitor.last("lock"), "OK locked");
    assert!(visitor.last("brightness 71").starts_with("ERR 30 "));
    let challenge = visitor.last("unlock");
    let challenge = challenge.strip_prefix("OK challenge ").unwrap();
    let response = Challenge::parse(challenge).unwrap().answer("4711");
    assert_eq!(visitor.last(&format!("unlock {response}")), "OK unlocked");
    assert_eq!(
        visitor.last("brightness 71"),
        "OK display.brightness = 71 %"
    );
    drop(visitor);
    kiosk.end();
}

#[test]
fn our_own_tool() {
    let mut kiosk = Kiosk::start();
    drop(kiosk.visitor());
    let port = kiosk.port().to_str().unwrap().to_owned();
    let file = kiosk.folder.path().join("diagnostics.json");
    let serial = |arguments: &[&str]| {
        sfumato_tests::atelier(&[&["serial", &port, "--pin", "4711"], arguments].concat())
    };
    serial(&["status"]).unwrap();
    // All together or none: alone the first would break a rule.
    serial(&[
        "set",
        "display.brightness_max=60",
        "brightness=50",
        "--save",
    ])
    .unwrap();
    let refused = serial(&["set", "brightness=55", "brightness_max=40"]).unwrap_err();
    assert!(refused.to_string().contains("must not exceed"), "{refused}");
    assert_eq!(
        kiosk.visitor().last("brightness"),
        "OK display.brightness = 50 %"
    );
    let refused = serial(&["get", "volume"]).unwrap_err().to_string();
    assert!(refused.contains("there is no setting volume"), "{refused}");
    // With a PIN, whoever has it.
    serial(&["say", "pin", "4711"]).unwrap();
    serial(&["say", "lock"]).unwrap();
    serial(&["set", "brightness=51"]).unwrap();
    let wrong = ["serial", &port, "--pin", "0000", "set", "brightness=52"];
    kiosk.visitor().last("lock");
    assert!(
        sfumato_tests::atelier(&wrong)
            .unwrap_err()
            .to_string()
            .contains("wrong answer")
    );
    serial(&["diagnostics", "--output", file.to_str().unwrap()]).unwrap();
    let bundle: serde_json::Value = serde_json::from_slice(&fs::read(file).unwrap()).unwrap();
    assert_eq!(bundle["settings"]["access.pin"], "set");
    assert_eq!(bundle["settings"]["display.brightness"], "51");
    kiosk.end();
}

#[test]
fn a_signed_pack_comes_over_the_line_and_is_shown() {
    let mut kiosk = Kiosk::start();
    drop(kiosk.visitor());
    let port = kiosk.port().to_str().unwrap().to_owned();
    let serial =
        |arguments: &[&str]| sfumato_tests::atelier(&[&["serial", &port], arguments].concat());
    let stranger = KeyPair::generate_unencrypted_keypair().unwrap();
    let (girl, lady) = (
        kiosk.signed("Girl.pack", &kiosk.key),
        kiosk.signed("lady.pack", &stranger),
    );
    let [girl, lady] = [&girl, &lady].map(|path| path.to_str().unwrap());
    let refused = serial(&["push", lady]).unwrap_err().to_string();
    assert!(refused.contains("does not trust"), "{refused}");
    let unsigned = kiosk.folder.path().join("unsigned.pack");
    fs::copy(girl, &unsigned).unwrap();
    let refused = serial(&["push", unsigned.to_str().unwrap()]).unwrap_err();
    assert!(refused.to_string().contains("minisign -Sm"), "{refused}");
    // As an earlier try that was broken off left it.
    let bytes = fs::read(girl).unwrap();
    let trust = Trust::new([kiosk.key.pk.to_base64().as_str()]).unwrap();
    let mut store = Store::new(kiosk.folder.path().join("state/packs"), trust);
    let address = Address::parse("/packs/girl.pack").unwrap();
    let length = Some(bytes.len() as u64);
    let half = bytes.len() / 2;
    store.store(address, 0, &bytes[..half], length).unwrap();
    let packs = kiosk.visitor().say("packs");
    assert!(
        packs
            .iter()
            .any(|line| line.starts_with("girl: ") && line.ends_with("have come")),
        "{packs:?}"
    );
    assert!(kiosk.visitor().last("painting girl").starts_with("ERR 23 "));

    serial(&["push", girl, "--show"]).unwrap();
    // It starts anew, with the other painting.
    let shown = |kiosk: &mut Kiosk| {
        let packs = kiosk.visitor().try_say("packs").unwrap_or_default();
        packs
            .iter()
            .any(|line| line.starts_with("girl: ") && line.ends_with(", shown"))
    };
    let begun = Instant::now();
    while !shown(&mut kiosk) {
        assert!(
            begun.elapsed() < STARTING,
            "{:?}",
            kiosk.visitor().say("packs")
        );
        std::thread::sleep(Duration::from_millis(200));
    }
    let mut visitor = kiosk.visitor();
    assert!(visitor.last("remove girl").starts_with("ERR 41 "));
    // A disk that has lost it does not keep anybody from changing something else.
    let packs = kiosk.folder.path().join("state/packs");
    fs::rename(packs.join("girl"), packs.join(".away")).unwrap();
    assert_eq!(
        visitor.last("brightness 70"),
        "OK display.brightness = 70 %"
    );
    fs::rename(packs.join(".away"), packs.join("girl")).unwrap();
    let log = visitor.say("log");
    assert!(log.iter().any(|line| line.contains("by its ")), "{log:?}");
    assert_eq!(
        visitor.last("painting installed"),
        "OK painting = installed"
    );
    assert_eq!(visitor.last("remove girl"), "OK girl is removed");
    let vitals = visitor.say("vitals");
    for name in [
        "level = ",
        "state = ",
        "open = yes",
        "display = there",
        "uptime = ",
    ] {
        assert!(
            vitals.iter().any(|line| line.starts_with(name)),
            "{vitals:?}"
        );
    }
    drop(visitor);
    kiosk.end();
}

#[test]
fn a_new_version_comes_over_the_line() {
    let mut kiosk = Kiosk::start();
    drop(kiosk.visitor());
    let port = kiosk.port().to_str().unwrap().to_owned();
    let serial =
        |arguments: &[&str]| sfumato_tests::atelier(&[&["serial", &port], arguments].concat());
    let bundle = kiosk.folder.path().join("new.raucb");
    let bytes: Vec<u8> = (0..60_000u32).map(|at| (at % 253) as u8).collect();
    fs::write(&bundle, &bytes).unwrap();
    let bundle = bundle.to_str().unwrap();
    let refused = serial(&["update"]).unwrap_err().to_string();
    assert!(refused.contains("this board has no updates"), "{refused}");
    let refused = serial(&["update", bundle]).unwrap_err().to_string();
    assert!(refused.contains("this board has no updates"), "{refused}");

    service(&kiosk, serde_json::json!({}));
    serial(&["update"]).unwrap();
    serial(&["update", bundle]).unwrap();
    let arrived = fs::read(kiosk.folder.path().join("state/update/incoming.raucb")).unwrap();
    assert!(arrived == bytes);
    assert_eq!(wish(&kiosk).as_deref(), Some("install\n"));
    let mut visitor = kiosk.visitor();
    assert!(visitor.last("update back").starts_with("OK asked for"));
    assert_eq!(wish(&kiosk), Some(format!("test {}\n", "0b".repeat(32))));
    assert!(visitor.last("update confirm").starts_with("OK asked for"));
    assert_eq!(wish(&kiosk).as_deref(), Some("confirm\n"));

    // While it is on trial, its way back is not written over.
    service(
        &kiosk,
        serde_json::json!({"/slots/0/state": "trial", "/slots/0/tries_left": 2}),
    );
    let status = visitor.say("status");
    for line in ["update: on trial, 2 tries left", "health: "] {
        assert!(
            status.iter().any(|told| told.starts_with(line)),
            "{status:?}"
        );
    }
    assert!(visitor.say("vitals").contains(&"update = trial".to_owned()));
    drop(visitor);
    let refused = serial(&["update", bundle]).unwrap_err().to_string();
    assert!(refused.contains("its way back"), "{refused}");
    service(&kiosk, serde_json::json!({"/slots/1/size": 1000}));
    let refused = serial(&["update", bundle]).unwrap_err().to_string();
    assert!(refused.contains("larger than a slot"), "{refused}");
    assert_eq!(wish(&kiosk), None);
    kiosk.end();
}

fn sha256(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Runs a client; it must succeed.
fn client(program: &Path, arguments: &[&str]) -> String {
    let Output {
        status,
        stdout,
        stderr,
    } = Command::new(program).args(arguments).output().unwrap();
    let said = String::from_utf8_lossy(&stdout).into_owned();
    assert!(
        status.success(),
        "{} {arguments:?}\n{said}\n{}",
        program.display(),
        String::from_utf8_lossy(&stderr)
    );
    said
}

#[test]
fn other_peoples_clients_as_they_come() {
    let Some(clients) = std::env::var_os("SFUMATO_CLIENTS").map(PathBuf::from) else {
        eprintln!("SKIPPED: SFUMATO_CLIENTS names no clients; run `cargo xtask test clients`");
        return;
    };
    let mut kiosk = Kiosk::start();
    drop(kiosk.visitor());
    let port = kiosk.port();
    let port = port.to_str().unwrap();
    let folder = kiosk.folder.path().to_owned();
    let file = |name: &str| folder.join(name).to_str().unwrap().to_owned();

    let smpmgr = clients.join("bin/smpmgr");
    let ask = |arguments: &[&str]| client(&smpmgr, &[&["--port", port], arguments].concat());
    assert!(ask(&["os", "echo", "hello"]).contains("hello"));
    assert!(ask(&["statistics", "list"]).contains("picture"));
    assert!(ask(&["statistics", "get", "camera"]).contains("frames"));
    assert!(ask(&["statistics", "fetch-all"]).contains("bad_packets"));
    assert!(ask(&["enum", "get-supported-groups"]).contains("SETTINGS_MANAGEMENT"));
    assert!(ask(&["enum", "get-group-details", "3"]).contains("settings mgmt"));
    assert!(ask(&["image", "state-read"]).contains("No images"));
    assert!(ask(&["shell", "brightness 63"]).contains("OK display.brightness = 63 %"));
    assert!(ask(&["shell", "brightness 100"]).contains("100 %"));
    assert!(ask(&["file", "get-supported-hash-types"]).contains("sha256"));
    let fetched = file("diagnostics.json");
    ask(&["file", "download", "diagnostics.json", &fetched]);
    let bundle: serde_json::Value = serde_json::from_slice(&fs::read(fetched).unwrap()).unwrap();
    assert_eq!(bundle["settings"]["access.pin"], "not set");
    assert!(bundle["counters"]["picture"]["shown"].as_u64().unwrap() > 0);

    // A new version: the tool sends any file, the library breaks off and goes on.
    service(&kiosk, serde_json::json!({}));
    let states = ask(&["image", "state-read"]);
    assert!(
        states.contains("0.2.0") && states.contains("0.1.0"),
        "{states}"
    );
    let bundle = file("new.raucb");
    let bytes: Vec<u8> = (0..60_000u32).map(|at| (at % 253) as u8).collect();
    fs::write(&bundle, &bytes).unwrap();
    let incoming = folder.join("state/update/incoming.raucb");
    let has_come = |kiosk: &Kiosk| {
        assert_eq!(wish(kiosk).as_deref(), Some("install\n"));
        assert!(fs::read(&incoming).unwrap() == bytes);
        fs::remove_file(&incoming).unwrap();
    };
    ask(&["image", "upload", "--format", "any", &bundle]);
    has_come(&kiosk);
    ask(&["image", "state-write", &"0b".repeat(32)]);
    assert_eq!(wish(&kiosk), Some(format!("test {}\n", "0b".repeat(32))));
    ask(&["image", "state-write", "--confirm"]);
    assert_eq!(wish(&kiosk).as_deref(), Some("confirm\n"));
    ask(&["image", "erase", "1"]);
    assert_eq!(wish(&kiosk).as_deref(), Some("erase b\n"));

    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("clients/images.py");
    let python = clients.join("bin/python");
    print!(
        "{}",
        client(&python, &[script.to_str().unwrap(), port, &bundle])
    );
    has_come(&kiosk);

    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("clients/settings.py");
    let python = clients.join("bin/python");
    print!("{}", client(&python, &[script.to_str().unwrap(), port]));

    // A pack: the library breaks off and goes on, the tools send it whole.
    let pack = kiosk.signed("girl.pack", &kiosk.key);
    let pack = pack.to_str().unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("clients/packs.py");
    print!(
        "{}",
        client(&python, &[script.to_str().unwrap(), port, pack])
    );
    let is_kept = |kiosk: &mut Kiosk| {
        let packs = kiosk.visitor().say("packs");
        packs
            .iter()
            .any(|line| line.starts_with("girl: ") && line.ends_with(" MB"))
    };
    assert!(is_kept(&mut kiosk));
    assert_eq!(kiosk.visitor().last("remove girl"), "OK girl is removed");
    let signature = format!("{pack}.minisig");
    ask(&["file", "upload", &signature, "/packs/girl.pack.minisig"]);
    ask(&["file", "upload", pack, "/packs/girl.pack"]);
    assert!(is_kept(&mut kiosk));
    assert_eq!(kiosk.visitor().last("remove girl"), "OK girl is removed");

    let mcumgrctl = clients.join("bin/mcumgrctl");
    let ask = |arguments: &[&str]| client(&mcumgrctl, &[&["--serial", port], arguments].concat());
    assert!(ask(&["os", "echo", "hello"]).contains("hello"));
    assert!(ask(&["os", "task-statistics"]).contains("sfumato"));
    assert!(ask(&["os", "application-info"]).contains("Linux"));
    assert!(ask(&["os", "mcumgr-parameters"]).contains("4096"));
    assert!(ask(&["stats", "list-groups"]).contains("serial"));
    assert!(ask(&["image", "get-state"]).contains("0.2.0"));
    assert!(ask(&["image", "slot-info"]).contains("500000000"));
    ask(&["image", "upload", &bundle]);
    has_come(&kiosk);
    ask(&["image", "set-state", "--hash", &"0b".repeat(32)]);
    assert_eq!(wish(&kiosk), Some(format!("test {}\n", "0b".repeat(32))));
    ask(&["image", "erase", "1"]);
    assert_eq!(wish(&kiosk).as_deref(), Some("erase b\n"));
    // Values are hexadecimal there: 62.
    ask(&["settings", "write", "display/brightness", "3632"]);
    ask(&["settings", "commit"]);
    let read = ask(&["settings", "read", "display/brightness"]);
    assert!(read.contains("36 32") || read.contains("3632"), "{read}");
    ask(&["settings", "save"]);
    ask(&["settings", "delete", "display/brightness"]);
    ask(&["settings", "load"]);
    let fetched = file("again.json");
    ask(&["fs", "download", "diagnostics.json", &fetched]);
    assert!(fs::read(fetched).unwrap().starts_with(b"{"));
    ask(&["fs", "upload", &signature, "/packs/girl.pack.minisig"]);
    ask(&["fs", "upload", pack, "/packs/girl.pack"]);
    assert!(is_kept(&mut kiosk));
    let digest = ask(&["fs", "checksum", "/packs/girl.pack", "sha256"]);
    let wanted = sha256(&fs::read(pack).unwrap());
    assert!(
        digest.to_lowercase().replace(' ', "").contains(&wanted),
        "{digest}"
    );
    assert!(ask(&["shell", "status"]).contains("portrait: "));
    assert!(ask(&["enum", "list-groups"]).contains('9'));
    kiosk.end();
}
