//! The room's light from a camera: its frames, and what it tells when asked.

use super::{RoomLight, Seen, Told, mean_luma};
use crate::{Camera, Control, Frame, Next};
use sfumato_core::time::{Micros, Moment};

/// A control is asked for once in this time.
const ASK: Micros = Micros::from_secs(1);

/// One that answered with an error is left alone for so long: a request may hold up the frames.
const REST: Micros = Micros::from_secs(60);

/// `V4L2_EXPOSURE_MANUAL` and `V4L2_EXPOSURE_SHUTTER_PRIORITY`: both leave the time to the user.
const BY_HAND: [i32; 2] = [1, 2];

/// Watches the room's light through a camera.
///
/// Give it every answer of [`Camera::next`]: [`Meter::observe`] looks at two frames a second and
/// asks each control once a second. It sets nothing.
#[derive(Clone, Debug, Default)]
pub struct Meter {
    light: RoomLight,
    /// The camera's name, to know another one by; none when it has to be looked at.
    name: Option<String>,
    is_open: bool,
    exposure: Question,
    gain: Question,
    mode: Question,
    gains: Option<(i32, i32)>,
}

impl Meter {
    /// Has seen nothing yet.
    pub fn new() -> Self {
        Meter::default()
    }

    /// Takes what [`Camera::next`] answered, and the frame it was given.
    pub fn observe(&mut self, camera: &mut dyn Camera, next: Next, frame: &Frame) {
        match next {
            Next::Frame => {}
            Next::Absent => {
                self.is_open = false;
                return;
            }
            Next::TimedOut | Next::Ended => return,
        }
        if !self.is_open {
            self.opened(camera);
        }
        if !self.light.is_due(frame.captured) {
            return;
        }
        let told = self.ask(camera, frame.captured);
        if let Some(luma) = mean_luma(frame) {
            self.light.look(luma, &told, frame.captured);
        }
    }

    /// The screen's level, see [`RoomLight::level`].
    pub fn level(&self) -> u16 {
        self.light.level()
    }

    /// What is known about the light, see [`RoomLight::seen`].
    pub fn seen(&self) -> Option<Seen> {
        self.light.seen()
    }

    fn opened(&mut self, camera: &dyn Camera) {
        let name = camera.description().name;
        if self.name.as_ref().is_some_and(|before| *before != name) {
            self.light.other_camera();
        } else {
            self.light.away();
        }
        *self = Meter {
            light: std::mem::take(&mut self.light),
            name: Some(name),
            is_open: true,
            ..Meter::default()
        };
    }

    fn ask(&mut self, camera: &mut dyn Camera, now: Moment) -> Told {
        let Some(controls) = camera.controls() else {
            return Told::default();
        };
        let mut get = |question: &mut Question, control| {
            question.ask(now, || controls.get(control).ok());
            question.answer
        };
        let exposure = get(&mut self.exposure, Control::Exposure);
        let mode = get(&mut self.mode, Control::AutoExposure);
        let before = self.gain.asked;
        let gain = get(&mut self.gain, Control::Gain);
        if gain.is_some() && self.gains.is_none() && self.gain.asked != before {
            self.gains = controls.range(Control::Gain).ok();
        }
        Told {
            exposure,
            gain,
            gains: self.gains,
            manual: mode.map(|mode| BY_HAND.contains(&mode)),
        }
    }
}

/// A control, when it was asked for last, and what it answered.
#[derive(Clone, Copy, Debug, Default)]
struct Question {
    asked: Option<Moment>,
    answer: Option<i32>,
}

impl Question {
    fn ask(&mut self, now: Moment, get: impl FnOnce() -> Option<i32>) {
        let pause = if self.answer.is_some() { ASK } else { REST };
        let due = self
            .asked
            .is_none_or(|asked| now < asked || asked.until(now) >= pause);
        if due {
            self.asked = Some(now);
            self.answer = get();
        }
    }
}
