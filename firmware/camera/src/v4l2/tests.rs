//! Controls through to the driver, on a made-up one.

use super::mock::{Knob, Mock, Offer, Step};
use super::*;
use crate::{Act, MainsAnswer, SystemClock, conformance};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

const MAINS: u32 = 0x0098_0918;

fn knob(value: i32, least: i32, most: i32) -> Knob {
    Knob {
        value,
        least,
        most,
        turns: true,
    }
}

fn camera(knobs: &[(u32, Knob)], steps: Vec<Step>) -> V4l2<Mock> {
    let mut mock = Mock::new(vec![Offer::new(b"GREY", (64, 48), &[])]);
    mock.knobs = knobs.iter().copied().collect();
    mock.steps = steps.into();
    let wanted = Wanted {
        size: (64, 48),
        fps: 30,
        format: None,
    };
    V4l2 {
        node: PathBuf::from("/dev/video7"),
        stream: Stream::start(mock, wanted, Arc::new(SystemClock::new())).unwrap(),
    }
}

#[test]
fn controls_are_set_and_read_back() {
    let mut camera = camera(
        &[
            (id(Control::Exposure), knob(156, 3, 2047)),
            (id(Control::Gain), knob(4, 0, 100)),
        ],
        vec![],
    );
    for control in [Control::Exposure, Control::Gain] {
        conformance::check_controls(&mut camera, control).unwrap();
    }
    let controls = camera.controls().unwrap();
    assert_eq!(controls.get(Control::Exposure).unwrap(), 156);
    assert_eq!(controls.range(Control::Exposure).unwrap(), (3, 2047));
    assert!(controls.set(Control::Exposure, 9999).is_err());
    let missing = controls.get(Control::Brightness).unwrap_err().to_string();
    assert!(missing.contains("Brightness"), "{missing}");
    assert!(controls.range(Control::Brightness).is_err());
}

/// Cameras to hand out one after the other, as if one were plugged in again and again.
fn plugged_in(cameras: Vec<V4l2<Mock>>) -> (Opener, Arc<Mutex<VecDeque<V4l2<Mock>>>>) {
    let cameras = Arc::new(Mutex::new(VecDeque::from(cameras)));
    let for_opener = cameras.clone();
    let opener: Opener = Box::new(move || {
        let next = for_opener.lock().unwrap().pop_front();
        next.map(|camera| Box::new(camera) as _)
            .ok_or(CameraError::Gone)
    });
    (opener, cameras)
}

/// Waits until the camera is there (again).
fn found(camera: &mut Reopening) {
    let mut frame = Frame::new();
    while camera.next(&mut frame, Duration::from_secs(1)).unwrap() != Next::Frame {}
}

/// Takes what is left of a camera, until it is away.
fn lost(camera: &mut Reopening) {
    let mut frame = Frame::new();
    while camera.next(&mut frame, Duration::ZERO).unwrap() != Next::Absent {}
}

#[test]
fn mains_are_asked_for_at_every_opening_and_changed_live() {
    let once = |value| {
        let steps = vec![Step::Filled(1), Step::Wait, Step::Fails(19)];
        camera(&[(MAINS, knob(value, 0, 2))], steps)
    };
    let (opener, _) = plugged_in(vec![once(0), once(2), once(0)]);
    let clock: SharedClock = Arc::new(SystemClock::new());
    let mut camera = Reopening::open(opener, clock).unwrap();
    let in_force = |camera: &mut Reopening| camera.get(Control::PowerLineFrequency).unwrap();
    let Ok(crate::CameraUri::V4l2(address)) = "v4l2:/dev/video7?mains=50".parse() else {
        panic!()
    };
    // What opening a real camera does with its address.
    want_mains(&mut camera, &address);
    assert_eq!(in_force(&mut camera), 1);
    found(&mut camera);
    lost(&mut camera);
    found(&mut camera);
    assert_eq!(in_force(&mut camera), 1, "asked for again");
    assert_eq!(crate::Mains::Hz60.ask(&mut camera), MainsAnswer::InForce);
    assert_eq!(in_force(&mut camera), 2);
    lost(&mut camera);
    found(&mut camera);
    assert_eq!(in_force(&mut camera), 2, "the newer one is remembered");
    assert!(camera.refused().is_empty());
}

#[test]
fn a_driver_that_does_not_obey_is_found_out() {
    let deaf = Knob {
        turns: false,
        ..knob(2, 0, 2)
    };
    let steps = || vec![Step::Filled(1)];
    for knobs in [vec![(MAINS, deaf)], vec![]] {
        let clock: SharedClock = Arc::new(SystemClock::new());
        // Refused when asked, and refused when asked at an opening.
        let (opener, _) = plugged_in(vec![camera(&knobs, steps())]);
        let mut camera_there = Reopening::open(opener, clock.clone()).unwrap();
        assert_eq!(
            crate::Mains::Hz50.ask(&mut camera_there),
            MainsAnswer::Refused
        );
        assert_eq!(camera_there.refused(), [Control::PowerLineFrequency]);
        let (opener, _) = plugged_in(vec![camera(&knobs, steps())]);
        let mut camera_later = Reopening::patient(opener, clock);
        assert_eq!(
            crate::Mains::Hz50.ask(&mut camera_later),
            MainsAnswer::Later
        );
        found(&mut camera_later);
        assert_eq!(camera_later.refused(), [Control::PowerLineFrequency]);
        // What is taken later is no longer refused.
        if !knobs.is_empty() {
            assert_eq!(
                crate::Mains::Hz60.ask(&mut camera_later),
                MainsAnswer::InForce
            );
            assert!(camera_later.refused().is_empty());
        }
    }
}

#[test]
fn scripted_and_reopened_controls_keep_the_same_promises() {
    let clock: SharedClock = Arc::new(SystemClock::new());
    let script = crate::Script::new(vec![Act::Frames(1)]);
    let mut scripted = crate::Faulty::open(&script, clock.clone()).unwrap();
    conformance::check_controls(&mut scripted, Control::Gain).unwrap();
    let (opener, _) = plugged_in(vec![camera(&[(MAINS, knob(0, 0, 2))], vec![])]);
    let mut camera = Reopening::open(opener, clock).unwrap();
    conformance::check_controls(&mut camera, Control::PowerLineFrequency).unwrap();
}
