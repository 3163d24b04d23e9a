//! What came out, as JSON and as a table.
//!
//! A mean alone says little, so each has its interval, and whether one method is better than another is asked of the *difference*
//! frame by frame: it is, when the interval of the difference leaves zero out.

use super::protocol::Protocol;
use super::scores::{Measure, Scores};
use crate::evaluate::metrics::interval::{interval, mean};
use serde_json::{Map, Value, json};
use sfumato_motion::relative::Ruler;
use std::fmt::Write as _;

/// The seed of every interval.
const SEED: u64 = 2004;

/// One method and its scores.
pub struct Method {
    /// `still`, `warp`, or the number of pictures.
    pub name: String,
    /// The frame that the portrait was made of.
    pub source: usize,
    /// How many other pictures told more.
    pub heard: usize,
    /// How it copies; none of baselines.
    pub ruler: Option<Ruler>,
    /// Its scores.
    pub scores: Scores,
    /// The warp of the same picture, where that is not the first one: what the choice of the picture alone is worth.
    pub peer: Option<Box<Method>>,
}

/// What the warp of a portrait's own picture is called.
pub const PEER: &str = "warp_of_the_same_picture";

/// Everything that a run found out.
pub struct Report {
    /// The clip's file.
    pub clip: String,
    /// Frames of the clip.
    pub all: usize,
    /// Which frames were for what.
    pub protocol: Protocol,
    /// How far heads turn: `device` or `far`.
    pub head: &'static str,
    /// Judged frames to a block of about a second.
    pub block: usize,
    /// The picture that stays.
    pub still: Method,
    /// The picture bent by landmarks.
    pub warp: Method,
    /// Ours, by number of pictures.
    pub ours: Vec<Method>,
}

/// How one method stands against another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The difference's interval leaves zero out, on the good side.
    Better,
    /// On the bad side.
    Worse,
    /// Zero is within it.
    Same,
}

impl Verdict {
    fn name(self) -> &'static str {
        match self {
            Verdict::Better => "better",
            Verdict::Worse => "worse",
            Verdict::Same => "no difference",
        }
    }
}

/// The mean difference of two tracks, frame by frame, its interval, and what that says.
fn compared(
    measure: Measure,
    one: &Scores,
    other: &Scores,
    block: usize,
) -> Option<(f64, [f64; 2], Verdict)> {
    let pairs = one.of(measure).iter().zip(other.of(measure));
    let differences: Vec<Option<f64>> = pairs.map(|(a, b)| Some((*a)? - (*b)?)).collect();
    let middle = mean(&differences)?;
    let [low, high] = interval(&differences, block, SEED)?;
    let verdict = match (low > 0.0, high < 0.0) {
        (false, false) => Verdict::Same,
        (more, _) if more == measure.more_is_better() => Verdict::Better,
        _ => Verdict::Worse,
    };
    Some((middle, [low, high], verdict))
}

impl Report {
    /// As the contract has it: plain means, intervals beside them.
    pub fn json(&self) -> Value {
        let mut ours = Map::new();
        for method in &self.ours {
            let mut value = self.method(method);
            let mut versus = Map::new();
            for other in self.others(method) {
                versus.insert(other.name.clone(), self.versus(method, other));
            }
            if let Some(map) = value.as_object_mut() {
                map.insert("versus".to_owned(), Value::Object(versus));
            }
            ours.insert(method.name.clone(), value);
        }
        let given: Map<String, Value> = (self.protocol.given.iter())
            .map(|(count, frames)| (count.to_string(), json!(frames)))
            .collect();
        json!({
            "clip": self.clip,
            "frames": self.protocol.judged.len(),
            "clip_frames": self.all,
            "given": given,
            "head": self.head,
            "block_frames": self.block,
            "k": ours,
            "still": self.method(&self.still),
            "warp": self.method(&self.warp),
            "note": "of K pictures one is the painting, and the others tell how the face moves and what it hides (atelier prepare --also). \
                     gmsd stands in for LPIPS and shape_distance for CSIM: they are other measures, not comparable with these.",
        })
    }

    /// What a portrait of ours is held against: the baselines, the warp of its own picture, the first of ours.
    fn others<'a>(&'a self, method: &'a Method) -> impl Iterator<Item = &'a Method> {
        let peer = method.peer.as_deref();
        let first = self.ours.first().filter(|one| one.name != method.name);
        [&self.still, &self.warp]
            .into_iter()
            .chain(peer)
            .chain(first)
    }

