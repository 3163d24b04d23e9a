//! Style: how somebody in particular moves, as numbers.
//!
//! A visitor says *what* the portrait does; a style says *how* somebody in particular would have done it. It is
//! learned from films of a person (`atelier learn-personality`) and holds no picture and no measure of the face: only
//! how much the head sways at which pace, how the lids blink and which expressions go together.

use crate::reply::SHAPES;
use sfumato_core::motion::{Blendshape, Real};
use sfumato_core::time::Micros;

/// How many paces of sway are told apart.
pub const PACES: usize = 5;

/// A sway of the pace `i` goes from one turning point to the next in about `BEATS[i]`.
pub const BEATS: [Micros; PACES] = [
    Micros::from_millis(250),
    Micros::from_millis(500),
    Micros::from_millis(1_000),
    Micros::from_millis(2_000),
    Micros::from_millis(4_000),
];

/// How many expressions that go together are kept.
pub const DIRECTIONS: usize = 3;

/// How many coefficients are measured, and so learned.
pub const MEASURED: usize = 19;

/// The coefficients that are measured, in the order of [`Direction`].
pub const MEASURED_SHAPES: [Blendshape; MEASURED] = SHAPES;

/// How much each measured coefficient usually varies: the ruler by which coefficients are compared.
///
/// A root mean square, rounded; of people who talk and react before a camera.
#[rustfmt::skip]
pub const USUAL: [f32; MEASURED] = [
    // jaw, pucker, smile, stretch
    0.18, 0.12, 0.20, 0.20, 0.10, 0.10,
    // frown, press, mouth to a side, jaw to a side
    0.08, 0.08, 0.08, 0.08, 0.06, 0.06, 0.05, 0.05,
    // brows: inner up, outer up, down
    0.10, 0.10, 0.10, 0.06, 0.06,
];

/// The most that comes along with what a visitor does.
const MOST_ALONG: Real = Real::lit("0.3");
/// And of an opening mouth: one that gapes because somebody smiles at it frightens.
const MOST_JAW_ALONG: Real = Real::lit("0.08");

/// How one blink goes, and how even they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Blink {
    /// Time in which the lids close.
    pub closing: Micros,
    /// Time for which they are shut.
    pub shut: Micros,
    /// Time in which they open.
    pub opening: Micros,
    /// How uneven the pauses are: standard deviation of their logarithm, in [0, 0.8].
    pub spread: Real,
}

impl Blink {
    /// Down in 85 ms, up in twice that: Evinger et al. 1991, "Eyelid movements: mechanisms and normal data".
    /// Pauses as uneven as Ponder and Kennedy 1927, "On the act of blinking", drew them.
    pub const USUAL: Blink = Blink {
        closing: Micros::from_millis(85),
        shut: Micros::from_millis(45),
        opening: Micros::from_millis(170),
        spread: Real::lit("0.6"),
    };
}

/// Sway of the head by pace, in degrees (root mean square), on top of breath.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sway {
    /// Turning.
    pub yaw: [Real; PACES],
    /// Nodding.
    pub pitch: [Real; PACES],
    /// Leaning.
    pub roll: [Real; PACES],
}

impl Sway {
    /// None.
    pub const NONE: Sway = Sway {
        yaw: [Real::ZERO; PACES],
        pitch: [Real::ZERO; PACES],
        roll: [Real::ZERO; PACES],
    };
}

/// One expression of a person: coefficients that rise and fall together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Direction {
    /// What belongs to it, in [`MEASURED_SHAPES`]' order; one of its own usual size.
    shapes: [Real; MEASURED],
    /// How much of it a set of coefficients has, is the sum of these times those.
    reads: [Real; MEASURED],
    /// How much of it there is when nothing happens, as a share of its usual size, in [0, 2].
    pub size: Real,
    /// Time from one turning point to the next.
    pub beat: Micros,
}

impl Direction {
    /// No expression.
    pub const NONE: Direction = Direction {
        shapes: [Real::ZERO; MEASURED],
        reads: [Real::ZERO; MEASURED],
        size: Real::ZERO,
        beat: Micros::from_millis(1_000),
    };

