//! Which devices are refused, and why: on folders that look like `/sys` and `/proc`.
#![allow(clippy::unwrap_used)]

use sfumato_flash::devices::{Device, Kind, Refusal, Use, refusals};
use sfumato_flash::map::Length;
use sfumato_flash::survey::{Node, Survey};
use std::fs;
use std::io;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A computer: an NVMe disk with the system on volumes, a USB stick, a card in a reader, an image on a data disk.
struct Computer {
    folder: TempDir,
}

/// What lies at the paths of that computer.
fn look(path: &Path) -> io::Result<Node> {
    Ok(match path.to_str().unwrap() {
        "/dev/nvme0n1" => Node::Block((259, 0)),
        "/dev/nvme0n1p2" => Node::Block((259, 2)),
        "/dev/sda" => Node::Block((8, 0)),
        "/dev/sda1" => Node::Block((8, 1)),
        "/dev/sdb" => Node::Block((8, 16)),
        "/dev/mmcblk0" => Node::Block((179, 0)),
        "/dev/mapper/vg-root" => Node::Block((253, 0)),
        "/dev/loop3" => Node::Block((7, 3)),
        "/dev/null" => Node::Other,
        "/data/live.squashfs" => Node::File(1 << 30, (8, 17)),
        "/data/swapfile" => Node::File(1 << 30, (8, 17)),
        _ => return Err(io::ErrorKind::NotFound.into()),
    })
}

impl Computer {
    fn new() -> Computer {
        let computer = Computer {
            folder: tempfile::tempdir().unwrap(),
        };
        let nvme = computer.block("pci0/nvme/nvme0/nvme0n1", "259:0", 500_000, &[]);
        computer.put(&nvme, "device/model", "Fast 500  \n");
        computer.put(&nvme, "device/serial", "N-1\n");
        computer.part(&nvme, "nvme0n1p1", "259:1", 1000, "EFI");
        computer.part(&nvme, "nvme0n1p2", "259:2", 499_000, "");
        let volume = computer.block(
            "virtual/block/dm-0",
            "253:0",
            400_000,
            &["pci0/nvme/nvme0/nvme0n1/nvme0n1p2"],
        );
        fs::create_dir_all(nvme.join("nvme0n1p2/holders/dm-0")).unwrap();
        assert!(volume.join("slaves/nvme0n1p2").exists());
        let stick = computer.block("pci0/usb1/1-2/host6/6:0:0:0/block/sda", "8:0", 60_000, &[]);
        computer.put(&stick, "removable", "1");
        let scsi = computer.sys().join("devices/pci0/usb1/1-2/host6/6:0:0:0");
        computer.put(&scsi, "vendor", "Kingston");
        computer.put(&scsi, "model", "DataTraveler");
        symlink(&scsi, stick.join("device")).unwrap();
        computer.put(
            &computer.sys().join("devices/pci0/usb1/1-2"),
            "idVendor",
            "0951",
        );
        computer.put(
            &computer.sys().join("devices/pci0/usb1/1-2"),
            "serial",
            "K-77",
        );
        computer.part(&stick, "sda1", "8:1", 59_000, "");
        let data = computer.block("pci0/ata1/host1/block/sdb", "8:16", 900_000, &[]);
        computer.part(&data, "sdb1", "8:17", 899_000, "data");
        let card = computer.block(
            "platform/mmc_host/mmc0/mmc0:1/block/mmcblk0",
            "179:0",
            30_000,
            &[],
        );
        computer.put(&card, "ro", "1");
        computer.put(&card, "device/name", "SD32G");
        computer.put(&card, "device/serial", "0x1234");
        computer.write_mounts("");
        computer.put(
            &computer.proc(),
            "swaps",
            "Filename Type Size Used Priority\n",
        );
        computer
    }

    fn sys(&self) -> PathBuf {
        self.folder.path().join("sys")
    }

    fn proc(&self) -> PathBuf {
        self.folder.path().join("proc")
    }

