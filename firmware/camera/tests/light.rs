//! Days in a made-up room, through a camera with an automatic exposure.

#![allow(clippy::unwrap_used)] // A test fails by panicking.

use sfumato_camera::light::{Basis, Meter, brightness};
use sfumato_camera::{
    Act, Camera, CameraControls, CameraError, Control, Counters, Description, Faulty, Frame,
    InRoom, Next, Room, Script,
};
use sfumato_core::time::{Clock, Moment};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A grey room, and perhaps somebody before the camera; a frame every half second.
#[derive(Clone, Default)]
struct Scene(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    number: u64,
    /// Share of the picture's columns that a visitor covers, in sixteenths, and the coat's code.
    visitor: (usize, u8),
    away: bool,
    name: String,
}

impl Scene {
    fn visitor(&self, sixteenths: usize, coat: u8) {
        self.0.lock().unwrap().visitor = (sixteenths, coat);
    }

    fn away(&self, away: bool) {
        self.0.lock().unwrap().away = away;
    }
}

impl Camera for Scene {
    fn next(&mut self, frame: &mut Frame, _timeout: Duration) -> Result<Next, CameraError> {
        let mut state = self.0.lock().unwrap();
        state.number += 1;
        if state.away {
            return Ok(Next::Absent);
        }
        frame.resize(16, 12);
        let (columns, coat) = state.visitor;
        for (index, pixel) in frame.bytes_mut().chunks_mut(3).enumerate() {
            pixel.fill(if index % 16 < columns { coat } else { 118 });
        }
        frame.captured = Moment(state.number * 500_000);
        frame.sequence = state.number;
        Ok(Next::Frame)
    }

    fn description(&self) -> Description {
        Description {
            name: self.0.lock().unwrap().name.clone(),
            ..Description::default()
        }
    }

    fn counters(&self) -> Counters {
        Counters::default()
    }
}

/// A meter in a room, and what it went through.
struct Watch {
    scene: Scene,
    room: Room,
    camera: InRoom,
    meter: Meter,
    frame: Frame,
    fastest: u16,
}

impl Watch {
    fn new(lux: f32) -> Watch {
        Watch::with(lux, |camera| camera)
    }

    fn with(lux: f32, make: impl FnOnce(InRoom) -> InRoom) -> Watch {
        let (scene, room) = (Scene::default(), Room::new(lux));
        Watch {
            camera: make(InRoom::new(Box::new(scene.clone()), room.clone())),
            scene,
            room,
            meter: Meter::new(),
            frame: Frame::new(),
            fastest: 0,
        }
    }

    /// Half a second goes by.
    fn pass(&mut self) {
        let before = self.meter.level();
        let next = self.camera.next(&mut self.frame, Duration::ZERO).unwrap();
        self.meter.observe(&mut self.camera, next, &self.frame);
        self.fastest = self.fastest.max(self.meter.level().abs_diff(before));
    }

    /// So many seconds in a light that may change with them; levels, one a second.
    fn seconds(&mut self, seconds: u32, mut lux: impl FnMut(f32) -> f32) -> Vec<u16> {
        let mut levels = Vec::new();
        for second in 0..seconds {
            self.room.set(lux(second as f32));
            self.pass();
            self.pass();
            levels.push(self.meter.level());
        }
        levels
    }
}

/// Level for a light by the fixed scale.
fn expected(lux: f32) -> u16 {
    ((lux.log10() - 1.0) / 2.0 * 1000.0).clamp(0.0, 1000.0) as u16
}

fn turns(levels: &[u16]) -> usize {
    let mut last = 0;
    let mut turns = 0;
    for pair in levels.windows(2) {
        let way = (i32::from(pair[1]) - i32::from(pair[0])).signum();
        if way != 0 && last != 0 && way != last {
            turns += 1;
        }
        if way != 0 {
            last = way;
        }
    }
    turns
}

