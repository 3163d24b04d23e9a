//! Behaving: a portrait through its days, with nobody, one visitor or many before it.

mod common;

use common::{Act, PICTURE, face, frame};
use sfumato_core::face::{Face, Faces, TrackId};
use sfumato_core::motion::{Blendshape, Motion, Real};
use sfumato_core::time::{Micros, Moment};
use sfumato_motion::{Moved, Mover, Personality, Placement, State};
use std::collections::BTreeSet;

const FPS: u64 = 30;

fn mover(personality: Personality) -> Mover {
    Mover::new(personality, Placement::default(), 11)
}

fn seen(faces: impl IntoIterator<Item = Face>, captured: Moment) -> Faces {
    Faces {
        captured,
        width: PICTURE.0,
        height: PICTURE.1,
        faces: faces.into_iter().collect(),
    }
}

/// Plays so many seconds from `start` on; `script` says who is there, whom to answer first.
fn play(
    mover: &mut Mover,
    start: u64,
    seconds: u64,
    mut script: impl FnMut(f32) -> Vec<Act>,
    mut shown: impl FnMut(f32, &Moved),
) {
    for index in start * FPS..(start + seconds) * FPS {
        let (now, second) = (frame(index, FPS), index as f32 / FPS as f32);
        let acts = script(second);
        let first = acts.first().map(|act| TrackId(act.track));
        mover.see(&seen(acts.iter().map(face), now), first);
        shown(second, &mover.at(now));
    }
}

/// A visitor a metre away whose eyes are at these pixels.
fn visitor(track: u32, at: [f32; 2]) -> Act {
    Act {
        track,
        at,
        scale: 5.0,
        ..Act::default()
    }
}

fn number(value: Real) -> f64 {
    value.to_num()
}

fn smile(motion: &Motion) -> f64 {
    number(motion.get(Blendshape::MouthSmileLeft) + motion.get(Blendshape::MouthSmileRight)) / 2.0
}

/// Head and face without the lids, which blink, and the eyes, which leap.
fn slow(motion: &Motion) -> Vec<f64> {
    let head = [motion.head.yaw, motion.head.pitch, motion.head.roll];
    let lids = [
        Blendshape::EyeBlinkLeft,
        Blendshape::EyeBlinkRight,
        Blendshape::EyeWideLeft,
        Blendshape::EyeWideRight,
    ];
    // A coefficient is worth ten degrees.
    let face = Blendshape::ALL
        .into_iter()
        .filter(|shape| !lids.contains(shape))
        .map(|shape| 10.0 * number(motion.get(shape)));
    head.into_iter().map(number).chain(face).collect()
}

/// An hour in a gallery, and who is there.
fn hour(second: f32) -> Vec<Act> {
    let sway = |track: u32, x: f32, scale: f32| Act {
        track,
        yaw: 9.0 * (0.4 * second + track as f32).sin(),
        roll: 4.0 * (0.7 * second).sin(),
        mouth: 0.1 + 0.09 * (1.3 * second + track as f32).sin(),
        width: 1.05 + 0.05 * (0.5 * second).sin(),
        at: [x + 12.0 * (0.3 * second).sin(), 240.0],
        scale,
        ..Act::default()
    };
    match second as u64 {
        // Nobody for so long that it gets drowsy.
        0..1_400 => vec![],
        1_400..1_460 => vec![sway(1, 200.0, 5.0)],
        // Comes nearer than people do, and goes away again.
        1_500..1_540 => {
            let near = 1.0 - ((second - 1_520.0).abs() / 20.0);
            vec![sway(2, 330.0, 4.0 + 9.0 * near)]
        }
        // Two; the second one is answered after a while, and then alone.
        1_600..1_640 => vec![sway(3, 240.0, 5.0), sway(4, 420.0, 4.0)],
        1_640..1_660 => vec![sway(4, 420.0, 4.0), sway(3, 240.0, 5.0)],
        1_660..1_690 => vec![sway(4, 420.0, 4.0)],
        // A school class.
        1_800..1_900 => (0..7)
            .map(|place| sway(10 + place, 90.0 + 75.0 * place as f32, 3.5))
            .collect(),
        // Children run through the picture, never there for more than half a second.
        2_000..2_030 if second.fract() < 0.5 => vec![sway(second as u32, 300.0, 3.0)],
        _ => vec![],
    }
}

