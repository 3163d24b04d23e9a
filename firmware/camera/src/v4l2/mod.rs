//! `v4l2:`: a real camera.
//!
//! - [`kernel`] speaks to the driver, behind the trait in [`driver`];
//! - [`negotiate`] chooses format, size and rate from what the camera offers;
//! - [`stream`] hands out the newest good frame and counts the others;
//! - [`usb`] finds a camera again that was plugged in anew.
//!
//! All but the first are plain logic, tested on a made-up driver. When a camera fails, the device
//! is closed and opened from scratch ([`Reopening`]): after an error drivers are in states
//! that no other recovery covers.

mod driver;
mod kernel;
#[cfg(test)]
mod mock;
mod negotiate;
mod stream;
mod usb;

use crate::{
    Camera, CameraControls, CameraError, Control, Counters, Description, Frame, Next, Opener,
    Reopening, SharedClock, V4l2Address, V4l2Device,
};
use driver::{Driver, FourCc};
use kernel::Kernel;
use negotiate::Wanted;
use std::path::{Path, PathBuf};
use std::time::Duration;
use stream::{Stream, failed};
use usb::{Place, VIDEO_DEVICES};

/// Opens the camera; an error if it is not there now.
pub(crate) fn open(address: &V4l2Address, clock: SharedClock) -> Result<Reopening, CameraError> {
    let mut camera = Reopening::open(opener(address, clock.clone()), clock)?;
    want_mains(&mut camera, address);
    Ok(camera)
}

/// The camera, whether it is there now or not.
pub(crate) fn open_patiently(address: &V4l2Address, clock: SharedClock) -> Reopening {
    let mut camera = Reopening::patient(opener(address, clock.clone()), clock);
    want_mains(&mut camera, address);
    camera
}

/// A camera without this control flickers; it is no reason not to show anything.
fn want_mains(camera: &mut Reopening, address: &V4l2Address) {
    if let Some(mains) = address.mains {
        camera.want(Control::PowerLineFrequency, mains.value());
    }
}

/// Finds and opens the camera at `address`, each time it is called.
fn opener(address: &V4l2Address, clock: SharedClock) -> Opener {
    let address = address.clone();
    let mut place = match &address.device {
        V4l2Device::Usb(port) => Some(Place::UsbPort(port.clone())),
        V4l2Device::Node(_) => None,
    };
    Box::new(move || {
        let devices = Path::new(VIDEO_DEVICES);
        let node = match &address.device {
            V4l2Device::Node(node) => Some(node.as_path()),
            V4l2Device::Usb(_) => None,
        };
        let mut nodes = place
            .as_ref()
            .map(|place| place.nodes(devices))
            .unwrap_or_default();
        // Plugged in elsewhere, it may still have the node's name.
        if let Some(node) = node.filter(|node| !nodes.iter().any(|found| found == node)) {
            nodes.push(node.to_owned());
        }
        let camera = open_first(&nodes, &address, &clock)?;
        if node.is_some() {
            place = Place::of_node(devices, &camera.node);
        }
        Ok(Box::new(camera) as Box<dyn Camera>)
    })
}

/// Opens the first of `nodes` that is a camera and starts.
fn open_first(
    nodes: &[PathBuf],
    address: &V4l2Address,
    clock: &SharedClock,
) -> Result<V4l2<Kernel>, CameraError> {
    let mut worst = None;
    for node in nodes {
        match V4l2::open(node, address, clock) {
            Ok(camera) => return Ok(camera),
            // The first failure is the one that matters: the others are metadata nodes.
            Err(error) => worst = worst.or(Some(error)),
        }
    }
    Err(worst.unwrap_or_else(|| CameraError::NotFound {
        what: match &address.device {
            V4l2Device::Usb(port) => format!("a camera at USB port {port}"),
            V4l2Device::Node(node) => format!("the camera {}", node.display()),
        },
        cure: "plug it in, or list cameras with: v4l2-ctl --list-devices".into(),
    }))
}

/// A streaming camera.
struct V4l2<D: Driver> {
    node: PathBuf,
    stream: Stream<D>,
}

impl V4l2<Kernel> {
    fn open(node: &Path, address: &V4l2Address, clock: &SharedClock) -> Result<Self, CameraError> {
        let kernel = Kernel::open(node).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => CameraError::NotFound {
                what: format!("the camera {}", node.display()),
                cure: "plug it in, or list cameras with: v4l2-ctl --list-devices".into(),
            },
            std::io::ErrorKind::Unsupported => CameraError::Unsupported {
                what: error.to_string(),
                cure: "list cameras with: v4l2-ctl --list-devices".into(),
            },
            _ => match rustix::io::Errno::from_io_error(&error) {
                Some(rustix::io::Errno::NOTTY | rustix::io::Errno::INVAL) => {
                    CameraError::Unsupported {
                        what: format!("{} is not a camera", node.display()),
                        cure: "list cameras with: v4l2-ctl --list-devices".into(),
                    }
                }
                _ => failed(&format!("opening {}", node.display()), error),
            },
        })?;
        let wanted = Wanted {
            size: address.size,
            fps: address.fps,
            format: address.format.map(FourCc),
        };
        Ok(V4l2 {
            node: node.to_owned(),
            stream: Stream::start(kernel, wanted, clock.clone())?,
        })
    }
}

impl<D: Driver> Camera for V4l2<D> {
    fn next(&mut self, frame: &mut Frame, timeout: Duration) -> Result<Next, CameraError> {
        self.stream.next(frame, timeout)
    }

    fn description(&self) -> Description {
        Description {
            name: format!("{} ({})", self.stream.name(), self.node.display()),
            format: self.stream.format().to_string(),
            width: self.stream.setting.width,
            height: self.stream.setting.height,
            fps: self.stream.interval.fps(),
            live: true,
            frames: None,
        }
    }

    fn counters(&self) -> Counters {
        self.stream.counters
    }

    fn controls(&mut self) -> Option<&mut dyn CameraControls> {
        Some(self)
    }
}

/// The kernel's number of a control.
fn id(control: Control) -> u32 {
    match control {
        Control::PowerLineFrequency => 0x0098_0918,
        Control::AutoExposure => 0x009a_0901,
        Control::ExposureMayLowerRate => 0x009a_0903,
        Control::Exposure => 0x009a_0902,
        Control::Gain => 0x0098_0913,
        Control::Brightness => 0x0098_0900,
    }
}

impl<D: Driver> CameraControls for V4l2<D> {
    fn set(&mut self, control: Control, value: i32) -> Result<i32, CameraError> {
        let driver = self.stream.driver();
        driver
            .set_control(id(control), value)
            .map_err(|error| failed(&format!("setting {control:?}"), error))?;
        self.get(control)
    }

    fn get(&mut self, control: Control) -> Result<i32, CameraError> {
        self.stream
            .driver()
            .control(id(control))
            .map_err(|error| failed(&format!("reading {control:?}"), error))
    }

    fn range(&mut self, control: Control) -> Result<(i32, i32), CameraError> {
        self.stream
            .driver()
            .control_range(id(control))
            .map_err(|error| failed(&format!("asking for the range of {control:?}"), error))
    }
}

#[cfg(test)]
mod tests;