#[test]
fn the_light_is_seen_through_automatic_exposure() {
    for lux in [12.0, 30.0, 50.0, 100.0, 200.0, 500.0, 900.0] {
        let mut watch = Watch::new(300.0);
        watch.seconds(60, |_| 300.0);
        let levels = watch.seconds(500, |_| lux);
        let (level, expected) = (*levels.last().unwrap(), expected(lux));
        assert!(
            level.abs_diff(expected) <= 70,
            "{lux} lx: {level}, not {expected}"
        );
        let seen = watch.meter.seen().unwrap();
        assert!(
            (0.75..1.33).contains(&(seen.lux as f32 / lux)),
            "{lux} lx: {seen:?}"
        );
    }
}

/// A day: dark, sunrise, a cloud, 40 people, sunset under lamps, lamps out at closing.
#[test]
fn a_day() {
    let hour = 3600;
    let mut watch = Watch::new(0.5);
    let mut day = Vec::new();
    // Night: the lamps are out.
    day.extend(watch.seconds(hour, |_| 0.5));
    assert_eq!(watch.meter.level(), 0);
    // Two hours of sunrise from 5 to 400 lx.
    let sunrise = watch.seconds(2 * hour, |second| 5.0 * 80_f32.powf(second / 7200.0));
    assert_eq!(turns(&sunrise), 0, "only brighter");
    assert!(watch.meter.level().abs_diff(expected(400.0)) <= 80);
    day.extend(sunrise);
    // A cloud for twenty seconds is not followed, one for ten minutes is.
    let before = watch.meter.level();
    let cloud = watch.seconds(20, |_| 60.0);
    let after = watch.seconds(300, |_| 400.0);
    assert!(cloud.iter().chain(&after).all(|level| *level == before));
    watch.seconds(600, |_| 60.0);
    assert!(watch.meter.level().abs_diff(expected(60.0)) <= 60);
    watch.seconds(600, |_| 400.0);
    // 40 people go by, each before the camera for five to twelve seconds: in dark coats that cover
    // most of the picture, some in white ones.
    let before = watch.meter.level();
    let mut crowd = Vec::new();
    for person in 0..40 {
        let coat = if person % 5 == 0 { 235 } else { 25 };
        watch.scene.visitor(12 + person % 4, coat);
        crowd.extend(watch.seconds(5 + (person * 3 % 8) as u32, |_| 400.0));
        watch.scene.visitor(0, 0);
        crowd.extend(watch.seconds(20, |_| 400.0));
    }
    assert!(crowd.iter().all(|level| *level == before), "{crowd:?}");
    day.extend(crowd);
    // Somebody in black stays for a quarter of an hour over half of the picture: the mean is 1.5
    // stops darker (code 71 instead of 118), and that is as far as it goes, once.
    watch.scene.visitor(8, 25);
    let visit = watch.seconds(900, |_| 400.0);
    let most = visit
        .iter()
        .map(|level| level.abs_diff(before))
        .max()
        .unwrap();
    assert!((100..=240).contains(&most), "moved by {most}");
    assert!(turns(&visit) <= 1);
    watch.scene.visitor(0, 0);
    watch.seconds(600, |_| 400.0);
    // Sunset to the lamps' 80 lx, then the lamps go out.
    watch.seconds(2 * hour, |second| 80.0 + 320.0 * (1.0 - second / 7200.0));
    assert!(watch.meter.level().abs_diff(expected(80.0)) <= 80);
    let closing = watch.seconds(600, |_| 0.5);
    let minutes = closing.iter().position(|level| *level == 0).unwrap();
    assert!((60..300).contains(&minutes), "dark after {minutes} s");
    // Half a percent a second at the most, all day: 2.5 in half a second, and rounding.
    assert!(watch.fastest <= 4, "{}", watch.fastest);
    assert_eq!(watch.meter.seen().unwrap().basis, Basis::ExposureAndGain);
}