#[test]
fn through_the_day_nothing_jumps() {
    for personality in Personality::BUILT_IN {
        let mut mover = mover(personality);
        let mut states = BTreeSet::new();
        let mut before: Vec<Vec<f64>> = Vec::new();
        let (mut bend, mut lids, mut last_lids) = (0.0f64, 0.0f64, None::<[Real; 2]>);
        let mut look = |second: f32, moved: &Moved| {
            states.insert(moved.state.name());
            let now = slow(&moved.motion);
            if let [first, middle] = before.as_slice() {
                for ((a, b), c) in first.iter().zip(middle).zip(&now) {
                    let off = (a - 2.0 * b + c).abs();
                    assert!(off < 0.9, "{} at {second}: {off}", personality.name);
                    bend = bend.max(off);
                }
                before.remove(0);
            }
            before.push(now);
            if let Some(last) = last_lids {
                for (a, b) in last.iter().zip(moved.motion.eye_openness) {
                    lids = lids.max(number((*a - b).abs()));
                }
            }
            last_lids = Some(moved.motion.eye_openness);
        };
        mover.set_open(false);
        play(&mut mover, 0, 30, |_| vec![], &mut look);
        mover.set_open(true);
        play(&mut mover, 30, 2_070, hour, &mut look);
        mover.set_open(false);
        play(&mut mover, 2_100, 30, |_| vec![], &mut look);
        println!(
            "{}: second difference {bend:.2}, lids {lids:.2} a frame",
            personality.name
        );
        let mut expected = BTreeSet::from(["asleep", "alone", "noticing", "engaged", "goodbye"]);
        if personality.drowsy_after > Micros(0) {
            expected.insert("drowsy");
        }
        assert_eq!(states, expected, "{}", personality.name);
    }
}

#[test]
fn in_a_closed_house_it_sleeps_and_answers_nobody() {
    let mut mover = mover(Personality::CURIOUS);
    let act = visitor(1, [250.0, 240.0]);
    mover.set_open(false);
    play(
        &mut mover,
        0,
        20,
        |_| vec![act],
        |second, moved| {
            assert_eq!((moved.state, moved.visitor), (State::Asleep, None));
            if second > 8.0 {
                assert_eq!(moved.motion.eye_openness, [Real::ZERO; 2]);
            }
        },
    );
    let mut widest = Real::ZERO;
    mover.set_open(true);
    play(
        &mut mover,
        20,
        10,
        |_| vec![act],
        |second, moved| {
            if second > 28.0 {
                assert_eq!(moved.state, State::Engaged);
            }
            if second > 29.0 {
                widest = widest.max(moved.motion.eye_openness[0]);
            }
        },
    );
    assert!(widest > Real::lit("0.9"), "{widest}");
}

#[test]
fn alone_for_long_its_lids_grow_heavy_until_somebody_comes() {
    let mut mover = mover(Personality::SERENE);
    let mut widest = [0.0f64; 3];
    let alone = |second: f32| match second as u64 {
        0..700 => vec![],
        _ => vec![visitor(1, [320.0, 240.0])],
    };
    play(&mut mover, 0, 720, alone, |second, moved| {
        let open = number(moved.motion.eye_openness[0]);
        match second as u64 {
            60..400 => widest[0] = widest[0].max(open),
            600..700 => {
                assert_eq!(moved.state, State::Drowsy);
                widest[1] = widest[1].max(open);
            }
            // Wide awake within two seconds, blinks apart.
            702 => widest[2] = widest[2].max(open),
            _ => {}
        }
    });
    assert!(widest[0] > 0.98 && widest[1] < 0.7, "{widest:?}");
    assert!(widest[2] > 0.9, "{widest:?}");
}

