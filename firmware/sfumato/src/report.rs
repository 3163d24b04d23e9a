//! What `--report FILE.json` writes, and how it is gathered without disturbing the show.

use crate::ledger::{Ledger, Stage, Times};
use serde::Serialize;
use serde_json::{Map, Value, json};
use sfumato_core::health::Level;
use sfumato_core::motion::{Blendshape, Motion};
use sfumato_core::time::Moment;
use sfumato_motion::State;
use std::path::Path;

/// Most frames of which motion and level are kept one by one: about half an hour.
pub const MOST_FRAMES: usize = 1 << 16;

/// What is kept of one shown frame.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ShownFrame {
    /// What the portrait did.
    pub motion: Motion,
    /// What it was up to.
    pub state: State,
    /// How well.
    pub level: Level,
    /// For which moment it was drawn.
    pub moment: Moment,
}

/// Per-frame records of a run, in memory taken beforehand.
#[derive(Debug, Default)]
pub struct Diary {
    shown: Vec<ShownFrame>,
    faces: Vec<u8>,
    /// Frames that no longer found room.
    pub left_out: u64,
}

impl Diary {
    /// A diary with room for `frames` frames; with room for none it only counts.
    pub fn with_room_for(frames: usize) -> Self {
        Diary {
            shown: Vec::with_capacity(frames.min(MOST_FRAMES)),
            faces: Vec::with_capacity(frames.min(MOST_FRAMES)),
            left_out: 0,
        }
    }

    /// Notes a shown frame. Never allocates.
    pub fn shown(&mut self, frame: ShownFrame) {
        if self.shown.len() < self.shown.capacity() {
            self.shown.push(frame);
        } else {
            self.left_out += 1;
        }
    }

    /// Notes how many faces a camera frame had. Never allocates.
    pub fn faces(&mut self, count: usize) {
        if self.faces.len() < self.faces.capacity() {
            self.faces.push(u8::try_from(count).unwrap_or(u8::MAX));
        }
    }

    /// How many frames there is room for.
    pub fn room(&self) -> usize {
        self.shown.capacity()
    }

    /// Takes over the face counts of another diary.
    pub fn take_faces(&mut self, other: Diary) {
        self.faces = other.faces;
    }

    /// The frames noted.
    pub fn frames(&self) -> &[ShownFrame] {
        &self.shown
    }

    /// Faces found in each camera frame noted.
    pub fn faces_found(&self) -> &[u8] {
        &self.faces
    }
}

/// Frames that came, went and were lost on the way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct FrameCounts {
    /// Camera frames that arrived.
    #[serde(rename = "in")]
    pub arrived: u64,
    /// Frames shown.
    #[serde(rename = "out")]
    pub shown: u64,
    /// Camera frames that were overtaken, skipped or lost before their faces were used.
    pub dropped: u64,
}

/// Faults met on the way; each was survived.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Faults {
    /// Times the camera failed or had to be opened again.
    pub camera: u64,
    /// Times the perception failed on a frame.
    pub perception: u64,
    /// Times the generator failed on a frame.
    pub generator: u64,
    /// Times the compositor failed on a frame.
    pub compositor: u64,
    /// Times the screen failed or was away.
    pub screen: u64,
    /// Panics in any stage that were caught.
    pub panics: u64,
}

/// Everything a run has to tell.
#[derive(Debug)]
pub struct Report<'a> {
    /// Camera, screen, pack, personality and the like, as words.
    pub set_up: Map<String, Value>,
    /// Programs and their versions.
    pub versions: Map<String, Value>,
    /// Model files and their sha256.
    pub models: Map<String, Value>,
    /// Which engine runs each of them.
    pub engines: Map<String, Value>,
    /// Wall-clock length of the show in seconds.
    pub seconds: f64,
    /// Frames in, out and dropped.
    pub frames: FrameCounts,
    /// What went wrong.
    pub faults: Faults,
    /// What each stage took.
    pub ledger: &'a Ledger,
    /// From a frame's capture to the moment it was seen to act.
    pub latency: &'a Times,
    /// Frame by frame.
    pub diary: &'a Diary,
}

