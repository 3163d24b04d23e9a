//! Idle life: breath, blinks, glances and the small unrest of living eyes.
//!
//! Everything follows from the seed and the times asked for. Events are planned one ahead by the
//! moment they happen at, so a show at 60 frames a second and a report at 25 see the same blinks.

use crate::curve::{ease, mix};
use crate::personality::IdleLife;
use crate::random::Random;
use sfumato_core::motion::{Gaze, HeadPose, Real};
use sfumato_core::time::{Micros, Moment};

/// What idle life wants at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Whim {
    /// Breath and sway, in degrees.
    pub sway: HeadPose,
    /// Where it would glance with nobody there, in degrees.
    pub glance: Gaze,
    /// The head's share of the glance, in degrees.
    pub head: Gaze,
    /// Small unrest of the eyes, in degrees.
    pub unrest: Gaze,
    /// How far a blink has closed the eyes, in [0, 1].
    pub blink: Real,
    /// When that blink began.
    pub blink_began: Moment,
}

const BREATH: u64 = 4_700_000;
const SWAY: u64 = 13_100_000;
const LEAN: u64 = 19_700_000;
/// After such a pause the plan is thrown away instead of lived through.
const FORGET: Micros = Micros::from_secs(60);
const HEAD_TURN: Micros = Micros::from_millis(700);
const MINUTE: u64 = 60_000_000;

/// A blink's phases: down, shut, up.
const DOWN: Micros = Micros::from_millis(85);
const SHUT: Micros = Micros::from_millis(45);
const UP: Micros = Micros::from_millis(170);

#[derive(Clone, Debug)]
pub(crate) struct Idle {
    random: Random,
    began: Option<Moment>,
    blink: Moment,
    next_blink: Moment,
    glance_from: Gaze,
    glance: Gaze,
    glanced: Moment,
    next_glance: Moment,
    unrest: Gaze,
    next_unrest: Moment,
}

impl Idle {
    pub fn new(seed: u64) -> Idle {
        let start = Moment::default();
        Idle {
            random: Random::new(seed),
            began: None,
            blink: start,
            next_blink: start,
            glance_from: Gaze::default(),
            glance: Gaze::default(),
            glanced: start,
            next_glance: start,
            unrest: Gaze::default(),
            next_unrest: start,
        }
    }

    /// What it wants at `now`. Moments must not run backwards.
    pub fn at(&mut self, now: Moment, life: &IdleLife) -> Whim {
        let began = match self.began {
            Some(began) => began,
            None => {
                self.plan_anew(now, life);
                *self.began.insert(now)
            }
        };
        let next = self.next_blink.min(self.next_glance).min(self.next_unrest);
        if next.until(now) > FORGET {
            self.plan_anew(now, life);
        }
        self.live_until(now, life);
        let age = began.until(now).0;
        let blink = self.blink_at(now) * Real::from_num(u8::from(life.blinks > 0));
        let turned = ease(self.glanced.until(now), HEAD_TURN);
        let head = |from: Real, to: Real| mix(from, to, turned) * life.head_share;
        Whim {
            sway: HeadPose {
                yaw: life.breath * Real::lit("0.5") * wave(age, SWAY),
                pitch: life.breath
                    * (Real::lit("0.45") * wave(age, BREATH) + Real::lit("0.3") * wave(age, LEAN)),
                roll: life.breath * Real::lit("0.4") * wave(age, LEAN + SWAY / 3),
            },
            glance: self.glance,
            head: Gaze {
                yaw: head(self.glance_from.yaw, self.glance.yaw),
                pitch: head(self.glance_from.pitch, self.glance.pitch),
            },
            unrest: self.unrest,
            blink,
            blink_began: self.blink,
        }
    }

    fn plan_anew(&mut self, now: Moment, life: &IdleLife) {
        self.next_blink = now + self.blink_pause(life);
        self.next_glance = now + self.glance_pause(life);
        self.next_unrest = now + self.unrest_pause();
    }

    /// Lets everything happen that was planned up to `now`, in its order.
    fn live_until(&mut self, now: Moment, life: &IdleLife) {
        loop {
            let next = self.next_blink.min(self.next_glance).min(self.next_unrest);
            if next > now {
                return;
            }
            if next == self.next_blink {
                self.blink = next;
                // One blink in eight is a double one.
                let pause = if self.random.unit() < Real::lit("0.125") {
                    Micros::from_millis(380)
                } else {
                    self.blink_pause(life)
                };
                self.next_blink = next + pause;
            } else if next == self.next_glance {
                self.glance_from = self.glance;
                self.glanced = next;
                // Every third glance returns to the middle.
                self.glance = if self.random.unit() < Real::lit("0.33") {
                    Gaze::default()
                } else {
                    Gaze {
                        yaw: life.glance_reach * self.random.around_zero(),
                        pitch: life.glance_reach * self.random.around_zero() * Real::lit("0.4"),
                    }
                };
                self.next_glance = next + self.glance_pause(life);
            } else {
                self.unrest = Gaze {
                    yaw: life.micro_saccades * self.random.around_zero(),
                    pitch: life.micro_saccades * self.random.around_zero() * Real::lit("0.7"),
                };
                self.next_unrest = next + self.unrest_pause();
            }
        }
    }

    fn blink_pause(&mut self, life: &IdleLife) -> Micros {
        let mean = MINUTE / u64::from(life.blinks.clamp(1, 60));
        self.random.wait(Micros(mean * 2 / 5), Micros(mean * 3 / 5))
    }

    fn glance_pause(&mut self, life: &IdleLife) -> Micros {
        let mean = MINUTE / u64::from(life.glances.clamp(1, 60));
        self.random.wait(Micros(mean / 3), Micros(mean * 2 / 3))
    }

    fn unrest_pause(&mut self) -> Micros {
        self.random
            .wait(Micros::from_millis(500), Micros::from_millis(500))
    }

    fn blink_at(&self, now: Moment) -> Real {
        if self.blink == Moment::default() {
            return Real::ZERO;
        }
        let age = self.blink.until(now);
        if age < DOWN {
            ease(age, DOWN)
        } else {
            let opening = Micros(age.0.saturating_sub(DOWN.0 + SHUT.0));
            Real::ONE - ease(opening, UP)
        }
    }
}

/// A gentle wave in [-1, 1] with the given period, zero at age 0.
fn wave(age: u64, period: u64) -> Real {
    let phase = age % period;
    let half = period / 2;
    // Two parabolas a period: within 6 % of a sine.
    let (sign, u) = if phase < half {
        (1, phase)
    } else {
        (-1, phase - half)
    };
    let u = Real::from_bits((u.min(half) * 65_536 / half) as i32);
    sign * 4 * u * (Real::ONE - u)
}
