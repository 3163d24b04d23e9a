//! The table itself.

use super::{Applies, Setting, Shown};
use crate::calendar::TimeOfDay;
use crate::choices::{BrightnessMode, DisplayPower, Fit};
use crate::decimal::Decimal;
use crate::hours::{Holidays, WeeklyHours};
use crate::kind::Kind;
use crate::short_text::ShortText;
use crate::value::Value;

/// Names a setting in the program; the words for it are in [`SETTINGS`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
#[allow(missing_docs)] // the help sentences in the table are the documentation
pub enum Id {
    Name,
    Personality,
    Painting,
    Wall,
    Brightness,
    BrightnessMode,
    BrightnessMin,
    BrightnessMax,
    NightBrightness,
    DayStarts,
    NightStarts,
    Fit,
    Rotation,
    DisplayPower,
    Red,
    Green,
    Blue,
    PixelShift,
    PixelShiftReach,
    PixelShiftPace,
    OpeningHours,
    Holidays,
    TimeZone,
    Liveliness,
    AboveEyeLevel,
    VisitorDistance,
    AnswerDistance,
    Notice,
    NoticeText,
    Indicator,
    Mains,
    FieldOfView,
    CameraAbove,
    CameraRight,
    TiltDown,
    Mirrored,
    BaudRate,
    Pin,
    SessionTimeout,
}

/// How many settings there are.
pub const COUNT: usize = 39;

/// How bright something may be.
const PERCENT: Kind = whole(0, 100, "%");
/// How strong a colour may be.
const GAIN: Kind = whole(50, 150, "%");

