//! A camera that comes back: closes on failure, waits, opens again, sets the controls again.

use crate::{
    Backoff, Camera, CameraControls, CameraError, Control, Counters, Description, Frame, Next,
    SharedClock,
};
use std::time::Duration;

/// Opens a camera; called again each time it was lost.
pub type Opener = Box<dyn FnMut() -> Result<Box<dyn Camera>, CameraError> + Send>;

/// Keeps a camera that may go away.
///
/// While it is away, [`Camera::next`] answers [`Next::Absent`] and tries to open it whenever the
/// [`Backoff`] says so. A failure that opening again cannot cure is handed on as an error when it
/// comes from the first opening, and otherwise counts as absence too: a kiosk has nobody to
/// read errors, but somebody may come and plug in another camera.
pub struct Reopening {
    opener: Opener,
    camera: Option<Box<dyn Camera>>,
    clock: SharedClock,
    backoff: Backoff,
    description: Description,
    /// What was wanted of the controls, in the order it was asked for.
    wanted: Vec<(Control, i32)>,
    /// Controls that did not take their value when it was last set.
    refused: Vec<Control>,
    /// Counted by cameras that are gone, and the losses themselves.
    before: Counters,
    /// Numbers go on after a reopening, as if the pause had been lost frames.
    first_sequence: u64,
    last_sequence: Option<u64>,
    last_error: Option<CameraError>,
}

impl Reopening {
    /// Opens the camera; fails when the first attempt does.
    pub fn open(mut opener: Opener, clock: SharedClock) -> Result<Self, CameraError> {
        let camera = opener()?;
        let mut reopening = Reopening::patient(opener, clock);
        reopening.description = camera.description();
        reopening.camera = Some(camera);
        Ok(reopening)
    }

    /// Starts without the camera and looks for it from the first [`Camera::next`] on.
    pub fn patient(opener: Opener, clock: SharedClock) -> Self {
        Reopening {
            opener,
            camera: None,
            clock,
            backoff: Backoff::default(),
            description: Description {
                name: "camera not found yet".into(),
                live: true,
                ..Description::default()
            },
            wanted: Vec::new(),
            refused: Vec::new(),
            before: Counters::default(),
            first_sequence: 0,
            last_sequence: None,
            last_error: None,
        }
    }

    /// Why the camera is away, or was last.
    pub fn last_error(&self) -> Option<&CameraError> {
        self.last_error.as_ref()
    }

    /// Controls that did not take the wanted value when it was last set.
    pub fn refused(&self) -> &[Control] {
        &self.refused
    }

    /// Wants a value of a control: now, if the camera is there, and at every opening.
    ///
    /// Whether it was taken is seen in [`Reopening::refused`].
    pub fn want(&mut self, control: Control, value: i32) {
        // All that matters of an error is that the control is among the refused ones then.
        let _ = self.set(control, value);
    }

    fn lost(&mut self, error: CameraError) {
        if let Some(camera) = self.camera.take() {
            self.before = self.before.plus(camera.counters());
        }
        self.before.lost += 1;
        self.last_error = Some(error);
        self.first_sequence = self.last_sequence.map_or(0, |last| last + 1);
        self.backoff.failed(self.clock.now());
    }

    fn reopen(&mut self) {
        match (self.opener)() {
            Ok(mut camera) => {
                self.description = camera.description();
                self.apply_controls(&mut *camera);
                self.camera = Some(camera);
                // Finding it for the first time is not finding it again.
                self.before.reopened += u64::from(self.before.lost > 0);
            }
            Err(error) => {
                self.last_error = Some(error);
                self.backoff.failed(self.clock.now());
            }
        }
    }

    fn apply_controls(&mut self, camera: &mut dyn Camera) {
        self.refused.clear();
        let Some(controls) = camera.controls() else {
            self.refused
                .extend(self.wanted.iter().map(|(control, _)| *control));
            return;
        };
        for (control, value) in &self.wanted {
            if !matches!(controls.set(*control, *value), Ok(in_force) if in_force == *value) {
                self.refused.push(*control);
            }
        }
    }
}

