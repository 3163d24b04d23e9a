//! The promises of a screen, checked on every kind of screen.

// A test fails by panicking; the lint is for the device.
#![allow(clippy::unwrap_used)]

mod common;

use common::{clock, open};
use sfumato_core::pixels::{PixelsMut, Xrgb};
use sfumato_screen::{
    Act, Counters, Faulty, Mode, Power, Presented, Screen, ScreenError, conformance,
};
use std::time::Duration;

fn check(uri: &str, pictures: u32) -> conformance::Seen {
    let mut screen = open(uri, (64, 48)).unwrap_or_else(|error| panic!("{uri}: {error}"));
    conformance::check(&mut *screen, pictures).unwrap_or_else(|broken| panic!("{uri}: {broken}"))
}

#[test]
fn nowhere() {
    assert_eq!(check("null:", 20).flips, 20);
    assert_eq!(check("null:?hz=200", 20).flips, 20);
    for degrees in [90, 180, 270] {
        assert_eq!(check(&format!("null:?rotate={degrees}"), 20).flips, 20);
    }
}

#[test]
fn files() {
    let folder = tempfile::tempdir().unwrap();
    let uri = format!("frames:{}", folder.path().join("a/b").display());
    assert_eq!(check(&uri, 12).flips, 12);
    // Twelve, the last one again, and five after waking; none while asleep.
    let written = std::fs::read_dir(folder.path().join("a/b"))
        .unwrap()
        .count();
    assert_eq!(written, 18);
    check(&format!("{uri}?rotate=270&every=3"), 12);
}

#[test]
fn a_scripted_screen() {
    let mut screen = Faulty::new(vec![Act::Flips(3), Act::TimeOuts(1)], (64, 48), clock());
    // Two seconds of a time-out are not needed to see one.
    let seen = conformance::check(&mut screen, 10).unwrap();
    assert_eq!((seen.flips, seen.timeouts, seen.sleeps), (9, 1, true));
}

#[test]
fn a_screen_whose_power_is_fixed_goes_on_showing() {
    let fixed = vec![Act::PowerFixed(3)];
    let mut screen = Faulty::new(fixed, (64, 48), clock());
    let seen = conformance::check(&mut screen, 4).unwrap();
    assert_eq!((seen.flips, seen.sleeps), (4, false));
}

#[test]
fn a_refused_switch_leaves_the_power_as_it_was() {
    let acts = vec![Act::PowerIo(5), Act::PowerIo(13), Act::Flips(1)];
    let mut screen = Faulty::new(acts, (64, 48), clock());
    assert!(screen.set_power(false).unwrap_err().may_recover());
    let shown = screen.present(Duration::ZERO).unwrap();
    assert!(matches!(shown, Presented::Flipped(_)));
    assert!(screen.set_power(false).is_err());
    assert_eq!(screen.set_power(false).unwrap(), Power::Asleep);
}

#[test]
fn a_display_plugged_in_at_night_stays_dark() {
    let acts = [Act::Unplugged(1), Act::Size(80, 60), Act::TimeOuts(1)];
    for replugged in [&acts[..1], &acts[..]] {
        let mut screen = Faulty::new(replugged.to_vec(), (64, 48), clock());
        // The wish is kept although the display is gone already.
        assert_eq!(screen.set_power(false).unwrap(), Power::Asleep);
        assert!(screen.present(Duration::ZERO).is_err());
        assert!(screen.reprobe().is_err());
        assert!(screen.reprobe().unwrap());
        for _ in 0..3 {
            let shown = screen.present(Duration::ZERO).unwrap();
            assert!(matches!(shown, Presented::Asleep(_)), "{shown:?}");
        }
        assert_eq!(screen.counters().flips + screen.counters().timeouts, 0);
        assert_eq!(screen.set_power(true).unwrap(), Power::Awake);
    }
}

