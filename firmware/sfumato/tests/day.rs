//! A day in a second: a museum opens and closes, on the night when the clock is put back; nothing jumps.

// A test fails by panicking; the lint is for the device.
#![allow(clippy::unwrap_used)]

#[path = "../../motion/tests/common/mod.rs"]
mod visitors;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use sfumato::civil;
use sfumato::house::House;
use sfumato_compositor::tone::Tone;
use sfumato_core::face::{Faces, TrackId};
use sfumato_core::motion::Motion;
use sfumato_core::pixels::{rgb, xrgb};
use sfumato_core::time::{Micros, Moment};
use sfumato_motion::{Moved, Mover, Placement, State};
use sfumato_personalities::Personalities;
use sfumato_settings::{Settings, Staged};
use std::collections::BTreeSet;
use visitors::Act;

const FPS: u64 = 30;

/// 2026-10-25 in Rome begins at 22:00 UTC of the day before, and has 25 hours.
const MIDNIGHT: i64 = 1_792_879_200;
const HOURS: u64 = 25;

fn settings() -> Box<Settings> {
    let mut staged = Staged::default();
    for (name, value) in [
        ("opening.hours", "Sa,Su 10:00-18:00"),
        ("opening.time_zone", "Europe/Rome"),
        ("display.brightness_mode", "schedule"),
        ("display.night_brightness", "40"),
        ("display.night_starts", "17:00"),
    ] {
        staged.set(name, value).unwrap();
    }
    Box::new(staged.over(&Settings::default()))
}

/// What must not jump, in degrees; lids may: they blink.
fn head(motion: &Motion) -> [f64; 3] {
    let head = motion.head;
    [head.yaw, head.pitch, head.roll].map(|angle| angle.to_num())
}

/// Who stands before the painting at that minute of the day: one who is still there at closing time, two, a class.
fn guests(minute: u16, second: f32) -> Vec<Act> {
    let guest = |track: u32, x: f32| Act {
        track,
        yaw: 9.0 * (0.4 * second + track as f32).sin(),
        mouth: 0.1 + 0.09 * (1.3 * second).sin(),
        at: [x + 12.0 * (0.3 * second).sin(), 240.0],
        scale: 5.0,
        ..Act::default()
    };
    match minute {
        659 => vec![guest(1, 200.0)],
        660 => vec![guest(1, 240.0), guest(2, 420.0)],
        840 => (0..7)
            .map(|place| guest(10 + place, 90.0 + 75.0 * place as f32))
            .collect(),
        1018..1020 | 1078..1081 => vec![guest(3, 330.0)],
        _ => vec![],
    }
}

fn seen(guests: &[Act], captured: Moment) -> Faces {
    let (width, height) = visitors::PICTURE;
    Faces {
        captured,
        width,
        height,
        faces: guests.iter().map(visitors::face).collect(),
    }
}

fn white(tone: &Tone) -> u8 {
    rgb(tone.of(xrgb([255; 3])))[0]
}

#[test]
fn nothing_jumps_on_a_day_of_twenty_five_hours() {
    let mut house = House::new(settings(), Personalities::default());
    let personality = house.personality().unwrap();
    let mut mover = Mover::new(personality, Placement::default(), 5);
    let zone = TimeZone::get("Europe/Rome").unwrap();
    let (mut frames, mut most) = (0u64, 0.0f64);
    let look = |second: u64, house: &mut House, mover: &mut Mover| {
        let moment = Timestamp::from_second(MIDNIGHT + second as i64).unwrap();
        let local = civil::local(&moment.to_zoned(zone.clone())).unwrap();
        house.look(Some(local));
        mover.set_open(house.is_open());
        (local.time.minute(), house.is_open())
    };
    let mut states = BTreeSet::new();
    let mut asleep_and_black = 0;
    let (mut opened, mut closed) = (None, None);
    let mut before: Option<(State, bool)> = None;
    let (mut last, mut shown): (Option<u8>, Vec<[f64; 3]>) = (None, Vec::new());
    for second in 0..HOURS * 3600 {
        let (minute, open) = look(second, &mut house, &mut mover);
        // Every frame around the changes and now and then; else one a second.
        let near = [10 * 60, 11 * 60, 14 * 60, 17 * 60, 18 * 60]
            .iter()
            .any(|change| minute.abs_diff(*change) <= 2);
        let steps = if near || second % 3600 < 20 { FPS } else { 1 };
        if steps == 1 {
            shown.clear();
            last = None;
        }
        for step in 0..steps {
            let now = Moment(0) + Micros(1_000_000 * second + 1_000_000 * step / FPS);
            if steps == FPS {
                let there = guests(minute, second as f32 + step as f32 / FPS as f32);
                let first = there.first().map(|guest| TrackId(guest.track));
                mover.see(&seen(&there, now), first);
            }
            let moved: Moved = mover.at(now);
            states.insert(moved.state.name());
            let tone = house.tone(now, moved.state);
            frames += 1;
            if steps == FPS {
                let bright = white(&tone);
                let jump = last.map_or(0, |last: u8| last.abs_diff(bright));
                assert!(jump <= 8, "brightness jumps by {jump} at {minute}");
                last = Some(bright);
                shown.push(head(&moved.motion));
                if let [.., a, b, c] = shown.as_slice() {
                    for axis in 0..3 {
                        let bend = (a[axis] - 2.0 * b[axis] + c[axis]).abs();
                        most = most.max(bend);
                        assert!(bend < 0.15, "the head jumps by {bend} degrees at {minute}");
                    }
                }
            }
            if moved.state == State::Asleep && white(&tone) == 0 {
                asleep_and_black += 1;
            }
            if before.is_some_and(|(_, was)| was != open) && step == 0 {
                if open {
                    opened = Some(minute);
                } else {
                    closed = Some(minute);
                }
            }
            before = Some((moved.state, open));
        }
    }
    println!("{frames} frames, second difference {most:.2} degrees");
    assert_eq!(
        states,
        BTreeSet::from([
            "alone", "asleep", "drowsy", "engaged", "goodbye", "noticing"
        ])
    );
    // By the clock on the wall, whatever it did at night.
    assert_eq!((opened, closed), (Some(600), Some(1080)));
    assert!(
        asleep_and_black > 16 * 3600,
        "{asleep_and_black} of {frames}"
    );
}
