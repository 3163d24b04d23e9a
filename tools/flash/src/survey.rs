//! What the kernel says of a device, from `/sys` and `/proc`.

use crate::devices::{Device, Kind, Partition, Use};
use rustix::fs::{FileType, major, minor, stat};
use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// A block device's number: major and minor.
pub type Number = (u32, u32);

/// Places whose disk this computer needs.
const NEEDED: [&str; 13] = [
    "/",
    "/usr",
    "/var",
    "/home",
    "/boot",
    "/boot/efi",
    "/boot/firmware",
    "/efi",
    "/nix",
    "/nix/store",
    "/run/live/medium",
    "/run/initramfs/live",
    "/cdrom",
];

/// How deep devices may be stacked: loops in what `/sys` says end here.
const DEPTH: usize = 16;

/// What lies at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Node {
    /// A block device.
    Block(Number),
    /// A regular file: bytes, and the device of its file system.
    File(u64, Number),
    /// Something else.
    Other,
}

/// Looks at a path.
pub fn look(path: &Path) -> io::Result<Node> {
    let stat = stat(path)?;
    let number = |number| (major(number), minor(number));
    Ok(match FileType::from_raw_mode(stat.st_mode) {
        FileType::BlockDevice => Node::Block(number(stat.st_rdev)),
        FileType::RegularFile => Node::File(stat.st_size as u64, number(stat.st_dev)),
        _ => Node::Other,
    })
}

/// Where to look. Tests have folders of their own.
#[derive(Clone, Debug)]
pub struct Survey {
    /// `/sys`.
    pub sys: PathBuf,
    /// `/proc`.
    pub proc: PathBuf,
    /// What lies at a path.
    pub look: fn(&Path) -> io::Result<Node>,
}

impl Default for Survey {
    fn default() -> Survey {
        Survey {
            sys: "/sys".into(),
            proc: "/proc".into(),
            look,
        }
    }
}

/// A mounted file system.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Mount {
    number: Number,
    at: String,
    source: String,
}

impl Survey {
    /// Describes what lies at a path. `image` is the number of the device that holds the image.
    pub fn describe(&self, path: &Path, image: Option<Number>) -> io::Result<Device> {
        let shown = path.display().to_string();
        let empty = Device {
            path: shown.clone(),
            name: shown,
            kind: Kind::Other,
            size: 0,
            read_only: false,
            removable: false,
            bus: String::new(),
            model: String::new(),
            serial: String::new(),
            whole: None,
            partitions: Vec::new(),
            uses: Vec::new(),
            needed: Vec::new(),
            has_image: false,
        };
        match (self.look)(path)? {
            Node::Block(number) => self.block(number, image, empty),
            Node::File(size, _) => Ok(Device {
                name: fs::canonicalize(path)?.display().to_string(),
                kind: Kind::File,
                size,
                bus: "file".to_owned(),
                ..empty
            }),
            Node::Other => Ok(empty),
        }
    }

