//! Causal smoothing of one measured number: One-Euro, then a dead band.
//!
//! The *One-Euro* filter is a low-pass whose cut-off rises with speed: slow drift is smoothed
//! hard (nobody sees the lag), quick movement passes almost unfiltered (nobody sees the noise).
//! The *dead band* is a play, like that of a loose gear: its output stays where it is until the
//! input has moved away by more than half the band, then follows at that distance. It never
//! jumps, and while a face is still nothing behind it moves, not by a bit. A face that has been
//! still for half a second is held harder: landmarks of one and the same picture tremble, since
//! each face is sought where the last one was.
//!
//! Source of the filter: G. Casiez, N. Roussel, D. Vogel, "1€ Filter: A Simple Speed-based
//! Low-pass Filter for Noisy Input in Interactive Systems", CHI 2012.

use sfumato_core::motion::Real;

/// How one number is smoothed. Speeds are in the number's own unit a second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Tuning {
    /// Cut-off at rest, in hertz.
    pub rest_hertz: Real,
    /// Hertz gained for each unit a second of speed.
    pub hertz_per_speed: Real,
    /// Half the width of the dead band.
    pub band: Real,
}

/// How much wider the band is while the face is still.
const GRIP: Real = Real::lit("1.5");
/// Seconds of stillness until the grip is full.
const SETTLES: Real = Real::lit("0.5");
/// How many times faster it is loosened.
const LOOSENS: Real = Real::lit("4");

/// Cut-off of the speed estimate, in hertz.
const SPEED_HERTZ: Real = Real::lit("5");

/// No face moves faster (degrees a second); keeps sums within the range of `Real`.
const FASTEST: Real = Real::lit("2000");

/// One smoothed number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Smooth {
    filtered: Real,
    filtered_speed: Real,
    /// What is passed on: the play's output.
    pub value: Real,
    /// Its speed, zero while the play holds.
    pub speed: Real,
    /// Where `value` was when it last moved clearly.
    anchor: Real,
    /// Seconds of stillness, at most [`SETTLES`].
    still: Real,
}

impl Smooth {
    /// Starts at `x`, at rest.
    pub fn start(x: Real) -> Smooth {
        Smooth {
            filtered: x,
            filtered_speed: Real::ZERO,
            value: x,
            speed: Real::ZERO,
            anchor: x,
            still: Real::ZERO,
        }
    }

    /// Takes in the next measurement, `dt` seconds after the last one, and says whether the
    /// value has clearly moved: by more than the band is wide.
    pub fn update(&mut self, x: Real, dt: Real, tuning: &Tuning) -> bool {
        let change = x - self.filtered;
        let speed = change.saturating_div(dt).clamp(-FASTEST, FASTEST);
        self.filtered_speed += low_pass_share(SPEED_HERTZ, dt) * (speed - self.filtered_speed);
        let hertz = tuning.rest_hertz.saturating_add(
            tuning
                .hertz_per_speed
                .saturating_mul(self.filtered_speed.saturating_abs()),
        );
        self.filtered += low_pass_share(hertz, dt) * change;

        let band = tuning.band * (Real::ONE + GRIP * self.still / SETTLES);
        let apart = self.filtered - self.value;
        let before = self.value;
        if apart > band {
            self.value = self.filtered - band;
        } else if apart < -band {
            self.value = self.filtered + band;
        }
        self.speed = if self.value == before {
            Real::ZERO
        } else {
            self.filtered_speed
        };
        let moved = (self.value - self.anchor).abs() > 2 * tuning.band;
        if moved {
            self.anchor = self.value;
            self.still = (self.still - LOOSENS * dt).max(Real::ZERO);
        } else {
            self.still = (self.still + dt).min(SETTLES);
        }
        moved
    }
}

/// The share of a step that a first-order low-pass takes in `dt` seconds.
fn low_pass_share(hertz: Real, dt: Real) -> Real {
    let turn = Real::TAU.saturating_mul(hertz).saturating_mul(dt);
    turn.saturating_div(turn.saturating_add(Real::ONE))
}
