//! Live: threads, mailboxes of one, and pictures at the display's beat.
//!
//! ```text
//! camera thread --frames--> perception thread --faces--> render (the calling thread) --> screen
//! ```
//!
//! The camera thread opens the camera and opens it again for as long as the show lasts. The
//! perception thread looks at the newest frame. The render thread draws for the moment its picture
//! will be seen, with or without news. Each can fail without ending the show: without camera or
//! faces the portrait lives by itself, without display it goes on looking for one.

use crate::civil;
use crate::controls::Controls;
use crate::display::{Display, Line};
use crate::fence::fenced;
use crate::health::Herald;
use crate::ledger::{Ledger, Stage, Times};
use crate::log::say;
use crate::mailbox::{Mailbox, Taken};
use crate::outcome::{Limits, Outcome, ShowError};
use crate::perceive::Perceive;
use crate::pulse::Pulse;
use crate::report::{Diary, Faults};
use crate::show::Show;
use crate::supervisor;
use crate::watchdog::Watchdog;
use sfumato_camera::light::Meter;
use sfumato_camera::{Backoff, Camera, CameraError, Counters, Frame, Mains, MainsAnswer, Next};
use sfumato_core::face::Faces;
use sfumato_core::time::{Clock, Micros, Moment};
use sfumato_screen::{Presented, Screen, ScreenError};
use sfumato_settings::Settings;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// How long a wait may last before the wish to stop is looked at again.
const PATIENCE: Duration = Duration::from_millis(200);

/// How often the clock on the wall is looked at.
const LOOK: Micros = Micros::from_secs(1);

/// Pause between looks for a display that is away.
const REPROBE: Duration = Duration::from_millis(500);

/// The beat of a screen that has none of its own.
const OWN_BEAT: Micros = Micros(16_667);

/// Opens the camera, again and again if need be.
pub type OpenCamera<'a> = dyn FnMut() -> Result<Box<dyn Camera>, CameraError> + Send + 'a;

/// Something that runs beside the show, until what it is given says that the show is over.
pub type Beside<'a> = dyn FnMut(&dyn Fn() -> bool) + Send + 'a;

/// What a live show is made of.
pub struct Parts<'a> {
    /// Opens the camera.
    pub open_camera: &'a mut OpenCamera<'a>,
    /// Finds faces.
    pub perception: &'a mut dyn Perceive,
    /// The painting.
    pub show: &'a mut Show,
    /// Where it is shown.
    pub screen: &'a mut dyn Screen,
    /// The clock that stamps frames and flips.
    pub clock: &'a (dyn Clock + Sync),
    /// When to end.
    pub limits: Limits,
    /// Room for what happens.
    pub diary: Diary,
    /// Ends the show when set.
    pub stop: &'a AtomicBool,
    /// Signs of life, for whoever watches.
    pub pulse: &'a Pulse,
    /// What may be asked of the show while it runs.
    pub controls: &'a Controls,
    /// The display's own switch.
    pub display: &'a Line,
    /// What else runs until the show is over: it is told how to find out.
    pub beside: Vec<&'a mut Beside<'a>>,
    /// The board's own watchdog, where it is used.
    pub watchdog: Option<&'a Watchdog>,
    /// Tells whether this version of the program is healthy.
    pub herald: &'a mut Herald,
    /// What is called when the render thread is stuck.
    pub stuck: &'a (dyn Fn() + Sync),
}

impl std::fmt::Debug for Parts<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Parts")
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

/// What the threads share.
struct Shared<'a> {
    frames: Mailbox<Frame>,
    faces: Mailbox<Box<Faces>>,
    /// Frames that were looked at, for whoever sets the work up.
    pictures: Option<Mailbox<Frame>>,
    pulse: &'a Pulse,
    controls: &'a Controls,
    clock: &'a (dyn Clock + Sync),
    stop: &'a AtomicBool,
    /// Set when the show is over for whatever reason, so that every thread ends.
    over: AtomicBool,
}

