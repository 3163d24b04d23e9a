//! What the settings ask of the picture at a moment: open or closed, how bright, shifted where.
//!
//! The clock on the wall comes in as a number, so that a day can be run through in a second. Brightness
//! goes to what is wished for slowly: nobody shall see it jump. In a closed house the portrait falls
//! asleep, and when it sleeps the screen goes black.

use sfumato_camera::light::{self, FULL_LEVEL};
use sfumato_compositor::tone::FULL;
use sfumato_compositor::{PixelShift, Placement as Fitting, Tone};
use sfumato_core::pixels::{Xrgb, xrgb};
use sfumato_core::time::{Micros, Moment};
use sfumato_motion::{Mover, Personality, Placement, State};
use sfumato_personalities::Personalities;
use sfumato_settings::calendar::LocalTime;
use sfumato_settings::choices::{BrightnessMode, Fit};
use sfumato_settings::{Settings, hours};

/// Time in which brightness goes from nothing to all.
const EASING: Micros = Micros::from_secs(4);

/// How often brightness moves on: each step draws the whole screen.
const STEP: Micros = Micros::from_millis(100);

/// How long the portrait has slept when the screen goes black.
const ASLEEP_FOR: Micros = Micros::from_secs(60);

/// The settings, and how far the picture has followed them.
#[derive(Debug)]
pub struct House {
    settings: Box<Settings>,
    personalities: Personalities,
    open: bool,
    /// Of [`FULL`].
    brightness: u16,
    wished: u16,
    last_step: Option<Moment>,
    asleep_since: Option<Moment>,
    /// How light the room is, of [`FULL_LEVEL`].
    room_level: u16,
    /// Whether it has slept for long.
    black: bool,
}

impl House {
    /// A house under these settings, as bright as they say at once; open until it is known to be closed.
    pub fn new(settings: Box<Settings>, personalities: Personalities) -> House {
        let brightness = parts(settings.brightness());
        House {
            settings,
            personalities,
            open: true,
            brightness,
            wished: brightness,
            last_step: None,
            asleep_since: None,
            room_level: FULL_LEVEL,
            black: false,
        }
    }

    /// Other settings are in force; gives the old ones back.
    pub fn change(&mut self, settings: &mut Box<Settings>) {
        core::mem::swap(&mut self.settings, settings);
    }

    /// The settings in force.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Looks at the clock on the wall; none: it has never been set, and the house stays open.
    pub fn look(&mut self, local: Option<LocalTime>) {
        let settings = &self.settings;
        self.open = local
            .is_none_or(|now| hours::is_open(settings.opening_hours(), settings.holidays(), now));
        let most = settings.brightness_max();
        self.wished = match (settings.brightness_mode(), local) {
            (BrightnessMode::Schedule, Some(now)) => {
                parts(settings.scheduled_brightness(now.time).min(most))
            }
            (BrightnessMode::Camera, _) => {
                let brightest = settings.brightness().min(most);
                light::brightness(self.room_level, settings.brightness_min(), brightest)
            }
            _ => parts(settings.brightness().min(most)),
        };
        // Nothing has been shown yet: there is nothing to be eased from.
        if self.last_step.is_none() {
            self.brightness = self.wished;
        }
    }

    /// The camera has measured how light the room is, of [`FULL_LEVEL`].
    pub fn set_room_level(&mut self, level: u16) {
        self.room_level = level;
    }

    /// How bright the picture is now, of [`FULL`].
    pub fn brightness(&self) -> u16 {
        self.brightness
    }

    /// Whether nothing is to be seen: the portrait sleeps, and the picture has gone black.
    pub fn is_dark(&self) -> bool {
        self.black && self.brightness == 0
    }

    /// Whether the house is open.
    pub fn is_open(&self) -> bool {
        self.open
    }

    /// How bright and how coloured the picture is at a moment, when the portrait is in this state.
    pub fn tone(&mut self, now: Moment, state: State) -> Tone {
        self.asleep_since = match state {
            State::Asleep => self.asleep_since.or(Some(now)),
            _ => None,
        };
        self.black = self
            .asleep_since
            .is_some_and(|since| since.until(now) >= ASLEEP_FOR);
        let wished = if self.black { 0 } else { self.wished };
        let last = *self.last_step.get_or_insert(now);
        let since = last.until(now);
        if since >= STEP {
            let most = u64::from(FULL) * since.0 / EASING.0;
            let most = u16::try_from(most).unwrap_or(FULL).min(FULL);
            let [least, greatest] = [self.brightness.saturating_sub(most), self.brightness + most];
            self.brightness = wished.clamp(least, greatest.min(FULL));
            self.last_step = Some(now);
        }
        Tone::new(self.brightness, self.settings.gains())
    }

    /// Pixels by which the picture is shifted at a moment, right and down.
    pub fn shift(&self, now: Moment) -> (i32, i32) {
        let shift = PixelShift {
            reach: self.settings.pixel_shift_reach(),
            pace: self.settings.pixel_shift_pace(),
        };
        shift.at(now)
    }

