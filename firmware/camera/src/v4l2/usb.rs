//! Where a camera is plugged in, so that it is found again under another number.
//!
//! A camera that was unplugged comes back as another `/dev/videoN`. What stays is the port: sysfs
//! links every video device to the hardware it belongs to. One piece of hardware may have several
//! video devices (pictures, metadata), so the search returns all, in order of their numbers.

use std::fs;
use std::path::{Path, PathBuf};

/// The folder of the system's video devices.
pub(crate) const VIDEO_DEVICES: &str = "/sys/class/video4linux";

/// A place in the machine where a camera is plugged in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// A USB port such as `1-2.3`.
    UsbPort(String),
    /// Any other hardware, by its folder in sysfs.
    Hardware(PathBuf),
}

impl Place {
    /// The place of the device node `node`, if the system knows it.
    pub(crate) fn of_node(devices: &Path, node: &Path) -> Option<Place> {
        // A node may be a link such as /dev/v4l/by-id/….
        let node = fs::canonicalize(node).unwrap_or_else(|_| node.to_owned());
        Place::of_device(&devices.join(node.file_name()?))
    }

    fn of_device(device: &Path) -> Option<Place> {
        let hardware = fs::canonicalize(device.join("device")).ok()?;
        let name = hardware.file_name()?.to_string_lossy().into_owned();
        // USB interfaces are named PORT:CONFIGURATION.INTERFACE.
        match name.split_once(':') {
            Some((port, _)) if is_usb_port(port) => Some(Place::UsbPort(port.to_owned())),
            _ => Some(Place::Hardware(hardware)),
        }
    }

    /// The device nodes at this place, lowest number first.
    pub(crate) fn nodes(&self, devices: &Path) -> Vec<PathBuf> {
        let mut found: Vec<(u32, PathBuf)> = Vec::new();
        let Ok(entries) = fs::read_dir(devices) else {
            return Vec::new();
        };
        for entry in entries.flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let Some(number) = name.strip_prefix("video").and_then(|n| n.parse().ok()) else {
                continue;
            };
            if Place::of_device(&entry.path()).as_ref() == Some(self) {
                found.push((number, Path::new("/dev").join(name)));
            }
        }
        found.sort();
        found.into_iter().map(|(_, node)| node).collect()
    }
}

/// `1-2.3`: bus, and the ports from its root.
fn is_usb_port(text: &str) -> bool {
    text.split_once('-').is_some_and(|(bus, ports)| {
        let number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        number(bus) && ports.split('.').all(number)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    /// A small sysfs in a folder of its own.
    struct Sysfs(tempfile::TempDir);

    impl Sysfs {
        fn new() -> Self {
            let root = tempfile::tempdir().unwrap();
            fs::create_dir(root.path().join("class")).unwrap();
            Sysfs(root)
        }

        fn class(&self) -> PathBuf {
            self.0.path().join("class")
        }

        fn plug(&self, video: &str, hardware: &str) {
            let hardware = self.0.path().join("devices").join(hardware);
            fs::create_dir_all(&hardware).unwrap();
            let device = self.class().join(video);
            fs::create_dir_all(&device).unwrap();
            symlink(hardware, device.join("device")).unwrap();
        }

        fn unplug(&self, video: &str) {
            fs::remove_dir_all(self.class().join(video)).unwrap();
        }
    }

    #[test]
    fn a_camera_is_found_at_its_port_under_another_number() {
        let sys = Sysfs::new();
        sys.plug("video0", "pci/usb1/1-2/1-2:1.0");
        sys.plug("video1", "pci/usb1/1-2/1-2:1.0");
        sys.plug("video2", "pci/usb1/1-3.4/1-3.4:1.0");
        sys.plug("video10", "platform/vivid.0");
        let place = Place::of_node(&sys.class(), Path::new("/dev/video0")).unwrap();
        assert_eq!(place, Place::UsbPort("1-2".into()));
        assert_eq!(
            place.nodes(&sys.class()),
            ["/dev/video0", "/dev/video1"].map(PathBuf::from)
        );
        sys.unplug("video0");
        sys.unplug("video1");
        assert!(place.nodes(&sys.class()).is_empty());
        sys.plug("video5", "pci/usb1/1-2/1-2:1.0");
        sys.plug("video11", "pci/usb1/1-2/1-2:1.1");
        assert_eq!(
            place.nodes(&sys.class()),
            ["/dev/video5", "/dev/video11"].map(PathBuf::from)
        );
        let other = Place::of_node(&sys.class(), Path::new("/dev/video10")).unwrap();
        assert!(matches!(other, Place::Hardware(_)));
        assert_eq!(other.nodes(&sys.class()), [PathBuf::from("/dev/video10")]);
        assert_eq!(
            Place::of_node(&sys.class(), Path::new("/dev/video99")),
            None
        );
    }

    #[test]
    fn ports() {
        assert!(is_usb_port("1-2") && is_usb_port("12-3.4.5"));
        assert!(
            !is_usb_port("0000")
                && !is_usb_port("1-")
                && !is_usb_port("1-2.")
                && !is_usb_port("a-1")
        );
    }
}
