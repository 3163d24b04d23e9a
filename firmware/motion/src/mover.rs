//! The mover: everything between measuring a visitor and moving the portrait that takes time.
//!
//! Two clocks meet here. Camera pictures arrive when they arrive; each is measured, smoothed and
//! compared with the visitor's own rest, and leaves a *course*: a reply and how fast it changes.
//! The screen asks at its own pace; [`Mover::at`] follows the course to the moment the frame
//! will be seen, a few hundredths of a second ahead, and lets what the last course had got wrong
//! fade within a few screen frames instead of jumping.
//!
//! Whoever comes, goes or changes places: the portrait eases over from what it last showed.

use crate::baseline::Baseline;
use crate::channel::{CHANNELS, Channel, PLANS, Row, row};
use crate::curve::{ease, fade, mix, real, seconds, soft_bound};
use crate::filter::{Smooth, Tuning};
use crate::gaze::Fixation;
use crate::idle::{Idle, Whim};
use crate::lids::{self, Lids};
use crate::measure::{Measurement, measure};
use crate::personality::{Cue, Personality, Sides};
use crate::placement::Placement;
use crate::reply::{Reply, reply};
use crate::spring::Spring;
use sfumato_core::face::{Face, TrackId};
use sfumato_core::health::Level;
use sfumato_core::motion::{Blendshape, Gaze, HeadPose, Motion, Real};
use sfumato_core::time::{Micros, Moment};

/// Two pictures without a face and so much more, and the visitor has left; shorter gaps are
/// held over.
const GRACE: Micros = Micros::from_millis(280);
/// A track that returns after so long starts its filters anew.
const STALE: Micros = Micros::from_millis(700);
/// Of the time that pictures take to get here, so much is made good by looking ahead.
const LEAD: Micros = Micros::from_millis(20);
/// Until the next picture comes a movement goes on, slowing down; after this it has stopped.
const COAST: Micros = Micros::from_millis(120);
/// A course's error is gone after this.
const CORRECTION: Micros = Micros::from_millis(60);
/// The same for lids, which are quicker.
const LID_CORRECTION: Micros = Micros::from_millis(24);
/// How long after anything moved the rest is still learned.
const STIRRED: Real = Real::lit("0.5");
/// The step used to find how fast a reply changes, in seconds.
const AHEAD: Real = Real::lit("0.03125");
/// A cue of arrival is over after this.
const ARRIVAL: Micros = Micros::from_millis(2_000);
/// Time to change from one personality to another.
const CHANGE_OF_MIND: Micros = Micros::from_millis(800);
/// Whoever has seen the visitor blink so recently need not blink alone.
const SHARED_BLINKS: Micros = Micros::from_secs(6);
/// Visitors whose rest is remembered.
const REMEMBERED: usize = 4;

/// How the visitor's whereabouts are smoothed, in degrees.
const WHEREABOUTS: Tuning = Tuning {
    rest_hertz: Real::lit("2.5"),
    hertz_per_speed: Real::lit("0.05"),
    band: Real::lit("0.8"),
};

/// What the portrait shall do at one moment, and why.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Moved {
    /// What to draw.
    pub motion: Motion,
    /// [`Level::Living`] while a visitor is answered, else [`Level::Idle`].
    pub level: Level,
    /// Who is answered.
    pub visitor: Option<TrackId>,
    /// How much of the motion is the visitor's, in [0, 1]; the rest is idle life.
    pub attention: Real,
}

/// Where a reply was at some moment and where it goes.
#[derive(Clone, Copy, Debug)]
struct Course {
    /// When the picture was taken.
    from: Moment,
    /// When the portrait shall stand where the visitor stood at `from`.
    due: Moment,
    reply: Reply,
    /// Change in a second.
    speed: Reply,
    lids: [Real; 2],
}

impl Course {
    const REST: Course = Course {
        from: Moment(0),
        due: Moment(0),
        reply: Reply::REST,
        speed: Reply::REST,
        lids: [Real::ONE; 2],
    };

