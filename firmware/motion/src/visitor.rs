//! The visitor who is answered: filters, resting face, lids and whereabouts over time.

use crate::baseline::Baseline;
use crate::channel::{CHANNELS, Channel, PLANS, Row};
use crate::company::reachable;
use crate::curve::{fade, seconds};
use crate::filter::{Smooth, Tuning};
use crate::lids::{self, Lids};
use crate::personality::Personality;
use crate::pursuit::Course;
use crate::reply::reply;
use sfumato_core::face::TrackId;
use sfumato_core::motion::{Gaze, Real};
use sfumato_core::time::{Micros, Moment};

/// A track that returns after so long starts its filters anew.
const STALE: Micros = Micros::from_millis(700);
/// No rhythm of pictures is slower.
const SLOWEST: Micros = Micros::from_millis(1_500);
/// How long after anything moved clearly the rest is still learned.
const STIRRED: Real = Real::lit("0.5");
/// The first pictures of a face still shift a little.
const SETTLED: Micros = Micros::from_millis(200);
/// The step used to find how fast a reply changes, in seconds.
const AHEAD: Real = Real::lit("0.03125");
/// A cue of arrival is over after this.
const ARRIVAL: Micros = Micros::from_millis(2_000);

/// How the visitor's whereabouts are smoothed, in degrees.
const WHEREABOUTS: Tuning = Tuning {
    rest_hertz: Real::lit("2.5"),
    hertz_per_speed: Real::lit("0.05"),
    band: Real::lit("0.8"),
};

/// How their distance is smoothed, in metres.
const DISTANCE: Tuning = Tuning {
    rest_hertz: Real::lit("1"),
    hertz_per_speed: Real::lit("0.5"),
    band: Real::lit("0.03"),
};

/// Nearer than this is nearer than strangers come (Hall 1966, "The Hidden Dimension": personal distance begins at
/// 0.75 m, intimate distance at 0.45 m), in metres.
const PERSONAL: Real = Real::lit("0.75");
const INTIMATE: Real = Real::lit("0.4");

/// What one picture shows of a visitor.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sight {
    pub row: Row,
    /// Where their eyes are, seen from the portrait's: yaw and pitch in degrees.
    pub direction: [Real; 2],
    /// Metres from the screen.
    pub distance: Real,
    pub captured: Moment,
}

/// Everything known of the visitor who is answered.
#[derive(Clone, Debug)]
pub(crate) struct Visitor {
    track: TrackId,
    came: Moment,
    seen: Moment,
    /// Usual time between two pictures.
    interval: Micros,
    channels: [Smooth; CHANNELS],
    rest: [Baseline; CHANNELS],
    blinking: Lids,
    /// How open the lids are, `[right, left]`.
    lids: [Real; 2],
    /// When both lids were last shut.
    blinked: Option<Moment>,
    whereabouts: [Smooth; 2],
    distance: Smooth,
    /// Seconds for which the rest is still learned.
    stirred: Real,
}

impl Visitor {
    /// Somebody seen for the first time, or known from before by their rest.
    pub fn new(track: TrackId, sight: &Sight, rest: Option<[Baseline; CHANNELS]>) -> Visitor {
        let mut channels = [Smooth::default(); CHANNELS];
        let mut first = [Baseline::default(); CHANNELS];
        for (((channel, rest), x), plan) in channels
            .iter_mut()
            .zip(&mut first)
            .zip(&sight.row)
            .zip(&PLANS)
        {
            *channel = Smooth::start(*x);
            *rest = Baseline::start(*x, &plan.usual);
        }
        let rest = rest.unwrap_or(first);
        let mut visitor = Visitor {
            track,
            came: sight.captured,
            seen: sight.captured,
            interval: Micros::from_millis(40),
            channels,
            rest,
            blinking: Lids::default(),
            lids: [Real::ONE; 2],
            blinked: None,
            whereabouts: sight.direction.map(Smooth::start),
            distance: Smooth::start(sight.distance),
            stirred: Real::ZERO,
        };
        let seems = visitor.eyes_seem();
        visitor.blinking = Lids::start(seems);
        visitor.lids = visitor
            .blinking
            .update(seems, visitor.eyes_differ(), Real::ONE);
        visitor
    }

