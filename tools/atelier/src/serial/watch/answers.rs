//! What a board answers, read: lines of text in, numbers and words out.
//!
//! Anything that cannot be read is shown as it came, never an error: boards of other versions shall be watched too.

/// What a board says to `vitals`. Whatever it leaves out is none, or empty.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Vitals {
    /// How much of the portrait works: living, idle, rig-only, still.
    pub level: Option<String>,
    /// What the portrait is about: asleep, alone, drowsy, noticing, engaged, goodbye.
    pub state: Option<String>,
    /// Whether it is within opening hours.
    pub open: Option<bool>,
    /// The personality in force.
    pub personality: Option<String>,
    /// The display: there, away, asleep.
    pub display: Option<String>,
    /// The camera: there, away.
    pub camera: Option<String>,
    /// Pictures a second, over the last seconds.
    pub picture_rate: Option<f64>,
    /// Camera frames a second, over the last seconds.
    pub camera_rate: Option<f64>,
    /// From camera to screen, milliseconds, the median of the last seconds.
    pub latency: Option<f64>,
    /// The same, of which 95 in 100 stay below.
    pub latency_p95: Option<f64>,
    /// The brightness shown now, percent.
    pub brightness: Option<f64>,
    /// How long the program runs, seconds.
    pub uptime: Option<f64>,
    /// What it holds in memory, megabytes.
    pub memory: Option<f64>,
    /// Each sensor's name and its °C.
    pub temperatures: Vec<(String, f64)>,
    /// Who is seen.
    pub visitors: Vec<Visitor>,
    /// The last faults, in words.
    pub faults: Vec<String>,
    /// What this program does not know, as it came.
    pub more: Vec<(String, String)>,
}

/// Somebody in front of the painting; nobody in particular.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Visitor {
    /// Metres to the right of the painted eyes, as visitors see it.
    pub right: f64,
    /// Metres above the painted eyes.
    pub above: f64,
    /// Metres in front of the painting.
    pub away: f64,
    /// Whether the portrait answers this one.
    pub answered: bool,
}

/// A setting as `list` tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// Its name, with its group.
    pub name: String,
    /// Its value, with its unit.
    pub value: String,
    /// Whether it is not at its default.
    pub changed: bool,
}

impl Vitals {
    /// Reads an answer's lines.
    pub fn read(lines: &[String]) -> Vitals {
        let mut vitals = Vitals::default();
        for (name, value) in pairs(lines) {
            if !vitals.take(&name, &value) {
                vitals.more.push((name, value));
            }
        }
        vitals
    }

    /// What a board of an older version says to `status`, as far as it is the same.
    pub fn from_status(status: &[(String, String)]) -> Vitals {
        let mut vitals = Vitals::default();
        for (name, value) in status {
            let mut parts = value.split(", ");
            match name.as_str() {
                "portrait" => vitals.level = Some(value.clone()),
                "picture" => {
                    let display = parts.find_map(|part| part.strip_prefix("display "));
                    vitals.display = display.map(str::to_owned);
                }
                "camera" => vitals.camera = parts.nth(1).map(str::to_owned),
                "personality" => vitals.personality = parts.next().map(str::to_owned),
                _ => {}
            }
        }
        vitals
    }

    /// Takes one line; false: it is none of those that are known.
    fn take(&mut self, name: &str, value: &str) -> bool {
        let word = |place: &mut Option<String>| {
            *place = Some(value.to_owned());
            true
        };
        let measured = |place: &mut Option<f64>| {
            *place = number(value);
            place.is_some()
        };
        match name {
            "level" => word(&mut self.level),
            "state" => word(&mut self.state),
            "personality" => word(&mut self.personality),
            "display" => word(&mut self.display),
            "camera" => word(&mut self.camera),
            "picture_rate" => measured(&mut self.picture_rate),
            "camera_rate" => measured(&mut self.camera_rate),
            "latency" => measured(&mut self.latency),
            "latency_p95" => measured(&mut self.latency_p95),
            "brightness" => measured(&mut self.brightness),
            "uptime" => measured(&mut self.uptime),
            "memory" => measured(&mut self.memory),
            "open" => {
                self.open = match value {
                    "yes" => Some(true),
                    "no" => Some(false),
                    _ => None,
                };
                self.open.is_some()
            }
            "fault" => {
                self.faults.push(value.to_owned());
                true
            }
            _ => self.take_one_of_many(name, value),
        }
    }

    fn take_one_of_many(&mut self, name: &str, value: &str) -> bool {
        if let Some(sensor) = name.strip_prefix("temperature.") {
            let Some(degrees) = number(value) else {
                return false;
            };
            self.temperatures.push((sensor.to_owned(), degrees));
            return true;
        }
        let visitor = name
            .strip_prefix("visitor.")
            .and_then(|_| Visitor::read(value));
        self.visitors.extend(visitor);
        visitor.is_some()
    }
}

impl Visitor {
    /// Reads `0.31 -0.10 1.8 answered`.
    fn read(value: &str) -> Option<Visitor> {
        let mut words = value.split_whitespace();
        let mut metres = || words.next().and_then(number);
        Some(Visitor {
            right: metres()?,
            above: metres()?,
            away: metres()?,
            answered: words.any(|word| word == "answered"),
        })
    }
}

