//! Series: what a face did over time, as numbers.

use sfumato_core::face::{IRIS, LANDMARKS};
use sfumato_core::motion::Motion;
use sfumato_core::time::Moment;
use sfumato_corpus::record::{Frame, Seen};
use sfumato_motion::measure;
use sfumato_motion::style::{MEASURED, MEASURED_SHAPES};

/// Longer pauses end a stretch: nobody knows what the face did meanwhile.
const GAP: f64 = 0.25;

/// What the face does at one moment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Row {
    /// Seconds.
    pub time: f64,
    /// Yaw, pitch and roll in degrees.
    pub head: [f64; 3],
    /// The measured coefficients, in the order of [`MEASURED_SHAPES`].
    pub shapes: [f64; MEASURED],
    /// How open the eyes are: 0 shut, 1 as usual.
    pub lids: f64,
    /// How much higher the left corner of the mouth is than the right one, in spans; 0 if not known.
    pub corners: f64,
    /// Where the eyes look, in degrees to the side from the head; none if it cannot be told.
    pub eyes: Option<f64>,
}

/// What a face did, in stretches without a gap.
#[derive(Clone, Debug, Default)]
pub struct Series {
    stretches: Vec<Vec<Row>>,
}

/// A series that is too short to learn from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TooLittle {
    /// Seconds in which the face is seen.
    pub seconds: f64,
    /// Seconds that are needed.
    pub least: f64,
}

impl Series {
    /// Adds the frames of a clip.
    pub fn add_clip(&mut self, frames: &[Frame]) {
        let rows = frames.iter().filter_map(|frame| {
            let seen = frame.seen.as_deref()?;
            Some(Row::of_visitor(frame.captured, seen))
        });
        self.add(rows);
    }

    /// Adds rows in the order of time.
    pub fn add(&mut self, rows: impl IntoIterator<Item = Row>) {
        let mut open = false;
        for row in rows {
            match self.stretches.last_mut().filter(|_| open) {
                Some(stretch)
                    if stretch
                        .last()
                        .is_some_and(|last| row.time - last.time <= GAP) =>
                {
                    stretch.push(row);
                }
                _ => self.stretches.push(vec![row]),
            }
            open = true;
        }
    }

    /// The stretches, each in the order of time and without a gap.
    pub fn stretches(&self) -> &[Vec<Row>] {
        &self.stretches
    }

    /// All rows.
    pub fn rows(&self) -> impl Iterator<Item = &Row> {
        self.stretches.iter().flatten()
    }

    /// Seconds in which the face is seen.
    pub fn seconds(&self) -> f64 {
        let length = |stretch: &Vec<Row>| match (stretch.first(), stretch.last()) {
            (Some(first), Some(last)) if stretch.len() > 1 => {
                // The last frame is seen for as long as the others.
                (last.time - first.time) * stretch.len() as f64 / (stretch.len() - 1) as f64
            }
            _ => 0.0,
        };
        self.stretches.iter().map(length).sum()
    }

    /// What is seen from `from` on until before `to`, in seconds.
    pub fn between(&self, from: f64, to: f64) -> Series {
        let mut part = Series::default();
        for stretch in &self.stretches {
            let rows = stretch.iter().filter(|row| (from..to).contains(&row.time));
            part.add(rows.copied());
        }
        part
    }

    /// One number of every row, stretch by stretch, with its time.
    pub(crate) fn track(&self, of: impl Fn(&Row) -> f64) -> Vec<Vec<(f64, f64)>> {
        let track = |stretch: &Vec<Row>| stretch.iter().map(|row| (row.time, of(row))).collect();
        self.stretches.iter().map(track).collect()
    }
}

impl Row {
    fn of_visitor(captured: Moment, seen: &Seen) -> Row {
        let pose = seen.pose();
        let measured = measure(&seen.landmarks());
        let [right, left] = measured.features.corner_height;
        Row {
            corners: f64::from(left - right),
            eyes: eyes(seen),
            head: [pose.yaw, pose.pitch, pose.roll].map(f64::from),
            ..Row::of_motion(captured, &seen.motion)
        }
    }

    /// What a portrait does.
    pub fn of_motion(now: Moment, motion: &Motion) -> Row {
        let [right, left] = motion.eye_openness.map(f64::from);
        Row {
            time: now.0 as f64 / 1e6,
            head: [motion.head.yaw, motion.head.pitch, motion.head.roll].map(f64::from),
            shapes: MEASURED_SHAPES.map(|shape| f64::from(motion.get(shape))),
            lids: (right + left) / 2.0,
            corners: 0.0,
            eyes: None,
        }
    }
}

/// Width of an eye over the radius on which its iris turns: 30 mm and 12 mm.
const WIDTH_OVER_RADIUS: f32 = 2.5;

/// How far the eyes look to the side, seen in the crop: the irises between the corners of their eyes.
///
/// Not known where the eyes are narrow, where the head is turned far, or where no irises were found.
fn eyes(seen: &Seen) -> Option<f64> {
    const CORNERS: [[usize; 2]; 2] = [[33, 133], [362, 263]];
    let point = |index| {
        let [x, y, _] = seen.in_crop(index)?;
        Some([x, y])
    };
    let open = seen.motion.eye_openness.iter().all(|lid| *lid > 0.5);
    if !open || seen.pose().yaw.abs() > 25.0 {
        return None;
    }
    let mut sum = 0.0;
    for (side, [from, to]) in CORNERS.into_iter().enumerate() {
        let (from, to) = (point(from)?, point(to)?);
        let iris = point(LANDMARKS + side * IRIS)?;
        let across = [to[0] - from[0], to[1] - from[1]];
        let square = across[0] * across[0] + across[1] * across[1];
        let off = [
            iris[0] - (from[0] + to[0]) / 2.0,
            iris[1] - (from[1] + to[1]) / 2.0,
        ];
        let share = (off[0] * across[0] + off[1] * across[1]) / square;
        if !share.is_finite() {
            return None;
        }
        sum += (share * WIDTH_OVER_RADIUS)
            .clamp(-0.9, 0.9)
            .asin()
            .to_degrees();
    }
    Some(f64::from(sum / 2.0))
}