/// Light that the screen throws on what the camera sees, at `share` of `room` when fully bright.
fn closed_loop(room: f32, share: f32, start: u16, percent: (u8, u8)) -> Vec<u16> {
    let mut watch = Watch::new(room);
    // Into the wanted start by a light from outside.
    let outside = 10_f32.powf(1.0 + 2.0 * f32::from(start) / 1000.0);
    watch.seconds(600, |_| outside);
    let mut levels = Vec::new();
    for _ in 0..3600 {
        let brightness = f32::from(brightness(watch.meter.level(), percent.0, percent.1)) / 1000.0;
        // A display's light grows with the power 2.2 of its code.
        let light = room + room * share * brightness.powf(2.2);
        levels.extend(watch.seconds(1, |_| light));
    }
    assert!(watch.fastest <= 4);
    levels
}

#[test]
fn the_screens_own_light_neither_swings_nor_runs_away() {
    for room in [5.0, 20.0, 50.0, 150.0] {
        for share in [0.0, 0.1, 0.3, 1.0, 3.0, 10.0] {
            let ends = [0, 300, 1000].map(|start| {
                let levels = closed_loop(room, share, start, (20, 100));
                let name = format!("{room} lx, share {share}, from {start}");
                // One way, then rest: at most one turn, where the outside light went.
                assert!(turns(&levels) <= 1, "{name}: {} turns", turns(&levels));
                let rest = &levels[levels.len() / 2..];
                assert!(
                    rest.iter().all(|level| *level == rest[0]),
                    "{name}: no rest"
                );
                // Never further than the screen at its brightest accounts for.
                let most = expected(room * (1.0 + share)) + 70;
                assert!(rest[0] <= most, "{name}: {} > {most}", rest[0]);
                rest[0]
            });
            // A share as large as the room's own light, and the end does not depend on the start
            // by more than the dead bands.
            if share <= 1.0 {
                let spread = ends.iter().max().unwrap() - ends.iter().min().unwrap();
                assert!(spread <= 130, "{room} lx, share {share}: {ends:?}");
            }
        }
    }
}

#[test]
fn a_camera_by_hand_is_followed_by_its_luma() {
    let mut watch = Watch::with(100.0, |mut camera| {
        camera.set(Control::AutoExposure, 1).unwrap();
        camera.set(Control::Exposure, 250).unwrap();
        camera
    });
    watch.seconds(300, |_| 100.0);
    assert!(watch.meter.level().abs_diff(500) <= 60);
    watch.seconds(400, |_| 25.0);
    assert!(watch.meter.level().abs_diff(expected(25.0)) <= 60);
    assert_eq!(watch.meter.seen().unwrap().basis, Basis::Exposure);
}

#[test]
fn a_camera_that_always_says_the_same_is_not_believed() {
    let mut watch = Watch::with(100.0, |camera| camera.saying(3, 64));
    watch.seconds(300, |_| 100.0);
    // What it says would be 8 000 lx, until the dark shows that nothing of it is true.
    watch.seconds(400, |_| 0.5);
    assert_eq!(watch.meter.seen().unwrap().basis, Basis::Luma);
    watch.seconds(400, |_| 100.0);
    let level = watch.meter.level();
    assert!(level.abs_diff(500) <= 60, "{level}");
}

/// Its number is a likely one, and only the lamp's switch shows that it is none.
#[test]
fn an_exposure_that_answers_without_saying_so_is_not_believed() {
    let mut watch = Watch::with(100.0, |camera| camera.saying(60, 64));
    watch.seconds(300, |_| 100.0);
    assert_eq!(watch.meter.seen().unwrap().basis, Basis::Exposure);
    watch.seconds(60, |_| 800.0);
    assert_eq!(watch.meter.seen().unwrap().basis, Basis::Luma);
}

/// At night everything is at its limit and does not move: no proof of anything.
#[test]
fn opened_in_the_dark_it_is_right_in_the_morning() {
    let mut watch = Watch::new(0.5);
    watch.seconds(600, |_| 0.5);
    let levels = watch.seconds(600, |second| if second < 60.0 { 4.0 } else { 30.0 });
    assert_eq!(turns(&levels), 0);
    let level = watch.meter.level();
    assert!(level.abs_diff(expected(30.0)) <= 60, "{level}");
}