/// Every setting: names without a group first, then group by group.
pub static SETTINGS: [Setting; COUNT] = [
    at_once(
        Id::Name,
        "name",
        Kind::Text { most: 48 },
        Value::Text(ShortText::EMPTY),
        "What this installation is called in lists and reports.",
    ),
    at_once(
        Id::Personality,
        "personality",
        Kind::Name {
            known: &[
                "serene", "curious", "playful", "mirror", "sunny", "hearty", "earnest",
            ],
            most: 24,
        },
        Value::Text(ShortText::constant("serene")),
        "How the portrait answers; mirror copies the visitor and is for measuring.",
    ),
    at_start(
        Id::Painting,
        "painting",
        Kind::Name {
            known: &["installed"],
            most: 48,
        },
        Value::Text(ShortText::constant("installed")),
        "Which of the paintings on the board is shown; installed is the one that the installation came with.",
    ),
    at_once(
        Id::Wall,
        "wall",
        Kind::Colour,
        // Near black, a little warm: what museums paint walls behind old masters.
        Value::Colour([12, 11, 10]),
        "The colour of the wall around the painting.",
    ),
    at_once(
        Id::Brightness,
        "display.brightness",
        PERCENT,
        Value::Whole(100),
        "How bright the picture is, by day or always; 100 % shows the painting as it is.",
    ),
    at_once(
        Id::BrightnessMode,
        "display.brightness_mode",
        Kind::Choice(BrightnessMode::NAMES),
        Value::Choice(BrightnessMode::Fixed.name()),
        "What decides about brightness: one value, day and night by the clock, or the light that the camera sees.",
    ),
    at_once(
        Id::BrightnessMin,
        "display.brightness_min",
        PERCENT,
        Value::Whole(20),
        "The darkest that the camera's light makes the picture.",
    ),
    at_once(
        Id::BrightnessMax,
        "display.brightness_max",
        whole(10, 100, "%"),
        Value::Whole(100),
        "The brightness that nothing exceeds, to spare the panel.",
    ),
    at_once(
        Id::NightBrightness,
        "display.night_brightness",
        PERCENT,
        Value::Whole(40),
        "How bright the picture is by night, when the schedule decides.",
    ),
    at_once(
        Id::DayStarts,
        "display.day_starts",
        Kind::Time,
        time(8),
        "When the schedule's day begins.",
    ),
    at_once(
        Id::NightStarts,
        "display.night_starts",
        Kind::Time,
        time(20),
        "When the schedule's night begins.",
    ),
    at_once(
        Id::Fit,
        "display.fit",
        Kind::Choice(Fit::NAMES),
        Value::Choice(Fit::Fit.name()),
        "Whether the whole painting is shown, the whole screen filled, or each pixel kept as it is.",
    ),
    at_start(
        Id::Rotation,
        "display.rotation",
        Kind::Choice(&["0", "90", "180", "270"]),
        Value::Choice("0"),
        "Degrees clockwise by which the picture is turned, for a display that hangs on its side.",
    ),
    at_once(
        Id::DisplayPower,
        "display.power",
        Kind::Choice(DisplayPower::NAMES),
        Value::Choice(DisplayPower::Dpms.name()),
        "How the display is put to sleep outside opening hours: by the driver, by DDC/CI, or only made black.",
    ),
    at_once(
        Id::Red,
        "colour.red",
        GAIN,
        Value::Whole(100),
        "How strong red is, to match the display to the room.",
    ),
    at_once(
        Id::Green,
        "colour.green",
        GAIN,
        Value::Whole(100),
        "How strong green is.",
    ),
    at_once(
        Id::Blue,
        "colour.blue",
        GAIN,
        Value::Whole(100),
        "How strong blue is.",
    ),
    at_once(
        Id::PixelShift,
        "pixel_shift.on",
        Kind::Switch,
        Value::Switch(true),
        "Whether the picture moves by a pixel now and then, so that no edge burns into the panel.",
    ),
    at_once(
        Id::PixelShiftReach,
        "pixel_shift.reach",
        whole(1, 8, "px"),
        Value::Whole(2),
        "How far the picture moves each way.",
    ),
    at_once(
        Id::PixelShiftPace,
        "pixel_shift.pace",
        whole(10, 3600, "s"),
        Value::Whole(240),
        "How long the picture stays before it moves by a pixel.",
    ),
    at_once(
        Id::OpeningHours,
        "opening.hours",
        Kind::Hours,
        Value::Hours(WeeklyHours::ALWAYS),
        "When the portrait is shown; the display sleeps outside these hours.",
    ),
    at_once(
        Id::Holidays,
        "opening.holidays",
        Kind::Dates,
        Value::Dates(Holidays::NONE),
        "Days on which the weekly hours do not count: closed, or open for hours of their own.",
    ),
    at_once(
        Id::TimeZone,
        "opening.time_zone",
        Kind::Zone,
        Value::Text(ShortText::constant("UTC")),
        "The time zone of opening hours and of the brightness schedule, by its IANA name.",
    ),
    at_once(
        Id::Liveliness,
        "idle.liveliness",
        whole(0, 200, "%"),
        Value::Whole(100),
        "How much the portrait breathes, blinks and glances by itself; 0 % keeps it still.",
    ),
    at_once(
        Id::AboveEyeLevel,
        "gaze.above_eye_level",
        whole(-100, 300, "cm"),
        Value::Whole(0),
        "How far the painted eyes hang above the eyes of usual visitors; below is negative.",
    ),
    at_once(
        Id::VisitorDistance,
        "gaze.visitor_distance",
        decimal(5, 100, 1, "m"),
        tenths(15),
        "How far away usual visitors stand; it looks at where their eyes would be when it sees none.",
    ),
    at_once(
        Id::AnswerDistance,
        "visitors.answer_distance",
        decimal(5, 100, 1, "m"),
        tenths(50),
        "How near a visitor must be to be answered.",
    ),
    at_once(
        Id::Notice,
        "visitors.notice",
        Kind::Switch,
        Value::Switch(false),
        "Whether a notice for visitors is shown on the screen.",
    ),
    at_once(
        Id::NoticeText,
        "visitors.notice_text",
        Kind::Text { most: 160 },
        Value::Text(ShortText::constant(
            "This painting can see you. Nothing is stored, nothing is sent, nobody is recognised.",
        )),
        "What the notice for visitors says.",
    ),
    at_once(
        Id::Indicator,
        "visitors.indicator",
        Kind::Switch,
        Value::Switch(false),
        "Whether a small light on the screen tells that the camera is on.",
    ),
    at_once(
        Id::Mains,
        "room.mains",
        Kind::Choice(&["50", "60", "off"]),
        Value::Choice("50"),
        "The mains frequency in hertz, so that artificial light does not flicker in the camera's picture.",
    ),
    at_once(
        Id::FieldOfView,
        "placement.field_of_view",
        decimal(100, 1600, 1, "degrees"),
        tenths(650),
        "How much the camera sees from left to right.",
    ),
    at_once(
        Id::CameraAbove,
        "placement.camera_above",
        decimal(-300, 300, 2, "m"),
        METRES,
        "How far the camera sits above the painted eyes; below is negative.",
    ),
    at_once(
        Id::CameraRight,
        "placement.camera_right",
        decimal(-300, 300, 2, "m"),
        METRES,
        "How far the camera sits to the right of the painted eyes, as visitors see it.",
    ),
    at_once(
        Id::TiltDown,
        "placement.tilt_down",
        decimal(-600, 600, 1, "degrees"),
        tenths(0),
        "How far the camera is tilted downwards.",
    ),
    at_once(
        Id::Mirrored,
        "placement.mirrored",
        Kind::Switch,
        Value::Switch(false),
        "Whether the camera delivers pictures with left and right exchanged.",
    ),
    at_start(
        Id::BaudRate,
        "port.baud_rate",
        Kind::Choice(&[
            "9600", "19200", "38400", "57600", "115200", "230400", "460800", "921600",
        ]),
        Value::Choice("115200"),
        "Bits a second on the serial line.",
    ),
    Setting {
        shown: Shown::ToNobody,
        ..at_once(
            Id::Pin,
            "access.pin",
            Kind::Pin,
            Value::Pin(None),
            "What a technician must enter before changing anything; without one, anyone may.",
        )
    },
    at_once(
        Id::SessionTimeout,
        "access.timeout",
        whole(30, 3600, "s"),
        Value::Whole(300),
        "How long after the last command the PIN is asked for again.",
    ),
];