impl Shared<'_> {
    fn ending(&self) -> bool {
        self.stop.load(Ordering::Relaxed) || self.over.load(Ordering::Relaxed)
    }

    /// Sleeps in short pieces so that an end is noticed.
    fn sleep(&self, length: Duration) {
        let mut left = length;
        while !left.is_zero() && !self.ending() {
            let piece = left.min(Duration::from_millis(50));
            std::thread::sleep(piece);
            left -= piece;
        }
    }
}

/// What a thread leaves behind.
#[derive(Default)]
struct Leavings {
    ledger: Ledger,
    faults: Faults,
    counters: Counters,
    faces_found: Diary,
    error: Option<CameraError>,
}

/// Runs the show until a limit, the end of the clip, a closed window, or the wish to stop.
pub fn run(parts: Parts<'_>) -> Result<Outcome, ShowError> {
    let shared = Shared {
        frames: Mailbox::new(Frame::new()),
        faces: Mailbox::new(Box::default()),
        pictures: parts.show.set_up().map(|_| Mailbox::new(Frame::new())),
        pulse: parts.pulse,
        controls: parts.controls,
        clock: parts.clock,
        stop: parts.stop,
        over: AtomicBool::new(false),
    };
    let shared = &shared;
    let Parts {
        open_camera,
        perception,
        show,
        screen,
        limits,
        diary,
        stuck,
        watchdog,
        herald,
        display,
        beside,
        ..
    } = parts;
    let room = diary.room();
    let started = shared.clock.now();
    let mut outcome = Outcome {
        diary,
        ..Outcome::default()
    };
    let (rendered, camera, perceived) = std::thread::scope(|scope| {
        let camera = scope.spawn(move || capture(open_camera, shared));
        let perception = scope.spawn(move || perceive(perception, room, shared));
        let supervisor = scope.spawn(move || {
            let over = &shared.over;
            supervisor::watch(shared.pulse, shared.clock, over, watchdog, herald, stuck);
        });
        let beside: Vec<_> = beside
            .into_iter()
            .map(|beside| scope.spawn(move || beside(&|| shared.ending())))
            .collect();
        let rendered = Render::new(show, screen, display, shared).run(limits, &mut outcome);
        shared.over.store(true, Ordering::Relaxed);
        supervisor.thread().unpark();
        for beside in beside {
            // What panicked there is fenced there.
            let _ = beside.join();
        }
        let camera = camera.join().unwrap_or_default();
        let perceived = perception.join().unwrap_or_default();
        (rendered, camera, perceived)
    });
    outcome.seconds = started.until(shared.clock.now()).0 as f64 / 1e6;
    outcome.ledger.merge(&camera.ledger);
    outcome.ledger.merge(&perceived.ledger);
    outcome.diary.take_faces(perceived.faces_found);
    outcome.frames.arrived = shared.frames.sent();
    outcome.frames.dropped = camera.counters.skipped
        + camera.counters.dropped
        + camera.counters.corrupt
        + shared.frames.overtaken()
        + shared.faces.overtaken();
    outcome.faults.camera = camera.faults.camera + camera.counters.lost;
    outcome.faults.perception = perceived.faults.perception;
    outcome.faults.panics += camera.faults.panics + perceived.faults.panics;
    rendered?;
    match camera.error {
        Some(error) => Err(error.into()),
        None => Ok(outcome),
    }
}

/// The camera thread: newest frames into the mailbox, whatever happens to the camera.
fn capture(open: &mut OpenCamera<'_>, shared: &Shared<'_>) -> Leavings {
    let mut left = Leavings::default();
    let mut backoff = Backoff::default();
    let mut meter = Meter::new();
    while !shared.ending() {
        match fenced(&mut *open) {
            Ok(Ok(mut camera)) => {
                backoff.succeeded();
                let ended = pump(camera.as_mut(), &mut meter, shared, &mut left);
                left.counters = left.counters.plus(camera.counters());
                // Drivers' bindings may panic when they are closed, too.
                if fenced(move || drop(camera)).is_err() {
                    left.faults.panics += 1;
                }
                if ended || left.error.is_some() {
                    break;
                }
            }
            Ok(Err(error)) if error.may_recover() => left.faults.camera += 1,
            Ok(Err(error)) => {
                left.error = Some(error);
                break;
            }
            Err(_) => left.faults.panics += 1,
        }
        shared.pulse.camera_away.store(true, Ordering::Relaxed);
        shared.pulse.count_camera_fault();
        let now = shared.clock.now();
        backoff.failed(now);
        shared.sleep(Duration::from_micros(now.until(backoff.due()).0));
    }
    shared.frames.close();
    left
}

