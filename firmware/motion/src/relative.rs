//! Motion from a rest that is given instead of learned.
//!
//! A visitor's rest is a running quantile, because nobody holds still for a calibration. Where a picture is there that
//! says how the face lies at rest, as in a film played back to a portrait made of one of its frames, that picture is
//! the rest. All else is as for a visitor: the same channels, filters, dead bands, lids and rulers. There are no habits,
//! no idle life, and nothing is predicted ahead.

use crate::channel::{CHANNELS, Channel, PLANS, Row, row};
use crate::compose::report_lids;
use crate::curve::{real, seconds, soft_bound};
use crate::filter::{Smooth, Tuning};
use crate::lids::{Lids, openness};
use crate::look::Look;
use crate::measure::Measurement;
use crate::personality::{Gains, Personality};
use crate::reply::reply;
use sfumato_core::motion::{HeadPose, Motion, Real};
use sfumato_core::time::Moment;

/// How the eyes' turns are smoothed, in degrees: eyes leap, and rest between.
const EYES: Tuning = Tuning {
    rest_hertz: Real::lit("3"),
    hertz_per_speed: Real::lit("0.08"),
    band: Real::lit("0.8"),
};

/// Farthest that the lids' gain opens an eye.
const WIDEST: Real = Real::lit("1.5");

/// How far the head is copied, and how strongly everything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ruler {
    /// Gains; all 1 copies.
    pub gains: Gains,
    /// How much of a lid's closing is copied.
    pub lids: Real,
    /// Head rotation is copied up to here, degrees, then bounded softly …
    pub head_knee: Real,
    /// … and never reaches this.
    pub head_limit: Real,
}

impl Ruler {
    /// Copies as the device does: the head within its usual bounds.
    pub const DEVICE: Ruler = Ruler {
        gains: Gains {
            yaw: Real::ONE,
            pitch: Real::ONE,
            roll: Real::ONE,
            jaw: Real::ONE,
            smile: Real::ONE,
            mouth: Real::ONE,
            brows: Real::ONE,
            gaze: Real::ONE,
        },
        lids: Real::ONE,
        head_knee: Real::lit("6"),
        head_limit: Real::lit("14"),
    };

    /// Copies the head's turns as far as a rig can carry them.
    pub const FAR: Ruler = Ruler {
        head_knee: Real::lit("18"),
        head_limit: Real::lit("26"),
        ..Ruler::DEVICE
    };

    fn personality(&self) -> Personality {
        Personality {
            gains: self.gains,
            ..Personality::MIRROR
        }
    }
}

/// What a face does, away from its rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Acted {
    /// The motion, with its gaze at rest.
    pub motion: Motion,
    /// How far the eyes have turned in the head, degrees to the picture's right and down.
    pub eyes: [Real; 2],
}

impl Acted {
    /// Nothing.
    pub const REST: Acted = Acted {
        motion: Motion::REST,
        eyes: [Real::ZERO; 2],
    };
}

/// What one picture shows, unsmoothed, away from the picture that shows the rest.
pub fn acted(seen: &Measurement, look: &Look, rest: &Rest, ruler: &Ruler) -> Acted {
    let gap = row(seen)[Channel::EyeOpening as usize];
    let open = rest.row[Channel::EyeOpening as usize];
    let lid = openness(gap, open).clamp(Real::ZERO, WIDEST);
    let eyes = look.turned_from(&rest.look).map(|angle| real(angle, 45.0));
    put_together(&row(seen), [lid; 2], eyes, rest, ruler)
}

/// How a face lies at rest.
#[derive(Clone, Copy, Debug)]
pub struct Rest {
    row: Row,
    look: Look,
}

impl Rest {
    /// The rest that one picture shows.
    pub fn of(seen: &Measurement, look: &Look) -> Rest {
        Rest {
            row: row(seen),
            look: *look,
        }
    }
}

/// Follows one face over time from a given rest.
#[derive(Clone, Debug)]
pub struct Relative {
    rest: Rest,
    ruler: Ruler,
    followed: Option<Followed>,
}

#[derive(Clone, Debug)]
struct Followed {
    seen: Moment,
    channels: [Smooth; CHANNELS],
    eyes: [Smooth; 2],
    lids: Lids,
}

impl Relative {
    /// Follows a face whose rest is known.
    pub fn new(rest: Rest, ruler: Ruler) -> Relative {
        Relative {
            rest,
            ruler,
            followed: None,
        }
    }

    /// Takes in the next picture and says what the face does. Moments must not run backwards.
    pub fn follow(&mut self, seen: &Measurement, look: &Look, captured: Moment) -> Acted {
        let now = row(seen);
        let turned = look.turned_from(&self.rest.look);
        let turned = turned.map(|angle| real(angle, 45.0));
        let open = self.rest.row[Channel::EyeOpening as usize];
        let followed = match &mut self.followed {
            Some(followed) => {
                let gap = seconds(followed.seen.until(captured));
                let dt = gap.clamp(Real::lit("0.004"), Real::ONE);
                followed.seen = captured;
                for ((channel, x), plan) in followed.channels.iter_mut().zip(now).zip(&PLANS) {
                    channel.update(x, dt, &plan.tuning);
                }
                for (eye, x) in followed.eyes.iter_mut().zip(turned) {
                    eye.update(x, dt, &EYES);
                }
                (followed, dt)
            }
            None => {
                let gap = now[Channel::EyeOpening as usize];
                let fresh = Followed {
                    seen: captured,
                    channels: now.map(Smooth::start),
                    eyes: turned.map(Smooth::start),
                    lids: Lids::start(openness(gap, open)),
                };
                (self.followed.insert(fresh), Real::ONE)
            }
        };
        let (followed, dt) = followed;
        let at = followed.channels.map(|channel| channel.value);
        let uneven =
            at[Channel::EyeDifference as usize] - self.rest.row[Channel::EyeDifference as usize];
        let differ = openness(open + uneven, open) - Real::ONE;
        let seems = openness(at[Channel::EyeOpening as usize], open);
        let lids = followed.lids.update(seems, differ, dt);
        let eyes = followed.eyes.map(|eye| eye.value);
        put_together(&at, lids, eyes, &self.rest, &self.ruler)
    }
}

