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
use crate::behaviour::{Behaviour, State};
use crate::channel::{CHANNELS, row};
use crate::company::{Company, Other, reachable};
use crate::compose::{bounded, close_lids, mixed, report_lids};
use crate::curve::{ease, real};
use crate::gaze::Fixation;
use crate::idle::{Idle, Whim};
use crate::manners;
use crate::measure::{Measurement, measure};
use crate::personality::{Personality, Sides};
use crate::placement::Placement;
use crate::pursuit::Pursuit;
use crate::reply::SHAPES;
use crate::spring::Spring;
use crate::visitor::{Sight, Visitor};
use sfumato_core::face::{Face, Faces, TrackId};
use sfumato_core::health::Level;
use sfumato_core::motion::{Blendshape, Gaze, Motion, Real};
use sfumato_core::time::{Micros, Moment};

/// Two pictures without a face and so much more, and the visitor has left; shorter gaps are
/// held over.
const GRACE: Micros = Micros::from_millis(280);
/// However late faces come and however seldom, beyond this a board is not waited for, microseconds. Slow ones answer
/// slowly: better than to answer nobody.
const MOST_LATE: u64 = 2_000_000;
const MOST_SELDOM: u64 = 1_500_000;
/// Time to change from one personality to another.
const CHANGE_OF_MIND: Micros = Micros::from_millis(800);
/// Whoever has seen the visitor blink so recently need not blink alone.
const SHARED_BLINKS: Micros = Micros::from_secs(6);
/// How much farther than the answering distance whoever is answered may go: no visitor stands still.
const STEP_BACK: f32 = 1.2;
/// Visitors whose rest is remembered.
const REMEMBERED: usize = 4;

