//! How far a camera's word about its exposure is good.
//!
//! Cameras differ in what they tell while they choose the exposure themselves. Some tell the truth,
//! some tell the value that was set by hand last, some tell nothing; gains come in units of the
//! maker's own. So:
//!
//! - an exposure time counts once it has been seen to move, and before that as long as it can be
//!   true. It cannot if the picture stays dark with a short time or bright with a long one; nor if
//!   the picture changed by [`CHANGE`] and was brought back, and no number moved. Then it is
//!   one that is never written, and the camera counts as telling no time, until it does move;
//! - that the picture stays changed is no proof: an exposure at its limit has no other way;
//! - an exposure set by hand counts as it is;
//! - a gain counts once it has been seen to move, and at the top of its range, where only an
//!   exposure at its limit puts it. Its range stands for [`GAIN_STOPS`], evenly;
//! - what is not known counts as a usual webcam's exposure at 100 lx, which leaves the luma alone.

use sfumato_core::time::{Micros, Moment};

/// A usual webcam's exposure for mid grey at 100 lx, in units of 100 microseconds, at the least gain.
///
/// By the exposure equation of ISO 2720, `t = C N² / (E S)`: 25 ms with the constant C of 250, an
/// aperture of f/2 and a sensitivity of ISO 400.
const USUAL: f32 = 250.0;

/// Stops that a gain's whole range stands for: a factor of eight.
const GAIN_STOPS: f32 = 3.0;

/// So many stops of change in the picture make an automatic exposure answer.
const CHANGE: f32 = 1.5;

/// A time that no automatic exposure stops at in the dark, nor in the glare: 10 ms.
const SHORT: i32 = 100;

/// How long an answer may take.
const ANSWER: Micros = Micros::from_secs(5);

/// What a camera told about how it made a picture; none where it does not say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// Exposure time in units of 100 microseconds.
    pub exposure: Option<i32>,
    /// Gain in the camera's own units.
    pub gain: Option<i32>,
    /// Least and greatest gain.
    pub gains: Option<(i32, i32)>,
    /// Whether the exposure time is set by hand.
    pub manual: Option<bool>,
}

/// What the room's light is told from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    /// The picture alone: the camera does not say how it exposes, or what it says never changes.
    Luma,
    /// The picture and its exposure time.
    Exposure,
    /// The picture and its gain.
    Gain,
    /// The picture, its exposure time and its gain.
    ExposureAndGain,
}

/// What was learnt about one camera.
#[derive(Clone, Debug, Default)]
pub(crate) struct Trust {
    exposure: Word,
    gain: Word,
    /// Since when the number cannot be true.
    unlikely: Option<Moment>,
    /// The picture after the opening, in stops.
    first_picture: Option<f32>,
    /// Whether it has been another one since.
    changed: bool,
    /// Since when it is the first one again.
    brought_back: Option<Moment>,
    /// The exposure is a number that is never written.
    dead: bool,
    counts: (bool, bool),
}

/// A number a camera tells.
#[derive(Clone, Copy, Debug, Default)]
struct Word {
    last: Option<i32>,
    moved: bool,
}

impl Word {
    fn hear(&mut self, value: Option<i32>) {
        let Some(value) = value else { return };
        self.moved |= self.last.is_some_and(|last| last != value);
        self.last = Some(value);
    }
}

impl Trust {
    /// The camera was opened again: values may differ from before without having moved.
    pub(crate) fn opened(&mut self) {
        self.exposure.last = None;
        self.gain.last = None;
        self.calm();
    }

    fn calm(&mut self) {
        self.unlikely = None;
        self.first_picture = None;
        self.changed = false;
        self.brought_back = None;
    }

    /// Hears what the camera tells, whether or not its pictures are good already.
    pub(crate) fn hear(&mut self, told: &Told) {
        if told.manual == Some(true) {
            // What is turned by hand does not show that it is told truly without the hand.
            self.exposure.last = None;
        } else {
            self.exposure.hear(told.exposure);
        }
        self.gain.hear(told.gain);
    }

    /// Stops by which the picture is brighter than a usual webcam's at 100 lx of that light.
    ///
    /// `picture` is the picture's own brightness in stops.
    pub(crate) fn exposure(&mut self, told: &Told, picture: f32, now: Moment) -> f32 {
        self.hear(told);
        let by_hand = told.manual == Some(true);
        if by_hand {
            self.calm();
        } else if let Some(time) = told.exposure {
            self.watch(time, picture, now);
        }
        let time = told
            .exposure
            .filter(|time| *time > 0 && (by_hand || self.exposure.moved || !self.dead))
            .map(|time| libm::log2f(time as f32 / USUAL));
        let gain = told.gain.zip(told.gains);
        let gain = gain.filter(|(gain, (_, most))| self.gain.moved || gain == most);
        let gain = gain.and_then(|(gain, (least, most))| {
            let range = i64::from(most) - i64::from(least);
            let place = i64::from(gain) - i64::from(least);
            (range > 0).then(|| GAIN_STOPS * (place as f32 / range as f32).clamp(0.0, 1.0))
        });
        self.counts = (time.is_some(), gain.is_some());
        time.unwrap_or(0.0) + gain.unwrap_or(0.0)
    }

