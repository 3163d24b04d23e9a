//! The runtime with scripted cameras, faces, generators and screens.

// A test fails by panicking; the lint is for the device.
#![allow(clippy::unwrap_used)]

mod common;

use common::{Flipping, Look, ScriptedGenerator, ScriptedPerception, ScriptedScreen, Slow, show};
use sfumato::controls::Controls;
use sfumato::health::{Herald, Judge};
use sfumato::live;
use sfumato::lockstep;
use sfumato::outcome::{Limits, Outcome, ShowError};
use sfumato::perceive::Perceive;
use sfumato::pulse::Pulse;
use sfumato::report::Diary;
use sfumato_camera::{
    Act, Camera, CameraError, Counters, Description, Faulty, Frame, Next, Script, SystemClock,
};
use sfumato_core::health::Level;
use sfumato_core::time::Moment;
use sfumato_generator::Generator;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

const SIZE: (usize, usize) = (96, 128);

fn good() -> Vec<Box<dyn Generator>> {
    vec![Box::new(ScriptedGenerator::good())]
}

/// A clip of so many frames, 40 ms apart, that is not paced.
struct Clip {
    frames: u64,
    next: u64,
}

impl Camera for Clip {
    fn next(&mut self, frame: &mut Frame, _timeout: Duration) -> Result<Next, CameraError> {
        if self.next == self.frames {
            return Ok(Next::Ended);
        }
        frame.resize(320, 240);
        frame.captured = Moment(self.next * 40_000);
        frame.sequence = self.next;
        self.next += 1;
        Ok(Next::Frame)
    }

    fn description(&self) -> Description {
        Description::default()
    }

    fn counters(&self) -> Counters {
        Counters::default()
    }
}

struct Stepped {
    outcome: Outcome,
    shown: Vec<u64>,
}

fn step(
    frames: u64,
    looks: &[Look],
    generators: Vec<Box<dyn Generator>>,
    flips: &[Flipping],
    limits: Limits,
) -> Result<Stepped, ShowError> {
    let clock = Arc::new(SystemClock::new());
    let mut screen = ScriptedScreen::new(SIZE, clock.clone(), Duration::ZERO, flips);
    let mut show = show(generators, &screen);
    let outcome = lockstep::run(
        lockstep::Parts {
            camera: &mut Clip { frames, next: 0 },
            perception: &mut ScriptedPerception::new(looks),
            show: &mut show,
            screen: &mut screen,
            clock: clock.as_ref(),
        },
        limits,
        Diary::with_room_for(1_000),
        &AtomicBool::new(false),
    )?;
    Ok(Stepped {
        outcome,
        shown: screen.shown,
    })
}

#[test]
fn every_frame_of_a_clip_is_shown_once_in_order_and_the_same_each_time() {
    let run = || step(120, &[Look::Face], good(), &[], Limits::default()).unwrap();
    let once = run();
    assert_eq!(once.shown.len(), 120);
    assert_eq!(once.outcome.frames.arrived, 120);
    assert_eq!(once.outcome.frames.shown, 120);
    assert_eq!(once.outcome.frames.dropped, 0);
    let moments: Vec<u64> = once
        .outcome
        .diary
        .frames()
        .iter()
        .map(|f| f.moment.0)
        .collect();
    let expected: Vec<u64> = (0..120).map(|index| index * 40_000).collect();
    assert_eq!(moments, expected);
    assert_eq!(once.outcome.diary.faces_found(), [1; 120]);
    let distinct: std::collections::BTreeSet<u64> = once.shown.iter().copied().collect();
    assert!(
        distinct.len() > 20,
        "the portrait hardly moves: {}",
        distinct.len()
    );
    assert_eq!(once.shown, run().shown);
}

#[test]
fn limits_and_slow_screens_are_kept_to() {
    let frames = Limits {
        frames: Some(7),
        seconds: None,
    };
    let stepped = step(50, &[Look::Nobody], good(), &[], frames).unwrap();
    assert_eq!(stepped.shown.len(), 7);
    let seconds = Limits {
        frames: None,
        seconds: Some(0.4),
    };
    let stepped = step(50, &[Look::Nobody], good(), &[], seconds).unwrap();
    assert_eq!(stepped.shown.len(), 10);
    let slow = [Flipping::TimesOut, Flipping::Works, Flipping::TimesOut];
    let stepped = step(5, &[Look::Nobody], good(), &slow, Limits::default()).unwrap();
    assert_eq!(stepped.shown.len(), 5);
    assert_eq!(stepped.outcome.faults.screen, 2);
}