    fn put(&self, folder: &Path, name: &str, text: &str) {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// A block device of so many KiB.
    fn block(&self, at: &str, number: &str, size: u64, slaves: &[&str]) -> PathBuf {
        let devices = self.sys().join("devices");
        let folder = devices.join(at);
        self.put(&folder, "size", &(size * 2).to_string());
        self.put(&folder, "dev", number);
        self.put(&folder, "ro", "0");
        self.put(&folder, "removable", "0");
        fs::create_dir_all(folder.join("slaves")).unwrap();
        for slave in slaves {
            let name = slave.rsplit('/').next().unwrap();
            symlink(devices.join(slave), folder.join("slaves").join(name)).unwrap();
        }
        self.link(&folder, number);
        folder
    }

    fn part(&self, disk: &Path, name: &str, number: &str, size: u64, label: &str) {
        let folder = disk.join(name);
        self.put(&folder, "size", &(size * 2).to_string());
        self.put(&folder, "dev", number);
        self.put(&folder, "partition", "1");
        self.put(
            &folder,
            "uevent",
            &format!("DEVTYPE=partition\nPARTNAME={label}\n"),
        );
        self.link(&folder, number);
    }

    fn link(&self, folder: &Path, number: &str) {
        let links = self.sys().join("dev/block");
        fs::create_dir_all(&links).unwrap();
        symlink(folder, links.join(number)).unwrap();
    }

    fn write_mounts(&self, more: &str) {
        let text = format!(
            "22 1 253:0 / / rw - ext4 /dev/mapper/vg-root rw\n23 22 259:1 / /boot/efi rw - vfat /dev/nvme0n1p1 rw\n\
             24 22 0:4 / /proc rw - proc proc rw\n25 22 8:17 / /data rw - ext4 /dev/sdb1 rw\n{more}"
        );
        self.put(&self.proc(), "self/mountinfo", &text);
    }

    fn survey(&self) -> Survey {
        Survey {
            sys: self.sys(),
            proc: self.proc(),
            look,
        }
    }

    fn describe(&self, path: &str) -> Device {
        self.survey()
            .describe(Path::new(path), Some((8, 17)))
            .unwrap()
    }

    fn refusals(&self, path: &str) -> Vec<Refusal> {
        refusals(&self.describe(path), Length::Exactly(20_000 << 10), false)
    }
}

#[test]
fn a_stick_is_described_and_welcome() {
    let computer = Computer::new();
    let stick = computer.describe("/dev/sda");
    assert_eq!(stick.kind, Kind::Disk);
    assert_eq!(stick.size, 60_000 << 10);
    assert_eq!((stick.bus.as_str(), stick.removable), ("usb", true));
    assert_eq!(
        (stick.model.as_str(), stick.serial.as_str()),
        ("Kingston DataTraveler", "K-77")
    );
    assert_eq!(stick.partitions.len(), 1);
    assert_eq!(computer.refusals("/dev/sda"), []);
    let shown = sfumato_flash::show::device(&stick);
    for word in [
        "/dev/sda",
        "61.4 MB",
        "Kingston",
        "K-77",
        "usb",
        "removable",
        "sda1",
    ] {
        assert!(shown.contains(word), "{word} in {shown}");
    }
}

#[test]
fn the_disk_that_the_computer_runs_from_is_refused_through_its_volumes() {
    let computer = Computer::new();
    let found = computer.refusals("/dev/nvme0n1");
    let Some(Refusal::System { why }) = found.first() else {
        panic!("{found:?}");
    };
    assert_eq!(why, "/ is on it, /boot/efi is on it");
    let holder = Use::Holder {
        node: "nvme0n1p2".to_owned(),
        by: "dm-0".to_owned(),
    };
    assert!(found.contains(&Refusal::InUse(holder)), "{found:?}");
}

#[test]
fn what_is_mounted_or_swapped_to_is_refused() {
    let computer = Computer::new();
    computer.write_mounts(r"30 22 8:1 / /media/My\040Stick rw - vfat /dev/sda1 rw");
    let mount = Use::Mount {
        node: "sda1".to_owned(),
        at: "/media/My Stick".to_owned(),
    };
    assert_eq!(computer.refusals("/dev/sda"), [Refusal::InUse(mount)]);
    computer.write_mounts("");
    computer.put(
        &computer.proc(),
        "swaps",
        "Filename\tType\n/dev/sda1 partition 1 0 -2\n",
    );
    let found = computer.refusals("/dev/sda");
    let swap = Use::Swap {
        node: "sda1".to_owned(),
    };
    assert!(found.contains(&Refusal::InUse(swap)), "{found:?}");
    // One whose file system has no device number of its own.
    computer.write_mounts("30 22 0:44 /sub /media/stick rw - btrfs /dev/sda1 rw");
    assert!(matches!(
        &computer.refusals("/dev/sda")[..],
        [
            ..,
            Refusal::InUse(Use::Mount { .. }),
            Refusal::InUse(Use::Swap { .. })
        ]
    ));
}

#[test]
fn a_live_system_protects_the_disk_below_its_loop_device() {
    let computer = Computer::new();
    let folder = computer.block("virtual/block/loop3", "7:3", 100, &[]);
    computer.put(&folder, "loop/backing_file", "/data/live.squashfs\n");
    let text = "22 1 7:3 / / ro - squashfs /dev/loop3 ro\n";
    computer.put(&computer.proc(), "self/mountinfo", text);
    let found = computer.refusals("/dev/sdb");
    assert!(
        matches!(&found[..], [Refusal::System { .. }, Refusal::Source]),
        "{found:?}"
    );
    assert!(matches!(
        computer.refusals("/dev/nvme0n1")[..],
        [Refusal::InUse(_)]
    ));
}

#[test]
fn a_swap_file_makes_its_disk_needed() {
    let computer = Computer::new();
    computer.put(
        &computer.proc(),
        "swaps",
        "Filename\tType\n/data/swapfile file 1 0 -2\n",
    );
    let found = computer.refusals("/dev/sdb");
    assert!(
        matches!(&found[0], Refusal::System { why } if why == "it is swapped to"),
        "{found:?}"
    );
}

#[test]
fn the_disk_with_the_image_is_refused() {
    let computer = Computer::new();
    let found = computer.refusals("/dev/sdb");
    assert!(found.contains(&Refusal::Source), "{found:?}");
}

#[test]
fn read_only_small_empty_and_odd_ones_are_refused() {
    let computer = Computer::new();
    assert_eq!(computer.refusals("/dev/mmcblk0"), [Refusal::ReadOnly]);
    let stick = computer.describe("/dev/sda");
    let needs = Length::AtLeast((60_000 << 10) + 1);
    let small = Refusal::TooSmall {
        needs: (60_000 << 10) + 1,
        has: 60_000 << 10,
    };
    assert_eq!(refusals(&stick, needs, false), [small]);
    let empty = Device { size: 0, ..stick };
    assert_eq!(refusals(&empty, needs, false), [Refusal::NoMedium]);
    assert!(matches!(
        &computer.refusals("/dev/sda1")[..],
        [Refusal::Partition { whole }] if whole == "sda"
    ));
    assert_eq!(computer.refusals("/dev/null"), [Refusal::NoDevice]);
    assert!(
        computer
            .survey()
            .describe(Path::new("/dev/sdq"), None)
            .is_err()
    );
}

#[test]
fn every_refusal_names_the_cure() {
    let computer = Computer::new();
    computer.write_mounts("30 22 8:1 / /media/stick rw - vfat /dev/sda1 rw");
    for path in [
        "/dev/sda",
        "/dev/nvme0n1",
        "/dev/sdb",
        "/dev/mmcblk0",
        "/dev/sda1",
        "/dev/null",
    ] {
        let found = computer.refusals(path);
        assert!(!found.is_empty());
        for refusal in found {
            let text = refusal.to_string();
            assert!(text.contains(';'), "reason; cure: {text}");
        }
    }
}