// A setting's place in the table is its number.
const _: () = {
    let mut index = 0;
    while index < COUNT {
        assert!(SETTINGS[index].id as usize == index);
        index += 1;
    }
};

const fn at_once(
    id: Id,
    name: &'static str,
    kind: Kind,
    default: Value,
    help: &'static str,
) -> Setting {
    Setting {
        id,
        name,
        kind,
        default,
        applies: Applies::AtOnce,
        shown: Shown::ToAnyone,
        help,
    }
}

const fn at_start(
    id: Id,
    name: &'static str,
    kind: Kind,
    default: Value,
    help: &'static str,
) -> Setting {
    Setting {
        applies: Applies::AtStart,
        ..at_once(id, name, kind, default, help)
    }
}

const fn whole(min: i32, max: i32, unit: &'static str) -> Kind {
    Kind::Whole { min, max, unit }
}

const fn decimal(min: i32, max: i32, places: u8, unit: &'static str) -> Kind {
    Kind::Decimal {
        min,
        max,
        places,
        unit,
    }
}

const fn tenths(scaled: i32) -> Value {
    Value::Decimal(Decimal { scaled, places: 1 })
}

const METRES: Value = Value::Decimal(Decimal {
    scaled: 0,
    places: 2,
});

const fn time(hours: u8) -> Value {
    match TimeOfDay::new(hours, 0) {
        Some(time) => Value::Time(time),
        None => panic!("a day has 24 hours"),
    }
}
