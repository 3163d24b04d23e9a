//! Learned: from statistics to the numbers of a personality.
//!
//! Two things stand between a person and a portrait. A film of ten seconds says little: whatever it says is mixed with
//! what is usual, by how long the film is against how long one would have to look. And a painting can do less than a
//! person: its head does not turn by 25 degrees. So sizes are bounded softly, in proportion to each other.
//!
//! What no film of one person can tell stays as `serene` has it: how long they take to turn to somebody (whom they
//! answer is not in the picture), whether they are shy, how they see somebody off.

use crate::series::{Series, TooLittle};
use crate::statistics::{Follows, Statistics};
use sfumato_core::motion::Blendshape;
use sfumato_motion::personality::Reply;
use sfumato_motion::style::{MEASURED, MEASURED_SHAPES, PACES};

/// Fewer seconds are not learned from.
pub const LEAST_SECONDS: f64 = 2.0;

/// How many seconds of film weigh as much as what is usual: for ranges and expressions, and for rare events.
const RANGES: f64 = 6.0;
const EVENTS: f64 = 20.0;

/// What is usual, in ranges' 95 of 100: jaw, smile, pucker and press, brows. Of people who talk before a camera.
const USUAL_JAW: f64 = 0.5;
const USUAL_SMILE: f64 = 0.5;
const USUAL_MOUTH: f64 = 0.25;
const USUAL_BROWS: f64 = 0.25;
/// How far a head usually goes from its place, degrees: yaw, pitch, roll.
const USUAL_TURN: [f64; 3] = [6.0, 4.0, 4.0];
/// Sway of a usual head at each pace, degrees.
const USUAL_SWAY: f64 = 0.15;
/// A usual smile of somebody before a camera.
const USUAL_MEAN_SMILE: f64 = 0.1;
/// Seconds between turning points of a usual face.
const USUAL_BEAT: f64 = 0.35;
/// Blinks a minute: Bentivoglio et al. 1997, "Analysis of blink rate patterns in normal subjects".
const USUAL_BLINKS: f64 = 17.0;
/// Seconds for which an eye is more than half shut: of [`sfumato_motion::style::Blink::USUAL`].
const USUAL_BLINK: f64 = 0.172;
const USUAL_SPREAD: f64 = 0.6;
/// Glances a minute and their reach: `serene`'s.
const USUAL_GLANCES: f64 = 9.0;
const USUAL_REACH: f64 = 10.0;

/// More often a portrait looks nervous, whatever the person did before a camera.
const MOST_BLINKS: f64 = 30.0;
/// No head of a portrait sways by more, degrees root mean square, whatever the person's did.
const MOST_SWAY: f64 = 1.5;
/// Nor by more at a quick pace: what landmarks tremble by is not all told from what a head does, and a head that
/// trembles is ill.
const MOST_BY_PACE: [f64; PACES] = [0.06, 0.25, 1.0, MOST_SWAY, MOST_SWAY];
/// How much of what the face does when filmed it does when alone.
const ALONE: f64 = 0.35;
/// How much of its usual expression a face always has, and how much at most.
const ALWAYS: f64 = 0.4;
const MOST_ALWAYS: f64 = 0.2;
/// Habits that are learned, at most, and how sure one must be: in standard errors, with one independent look a second.
const HABITS: usize = 2;
const SURE: f64 = 2.5;

/// A habit as it is written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LearnedHabit {
    /// What it was learned from.
    pub from: Follows,
    /// How much of the reply for a cue of 1.
    pub amount: f64,
}

/// The numbers of a personality, with the statistics that they come from.
#[derive(Clone, Debug, PartialEq)]
pub struct Learned {
    /// What was seen.
    pub seen: Statistics,
    /// How much of what is particular is kept: 1 is as measured.
    pub strength: f64,
    /// Gains of yaw, pitch, roll.
    pub turn: [f64; 3],
    /// Gains of jaw, smile, mouth, brows.
    pub face: [f64; 4],
    /// Seconds.
    pub answer_time: f64,
    /// How much stronger the left side answers.
    pub asymmetry: f64,
    /// A smile it always has.
    pub smile_bias: f64,
    /// Blinks a minute.
    pub blinks: f64,
    /// How much longer a blink is than usual.
    pub blink_length: f64,
    /// How uneven pauses between blinks are.
    pub blink_spread: f64,
    /// Glances a minute and degrees of each.
    pub glances: [f64; 2],
    /// How much of the face's own life it has alone.
    pub alone: f64,
    /// Sway by axis and pace, degrees.
    pub sway: [[f64; PACES]; 3],
    /// What the face always does a little, but smiling and opening the mouth.
    pub always: [f64; MEASURED],
    /// How much comes along of what goes along in this person.
    pub share: f64,
    /// What head and lids do by habit.
    pub habits: Vec<LearnedHabit>,
}