    fn at(&self, now: Moment) -> Reply {
        // Before it is due, come from where the movement came from.
        let early = seconds(now.until(self.due).min(LEAD));
        // After it, go on at a speed that falls evenly to nothing.
        let since = seconds(self.due.until(now).min(COAST));
        let ahead = since - since * since / (2 * seconds(COAST)) - early;
        self.reply.zip(&self.speed, |value, speed| {
            value.saturating_add(speed.saturating_mul(ahead))
        })
    }
}

/// Everything known of the visitor who is answered.
#[derive(Clone, Debug)]
struct Visitor {
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
    distance: Real,
    /// Seconds for which the rest is still learned.
    stirred: Real,
}

/// A visitor's rest, kept for the case of a return.
#[derive(Clone, Copy, Debug)]
struct Acquaintance {
    track: TrackId,
    rest: [Baseline; CHANNELS],
}

/// The present change from what was shown to what is to be shown.
#[derive(Clone, Copy, Debug)]
struct Change {
    from: Motion,
    began: Moment,
    length: Micros,
}

/// What was shown last.
#[derive(Clone, Copy, Debug)]
struct Shown {
    at: Moment,
    motion: Motion,
    answered: Option<TrackId>,
}

/// Turns faces into motion over time. Fixed size, no allocation, deterministic.
#[derive(Clone, Debug)]
pub struct Mover {
    personality: Personality,
    placement: Placement,
    visitor: Option<Visitor>,
    acquaintances: [Option<Acquaintance>; REMEMBERED],
    next_acquaintance: usize,
    course: Course,
    /// Set by a new course until the next frame shown takes the difference over.
    new_course: Option<Course>,
    /// How far the show runs behind the camera.
    delay: Option<Micros>,
    correction: Reply,
    lid_correction: [Real; 2],
    corrected: Moment,
    follow: Option<Spring>,
    fixation: Option<Fixation>,
    idle: Idle,
    change: Option<Change>,
    change_of_mind: bool,
    shown: Option<Shown>,
    newest: Option<Moment>,
}

impl Mover {
    /// A portrait at rest with nobody before it. `seed` decides blinks and glances.
    pub fn new(personality: Personality, placement: Placement, seed: u64) -> Mover {
        Mover {
            personality,
            placement,
            visitor: None,
            acquaintances: [None; REMEMBERED],
            next_acquaintance: 0,
            course: Course::REST,
            new_course: None,
            delay: None,
            correction: Reply::REST,
            lid_correction: [Real::ZERO; 2],
            corrected: Moment::default(),
            follow: None,
            fixation: None,
            idle: Idle::new(seed),
            change: None,
            change_of_mind: false,
            shown: None,
            newest: None,
        }
    }

    /// The personality in use.
    pub fn personality(&self) -> &Personality {
        &self.personality
    }

    /// Changes the personality; the portrait eases over.
    pub fn set_personality(&mut self, personality: Personality) {
        if self.personality != personality {
            self.personality = personality;
            self.change_of_mind = true;
        }
    }

    /// Changes where the camera sits.
    pub fn set_placement(&mut self, placement: Placement) {
        self.placement = placement;
    }

    /// Takes in what the camera saw at `captured`: the face to answer, or nobody.
    ///
    /// `picture` is the camera picture's width and height in pixels. Call it once for each
    /// camera picture, in order; a picture not newer than the newest one is ignored. A face
    /// whose landmarks are no face counts as nobody.
    pub fn observe(&mut self, face: Option<&Face>, picture: (u32, u32), captured: Moment) {
        if self.newest.is_some_and(|newest| captured <= newest) {
            return;
        }
        self.newest = Some(captured);
        let Some(face) = face else { return };
        let measured = measure(&face.landmarks);
        if measured.is_plausible() {
            self.meet(face.track, &measured, picture, captured);
        }
    }

