//! Moving: scripted visitors before the portrait.

mod common;

use common::{Act, PICTURE, best_lag, face, frame, shake};
use proptest::prelude::*;
use sfumato_core::health::Level;
use sfumato_core::motion::{Blendshape, Motion, Real};
use sfumato_core::time::Moment;
use sfumato_motion::{Mover, Personality, Placement};

fn mirror() -> Mover {
    Mover::new(Personality::MIRROR, Placement::default(), 1)
}

/// Every number of a motion.
fn numbers(motion: &Motion) -> Vec<f64> {
    let head = [motion.head.yaw, motion.head.pitch, motion.head.roll];
    let gaze = [motion.gaze.yaw, motion.gaze.pitch];
    head.iter()
        .chain(&gaze)
        .chain(&motion.eye_openness)
        .chain(&motion.expression)
        .map(|x| x.to_num())
        .collect()
}

/// Largest step between two frames: head in degrees, face in coefficients (lids apart).
fn steps(before: &Motion, after: &Motion) -> (f64, f64) {
    let (a, b) = (numbers(before), numbers(after));
    let largest =
        |range: std::ops::Range<usize>| range.map(|i| (a[i] - b[i]).abs()).fold(0.0, f64::max);
    let lids = [
        7 + Blendshape::EyeBlinkLeft as usize,
        7 + Blendshape::EyeBlinkRight as usize,
        7 + Blendshape::EyeWideLeft as usize,
        7 + Blendshape::EyeWideRight as usize,
    ];
    let face = (7..a.len())
        .filter(|i| !lids.contains(i))
        .map(|i| (a[i] - b[i]).abs())
        .fold(0.0, f64::max);
    (largest(0..3), face)
}

/// Plays `script(seconds)` at `fps`, one shown frame for each camera frame.
fn play(mover: &mut Mover, fps: u64, frames: u64, script: impl Fn(f32) -> Act) -> Vec<Motion> {
    (0..frames)
        .map(|index| {
            let now = frame(index, fps);
            let act = script(index as f32 / fps as f32);
            mover.observe(Some(&face(&act)), PICTURE, now);
            mover.at(now).motion
        })
        .collect()
}

#[test]
fn a_frozen_frame_does_not_move_the_portrait_at_all() {
    for act in [
        Act::default(),
        Act {
            yaw: -25.0,
            pitch: 15.0,
            roll: 9.0,
            mouth: 0.5,
            eyes: [0.7; 2],
            width: 1.2,
            brows: 0.05,
            ..Act::default()
        },
        Act {
            eyes: [0.3; 2],
            at: [80.0, 400.0],
            ..Act::default()
        },
    ] {
        let motions = play(&mut mirror(), 30, 600, |_| act);
        for (index, motion) in motions.iter().enumerate() {
            assert_eq!(*motion, motions[0], "frame {index}");
        }
    }
}

#[test]
fn a_face_that_stops_leaves_a_portrait_that_stops() {
    let mut mover = mirror();
    let motions = play(&mut mover, 30, 300, |t| {
        let t = t.min(3.0);
        Act {
            yaw: 12.0 * (2.0 * t).sin(),
            mouth: 0.3 + 0.3 * (3.0 * t).sin(),
            ..Act::default()
        }
    });
    // Two seconds after the face has stopped, nothing moves any more.
    for motion in &motions[150..] {
        assert_eq!(*motion, motions[150]);
    }
}

#[test]
fn one_picture_whose_landmarks_tremble_does_not_move_the_portrait() {
    // Each face is sought where the last one was, so the landmarks of one picture swing
    // between a few states: up to 0.3 degrees on real faces.
    let mut mover = mirror();
    let mut motions = Vec::new();
    for index in 0..300u64 {
        let now = frame(index, 30);
        let swing = [0.15, -0.15, 0.05][index as usize % 3];
        let act = Act {
            yaw: 10.0 + swing,
            pitch: 4.0 - swing,
            width: 1.1 + 0.01 * swing,
            mouth: 0.2 + 0.02 * swing,
            ..Act::default()
        };
        mover.observe(Some(&face(&act)), PICTURE, now);
        motions.push(mover.at(now).motion);
    }
    for motion in &motions[30..] {
        assert_eq!(*motion, motions[30]);
    }
}