    fn block(&self, number: Number, image: Option<Number>, empty: Device) -> io::Result<Device> {
        let folder = self.folder(number)?;
        let name = name_of(&folder);
        let is_partition = folder.join("partition").exists();
        let whole = match is_partition {
            true => folder.parent().unwrap_or(&folder).to_owned(),
            false => folder.clone(),
        };
        let nodes = parts(&folder);
        let mounts = self.mounts()?;
        let mut uses = Vec::new();
        for node in &nodes {
            let node_name = name_of(node);
            let own = number_in(node);
            let here = |mount: &&Mount| own.is_some() && self.number_of(mount) == own;
            uses.extend(mounts.iter().filter(here).map(|mount| Use::Mount {
                node: node_name.clone(),
                at: mount.at.clone(),
            }));
            if self.swaps().iter().any(|swap| Some(*swap) == own) {
                uses.push(Use::Swap {
                    node: node_name.clone(),
                });
            }
            uses.extend(
                names_in(&node.join("holders"))
                    .into_iter()
                    .map(|by| Use::Holder {
                        node: node_name.clone(),
                        by,
                    }),
            );
        }
        let whole_name = name_of(&whole);
        let needed = mounts
            .iter()
            .filter(|mount| NEEDED.contains(&mount.at.as_str()))
            .filter_map(|mount| Some((self.number_of(mount)?, format!("{} is on it", mount.at))))
            .chain(
                self.swaps()
                    .into_iter()
                    .map(|swap| (swap, "it is swapped to".to_owned())),
            )
            .filter(|(number, _)| self.disks_under(*number).contains(&whole_name))
            .map(|(_, why)| why)
            .collect::<BTreeSet<_>>();
        let (model, serial) = model_and_serial(&whole);
        Ok(Device {
            kind: match is_partition {
                true => Kind::Partition,
                false => Kind::Disk,
            },
            size: text(&folder.join("size")).parse::<u64>().unwrap_or(0) * 512,
            read_only: text(&folder.join("ro")) == "1" || text(&whole.join("ro")) == "1",
            removable: text(&whole.join("removable")) == "1",
            bus: bus(&whole).to_owned(),
            model,
            serial,
            whole: is_partition.then(|| whole_name.clone()),
            partitions: nodes
                .iter()
                .filter(|node| **node != folder)
                .map(|node| Partition {
                    name: name_of(node),
                    size: text(&node.join("size")).parse::<u64>().unwrap_or(0) * 512,
                    label: uevent(node, "PARTNAME"),
                })
                .collect(),
            uses,
            needed: needed.into_iter().collect(),
            has_image: image.is_some_and(|image| self.disks_under(image).contains(&whole_name)),
            name,
            ..empty
        })
    }

    /// The folder in `/sys` of a device, with links resolved.
    fn folder(&self, (major, minor): Number) -> io::Result<PathBuf> {
        fs::canonicalize(self.sys.join(format!("dev/block/{major}:{minor}")))
    }

    fn mounts(&self) -> io::Result<Vec<Mount>> {
        let text = fs::read_to_string(self.proc.join("self/mountinfo"))?;
        Ok(text.lines().filter_map(mount).collect())
    }

    /// The device of a mount. Some file systems have none of their own number and name their device as source.
    fn number_of(&self, mount: &Mount) -> Option<Number> {
        if mount.number.0 != 0 {
            return Some(mount.number);
        }
        match mount
            .source
            .starts_with('/')
            .then(|| (self.look)(Path::new(&mount.source)))
        {
            Some(Ok(Node::Block(number))) => Some(number),
            _ => None,
        }
    }

    /// Devices that are swapped to; a swap file counts as its device.
    fn swaps(&self) -> Vec<Number> {
        let text = fs::read_to_string(self.proc.join("swaps")).unwrap_or_default();
        text.lines()
            .skip(1)
            .filter_map(|line| {
                (self.look)(Path::new(&unescape(line.split_whitespace().next()?))).ok()
            })
            .filter_map(|node| match node {
                Node::Block(number) | Node::File(_, number) => Some(number),
                Node::Other => None,
            })
            .collect()
    }

    /// The names of all whole devices that a device is on: its disk, and what lies below volumes, RAIDs and loop devices.
    fn disks_under(&self, number: Number) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        if let Ok(folder) = self.folder(number) {
            self.gather(&folder, &mut found, DEPTH);
        }
        found
    }

    fn gather(&self, folder: &Path, found: &mut BTreeSet<String>, depth: usize) {
        let Some(depth) = depth.checked_sub(1) else {
            return;
        };
        let whole = match folder.join("partition").exists() {
            true => folder.parent().unwrap_or(folder),
            false => folder,
        };
        found.insert(name_of(whole));
        for slave in names_in(&whole.join("slaves")) {
            if let Ok(below) = fs::canonicalize(whole.join("slaves").join(slave)) {
                self.gather(&below, found, depth);
            }
        }
        let backing = text(&whole.join("loop/backing_file"));
        let below = match backing.is_empty() {
            true => None,
            false => (self.look)(Path::new(&backing)).ok(),
        };
        if let Some(Node::File(_, number) | Node::Block(number)) = below
            && let Ok(below) = self.folder(number)
        {
            self.gather(&below, found, depth);
        }
    }
}

/// The device itself and its partitions.
fn parts(folder: &Path) -> Vec<PathBuf> {
    let partitions = names_in(folder)
        .into_iter()
        .map(|name| folder.join(name))
        .filter(|part| part.join("partition").exists());
    [folder.to_owned()].into_iter().chain(partitions).collect()
}

