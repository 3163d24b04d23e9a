//! All settings at one moment.

use crate::calendar::TimeOfDay;
use crate::choices::{BrightnessMode, DisplayPower, Fit};
use crate::hours::{Holidays, WeeklyHours};
use crate::pin::Verifier;
use crate::registry::{COUNT, Id, SETTINGS};
use crate::value::Value;
use sfumato_core::pixels::Rgb;
use sfumato_core::time::Micros;

/// A value for every setting, each of its kind: a snapshot that is handed around.
///
/// Some 13 KB that hold no pointers. New values come in through [`crate::Staged`], which checks them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// By [`Id`]; each holds the variant that its kind makes.
    values: [Value; COUNT],
}

/// The registry's defaults.
impl Default for Settings {
    fn default() -> Settings {
        Settings {
            values: core::array::from_fn(|index| SETTINGS[index].default),
        }
    }
}

impl Settings {
    /// The value of a setting.
    pub fn get(&self, id: Id) -> &Value {
        &self.values[id as usize]
    }

    /// Puts in a value that the setting's own kind has made.
    pub(crate) fn put(&mut self, id: Id, value: Value) {
        self.values[id as usize] = value;
    }

    /// Settings whose value is different in `other`.
    pub fn differences<'a>(&'a self, other: &'a Settings) -> impl Iterator<Item = Id> + 'a {
        Id::all().filter(|id| self.get(*id) != other.get(*id))
    }

    /// What the installation is called; may be empty.
    pub fn name(&self) -> &str {
        self.text(Id::Name)
    }

    /// The name of the personality, built in or installed.
    pub fn personality(&self) -> &str {
        self.text(Id::Personality)
    }

    /// The name of the pack that is shown; none: the installation's own.
    pub fn painting(&self) -> Option<&str> {
        Some(self.text(Id::Painting)).filter(|name| *name != "installed")
    }

    /// The colour of the wall around the painting.
    pub fn wall(&self) -> Rgb {
        match *self.get(Id::Wall) {
            Value::Colour(colour) => colour,
            _ => [0; 3],
        }
    }

    /// Brightness by day or always, in percent, 0 to 100; never above [`Settings::brightness_max`].
    pub fn brightness(&self) -> u8 {
        self.percent(Id::Brightness)
    }

    /// What decides about brightness.
    pub fn brightness_mode(&self) -> BrightnessMode {
        BrightnessMode::from_name(self.choice(Id::BrightnessMode)).unwrap_or(BrightnessMode::Fixed)
    }

    /// The darkest that the camera's light makes the picture, in percent, 0 to 100.
    pub fn brightness_min(&self) -> u8 {
        self.percent(Id::BrightnessMin)
    }

    /// The brightness that nothing exceeds, in percent, 10 to 100.
    pub fn brightness_max(&self) -> u8 {
        self.percent(Id::BrightnessMax)
    }

    /// Brightness by night under [`BrightnessMode::Schedule`], in percent, 0 to 100.
    pub fn night_brightness(&self) -> u8 {
        self.percent(Id::NightBrightness)
    }

    /// When the day of [`BrightnessMode::Schedule`] begins.
    pub fn day_starts(&self) -> TimeOfDay {
        self.time(Id::DayStarts)
    }

    /// When its night begins.
    pub fn night_starts(&self) -> TimeOfDay {
        self.time(Id::NightStarts)
    }

    /// The brightness of [`BrightnessMode::Schedule`] at that time of day, in percent.
    pub fn scheduled_brightness(&self, now: TimeOfDay) -> u8 {
        let (day, night) = (self.day_starts(), self.night_starts());
        let is_day = if day < night {
            day <= now && now < night
        } else {
            day <= now || now < night
        };
        if is_day {
            self.brightness()
        } else {
            self.night_brightness()
        }
    }

    /// How the painting is brought to the screen's size.
    pub fn fit(&self) -> Fit {
        Fit::from_name(self.choice(Id::Fit)).unwrap_or(Fit::Fit)
    }

    /// Degrees clockwise by which the picture is turned: 0, 90, 180 or 270.
    pub fn rotation(&self) -> u32 {
        self.number(Id::Rotation).unwrap_or(0)
    }

    /// How the display is put to sleep.
    pub fn display_power(&self) -> DisplayPower {
        DisplayPower::from_name(self.choice(Id::DisplayPower)).unwrap_or(DisplayPower::None)
    }