#[test]
fn a_measurement_does_not_go_on_without_a_frame() {
    for (look, word) in [
        (Look::Fail, "perception: scripted"),
        (Look::Panic, "standard error"),
    ] {
        let error = step(9, &[Look::Face, look], good(), &[], Limits::default())
            .err()
            .unwrap();
        assert!(error.to_string().contains(word), "{error}");
    }
}

#[test]
fn a_generator_that_fails_gives_way_to_the_next_and_in_the_end_to_the_painting() {
    let levels = |generators: Vec<Box<dyn Generator>>| {
        let stepped = step(3, &[Look::Nobody], generators, &[], Limits::default()).unwrap();
        let levels: Vec<Level> = stepped
            .outcome
            .diary
            .frames()
            .iter()
            .map(|f| f.level)
            .collect();
        (levels, stepped)
    };
    for panics in [false, true] {
        let (rig, _) = levels(vec![
            Box::new(ScriptedGenerator::broken(panics)),
            Box::new(ScriptedGenerator::good()),
        ]);
        assert_eq!(rig, [Level::RigOnly; 3]);
        let (still, stepped) = levels(vec![Box::new(ScriptedGenerator::broken(panics))]);
        assert_eq!(still, [Level::Still; 3]);
        let painting = common::hash(common::portrait().painting.pixels());
        assert_eq!(stepped.shown, [painting; 3]);
    }
    let (idle, _) = levels(good());
    assert_eq!(idle, [Level::Idle; 3]);
}

struct Live {
    outcome: Result<Outcome, ShowError>,
    shown: Vec<u64>,
    openings: u32,
}

/// A live show of so many pictures on a screen of 100 Hz.
fn live(
    acts: Vec<Act>,
    looks: &[Look],
    generators: Vec<Box<dyn Generator>>,
    flips: &[Flipping],
    limits: Limits,
    stop: &AtomicBool,
) -> Live {
    let clock = Arc::new(SystemClock::new());
    let pace = Duration::from_millis(10);
    let mut screen = ScriptedScreen::new(SIZE, clock.clone(), pace, flips);
    let mut show = show(generators, &screen);
    let script = Script::new(acts);
    let outcome = live::run(live::Parts {
        open_camera: &mut || {
            Faulty::open(&script, clock.clone()).map(|camera| Box::new(Slow(camera)) as Box<_>)
        },
        perception: &mut ScriptedPerception::new(looks) as &mut dyn Perceive,
        show: &mut show,
        screen: &mut screen,
        clock: clock.as_ref(),
        pulse: &Pulse::default(),
        controls: &Controls::default(),
        display: &sfumato::display::Line::default(),
        beside: Vec::new(),
        limits,
        diary: Diary::with_room_for(1_000),
        stop,
        watchdog: None,
        herald: &mut Herald::new(Judge::new(true, Moment(0)), None),
        stuck: &|| panic!("the render thread was taken for stuck"),
    });
    Live {
        outcome,
        shown: screen.shown,
        openings: script.openings(),
    }
}

fn pictures(count: u64) -> Limits {
    Limits {
        frames: Some(count),
        seconds: None,
    }
}

static RUNNING: AtomicBool = AtomicBool::new(false);

#[test]
fn a_live_show_answers_and_reports() {
    let live = live(
        vec![Act::Frames(10_000)],
        &[Look::Face],
        good(),
        &[],
        pictures(150),
        &RUNNING,
    );
    let outcome = live.outcome.unwrap();
    assert_eq!((live.shown.len(), outcome.frames.shown), (150, 150));
    assert!(outcome.frames.arrived > 50);
    assert!(outcome.latency.summary().count > 30);
    let last = outcome.diary.frames().last().unwrap();
    assert_eq!(last.level, Level::Living);
    let moments: Vec<Moment> = outcome.diary.frames().iter().map(|f| f.moment).collect();
    assert!(
        moments.windows(2).all(|pair| pair[0] < pair[1]),
        "{moments:?}"
    );
}

