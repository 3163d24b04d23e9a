//! Idle life: breath, blinks, glances and the small unrest of living eyes.
//!
//! Everything follows from the seed and the times asked for. Events are planned one ahead by the
//! moment they happen at, so a show at 60 frames a second and a report at 25 see the same blinks.
//!
//! What people do when nothing happens, and where the numbers come from:
//!
//! | what | here | source |
//! |---|---|---|
//! | blinks | as many as the personality says, 11 to 18 a minute; pauses skewed, many short and few long | 17 a minute at rest: Bentivoglio et al. 1997, "Analysis of blink rate patterns in normal subjects"; skewed pauses: Ponder and Kennedy 1927, "On the act of blinking" |
//! | one blink | down 85 ms, up twice as long | Evinger et al. 1991, "Eyelid movements: mechanisms and normal data" |
//! | breath | 15 a minute, each a little longer or shorter, deeper or shallower than the last; two fifths of it in, three fifths out | 12 to 20 a minute, a sixth of variation, 0.4 of the cycle: Tobin et al. 1983, "Breathing patterns: normal subjects" |
//! | unrest of the eyes | once a second or so | one to two microsaccades a second: Martinez-Conde et al. 2004, "The role of fixational eye movements in visual perception" |

use crate::curve::{ease, mix};
use crate::noise::noise;
use crate::personality::{IdleLife, Personality};
use crate::random::{Random, hash};
use crate::style::{BEATS, Blink, MEASURED, Style};
use sfumato_core::motion::{Gaze, HeadPose, Real};
use sfumato_core::time::{Micros, Moment};

/// What idle life wants at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Whim {
    /// Breath and sway, in degrees.
    pub sway: HeadPose,
    /// The unrest of somebody in particular who is awake: of the head, in degrees …
    pub stir: HeadPose,
    /// … and of the face, coefficients to add.
    pub face: [Real; MEASURED],
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

/// A breath's mean length and how far one differs from the next: that much more or less, rarely both.
const BREATH: Micros = Micros::from_millis(4_000);
const UNEVEN: Real = Real::lit("0.35");
/// Share of it that goes in.
const INWARD: [u64; 2] = [2, 5];
const SWAY: u64 = 13_100_000;
const LEAN: u64 = 19_700_000;
/// After such a pause the plan is thrown away instead of lived through.
const FORGET: Micros = Micros::from_secs(60);
const HEAD_TURN: Micros = Micros::from_millis(700);
const MINUTE: u64 = 60_000_000;

/// Nobody's face is busier than this with nobody before it: a portrait that mutters to itself frightens.
const FACE_BEAT: Micros = Micros::from_millis(800);

#[derive(Clone, Debug)]
pub(crate) struct Idle {
    seed: u64,
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
    breath: Moment,
    next_breath: Moment,
    depth: Real,
}

impl Idle {
    pub fn new(seed: u64) -> Idle {
        let start = Moment::default();
        Idle {
            seed,
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
            breath: start,
            next_breath: start,
            depth: Real::ZERO,
        }
    }