impl Camera for Reopening {
    fn next(&mut self, frame: &mut Frame, timeout: Duration) -> Result<Next, CameraError> {
        if self.camera.is_none() {
            let wait = Duration::from_micros(self.clock.now().until(self.backoff.due()).0);
            if wait > timeout {
                std::thread::sleep(timeout);
                return Ok(Next::Absent);
            }
            std::thread::sleep(wait);
            self.reopen();
        }
        let Some(camera) = self.camera.as_mut() else {
            return Ok(Next::Absent);
        };
        match camera.next(frame, timeout) {
            Ok(next) => {
                if next == Next::Frame {
                    // Proof that the camera works, which opening it is not.
                    self.backoff.succeeded();
                    frame.sequence += self.first_sequence;
                    self.last_sequence = Some(frame.sequence);
                }
                Ok(next)
            }
            Err(error) => {
                self.lost(error);
                Ok(Next::Absent)
            }
        }
    }

    fn description(&self) -> Description {
        match &self.camera {
            Some(camera) => camera.description(),
            None => self.description.clone(),
        }
    }

    fn counters(&self) -> Counters {
        match &self.camera {
            Some(camera) => self.before.plus(camera.counters()),
            None => self.before,
        }
    }

    fn controls(&mut self) -> Option<&mut dyn CameraControls> {
        Some(self)
    }
}

impl CameraControls for Reopening {
    fn set(&mut self, control: Control, value: i32) -> Result<i32, CameraError> {
        self.wanted.retain(|(wanted, _)| *wanted != control);
        self.wanted.push((control, value));
        self.refused.retain(|refused| *refused != control);
        let camera = self.camera.as_mut().ok_or(CameraError::Gone)?;
        let set = match camera.controls() {
            Some(controls) => controls.set(control, value),
            None => Err(without_controls()),
        };
        if !matches!(&set, Ok(in_force) if *in_force == value) {
            self.refused.push(control);
        }
        set
    }

    fn get(&mut self, control: Control) -> Result<i32, CameraError> {
        let camera = self.camera.as_mut().ok_or(CameraError::Gone)?;
        match camera.controls() {
            Some(controls) => controls.get(control),
            None => Err(without_controls()),
        }
    }

    fn range(&mut self, control: Control) -> Result<(i32, i32), CameraError> {
        let camera = self.camera.as_mut().ok_or(CameraError::Gone)?;
        match camera.controls() {
            Some(controls) => controls.range(control),
            None => Err(without_controls()),
        }
    }

    fn refused(&self) -> &[Control] {
        &self.refused
    }
}

fn without_controls() -> CameraError {
    CameraError::Unsupported {
        what: "this camera has no controls".into(),
        cure: "leave it as it is".into(),
    }
}