/// Sorted names in a folder; none where there is no such folder.
fn names_in(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    // sda2 before sda10.
    names.sort_by_key(|name| (name.len(), name.clone()));
    names
}

fn name_of(folder: &Path) -> String {
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    name.replace('!', "/")
}

/// A small file's text, trimmed; empty where there is none.
fn text(path: &Path) -> String {
    let bytes = fs::read(path).unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    text.trim_matches(|letter: char| letter.is_whitespace() || letter == '\0')
        .to_owned()
}

fn uevent(folder: &Path, name: &str) -> String {
    text(&folder.join("uevent"))
        .lines()
        .find_map(|line| Some(line.strip_prefix(name)?.strip_prefix('=')?.to_owned()))
        .unwrap_or_default()
}

fn number_in(folder: &Path) -> Option<Number> {
    let text = text(&folder.join("dev"));
    let (major, minor) = text.split_once(':')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}

/// Maker, model and serial number of a whole device.
fn model_and_serial(whole: &Path) -> (String, String) {
    let device = whole.join("device");
    let backing = text(&whole.join("loop/backing_file"));
    if !backing.is_empty() {
        return (format!("loop device of {backing}"), backing);
    }
    let mut model = [text(&device.join("vendor")), text(&device.join("model"))];
    if model[1].is_empty() {
        // Cards call it name.
        model = [String::new(), text(&device.join("name"))];
    } else if model[0].starts_with("0x") || model[0] == "ATA" {
        model[0].clear();
    }
    let mut serial = [
        device.join("serial"),
        whole.join("serial"),
        device.join("wwid"),
        whole.join("wwid"),
    ]
    .iter()
    .map(|path| text(path))
    .find(|serial| !serial.is_empty())
    .unwrap_or_default();
    if let Some(usb) = whole
        .ancestors()
        .find(|folder| folder.join("idVendor").exists())
    {
        let own = text(&usb.join("serial"));
        if !own.is_empty() {
            // Readers with several slots have one serial number.
            let slot = fs::canonicalize(&device)
                .map(|slot| name_of(&slot))
                .unwrap_or_default();
            let unit = slot.rsplit(':').next().unwrap_or_default();
            serial = match unit.parse::<u32>() {
                Ok(unit) if unit > 0 => format!("{own}:{unit}"),
                _ => own,
            };
        }
    }
    (model.join(" ").trim().to_owned(), serial)
}

/// How a device is attached, by where it hangs.
fn bus(whole: &Path) -> &'static str {
    let path = whole.to_string_lossy();
    let buses = [
        ("/usb", "usb"),
        ("/mmc_host/", "mmc"),
        ("/nvme", "nvme"),
        ("/ata", "ata"),
        ("/virtio", "virtio"),
        ("/block/loop", "loop"),
    ];
    buses
        .iter()
        .find(|(part, _)| path.contains(part))
        .map_or("", |(_, bus)| bus)
}

/// A line of `mountinfo` (proc(5)).
fn mount(line: &str) -> Option<Mount> {
    let mut words = line.split(' ');
    let number = words.nth(2)?.split_once(':')?;
    let at = words.nth(1)?;
    let source = words.skip_while(|word| *word != "-").nth(2)?;
    Some(Mount {
        number: (number.0.parse().ok()?, number.1.parse().ok()?),
        at: unescape(at),
        source: unescape(source),
    })
}

/// Undoes the kernel's `\040` for blanks and the like.
fn unescape(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let code = after
            .get(..3)
            .filter(|_| byte == b'\\')
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u8::from_str_radix(digits, 8).ok());
        rest = if code.is_some() { &after[3..] } else { after };
        bytes.push(code.unwrap_or(byte));
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_mount_with_a_blank_in_its_name() {
        let line = r"36 35 8:17 / /media/My\040Stick rw,noatime shared:1 - vfat /dev/sdb1 rw";
        let mount = mount(line).unwrap();
        assert_eq!(mount.number, (8, 17));
        assert_eq!(mount.at, "/media/My Stick");
        assert_eq!(mount.source, "/dev/sdb1");
    }

    proptest! {
        #[test]
        fn any_line_is_read_without_panic(line in ".{0,120}") {
            let _ = mount(&line);
            let _ = unescape(&line);
        }
    }
}