#[test]
fn asleep_the_beat_goes_on_and_no_beat_is_missed() {
    let mut screen = open("null:?hz=100", (64, 48)).unwrap();
    let present = |screen: &mut dyn Screen| screen.present(Duration::from_secs(2)).unwrap();
    present(&mut *screen);
    screen.set_power(false).unwrap();
    let mut turns = Vec::new();
    for _ in 0..4 {
        match present(&mut *screen) {
            Presented::Asleep(at) => turns.push(at.0),
            other => panic!("{other:?}"),
        }
    }
    // The first turn may be told late, the others not: two beats of ten milliseconds lie between.
    assert!(turns[3] - turns[0] >= 20_000, "{turns:?}");
    std::thread::sleep(Duration::from_millis(50));
    screen.set_power(true).unwrap();
    present(&mut *screen);
    let counters = screen.counters();
    assert_eq!((counters.flips, counters.missed), (2, 0));
}

#[test]
fn a_display_that_is_unplugged_comes_back_as_another() {
    let mut screen = Faulty::new(
        vec![Act::Flips(2), Act::Unplugged(3), Act::Size(80, 60)],
        (64, 48),
        clock(),
    );
    let mut story = Vec::new();
    for _ in 0..8 {
        let mut seen = None;
        let drawn = screen.draw(&mut |pixels, age| seen = Some((pixels.width(), age)));
        match drawn.and_then(|()| screen.present(Duration::ZERO)) {
            Ok(Presented::Flipped(_)) => story.push(format!("{:?}", seen.unwrap())),
            Ok(Presented::TimedOut) => story.push("late".into()),
            Ok(Presented::Asleep(_)) => story.push("dark".into()),
            Err(error) => {
                assert!(error.may_recover());
                story.push(match screen.reprobe() {
                    Ok(true) => "back".into(),
                    Ok(false) => "?".into(),
                    Err(_) => "gone".into(),
                });
            }
        }
    }
    assert_eq!(
        story,
        [
            "(64, 0)", "(64, 1)", "gone", "gone", "gone", "back", "(80, 0)", "(80, 1)"
        ]
    );
    assert_eq!(
        screen.counters(),
        Counters {
            flips: 4,
            lost: 1,
            found: 1,
            ..Counters::default()
        }
    );
}

