//! How light the room is, seen by the camera, and how bright the screen shall be for it.
//!
//! A camera hides the room's light: its automatic exposure makes every picture equally bright. So the
//! picture's mean is divided by what the camera says about exposure time and gain. All of it is
//! counted in stops (doublings), because people see ratios.
//!
//! - `luma`: the mean of a frame;
//! - `trust`: how far a camera's word about exposure is good;
//! - `median`: a minute of it, so that a visitor who fills the picture is no dusk;
//! - `follow`: the slow way to where the light is, with a dead band;
//! - `meter`: puts it together on a [`Camera`](crate::Camera).
//!
//! No part has a clock: time is that of the frames, so a recording gives the same brightness each
//! time. The scale is fixed and can be told on the telephone: **10 lx is the darkest that is
//! wanted, 100 lx half-way, 1000 lx the brightest**, by a usual webcam's sensitivity. Decision record
//! 0110 says why, and how wrong it can be.

mod follow;
pub(crate) mod luma;
mod median;
mod meter;
mod trust;

pub use luma::mean_luma;
pub use meter::Meter;
pub use trust::{Basis, Told};

use follow::Follow;
use median::Median;
use sfumato_core::time::{Micros, Moment};
use trust::Trust;

/// The level that stands for the brightest that is wanted; levels go from 0 to it.
pub const FULL_LEVEL: u16 = 1000;

/// Frames are looked at no more often than this.
pub const INTERVAL: Micros = Micros::from_millis(500);

/// A camera that was just opened is not believed for so long: its exposure has to find its way.
const SETTLING: Micros = Micros::from_secs(2);

/// So long without a frame, and the camera counts as just opened.
const GAP: Micros = Micros::from_secs(2);

/// Stops from 10 lx up to 100 lx, and from there up to 1000 lx: the logarithm of ten.
const HALF_SPAN: f32 = core::f32::consts::LOG2_10;

/// Illuminance at zero stops.
const MIDDLE_LUX: f32 = 100.0;

/// The room's light over time, and the screen's level that goes with it.
///
/// Works on numbers alone; [`Meter`] takes them from a camera.
#[derive(Clone, Debug, Default)]
pub struct RoomLight {
    trust: Trust,
    minute: Median,
    follow: Follow,
    opened: Option<Moment>,
    last: Option<Moment>,
}

/// What is known about the room's light, for status lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Illuminance in lux by a usual webcam's sensitivity: good to a factor of about three.
    pub lux: u32,
    /// What it was told from.
    pub basis: Basis,
}

impl RoomLight {
    /// Nothing seen yet; the level is [`FULL_LEVEL`].
    pub fn new() -> Self {
        RoomLight::default()
    }

    /// Whether a frame taken at `captured` would be looked at.
    pub fn is_due(&self, captured: Moment) -> bool {
        self.last
            .is_none_or(|last| captured < last || last.until(captured) >= INTERVAL)
    }

    /// The camera went away: what follows comes from one that was just opened.
    ///
    /// The level is held until light has been seen again for some seconds.
    pub fn away(&mut self) {
        self.opened = None;
    }

    /// Another camera than before: forgets what the last one's word was worth.
    pub fn other_camera(&mut self) {
        self.away();
        self.trust = Trust::default();
    }

    /// Looks at a frame: its mean luma in 256ths (see [`mean_luma`]) and what the camera told.
    ///
    /// Does nothing for a frame that is not due.
    pub fn look(&mut self, luma: u16, told: &Told, captured: Moment) {
        if !self.is_due(captured) {
            return;
        }
        let before = self.last.replace(captured);
        let gap = before.is_none_or(|last| captured < last || last.until(captured) > GAP);
        if gap {
            self.away();
        }
        let opened = match self.opened {
            Some(opened) => opened,
            None => {
                self.opened = Some(captured);
                self.trust.opened();
                self.minute.clear();
                captured
            }
        };
        if opened.until(captured) < SETTLING {
            self.trust.hear(told);
            return;
        }
        let picture = luma::stops(luma);
        let light = picture - self.trust.exposure(told, picture, captured);
        if let Some(light) = self.minute.add(light, captured) {
            self.follow.go(level(light), captured);
        }
    }

    /// The screen's level: 0 for the darkest that is wanted, [`FULL_LEVEL`] for the brightest.
    ///
    /// Moves by five thousandths a second at most. [`brightness`] makes a brightness of it.
    pub fn level(&self) -> u16 {
        self.follow.level()
    }

    /// The room's light; none before some seconds of it were seen.
    pub fn seen(&self) -> Option<Seen> {
        self.minute.middle().map(|stops| Seen {
            lux: (MIDDLE_LUX * libm::exp2f(stops)).round() as u32,
            basis: self.trust.basis(),
        })
    }
}

/// The level that goes with a light, in stops from the middle.
fn level(light: f32) -> u16 {
    let share = (light + HALF_SPAN) / (2.0 * HALF_SPAN);
    (share.clamp(0.0, 1.0) * f32::from(FULL_LEVEL)).round() as u16
}

/// Brightness in thousandths for a level of [`RoomLight`], between two brightnesses in percent.
///
/// `most` is never exceeded, whatever `least` is.
pub fn brightness(level: u16, least: u8, most: u8) -> u16 {
    let most = u32::from(most.min(100)) * 10;
    let least = (u32::from(least) * 10).min(most);
    let full = u32::from(FULL_LEVEL);
    let level = u32::from(level).min(full);
    (least + ((most - least) * level + full / 2) / full) as u16
}

#[cfg(test)]
mod tests;