#[test]
fn noise_of_a_still_face_hardly_moves_the_portrait() {
    let mut mover = mirror();
    let mut motions = Vec::new();
    for index in 0..600 {
        let now = frame(index, 30);
        let mut still = face(&Act::default());
        // A face 170 pixels wide whose points tremble by a sixth of a pixel.
        shake(&mut still, 0.16, index as u32);
        mover.observe(Some(&still), PICTURE, now);
        motions.push(mover.at(now).motion);
    }
    let still = motions[90..].windows(2).filter(|pair| {
        let (head, face) = steps(&pair[0], &pair[1]);
        head < 0.02 && face < 0.004
    });
    let share = still.count() as f64 / 509.0;
    assert!(share > 0.85, "still in {share} of the frames");
    for motion in &motions[90..] {
        let (head, face) = steps(&motions[90], motion);
        assert!(head < 1.0 && face < 0.15, "{head} {face}");
    }
}

#[test]
fn the_portrait_does_what_the_visitor_does() {
    let script = |t: f32| Act {
        yaw: 14.0 * (1.3 * t).sin(),
        pitch: 6.0 + 7.0 * (1.9 * t).sin(),
        roll: 8.0 * (0.9 * t).sin(),
        mouth: 0.35 - 0.34 * (2.3 * t).cos(),
        width: 1.0 + 0.15 * (1.1 * t).sin(),
        eyes: [0.85 + 0.15 * (4.0 * t).sin(); 2],
        brows: 0.05 * (1.0 - (0.8 * t).cos()),
        ..Act::default()
    };
    let fps = 25;
    let motions = play(&mut mirror(), fps, 300, script);
    let shown = |pick: &dyn Fn(&Motion) -> Real| -> Vec<f64> {
        motions.iter().map(|m| pick(m).to_num()).collect()
    };
    let did = |pick: &dyn Fn(&Act) -> f32| -> Vec<f64> {
        (0..300)
            .map(|i| f64::from(pick(&script(i as f32 / fps as f32))))
            .collect()
    };
    let width = |m: &Motion| {
        m.get(Blendshape::MouthSmileLeft)
            + m.get(Blendshape::MouthSmileRight)
            + m.get(Blendshape::MouthStretchLeft) * Real::from_num(1.2)
            - m.get(Blendshape::MouthPucker) * Real::from_num(2.4)
            - m.get(Blendshape::JawOpen) * Real::from_num(0.8)
    };
    for (name, shown, did, floor) in [
        ("yaw", shown(&|m| m.head.yaw), did(&|a| a.yaw), 0.97),
        ("pitch", shown(&|m| m.head.pitch), did(&|a| a.pitch), 0.97),
        ("roll", shown(&|m| m.head.roll), did(&|a| a.roll), 0.97),
        (
            "mouth",
            shown(&|m| m.get(Blendshape::JawOpen)),
            did(&|a| a.mouth),
            0.99,
        ),
        (
            "eyes",
            shown(&|m| m.eye_openness[0]),
            did(&|a| a.eyes[0]),
            0.90,
        ),
        ("width", shown(&width), did(&|a| a.width), 0.95),
        (
            "brows",
            shown(&|m| m.get(Blendshape::BrowInnerUp)),
            did(&|a| a.brows),
            0.95,
        ),
    ] {
        let (r, lag) = best_lag(&shown, &did);
        println!("{name}: r {r:.3} at lag {lag}");
        assert!(r > floor && lag <= 2, "{name}: r {r:.3} at lag {lag}");
    }
}