#[test]
fn a_camera_that_goes_away_is_found_again_and_the_show_goes_on() {
    let live = live(
        vec![
            Act::Frames(5),
            Act::Gone,
            Act::OpeningFails(1),
            Act::Frames(5),
            Act::Io(5),
            Act::Frames(10_000),
        ],
        &[Look::Face],
        good(),
        &[],
        pictures(150),
        &RUNNING,
    );
    let outcome = live.outcome.unwrap();
    assert_eq!(live.shown.len(), 150);
    assert_eq!(live.openings, 4);
    assert!(outcome.faults.camera >= 3, "{:?}", outcome.faults);
    assert_eq!(outcome.diary.frames().last().unwrap().level, Level::Living);
}

#[test]
fn without_any_camera_the_portrait_lives_by_itself() {
    let live = live(
        vec![Act::OpeningFails(1_000)],
        &[Look::Face],
        good(),
        &[],
        pictures(40),
        &RUNNING,
    );
    let outcome = live.outcome.unwrap();
    assert_eq!(outcome.frames.arrived, 0);
    assert!(
        outcome
            .diary
            .frames()
            .iter()
            .all(|f| f.level == Level::Idle)
    );
}

#[test]
fn perception_that_fails_or_panics_is_survived() {
    let looks = [Look::Face, Look::Fail, Look::Panic, Look::Fail, Look::Face];
    let live = live(
        vec![Act::Frames(10_000)],
        &looks,
        good(),
        &[],
        pictures(100),
        &RUNNING,
    );
    let outcome = live.outcome.unwrap();
    assert_eq!(outcome.faults.perception, 2);
    assert_eq!(outcome.faults.panics, 1);
    assert_eq!(outcome.diary.frames().last().unwrap().level, Level::Living);
}

#[test]
fn a_display_that_is_unplugged_is_found_again_even_with_another_size() {
    let flips = [
        Flipping::Works,
        Flipping::Unplugged(2),
        Flipping::Works,
        Flipping::TimesOut,
        Flipping::Resized(60, 80),
    ];
    let live = live(
        vec![Act::Frames(10_000)],
        &[Look::Nobody],
        good(),
        &flips,
        pictures(12),
        &RUNNING,
    );
    let outcome = live.outcome.unwrap();
    assert_eq!(live.shown.len(), 12);
    assert_eq!(outcome.faults.screen, 3);
    assert_eq!(outcome.faults.compositor, 0);
}

#[test]
fn a_closed_window_ends_the_show_in_order() {
    let flips = [Flipping::Works, Flipping::Works, Flipping::Closed];
    let live = live(
        vec![Act::Frames(10_000)],
        &[Look::Nobody],
        good(),
        &flips,
        Limits::default(),
        &RUNNING,
    );
    assert_eq!(live.outcome.unwrap().frames.shown, 2);
}

#[test]
fn the_end_of_a_clip_ends_the_show() {
    let live = live(
        vec![Act::Frames(20), Act::End],
        &[Look::Face],
        good(),
        &[],
        Limits::default(),
        &RUNNING,
    );
    let outcome = live.outcome.unwrap();
    assert_eq!(outcome.frames.arrived, 20);
}

#[test]
fn the_wish_to_stop_is_heard() {
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            std::thread::sleep(Duration::from_millis(200));
            stop.store(true, Ordering::Relaxed);
        });
        let live = live(
            vec![Act::Frames(100_000)],
            &[Look::Face],
            good(),
            &[],
            Limits::default(),
            &stop,
        );
        assert!(live.outcome.unwrap().frames.shown > 0);
    });
}

#[test]
fn generators_that_panic_do_not_end_a_live_show() {
    let live = live(
        vec![Act::Frames(10_000)],
        &[Look::Nobody],
        vec![Box::new(ScriptedGenerator::broken(true))],
        &[],
        pictures(5),
        &RUNNING,
    );
    let outcome = live.outcome.unwrap();
    assert_eq!(outcome.faults.panics, 1);
    assert!(
        outcome
            .diary
            .frames()
            .iter()
            .all(|f| f.level == Level::Still)
    );
}
