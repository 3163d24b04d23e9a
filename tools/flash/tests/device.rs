//! Real block devices: loop devices, where this computer and this user have them; `bmaptool` as the reference.
#![allow(clippy::unwrap_used)]
// A list of one range is meant as that.
#![allow(clippy::single_range_in_vec_init)]

mod common;
mod loops;

use common::{MIB, Random, picture};
use loops::{Loop, pack, run, skip};
use sfumato_flash::command::{CommandError, Console, Request, at_terminal};
use sfumato_flash::survey::Survey;
use sfumato_flash::target::disk::Disk;
use sfumato_flash::target::{Bypass, Target};
use std::fs::{File, OpenOptions};
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

/// Where a child of a test finds what it shall flash.
const CHILD: &str = "SFUMATO_FLASH_CHILD";

fn told(request: &Request) -> (Result<(), CommandError>, String) {
    let mut out = Vec::new();
    let result = sfumato_flash::command::run(
        request,
        &Survey::default(),
        Console {
            answers: None,
            out: &mut out,
            width: None,
        },
    );
    (result, String::from_utf8(out).unwrap())
}

fn request(image: &Path, devices: &[&Loop]) -> Request {
    Request {
        image: image.to_owned(),
        devices: devices.iter().map(|device| device.path.clone()).collect(),
        yes: true,
        ..Request::default()
    }
}

/// A sparse image with a partition table and a file system, as boards have them.
fn kiosk(folder: &Path, size: u64) -> Option<PathBuf> {
    let path = folder.join("kiosk.img");
    let image = File::create(&path).unwrap();
    image.set_len(size).unwrap();
    let table = "label: gpt\nsize=8MiB, name=esp\nsize=20MiB, name=root-a\nname=data\n";
    let script = folder.join("table");
    std::fs::write(&script, table).unwrap();
    let made = Command::new("sfdisk")
        .arg("--quiet")
        .arg(&path)
        .stdin(File::open(&script).unwrap())
        .stdout(Stdio::null())
        .status();
    if !made.is_ok_and(|made| made.success()) {
        return skip("sfdisk is not there");
    }
    let mut random = Random(21);
    for at in [MIB, 3 * MIB, 9 * MIB + 8192, 10 * MIB, 30 * MIB] {
        let length = 700_000 + random.below(500_000) as usize / 4096 * 4096;
        let bytes = random.bytes(length);
        image.write_all_at(&bytes, at).unwrap();
    }
    Some(path)
}

#[test]
fn the_same_bytes_as_bmaptool_from_every_packing() {
    let folder = tempfile::tempdir().unwrap();
    let size = 48 * MIB;
    let Some(image) = kiosk(folder.path(), size) else {
        return;
    };
    let map = folder.path().join("kiosk.img.bmap");
    let words = [
        "create".as_ref(),
        image.as_os_str(),
        "-o".as_ref(),
        map.as_os_str(),
    ];
    if !run("bmaptool", &words) {
        skip::<()>("bmaptool is not there");
        return;
    }
    // Bigger than the image, full of something else.
    let (Some(ours), Some(theirs)) = (Loop::new(64 * MIB), Loop::new(64 * MIB)) else {
        return;
    };
    let junk = picture(64 * MIB, &[], 5);
    for device in [&ours, &theirs] {
        let file = OpenOptions::new().write(true).open(&device.path).unwrap();
        file.write_all_at(&junk, 0).unwrap();
        file.sync_all().unwrap();
    }
    let words = ["copy".as_ref(), image.as_os_str(), theirs.path.as_os_str()];
    assert!(run("bmaptool", &words), "bmaptool copies");
    let expected = theirs.bytes(size as usize);
    let zst = folder.path().join("kiosk.img.zst");
    let xz = folder.path().join("kiosk.img.xz");
    let images = [
        Some(image.clone()),
        pack("zstd", &["-3"], &image, &zst).map(|()| zst),
        pack("xz", &["-1", "-T2"], &image, &xz).map(|()| xz),
    ];
    for image in images.into_iter().flatten() {
        let file = OpenOptions::new().write(true).open(&ours.path).unwrap();
        file.write_all_at(&junk, 0).unwrap();
        file.sync_all().unwrap();
        drop(file);
        let (result, text) = told(&request(&image, &[&ours]));
        result.unwrap_or_else(|error| panic!("{error}\n{text}"));
        assert!(text.contains("read back past the cache"), "{text}");
        let found = ours.bytes(size as usize);
        for at in (0..size as usize).step_by(4096) {
            let (found, expected) = (&found[at..at + 4096], &expected[at..at + 4096]);
            // The first megabyte is wiped where the map says nothing; bmaptool leaves the old bytes.
            let wiped = at < MIB as usize && expected == &junk[at..at + 4096];
            match wiped {
                true => assert!(found.iter().all(|&byte| byte == 0), "{at}"),
                false => assert!(found == expected, "{} at {at}", image.display()),
            }
        }
    }
}