/// Hands on frames until the camera fails; true when there will be no more.
fn pump(
    camera: &mut dyn Camera,
    meter: &mut Meter,
    shared: &Shared<'_>,
    left: &mut Leavings,
) -> bool {
    let mut frame = Frame::new();
    let mut mains = shared.controls.mains();
    while !shared.ending() {
        let next = left.ledger.measure(Stage::Camera, || {
            fenced(|| camera.next(&mut frame, PATIENCE))
        });
        attend(camera, &next, &frame, meter, &mut mains, shared);
        match next {
            Ok(Ok(Next::Frame)) => {
                shared.pulse.camera_frames.fetch_add(1, Ordering::Relaxed);
                shared.pulse.camera_away.store(false, Ordering::Relaxed);
                shared.frames.send(&mut frame);
            }
            Ok(Ok(Next::TimedOut)) => {}
            Ok(Ok(Next::Absent)) => shared.pulse.camera_away.store(true, Ordering::Relaxed),
            Ok(Ok(Next::Ended)) => return true,
            Ok(Err(error)) => {
                left.faults.camera += 1;
                if !error.may_recover() {
                    left.error = Some(error);
                }
                return false;
            }
            Err(_) => {
                left.faults.panics += 1;
                return false;
            }
        }
    }
    true
}

/// Beside frames: how light the room is, and what the camera is to do about lamps.
fn attend<P>(
    camera: &mut dyn Camera,
    next: &Result<Result<Next, CameraError>, P>,
    frame: &Frame,
    meter: &mut Meter,
    mains: &mut Option<Mains>,
    shared: &Shared<'_>,
) {
    let (controls, pulse) = (shared.controls, shared.pulse);
    let counters = camera.counters();
    let lost = counters.skipped + counters.dropped + counters.corrupt;
    pulse
        .camera_lost
        .store(lost + shared.frames.overtaken(), Ordering::Relaxed);
    let wanted = controls.mains();
    if *mains != wanted {
        *mains = wanted;
        let answer = wanted.map(|wanted| fenced(|| wanted.ask(camera)));
        if let Some(Ok(MainsAnswer::Refused)) = answer {
            say!("the camera does nothing against flickering lamps; room.mains is not in force");
        }
    }
    if let (true, Ok(Ok(next))) = (controls.measures_light(), next)
        && fenced(|| meter.observe(camera, *next, frame)).is_ok()
    {
        controls.room_level.store(meter.level(), Ordering::Relaxed);
        let lux = meter.seen().map_or(0, |seen| seen.lux);
        pulse.lux.store(lux, Ordering::Relaxed);
    }
}

/// The perception thread: faces of the newest frame into the mailbox.
fn perceive(perception: &mut dyn Perceive, room: usize, shared: &Shared<'_>) -> Leavings {
    let mut left = Leavings {
        faces_found: Diary::with_room_for(room),
        ..Leavings::default()
    };
    let mut frame = Frame::new();
    let mut faces: Box<Faces> = Box::default();
    while !shared.ending() {
        match shared.frames.take(&mut frame, PATIENCE) {
            Taken::Fresh => {}
            Taken::TimedOut => continue,
            Taken::Closed => break,
        }
        let seen = left.ledger.measure(Stage::Perception, || {
            fenced(|| perception.see(frame.pixels(), frame.captured, &mut faces))
        });
        match seen {
            Ok(Ok(())) => {
                let count = faces.faces.len();
                left.faces_found.faces(count);
                shared.pulse.perceived.fetch_add(1, Ordering::Relaxed);
                shared.pulse.faces.store(count as u64, Ordering::Relaxed);
                shared.faces.send(&mut faces);
                if let Some(pictures) = &shared.pictures {
                    pictures.send(&mut frame);
                }
            }
            Ok(Err(_)) => {
                left.faults.perception += 1;
                shared.pulse.count_perception_fault();
            }
            Err(_) => left.faults.panics += 1,
        }
    }
    shared.faces.close();
    left
}