impl std::fmt::Debug for Reopening {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reopening")
            .field("description", &self.description)
            .field("present", &self.camera.is_some())
            .field("last_error", &self.last_error)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Act, Faulty, Script};
    use sfumato_core::time::{Clock, Micros, Moment};
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU64, Ordering};

    /// A clock that is moved by hand.
    #[derive(Default)]
    struct Hand(AtomicU64);

    impl Clock for Hand {
        fn now(&self) -> Moment {
            Moment(self.0.load(Ordering::SeqCst))
        }
    }

    impl Hand {
        fn pass(&self, length: Micros) {
            self.0.fetch_add(length.0, Ordering::SeqCst);
        }
    }

    fn reopening(acts: Vec<Act>) -> (Reopening, Arc<Hand>, Script) {
        let clock = Arc::new(Hand::default());
        let script = Script::new(acts);
        let (for_opener, for_camera) = (script.clone(), clock.clone());
        let opener: Opener = Box::new(move || {
            Faulty::open(&for_opener, for_camera.clone()).map(|c| Box::new(c) as _)
        });
        let reopening = Reopening::open(opener, clock.clone()).unwrap();
        (reopening, clock, script)
    }

    #[test]
    fn an_unplugged_camera_is_absent_and_comes_back() {
        let (mut camera, clock, _) = reopening(vec![
            Act::Frames(2),
            Act::Gone,
            Act::OpeningFails(2),
            Act::Frames(3),
            Act::End,
        ]);
        let mut frame = Frame::new();
        let mut story = Vec::new();
        let mut numbers = Vec::new();
        for _ in 0..60 {
            clock.pass(Micros::from_millis(100));
            let next = camera.next(&mut frame, Duration::ZERO).unwrap();
            if next == Next::Frame {
                numbers.push(frame.sequence);
            }
            story.push(next);
            if next == Next::Ended {
                break;
            }
        }
        story.dedup();
        assert_eq!(story, [Next::Frame, Next::Absent, Next::Frame, Next::Ended]);
        assert!(
            numbers.windows(2).all(|pair| pair[0] < pair[1]),
            "{numbers:?}"
        );
        let counters = camera.counters();
        assert_eq!(
            (counters.frames, counters.lost, counters.reopened),
            (5, 1, 1)
        );
        // Two openings failed: 250 ms and 500 ms of pause, then the third came after a second.
        assert!(clock.now() < Moment(4_000_000));
    }

    #[test]
    fn attempts_are_paced() {
        let (mut camera, clock, script) = reopening(vec![Act::Gone, Act::OpeningFails(1000)]);
        let mut frame = Frame::new();
        for _ in 0..1_000 {
            clock.pass(Micros::from_millis(10));
            assert_eq!(
                camera.next(&mut frame, Duration::ZERO).unwrap(),
                Next::Absent
            );
        }
        // Ten seconds: about ten attempts, not a thousand.
        let attempts = script.openings() - 1;
        assert!(
            (8..=12).contains(&attempts),
            "{attempts} attempts in ten seconds"
        );
    }

    #[test]
    fn controls_are_set_again_and_refusals_are_known() {
        let (mut camera, clock, script) = reopening(vec![
            Act::Frames(1),
            Act::Io(5),
            Act::Frames(1),
            Act::Gone,
            Act::RefuseControls,
            Act::Frames(1),
        ]);
        let controls = camera.controls().unwrap();
        assert_eq!(controls.set(Control::PowerLineFrequency, 1).unwrap(), 1);
        assert_eq!(controls.set(Control::Gain, 7).unwrap(), 7);
        assert_eq!(controls.set(Control::PowerLineFrequency, 2).unwrap(), 2);
        let mut frame = Frame::new();
        let mut frames = 0;
        let mut settings = Vec::new();
        while frames < 3 {
            clock.pass(Micros::from_millis(500));
            if camera.next(&mut frame, Duration::ZERO).unwrap() == Next::Frame {
                frames += 1;
                settings.push((
                    script.control(Control::PowerLineFrequency),
                    script.control(Control::Gain),
                ));
            }
            if frames == 2 {
                assert!(camera.refused().is_empty());
            }
        }
        assert_eq!(settings, [(2, 7), (2, 7), (0, 0)]);
        assert_eq!(
            camera.refused(),
            [Control::Gain, Control::PowerLineFrequency]
        );
    }

    #[test]
    fn the_first_opening_may_fail_aloud_or_patiently() {
        let clock: SharedClock = Arc::new(Hand::default());
        let opener = |script: &Script, clock: &SharedClock| -> Opener {
            let (script, clock) = (script.clone(), clock.clone());
            Box::new(move || Faulty::open(&script, clock.clone()).map(|c| Box::new(c) as _))
        };
        let script = Script::new(vec![Act::OpeningFails(1), Act::Frames(1)]);
        assert!(Reopening::open(opener(&script, &clock), clock.clone()).is_err());
        let script = Script::new(vec![Act::Frames(1)]);
        let mut camera = Reopening::patient(opener(&script, &clock), clock.clone());
        assert_eq!(
            camera.next(&mut Frame::new(), Duration::ZERO).unwrap(),
            Next::Frame
        );
    }
}