    /// Takes in the next picture's measurements.
    pub fn follow(&mut self, sight: &Sight) {
        let gap = self.seen.until(sight.captured);
        if gap > STALE {
            let (rest, interval) = (self.rest, self.interval);
            *self = Visitor::new(self.track, sight, Some(rest));
            // On a slow board every picture comes after so long; that is its rhythm.
            self.interval = Micros((7 * interval.0 + gap.0.min(SLOWEST.0)) / 8);
            return;
        }
        // Camera intervals vary; a burst must not look like lightning.
        let dt = seconds(gap).clamp(Real::lit("0.004"), Real::ONE);
        self.seen = sight.captured;
        self.interval = Micros((7 * self.interval.0 + gap.0) / 8);
        let mut moved = false;
        for ((channel, x), plan) in self.channels.iter_mut().zip(&sight.row).zip(&PLANS) {
            moved |= channel.update(*x, dt, &plan.tuning);
        }
        for (smooth, x) in self.whereabouts.iter_mut().zip(sight.direction) {
            smooth.update(x, dt, &WHEREABOUTS);
        }
        self.distance.update(sight.distance, dt, &DISTANCE);
        // A face just found is sought anew where it was found: that is no movement either.
        if moved && self.came.until(sight.captured) > SETTLED {
            self.stirred = STIRRED;
        }
        let stirred = self.stirred > 0;
        self.stirred -= dt.min(self.stirred);
        for ((rest, channel), plan) in self.rest.iter_mut().zip(&self.channels).zip(&PLANS) {
            rest.learn(channel.value, dt, &plan.usual, stirred);
        }
        self.lids = self
            .blinking
            .update(self.eyes_seem(), self.eyes_differ(), dt);
        if self.lids == [Real::ZERO; 2] {
            self.blinked = Some(sight.captured);
        }
    }

    /// Who it is.
    pub fn track(&self) -> TrackId {
        self.track
    }

    /// When the newest picture of them was taken.
    pub fn seen(&self) -> Moment {
        self.seen
    }

    /// Usual time between two pictures of them.
    pub fn interval(&self) -> Micros {
        self.interval
    }

    /// Their resting face, as far as it is known.
    pub fn rest(&self) -> &[Baseline; CHANNELS] {
        &self.rest
    }

    /// When both lids were last shut.
    pub fn blinked(&self) -> Option<Moment> {
        self.blinked
    }

    fn value(&self, channel: Channel) -> Real {
        self.channels[channel as usize].value
    }

    fn eyes_seem(&self) -> Real {
        lids::openness(
            self.value(Channel::EyeOpening),
            self.rest[Channel::EyeOpening as usize].rest,
        )
    }

    /// How much wider open the right eye is than the left, in openings.
    fn eyes_differ(&self) -> Real {
        let open = self.rest[Channel::EyeOpening as usize].rest;
        let usual = self.rest[Channel::EyeDifference as usize].rest;
        let uneven = self.value(Channel::EyeDifference) - usual;
        lids::openness(open + uneven, open) - Real::ONE
    }

    /// The reply to the newest picture, and how it changes.
    pub fn course(&self, personality: &Personality) -> Course {
        let rest = self.rest.map(|rest| rest.rest);
        let here = self.channels.map(|channel| channel.value);
        let there = self.channels.map(|channel| {
            channel
                .value
                .saturating_add(channel.speed.saturating_mul(AHEAD))
        });
        let now = reply(&here, &rest, personality);
        let soon = reply(&there, &rest, personality);
        let speed = soon.zip(&now, |soon, now| (soon - now).saturating_div(AHEAD));
        Course::new(self.seen, now, speed, self.lids)
    }

    /// Where to look to meet this visitor's eyes.
    pub fn direction(&self, gain: Real) -> Gaze {
        let [yaw, pitch] = self.whereabouts.map(|angle| angle.value * gain);
        reachable(yaw, pitch)
    }

    /// How newly they have come: 1 to 0 within two seconds.
    pub fn arrival(&self, now: Moment) -> Real {
        fade(self.came.until(now), ARRIVAL)
    }

    /// How near they stand: 0 from two metres on, 1 at half a metre.
    pub fn nearness(&self) -> Real {
        ((Real::const_from_int(2) - self.distance.value) / Real::lit("1.5"))
            .clamp(Real::ZERO, Real::ONE)
    }

    /// How much too near they stand: 0 beyond personal distance, 1 at an intimate one.
    pub fn intrusion(&self) -> Real {
        ((PERSONAL - self.distance.value) / (PERSONAL - INTIMATE)).clamp(Real::ZERO, Real::ONE)
    }

    /// When they came.
    pub fn came(&self) -> Moment {
        self.came
    }
}