    fn method(&self, method: &Method) -> Value {
        let mut value = Map::new();
        let mut intervals = Map::new();
        for measure in Measure::ALL {
            let track = method.scores.of(measure);
            let name = measure.name().to_owned();
            value.insert(name.clone(), json!(mean(track).map(rounded)));
            let ends = interval(track, self.block, SEED);
            intervals.insert(name, json!(ends.map(|ends| ends.map(rounded))));
        }
        let scores = &method.scores;
        value.insert("jitter".to_owned(), json!(scores.jitter.map(rounded)));
        value.insert("blinks".to_owned(), json!(scores.blinks.0));
        value.insert("missed_blinks".to_owned(), json!(scores.blinks.1));
        value.insert("face_found".to_owned(), json!(rounded(scores.found)));
        value.insert("source_frame".to_owned(), json!(method.source));
        if let Some(ruler) = &method.ruler {
            value.insert("gains".to_owned(), gains(ruler));
            value.insert("heard".to_owned(), json!(method.heard));
        }
        if let Some(peer) = &method.peer {
            value.insert(peer.name.clone(), self.method(peer));
        }
        value.insert("interval".to_owned(), Value::Object(intervals));
        Value::Object(value)
    }

    fn versus(&self, method: &Method, other: &Method) -> Value {
        let mut value = Map::new();
        for measure in Measure::ALL {
            let found = compared(measure, &method.scores, &other.scores, self.block);
            let told = found.map(|(middle, [low, high], verdict)| {
                json!({
                    "difference": rounded(middle),
                    "interval": [rounded(low), rounded(high)],
                    "verdict": verdict.name(),
                })
            });
            value.insert(measure.name().to_owned(), json!(told));
        }
        Value::Object(value)
    }

    /// The table for people.
    pub fn table(&self) -> String {
        let mut out = String::new();
        let methods: Vec<&Method> = [&self.still, &self.warp]
            .into_iter()
            .chain(&self.ours)
            .collect();
        // Writing to a string cannot fail.
        let _ = writeln!(
            out,
            "{}: {} of {} frames judged, head {}, means and intervals of 95 %",
            self.clip,
            self.protocol.judged.len(),
            self.all,
            self.head
        );
        let _ = write!(out, "{:20}", "");
        for method in &methods {
            let _ = write!(out, "{:>24}", self.title(method));
        }
        out.push('\n');
        for measure in Measure::ALL {
            let arrow = if measure.more_is_better() { "+" } else { "-" };
            let _ = write!(out, "{:20}", format!("{} {arrow}", measure.name()));
            for method in &methods {
                let track = method.scores.of(measure);
                let cell = match (mean(track), interval(track, self.block, SEED)) {
                    (Some(middle), Some([low, high])) => {
                        format!("{} [{} {}]", short(middle), short(low), short(high))
                    }
                    _ => "not seen".to_owned(),
                };
                let _ = write!(out, "{cell:>24}");
            }
            out.push('\n');
        }
        type Cell = fn(&Scores) -> String;
        let rows: [(&str, Cell); 3] = [
            ("jitter -", |scores| {
                scores.jitter.map_or("not seen".to_owned(), short)
            }),
            ("missed blinks -", |scores| {
                format!("{} of {}", scores.blinks.1, scores.blinks.0)
            }),
            ("face found +", |scores| {
                format!("{:.0} %", 100.0 * scores.found)
            }),
        ];
        for (name, cell) in rows {
            let _ = write!(out, "{name:20}");
            for method in &methods {
                let _ = write!(out, "{:>24}", cell(&method.scores));
            }
            out.push('\n');
        }
        for method in &self.ours {
            for other in self.others(method) {
                let _ = writeln!(out, "{}", self.sentence(method, other));
            }
        }
        out
    }

    fn title(&self, method: &Method) -> String {
        match method.ruler {
            Some(_) => format!("K = {} (frame {})", method.name, method.source),
            None => format!("{} (frame {})", method.name, method.source),
        }
    }

    /// How one method stands against another, in words.
    fn sentence(&self, method: &Method, other: &Method) -> String {
        let of = |wanted: Verdict| {
            let names = Measure::ALL.into_iter().filter(|&measure| {
                let found = compared(measure, &method.scores, &other.scores, self.block);
                found.is_some_and(|(_, _, verdict)| verdict == wanted)
            });
            let names: Vec<&str> = names.map(Measure::name).collect();
            if names.is_empty() {
                "nothing".to_owned()
            } else {
                names.join(", ")
            }
        };
        let name = match other.ruler {
            Some(_) => format!("K = {}", other.name),
            None => other.name.replace('_', " "),
        };
        format!(
            "K = {} against {name}: better in {}; worse in {}",
            method.name,
            of(Verdict::Better),
            of(Verdict::Worse)
        )
    }
}