    /// Tells the portrait how far it looks: whom it answers, and where usual visitors' eyes are.
    pub fn tell_distances(&self, mover: &mut Mover) {
        let settings = &self.settings;
        mover.set_reach(settings.answer_distance());
        mover.set_usual_visitors(settings.above_eye_level(), settings.visitor_distance());
    }

    /// The wall's colour.
    pub fn wall(&self) -> Xrgb {
        xrgb(self.settings.wall())
    }

    /// How the painting is brought to the screen's size.
    pub fn fitting(&self) -> Fitting {
        match self.settings.fit() {
            Fit::Fit => Fitting::Fit,
            Fit::Fill => Fitting::Fill,
            Fit::Exact => Fitting::Exact,
        }
    }

    /// The personality, as lively as it shall be; none if there is none of that name.
    pub fn personality(&self) -> Option<Personality> {
        let mut personality = self.personalities.by_name(self.settings.personality())?;
        personality.enliven(self.settings.liveliness());
        Some(personality)
    }

    /// Where the camera is.
    pub fn camera(&self) -> Placement {
        Placement {
            field_of_view: self.settings.field_of_view(),
            camera_above: self.settings.camera_above(),
            camera_right: self.settings.camera_right(),
            tilt_down: self.settings.tilt_down(),
            mirrored: self.settings.mirrored(),
        }
    }
}

fn parts(percent: u8) -> u16 {
    u16::from(percent) * (FULL / 100)
}

#[cfg(test)]
mod tests {
    use super::*;
    use sfumato_settings::Staged;
    use sfumato_settings::calendar::{Date, TimeOfDay};

    fn house(changes: &[(&str, &str)]) -> House {
        let mut staged = Staged::default();
        for (name, value) in changes {
            staged.set(name, value).unwrap();
        }
        House::new(
            Box::new(staged.over(&Settings::default())),
            Personalities::default(),
        )
    }

    fn at(time: &str) -> Option<LocalTime> {
        Some(LocalTime {
            date: Date::new(2026, 11, 27)?,
            time: TimeOfDay::parse(time)?,
        })
    }

    fn seconds(seconds: u64) -> Moment {
        Moment(0) + Micros::from_secs(seconds)
    }

    #[test]
    fn it_opens_and_closes_by_the_clock() {
        let mut house = house(&[("opening.hours", "Mo-Fr 10:00-18:00")]);
        for (time, open) in [
            ("09:59", false),
            ("10:00", true),
            ("17:59", true),
            ("18:00", false),
        ] {
            house.look(at(time));
            assert_eq!(house.is_open(), open, "{time}");
        }
        // A clock that was never set keeps nobody out.
        house.look(None);
        assert!(house.is_open());
    }

    #[test]
    fn brightness_never_jumps() {
        let mut house = house(&[
            ("display.brightness_mode", "schedule"),
            ("display.night_brightness", "30"),
        ]);
        house.look(at("12:00"));
        let mut last = house.tone(seconds(0), State::Alone);
        assert!(last.is_neutral());
        house.look(at("21:00"));
        let white = |tone: &Tone| sfumato_core::pixels::rgb(tone.of(xrgb([255; 3])))[0];
        for frame in 1..=600 {
            let now = Moment(frame * 1_000_000 / 60);
            let tone = house.tone(now, State::Alone);
            assert!(white(&last).abs_diff(white(&tone)) <= 8, "frame {frame}");
            last = tone;
        }
        assert_eq!(white(&last), 77);
        // Never brighter than the panel may be.
        let mut capped = self::house(&[
            ("display.brightness", "50"),
            ("display.night_brightness", "40"),
            ("display.brightness_max", "50"),
        ]);
        capped.look(at("12:00"));
        assert_eq!(white(&capped.tone(seconds(0), State::Alone)), 128);
    }

    #[test]
    fn it_begins_as_bright_as_it_shall_be_and_survives_any_pause() {
        let mut house = house(&[
            ("display.brightness_mode", "schedule"),
            ("display.night_brightness", "30"),
        ]);
        house.look(at("22:00"));
        let night = Tone::new(300, [100; 3]);
        assert_eq!(house.tone(seconds(0), State::Alone), night);
        house.look(at("12:00"));
        // The display was away meanwhile, for a moment or for days.
        let mut now = 0;
        for pause in [1, 100, 261, 262, 263, 264, 1_000, 1_000_000] {
            now += pause;
            house.tone(seconds(now), State::Alone);
        }
        assert!(house.tone(seconds(now + 1), State::Alone).is_neutral());
    }

    #[test]
    fn a_sleeping_portrait_goes_black_and_comes_back() {
        let mut house = house(&[]);
        house.look(at("12:00"));
        let mut black_from = None;
        for second in 0..200 {
            let tone = house.tone(seconds(second), State::Asleep);
            if black_from.is_none() && tone == Tone::new(0, [100; 3]) {
                black_from = Some(second);
            }
        }
        assert!(matches!(black_from, Some(61..=70)), "{black_from:?}");
        let awake = (200..210).map(|second| house.tone(seconds(second), State::Alone));
        assert!(awake.last().unwrap().is_neutral());
    }
}
