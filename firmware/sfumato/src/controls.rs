//! What the link thread and the render thread share: settings in one direction, wishes in the other.

use crate::mailbox::Mailbox;
use sfumato_link::Restart;
use sfumato_settings::Settings;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};

/// Shared by the threads of one show.
#[derive(Debug)]
pub struct Controls {
    /// Settings that came into force, for the picture.
    pub settings: Mailbox<Box<Settings>>,
    /// Whether the test pattern is to be shown.
    pub test_pattern: AtomicBool,
    restart: AtomicU8,
}

impl Default for Controls {
    fn default() -> Controls {
        Controls {
            settings: Mailbox::new(Box::default()),
            test_pattern: AtomicBool::new(false),
            restart: AtomicU8::new(0),
        }
    }
}

impl Controls {
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