    fn meet(
        &mut self,
        track: TrackId,
        measured: &Measurement,
        picture: (u32, u32),
        captured: Moment,
    ) {
        let row = row(measured);
        let seen = self.placement.whereabouts(
            measured.between_eyes,
            measured.pixels_per_centimetre,
            picture,
        );
        let direction = [real(seen.yaw, 90.0), real(seen.pitch, 90.0)];
        let distance = real(seen.distance, 100.0);

        let known = match &mut self.visitor {
            Some(visitor) if visitor.track == track => {
                visitor.follow(&row, direction, distance, captured);
                true
            }
            _ => false,
        };
        if !known {
            self.greet(track, &row, direction, distance, captured);
        }
        if let Some(visitor) = &self.visitor {
            self.new_course = Some(visitor.course(&self.personality));
        }
    }

    /// Takes up a visitor who was not answered before this picture.
    fn greet(
        &mut self,
        track: TrackId,
        row: &Row,
        direction: [Real; 2],
        distance: Real,
        captured: Moment,
    ) {
        if let Some(left) = self.visitor.take() {
            self.remember(&left);
        }
        let met_before = self
            .acquaintances
            .iter()
            .flatten()
            .find(|known| known.track == track)
            .map(|known| known.rest);
        let visitor = Visitor::new(track, row, met_before, direction, distance, captured);
        self.visitor = Some(visitor);
    }

    fn remember(&mut self, visitor: &Visitor) {
        let place = self
            .acquaintances
            .iter()
            .position(|known| known.is_some_and(|known| known.track == visitor.track))
            .unwrap_or_else(|| {
                let place = self.next_acquaintance;
                self.next_acquaintance = (place + 1) % REMEMBERED;
                place
            });
        if let Some(slot) = self.acquaintances.get_mut(place) {
            *slot = Some(Acquaintance {
                track: visitor.track,
                rest: visitor.rest,
            });
        }
    }

    /// What the portrait does at `now`, the moment it will be seen. Call it once a shown frame.
    ///
    /// Moments must not run backwards; one that does is taken for the last one.
    pub fn at(&mut self, now: Moment) -> Moved {
        let now = self.shown.map_or(now, |shown| now.max(shown.at));
        let answered = self
            .visitor
            .as_ref()
            .filter(|visitor| visitor.seen.until(now) < self.patience(visitor))
            .map(|visitor| visitor.track);
        self.change_over(answered, now);

        let whim = self.idle.at(now, &self.personality.idle);
        let target = match answered {
            Some(_) => self.living(&whim, now),
            None => self.alone(&whim),
        };
        let gaze = self.gaze(answered.is_some(), &whim, now);
        let (mut motion, came) = self.eased(bounded(target), now);
        motion.gaze = gaze;
        report_lids(&mut motion);
        self.shown = Some(Shown {
            at: now,
            motion,
            answered,
        });
        Moved {
            motion,
            level: if answered.is_some() {
                Level::Living
            } else {
                Level::Idle
            },
            visitor: answered,
            attention: if answered.is_some() {
                came
            } else {
                Real::ONE - came
            },
        }
    }

    /// How long after the newest picture of a visitor that visitor is still answered.
    fn patience(&self, visitor: &Visitor) -> Micros {
        let late = self.delay.unwrap_or_default();
        Micros(GRACE.0 + late.0.min(500_000) + 2 * visitor.interval.0.min(300_000))
    }

    /// Starts a change when somebody else (or nobody) is answered than in the last frame.
    fn change_over(&mut self, answered: Option<TrackId>, now: Moment) {
        let Some(shown) = self.shown else {
            // Nothing was shown yet, so nothing can jump: begin in the middle of it.
            return;
        };
        let length = if shown.answered != answered {
            self.follow = None;
            match answered {
                Some(_) => self.personality.engage_time,
                None => self.personality.release_time,
            }
        } else if self.change_of_mind {
            CHANGE_OF_MIND
        } else {
            return;
        };
        self.change_of_mind = false;
        if shown.answered != answered {
            // The old course is another visitor's.
            self.take_course_over(None, now);
        }
        self.change = Some(Change {
            from: shown.motion,
            began: shown.at,
            length,
        });
    }

