//! Pursuit: following the visitor between camera pictures.
//!
//! Each picture leaves a course: a reply and how fast it changes. The show runs a steady time
//! behind the camera, follows the course to each frame's moment, and when the next
//! picture says otherwise lets the difference fade instead of jumping.

use crate::curve::{fade, seconds};
use crate::reply::Reply;
use sfumato_core::motion::Real;
use sfumato_core::time::{Micros, Moment};

/// Of the time that pictures take to get here, so much is made good by looking ahead.
const LEAD: Micros = Micros::from_millis(20);
/// Until the next picture comes a movement goes on, slowing down; after this it has stopped.
const COAST: Micros = Micros::from_millis(120);
/// A course's error is gone after this.
const CORRECTION: Micros = Micros::from_millis(60);
/// The same for lids, which are quicker.
const LID_CORRECTION: Micros = Micros::from_millis(24);

/// Where a reply was at some moment and where it goes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Course {
    /// When the picture was taken.
    from: Moment,
    /// When the portrait shall stand where the visitor stood at `from`.
    due: Moment,
    reply: Reply,
    /// Change in a second.
    speed: Reply,
    /// How open the lids are, `[right, left]`; nobody can tell where a lid goes.
    lids: [Real; 2],
}

impl Course {
    /// From a picture taken at `from`.
    pub fn new(from: Moment, reply: Reply, speed: Reply, lids: [Real; 2]) -> Course {
        Course {
            from,
            due: from,
            reply,
            speed,
            lids,
        }
    }

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

/// The present course, the next one, and what is still to be corrected.
#[derive(Clone, Debug)]
pub(crate) struct Pursuit {
    course: Course,
    /// Waits for the next frame shown.
    new: Option<Course>,
    /// How far the show runs behind the camera.
    delay: Option<Micros>,
    correction: Reply,
    lid_correction: [Real; 2],
    corrected: Moment,
}

impl Pursuit {
    pub fn new() -> Pursuit {
        Pursuit {
            course: Course::REST,
            new: None,
            delay: None,
            correction: Reply::REST,
            lid_correction: [Real::ZERO; 2],
            corrected: Moment::default(),
        }
    }

    /// The course to follow from the next frame on.
    pub fn set(&mut self, course: Course) {
        self.new = Some(course);
    }

    /// How far the show runs behind the camera.
    pub fn delay(&self) -> Micros {
        self.delay.unwrap_or_default()
    }

    /// Makes the newest course the present one; what it corrects fades from `since` on.
    pub fn take_over(&mut self, since: Option<Moment>, now: Moment) {
        let Some(mut course) = self.new.take() else {
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
            let (before, lids_before) = self.at(now);
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

    /// Reply and lids at `now`.
    pub fn at(&self, now: Moment) -> (Reply, [Real; 2]) {
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
}
