//! Curves: soft bounds, dead zones and easing, in fixed-point.
//!
//! All of them are continuous and none overshoots, so that whatever goes in, the portrait
//! never jumps at a limit.

use sfumato_core::motion::Real;
use sfumato_core::time::Micros;

/// A length of time in seconds, at most 1000.
pub(crate) fn seconds(length: Micros) -> Real {
    let micros = length.0.min(1_000_000_000) as i64;
    // Real has 16 fractional bits.
    Real::from_bits(((micros << 16) / 1_000_000) as i32)
}

/// A measured number as a `Real`, held within ±`limit`; zero when it is not a number.
pub(crate) fn real(value: f32, limit: f32) -> Real {
    if value.is_finite() {
        Real::saturating_from_num(value.clamp(-limit, limit))
    } else {
        Real::ZERO
    }
}

/// `x` unchanged up to `knee`, then ever flatter towards `limit`; odd, smooth, never beyond.
pub(crate) fn soft_bound(x: Real, knee: Real, limit: Real) -> Real {
    let size = x.saturating_abs();
    if size <= knee {
        return x;
    }
    let room = limit - knee;
    let over = size.saturating_sub(knee);
    // room * over / (room + over), without leaving the range of Real.
    let gained = room.saturating_mul(over.saturating_div(room.saturating_add(over)));
    let bounded = knee + gained;
    if x < 0 { -bounded } else { bounded }
}

/// A coefficient: zero below zero, `x` up to `knee`, then ever flatter towards one.
pub(crate) fn coefficient(x: Real, knee: Real) -> Real {
    soft_bound(x.max(Real::ZERO), knee, Real::ONE).min(Real::ONE)
}

/// Zero within ±`zone`, beyond it the rest.
pub(crate) fn dead_zone(x: Real, zone: Real) -> Real {
    if x > zone {
        x - zone
    } else if x < -zone {
        x + zone
    } else {
        Real::ZERO
    }
}

/// How far a change that takes `length` has come after `elapsed`: 0 to 1, gentle at both ends.
pub(crate) fn ease(elapsed: Micros, length: Micros) -> Real {
    let u = share(elapsed, length);
    u * u * (Real::const_from_int(3) - 2 * u)
}

/// What is left of a shock after `elapsed` when it is gone after `length`: 1 to 0.
pub(crate) fn fade(elapsed: Micros, length: Micros) -> Real {
    let left = Real::ONE - share(elapsed, length);
    left * left
}

fn share(elapsed: Micros, length: Micros) -> Real {
    if elapsed >= length {
        return Real::ONE;
    }
    let length = length.0.max(1);
    // elapsed < length, so the quotient is below one.
    Real::from_bits((u128::from(elapsed.0) * 65_536 / u128::from(length)) as i32)
}

/// `a` at `share` 0, `b` at 1.
pub(crate) fn mix(a: Real, b: Real, share: Real) -> Real {
    a + (b - a) * share
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn soft_bound_is_odd_rising_and_bounded(a in any::<i32>(), b in any::<i32>()) {
            let (knee, limit) = (Real::from_num(4), Real::from_num(14));
            let (a, b) = (Real::from_bits(a.max(-i32::MAX)), Real::from_bits(b.max(-i32::MAX)));
            let (fa, fb) = (soft_bound(a, knee, limit), soft_bound(b, knee, limit));
            prop_assert!(fa.abs() <= limit && fa.abs() <= a.abs());
            prop_assert_eq!(soft_bound(-a, knee, limit), -fa);
            if a <= b {
                // One unit in the last place may be lost in the quotient.
                prop_assert!(fa <= fb + Real::from_bits(20), "{} {} -> {} {}", a, b, fa, fb);
            }
        }

        #[test]
        fn easing_rises_from_nothing_to_all(a in 0u64..2_000_000, b in 0u64..2_000_000) {
            let length = Micros(1_000_000);
            let (early, late) = (Micros(a.min(b)), Micros(a.max(b)));
            prop_assert!(ease(early, length) <= ease(late, length) + Real::from_bits(8));
            prop_assert!(fade(early, length) >= fade(late, length));
            prop_assert_eq!(ease(Micros(0), length), Real::ZERO);
            prop_assert_eq!(ease(Micros(1_000_000), length), Real::ONE);
            prop_assert_eq!(fade(Micros(1_000_000), length), Real::ZERO);
        }

        #[test]
        fn numbers_from_outside_never_panic(value in any::<f32>()) {
            prop_assert!(real(value, 100.0).abs() <= 100);
        }
    }

    #[test]
    fn seconds_of_a_frame_and_of_a_day() {
        assert!((seconds(Micros(33_333)).to_num::<f32>() - 0.033_333).abs() < 2e-5);
        assert_eq!(seconds(Micros::from_secs(86_400)), Real::from_num(1000));
    }
}