/// The suite must notice a screen that breaks its promises, or it proves nothing.
#[test]
fn broken_promises_are_noticed() {
    struct Liar {
        inner: Box<dyn Screen>,
        age: Option<u32>,
        mode: Option<Mode>,
        flips: u64,
    }
    impl Screen for Liar {
        fn mode(&self) -> Mode {
            self.mode.unwrap_or(self.inner.mode())
        }
        fn draw(
            &mut self,
            paint: &mut dyn FnMut(PixelsMut<'_, Xrgb>, u32),
        ) -> Result<(), ScreenError> {
            let lie = self.age;
            self.inner.draw(&mut |pixels, age| {
                let age = if age > 0 { lie.unwrap_or(age) } else { 0 };
                paint(pixels, age)
            })
        }
        fn present(&mut self, timeout: Duration) -> Result<Presented, ScreenError> {
            self.inner.present(timeout)
        }
        fn reprobe(&mut self) -> Result<bool, ScreenError> {
            self.inner.reprobe()
        }
        fn description(&self) -> String {
            self.inner.description()
        }
        fn counters(&self) -> Counters {
            let mut counters = self.inner.counters();
            counters.flips *= self.flips;
            counters
        }
    }
    let verdict = |age, mode, flips| {
        let inner = open("null:", (64, 48)).unwrap();
        conformance::check(
            &mut Liar {
                inner,
                age,
                mode,
                flips,
            },
            10,
        )
    };
    assert!(verdict(None, None, 1).is_ok());
    assert!(verdict(Some(2), None, 1).unwrap_err().contains("age"));
    assert!(verdict(None, None, 2).unwrap_err().contains("counter"));
    let wrong = Mode {
        width: 65,
        height: 48,
        refresh_millihertz: 0,
    };
    assert!(verdict(None, Some(wrong), 1).unwrap_err().contains("size"));
}

/// The same for sleep.
#[test]
fn screens_that_lie_about_sleep_are_noticed() {
    #[derive(Clone, Copy, PartialEq)]
    enum Lie {
        None,
        AsleepAtFirst,
        SleepsAndShows,
        FixedAndSleeps,
        NeverWakes,
        SaysItStillSleeps,
        CountsAsleep,
        RemembersTheNight,
    }
    struct Liar {
        inner: Box<dyn Screen>,
        lie: Lie,
        asleep: bool,
        slept: u64,
    }
    impl Screen for Liar {
        fn mode(&self) -> Mode {
            self.inner.mode()
        }
        fn draw(
            &mut self,
            paint: &mut dyn FnMut(PixelsMut<'_, Xrgb>, u32),
        ) -> Result<(), ScreenError> {
            let old = self.lie == Lie::RemembersTheNight && self.slept > 0;
            let pure = self.lie == Lie::SleepsAndShows && self.asleep;
            self.inner
                .draw(&mut |pixels, age| paint(pixels, if pure { 0 } else { age.max(old.into()) }))
        }
        fn present(&mut self, timeout: Duration) -> Result<Presented, ScreenError> {
            let presented = self.inner.present(timeout);
            self.slept += u64::from(matches!(presented, Ok(Presented::Asleep(_))));
            presented
        }
        fn reprobe(&mut self) -> Result<bool, ScreenError> {
            self.inner.reprobe()
        }
        fn description(&self) -> String {
            self.inner.description()
        }
        fn counters(&self) -> Counters {
            let mut counters = self.inner.counters();
            if self.lie == Lie::CountsAsleep {
                counters.timeouts += self.slept;
            }
            counters
        }
        fn set_power(&mut self, on: bool) -> Result<Power, ScreenError> {
            let slept = std::mem::replace(&mut self.asleep, !on);
            match self.lie {
                Lie::AsleepAtFirst if on => Ok(Power::Asleep),
                Lie::SleepsAndShows if !on => Ok(Power::Asleep),
                Lie::FixedAndSleeps => self.inner.set_power(on).map(|_| Power::Fixed),
                Lie::NeverWakes if on => Ok(Power::Awake),
                Lie::SaysItStillSleeps if on && slept => Ok(Power::Asleep),
                _ => self.inner.set_power(on),
            }
        }
    }
    let verdict = |lie| {
        let mut liar = Liar {
            inner: open("null:", (64, 48)).unwrap(),
            lie,
            asleep: false,
            slept: 0,
        };
        conformance::check(&mut liar, 6)
    };
    assert!(verdict(Lie::None).unwrap().sleeps);
    for (lie, word) in [
        (Lie::AsleepAtFirst, "awake at first"),
        (Lie::SleepsAndShows, "a screen asleep shows nothing"),
        (Lie::FixedAndSleeps, "not put to sleep shows"),
        (Lie::NeverWakes, "not put to sleep shows"),
        (Lie::SaysItStillSleeps, "can be woken"),
        (Lie::CountsAsleep, "asleep no event is counted"),
        (Lie::RemembersTheNight, "age"),
    ] {
        let message = verdict(lie).unwrap_err();
        assert!(message.contains(word), "{message}");
    }
}

#[test]
fn a_window() {
    if std::env::var_os("DISPLAY").is_none() {
        let error = open("window:", (64, 48))
            .err()
            .map(|error| error.to_string());
        println!("skipped: there is no DISPLAY");
        assert!(error.is_some_and(|error| error.contains("frames:FOLDER")));
        return;
    }
    assert_eq!(check("window:?size=320x240", 20).flips, 20);
}

#[test]
fn a_real_display() {
    // Taking the display from a desktop would be rude: only where one asks for it.
    let Some(device) = std::env::var_os("SFUMATO_TEST_DRM") else {
        println!("skipped: set SFUMATO_TEST_DRM=/dev/dri/card0 to test a real display");
        return;
    };
    check(&format!("drm:{}", device.to_string_lossy()), 60);
}