#[test]
fn the_new_partitions_are_seen_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let Some(image) = kiosk(folder.path(), 48 * MIB) else {
        return;
    };
    let Some(device) = Loop::with(64 * MIB, &["--partscan"]) else {
        return;
    };
    let (result, text) = told(&request(&image, &[&device]));
    result.unwrap_or_else(|error| panic!("{error}\n{text}"));
    assert!(!text.contains("note:"), "{text}");
    let labels = || -> Vec<String> {
        let described = Survey::default().describe(&device.path, None).unwrap();
        let labels = described.partitions.into_iter().map(|part| part.label);
        labels.collect()
    };
    let ours = labels();
    let asked = run(
        "blockdev",
        &["--rereadpt".as_ref(), device.path.as_os_str()],
    );
    if asked && labels().is_empty() {
        skip::<()>("this kernel reads no partition tables of this kind");
        return;
    }
    assert_eq!(ours, ["esp", "root-a", "data"]);
}

#[test]
fn many_devices_at_once_and_one_too_small() {
    let folder = tempfile::tempdir().unwrap();
    let bytes = picture(20 * MIB, &[4 * MIB..12 * MIB], 6);
    // One says how long it is, and one does not.
    let says = zstd::bulk::compress(&bytes, 1).unwrap();
    let says = common::file(folder.path(), "says.img.zst", &says);
    let silent = zstd::encode_all(&bytes[..], 1).unwrap();
    let silent = common::file(folder.path(), "silent.img.zst", &silent);
    let devices: Vec<Loop> = (0..3).map_while(|_| Loop::new(24 * MIB)).collect();
    let Some(small) = Loop::new(10 * MIB) else {
        return;
    };
    let all: Vec<&Loop> = devices.iter().chain([&small]).collect();
    let (result, text) = told(&request(&says, &all));
    assert!(matches!(result, Err(CommandError::Refused(_))), "{text}");
    assert!(
        text.contains("too small: the image needs 21.0 MB"),
        "{text}"
    );
    let (result, text) = told(&request(&silent, &all));
    let failed = matches!(result, Err(CommandError::Failed { failed: 1, all: 4 }));
    assert!(failed, "{text}");
    assert!(small.bytes(512).iter().all(|&byte| byte == 0));
    for device in &devices {
        assert!(device.bytes(bytes.len()) == bytes);
    }
}

#[test]
fn what_is_mounted_is_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let image = common::file(folder.path(), "kiosk.img", &picture(4 * MIB, &[], 6));
    let Some(device) = Loop::new(16 * MIB) else {
        return;
    };
    let at = folder.path().join("a place");
    std::fs::create_dir(&at).unwrap();
    if !run("mkfs.ext4", &["-q".as_ref(), device.path.as_os_str()])
        || !run("mount", &[device.path.as_os_str(), at.as_os_str()])
    {
        skip::<()>("mkfs.ext4 or mount does not work here");
        return;
    }
    let (result, text) = told(&request(&image, &[&device]));
    // The kernel refuses it as well.
    let busy = Disk::open(&device.path);
    assert!(run("umount", &[at.as_os_str()]));
    assert!(matches!(result, Err(CommandError::Refused(_))), "{text}");
    let name = device.path.file_name().unwrap().to_str().unwrap();
    let wanted = format!("{name} is mounted at {}", at.display());
    assert!(text.contains(&wanted), "{text}");
    assert_eq!(busy.unwrap_err().kind(), io::ErrorKind::ResourceBusy);
}