#[test]
fn whoever_leaves_is_seen_off() {
    for personality in Personality::BUILT_IN {
        let mut mover = mover(personality);
        let there = |second: f32| match second as u64 {
            0..10 => vec![visitor(1, [150.0, 240.0])],
            _ => vec![],
        };
        let mut after = Vec::new();
        play(&mut mover, 0, 20, there, |second, moved| {
            if moved.state == State::Goodbye {
                after.push((second, moved.motion));
            }
            if second > 16.0 {
                assert_eq!(moved.state, State::Alone);
            }
        });
        let long = after.len() as f64 / FPS as f64;
        assert!((2.3..3.0).contains(&long), "{}: {long} s", personality.name);
        if personality.farewell > 0 {
            let (_, late) = after[after.len() * 3 / 4];
            assert!(
                number(late.gaze.yaw) > 8.0,
                "{}: {late:?}",
                personality.name
            );
            let (_, middle) = after[after.len() / 2];
            let bias = number(personality.smile_bias);
            assert!(smile(&middle) > bias + 0.08, "{}", personality.name);
        }
    }
}

/// How far head and eyes look down on average, once they have settled on somebody.
fn pitches(personality: Personality, act: Act) -> [f64; 2] {
    let mut mover = mover(personality);
    let (mut sums, mut count) = ([0.0; 2], 0.0);
    play(
        &mut mover,
        0,
        12,
        |_| vec![act],
        |second, moved| {
            if second > 4.0 {
                sums[0] += number(moved.motion.head.pitch);
                sums[1] += number(moved.motion.gaze.pitch);
                count += 1.0;
            }
        },
    );
    sums.map(|sum| sum / count)
}

#[test]
fn children_are_looked_down_at_with_more_than_the_eyes() {
    let pitches = |at| pitches(Personality::CURIOUS, visitor(1, at));
    let (adult, child) = (pitches([320.0, 240.0]), pitches([320.0, 440.0]));
    assert!(child[0] > adult[0] + 2.0, "head {adult:?} {child:?}");
    assert!(child[1] > adult[1] + 8.0, "eyes {adult:?} {child:?}");
}

#[test]
fn a_shy_portrait_draws_back_from_whoever_comes_very_near() {
    let at = |scale| Act {
        scale,
        ..visitor(1, [320.0, 240.0])
    };
    let off = |personality| {
        let (far, near) = (
            pitches(personality, at(3.0)),
            pitches(personality, at(13.0)),
        );
        [near[0] - far[0], near[1] - far[1]]
    };
    let [serene, mirror] = [off(Personality::SERENE), off(Personality::MIRROR)];
    assert!(
        serene[0] < mirror[0] - 1.5 && serene[1] > mirror[1] + 2.5,
        "{serene:?} {mirror:?}"
    );
}

#[test]
fn others_get_a_glance_while_one_is_answered() {
    let group = |_| {
        vec![
            visitor(1, [320.0, 240.0]),
            visitor(2, [120.0, 240.0]),
            visitor(3, [520.0, 240.0]),
        ]
    };
    for personality in Personality::BUILT_IN {
        let mut mover = mover(personality);
        let mut at = [0u32; 3];
        let mut turns = 0;
        let mut before = 0;
        play(&mut mover, 0, 120, group, |second, moved| {
            assert!(second < 1.0 || moved.visitor == Some(TrackId(1)));
            let place = match number(moved.motion.gaze.yaw) {
                yaw if yaw > 8.0 => 1,
                yaw if yaw < -8.0 => 2,
                _ => 0,
            };
            at[place] += 1;
            turns += u32::from(place != before);
            before = place;
        });
        let share = |place: usize| f64::from(at[place]) / (120.0 * FPS as f64);
        if personality.others == 0 {
            assert_eq!(turns, 0, "{}", personality.name);
            continue;
        }
        assert!(share(0) > 0.75, "{}: {at:?}", personality.name);
        assert!(at[1] > 0 && at[2] > 0, "{}: {at:?}", personality.name);
        assert!((4..60).contains(&turns), "{}: {turns}", personality.name);
    }
}

/// Moments at which a number turns from rising to falling by more than `least` since the last trough.
fn crests(values: &[(f64, f64)], least: f64) -> Vec<f64> {
    let (mut found, mut low, mut high) = (Vec::new(), f64::INFINITY, (0.0, f64::NEG_INFINITY));
    for &(second, value) in values {
        if value > high.1 {
            high = (second, value);
        }
        if high.1 - low > least && high.1 - value > least {
            found.push(high.0);
            (low, high) = (value, (second, f64::NEG_INFINITY));
        }
        if value < low {
            (low, high) = (value, (second, value));
        }
    }
    found
}