fn gains(ruler: &Ruler) -> Value {
    let gains = &ruler.gains;
    json!({
        "yaw": rounded(gains.yaw.to_num()),
        "pitch": rounded(gains.pitch.to_num()),
        "roll": rounded(gains.roll.to_num()),
        "jaw": rounded(gains.jaw.to_num()),
        "smile": rounded(gains.smile.to_num()),
        "brows": rounded(gains.brows.to_num()),
        "lids": rounded(ruler.lids.to_num()),
        "gaze": rounded(gains.gaze.to_num()),
    })
}

/// Five digits behind the point are more than is known.
fn rounded(value: f64) -> f64 {
    (value * 1e5).round() / 1e5
}

/// Three digits or four, for a table.
fn short(value: f64) -> String {
    if value.abs() >= 10.0 {
        format!("{value:.2}")
    } else {
        format!("{value:.3}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn method(name: &str, psnr: f64, akd: f64, ours: bool) -> Method {
        let values = Measure::ALL.map(|measure| {
            let value = match measure {
                Measure::Psnr => Some(psnr),
                Measure::Akd => Some(akd),
                _ => None,
            };
            // A little that differs from frame to frame, the same in all films.
            (0..50)
                .map(|i| value.map(|value| value + f64::from(i % 7)))
                .collect()
        });
        Method {
            name: name.to_owned(),
            source: 0,
            heard: 0,
            ruler: ours.then_some(Ruler::DEVICE),
            scores: Scores {
                values: values.to_vec(),
                blinks: (3, 1),
                found: 1.0,
                jitter: Some(0.25),
            },
            peer: None,
        }
    }

    fn report() -> Report {
        let mut two = method("2", 24.0, 1.5, true);
        two.peer = Some(Box::new(method(PEER, 24.5, 2.0, false)));
        Report {
            clip: "clip.mp4".into(),
            all: 52,
            protocol: Protocol {
                given: vec![(1, vec![0]), (2, vec![0, 26])],
                judged: (1..51).collect(),
            },
            head: "device",
            block: 10,
            still: method("still", 20.0, 4.0, false),
            warp: method("warp", 25.0, 2.0, false),
            ours: vec![method("1", 24.0, 1.0, true), two],
        }
    }

    #[test]
    fn means_are_plain_numbers_and_intervals_beside_them() {
        let json = report().json();
        let one = &json["k"]["1"];
        assert!((one["psnr"].as_f64().unwrap() - 26.94).abs() < 1e-9);
        let ends = one["interval"]["psnr"].as_array().unwrap();
        assert!(
            ends[0].as_f64() <= one["psnr"].as_f64() && one["psnr"].as_f64() <= ends[1].as_f64()
        );
        assert_eq!(one["ssim"], Value::Null);
        assert_eq!(one["missed_blinks"], 1);
        assert_eq!(json["still"]["jitter"], 0.25);
        assert_eq!(json["frames"], 50);
        assert_eq!(json["given"]["2"], json!([0, 26]));
    }

    #[test]
    fn a_verdict_is_about_the_difference() {
        let json = report().json();
        let one = &json["k"]["1"]["versus"];
        assert_eq!(one["still"]["psnr"]["verdict"], "better");
        assert_eq!(one["warp"]["psnr"]["verdict"], "worse");
        assert_eq!(one["warp"]["akd"]["verdict"], "better");
        let two = &json["k"]["2"]["versus"]["1"];
        assert_eq!(two["psnr"]["verdict"], "no difference");
        assert_eq!(two["akd"]["verdict"], "worse");
        let peer = &json["k"]["2"]["versus"][PEER];
        assert_eq!(peer["psnr"]["verdict"], "worse");
        assert_eq!(json["k"]["1"][PEER], Value::Null);
        let table = report().table();
        assert!(
            table.contains("K = 2 against warp of the same picture: better in akd"),
            "{table}"
        );
        assert!(
            table.contains("K = 2 against K = 1: better in nothing; worse in akd"),
            "{table}"
        );
        assert!(
            table.contains("K = 1 against warp: better in akd; worse in psnr"),
            "{table}"
        );
    }
}