fn put_together(at: &Row, lids: [Real; 2], eyes: [Real; 2], rest: &Rest, ruler: &Ruler) -> Acted {
    let mut motion = Motion::REST;
    reply(at, &rest.row, &ruler.personality()).write(&mut motion);
    let gains = &ruler.gains;
    let turn = |channel: Channel, gain: Real| {
        let angle = at[channel as usize] - rest.row[channel as usize];
        soft_bound(
            angle.saturating_mul(gain),
            ruler.head_knee,
            ruler.head_limit,
        )
    };
    motion.head = HeadPose {
        yaw: turn(Channel::Yaw, gains.yaw),
        pitch: turn(Channel::Pitch, gains.pitch),
        roll: turn(Channel::Roll, gains.roll),
    };
    let lid = |open: Real| Real::ONE + (open - Real::ONE).saturating_mul(ruler.lids);
    motion.eye_openness = lids.map(|open| lid(open).clamp(Real::ZERO, WIDEST));
    report_lids(&mut motion);
    Acted {
        motion,
        eyes: eyes.map(|angle| angle.saturating_mul(gains.gaze)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::{Features, Pose};
    use sfumato_core::motion::Blendshape;

    fn face(yaw: f32, mouth_opening: f32, eye_opening: f32) -> Measurement {
        Measurement {
            pose: Pose {
                yaw,
                pitch: 6.0,
                roll: 0.0,
            },
            features: Features {
                eye_opening,
                mouth_opening,
                mouth_width: 0.55,
                lip_area: 0.12,
                brow_inner: [0.2; 2],
                brow_outer: [0.23; 2],
                ..Features::default()
            },
            ..Measurement::default()
        }
    }

    const AHEAD: Look = Look { offset: [0.0; 2] };

    #[test]
    fn the_rest_itself_is_rest_whatever_it_is() {
        for (yaw, mouth, eyes) in [(0.0, 0.01, 0.08), (25.0, 0.4, 0.05)] {
            let seen = face(yaw, mouth, eyes);
            let rest = Rest::of(&seen, &AHEAD);
            let once = acted(&seen, &AHEAD, &rest, &Ruler::DEVICE);
            let mut relative = Relative::new(rest, Ruler::DEVICE);
            let mut followed = once;
            for frame in 1..30 {
                followed = relative.follow(&seen, &AHEAD, Moment(frame * 40_000));
            }
            for acted in [once, followed] {
                assert_eq!(acted.motion.head, HeadPose::default());
                assert_eq!(acted.motion.expression, Motion::REST.expression);
                for open in acted.motion.eye_openness {
                    assert!((open - Real::ONE).abs() < Real::lit("0.001"), "{open}");
                }
                assert_eq!(acted.eyes, [Real::ZERO; 2]);
            }
        }
    }

    #[test]
    fn turns_are_copied_and_bounded() {
        let rest = Rest::of(&face(10.0, 0.0, 0.08), &AHEAD);
        let yaw = |yaw: f32, ruler: &Ruler| -> f32 {
            let acted = acted(&face(yaw, 0.0, 0.08), &AHEAD, &rest, ruler);
            acted.motion.head.yaw.to_num()
        };
        assert!((yaw(15.0, &Ruler::DEVICE) - 5.0).abs() < 0.01);
        assert!((12.0..14.0).contains(&yaw(50.0, &Ruler::DEVICE)));
        assert!((yaw(26.0, &Ruler::FAR) - 16.0).abs() < 0.01);
        assert!(yaw(90.0, &Ruler::FAR) < 26.0);
    }

    #[test]
    fn gains_scale_what_is_copied() {
        let rest = Rest::of(&face(0.0, 0.0, 0.08), &AHEAD);
        let mut ruler = Ruler::DEVICE;
        ruler.gains.jaw = Real::lit("0.5");
        ruler.lids = Real::lit("0.5");
        let seen = face(0.0, 0.4, 0.04);
        let [full, half] = [Ruler::DEVICE, ruler].map(|ruler| acted(&seen, &AHEAD, &rest, &ruler));
        let jaw = |acted: &Acted| acted.motion.get(Blendshape::JawOpen).to_num::<f32>();
        let shut = |acted: &Acted| 1.0 - acted.motion.eye_openness[0].to_num::<f32>();
        assert!(jaw(&full) > 0.4 && (jaw(&full) - 2.0 * jaw(&half)).abs() < 0.01);
        assert!(shut(&full) > 0.4 && (shut(&full) - 2.0 * shut(&half)).abs() < 0.01);
    }
}
