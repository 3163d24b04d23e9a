//! What the link thread and the render thread share: settings in one direction, wishes in the other.

use crate::mailbox::Mailbox;
use sfumato_camera::light::FULL_LEVEL;
use sfumato_camera::{CameraUri, Mains};
use sfumato_link::Restart;
use sfumato_settings::Settings;
use sfumato_settings::choices::BrightnessMode;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU16, Ordering};

/// Shared by the threads of one show.
#[derive(Debug)]
pub struct Controls {
    /// Settings that came into force, for the picture.
    pub settings: Mailbox<Box<Settings>>,
    /// Whether the test pattern is to be shown.
    pub test_pattern: AtomicBool,
    /// How light the room is by the camera, in thousandths of what is measured.
    pub room_level: AtomicU16,
    /// Whether it is to be measured.
    light: AtomicBool,
    /// What the camera is to suppress, as a control's value and one; 0: the camera's address says so itself.
    mains: AtomicU8,
    restart: AtomicU8,
}

impl Default for Controls {
    fn default() -> Controls {
        Controls {
            settings: Mailbox::new(Box::default()),
            test_pattern: AtomicBool::new(false),
            room_level: AtomicU16::new(FULL_LEVEL),
            light: AtomicBool::new(false),
            mains: AtomicU8::new(0),
            restart: AtomicU8::new(0),
        }
    }
}

impl Controls {
    /// Notes what settings ask of the camera at this address.
    pub fn set_camera(&self, settings: &Settings, address: &CameraUri) {
        let measured = settings.brightness_mode() == BrightnessMode::Camera;
        self.light.store(measured, Ordering::Relaxed);
        let mains = match address.mains() {
            Some(_) => 0,
            None => match Mains::of_hertz(settings.mains()) {
                Mains::Off => 1,
                Mains::Hz50 => 2,
                Mains::Hz60 => 3,
            },
        };
        self.mains.store(mains, Ordering::Relaxed);
    }

    /// Whether the room's light is to be measured.
    pub fn measures_light(&self) -> bool {
        self.light.load(Ordering::Relaxed)
    }

    /// What the camera is to suppress; none where its address says so.
    pub fn mains(&self) -> Option<Mains> {
        match self.mains.load(Ordering::Relaxed) {
            1 => Some(Mains::Off),
            2 => Some(Mains::Hz50),
            3 => Some(Mains::Hz60),
            _ => None,
        }
    }

    /// Notes what is to be started anew when the show has ended.
    pub fn set_restart(&self, what: Restart) {
        let number = match what {
            Restart::Program => 1,
            Restart::Board => 2,
        };
        self.restart.store(number, Ordering::Relaxed);
    }

    /// What is to be started anew.
    pub fn restart(&self) -> Option<Restart> {
        match self.restart.load(Ordering::Relaxed) {
            1 => Some(Restart::Program),
            2 => Some(Restart::Board),
            _ => None,
        }
    }
}
