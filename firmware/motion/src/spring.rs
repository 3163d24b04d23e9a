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

    /// Moves towards `target`, `dt` having passed; the head reaches most of it in `time`, the
    /// face in half of that: lips that come late are noticed first.
    pub fn follow(&mut self, target: &Reply, time: Micros, dt: Micros) -> Reply {
        let slow = Step::of(time, dt);
        let quick = Step::of(Micros(time.0 / 2), dt);
        let head = (self.value.head.iter_mut())
            .zip(&mut self.speed.head)
            .zip(target.head);
        for ((value, speed), target) in head {
            slow.take(value, speed, target);
        }
        let shapes = (self.value.shapes.iter_mut())
            .zip(&mut self.speed.shapes)
            .zip(target.shapes);
        for ((value, speed), target) in shapes {
            quick.take(value, speed, target);
        }
        self.value
    }
}

/// One step of a spring.
struct Step {
    omega: Real,
    dt: Real,
    decay: Real,
}

impl Step {
    fn of(time: Micros, dt: Micros) -> Step {
        let dt = seconds(dt).min(Real::lit("0.25"));
        let omega = Real::const_from_int(2) / seconds(time).max(Real::lit("0.01"));
        let x = omega * dt;
        let growth = Real::ONE + x + Real::lit("0.48") * x * x + Real::lit("0.235") * x * x * x;
        Step {
            omega,
            dt,
            decay: Real::ONE / growth,
        }
    }

    fn take(&self, value: &mut Real, speed: &mut Real, target: Real) {
        let away = *value - target;
        let push = (*speed + self.omega * away) * self.dt;
        *speed = (*speed - self.omega * push) * self.decay;
        *value = target + (away + push) * self.decay;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn reaches_and_does_not_overshoot(
            goal in -20f32..20.0, time in 20u64..500, frame in 4_000u64..50_000,
        ) {
            let mut target = Reply::REST;
            target.head[0] = Real::from_num(goal);
            let mut spring = Spring::start(Reply::REST);
            let mut passed = 0;
            let mut yaw = 0.0f32;
            while passed < 6 * 1_000 * time {
                yaw = spring.follow(&target, Micros::from_millis(time), Micros(frame)).head[0].to_num();
                prop_assert!(yaw.abs() <= goal.abs() * 1.02 + 0.01, "{} beyond {}", yaw, goal);
                passed += frame;
            }
            prop_assert!((yaw - goal).abs() < 0.02 * goal.abs() + 0.02, "{} for {}", yaw, goal);
        }
    }
}
