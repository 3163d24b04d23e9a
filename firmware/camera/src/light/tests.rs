//! The light from numbers: cameras that tell much, little or nothing, and visitors before them.

use super::*;
use proptest::prelude::*;

/// A luma in 256ths for mid grey.
const GREY: u16 = 30_100;

/// The luma of a picture so many stops from mid grey.
fn luma_of(stops: f32) -> u16 {
    let linear = (0.18 * stops.exp2()).min(1.0);
    let code = if linear <= 0.003_130_8 {
        linear * 12.92
    } else {
        1.055 * linear.powf(1.0 / 2.4) - 0.055
    };
    (code * 255.0 * 256.0) as u16
}

fn exposure(exposure: i32) -> Told {
    Told {
        exposure: Some(exposure),
        ..Told::default()
    }
}

/// Looks for so many seconds from where the light's time stands.
fn look(light: &mut RoomLight, luma: u16, told: &Told, seconds: u64) {
    let start = light.last.map_or(Moment(0), |last| last + INTERVAL);
    for half in 0..2 * seconds {
        light.look(luma, told, start + Micros(half * INTERVAL.0));
    }
}

fn lux(light: &RoomLight) -> f32 {
    light.seen().map_or(f32::NAN, |seen| seen.lux as f32)
}

#[test]
fn the_scale_can_be_told_on_the_telephone() {
    // 25 ms for mid grey is 100 lx; a tenth of the time is ten times the light.
    for (time, lux_expected, level_expected) in [(2500, 10, 0), (250, 100, 500), (25, 1000, 1000)] {
        let mut light = RoomLight::new();
        assert_eq!((light.level(), light.seen()), (1000, None));
        look(&mut light, GREY, &exposure(time), 300);
        assert!((lux(&light) / lux_expected as f32 - 1.0).abs() < 0.03);
        assert!(
            light.level().abs_diff(level_expected) <= 5,
            "{}",
            light.level()
        );
        assert_eq!(light.seen().unwrap().basis, Basis::Exposure);
    }
    assert_eq!(brightness(0, 20, 100), 200);
    assert_eq!(brightness(500, 20, 100), 600);
    assert_eq!(brightness(1000, 20, 80), 800);
    // A least above the most is no reason to be too bright.
    assert_eq!(brightness(0, 90, 50), 500);
}

#[test]
fn what_tells_nothing_is_seen_by_its_luma_alone() {
    let mut light = RoomLight::new();
    look(&mut light, GREY, &Told::default(), 300);
    assert!(light.level().abs_diff(500) <= 5);
    look(&mut light, luma_of(-2.0), &Told::default(), 300);
    assert!(light.level().abs_diff(199) <= 8, "{}", light.level());
    assert_eq!(light.seen().unwrap().basis, Basis::Luma);
}

#[test]
fn the_first_seconds_of_a_camera_do_not_count() {
    let mut light = RoomLight::new();
    look(&mut light, GREY, &exposure(250), 300);
    let before = light.level();
    // A bright flash while the exposure finds its way, after each of many openings.
    for _ in 0..200 {
        light.away();
        look(&mut light, 65_000, &exposure(250), 2);
        look(&mut light, GREY, &exposure(250), 12);
    }
    assert_eq!(light.level(), before);
}

#[test]
fn a_camera_that_is_away_holds_the_level() {
    let mut light = RoomLight::new();
    look(&mut light, GREY, &exposure(2500), 60);
    let on_its_way = light.level();
    assert!((500..990).contains(&on_its_way));
    light.away();
    // It comes back after an hour, by a clock that went on; ten seconds tell nothing yet.
    let back = light.last.unwrap() + Micros::from_secs(3600);
    for half in 0..20 {
        light.look(GREY, &exposure(2500), back + Micros(half * INTERVAL.0));
        assert_eq!(light.level(), on_its_way);
    }
    look(&mut light, GREY, &exposure(2500), 300);
    assert!(light.level() <= 5, "{}", light.level());
}

#[test]
fn a_number_that_is_never_written_is_found_out() {
    // The truth is 100 lx throughout; the camera says 3 whatever it does.
    let mut light = RoomLight::new();
    look(&mut light, GREY, &exposure(3), 60);
    assert!(lux(&light) > 1000.0);
    // A lamp goes out, and the automatic exposure does not come back to mid grey.
    look(&mut light, luma_of(-2.0), &exposure(3), 300);
    assert_eq!(light.seen().unwrap().basis, Basis::Luma);
    assert!((lux(&light) - 25.0).abs() < 3.0, "{}", lux(&light));
    // Unplugged and plugged in, it is still known.
    light.away();
    look(&mut light, GREY, &exposure(3), 120);
    assert!((lux(&light) - 100.0).abs() < 5.0);
    // Another camera is another matter.
    light.other_camera();
    look(&mut light, GREY, &exposure(25), 120);
    assert!((lux(&light) / 1000.0 - 1.0).abs() < 0.05);
}

proptest! {
    /// Whatever cameras and clocks do: the level stays in its bounds and never hurries.
    #[test]
    fn any_input_is_slow_and_bounded(
        steps in proptest::collection::vec(
            (any::<u16>(), proptest::option::of(any::<i32>()), proptest::option::of(any::<i32>()),
             proptest::option::of((any::<i32>(), any::<i32>())), proptest::option::of(any::<bool>()),
             0u64..4_000_000, any::<bool>()),
            1..300),
    ) {
        let mut light = RoomLight::new();
        let mut now = Moment(3);
        for (luma, exposure, gain, gains, manual, step, away) in steps {
            if away && step % 7 == 0 {
                light.away();
            }
            let before = light.level();
            now = now + Micros(step);
            light.look(luma, &Told { exposure, gain, gains, manual }, now);
            prop_assert!(light.level() <= FULL_LEVEL);
            // Five thousandths a second, a pause counts as one, and rounding is one more.
            prop_assert!(light.level().abs_diff(before) <= 6);
        }
    }

    /// Clocks that run backwards, as a looped recording's may, change nothing about that.
    #[test]
    fn any_moment_will_do(moments in proptest::collection::vec(any::<u64>(), 1..300)) {
        let mut light = RoomLight::new();
        for moment in moments {
            let before = light.level();
            light.look(GREY, &Told::default(), Moment(moment));
            prop_assert!(light.level().abs_diff(before) <= 6);
        }
    }

    /// The same again gives the same again.
    #[test]
    fn reproducible(lumas in proptest::collection::vec(any::<u16>(), 100..200)) {
        let run = || {
            let mut light = RoomLight::new();
            lumas.iter().enumerate().map(|(index, luma)| {
                light.look(*luma, &exposure(100), Moment(index as u64 * INTERVAL.0));
                light.level()
            }).collect::<Vec<_>>()
        };
        prop_assert_eq!(run(), run());
    }

    /// More light is never a darker screen, once it has come to rest.
    #[test]
    fn more_light_is_more_brightness(dark in 0u16..65_000, more in 0u16..500, time in 1i32..5000) {
        prop_assert!(level(luma::stops(dark)) <= level(luma::stops(dark + more)));
        let light = |time| level(-libm::log2f(time as f32 / 250.0));
        prop_assert!(light(time) >= light(time + 1));
    }

    #[test]
    fn brightness_lies_between(level in any::<u16>(), least in any::<u8>(), most in any::<u8>()) {
        let brightness = brightness(level, least, most);
        prop_assert!(brightness <= u16::from(most.min(100)) * 10);
        prop_assert!(brightness >= u16::from(least.min(most).min(100)) * 10);
    }
}
