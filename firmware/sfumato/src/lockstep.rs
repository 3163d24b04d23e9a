//! Frame by frame: every camera frame yields exactly one shown frame, in order.
//!
//! For clips that are not paced. Nothing depends on how fast the machine is: the portrait moves by
//! the clip's own time stamps, one thread does everything, and the same input gives the same
//! bytes. Faults that a live show survives end a measurement.

use crate::fence::fenced;
use crate::ledger::Stage;
use crate::log::say;
use crate::outcome::{Limits, Outcome, ShowError};
use crate::perceive::Perceive;
use crate::report::Diary;
use crate::show::Show;
use sfumato_camera::{Camera, Frame, Next};
use sfumato_core::face::Faces;
use sfumato_core::time::{Clock, Micros};
use sfumato_screen::{Presented, Screen};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// How long one wait may take before the wish to stop is looked at again.
const PATIENCE: Duration = Duration::from_millis(500);

/// How often somebody who waits is told how far it is.
const TELL: Micros = Micros::from_secs(5);

/// What a run is made of.
pub struct Parts<'a> {
    /// Hands out every frame, in order.
    pub camera: &'a mut dyn Camera,
    /// Finds faces.
    pub perception: &'a mut dyn Perceive,
    /// The painting.
    pub show: &'a mut Show,
    /// Where it is shown.
    pub screen: &'a mut dyn Screen,
    /// Measures how long things take; decides nothing.
    pub clock: &'a dyn Clock,
}

impl std::fmt::Debug for Parts<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Parts")
            .field("camera", &self.camera.description())
            .field("screen", &self.screen.description())
            .finish_non_exhaustive()
    }
}

/// Runs the clip to its end, to a limit, or until `stop`.
pub fn run(
    parts: Parts<'_>,
    limits: Limits,
    diary: Diary,
    stop: &AtomicBool,
) -> Result<Outcome, ShowError> {
    let Parts {
        camera,
        perception,
        show,
        screen,
        clock,
    } = parts;
    let mut outcome = Outcome {
        diary,
        ..Outcome::default()
    };
    let mut frame = Frame::new();
    let mut faces = Box::new(Faces::default());
    let started = clock.now();
    let mut told = started;
    let mut first = None;
    while !stop.load(Ordering::Relaxed) {
        let next = outcome.ledger.measure(Stage::Camera, || {
            fenced(|| camera.next(&mut frame, PATIENCE))
        })??;
        match next {
            Next::Frame => {}
            Next::TimedOut | Next::Absent => continue,
            Next::Ended => break,
        }
        let arrived = clock.now();
        let begin = *first.get_or_insert(frame.captured);
        if limits.reached(outcome.frames.shown, begin.until(frame.captured).0) {
            break;
        }
        outcome.frames.arrived += 1;
        outcome.ledger.measure(Stage::Perception, || {
            fenced(|| perception.see(frame.pixels(), frame.captured, &mut faces))
        })??;
        outcome.diary.faces(faces.faces.len());
        show.observe(&mut faces, &mut outcome.ledger);
        if let Some(set_up) = show.set_up() {
            set_up.copy_picture(&frame);
        }
        let shown = show.draw(
            frame.captured,
            screen,
            &mut outcome.ledger,
            &mut outcome.faults,
        )?;
        present(screen, &mut outcome, clock, stop, arrived)?;
        outcome.diary.shown(shown);
        outcome.frames.shown += 1;
        let now = clock.now();
        if told.until(now) >= TELL {
            told = now;
            say!("{} frames so far", outcome.frames.shown);
        }
    }
    outcome.frames.dropped = outcome.frames.arrived - outcome.frames.shown;
    outcome.seconds = started.until(clock.now()).0 as f64 / 1e6;
    Ok(outcome)
}

/// Shows the picture; a screen that is slow is waited for, because every frame counts.
fn present(
    screen: &mut dyn Screen,
    outcome: &mut Outcome,
    clock: &dyn Clock,
    stop: &AtomicBool,
    arrived: sfumato_core::time::Moment,
) -> Result<(), ShowError> {
    while !stop.load(Ordering::Relaxed) {
        let presented = outcome
            .ledger
            .measure(Stage::Screen, || fenced(|| screen.present(PATIENCE)))??;
        match presented {
            Presented::Flipped(_) => {
                let latency = arrived.until(clock.now());
                outcome.latency.add(Duration::from_micros(latency.0));
                return Ok(());
            }
            Presented::Asleep(_) => {}
            Presented::TimedOut => outcome.faults.screen += 1,
        }
    }
    Ok(())
}
