//! Two tracks of one quantity, and how well one follows the other.

use serde_json::{Value, json};
use sfumato_motion::{Measurement, scale};
use std::fmt;

/// How many frames the portrait may come after the visitor.
const LATEST: usize = 6;
/// Fewer frames than this say nothing.
const FEWEST: usize = 20;

/// Something that both faces do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quantity {
    /// Inner-lip height over width.
    Mouth,
    /// Mouth width over eye distance, the head upright and frontal, less what an opened jaw takes of it.
    Smile,
    /// Gap between the lids over eye distance, the head upright and frontal.
    Eyes,
    /// Degrees; of the portrait since it was painted.
    Yaw,
    /// Degrees.
    Pitch,
    /// Degrees.
    Roll,
}

impl Quantity {
    /// All of them.
    pub const ALL: [Quantity; 6] = [
        Quantity::Mouth,
        Quantity::Smile,
        Quantity::Eyes,
        Quantity::Yaw,
        Quantity::Pitch,
        Quantity::Roll,
    ];

    /// The name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Quantity::Mouth => "mouth",
            Quantity::Smile => "smile",
            Quantity::Eyes => "eyes",
            Quantity::Yaw => "yaw",
            Quantity::Pitch => "pitch",
            Quantity::Roll => "roll",
        }
    }

    /// The quantity of a face.
    pub fn of(self, face: &Measurement) -> f64 {
        f64::from(match self {
            Quantity::Mouth => face.mouth,
            Quantity::Smile => {
                let opened = face.features.mouth_opening / scale::JAW_OPEN_RATIO_AT_ONE;
                let narrowed = (1.0 - scale::JAW_OPEN_WIDTH_RATIO_AT_ONE) * opened;
                face.features.mouth_width / (1.0 - narrowed)
            }
            Quantity::Eyes => face.features.eye_opening,
            Quantity::Yaw => face.pose.yaw,
            Quantity::Pitch => face.pose.pitch,
            Quantity::Roll => face.pose.roll,
        })
    }

    /// A visitor who moves it less than this does not show whether the portrait follows.
    pub fn least_span(self) -> f64 {
        match self {
            Quantity::Mouth => 0.2,
            Quantity::Smile => 0.1,
            Quantity::Eyes => 0.025,
            Quantity::Yaw | Quantity::Pitch | Quantity::Roll => 10.0,
        }
    }
}

/// One quantity over time: visitor, portrait; none where no face was found.
#[derive(Clone, Debug)]
pub struct Series {
    /// What is followed.
    pub quantity: Quantity,
    /// `[visitor, portrait]`.
    pub tracks: [Vec<Option<f64>>; 2],
}

/// What a series says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Judgement {
    /// What was followed.
    pub quantity: Quantity,
    /// Correlation at the best delay, and that delay in frames; none when not judged.
    pub follows: Option<(f64, usize)>,
    /// Least and largest of visitor and portrait.
    pub ranges: [(f64, f64); 2],
}

impl Series {
    /// An empty series.
    pub fn new(quantity: Quantity) -> Series {
        Series {
            quantity,
            tracks: [Vec::new(), Vec::new()],
        }
    }

    /// Takes in a frame.
    pub fn push(&mut self, visitor: Option<&Measurement>, portrait: Option<&Measurement>) {
        for (track, face) in self.tracks.iter_mut().zip([visitor, portrait]) {
            track.push(face.map(|face| self.quantity.of(face)));
        }
    }

    /// Frames in which the visitor (0) or the portrait (1) was found.
    pub fn seen(&self, side: usize) -> usize {
        self.tracks[side].iter().flatten().count()
    }

    /// How well the portrait follows.
    pub fn judge(&self) -> Judgement {
        let ranges = [0, 1].map(|side: usize| range(&self.tracks[side], 0.0));
        let (low, high) = range(&self.tracks[0], 0.02);
        let follows = (high - low >= self.quantity.least_span())
            .then(|| {
                (0..=LATEST)
                    .filter_map(|delay| Some((self.correlation(delay)?, delay)))
                    .max_by(|a, b| a.0.total_cmp(&b.0))
            })
            .flatten();
        Judgement {
            quantity: self.quantity,
            follows,
            ranges,
        }
    }