/// The render thread's part.
struct Render<'a> {
    show: &'a mut Show,
    screen: &'a mut dyn Screen,
    shared: &'a Shared<'a>,
    last_flip: Option<Moment>,
    /// When the clock on the wall was looked at.
    looked: Option<Moment>,
    /// When the screen was looked at.
    screen_looked: Option<Moment>,
    /// How long drawing takes, as a slow average.
    work: Micros,
    display: Display<'a>,
}

impl<'a> Render<'a> {
    fn new(
        show: &'a mut Show,
        screen: &'a mut dyn Screen,
        line: &'a Line,
        shared: &'a Shared<'a>,
    ) -> Self {
        Render {
            show,
            screen,
            shared,
            last_flip: None,
            looked: None,
            screen_looked: None,
            work: Micros(4_000),
            display: Display::new(line),
        }
    }

    fn run(&mut self, limits: Limits, outcome: &mut Outcome) -> Result<(), ShowError> {
        let shared = self.shared;
        let mut faces: Box<Faces> = Box::default();
        let mut picture = Frame::new();
        let mut settings = Box::default();
        let started = shared.clock.now();
        while !shared.ending() {
            shared.pulse.rounds.fetch_add(1, Ordering::Relaxed);
            let now = shared.clock.now();
            if limits.reached(outcome.frames.shown, started.until(now).0) {
                break;
            }
            self.take_wishes(now, &mut settings);
            self.switch_display(now);
            let news = match shared.faces.try_take(&mut faces) {
                Taken::Fresh => {
                    let captured = faces.captured;
                    self.show.observe(&mut faces, &mut outcome.ledger);
                    shared.pulse.set_visitors(self.show.visitors());
                    Some(captured)
                }
                Taken::TimedOut => None,
                Taken::Closed => break,
            };
            if let (Some(pictures), Some(set_up)) = (&shared.pictures, self.show.set_up())
                && pictures.try_take(&mut picture) == Taken::Fresh
            {
                set_up.take_picture(&mut picture);
            }
            let round = match self.look_at_screen(now) {
                Ok(()) => self.round(now, news, outcome),
                Err(error) => Err(error),
            };
            match round {
                Ok(()) => {}
                Err(ScreenError::Closed) => break,
                Err(error) if error.may_recover() => self.find_screen(outcome),
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// Looks once a second whether the display is still there, and the same: without it flips go on unseen.
    fn look_at_screen(&mut self, now: Moment) -> Result<(), ScreenError> {
        if self
            .screen_looked
            .is_some_and(|looked| looked.until(now) < LOOK)
        {
            return Ok(());
        }
        self.screen_looked = Some(now);
        if self.screen.reprobe()? {
            self.show.distrust_buffers();
        }
        Ok(())
    }

    /// Takes in what was asked for since the last picture, and looks at the clock on the wall once a second.
    fn take_wishes(&mut self, now: Moment, settings: &mut Box<Settings>) {
        let controls = self.shared.controls;
        if controls.settings.try_take(settings) == Taken::Fresh {
            self.show.change(settings);
            self.looked = None;
        }
        let pattern = controls.test_pattern.load(Ordering::Relaxed);
        self.show.set_test_pattern(pattern);
        let pulse = self.shared.pulse;
        let level = controls.room_level.load(Ordering::Relaxed);
        self.show.set_room_level(level);
        let away = pulse.camera_away.load(Ordering::Relaxed);
        self.show
            .set_camera(!away && pulse.camera_frames.load(Ordering::Relaxed) > 0);
        if self.looked.is_none_or(|looked| looked.until(now) >= LOOK) {
            let local = civil::now(self.show.settings().time_zone());
            self.show
                .look_at_the_clock(local.as_ref().and_then(civil::local));
            self.looked = Some(now);
            pulse.open.store(self.show.is_open(), Ordering::Relaxed);
        }
    }

    /// Puts the display to sleep when the picture has gone black, and wakes it when it shall be seen.
    fn switch_display(&mut self, now: Moment) {
        let (asleep, by) = (self.show.is_dark(), self.show.settings().display_power());
        if self.display.follow(asleep, by, now, self.screen) {
            self.show.distrust_buffers();
        }
        let dark = self.display.is_dark();
        self.shared
            .pulse
            .screen_asleep
            .store(dark, Ordering::Relaxed);
    }

    /// Draws and shows one picture.
    fn round(
        &mut self,
        now: Moment,
        news: Option<Moment>,
        outcome: &mut Outcome,
    ) -> Result<(), ScreenError> {
        let seen_at = self.seen_at(now);
        let shown = self.show.draw(
            seen_at,
            self.screen,
            &mut outcome.ledger,
            &mut outcome.faults,
        )?;
        self.remember_work(now.until(self.shared.clock.now()));
        self.keep_own_beat();
        let screen = &mut *self.screen;
        let presented = outcome
            .ledger
            .measure(Stage::Screen, || screen.present(PATIENCE))?;
        match presented {
            Presented::Flipped(flip) => {
                self.last_flip = Some(flip.at);
                let pulse = self.shared.pulse;
                if let Some(captured) = news {
                    let latency = captured.until(flip.at);
                    add(&mut outcome.latency, latency);
                    pulse.add_latency(latency);
                }
                pulse.flips.fetch_add(1, Ordering::Relaxed);
                pulse.set_level(shown.level);
                outcome.frames.shown += 1;
                outcome.diary.shown(shown);
            }
            Presented::Asleep(at) => self.last_flip = Some(at),
            Presented::TimedOut => {
                outcome.faults.screen += 1;
                self.show.distrust_buffers();
            }
        }
        let pulse = self.shared.pulse;
        pulse.set_state(shown.state);
        let brightness = u32::from(self.show.brightness());
        pulse.brightness.store(brightness, Ordering::Relaxed);
        pulse.set_render_faults(&outcome.faults);
        Ok(())
    }

    /// Length of a beat, if the screen has one.
    fn beat(&self) -> Option<Micros> {
        let rate = u64::from(self.screen.mode().refresh_millihertz);
        1_000_000_000_u64.checked_div(rate).map(Micros)
    }

    /// When a picture begun now will be seen.
    fn seen_at(&self, now: Moment) -> Moment {
        let ready = now + self.work;
        match (self.last_flip, self.beat()) {
            (Some(last), Some(beat)) if beat.0 > 0 => {
                let beats = last.until(ready).0.div_ceil(beat.0).max(1);
                last + Micros(beats * beat.0)
            }
            (Some(last), None) => ready.max(last + OWN_BEAT),
            _ => ready,
        }
    }

    fn remember_work(&mut self, took: Micros) {
        self.work = Micros((self.work.0 * 7 + took.0) / 8);
    }

    /// A screen without a beat would have us draw without pause: wait for our own.
    fn keep_own_beat(&self) {
        if let (Some(last), None) = (self.last_flip, self.beat()) {
            let wait = self.shared.clock.now().until(last + OWN_BEAT);
            if wait.0 > 0 {
                std::thread::sleep(Duration::from_micros(wait.0));
            }
        }
    }

    /// Looks for the display until it is there again or the show is over.
    fn find_screen(&mut self, outcome: &mut Outcome) {
        outcome.faults.screen += 1;
        let pulse = self.shared.pulse;
        pulse.screen_away.store(true, Ordering::Relaxed);
        self.last_flip = None;
        self.show.distrust_buffers();
        let mut settings = Box::default();
        while !self.shared.ending() {
            pulse.rounds.fetch_add(1, Ordering::Relaxed);
            // Opening hours go on: one that sleeps by its own switch may look as if it were away until it is woken.
            let now = self.shared.clock.now();
            self.take_wishes(now, &mut settings);
            self.show.live_on(now);
            self.switch_display(now);
            if let Ok(Ok(_)) = fenced(|| self.screen.reprobe()) {
                break;
            }
            self.shared.sleep(REPROBE);
        }
        pulse.screen_away.store(false, Ordering::Relaxed);
    }
}

fn add(times: &mut Times, time: Micros) {
    times.add(Duration::from_micros(time.0));
}