#[test]
fn idle_life_has_peoples_statistics_and_does_not_loop() {
    let personality = Personality {
        drowsy_after: Micros(0),
        ..Personality::SERENE
    };
    let mut mover = mover(personality);
    let (mut shut, mut blinks, mut chin) = (false, Vec::new(), Vec::new());
    play(
        &mut mover,
        0,
        1_800,
        |_| vec![],
        |second, moved| {
            let open = number(moved.motion.eye_openness[0]);
            if open < 0.4 && !shut {
                blinks.push(f64::from(second));
            }
            shut = open < if shut { 0.6 } else { 0.4 };
            chin.push((f64::from(second), -number(moved.motion.head.pitch)));
        },
    );
    let per_minute = blinks.len() as f64 / 30.0;
    assert!((9.5..13.5).contains(&per_minute), "{per_minute} blinks");
    let pauses = |moments: &[f64]| -> Vec<f64> {
        moments.windows(2).map(|pair| pair[1] - pair[0]).collect()
    };
    let between = pauses(&blinks);
    // Four pauses in a row never come again, to a tenth of a second.
    let runs: Vec<Vec<i64>> = between
        .windows(4)
        .map(|run| run.iter().map(|pause| (10.0 * pause) as i64).collect())
        .collect();
    let different: BTreeSet<&Vec<i64>> = runs.iter().collect();
    assert_eq!(different.len(), runs.len());
    let breaths = pauses(&crests(&chin, 0.25));
    let mean = breaths.iter().sum::<f64>() / breaths.len() as f64;
    let spread = breaths.iter().map(|b| (b - mean).powi(2)).sum::<f64>() / breaths.len() as f64;
    let uneven = spread.sqrt() / mean;
    println!(
        "{per_minute} blinks, {:.1} breaths a minute, uneven by {uneven:.2}",
        60.0 / mean
    );
    assert!(
        (12.0..20.0).contains(&(60.0 / mean)),
        "{} breaths",
        60.0 / mean
    );
    assert!((0.08..0.35).contains(&uneven), "{uneven}");
}

#[test]
fn whoever_is_too_far_away_is_glanced_at_but_not_answered() {
    let mut mover = mover(Personality::CURIOUS);
    mover.set_reach(2.0);
    // Pixels a centimetre: smaller is farther.
    let act = |scale: f32| Act {
        scale,
        ..visitor(1, [320.0, 240.0])
    };
    let place = Placement::default();
    let metres = |scale: f32| place.whereabouts_of(&face(&act(scale)), PICTURE).distance;
    let (near, edge, far) = (act(5.0), act(2.25), act(1.5));
    assert!(metres(near.scale) < 2.0 && metres(far.scale) > 2.5);
    assert!(
        (2.02..2.38).contains(&metres(edge.scale)),
        "{}",
        metres(edge.scale)
    );
    let mut now = 0;
    let mut state = |act: Act, mover: &mut Mover| {
        let mut last = State::Alone;
        for _ in 0..150 {
            now += 33_333;
            let moment = Moment(now);
            let faces = seen([face(&act)], moment);
            mover.see(&faces, Some(TrackId(1)));
            last = mover.at(moment).state;
        }
        last
    };
    assert_eq!(state(far, &mut mover), State::Alone);
    assert_eq!(state(edge, &mut mover), State::Alone);
    assert_eq!(state(near, &mut mover), State::Engaged);
    // A step back is no goodbye.
    assert_eq!(state(edge, &mut mover), State::Engaged);
    assert_eq!(state(far, &mut mover), State::Alone);
}

#[test]
fn alone_it_looks_where_visitors_eyes_would_be() {
    let pitch = |below: f32| {
        let mut mover = mover(Personality::SERENE);
        mover.set_usual_visitors(below, 1.5);
        let frames = 20 * 60;
        let sum: f64 = (0..frames)
            .map(|frame| number(mover.at(Moment(frame * 50_000)).motion.gaze.pitch))
            .sum();
        sum / frames as f64
    };
    // Positive is down.
    let (level, high) = (pitch(0.0), pitch(0.3));
    assert!((4.0..14.0).contains(&(high - level)), "{level} {high}");
    assert!(pitch(-0.3) < level - 4.0);
}