/// The first word as a number.
fn number(value: &str) -> Option<f64> {
    let number: f64 = value.split_whitespace().next()?.parse().ok()?;
    number.is_finite().then_some(number)
}

/// What stands before and behind an equals sign, or else a colon.
///
/// Lines with neither are left out.
pub fn pairs(lines: &[String]) -> Vec<(String, String)> {
    let both = |line: &String| {
        let (name, value) = line.split_once(" = ").or_else(|| line.split_once(": "))?;
        Some((name.trim().to_owned(), value.trim().to_owned()))
    };
    lines.iter().filter_map(both).collect()
}

/// Counters with their counts.
pub fn counters(lines: &[String]) -> Vec<(String, u64)> {
    let counted = |(name, value): (String, String)| Some((name, value.parse().ok()?));
    pairs(lines).into_iter().filter_map(counted).collect()
}

/// Settings with their values and their marks.
pub fn settings(lines: &[String]) -> Vec<Setting> {
    let read = |(name, value): (String, String)| {
        let unmarked = value.strip_suffix(" *");
        Setting {
            name,
            changed: unmarked.is_some(),
            value: unmarked.unwrap_or(&value).to_owned(),
        }
    };
    pairs(lines).into_iter().map(read).collect()
}

/// How many settings are in force and not saved, by what `status` says.
pub fn unsaved(status: &[(String, String)]) -> Option<u32> {
    let (_, value) = status.iter().find(|(name, _)| name == "settings")?;
    value.split_once(" not saved")?.0.parse().ok()
}

/// A line that can be shown: whatever noise put into it steers no terminal.
pub fn clean(line: &str) -> String {
    let shown = |character: char| {
        if character.is_control() {
            char::REPLACEMENT_CHARACTER
        } else {
            character
        }
    };
    line.chars().map(shown).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<String> {
        text.lines().map(str::to_owned).collect()
    }

    #[test]
    fn vitals_are_read_and_what_is_unknown_is_kept() {
        let vitals = Vitals::read(&lines(
            "level = living\nstate = engaged\nopen = yes\npicture_rate = 59.9\nlatency = fast\n\
             temperature.cpu-thermal = 54.0\ntemperature.gpu = -\nvisitor.1 = 0.31 -0.10 1.8 answered\n\
             visitor.2 = -0.52 0.20 3.1\nvisitor.3 = here\nfault = camera lost 3 times\nfan = 1200\n\
             noise\nuptime = inf\nlatency_p95 = 63 ms",
        ));
        assert_eq!(vitals.level.as_deref(), Some("living"));
        assert_eq!(
            (vitals.open, vitals.picture_rate, vitals.latency),
            (Some(true), Some(59.9), None)
        );
        assert_eq!((vitals.uptime, vitals.latency_p95), (None, Some(63.0)));
        assert_eq!(vitals.temperatures, [("cpu-thermal".to_owned(), 54.0)]);
        let one = Visitor {
            right: 0.31,
            above: -0.1,
            away: 1.8,
            answered: true,
        };
        assert_eq!(vitals.visitors.len(), 2);
        assert_eq!(vitals.visitors[0], one);
        assert!(!vitals.visitors[1].answered);
        assert_eq!(vitals.faults, ["camera lost 3 times"]);
        let more: Vec<&str> = vitals.more.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(
            more,
            ["latency", "temperature.gpu", "visitor.3", "fan", "uptime"]
        );
    }

    #[test]
    fn an_older_boards_status_says_some_of_it() {
        let status = pairs(&lines(
            "portrait: living\npicture: 233 shown, display there\ncamera: 88 frames, away, 1 faces now\n\
             personality: serene, of serene, curious, playful, mirror\nsettings: 2 not saved, 0 prepared\n\
             access: open, no PIN is set",
        ));
        let vitals = Vitals::from_status(&status);
        assert_eq!(vitals.level.as_deref(), Some("living"));
        assert_eq!(vitals.display.as_deref(), Some("there"));
        assert_eq!(vitals.camera.as_deref(), Some("away"));
        assert_eq!(vitals.personality.as_deref(), Some("serene"));
        assert_eq!(unsaved(&status), Some(2));
        assert_eq!(unsaved(&[]), None);
    }

    #[test]
    fn settings_have_marks_and_counters_are_whole() {
        let read = settings(&lines(
            "name = empty\ndisplay.brightness = 70 % *\nvisitors.notice_text = a = b: c",
        ));
        assert_eq!((read[0].value.as_str(), read[0].changed), ("empty", false));
        assert_eq!((read[1].value.as_str(), read[1].changed), ("70 %", true));
        assert_eq!(read[2].value, "a = b: c");
        let read = counters(&lines("picture.shown = 12\npicture.rate = 1.5"));
        assert_eq!(read, [("picture.shown".to_owned(), 12)]);
        assert_eq!(clean("a\u{1b}[2Jb\tc"), "a\u{fffd}[2Jb\u{fffd}c");
    }
}