/// What the portrait shall do at one moment, and why.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Moved {
    /// What to draw.
    pub motion: Motion,
    /// [`Level::Living`] while a visitor is answered, else [`Level::Idle`].
    pub level: Level,
    /// What the portrait is up to.
    pub state: State,
    /// Who is answered.
    pub visitor: Option<TrackId>,
    /// How much of the motion is the visitor's, in [0, 1]; the rest is idle life.
    pub attention: Real,
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
    /// How near a visitor must be to be answered, in metres.
    reach: f32,
    /// Where the eyes rest when nobody is looked at.
    rest: Gaze,
    visitor: Option<Visitor>,
    acquaintances: [Option<Acquaintance>; REMEMBERED],
    next_acquaintance: usize,
    pursuit: Pursuit,
    follow: Option<Spring>,
    fixation: Option<Fixation>,
    idle: Idle,
    behaviour: Behaviour,
    company: Company,
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
            reach: f32::INFINITY,
            rest: Gaze::default(),
            visitor: None,
            acquaintances: [None; REMEMBERED],
            next_acquaintance: 0,
            pursuit: Pursuit::new(),
            follow: None,
            fixation: None,
            idle: Idle::new(seed),
            behaviour: Behaviour::new(),
            company: Company::new(seed),
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

    /// Changes how near a visitor must be to be answered, in metres; whoever is farther is glanced at.
    pub fn set_reach(&mut self, metres: f32) {
        self.reach = metres;
    }

    /// Changes where the eyes rest: at usual visitors' eyes, which are so many metres below the painted ones
    /// and so many in front of them.
    pub fn set_usual_visitors(&mut self, below: f32, distance: f32) {
        let pitch = libm::atan2f(below, distance.max(0.1)).to_degrees();
        self.rest = reachable(Real::ZERO, real(pitch, 90.0));
    }

    /// Says whether the house is open. In a closed one the portrait falls asleep and answers nobody.
    pub fn set_open(&mut self, open: bool) {
        self.behaviour.set_open(open);
    }

    /// Takes in all that the camera saw: the face to answer is that of `visitor`, if any; at the others it
    /// glances now and then.
    ///
    /// As [`Mover::observe`], which it calls.
    pub fn see(&mut self, faces: &Faces, visitor: Option<TrackId>) {
        let picture = (faces.width, faces.height);
        let visitor = visitor.filter(|track| self.is_near(*track, faces));
        let answered = (faces.faces.iter()).find(|face| Some(face.track) == visitor);
        self.observe(answered, picture, faces.captured);
        let placement = &self.placement;
        let others = (faces.faces.iter()).filter(|face| Some(face.track) != visitor);
        let others = others.map(|face| Other::of(face, placement, picture));
        self.company.see(others, faces.captured);
    }

    /// Whether this one is near enough to be answered. Whoever is answered already may step back a little.
    fn is_near(&self, track: TrackId, faces: &Faces) -> bool {
        let answered = self.visitor.as_ref().map(Visitor::track) == Some(track);
        let reach = if answered {
            self.reach * STEP_BACK
        } else {
            self.reach
        };
        let mut found = faces.faces.iter().filter(|face| face.track == track);
        let face = found.next();
        let picture = (faces.width, faces.height);
        face.is_some_and(|face| self.placement.whereabouts_of(face, picture).distance <= reach)
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
        let seen = self.placement.whereabouts(
            measured.between_eyes,
            measured.pixels_per_centimetre,
            picture,
        );
        let sight = Sight {
            row: row(measured),
            direction: [real(seen.yaw, 90.0), real(seen.pitch, 90.0)],
            distance: real(seen.distance, 100.0),
            captured,
        };

        let known = match &mut self.visitor {
            Some(visitor) if visitor.track() == track => {
                visitor.follow(&sight);
                true
            }
            _ => false,
        };
        if !known {
            self.greet(track, &sight);
        }
        if let Some(visitor) = &self.visitor {
            self.pursuit.set(visitor.course(&self.personality));
        }
    }

    /// Takes up a visitor who was not answered before this picture.
    fn greet(&mut self, track: TrackId, sight: &Sight) {
        if let Some(left) = self.visitor.take() {
            self.remember(&left);
        }
        let met_before = self
            .acquaintances
            .iter()
            .flatten()
            .find(|known| known.track == track)
            .map(|known| known.rest);
        self.visitor = Some(Visitor::new(track, sight, met_before));
    }

    fn remember(&mut self, visitor: &Visitor) {
        let place = self
            .acquaintances
            .iter()
            .position(|known| known.is_some_and(|known| known.track == visitor.track()))
            .unwrap_or_else(|| {
                let place = self.next_acquaintance;
                self.next_acquaintance = (place + 1) % REMEMBERED;
                place
            });
        if let Some(slot) = self.acquaintances.get_mut(place) {
            *slot = Some(Acquaintance {
                track: visitor.track(),
                rest: *visitor.rest(),
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
            .filter(|visitor| visitor.seen().until(now) < self.patience(visitor))
            .filter(|_| self.behaviour.is_open())
            .map(Visitor::track);
        self.change_over(answered, now);
        let state = self
            .behaviour
            .at(now, answered.is_some(), &self.personality);

        let whim = self.idle.at(now, &self.personality);
        let target = match answered {
            Some(_) => self.living(&whim, now),
            None => self.alone(&whim, now),
        };
        let gaze = self.gaze(state, &whim, now);
        let (mut motion, came) = self.eased(bounded(target), now);
        motion.gaze = gaze;
        // Weariness comes and goes by itself: a change begins from what was shown without it.
        self.shown = Some(Shown {
            at: now,
            motion,
            answered,
        });
        let behaviour = &self.behaviour;
        manners::tire(&mut motion, behaviour.drowsiness(now), behaviour.sleep(now));
        report_lids(&mut motion);
        Moved {
            motion,
            level: if answered.is_some() {
                Level::Living
            } else {
                Level::Idle
            },
            state,
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
        let late = self.pursuit.delay();
        Micros(GRACE.0 + late.0.min(MOST_LATE) + 2 * visitor.interval().0.min(MOST_SELDOM))
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
            self.pursuit.take_over(None, now);
        }
        self.change = Some(Change {
            from: shown.motion,
            began: shown.at,
            length,
        });
    }

    /// The motion that answers the visitor.
    fn living(&mut self, whim: &Whim, now: Moment) -> Motion {
        let since = self.shown.map(|shown| shown.at);
        self.pursuit.take_over(since, now);
        let (mut reply, mut lids) = self.pursuit.at(now);
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
        if let Some(visitor) = &self.visitor {
            manners::habits(&mut motion, visitor, &self.personality, now);
            manners::regard(&mut motion, visitor, &self.personality);
        }
        self.add_whim(&mut motion, whim, self.personality.company, Real::ONE);
        if self.own_blink(whim.blink_began) {
            close_lids(&mut motion, whim.blink);
        }
        motion
    }

    /// The motion of a portrait with nobody before it.
    fn alone(&self, whim: &Whim, now: Moment) -> Motion {
        let mut motion = Motion::REST;
        let farewell = self.behaviour.farewell(now) * self.personality.farewell;
        let alert = Real::ONE - self.behaviour.drowsiness(now);
        motion.head.yaw = whim.head.yaw * alert;
        motion.head.pitch = whim.head.pitch * alert;
        for shape in [Blendshape::MouthSmileLeft, Blendshape::MouthSmileRight] {
            motion.set(shape, self.personality.smile_bias);
        }
        for (shape, always) in SHAPES.into_iter().zip(self.personality.style.always) {
            motion.set(shape, motion.get(shape) + always);
        }
        if let Some(visitor) = &self.visitor {
            manners::farewell(&mut motion, visitor, farewell);
        }
        let awake = alert.min(Real::ONE - self.behaviour.sleep(now));
        self.add_whim(&mut motion, whim, Real::ONE, awake);
        close_lids(&mut motion, whim.blink);
        motion
    }

    /// Adds a `share` of its own life; of what only those do who are awake, as much as it is `awake`.
    fn add_whim(&self, motion: &mut Motion, whim: &Whim, share: Real, awake: Real) {
        for (sway, share) in [(&whim.sway, share), (&whim.stir, share * awake)] {
            motion.head.yaw += sway.yaw * share;
            motion.head.pitch += sway.pitch * share;
            motion.head.roll += sway.roll * share;
        }
        for (shape, add) in SHAPES.into_iter().zip(whim.face) {
            motion.set(shape, motion.get(shape) + add * share * awake);
        }
    }

    /// Whether a blink of its own that began at `began` may be shown before the visitor.
    fn own_blink(&self, began: Moment) -> bool {
        let shared = (self.visitor.as_ref())
            .and_then(Visitor::blinked)
            .is_some_and(|blinked| blinked.until(began) < SHARED_BLINKS);
        self.personality.company > 0 && !shared
    }

    /// Where the eyes look; saccades make every change of target alive.
    fn gaze(&mut self, state: State, whim: &Whim, now: Moment) -> Gaze {
        let (aim, unrest) = match (&self.visitor, state) {
            (Some(visitor), State::Noticing | State::Engaged) => {
                let others = self.personality.others;
                let aim = manners::aim(visitor, &self.personality);
                let aside = self.company.glance(visitor.came(), now, others);
                (aside.unwrap_or(aim), self.personality.company)
            }
            (Some(visitor), State::Goodbye) if self.personality.farewell > 0 => {
                (visitor.direction(self.personality.gains.gaze), Real::ONE)
            }
            _ => {
                let awake = Real::ONE
                    - self
                        .behaviour
                        .drowsiness(now)
                        .max(self.behaviour.sleep(now));
                let glance = Gaze {
                    yaw: (self.rest.yaw + whim.glance.yaw) * awake,
                    pitch: (self.rest.pitch + whim.glance.pitch) * awake,
                };
                (glance, awake)
            }
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