    /// Gains of red, green and blue, in percent, 50 to 150.
    pub fn gains(&self) -> [u8; 3] {
        [Id::Red, Id::Green, Id::Blue].map(|id| self.percent(id))
    }

    /// How far the picture is shifted each way, in pixels, 1 to 8; 0 when it is not.
    pub fn pixel_shift_reach(&self) -> u8 {
        if self.is_on(Id::PixelShift) {
            self.percent(Id::PixelShiftReach)
        } else {
            0
        }
    }

    /// Time between two steps of a pixel, 10 s to an hour.
    pub fn pixel_shift_pace(&self) -> Micros {
        self.seconds(Id::PixelShiftPace)
    }

    /// The hours of the week, in [`Settings::time_zone`].
    pub fn opening_hours(&self) -> &WeeklyHours {
        match self.get(Id::OpeningHours) {
            Value::Hours(hours) => hours,
            _ => &WeeklyHours::ALWAYS,
        }
    }

    /// Days on which the hours of the week do not count.
    pub fn holidays(&self) -> &Holidays {
        match self.get(Id::Holidays) {
            Value::Dates(holidays) => holidays,
            _ => &Holidays::NONE,
        }
    }

    /// The IANA name of the museum's time zone; whether the board knows it is not checked.
    pub fn time_zone(&self) -> &str {
        self.text(Id::TimeZone)
    }

    /// How much it lives by itself, in percent, 0 to 200.
    pub fn liveliness(&self) -> u8 {
        self.percent(Id::Liveliness)
    }

    /// Height of the painted eyes above usual visitors' eyes, in metres, -1 to 3.
    pub fn above_eye_level(&self) -> f32 {
        self.whole(Id::AboveEyeLevel) as f32 / 100.0
    }

    /// How far away usual visitors stand, in metres, 0.5 to 10.
    pub fn visitor_distance(&self) -> f32 {
        self.decimal(Id::VisitorDistance)
    }

    /// How near a visitor must be to be answered, in metres, 0.5 to 10.
    pub fn answer_distance(&self) -> f32 {
        self.decimal(Id::AnswerDistance)
    }

    /// The notice for visitors, if it is to be shown; never empty.
    pub fn notice(&self) -> Option<&str> {
        Some(self.text(Id::NoticeText)).filter(|text| self.is_on(Id::Notice) && !text.is_empty())
    }

    /// Whether a light on the screen tells that the camera is on.
    pub fn indicator(&self) -> bool {
        self.is_on(Id::Indicator)
    }

    /// The mains frequency in hertz, 50 or 60; none: the camera does nothing against flicker.
    pub fn mains(&self) -> Option<u32> {
        self.number(Id::Mains)
    }

    /// The camera's horizontal field of view in degrees, 10 to 160.
    pub fn field_of_view(&self) -> f32 {
        self.decimal(Id::FieldOfView)
    }

    /// Height of the camera above the painted eyes in metres, -3 to 3.
    pub fn camera_above(&self) -> f32 {
        self.decimal(Id::CameraAbove)
    }

    /// How far the camera sits to the right of the painted eyes in metres, -3 to 3, as visitors see it.
    pub fn camera_right(&self) -> f32 {
        self.decimal(Id::CameraRight)
    }

    /// How far the camera is tilted downwards in degrees, -60 to 60.
    pub fn tilt_down(&self) -> f32 {
        self.decimal(Id::TiltDown)
    }

    /// Whether camera pictures arrive with left and right exchanged.
    pub fn mirrored(&self) -> bool {
        self.is_on(Id::Mirrored)
    }

    /// Bits a second on the serial line, 9600 to 921600.
    pub fn baud_rate(&self) -> u32 {
        self.number(Id::BaudRate).unwrap_or(115_200)
    }

    /// What the PIN is checked against; none: anyone may change settings.
    pub fn pin(&self) -> Option<&Verifier> {
        match self.get(Id::Pin) {
            Value::Pin(verifier) => verifier.as_ref(),
            _ => None,
        }
    }

    /// How long after the last command the PIN is asked for again, 30 s to an hour.
    pub fn session_timeout(&self) -> Micros {
        self.seconds(Id::SessionTimeout)
    }