#[test]
fn coefficients_use_the_published_ruler() {
    use sfumato_motion::scale::*;
    // Two seconds at rest, then one expression held.
    let after = |act: Act| {
        let script = move |t: f32| Act {
            yaw: (5.0 * t).sin(),
            ..if t < 2.0 { Act::default() } else { act }
        };
        *play(&mut mirror(), 30, 90, script).last().expect("frames")
    };
    let close = |got: Real, want: f32, within: f32| {
        let got: f32 = got.to_num();
        assert!((got - want).abs() < within, "{got} instead of {want}");
    };
    let rest = Act::default();
    let open = after(Act {
        mouth: rest.mouth + 0.5 * JAW_OPEN_RATIO_AT_ONE,
        ..rest
    });
    close(open.get(Blendshape::JawOpen), 0.5, 0.06);
    let smile = after(Act {
        width: 1.0 + 0.5 * (SMILE_WIDTH_RATIO_AT_ONE - 1.0),
        ..rest
    });
    close(smile.get(Blendshape::MouthSmileLeft), 0.5, 0.1);
    close(smile.get(Blendshape::MouthSmileRight), 0.5, 0.1);
    let pucker = after(Act {
        width: 1.0 - 0.5 * (1.0 - PUCKER_WIDTH_RATIO_AT_ONE),
        ..rest
    });
    close(pucker.get(Blendshape::MouthPucker), 0.5, 0.1);
    let up = after(Act {
        brows: 0.5 * BROW_UP_AT_ONE,
        ..rest
    });
    close(up.get(Blendshape::BrowInnerUp), 0.5, 0.1);
    let down = after(Act {
        brows: -0.5 * BROW_DOWN_AT_ONE,
        ..rest
    });
    close(down.get(Blendshape::BrowDownLeft), 0.5, 0.12);
    let shut = after(Act {
        eyes: [SHUT_SHARE; 2],
        ..rest
    });
    assert_eq!(shut.eye_openness, [Real::ZERO; 2]);
    close(smile.eye_openness[0], 1.0, 0.1);
}

#[test]
fn a_blink_between_two_frames_shuts_the_portraits_eyes_and_opens_them() {
    // The lids are caught half way only.
    let script = |t: f32| {
        let eyes = match (t * 25.0).round() as u32 {
            50 => 0.75,
            51 => 0.49,
            52 => 0.52,
            53 => 0.85,
            _ => 1.0,
        };
        Act {
            yaw: (3.0 * t).sin(),
            eyes: [eyes; 2],
            ..Act::default()
        }
    };
    let motions = play(&mut mirror(), 25, 80, script);
    let lids: Vec<f32> = motions.iter().map(|m| m.eye_openness[0].to_num()).collect();
    assert!(lids[45] > 0.9, "{:?}", &lids[45..]);
    assert_eq!(
        lids[50..54].iter().copied().fold(1.0, f32::min),
        0.0,
        "{:?}",
        &lids[45..60]
    );
    assert!(lids[57] > 0.85, "{:?}", &lids[45..60]);
}

#[test]
fn winks_stay_on_their_side() {
    let script = |t: f32| {
        let right = if t > 2.0 && t < 2.4 { 0.1 } else { 1.0 };
        Act {
            eyes: [right, 1.0],
            ..Act::default()
        }
    };
    let motions = play(&mut mirror(), 30, 90, script);
    let [right, left] = motions[68].eye_openness;
    assert!(
        right < Real::from_num(0.25) && left > Real::from_num(0.7),
        "{right} {left}"
    );
}

/// A gaping visitor opens the portrait's mouth as wide as its personality goes, and no wider; a little is a little for all.
#[test]
fn no_mouth_opens_wider_than_its_personality_has_it() {
    for personality in Personality::BUILT_IN {
        let jaw = |opens: f32| {
            let script = |seconds: f32| Act {
                mouth: if seconds < 1.0 { 0.01 } else { opens },
                ..Act::default()
            };
            let mut mover = Mover::new(personality, Placement::default(), 1);
            let motions = play(&mut mover, 30, 90, script);
            motions[80].get(Blendshape::JawOpen)
        };
        let (little, wide) = (jaw(0.12), jaw(0.9));
        let name = personality.name;
        assert!(wide <= personality.widest, "{name}: {wide}");
        assert!(
            wide > personality.widest * Real::lit("0.8"),
            "{name}: {wide}"
        );
        let expected = Real::from_num(0.11 / 0.75) * personality.gains.jaw;
        assert!(
            (little - expected).abs() < Real::lit("0.04"),
            "{name}: {little} {expected}"
        );
    }
}

