//! Every port keeps the same promises.

#![allow(clippy::unwrap_used)] // a test that cannot go on shall panic

use rustix::fs::{Mode, OFlags};
use sfumato_serial::conformance::{Peer, check};
use sfumato_serial::{Device, Port, PortError, PseudoTerminal, Scripted, Step, open};
use std::fs::File;
use std::io::{Read, Write};
use std::path::Path;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

const SECOND: Duration = Duration::from_secs(1);

/// A program that has opened the other end of a pseudo-terminal.
struct Client(File);

impl Client {
    fn open(path: &Path) -> Client {
        let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::NONBLOCK;
        Client(rustix::fs::open(path, flags, Mode::empty()).unwrap().into())
    }
}

impl Peer for Client {
    fn send(&mut self, bytes: &[u8]) {
        self.0.write_all(bytes).unwrap();
    }

    fn received(&mut self) -> Vec<u8> {
        let (mut all, mut buffer) = (Vec::new(), [0; 64]);
        let begun = Instant::now();
        while begun.elapsed() < SECOND / 2 {
            match self.0.read(&mut buffer) {
                Ok(count) => all.extend_from_slice(&buffer[..count]),
                Err(_) => std::thread::sleep(SECOND / 100),
            }
        }
        all
    }
}

/// Somebody at our end of a pseudo-terminal, whose other end is opened as a device.
struct Far(PseudoTerminal);

impl Peer for Far {
    fn send(&mut self, bytes: &[u8]) {
        self.0.write(bytes, SECOND).unwrap();
    }

    fn received(&mut self) -> Vec<u8> {
        let (mut all, mut buffer) = (Vec::new(), [0; 64]);
        while let Ok(count @ 1..) = self.0.read(&mut buffer, SECOND / 2) {
            all.extend_from_slice(&buffer[..count]);
        }
        all
    }
}

/// The script was written before: nothing has to be sent.
struct Reader(Receiver<Vec<u8>>);

impl Peer for Reader {
    fn send(&mut self, _: &[u8]) {}

    fn received(&mut self) -> Vec<u8> {
        self.0.try_iter().flatten().collect()
    }
}

#[test]
fn a_pseudo_terminal() {
    let mut port = PseudoTerminal::open(None).unwrap();
    let mut client = Client::open(port.path());
    check(&mut port, &mut client);
    // A program goes, another comes: our end stays open.
    drop(client);
    assert_eq!(port.read(&mut [0; 8], SECOND / 10), Ok(0));
    let mut client = Client::open(port.path());
    check(&mut port, &mut client);
}

#[test]
fn a_device() {
    let far = PseudoTerminal::open(None).unwrap();
    let path = far.path().to_owned();
    let mut device = Device::open(&path, 115_200).unwrap();
    let mut far = Far(far);
    check(&mut device, &mut far);
    assert!(device.description().contains("115200"));
    // Unplugged.
    drop(far);
    let lost = device.read(&mut [0; 8], SECOND);
    assert!(matches!(lost, Err(PortError::Lost(_))), "{lost:?}");
}

#[test]
fn a_script() {
    let (written, seen) = channel();
    let all: Vec<u8> = (0..=255).collect();
    let script = [Step::Silence, Step::Bytes(all)];
    check(&mut Scripted::new(script, Some(written)), &mut Reader(seen));
    let failure = PortError::Lost("the script".to_owned());
    let mut port = Scripted::new([Step::Fail(failure.clone()), Step::Silence], None);
    assert_eq!(port.write(b"x", SECOND), Err(failure));
    assert_eq!(port.read(&mut [0; 8], SECOND), Ok(0));
}

#[test]
fn nobody_reads_and_nothing_hangs() {
    let mut port = PseudoTerminal::open(None).unwrap();
    let begun = Instant::now();
    let unread = port.write(&vec![b'x'; 1 << 20], SECOND / 5);
    assert!(matches!(unread, Err(PortError::Unread(_))), "{unread:?}");
    assert!(begun.elapsed() < 10 * SECOND);
}

#[test]
fn what_cannot_be_opened_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("ttyUSB7");
    let error = Device::open(&missing, 9600).unwrap_err();
    assert_eq!(error, PortError::Absent(missing));
    let file = folder.path().join("file");
    std::fs::write(&file, "text").unwrap();
    let error = Device::open(&file, 9600).unwrap_err();
    assert_eq!(error, PortError::NoPort(file.clone()));
    // A link of one's own, in place of an earlier one, but of no file.
    let link = folder.path().join("port");
    let port = PseudoTerminal::open(Some(&link)).unwrap();
    assert_eq!(std::fs::canonicalize(&link).unwrap(), port.path());
    let again = PseudoTerminal::open(Some(&link)).unwrap();
    assert_eq!(std::fs::canonicalize(&link).unwrap(), again.path());
    assert!(PseudoTerminal::open(Some(&file)).is_err());
    assert_eq!(std::fs::read(&file).unwrap(), b"text");
    let uri = format!("pty:{}", folder.path().join("other").display());
    let by_address = open(&uri.parse().unwrap(), 9600).unwrap();
    assert!(
        by_address
            .description()
            .starts_with("pseudo-terminal /dev/pts/")
    );
}