    /// What belongs to it.
    pub fn shapes(&self) -> &[Real; MEASURED] {
        &self.shapes
    }
}

/// Which expressions go together: a map of low rank.
///
/// What a visitor does is done, all of it; with it comes what in this person goes along.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Together {
    /// How much comes along of what in this person goes along, in [0, 1].
    pub share: Real,
    directions: [Direction; DIRECTIONS],
    /// How much of each coefficient its own expressions already have of it, in [0, 1].
    own: [Real; MEASURED],
}

impl Together {
    /// Every coefficient for itself.
    pub const NONE: Together = Together {
        share: Real::ZERO,
        directions: [Direction::NONE; DIRECTIONS],
        own: [Real::ZERO; MEASURED],
    };

    /// From expressions as they were written: coefficients, size, and beat of each; at most [`DIRECTIONS`].
    ///
    /// They are made independent of each other in their order (Gram and Schmidt), by the ruler [`USUAL`]; what is left
    /// of one that says nothing new is dropped.
    pub fn of(share: Real, written: &[([f32; MEASURED], f32, Micros)]) -> Together {
        let mut together = Together {
            share,
            ..Together::NONE
        };
        let mut units: [[f32; MEASURED]; DIRECTIONS] = [[0.0; MEASURED]; DIRECTIONS];
        for (index, (shapes, size, beat)) in written.iter().take(DIRECTIONS).enumerate() {
            let mut unit = *shapes;
            unit.iter_mut()
                .zip(USUAL)
                .for_each(|(x, usual)| *x /= usual);
            let length = norm(&unit);
            for other in &units {
                let along: f32 = unit.iter().zip(other).map(|(a, b)| a * b).sum();
                unit.iter_mut()
                    .zip(other)
                    .for_each(|(x, o)| *x -= along * o);
            }
            let left = norm(&unit);
            if !(left > 0.1 * length && left.is_finite()) {
                continue;
            }
            unit.iter_mut().for_each(|x| *x /= left);
            let direction = &mut together.directions[index];
            for (((shape, reads), x), usual) in (direction.shapes.iter_mut())
                .zip(&mut direction.reads)
                .zip(unit)
                .zip(USUAL)
            {
                *shape = Real::saturating_from_num(x * usual);
                *reads = Real::saturating_from_num(x / usual);
            }
            direction.size = Real::saturating_from_num(*size);
            direction.beat = *beat;
            for (own, x) in together.own.iter_mut().zip(unit) {
                *own += Real::saturating_from_num(x * x);
            }
            units[index] = unit;
        }
        together
    }

    /// The expressions.
    pub fn directions(&self) -> &[Direction; DIRECTIONS] {
        &self.directions
    }

    /// `shapes` with what goes along with each of them.
    pub(crate) fn said(&self, shapes: &[Real; MEASURED]) -> [Real; MEASURED] {
        if self.share == Real::ZERO {
            return *shapes;
        }
        let mut theirs = [Real::ZERO; MEASURED];
        for direction in &self.directions {
            let mut amount = Real::ZERO;
            for (reads, x) in direction.reads.iter().zip(shapes) {
                amount = amount.saturating_add(reads.saturating_mul(*x));
            }
            for (sum, shape) in theirs.iter_mut().zip(direction.shapes) {
                *sum = sum.saturating_add(amount.saturating_mul(shape));
            }
        }
        let mut said = *shapes;
        for ((x, theirs), own) in said.iter_mut().zip(theirs).zip(self.own) {
            let along = theirs.saturating_sub(own.saturating_mul(*x));
            let along = along.saturating_mul(self.share);
            *x = x.saturating_add(along.clamp(-MOST_ALONG, MOST_ALONG));
        }
        // The jaw is first.
        let ([jaw, ..], [did, ..]) = (&mut said, shapes);
        *jaw = (*jaw).min(*did + MOST_JAW_ALONG);
        said
    }
}