/// A visitor comes, goes, another one comes: the largest steps between 60 shown frames a second.
#[test]
fn nobody_who_comes_or_goes_makes_the_portrait_jump() {
    for personality in Personality::BUILT_IN {
        let mut mover = Mover::new(personality, Placement::default(), 5);
        let first = Act {
            yaw: 22.0,
            pitch: -8.0,
            mouth: 0.6,
            width: 1.2,
            brows: 0.06,
            ..Act::default()
        };
        let second = Act {
            track: 2,
            yaw: -25.0,
            roll: 14.0,
            width: 0.75,
            at: [500.0, 100.0],
            ..Act::default()
        };
        let mut before: Option<Motion> = None;
        let (mut head, mut face_step) = (0.0f64, 0.0f64);
        for index in 0..60 * 12u64 {
            let now = frame(index, 60);
            let seconds = index as f32 / 60.0;
            let seen = match seconds {
                s if s < 1.0 => None,
                s if s < 4.0 => Some(face(&first)),
                s if s < 6.0 => Some(face(&second)),
                s if s < 8.0 => None,
                s if s < 8.2 => Some(face(&first)),
                s if s < 9.0 => Some(face(&second)),
                _ => None,
            };
            // The camera is half as fast as the screen.
            if index % 2 == 0 {
                mover.observe(seen.as_ref(), PICTURE, now);
            }
            let moved = mover.at(now);
            if let Some(before) = &before {
                let (h, f) = steps(before, &moved.motion);
                head = head.max(h);
                face_step = face_step.max(f);
            }
            before = Some(moved.motion);
        }
        println!(
            "{}: head {head:.2} degrees, face {face_step:.3} a frame",
            personality.name
        );
        assert!(
            head < 2.6 && face_step < 0.2,
            "{}: {head} {face_step}",
            personality.name
        );
    }
}

#[test]
fn a_lost_visitor_is_let_go_within_a_good_second() {
    for personality in Personality::BUILT_IN {
        let mut mover = Mover::new(personality, Placement::default(), 5);
        let act = Act {
            yaw: 20.0,
            mouth: 0.6,
            width: 1.2,
            ..Act::default()
        };
        for index in 0..90 {
            mover.observe(Some(&face(&act)), PICTURE, frame(index, 30));
            mover.at(frame(index, 30));
        }
        let held = mover.at(frame(95, 30));
        assert_eq!(held.level, Level::Living, "a short gap is held over");
        // No more camera pictures at all: the camera may have been unplugged.
        let mut last = held;
        for index in 96..90 + 60 {
            last = mover.at(frame(index, 30));
        }
        assert_eq!((last.level, last.visitor), (Level::Idle, None));
        assert_eq!(last.attention, Real::ZERO);
        assert_eq!(last.motion.get(Blendshape::JawOpen), Real::ZERO);
        assert!(last.motion.head.yaw.abs() < 4, "{}", last.motion.head.yaw);
    }
}

#[test]
fn the_screen_sees_smooth_movement_between_camera_pictures() {
    // Camera at 25, screen at 60, pictures arrive 45 ms late.
    let script = |t: f32| Act {
        yaw: 15.0 * (3.0 * t).sin(),
        ..Act::default()
    };
    let mut mover = mirror();
    let mut next = 0u64;
    let mut yaws: Vec<f64> = Vec::new();
    for index in 0..60 * 6u64 {
        let now = frame(index, 60);
        while frame(next, 25).0 + 45_000 <= now.0 {
            let seen = face(&script(next as f32 / 25.0));
            mover.observe(Some(&seen), PICTURE, frame(next, 25));
            next += 1;
        }
        yaws.push(mover.at(now).motion.head.yaw.to_num());
    }
    let yaws = &yaws[120..];
    let roughness = |values: &[f64]| {
        let second: Vec<f64> = values
            .windows(3)
            .map(|w| w[2] - 2.0 * w[1] + w[0])
            .collect();
        (second.iter().map(|x| x * x).sum::<f64>() / second.len() as f64).sqrt()
    };
    // What would be seen if every picture's pose were shown until the next one's.
    let held: Vec<f64> = (120..360u64)
        .map(|index| {
            let picture = (index * 25 / 60) as f32 / 25.0;
            9.0 * f64::from((3.0 * picture).sin())
        })
        .collect();
    let (smooth, stairs) = (roughness(yaws), roughness(&held));
    println!("roughness {smooth:.4} against {stairs:.4} of stairs");
    assert!(smooth < 0.25 * stairs, "{smooth} {stairs}");
    let truth: Vec<f64> = (120..360u64)
        .map(|index| f64::from(script(index as f32 / 60.0).yaw))
        .collect();
    let (r, lag) = (0..12)
        .map(|lag| (common::correlation(&yaws[lag..], &truth[..240 - lag]), lag))
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .expect("lags");
    println!("r {r:.3}, {lag} screen frames behind the visitor");
    assert!(r > 0.98 && lag <= 6, "r {r}, {lag} screen frames late");
}

