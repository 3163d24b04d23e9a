//! A spring without swing: how a personality takes its time to answer.
//!
//! Critically damped, so it neither lags longer than it must nor overshoots. The step is the
//! usual closed form with a rational exponential, stable at any frame time.

use crate::curve::seconds;
use crate::reply::Reply;
use sfumato_core::motion::Real;
use sfumato_core::time::Micros;

#[derive(Clone, Debug)]
pub(crate) struct Spring {
    value: Reply,
    speed: Reply,
}

impl Spring {
    /// At rest at `value`.
    pub fn start(value: Reply) -> Spring {
        Spring {
            value,
            speed: Reply::REST,
        }
    }

    pub fn value(&self) -> Reply {
        self.value
    }

    /// Moves towards `target`, reaching most of it in `time`; `dt` has passed.
    pub fn follow(&mut self, target: &Reply, time: Micros, dt: Micros) -> Reply {
        let dt = seconds(dt).min(Real::lit("0.25"));
        let omega = Real::const_from_int(2) / seconds(time).max(Real::lit("0.01"));
        let x = omega * dt;
        let decay = Real::ONE
            / (Real::ONE + x + Real::lit("0.48") * x * x + Real::lit("0.235") * x * x * x);
        let away = self.value.zip(target, |value, target| value - target);
        let push = self
            .speed
            .zip(&away, |speed, away| (speed + omega * away) * dt);
        self.speed = self
            .speed
            .zip(&push, |speed, push| (speed - omega * push) * decay);
        let left = away.zip(&push, |away, push| (away + push) * decay);
        self.value = target.zip(&left, |target, left| target + left);
        self.value
    }
}
