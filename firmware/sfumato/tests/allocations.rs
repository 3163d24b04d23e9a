//! Once warm, the frame loop allocates nothing: not frame by frame, not live.
//!
//! Most tests play the perception by a script; one looks with the real networks, where they are there.

// A test fails by panicking; the lint is for the device.
#![allow(clippy::unwrap_used)]

mod common;

use common::{Look, ScriptedGenerator, ScriptedPerception, ScriptedScreen, Slow, show};
use sfumato::controls::Controls;
use sfumato::counting::{Allocations, CountingAllocator};
use sfumato::health::{Herald, Judge};
use sfumato::ledger::{Ledger, Stage};
use sfumato::outcome::Limits;
use sfumato::perceive::Perceive;
use sfumato::pulse::Pulse;
use sfumato::report::Diary;
use sfumato::{live, lockstep};
use sfumato_camera::{Act, CameraUri, Faulty, Script, SystemClock};
use sfumato_core::time::Moment;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator;

fn assert_none(ledger: &Ledger, least_runs: u64) {
    for stage in Stage::ALL {
        let entry = ledger.entry(stage);
        assert!(
            entry.warm_runs >= least_runs,
            "{stage:?} ran {} times",
            entry.warm_runs
        );
        assert_eq!(
            (entry.allocations, entry.engine_allocations),
            (0, 0),
            "{stage:?} or its engine allocated in {} warm runs",
            entry.warm_runs
        );
    }
}

#[test]
fn the_counter_counts() {
    let before = Allocations::now();
    let kept = std::hint::black_box(vec![1_u8; 100]);
    let counted = Allocations::now().since(before);
    assert_eq!((counted.ours, counted.engine), (1, 0));
    drop(kept);
}

#[test]
fn frame_by_frame_nothing_is_allocated() {
    let clock = Arc::new(SystemClock::new());
    let uri: CameraUri = "synthetic:?pace=off&size=160x120".parse().unwrap();
    let mut camera = sfumato_camera::open(&uri, clock.clone()).unwrap();
    let mut screen = ScriptedScreen::new((96, 128), clock.clone(), Duration::ZERO, &[]);
    let mut show = show(vec![Box::new(ScriptedGenerator::good())], &screen);
    let outcome = lockstep::run(
        lockstep::Parts {
            camera: camera.as_mut(),
            perception: &mut ScriptedPerception::new(&[Look::Face]),
            show: &mut show,
            screen: &mut screen,
            clock: clock.as_ref(),
        },
        Limits {
            frames: Some(150),
            seconds: None,
        },
        Diary::with_room_for(150),
        &AtomicBool::new(false),
    )
    .unwrap();
    assert_none(&outcome.ledger, 100);
}

#[test]
fn the_real_perception_allocates_nothing() {
    let mut perception = match sfumato::perception::load() {
        Ok(perception) => perception,
        Err(error) => {
            eprintln!("SKIPPED: {error}");
            return;
        }
    };
    for (network, engine) in perception.engines() {
        let engine = engine.as_str().unwrap();
        assert!(engine.starts_with("sfumato "), "{network}: {engine}");
    }
    let clock = Arc::new(SystemClock::new());
    let uri: CameraUri = "synthetic:?pace=off&size=320x240".parse().unwrap();
    let mut camera = sfumato_camera::open(&uri, clock.clone()).unwrap();
    let mut screen = ScriptedScreen::new((96, 128), clock.clone(), Duration::ZERO, &[]);
    let mut show = show(vec![Box::new(ScriptedGenerator::good())], &screen);
    let outcome = lockstep::run(
        lockstep::Parts {
            camera: camera.as_mut(),
            perception: &mut perception,
            show: &mut show,
            screen: &mut screen,
            clock: clock.as_ref(),
        },
        Limits {
            frames: Some(150),
            seconds: None,
        },
        Diary::with_room_for(150),
        &AtomicBool::new(false),
    )
    .unwrap();
    assert_none(&outcome.ledger, 100);
    // Somebody was there to be followed.
    let found = outcome.diary.faces_found();
    assert!(
        found.iter().filter(|&&count| count == 1).count() > 100,
        "{found:?}"
    );
}

#[test]
fn live_nothing_is_allocated() {
    let clock = Arc::new(SystemClock::new());
    let script = Script::new(vec![Act::Frames(400), Act::End]);
    let pace = Duration::from_millis(10);
    let mut screen = ScriptedScreen::new((96, 128), clock.clone(), pace, &[]);
    let mut show = show(vec![Box::new(ScriptedGenerator::good())], &screen);
    let outcome = live::run(live::Parts {
        open_camera: &mut || {
            Faulty::open(&script, clock.clone()).map(|camera| Box::new(Slow(camera)) as Box<_>)
        },
        perception: &mut ScriptedPerception::new(&[Look::Face]) as &mut dyn Perceive,
        show: &mut show,
        screen: &mut screen,
        clock: clock.as_ref(),
        pulse: &Pulse::default(),
        controls: &Controls::default(),
        display: &sfumato::display::Line::default(),
        beside: Vec::new(),
        limits: Limits::default(),
        diary: Diary::with_room_for(1_000),
        stop: &AtomicBool::new(false),
        watchdog: None,
        herald: &mut Herald::new(Judge::new(true, Moment(0)), None),
        stuck: &|| panic!("the render thread was taken for stuck"),
    })
    .unwrap();
    assert_none(&outcome.ledger, 1);
}