    /// Makes the newest course the present one; what it corrects fades from `since` on.
    fn take_course_over(&mut self, since: Option<Moment>, now: Moment) {
        let Some(mut course) = self.new_course.take() else {
            return;
        };
        // The show runs a steady time behind the camera, or uneven arrivals would be seen.
        let late = Micros(course.from.until(now).0.saturating_sub(LEAD.0));
        let delay = self
            .delay
            .map_or(late, |delay| Micros((7 * delay.0 + late.0) / 8));
        self.delay = Some(delay);
        course.due = course.from + delay;
        if let Some(since) = since {
            let (before, lids_before) = self.corrected_course(now);
            let after = course.at(now);
            self.correction = before.zip(&after, |before, after| before - after);
            for ((correction, before), after) in self
                .lid_correction
                .iter_mut()
                .zip(lids_before)
                .zip(course.lids)
            {
                *correction = before - after;
            }
            self.corrected = since;
        } else {
            self.correction = Reply::REST;
            self.lid_correction = [Real::ZERO; 2];
        }
        self.course = course;
    }

    fn corrected_course(&self, now: Moment) -> (Reply, [Real; 2]) {
        let age = self.corrected.until(now);
        let left = fade(age, CORRECTION);
        let lids_left = fade(age, LID_CORRECTION);
        let reply = self
            .course
            .at(now)
            .zip(&self.correction, |value, correction| {
                value + correction * left
            });
        let mut lids = self.course.lids;
        for (lid, correction) in lids.iter_mut().zip(self.lid_correction) {
            *lid += correction * lids_left;
        }
        (reply, lids)
    }

    /// The motion that answers the visitor.
    fn living(&mut self, whim: &Whim, now: Moment) -> Motion {
        let since = self.shown.map(|shown| shown.at);
        self.take_course_over(since, now);
        let (mut reply, mut lids) = self.corrected_course(now);
        if self.personality.answer_time > Micros(0) {
            let dt = since.map_or(Micros(0), |since| since.until(now));
            reply = match &mut self.follow {
                Some(spring) => spring.follow(&reply, self.personality.answer_time, dt),
                None => self.follow.insert(Spring::start(reply)).value(),
            };
        }
        if self.personality.sides == Sides::Mirrored {
            lids.swap(0, 1);
        }
        let mut motion = Motion::REST;
        reply.write(&mut motion);
        motion.eye_openness = lids;
        self.add_habits(&mut motion, now);
        self.add_whim(&mut motion, whim, self.personality.company);
        if self.own_blink(whim.blink_began) {
            close_lids(&mut motion, whim.blink);
        }
        motion
    }

    /// The motion of a portrait with nobody before it.
    fn alone(&self, whim: &Whim) -> Motion {
        let mut motion = Motion::REST;
        motion.head.yaw = whim.head.yaw;
        motion.head.pitch = whim.head.pitch;
        for shape in [Blendshape::MouthSmileLeft, Blendshape::MouthSmileRight] {
            motion.set(shape, self.personality.smile_bias);
        }
        self.add_whim(&mut motion, whim, Real::ONE);
        close_lids(&mut motion, whim.blink);
        motion
    }

    fn add_whim(&self, motion: &mut Motion, whim: &Whim, share: Real) {
        motion.head.yaw += whim.sway.yaw * share;
        motion.head.pitch += whim.sway.pitch * share;
        motion.head.roll += whim.sway.roll * share;
    }

    /// Whether a blink of its own that began at `began` may be shown before the visitor.
    fn own_blink(&self, began: Moment) -> bool {
        let shared = (self.visitor.as_ref())
            .and_then(|visitor| visitor.blinked)
            .is_some_and(|blinked| blinked.until(began) < SHARED_BLINKS);
        self.personality.company > 0 && !shared
    }

    fn add_habits(&self, motion: &mut Motion, now: Moment) {
        let Some(visitor) = &self.visitor else { return };
        for habit in self.personality.habits.iter().flatten() {
            let both =
                |right: Blendshape, left: Blendshape| (motion.get(right) + motion.get(left)) / 2;
            let cue = match habit.cue {
                Cue::Smile => both(Blendshape::MouthSmileRight, Blendshape::MouthSmileLeft),
                Cue::Jaw => motion.get(Blendshape::JawOpen),
                Cue::Brows => motion.get(Blendshape::BrowInnerUp),
                Cue::Arrival => visitor.arrival(now),
                Cue::Nearness => visitor.nearness(),
            };
            add_reply(motion, habit.reply, cue * habit.amount);
        }
    }