    /// Notices a time that cannot be true.
    fn watch(&mut self, time: i32, picture: f32, now: Moment) {
        let first = *self.first_picture.get_or_insert(picture);
        let off = (picture - first).abs();
        self.changed |= off >= CHANGE;
        let is_unlikely = if time < SHORT {
            picture <= -CHANGE
        } else {
            picture >= CHANGE
        };
        let is_back = self.changed && off < CHANGE / 2.0;
        for (is_so, since) in [
            (is_unlikely, &mut self.unlikely),
            (is_back, &mut self.brought_back),
        ] {
            if !is_so {
                *since = None;
            } else if since.get_or_insert(now).until(now) >= ANSWER {
                self.dead = true;
            }
        }
    }

    /// What counted last.
    pub(crate) fn basis(&self) -> Basis {
        match self.counts {
            (false, false) => Basis::Luma,
            (true, false) => Basis::Exposure,
            (false, true) => Basis::Gain,
            (true, true) => Basis::ExposureAndGain,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(exposure: i32) -> Told {
        Told {
            exposure: Some(exposure),
            ..Told::default()
        }
    }

    fn at(seconds: u64) -> Moment {
        Moment(0) + Micros::from_secs(seconds)
    }

    #[test]
    fn exposure_counts_in_stops() {
        let mut trust = Trust::default();
        assert_eq!(trust.exposure(&told(250), 0.0, at(0)), 0.0);
        assert_eq!(trust.exposure(&told(1000), 0.0, at(1)), 2.0);
        assert_eq!(trust.basis(), Basis::Exposure);
        for nothing in [Told::default(), told(0), told(-5)] {
            assert_eq!(trust.exposure(&nothing, 0.0, at(2)), 0.0);
            assert_eq!(trust.basis(), Basis::Luma);
        }
    }

    #[test]
    fn an_exposure_that_never_answers_is_dead_and_lives_when_it_does() {
        let mut trust = Trust::default();
        assert_eq!(trust.exposure(&told(1000), 0.0, at(0)), 2.0);
        // A visitor for four seconds: an automatic exposure need not have answered.
        for second in 1..5 {
            assert_eq!(trust.exposure(&told(1000), 2.0, at(second)), 2.0);
        }
        assert_eq!(trust.exposure(&told(1000), 0.0, at(5)), 2.0);
        for second in 6..11 {
            assert_eq!(trust.exposure(&told(1000), 2.0, at(second)), 2.0);
        }
        assert_eq!(trust.exposure(&told(1000), 2.0, at(11)), 0.0);
        assert_eq!(trust.basis(), Basis::Luma);
        // Dead through a reopening, too, though the number is another one then.
        trust.opened();
        assert_eq!(trust.exposure(&told(500), 0.0, at(20)), 0.0);
        assert_eq!(trust.exposure(&told(1000), 0.0, at(21)), 2.0);
        for second in 30..60 {
            assert_eq!(trust.exposure(&told(1000), 2.0, at(second)), 2.0);
        }
    }

    #[test]
    fn brought_back_without_a_word_is_dead_and_dark_at_the_limit_is_not() {
        let mut trust = Trust::default();
        for second in 0..100 {
            let picture = if second < 50 { 0.0 } else { -4.0 };
            assert_eq!(trust.exposure(&told(500), picture, at(second)), 1.0);
        }
        for second in 100..105 {
            assert_eq!(trust.exposure(&told(500), 0.5, at(second)), 1.0);
        }
        assert_eq!(trust.exposure(&told(500), 0.5, at(105)), 0.0);
    }

    #[test]
    fn an_exposure_by_hand_counts_as_it_is() {
        let by_hand = |exposure| Told {
            manual: Some(true),
            ..told(exposure)
        };
        let mut trust = Trust::default();
        for second in 0..100 {
            let picture = if second < 10 { 0.0 } else { -4.0 };
            assert_eq!(trust.exposure(&by_hand(1000), picture, at(second)), 2.0);
        }
        // Turned by hand is not told truly without the hand.
        trust.exposure(&by_hand(500), 0.0, at(100));
        for second in 101..120 {
            let picture = if second < 110 { 0.0 } else { 2.0 };
            trust.exposure(&told(500), picture, at(second));
        }
        assert_eq!(trust.exposure(&told(500), 2.0, at(120)), 0.0);
    }

    #[test]
    fn a_gain_counts_once_it_moved() {
        let gain = |gain, gains| Told {
            gain: Some(gain),
            gains,
            ..Told::default()
        };
        let mut trust = Trust::default();
        let range = Some((0, 240));
        assert_eq!(trust.exposure(&gain(120, range), 0.0, at(0)), 0.0);
        let mut at_the_top = Trust::default();
        assert_eq!(at_the_top.exposure(&gain(240, range), 0.0, at(0)), 3.0);
        assert_eq!(trust.exposure(&gain(160, range), 0.0, at(1)), 2.0);
        assert_eq!(trust.basis(), Basis::Gain);
        assert_eq!(trust.exposure(&gain(999, range), 0.0, at(2)), 3.0);
        assert_eq!(trust.exposure(&gain(-999, range), 0.0, at(3)), 0.0);
        for nonsense in [None, Some((5, 5)), Some((9, 1)), Some((i32::MAX, i32::MIN))] {
            assert_eq!(trust.exposure(&gain(7, nonsense), 0.0, at(4)), 0.0);
        }
    }
}