/// How somebody in particular moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// Their blinks.
    pub blink: Blink,
    /// The sway of their head.
    pub sway: Sway,
    /// Their expressions.
    pub together: Together,
    /// What the face always does a little, in [`MEASURED_SHAPES`]' order, each in [0, 0.25].
    pub always: [Real; MEASURED],
}

impl Style {
    /// Nobody's in particular.
    pub const PLAIN: Style = Style {
        blink: Blink::USUAL,
        sway: Sway::NONE,
        together: Together::NONE,
        always: [Real::ZERO; MEASURED],
    };
}

fn norm(vector: &[f32; MEASURED]) -> f32 {
    libm::sqrtf(vector.iter().map(|x| x * x).sum())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn number(value: Real) -> f32 {
        value.to_num()
    }

    /// Smile with cheeks of both sides, and jaw.
    fn laughs() -> Together {
        let mut laugh = [0.0; MEASURED];
        (laugh[0], laugh[2], laugh[3]) = (0.3, 0.4, 0.4);
        let mut brows = [0.0; MEASURED];
        (brows[14], brows[15], brows[16], brows[2], brows[3]) = (0.2, 0.1, 0.1, 0.05, 0.05);
        let beat = Micros::from_secs(1);
        Together::of(Real::lit("0.5"), &[(laugh, 1.0, beat), (brows, 0.5, beat)])
    }

    #[test]
    fn what_a_person_does_together_comes_together() {
        let together = laughs();
        let mut smile = [Real::ZERO; MEASURED];
        (smile[2], smile[3]) = (Real::lit("0.5"), Real::lit("0.5"));
        let said = together.said(&smile);
        assert!(said[0] > Real::lit("0.05"), "{said:?}");
        // One side of a smile brings the other along, and is not less itself.
        assert!(said[2] > smile[2], "{said:?}");
        let mut one = [Real::ZERO; MEASURED];
        one[2] = Real::lit("0.5");
        let said = together.said(&one);
        assert!(
            (number(said[2]) - 0.5).abs() < 1e-3 && said[3] > 0,
            "{said:?}"
        );
    }

    #[test]
    fn expressions_are_independent_and_those_that_say_nothing_new_are_dropped() {
        let together = laughs();
        let [laugh, brows, none] = together.directions();
        let along: f32 = (laugh.reads.iter().zip(brows.shapes))
            .map(|(a, b)| number(*a) * number(b))
            .sum();
        assert!(along.abs() < 5e-3, "{along}");
        assert_eq!(*none, Direction::NONE);
        let mut one = [0.0; MEASURED];
        one[0] = 0.2;
        let beat = Micros::from_secs(1);
        let twice = Together::of(Real::lit("0.5"), &[(one, 1.0, beat), (one, 1.0, beat)]);
        assert_eq!(twice.directions()[1], Direction::NONE);
    }

    proptest! {
        #[test]
        fn nothing_written_makes_more_than_twice_of_an_answer(
            written in prop::collection::vec(prop::array::uniform19(-1f32..1.0), 0..4),
            shapes in prop::array::uniform19(-1f32..1.0),
            share in 0f32..1.0,
        ) {
            let beat = Micros::from_secs(1);
            let written: std::vec::Vec<_> = written.iter().map(|w| (*w, 1.0, beat)).collect();
            let together = Together::of(Real::from_num(share), &written);
            let before = shapes.map(Real::from_num);
            let after = together.said(&before);
            let size = |shapes: &[Real; MEASURED]| {
                let mut scaled = shapes.map(number);
                scaled.iter_mut().zip(USUAL).for_each(|(x, usual)| *x /= usual);
                norm(&scaled)
            };
            prop_assert!(size(&after) <= size(&before) * 2.02 + 0.02, "{} {}", size(&before), size(&after));
        }

        #[test]
        fn rest_stays_rest(written in prop::array::uniform19(-1f32..1.0)) {
            let together = Together::of(Real::ONE, &[(written, 1.0, Micros::from_secs(1))]);
            prop_assert_eq!(together.said(&[Real::ZERO; MEASURED]), [Real::ZERO; MEASURED]);
        }
    }
}