/// What was measured, drawn towards what is usual.
fn drawn(measured: f64, usual: f64, seconds: f64, enough: f64) -> f64 {
    (measured * seconds + usual * enough) / (seconds + enough)
}

/// How strongly a part answers whose range is `range` times the usual.
fn gain(range: f64) -> f64 {
    range.max(0.0).powf(0.75).clamp(0.5, 1.5)
}

/// A head's sway as a portrait may show it: all paces made smaller alike, and what is too quick made slower.
pub fn shown_sway(sway: &[f64; PACES]) -> [f64; PACES] {
    let total = sway.iter().map(|size| size * size).sum::<f64>().sqrt();
    let mut shown = sway.map(|size| size * MOST_SWAY / (MOST_SWAY + total));
    for pace in 1..PACES {
        let most = MOST_BY_PACE[pace - 1];
        let over = (shown[pace - 1].powi(2) - most * most).max(0.0);
        shown[pace - 1] = shown[pace - 1].min(most);
        shown[pace] = (shown[pace].powi(2) + over).sqrt();
    }
    shown
}

impl Learned {
    /// Learns from a series.
    ///
    /// `strength` says how much of what is particular to the person is kept: 0 makes everybody usual, 1 is as measured, 2 a
    /// caricature, which is sooner recognised than a likeness (S. Brennan, "Caricature generator", 1985); [0, 3].
    ///
    /// Fails when it is shorter than [`LEAST_SECONDS`].
    pub fn from(series: &Series, strength: f64) -> Result<Learned, TooLittle> {
        let seconds = series.seconds();
        if seconds < LEAST_SECONDS {
            return Err(TooLittle {
                seconds,
                least: LEAST_SECONDS,
            });
        }
        Ok(Learned::of(
            Statistics::of(series),
            strength.clamp(0.0, 3.0),
        ))
    }

    fn of(seen: Statistics, strength: f64) -> Learned {
        use Blendshape::*;
        let seconds = seen.seconds;
        // How many times the usual, stressed: nothing is stressed of what is usual.
        let stressed = |times: f64| times.max(1e-3).powf(strength);
        let range =
            |high: f64, usual: f64| gain(stressed(drawn(high / usual, 1.0, seconds, RANGES)));
        let high = |right, left| seen.range(right, left).high;
        let smile = seen.smile();
        let mouth = high(MouthPucker, MouthPucker).max(high(MouthPressRight, MouthPressLeft));
        let brows = high(BrowInnerUp, BrowInnerUp).max(high(BrowOuterUpRight, BrowOuterUpLeft));
        let beats = || seen.expressions.iter().map(|e| (e.size * e.size, e.beat));
        let all: f64 = beats().map(|(weight, _)| weight).sum();
        let beat = if all > 0.0 {
            beats().map(|(weight, beat)| weight * beat).sum::<f64>() / all
        } else {
            USUAL_BEAT
        };
        let beat = drawn(beat, USUAL_BEAT, seconds, RANGES);
        let [crooked, closely] = seen.crooked;
        let blinks = &seen.blinks;
        let length = blinks.length.unwrap_or(USUAL_BLINK) / USUAL_BLINK;
        let glances = &seen.glances;
        let a_minute = |count: usize, usual: f64, seconds: f64| {
            let often = usual / 60.0 * EVENTS;
            60.0 * (count as f64 + often) / (seconds + EVENTS)
        };
        Learned {
            turn: std::array::from_fn(|axis| 0.75 * range(seen.turn[axis], USUAL_TURN[axis])),
            face: [
                range(high(JawOpen, JawOpen), USUAL_JAW),
                range(smile.high, USUAL_SMILE),
                range(mouth, USUAL_MOUTH),
                range(brows, USUAL_BROWS),
            ],
            answer_time: (0.12 * stressed(beat / USUAL_BEAT).sqrt()).clamp(0.04, 0.3),
            // A corner that rises by 0.047 spans more than the other is a whole smile's difference; weighed by how sure.
            asymmetry: (strength * crooked / 0.047 / 2.0 * closely * closely * seconds
                / (seconds + RANGES))
                .clamp(-0.3, 0.3),
            smile_bias: (ALWAYS
                * USUAL_MEAN_SMILE
                * stressed(drawn(
                    smile.mean / USUAL_MEAN_SMILE,
                    1.0,
                    seconds,
                    RANGES / 2.0,
                )))
            .clamp(0.0, 0.25),
            blinks: (USUAL_BLINKS
                * stressed(a_minute(blinks.count, USUAL_BLINKS, blinks.seconds) / USUAL_BLINKS))
            .clamp(4.0, MOST_BLINKS),
            blink_length: stressed(drawn(length, 1.0, blinks.count as f64, 2.0)).clamp(0.6, 1.8),
            blink_spread: (blinks.spread)
                .map_or(USUAL_SPREAD, |spread| {
                    drawn(spread, USUAL_SPREAD, blinks.count as f64, 8.0)
                })
                .clamp(0.0, 0.8),
            glances: [
                (USUAL_GLANCES
                    * stressed(
                        a_minute(glances.count, USUAL_GLANCES, glances.seconds) / USUAL_GLANCES,
                    ))
                .clamp(2.0, 40.0),
                glances
                    .reach
                    .map_or(USUAL_REACH, |reach| {
                        drawn(reach, USUAL_REACH, glances.count as f64, 4.0)
                    })
                    .clamp(3.0, 20.0),
            ],
            alone: ALONE,
            sway: seen.sway.map(|axis| {
                let sway = axis.map(|size| drawn(size, USUAL_SWAY, seconds, RANGES / 2.0));
                let usual = USUAL_SWAY * (PACES as f64).sqrt();
                let times = sway.iter().map(|size| size * size).sum::<f64>().sqrt() / usual;
                shown_sway(&sway.map(|size| size / times * stressed(times)))
            }),
            share: (strength * seen.explained * seconds / (seconds + RANGES / 2.0)).min(1.0),
            always: always(&seen, strength),
            habits: habits(&seen, strength),
            strength,
            seen,
        }
    }
}