    /// Where the eyes look; saccades make every change of target alive.
    fn gaze(&mut self, answering: bool, whim: &Whim, now: Moment) -> Gaze {
        let (aim, unrest) = match &self.visitor {
            Some(visitor) if answering => (
                visitor.direction(self.personality.gains.gaze),
                self.personality.company,
            ),
            _ => (whim.glance, Real::ONE),
        };
        let target = Gaze {
            yaw: aim.yaw + whim.unrest.yaw * unrest,
            pitch: aim.pitch + whim.unrest.pitch * unrest,
        };
        match &mut self.fixation {
            Some(fixation) => fixation.look(target, now),
            None => {
                // Nothing shown yet: the first look needs no saccade.
                let start = if self.shown.is_none() {
                    target
                } else {
                    Gaze::default()
                };
                self.fixation
                    .insert(Fixation::start(start))
                    .look(target, now)
            }
        }
    }

    /// `target` eased in from what was shown before, and how far the change has come.
    fn eased(&mut self, target: Motion, now: Moment) -> (Motion, Real) {
        let Some(change) = &self.change else {
            return (target, Real::ONE);
        };
        let elapsed = change.began.until(now);
        if elapsed >= change.length {
            self.change = None;
            return (target, Real::ONE);
        }
        let share = ease(elapsed, change.length);
        // Lids that stay half shut through a whole change look ill.
        let lid_share = ease(elapsed, Micros(change.length.0 / 3));
        (mixed(&change.from, &target, share, lid_share), share)
    }
}