#[test]
fn a_head_that_stops_is_not_overshot() {
    let mut mover = mirror();
    let mut yaws: Vec<f64> = Vec::new();
    let turn = |t: f32| Act {
        yaw: 10.0 * ((t - 2.0) / 0.3).clamp(0.0, 1.0),
        ..Act::default()
    };
    for index in 0..60 * 4u64 {
        let now = frame(index, 60);
        if index % 2 == 0 {
            mover.observe(Some(&face(&turn(index as f32 / 60.0))), PICTURE, now);
        }
        // The frame is seen 30 ms after it was drawn for.
        yaws.push(mover.at(Moment(now.0 + 30_000)).motion.head.yaw.to_num());
    }
    let end = yaws[239];
    let most = yaws.iter().copied().fold(0.0, f64::max);
    println!("ends at {end:.2}, at most {most:.2}");
    assert!(end > 5.0 && most < end + 0.8, "{most} {end}");
}

#[test]
fn another_visitor_is_remembered() {
    // A person with a wide mouth is known after three seconds, and still when they return.
    let wide = Act {
        width: 1.15,
        ..Act::default()
    };
    let other = Act {
        track: 2,
        ..Act::default()
    };
    let smile = |m: &Motion| m.get(Blendshape::MouthSmileLeft).to_num::<f32>();
    let mut mover = mirror();
    let script = |t: f32| match t {
        t if t < 3.0 => Act {
            yaw: 3.0 * (5.0 * t).sin(),
            ..wide
        },
        t if t < 5.0 => Act {
            yaw: 3.0 * (5.0 * t).sin(),
            ..other
        },
        _ => wide,
    };
    let motions = play(&mut mover, 30, 180, script);
    let (left, back) = (smile(&motions[88]), smile(&motions[175]));
    assert!((left - back).abs() < 0.05, "{left} {back}");
}

#[test]
fn the_eyes_meet_the_visitor() {
    let mut gazes = Vec::new();
    for x in [80.0, 320.0, 560.0] {
        let act = Act {
            at: [x, 240.0],
            ..Act::default()
        };
        let motions = play(&mut mirror(), 30, 30, |_| act);
        gazes.push(motions[29].gaze.yaw.to_num::<f32>());
    }
    // On the picture's left is on the painting's right.
    assert!(
        gazes[0] > 10.0 && gazes[1].abs() < 1.5 && gazes[2] < -10.0,
        "{gazes:?}"
    );
}

#[test]
fn idle_life_breathes_blinks_and_glances_but_a_mirror_rests() {
    let mut still = mirror();
    for index in 0..600 {
        assert_eq!(still.at(frame(index, 30)).motion, Motion::REST);
    }
    for personality in [
        Personality::SERENE,
        Personality::CURIOUS,
        Personality::PLAYFUL,
    ] {
        let mut mover = Mover::new(personality, Placement::default(), 9);
        let motions: Vec<Motion> = (0..60 * 60 * 7)
            .map(|i| mover.at(frame(i, 60)).motion)
            .collect();
        let mut blinks = 0;
        let mut shut = false;
        for motion in &motions {
            let now = motion.eye_openness[0] < Real::from_num(0.1);
            blinks += u32::from(now && !shut);
            shut = now;
        }
        let wanted = 7.0 * f32::from(personality.idle.blinks);
        let got = blinks as f32;
        assert!(
            got > 0.6 * wanted && got < 1.6 * wanted,
            "{}: {got} blinks",
            personality.name
        );
        let far = |pick: &dyn Fn(&Motion) -> Real| {
            motions
                .iter()
                .map(|m| pick(m).to_num::<f32>())
                .fold((f32::MAX, f32::MIN), |(l, h), x| (l.min(x), h.max(x)))
        };
        let (left, right) = far(&|m| m.gaze.yaw);
        assert!(
            left < -3.0 && right > 3.0,
            "{}: {left} {right}",
            personality.name
        );
        let (up, down) = far(&|m| m.head.pitch);
        assert!(down - up > 0.5, "{}: {up} {down}", personality.name);
        // It never stands still for long.
        for second in motions.chunks(60) {
            assert!(second.iter().any(|m| m != &second[0]));
        }
    }
}

