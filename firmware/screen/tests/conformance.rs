//! The promises of a screen, checked on every kind of screen.

// A test fails by panicking; the lint is for the device.
#![allow(clippy::unwrap_used)]

mod common;

use common::{clock, open};
use sfumato_core::pixels::{PixelsMut, Xrgb};
use sfumato_screen::{Act, Counters, Faulty, Mode, Presented, Screen, ScreenError, conformance};
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
    check(&format!("{uri}?rotate=270&every=3"), 12);
}

#[test]
fn a_scripted_screen() {
    let mut screen = Faulty::new(vec![Act::Flips(3), Act::TimeOuts(1)], (64, 48), clock());
    // Two seconds of a time-out are not needed to see one.
    let seen = conformance::check(&mut screen, 10).unwrap();
    assert_eq!((seen.flips, seen.timeouts), (9, 1));
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