impl Visitor {
    fn new(
        track: TrackId,
        row: &Row,
        rest: Option<[Baseline; CHANNELS]>,
        direction: [Real; 2],
        distance: Real,
        captured: Moment,
    ) -> Visitor {
        let mut channels = [Smooth::default(); CHANNELS];
        let mut first = [Baseline::default(); CHANNELS];
        for (((channel, rest), x), plan) in channels.iter_mut().zip(&mut first).zip(row).zip(&PLANS)
        {
            *channel = Smooth::start(*x);
            *rest = Baseline::start(*x, &plan.usual);
        }
        let rest = rest.unwrap_or(first);
        let mut visitor = Visitor {
            track,
            came: captured,
            seen: captured,
            interval: Micros::from_millis(40),
            channels,
            rest,
            blinking: Lids::default(),
            lids: [Real::ONE; 2],
            blinked: None,
            whereabouts: direction.map(Smooth::start),
            distance,
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
    fn follow(&mut self, row: &Row, direction: [Real; 2], distance: Real, captured: Moment) {
        let gap = self.seen.until(captured);
        if gap > STALE {
            let rest = self.rest;
            *self = Visitor::new(self.track, row, Some(rest), direction, distance, captured);
            return;
        }
        // Camera intervals vary; a burst must not look like lightning.
        let dt = seconds(gap).clamp(Real::lit("0.004"), Real::ONE);
        self.seen = captured;
        self.interval = Micros((7 * self.interval.0 + gap.0) / 8);
        let mut moved = false;
        for ((channel, x), plan) in self.channels.iter_mut().zip(row).zip(&PLANS) {
            channel.update(*x, dt, &plan.tuning);
            moved |= channel.moved;
        }
        for (smooth, x) in self.whereabouts.iter_mut().zip(direction) {
            smooth.update(x, dt, &WHEREABOUTS);
        }
        if moved {
            self.stirred = STIRRED;
            self.distance = distance;
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
            self.blinked = Some(captured);
        }
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

    fn course(&self, personality: &Personality) -> Course {
        let rest = self.rest.map(|rest| rest.rest);
        let here = self.channels.map(|channel| channel.value);
        let there = self.channels.map(|channel| {
            channel
                .value
                .saturating_add(channel.speed.saturating_mul(AHEAD))
        });
        let now = reply(&here, &rest, personality);
        let soon = reply(&there, &rest, personality);
        Course {
            from: self.seen,
            due: self.seen,
            reply: now,
            speed: soon.zip(&now, |soon, now| (soon - now).saturating_div(AHEAD)),
            lids: self.lids,
        }
    }

    /// Where to look to meet this visitor's eyes.
    fn direction(&self, gain: Real) -> Gaze {
        let bound = |angle: Real, limit: Real| soft_bound(angle * gain, limit / 2, limit);
        Gaze {
            yaw: bound(self.whereabouts[0].value, Real::const_from_int(24)),
            pitch: bound(self.whereabouts[1].value, Real::const_from_int(16)),
        }
    }

    fn arrival(&self, now: Moment) -> Real {
        fade(self.came.until(now), ARRIVAL)
    }

    fn nearness(&self) -> Real {
        ((Real::const_from_int(2) - self.distance) / Real::lit("1.5")).clamp(Real::ZERO, Real::ONE)
    }
}

/// Habits and sway on top of a reply stay within what the painting can show.
fn bounded(mut motion: Motion) -> Motion {
    let bound = |angle| soft_bound(angle, Real::const_from_int(12), Real::const_from_int(15));
    motion.head = HeadPose {
        yaw: bound(motion.head.yaw),
        pitch: bound(motion.head.pitch),
        roll: bound(motion.head.roll),
    };
    motion
}

fn close_lids(motion: &mut Motion, share: Real) {
    for lid in &mut motion.eye_openness {
        *lid *= Real::ONE - share;
    }
}

fn add_reply(motion: &mut Motion, what: crate::personality::Reply, amount: Real) {
    use crate::personality::Reply;
    let mut add = |shapes: &[Blendshape]| {
        for &shape in shapes {
            motion.set(shape, motion.get(shape) + amount);
        }
    };
    match what {
        Reply::Roll => motion.head.roll += amount,
        Reply::Pitch => motion.head.pitch += amount,
        Reply::Smile => add(&[Blendshape::MouthSmileRight, Blendshape::MouthSmileLeft]),
        Reply::BrowInnerUp => add(&[Blendshape::BrowInnerUp]),
        Reply::BrowsUp => add(&[
            Blendshape::BrowInnerUp,
            Blendshape::BrowOuterUpRight,
            Blendshape::BrowOuterUpLeft,
        ]),
        Reply::CheekSquint => add(&[Blendshape::CheekSquintRight, Blendshape::CheekSquintLeft]),
        Reply::EyesOpen => {
            for lid in &mut motion.eye_openness {
                // Shut eyes stay shut.
                *lid = (*lid + amount * (*lid).min(Real::ONE)).clamp(Real::ZERO, Real::lit("1.5"));
            }
        }
    }
}

/// `eyeBlink` and `eyeWide` say what the lids do, for reports.
fn report_lids(motion: &mut Motion) {
    let [right, left] = motion.eye_openness;
    for (lid, blink, wide) in [
        (right, Blendshape::EyeBlinkRight, Blendshape::EyeWideRight),
        (left, Blendshape::EyeBlinkLeft, Blendshape::EyeWideLeft),
    ] {
        motion.set(blink, Real::ONE - lid);
        motion.set(wide, 2 * (lid - Real::ONE));
    }
}

/// Between two motions; the gaze is left to the caller.
fn mixed(a: &Motion, b: &Motion, share: Real, lid_share: Real) -> Motion {
    let mut motion = *b;
    motion.head.yaw = mix(a.head.yaw, b.head.yaw, share);
    motion.head.pitch = mix(a.head.pitch, b.head.pitch, share);
    motion.head.roll = mix(a.head.roll, b.head.roll, share);
    for (lid, from) in motion.eye_openness.iter_mut().zip(a.eye_openness) {
        *lid = mix(from, *lid, lid_share);
    }
    for (value, from) in motion.expression.iter_mut().zip(a.expression) {
        *value = mix(from, *value, share);
    }
    motion
}
