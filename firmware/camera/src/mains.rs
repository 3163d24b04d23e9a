//! The mains' frequency, at which lamps flicker, and asking a camera to suppress it.
//!
//! It can be asked for at any time, also while the camera is away: [`Reopening`](crate::Reopening)
//! remembers it. Whether the camera obeys is read back, as many have no such control.

use crate::{Camera, CameraError, Control};

/// Frequency of the mains, which makes artificial light flicker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mains {
    /// Do not compensate.
    Off,
    /// 50 Hz: Europe, most of Asia and Africa.
    Hz50,
    /// 60 Hz: the Americas, parts of Asia.
    Hz60,
}

/// What came of asking a camera about the mains.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MainsAnswer {
    /// The camera says that it is in force.
    InForce,
    /// The camera is away; it is asked as soon as it is found.
    Later,
    /// The camera has no such control or another value in it: lamps may flicker in its picture.
    Refused,
}

impl Mains {
    /// From a frequency in hertz; none, and what is neither 50 nor 60, is off.
    pub const fn of_hertz(hertz: Option<u32>) -> Mains {
        match hertz {
            Some(50) => Mains::Hz50,
            Some(60) => Mains::Hz60,
            _ => Mains::Off,
        }
    }

    /// Its value in [`Control::PowerLineFrequency`].
    pub const fn value(self) -> i32 {
        match self {
            Mains::Off => 0,
            Mains::Hz50 => 1,
            Mains::Hz60 => 2,
        }
    }

    /// Asks a running camera to suppress this frequency, now and whenever it is opened again.
    pub fn ask(self, camera: &mut dyn Camera) -> MainsAnswer {
        let Some(controls) = camera.controls() else {
            return MainsAnswer::Refused;
        };
        match controls.set(Control::PowerLineFrequency, self.value()) {
            Ok(in_force) if in_force == self.value() => MainsAnswer::InForce,
            Err(CameraError::Gone) => MainsAnswer::Later,
            Ok(_) | Err(_) => MainsAnswer::Refused,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Act, CameraControls, Faulty, Frame, Next, Opener, Reopening, Script, SharedClock,
        SystemClock,
    };
    use std::sync::Arc;
    use std::time::Duration;

    fn opener(script: &Script, clock: &SharedClock) -> Opener {
        let (script, clock) = (script.clone(), clock.clone());
        Box::new(move || Faulty::open(&script, clock.clone()).map(|camera| Box::new(camera) as _))
    }

    #[test]
    fn asked_for_while_away_and_changed_while_running() {
        let clock: SharedClock = Arc::new(SystemClock::new());
        let script = Script::new(vec![Act::Frames(2), Act::Gone, Act::Frames(1)]);
        let mut camera = Reopening::patient(opener(&script, &clock), clock.clone());
        let mut frame = Frame::new();
        let value = || script.control(Control::PowerLineFrequency);
        assert_eq!(Mains::Hz60.ask(&mut camera), MainsAnswer::Later);
        camera.next(&mut frame, Duration::ZERO).unwrap();
        assert_eq!(value(), 2);
        assert_eq!(Mains::Hz50.ask(&mut camera), MainsAnswer::InForce);
        assert_eq!(value(), 1);
        camera.next(&mut frame, Duration::ZERO).unwrap();
        assert_eq!(
            camera.next(&mut frame, Duration::ZERO).unwrap(),
            Next::Absent
        );
        // Asked for between a loss and the next opening, and asked for twice.
        assert_eq!(Mains::Hz60.ask(&mut camera), MainsAnswer::Later);
        assert_eq!(Mains::Off.ask(&mut camera), MainsAnswer::Later);
        assert_eq!(Mains::Hz60.ask(&mut camera), MainsAnswer::Later);
        while camera.next(&mut frame, Duration::from_secs(2)).unwrap() != Next::Frame {}
        assert_eq!(value(), 2);
        assert!(CameraControls::refused(&camera).is_empty());
    }

    #[test]
    fn refusals_are_noticed() {
        let clock: SharedClock = Arc::new(SystemClock::new());
        let script = Script::new(vec![Act::RefuseControls, Act::Frames(9)]);
        let mut camera = Faulty::open(&script, clock.clone()).unwrap();
        assert_eq!(Mains::Hz50.ask(&mut camera), MainsAnswer::Refused);
        let script = Script::new(vec![Act::ControlsFail(true), Act::Frames(9)]);
        let mut camera = Reopening::open(opener(&script, &clock), clock.clone()).unwrap();
        camera.next(&mut Frame::new(), Duration::ZERO).unwrap();
        assert_eq!(Mains::Hz50.ask(&mut camera), MainsAnswer::Refused);
        assert_eq!(
            CameraControls::refused(&camera),
            [Control::PowerLineFrequency]
        );
        // A rendered picture does not flicker, and has no controls to say so.
        let mut camera = crate::open(&"synthetic:".parse().unwrap(), clock).unwrap();
        assert_eq!(Mains::Hz50.ask(&mut *camera), MainsAnswer::Refused);
    }

    #[test]
    fn frequencies() {
        for (hertz, mains, value) in [
            (None, Mains::Off, 0),
            (Some(50), Mains::Hz50, 1),
            (Some(60), Mains::Hz60, 2),
            (Some(16), Mains::Off, 0),
        ] {
            assert_eq!(Mains::of_hertz(hertz), mains);
            assert_eq!(mains.value(), value);
        }
    }
}