    // Each value is of its setting's kind, so the other arms below are never taken; a test reads
    // every setting through its own method.

    fn text(&self, id: Id) -> &str {
        match self.get(id) {
            Value::Text(text) => text.as_str(),
            _ => "",
        }
    }

    fn choice(&self, id: Id) -> &'static str {
        match self.get(id) {
            Value::Choice(name) => name,
            _ => "",
        }
    }

    /// A choice between numbers.
    fn number(&self, id: Id) -> Option<u32> {
        self.choice(id).parse().ok()
    }

    fn whole(&self, id: Id) -> i32 {
        match self.get(id) {
            Value::Whole(number) => *number,
            _ => 0,
        }
    }

    fn percent(&self, id: Id) -> u8 {
        u8::try_from(self.whole(id)).unwrap_or(u8::MAX)
    }

    fn seconds(&self, id: Id) -> Micros {
        Micros::from_secs(self.whole(id).unsigned_abs().into())
    }

    fn decimal(&self, id: Id) -> f32 {
        match self.get(id) {
            Value::Decimal(number) => number.to_f32(),
            _ => 0.0,
        }
    }

    fn is_on(&self, id: Id) -> bool {
        *self.get(id) == Value::Switch(true)
    }

    fn time(&self, id: Id) -> TimeOfDay {
        match self.get(id) {
            Value::Time(time) => *time,
            _ => TimeOfDay::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::ToString;

    fn with(changes: &[(Id, &str)]) -> Settings {
        let mut settings = Settings::default();
        for (id, text) in changes {
            settings.put(*id, id.setting().kind.parse(text).unwrap());
        }
        settings
    }

    #[test]
    fn every_setting_is_read_by_its_own_method() {
        type Read = fn(&Settings) -> std::string::String;
        let verifier = Verifier::new("4711", [1; 16]).unwrap();
        let stored = Value::Pin(Some(verifier)).stored().to_string();
        let cases: [(Id, &str, Read, &str); COUNT] = [
            (Id::Name, "Saal 3", |s| s.name().to_string(), "Saal 3"),
            (
                Id::Personality,
                "curious",
                |s| s.personality().to_string(),
                "curious",
            ),
            (
                Id::Painting,
                "girl",
                |s| std::format!("{:?}", s.painting()),
                "Some(\"girl\")",
            ),
            (
                Id::Wall,
                "#0a141e",
                |s| std::format!("{:?}", s.wall()),
                "[10, 20, 30]",
            ),
            (Id::Brightness, "77", |s| s.brightness().to_string(), "77"),
            (
                Id::BrightnessMode,
                "camera",
                |s| s.brightness_mode().name().to_string(),
                "camera",
            ),
            (
                Id::BrightnessMin,
                "7",
                |s| s.brightness_min().to_string(),
                "7",
            ),
            (
                Id::BrightnessMax,
                "88",
                |s| s.brightness_max().to_string(),
                "88",
            ),
            (
                Id::NightBrightness,
                "9",
                |s| s.night_brightness().to_string(),
                "9",
            ),
            (
                Id::DayStarts,
                "07:30",
                |s| s.day_starts().to_string(),
                "07:30",
            ),
            (
                Id::NightStarts,
                "21:45",
                |s| s.night_starts().to_string(),
                "21:45",
            ),
            (Id::Fit, "exact", |s| s.fit().name().to_string(), "exact"),
            (Id::Rotation, "270", |s| s.rotation().to_string(), "270"),
            (
                Id::DisplayPower,
                "ddc",
                |s| s.display_power().name().to_string(),
                "ddc",
            ),
            (Id::Red, "50", |s| s.gains()[0].to_string(), "50"),
            (Id::Green, "120", |s| s.gains()[1].to_string(), "120"),
            (Id::Blue, "150", |s| s.gains()[2].to_string(), "150"),
            (
                Id::PixelShift,
                "off",
                |s| s.pixel_shift_reach().to_string(),
                "0",
            ),
            (
                Id::PixelShiftReach,
                "8",
                |s| s.pixel_shift_reach().to_string(),
                "8",
            ),
            (
                Id::PixelShiftPace,
                "10",
                |s| s.pixel_shift_pace().0.to_string(),
                "10000000",
            ),
            (
                Id::OpeningHours,
                "never",
                |s| s.opening_hours().to_string(),
                "never",
            ),
            (Id::Holidays, "12-25", |s| s.holidays().to_string(), "12-25"),
            (
                Id::TimeZone,
                "Europe/Rome",
                |s| s.time_zone().to_string(),
                "Europe/Rome",
            ),
            (Id::Liveliness, "200", |s| s.liveliness().to_string(), "200"),
            (
                Id::AboveEyeLevel,
                "-25",
                |s| s.above_eye_level().to_string(),
                "-0.25",
            ),
            (
                Id::VisitorDistance,
                "2.5",
                |s| s.visitor_distance().to_string(),
                "2.5",
            ),
            (
                Id::AnswerDistance,
                "0.5",
                |s| s.answer_distance().to_string(),
                "0.5",
            ),
            (
                Id::Notice,
                "on",
                |s| s.notice().is_some().to_string(),
                "true",
            ),
            (
                Id::NoticeText,
                "Hi",
                |s| std::format!("{:?}", s.notice()),
                "None",
            ),
            (Id::Indicator, "on", |s| s.indicator().to_string(), "true"),
            (
                Id::Mains,
                "off",
                |s| std::format!("{:?}", s.mains()),
                "None",
            ),
            (
                Id::FieldOfView,
                "90",
                |s| s.field_of_view().to_string(),
                "90",
            ),
            (
                Id::CameraAbove,
                "0.75",
                |s| s.camera_above().to_string(),
                "0.75",
            ),
            (
                Id::CameraRight,
                "-0.5",
                |s| s.camera_right().to_string(),
                "-0.5",
            ),
            (Id::TiltDown, "26.5", |s| s.tilt_down().to_string(), "26.5"),
            (Id::Mirrored, "on", |s| s.mirrored().to_string(), "true"),
            (Id::BaudRate, "9600", |s| s.baud_rate().to_string(), "9600"),
            (
                Id::Pin,
                &stored,
                |s| s.pin().is_some_and(|pin| pin.admits("4711")).to_string(),
                "true",
            ),
            (
                Id::SessionTimeout,
                "60",
                |s| s.session_timeout().0.to_string(),
                "60000000",
            ),
        ];
        for (index, (id, text, read, expected)) in cases.into_iter().enumerate() {
            assert_eq!(id as usize, index);
            assert_eq!(read(&with(&[(id, text)])), expected, "{}", id.name());
            // The text of the notice shows only when the notice does.
            if id != Id::NoticeText {
                assert_ne!(read(&Settings::default()), expected, "{}", id.name());
            }
        }
        let notice = with(&[(Id::Notice, "on"), (Id::NoticeText, "Hi")]);
        assert_eq!(notice.notice(), Some("Hi"));
        assert_eq!(Settings::default().mains(), Some(50));
    }

    #[test]
    fn the_schedule_knows_day_and_night_even_over_midnight() {
        let at = |settings: &Settings, time| {
            settings.scheduled_brightness(TimeOfDay::parse(time).unwrap())
        };
        let usual = with(&[(Id::Brightness, "90"), (Id::NightBrightness, "30")]);
        for (time, expected) in [
            ("07:59", 30),
            ("08:00", 90),
            ("19:59", 90),
            ("20:00", 30),
            ("00:00", 30),
        ] {
            assert_eq!(at(&usual, time), expected, "{time}");
        }
        // A night that begins after midnight.
        let late = with(&[
            (Id::Brightness, "90"),
            (Id::NightBrightness, "30"),
            (Id::NightStarts, "02:00"),
        ]);
        for (time, expected) in [
            ("01:59", 90),
            ("02:00", 30),
            ("07:59", 30),
            ("08:00", 90),
            ("23:59", 90),
        ] {
            assert_eq!(at(&late, time), expected, "{time}");
        }
    }

    #[test]
    fn a_snapshot_is_as_large_as_said() {
        let size = size_of::<Settings>();
        assert!(
            (12_000..13_500).contains(&size),
            "{size} bytes: correct the documentation"
        );
    }

    #[test]
    fn differences_are_found() {
        let changed = with(&[(Id::Brightness, "77"), (Id::Mains, "60"), (Id::Red, "100")]);
        let defaults = Settings::default();
        let different: std::vec::Vec<_> = changed.differences(&defaults).collect();
        assert_eq!(different, [Id::Brightness, Id::Mains]);
    }
}