#[test]
fn away_holds_and_another_camera_starts_over() {
    let mut watch = Watch::with(100.0, |camera| camera.saying(3, 64));
    watch.seconds(300, |_| 100.0);
    watch.seconds(400, |_| 0.5);
    let level = watch.meter.level();
    watch.scene.away(true);
    let away = watch.seconds(3600, |_| 500.0);
    assert!(away.iter().all(|now| *now == level));
    watch.scene.away(false);
    watch.seconds(60, |_| 100.0);
    assert_eq!(watch.meter.seen().unwrap().basis, Basis::Luma);
    watch.scene.away(true);
    watch.seconds(2, |_| 100.0);
    watch.scene.0.lock().unwrap().name = "another".into();
    watch.scene.away(false);
    watch.seconds(60, |_| 100.0);
    assert_eq!(watch.meter.seen().unwrap().basis, Basis::Exposure);
}

/// A clock that is moved by hand.
#[derive(Default)]
struct Hand(AtomicU64);

impl Clock for Hand {
    fn now(&self) -> Moment {
        Moment(self.0.load(Ordering::SeqCst))
    }
}

/// Watches a scripted camera for some seconds at 20 frames each.
fn scripted(script: &Script, seconds: u32) -> Meter {
    let clock = Arc::new(Hand::default());
    let mut camera = Faulty::open(script, clock.clone()).unwrap();
    let (mut meter, mut frame) = (Meter::new(), Frame::new());
    for _ in 0..20 * seconds {
        clock.0.fetch_add(50_000, Ordering::SeqCst);
        let next = camera.next(&mut frame, Duration::ZERO).unwrap();
        meter.observe(&mut camera, next, &frame);
    }
    meter
}

#[test]
fn controls_are_asked_for_once_a_second_and_left_alone_when_they_fail() {
    let script = Script::new(vec![
        Act::Turns(Control::Exposure, 250),
        Act::Turns(Control::AutoExposure, 3),
        Act::Frames(200),
        Act::Turns(Control::Exposure, 240),
        Act::Frames(2200),
    ]);
    let meter = scripted(&script, 120);
    assert_eq!(meter.seen().unwrap().basis, Basis::Exposure);
    assert!(
        (355..=363).contains(&script.questions()),
        "{}",
        script.questions()
    );
    // Three controls, three questions in the first minute and three in the second.
    let script = Script::new(vec![Act::ControlsFail(true), Act::Frames(2400)]);
    let meter = scripted(&script, 119);
    assert_eq!(meter.seen().unwrap().basis, Basis::Luma);
    assert_eq!(script.questions(), 6);
}

#[test]
fn controls_that_begin_to_fail_are_unknown_from_then_on() {
    let script = Script::new(vec![
        Act::Turns(Control::Exposure, 250),
        Act::Frames(1000),
        Act::Turns(Control::Exposure, 200),
        Act::Frames(1000),
        Act::ControlsFail(true),
        Act::Frames(1000),
    ]);
    let meter = scripted(&script, 150);
    assert_eq!(meter.seen().unwrap().basis, Basis::Luma);
}

#[test]
fn a_recording_gives_the_same_level_every_time() {
    let levels = || {
        let uri = "synthetic:?size=64x48&fps=4&pace=off".parse().unwrap();
        let clock = Arc::new(Hand::default());
        let camera = sfumato_camera::open(&uri, clock).unwrap();
        let mut camera = InRoom::new(camera, Room::new(40.0));
        let (mut meter, mut frame) = (Meter::new(), Frame::new());
        (0..800)
            .map(|_| {
                let next = camera.next(&mut frame, Duration::ZERO).unwrap();
                meter.observe(&mut camera, next, &frame);
                meter.level()
            })
            .collect::<Vec<_>>()
    };
    let first = levels();
    assert_eq!(first, levels());
    assert!(*first.last().unwrap() < 700);
}