    /// Pearson's, over the frames in which both were found.
    fn correlation(&self, delay: usize) -> Option<f64> {
        let [visitor, portrait] = &self.tracks;
        let pairs: Vec<(f64, f64)> = visitor
            .iter()
            .zip(portrait.get(delay..)?)
            .filter_map(|(&a, &b)| Some((a?, b?)))
            .collect();
        if pairs.len() < FEWEST {
            return None;
        }
        let count = pairs.len() as f64;
        let mean = |value: fn(&(f64, f64)) -> f64| pairs.iter().map(value).sum::<f64>() / count;
        let (a, b) = (mean(|pair| pair.0), mean(|pair| pair.1));
        let product = |f: &dyn Fn(&(f64, f64)) -> f64| pairs.iter().map(f).sum::<f64>();
        let together = product(&|pair| (pair.0 - a) * (pair.1 - b));
        let alone = product(&|pair| (pair.0 - a).powi(2)) * product(&|pair| (pair.1 - b).powi(2));
        (alone > 0.0).then(|| together / alone.sqrt())
    }
}

/// Least and largest, leaving out a share at both ends; zeros when there is nothing.
fn range(track: &[Option<f64>], leave: f64) -> (f64, f64) {
    let mut values: Vec<f64> = track.iter().flatten().copied().collect();
    values.sort_by(f64::total_cmp);
    let cut = (values.len() as f64 * leave) as usize;
    let at = |index: usize| values.get(index).copied().unwrap_or(0.0);
    (at(cut), at(values.len().saturating_sub(1 + cut)))
}

impl Judgement {
    /// For `metrics.json`.
    pub fn json(&self) -> Value {
        let pair = |(low, high): (f64, f64)| json!([low, high]);
        json!({
            "correlation": self.follows.map(|(correlation, _)| correlation),
            "delay_frames": self.follows.map(|(_, delay)| delay),
            "visitor": pair(self.ranges[0]),
            "portrait": pair(self.ranges[1]),
        })
    }
}

impl fmt::Display for Judgement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [visitor, portrait] = self.ranges;
        write!(f, "{:6}", self.quantity.name())?;
        match self.follows {
            Some((correlation, delay)) => {
                write!(f, " follows with {correlation:5.3}, {delay} frames late;")?;
            }
            None => write!(f, " not judged: the visitor hardly moves it;")?,
        }
        write!(
            f,
            " visitor {:.2} to {:.2}, portrait {:.2} to {:.2}",
            visitor.0, visitor.1, portrait.0, portrait.1
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(visitor: Vec<Option<f64>>, portrait: Vec<Option<f64>>) -> Series {
        Series {
            quantity: Quantity::Yaw,
            tracks: [visitor, portrait],
        }
    }

    fn wave(shift: f64) -> Vec<Option<f64>> {
        (0..90)
            .map(|i| Some(20.0 * ((f64::from(i) - shift) / 7.0).sin()))
            .collect()
    }

    #[test]
    fn a_late_follower_is_found_out() {
        let judged = series(wave(0.0), wave(3.0)).judge();
        let (correlation, delay) = judged.follows.unwrap();
        assert_eq!(delay, 3);
        assert!(correlation > 0.999);
        // The other way round it would have to know the future.
        let early = series(wave(6.0), wave(0.0)).judge().follows.unwrap();
        assert!(early.0 < 0.8);
    }

    #[test]
    fn frames_without_a_face_do_not_count() {
        let mut portrait = wave(0.0);
        portrait[10..30].fill(None);
        let series = series(wave(0.0), portrait);
        assert_eq!(series.seen(1), 70);
        assert!(series.judge().follows.unwrap().0 > 0.999);
    }

    #[test]
    fn who_does_not_move_is_not_judged() {
        let still = vec![Some(1.0); 90];
        assert_eq!(series(still.clone(), wave(0.0)).judge().follows, None);
        // A portrait that does not move follows nothing.
        assert_eq!(series(wave(0.0), still).judge().follows, None);
    }
}