    /// What it wants at `now`. Moments must not run backwards.
    pub fn at(&mut self, now: Moment, personality: &Personality) -> Whim {
        let (life, style) = (&personality.idle, &personality.style);
        let began = match self.began {
            Some(began) => began,
            None => {
                self.plan_anew(now, life, &style.blink);
                *self.began.insert(now)
            }
        };
        if self.next().until(now) > FORGET {
            self.plan_anew(now, life, &style.blink);
        }
        self.live_until(now, life, &style.blink);
        let age = began.until(now).0;
        let blink = self.blink_at(now, &style.blink) * Real::from_num(u8::from(life.blinks > 0));
        let turned = ease(self.glanced.until(now), HEAD_TURN);
        let head = |from: Real, to: Real| mix(from, to, turned) * life.head_share;
        Whim {
            sway: HeadPose {
                yaw: life.breath * Real::lit("0.5") * wave(age, SWAY),
                pitch: life.breath
                    * (Real::lit("-0.8") * self.inhaled(now) + Real::lit("0.3") * wave(age, LEAN)),
                roll: life.breath * Real::lit("0.4") * wave(age, LEAN + SWAY / 3),
            },
            stir: self.stir(now, style),
            face: self.face(now, life, style),
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

    /// The head's sway: at every pace a noise of its own.
    fn stir(&self, now: Moment, style: &Style) -> HeadPose {
        let angle = |sizes: &[Real; BEATS.len()], axis: u64| {
            let paces = (1..).zip(sizes).zip(BEATS);
            paces.fold(Real::ZERO, |sum, ((pace, size), beat)| {
                if *size == Real::ZERO {
                    return sum;
                }
                sum + *size * noise(hash(self.seed ^ (axis << 8 | pace)), now, beat)
            })
        };
        HeadPose {
            yaw: angle(&style.sway.yaw, 1),
            pitch: angle(&style.sway.pitch, 2),
            roll: angle(&style.sway.roll, 3),
        }
    }

    /// Expressions that come and go by themselves; the jaw stays as it is.
    fn face(&self, now: Moment, life: &IdleLife, style: &Style) -> [Real; MEASURED] {
        let mut face = [Real::ZERO; MEASURED];
        if life.face == Real::ZERO {
            return face;
        }
        for (number, direction) in (1..).zip(style.together.directions()) {
            let seed = hash(self.seed ^ (4 << 8 | number));
            let amount =
                life.face * direction.size * noise(seed, now, direction.beat.max(FACE_BEAT));
            for (sum, shape) in face.iter_mut().zip(direction.shapes()) {
                *sum += amount * *shape;
            }
        }
        face[0] = Real::ZERO;
        face
    }

    fn plan_anew(&mut self, now: Moment, life: &IdleLife, blink: &Blink) {
        self.next_blink = now + self.blink_pause(life, blink);
        self.next_glance = now + self.glance_pause(life);
        self.next_unrest = now + self.unrest_pause();
        // The first breath begins with the show, at no depth.
        (self.breath, self.next_breath, self.depth) = (now, now, Real::ZERO);
    }

    /// When something happens next.
    fn next(&self) -> Moment {
        let eyes = self.next_blink.min(self.next_glance).min(self.next_unrest);
        eyes.min(self.next_breath)
    }

    /// Lets everything happen that was planned up to `now`, in its order.
    fn live_until(&mut self, now: Moment, life: &IdleLife, blink: &Blink) {
        loop {
            let next = self.next();
            if next > now {
                return;
            }
            if next == self.next_blink {
                self.blink = next;
                // One blink in eight is a double one.
                let pause = if self.random.unit() < Real::lit("0.125") {
                    Micros::from_millis(380)
                } else {
                    self.blink_pause(life, blink)
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
            } else if next == self.next_breath {
                let long = Real::ONE + UNEVEN * self.random.around_zero();
                self.breath = next;
                self.next_breath = next + Micros((BREATH.0 * long.to_bits() as u64) >> 16);
                self.depth = Real::ONE + UNEVEN * self.random.around_zero();
            } else {
                self.unrest = Gaze {
                    yaw: life.micro_saccades * self.random.around_zero(),
                    pitch: life.micro_saccades * self.random.around_zero() * Real::lit("0.7"),
                };
                self.next_unrest = next + self.unrest_pause();
            }
        }
    }

    fn blink_pause(&mut self, life: &IdleLife, blink: &Blink) -> Micros {
        // Double blinks make up for one in eight.
        let mean = MINUTE * 9 / 8 / u64::from(life.blinks.clamp(1, 60));
        self.random.skewed(Micros(mean), blink.spread)
    }

    /// How much air is in, in [0, 1.35]. Every breath begins and ends at rest, so that no two need be alike.
    fn inhaled(&self, now: Moment) -> Real {
        let length = self.breath.until(self.next_breath);
        let inward = Micros(length.0 * INWARD[0] / INWARD[1]);
        let outward = Micros(length.0 - inward.0);
        let age = self.breath.until(now);
        let out = ease(Micros(age.0.saturating_sub(inward.0)), outward);
        self.depth * (ease(age, inward) - out)
    }

    fn glance_pause(&mut self, life: &IdleLife) -> Micros {
        let mean = MINUTE / u64::from(life.glances.clamp(1, 60));
        self.random.wait(Micros(mean / 3), Micros(mean * 2 / 3))
    }

    fn unrest_pause(&mut self) -> Micros {
        self.random
            .wait(Micros::from_millis(500), Micros::from_millis(500))
    }

    fn blink_at(&self, now: Moment, shape: &Blink) -> Real {
        if self.blink == Moment::default() {
            return Real::ZERO;
        }
        let age = self.blink.until(now);
        if age < shape.closing {
            ease(age, shape.closing)
        } else {
            let opening = Micros(age.0.saturating_sub(shape.closing.0 + shape.shut.0));
            Real::ONE - ease(opening, shape.opening)
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