impl Report<'_> {
    /// The report as JSON; times are microseconds.
    pub fn to_json(&self) -> Value {
        let mut stages = Map::new();
        let mut allocations = Map::new();
        let (mut ours, mut engine) = (0, 0);
        for stage in Stage::ALL {
            let entry = self.ledger.entry(stage);
            stages.insert(stage.name().into(), to_value(&entry.times.summary()));
            allocations.insert(
                stage.name().into(),
                json!({
                    "ours": entry.allocations,
                    "engine": entry.engine_allocations,
                    "runs": entry.warm_runs,
                }),
            );
            ours += entry.allocations;
            engine += entry.engine_allocations;
        }
        allocations.insert("ours".into(), ours.into());
        allocations.insert("engine".into(), engine.into());
        let shown = self.diary.frames();
        let rate = if self.seconds > 0.0 {
            self.frames.shown as f64 / self.seconds
        } else {
            0.0
        };
        let mut document = Map::new();
        let mut put = |name: &str, value: Value| {
            document.insert(name.into(), value);
        };
        put("versions", Value::Object(self.versions.clone()));
        put("models", Value::Object(self.models.clone()));
        put("engines", Value::Object(self.engines.clone()));
        put("set_up", Value::Object(self.set_up.clone()));
        put("seconds", self.seconds.into());
        put("frames_per_second", rate.into());
        put("frames", to_value(&self.frames));
        put("faults", to_value(&self.faults));
        put("faces", self.diary.faces_found().into());
        put("stages", Value::Object(stages));
        put("latency", to_value(&self.latency.summary()));
        put("allocations_after_warm_up", Value::Object(allocations));
        put("peak_resident_bytes", json!(peak_resident_bytes()));
        put(
            "level",
            shown.iter().map(|frame| frame.level.name()).collect(),
        );
        put("moment", shown.iter().map(|frame| frame.moment.0).collect());
        put(
            "motion",
            shown.iter().map(|frame| motion(&frame.motion)).collect(),
        );
        put("frames_left_out", self.diary.left_out.into());
        Value::Object(document)
    }

    /// Writes the report whole or not at all.
    pub fn write(&self, path: &Path) -> std::io::Result<()> {
        let mut text = serde_json::to_vec(&self.to_json())?;
        text.push(b'\n');
        let unfinished = path.with_extension("json.unfinished");
        std::fs::write(&unfinished, text)?;
        std::fs::rename(&unfinished, path)
    }
}

fn to_value(serialisable: &impl Serialize) -> Value {
    serde_json::to_value(serialisable).unwrap_or(Value::Null)
}

/// Motion by name, as in `atelier faces --json`.
pub fn motion(motion: &Motion) -> Value {
    let mut named = Map::new();
    let mut put = |name: &str, value: sfumato_core::motion::Real| {
        named.insert(name.into(), value.to_num::<f64>().into());
    };
    put("headYaw", motion.head.yaw);
    put("headPitch", motion.head.pitch);
    put("headRoll", motion.head.roll);
    put("gazeYaw", motion.gaze.yaw);
    put("gazePitch", motion.gaze.pitch);
    put("eyeOpennessRight", motion.eye_openness[0]);
    put("eyeOpennessLeft", motion.eye_openness[1]);
    for shape in Blendshape::ALL {
        put(shape.name(), motion.get(shape));
    }
    Value::Object(named)
}

/// The most memory this process ever held, from `/proc/self/status`; none where that is missing.
pub fn peak_resident_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: u64 = line.trim().trim_end_matches("kB").trim().parse().ok()?;
    Some(kibibytes * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn frame(level: Level, moment: u64) -> ShownFrame {
        let mut motion = Motion::REST;
        motion.set(
            Blendshape::JawOpen,
            sfumato_core::motion::Real::from_num(0.5),
        );
        ShownFrame {
            motion,
            state: State::Engaged,
            level,
            moment: Moment(moment),
        }
    }

    #[test]
    fn the_report_tells_what_happened() {
        let mut diary = Diary::with_room_for(2);
        diary.faces(1);
        diary.faces(0);
        diary.shown(frame(Level::Living, 10));
        diary.shown(frame(Level::Idle, 20));
        diary.shown(frame(Level::Idle, 30));
        let mut ledger = Ledger::new();
        ledger.measure(Stage::Motion, || ());
        let mut latency = Times::new();
        latency.add(Duration::from_micros(500));
        let report = Report {
            set_up: Map::new(),
            versions: Map::new(),
            models: Map::new(),
            engines: Map::new(),
            seconds: 2.0,
            frames: FrameCounts {
                arrived: 2,
                shown: 3,
                dropped: 1,
            },
            faults: Faults::default(),
            ledger: &ledger,
            latency: &latency,
            diary: &diary,
        };
        let json = report.to_json();
        assert_eq!(json["frames"], json!({"in": 2, "out": 3, "dropped": 1}));
        assert_eq!(json["faces"], json!([1, 0]));
        assert_eq!(json["level"], json!(["living", "idle"]));
        assert_eq!(json["moment"], json!([10, 20]));
        assert_eq!(json["motion"][1]["jawOpen"], json!(0.5));
        assert_eq!(json["motion"][1]["eyeOpennessLeft"], json!(1.0));
        assert_eq!(json["frames_left_out"], json!(1));
        assert_eq!(json["stages"]["motion"]["count"], json!(1));
        assert_eq!(json["latency"]["median"], json!(500));
        assert_eq!(json["frames_per_second"], json!(1.5));
        assert!(json["peak_resident_bytes"].as_u64().is_some_and(|b| b > 0));
    }

    #[test]
    fn a_diary_without_room_only_counts() {
        let mut diary = Diary::with_room_for(0);
        diary.shown(frame(Level::Still, 1));
        diary.faces(3);
        assert_eq!((diary.frames().len(), diary.left_out), (0, 1));
        assert!(diary.faces_found().is_empty());
    }

    #[test]
    fn a_report_replaces_an_older_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report.json");
        std::fs::write(&path, "old").unwrap();
        let (ledger, latency, diary) = (Ledger::new(), Times::new(), Diary::default());
        let report = Report {
            set_up: Map::new(),
            versions: Map::new(),
            models: Map::new(),
            engines: Map::new(),
            seconds: 0.0,
            frames: FrameCounts::default(),
            faults: Faults::default(),
            ledger: &ledger,
            latency: &latency,
            diary: &diary,
        };
        report.write(&path).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        let json: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(json["frames_per_second"], json!(0.0));
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