#[test]
fn the_same_seed_and_times_give_the_same_show() {
    let show = |seed| {
        let mut mover = Mover::new(Personality::CURIOUS, Placement::default(), seed);
        play(&mut mover, 30, 300, |t| Act {
            yaw: 10.0 * t.sin(),
            ..Act::default()
        })
    };
    assert_eq!(show(3), show(3));
    assert_ne!(show(3), show(4));
}

#[test]
fn blinks_fall_on_the_same_moments_at_any_frame_rate() {
    let blinks = |fps: u64| -> Vec<u64> {
        let mut mover = Mover::new(Personality::SERENE, Placement::default(), 11);
        let mut begun = Vec::new();
        let mut shut = false;
        for index in 0..60 * fps {
            let now = mover.at(frame(index, fps)).motion.eye_openness[0] < Real::from_num(0.5);
            if now && !shut {
                begun.push(index * 10 / fps);
            }
            shut = now;
        }
        begun
    };
    let (slow, fast) = (blinks(25), blinks(60));
    assert_eq!(slow.len(), fast.len());
    for (a, b) in slow.iter().zip(&fast) {
        assert!(a.abs_diff(*b) <= 1, "{slow:?} {fast:?}");
    }
}

#[test]
fn a_change_of_personality_is_eased() {
    let mut mover = mirror();
    let act = Act {
        yaw: 20.0,
        width: 1.2,
        brows: 0.06,
        ..Act::default()
    };
    let mut before = None;
    for index in 0..240 {
        if index == 120 {
            mover.set_personality(Personality::PLAYFUL);
        }
        mover.observe(Some(&face(&act)), PICTURE, frame(index, 60));
        let motion = mover.at(frame(index, 60)).motion;
        if let Some(before) = before {
            let (head, face) = steps(&before, &motion);
            assert!(head < 1.0 && face < 0.1, "frame {index}: {head} {face}");
        }
        before = Some(motion);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_comes_the_motion_stays_in_its_bounds(
        who in 0usize..4,
        events in prop::collection::vec(
            (0u32..4, -80f32..80.0, -60f32..60.0, -80f32..80.0, 0f32..1.6, 0f32..2.0, 0.3f32..2.0,
             (0.2f32..90.0, -2000f32..3000.0, 0u64..400_000)),
            1..60,
        ),
    ) {
        let mut mover = Mover::new(Personality::BUILT_IN[who], Placement::default(), 1);
        let mut now = Moment(0);
        for (track, yaw, pitch, roll, eyes, mouth, width, (scale, at, wait)) in events {
            now = Moment(now.0 + wait);
            let act = Act {
                track, yaw, pitch, roll, eyes: [eyes, 1.6 - eyes], mouth, width, brows: yaw / 200.0,
                scale, at: [at, -at],
            };
            let seen = (track > 0).then(|| face(&act));
            mover.observe(seen.as_ref(), PICTURE, now);
            for later in [0, 9_000, 40_000] {
                let motion = mover.at(Moment(now.0 + later)).motion;
                let head = [motion.head.yaw, motion.head.pitch, motion.head.roll];
                prop_assert!(head.iter().all(|a| a.abs() <= 15), "{head:?}");
                prop_assert!(motion.gaze.yaw.abs() <= 26 && motion.gaze.pitch.abs() <= 18);
                prop_assert!(motion.eye_openness.iter().all(|o| *o >= 0 && *o <= Real::from_num(1.5)));
                prop_assert!(motion.expression.iter().all(|e| *e >= 0 && *e <= 1));
            }
        }
    }

    #[test]
    fn garbage_never_panics(
        numbers in prop::collection::vec(any::<f32>(), 64),
        times in prop::collection::vec(any::<u64>(), 12),
    ) {
        let mut mover = Mover::new(Personality::PLAYFUL, Placement::default(), 1);
        for time in times {
            let mut seen = face(&Act::default());
            for (index, landmark) in seen.landmarks.iter_mut().enumerate() {
                landmark.x = numbers[index % 61];
                landmark.y = numbers[(index * 7) % 63];
                landmark.z = numbers[(index * 3) % 64];
            }
            mover.observe(Some(&seen), (0, 0), Moment(time));
            mover.at(Moment(time));
            mover.at(Moment(time / 2));
        }
    }
}
