//! Statistics: what can be said of how a face moved.
//!
//! The same can be taken of a person and of a portrait: that is how it is judged whether one moves like the other.

use crate::blinks::Blinks;
use crate::expressions::{self, Expression};
use crate::glances::Glances;
use crate::pace;
use crate::series::{Row, Series};
use sfumato_core::motion::Blendshape;
use sfumato_motion::personality::{Cue, Reply};
use sfumato_motion::style::{MEASURED, MEASURED_SHAPES, PACES};

/// How one number is spread.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Range {
    /// Its mean.
    pub mean: f64,
    /// Its standard deviation.
    pub deviation: f64,
    /// What it is below in 95 of 100 frames.
    pub high: f64,
}

impl Range {
    fn of(values: impl Iterator<Item = f64>) -> Range {
        let mut values: Vec<f64> = values.collect();
        values.sort_by(f64::total_cmp);
        let count = values.len().max(1) as f64;
        let mean = values.iter().sum::<f64>() / count;
        let square = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / count;
        Range {
            mean,
            deviation: square.sqrt(),
            high: values.get(values.len() * 95 / 100).copied().unwrap_or(0.0),
        }
    }
}

/// Something that follows something else, by linear regression.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Follows {
    /// What goes before.
    pub cue: Cue,
    /// What comes with it.
    pub reply: Reply,
    /// How much of it for a cue of 1.
    pub slope: f64,
    /// How closely: the correlation.
    pub correlation: f64,
    /// How much of the reply the cue explains, its root mean square.
    pub effect: f64,
}

/// What can be said of how a face moved.
#[derive(Clone, Debug, PartialEq)]
pub struct Statistics {
    /// Seconds of it.
    pub seconds: f64,
    /// Sway of yaw, pitch and roll by pace, degrees, root mean square.
    pub sway: [[f64; PACES]; 3],
    /// How far the head goes from its usual place in nine of ten frames at most: yaw, pitch, roll, degrees.
    pub turn: [f64; 3],
    /// Blinks.
    pub blinks: Blinks,
    /// Glances.
    pub glances: Glances,
    /// Each measured coefficient, in [`MEASURED_SHAPES`]' order.
    pub shapes: [Range; MEASURED],
    /// How much higher the left corner of the mouth goes than the right one for a smile of 1, spans, and how closely.
    pub crooked: [f64; 2],
    /// Which coefficients go together, the largest first.
    pub expressions: Vec<Expression>,
    /// Share of all variation of the face that these are, in [0, 1].
    pub explained: f64,
    /// What head and lids do together with the face.
    pub follows: Vec<Follows>,
}

impl Statistics {
    /// Takes them.
    pub fn of(series: &Series) -> Statistics {
        let (expressions, explained) = expressions::of(series);
        let smile = |row: &Row| shape(row, Blendshape::MouthSmileLeft, Blendshape::MouthSmileRight);
        let crooked = regression(series.rows().map(|row| (smile(row), row.corners)));
        Statistics {
            seconds: series.seconds(),
            sway: std::array::from_fn(|axis| pace::by_pace(&series.track(|row| row.head[axis]))),
            turn: std::array::from_fn(|axis| turn(series, axis)),
            blinks: Blinks::of(series),
            glances: Glances::of(series),
            shapes: std::array::from_fn(|i| Range::of(series.rows().map(|row| row.shapes[i]))),
            crooked: [crooked.slope, crooked.correlation],
            expressions,
            explained,
            follows: follows(series),
        }
    }

    /// A coefficient's range; of a pair, the mean of both sides'.
    pub fn range(&self, right: Blendshape, left: Blendshape) -> Range {
        let of = |shape| {
            let place = MEASURED_SHAPES.iter().position(|one| *one == shape);
            place.map(|place| self.shapes[place]).unwrap_or_default()
        };
        let (a, b) = (of(right), of(left));
        Range {
            mean: (a.mean + b.mean) / 2.0,
            deviation: (a.deviation + b.deviation) / 2.0,
            high: (a.high + b.high) / 2.0,
        }
    }
}

impl Statistics {
    /// How much it smiles, both sides together.
    pub fn smile(&self) -> Range {
        self.range(Blendshape::MouthSmileRight, Blendshape::MouthSmileLeft)
    }
}

/// Mean of a coefficient of both sides.
fn shape(row: &Row, right: Blendshape, left: Blendshape) -> f64 {
    let of = |shape| {
        let place = MEASURED_SHAPES.iter().position(|one| *one == shape);
        place.map_or(0.0, |place| row.shapes[place])
    };
    (of(right) + of(left)) / 2.0
}

fn turn(series: &Series, axis: usize) -> f64 {
    let sorted = |values: Vec<f64>| {
        let mut values = values;
        values.sort_by(f64::total_cmp);
        values
    };
    let angles = sorted(series.rows().map(|row| row.head[axis]).collect());
    let Some(middle) = angles.get(angles.len() / 2) else {
        return 0.0;
    };
    let away = sorted(angles.iter().map(|angle| (angle - middle).abs()).collect());
    away.get(away.len() * 9 / 10).copied().unwrap_or(0.0)
}

/// A line through pairs.
#[derive(Clone, Copy, Debug, Default)]
struct Line {
    slope: f64,
    correlation: f64,
    effect: f64,
}

fn regression(pairs: impl Iterator<Item = (f64, f64)>) -> Line {
    let pairs: Vec<(f64, f64)> = pairs.collect();
    let count = pairs.len().max(1) as f64;
    let mean = |of: fn(&(f64, f64)) -> f64| pairs.iter().map(of).sum::<f64>() / count;
    let (x, y) = (mean(|p| p.0), mean(|p| p.1));
    let (mut xx, mut xy, mut yy) = (0.0, 0.0, 0.0);
    for (a, b) in &pairs {
        xx += (a - x) * (a - x) / count;
        xy += (a - x) * (b - y) / count;
        yy += (b - y) * (b - y) / count;
    }
    if xx < 1e-9 || yy < 1e-12 {
        return Line::default();
    }
    let slope = xy / xx;
    Line {
        slope,
        correlation: xy / (xx * yy).sqrt(),
        effect: slope.abs() * xx.sqrt(),
    }
}

/// One number of a row.
type Number = fn(&Row) -> f64;

/// What habits may be made of: cues that a face gives, and what head and lids do.
fn follows(series: &Series) -> Vec<Follows> {
    use Blendshape::*;
    let cues: [(Cue, Number); 3] = [
        (Cue::Smile, |row| {
            shape(row, MouthSmileRight, MouthSmileLeft)
        }),
        (Cue::Jaw, |row| shape(row, JawOpen, JawOpen)),
        (Cue::Brows, |row| shape(row, BrowInnerUp, BrowInnerUp)),
    ];
    let replies: [(Reply, Number); 3] = [
        (Reply::Roll, |row| row.head[2]),
        (Reply::Pitch, |row| row.head[1]),
        (Reply::EyesOpen, |row| row.lids),
    ];
    let mut found = Vec::new();
    for (cue, of_cue) in cues {
        for (reply, of_reply) in replies {
            // Blinks are nobody's answer to anything.
            let rows = series
                .rows()
                .filter(|row| reply != Reply::EyesOpen || row.lids > 0.45);
            let line = regression(rows.map(|row| (of_cue(row), of_reply(row))));
            found.push(Follows {
                cue,
                reply,
                slope: line.slope,
                correlation: line.correlation,
                effect: line.effect,
            });
        }
    }
    found
}