#[test]
fn the_disk_of_this_computer_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let image = common::file(folder.path(), "kiosk.img", &picture(MIB, &[], 6));
    let mounts = std::fs::read_to_string("/proc/self/mountinfo").unwrap();
    let root = mounts
        .lines()
        .find(|line| line.split(' ').nth(4) == Some("/"));
    let source = root.and_then(|line| line.split(" - ").nth(1)?.split(' ').nth(1));
    let Some(source) =
        source.filter(|source| source.starts_with("/dev/") && Path::new(source).exists())
    else {
        skip::<()>("the root has no device of its own");
        return;
    };
    let request = Request {
        image,
        devices: vec![source.into()],
        yes: true,
        ..Request::default()
    };
    let (result, text) = told(&request);
    assert!(matches!(result, Err(CommandError::Refused(_))), "{text}");
    assert!(
        text.contains("this computer runs from it (/ is on it"),
        "{text}"
    );
}

/// A disk to which something happens when a certain byte is about to be written or read.
struct Hooked {
    disk: Disk,
    at: u64,
    reading: bool,
    happens: Option<Box<dyn FnOnce() + Send>>,
}

impl Hooked {
    fn pass(&mut self, range: Range<u64>, reading: bool) {
        if reading == self.reading && range.contains(&self.at) {
            self.happens
                .take()
                .into_iter()
                .for_each(|happens| happens());
        }
    }
}

impl Target for Hooked {
    fn size(&self) -> u64 {
        self.disk.size()
    }

    fn alignment(&self) -> u64 {
        self.disk.alignment()
    }

    fn write(&mut self, at: u64, bytes: &[u8]) -> io::Result<usize> {
        self.pass(at..at + bytes.len() as u64, false);
        self.disk.write(at, bytes)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.disk.sync()
    }

    fn read(&mut self, at: u64, bytes: &mut [u8]) -> io::Result<usize> {
        self.pass(at..at + bytes.len() as u64, true);
        self.disk.read(at, bytes)
    }

    fn bypass(&self) -> Bypass {
        self.disk.bypass()
    }

    fn finish(&mut self) -> Option<String> {
        self.disk.finish()
    }
}

#[test]
fn a_device_that_is_shortened_under_way_is_not_called_right() {
    let folder = tempfile::tempdir().unwrap();
    let bytes = picture(40 * MIB, &[], 6);
    let image = common::open(&common::file(folder.path(), "kiosk.img", &bytes));
    let mut random = Random(17);
    for round in 0..6 {
        let Some(device) = Loop::new(48 * MIB) else {
            return;
        };
        let at = 2 * MIB + random.below(36 * MIB);
        let left = (random.below(at) / 4096 * 4096).max(MIB);
        let (path, backing) = (device.path.clone(), device.backing.clone());
        let capacity = round % 3 != 2;
        let hooked = Hooked {
            disk: Disk::open(&device.path).unwrap(),
            at,
            reading: round % 2 == 1,
            happens: Some(Box::new(move || {
                let file = OpenOptions::new().write(true).open(&backing).unwrap();
                file.set_len(left).unwrap();
                if capacity {
                    assert!(run(
                        "losetup",
                        &["--set-capacity".as_ref(), path.as_os_str()]
                    ));
                }
            })),
        };
        let result = common::flash(&image, vec![common::work(hooked)]).remove(0);
        println!(
            "shortened to {left} at {at}: {}",
            result.as_ref().unwrap_err()
        );
        let first = std::fs::read(&device.backing).unwrap();
        assert!(first[..MIB as usize].iter().all(|&byte| byte == 0));
    }
}