/// What the face does on average, bounded. A smile is told apart; lips that are always parted look dull.
fn always(seen: &Statistics, strength: f64) -> [f64; MEASURED] {
    use Blendshape::*;
    let told = [JawOpen, MouthSmileRight, MouthSmileLeft];
    let weight = strength * ALWAYS * seen.seconds / (seen.seconds + RANGES / 2.0);
    std::array::from_fn(|i| {
        let amount = (weight * seen.shapes[i].mean).min(MOST_ALWAYS);
        // Less is not seen.
        if told.contains(&MEASURED_SHAPES[i]) || amount < 0.01 {
            0.0
        } else {
            amount
        }
    })
}

/// The closest of what follows a face's cues, if it is sure and can be seen.
fn habits(seen: &Statistics, strength: f64) -> Vec<LearnedHabit> {
    let mut sure: Vec<LearnedHabit> = (seen.follows.iter())
        .filter_map(|follows| {
            let square = follows.correlation * follows.correlation;
            let errors =
                follows.correlation.abs() * (seen.seconds / (1.0 - square).max(1e-6)).sqrt();
            let (least, most) = match follows.reply {
                Reply::EyesOpen => (0.03, 0.25),
                _ => (0.5, 4.0),
            };
            let amount = (strength * follows.slope * square).clamp(-most, most);
            (errors > SURE && follows.effect > least).then_some(LearnedHabit {
                from: *follows,
                amount,
            })
        })
        .collect();
    sure.sort_by(|a, b| {
        b.from
            .correlation
            .abs()
            .total_cmp(&a.from.correlation.abs())
    });
    // One reply has one cue, the closest.
    let mut kept: Vec<LearnedHabit> = Vec::new();
    for habit in sure {
        if kept.len() < HABITS && kept.iter().all(|one| one.from.reply != habit.from.reply) {
            kept.push(habit);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_measured_counts_more_the_longer_one_looks() {
        assert_eq!(drawn(3.0, 1.0, 0.0, 6.0), 1.0);
        assert_eq!(drawn(3.0, 1.0, 6.0, 6.0), 2.0);
        assert!(drawn(3.0, 1.0, 1e6, 6.0) > 2.99);
    }

    #[test]
    fn sway_is_bounded_and_what_is_too_quick_slowed_down() {
        let wild = shown_sway(&[3.0, 0.0, 6.0, 9.0, 20.0]);
        let total = wild.iter().map(|s| s * s).sum::<f64>().sqrt();
        assert!(total < MOST_SWAY, "{total}");
        assert!((wild[4] / wild[3] - 20.0 / 9.0).abs() < 0.1, "{wild:?}");
        assert_eq!(wild[0], 0.06);
    }

    #[test]
    fn a_second_of_film_is_not_learned_from() {
        assert!(Learned::from(&Series::default(), 1.0).is_err());
    }
}