#[test]
fn a_device_whose_storage_is_full_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("small");
    std::fs::create_dir(&place).unwrap();
    let words = ["-t", "tmpfs", "-o", "size=16m", "tmpfs"].map(AsRef::as_ref);
    let words: Vec<_> = words.into_iter().chain([place.as_os_str()]).collect();
    if !run("mount", &words) {
        skip::<()>("mount does not work here");
        return;
    }
    let bytes = picture(24 * MIB, &[], 6);
    let image = common::file(folder.path(), "kiosk.img", &bytes);
    let inner = tempfile::tempdir_in(&place).unwrap();
    // It claims 32 MiB, and there are 16.
    let outcome = Loop::on(inner, 32 * MIB, &[]).map(|device| {
        let told = told(&request(&image, &[&device]));
        (
            told,
            std::fs::read(&device.backing).unwrap()[..512].to_vec(),
        )
    });
    assert!(run("umount", &["--lazy".as_ref(), place.as_os_str()]));
    let Some(((result, text), first)) = outcome else {
        return;
    };
    assert!(matches!(result, Err(CommandError::Failed { .. })), "{text}");
    assert!(
        text.contains("full") || text.contains("failed at"),
        "{text}"
    );
    assert_ne!(first[..], bytes[..512]);
}

/// Not a test of its own: what the next one starts and kills.
#[test]
fn child() {
    let Some(words) = std::env::var_os(CHILD) else {
        return;
    };
    let words = words.into_string().unwrap();
    let mut words = words.split('\n').map(PathBuf::from);
    let request = Request {
        image: words.next().unwrap(),
        records: words.next(),
        devices: words.collect(),
        yes: true,
        ..Request::default()
    };
    at_terminal(&request).unwrap();
}

#[test]
fn killed_at_random_moments_and_run_again_the_device_ends_up_right() {
    let folder = tempfile::tempdir().unwrap();
    let size = 160 * MIB;
    let bytes = picture(size, &[], 8);
    let image = common::file(folder.path(), "kiosk.img", &bytes);
    let records = folder.path().join("records");
    let Some(device) = Loop::new(200 * MIB) else {
        return;
    };
    // It holds an older image with the same first block.
    let mut older = picture(size, &[], 9);
    older[..MIB as usize].copy_from_slice(&bytes[..MIB as usize]);
    let file = OpenOptions::new().write(true).open(&device.path).unwrap();
    file.write_all_at(&older, 0).unwrap();
    file.sync_all().unwrap();
    drop(file);
    let start = || {
        let words = [&image, &records, &device.path].map(|path| path.to_str().unwrap());
        Command::new(std::env::current_exe().unwrap())
            .args(["child", "--exact", "--nocapture"])
            .env(CHILD, words.join("\n"))
            .stdout(Stdio::piped())
            .spawn()
            .unwrap()
    };
    let mut random = Random(23);
    let mut killed = 0;
    for round in 0..8 {
        // Once a certain block has been written, and then some: while writing, comparing or sealing.
        let until = MIB + random.below(size / MIB - 2) * MIB;
        let wait = Duration::from_millis(random.below(3) * random.below(200));
        let mut child = start();
        let backing = File::open(&device.backing).unwrap();
        let mut block = vec![0; 4096];
        let mut ended = None;
        while ended.is_none() {
            backing.read_exact_at(&mut block, until).unwrap();
            if block[..] == bytes[until as usize..until as usize + 4096] {
                break;
            }
            std::thread::sleep(Duration::from_millis(2));
            ended = child.try_wait().unwrap();
        }
        std::thread::sleep(wait);
        let ended = ended.or(child.try_wait().unwrap());
        child.kill().unwrap();
        child.wait().unwrap();
        let found = device.bytes(size as usize);
        if ended.is_some() {
            assert!(found == bytes, "round {round}: it said that it was done");
            continue;
        }
        killed += 1;
        if found != bytes && found != older {
            assert!(
                found[..MIB as usize] != bytes[..MIB as usize],
                "round {round}: a mixture that might boot"
            );
        }
    }
    println!("killed {killed} times under way");
    let output = start().wait_with_output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}");
    assert!(device.bytes(size as usize) == bytes, "{text}");
    assert!(killed > 0, "it was never killed under way: {text}");
    let left = std::fs::read_dir(&records).map_or(0, Iterator::count);
    assert_eq!(left, 0, "no record of a device that is done");
}
