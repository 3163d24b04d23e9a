//! The pulse: numbers by which the supervisor and the serial line see how everybody is.
//!
//! Each thread only writes its own; whoever looks only looks. Nobody ever waits for anybody.

use crate::health::{Finding, Seeing, State};
use crate::report::Faults;
use sfumato_core::health::Level;
use sfumato_core::time::Micros;
use sfumato_link::vitals::VISITORS;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU32, AtomicU64, Ordering};

/// Latencies that are remembered: some seconds of them.
const LATENCIES: usize = 128;

/// Signs of life of all threads.
#[derive(Debug)]
pub struct Pulse {
    /// Camera frames that arrived.
    pub camera_frames: AtomicU64,
    /// Camera frames that were lost on the way: dropped, damaged or overtaken by newer ones.
    pub camera_lost: AtomicU64,
    /// Camera frames in which faces were looked for.
    pub perceived: AtomicU64,
    /// Faces in the newest of them.
    pub faces: AtomicU64,
    /// Rounds of the render thread, with or without a picture.
    pub rounds: AtomicU64,
    /// Pictures that became visible.
    pub flips: AtomicU64,
    /// Whether there is no camera at the moment.
    pub camera_away: AtomicBool,
    /// Whether there is no display at the moment.
    pub screen_away: AtomicBool,
    /// Whether the display has been put to sleep.
    pub screen_asleep: AtomicBool,
    /// Whether the house is open.
    pub open: AtomicBool,
    /// Brightness now, in thousandths.
    pub brightness: AtomicU32,
    /// The room's light in lux, where it is measured; else zero.
    pub lux: AtomicU32,
    level: AtomicU8,
    state: AtomicU8,
    health: AtomicU8,
    row_flips: AtomicU64,
    row_seconds: AtomicU64,
    faults: [AtomicU64; 6],
    visitors: [AtomicU64; VISITORS],
    latencies: [AtomicU32; LATENCIES],
    newest_latency: AtomicU32,
}

impl Default for Pulse {
    fn default() -> Pulse {
        Pulse {
            camera_frames: AtomicU64::default(),
            camera_lost: AtomicU64::default(),
            perceived: AtomicU64::default(),
            faces: AtomicU64::default(),
            rounds: AtomicU64::default(),
            flips: AtomicU64::default(),
            camera_away: AtomicBool::default(),
            screen_away: AtomicBool::default(),
            screen_asleep: AtomicBool::default(),
            open: AtomicBool::new(true),
            brightness: AtomicU32::new(1000),
            lux: AtomicU32::default(),
            level: AtomicU8::default(),
            state: AtomicU8::default(),
            health: AtomicU8::default(),
            row_flips: AtomicU64::default(),
            row_seconds: AtomicU64::default(),
            faults: Default::default(),
            visitors: Default::default(),
            latencies: [const { AtomicU32::new(0) }; LATENCIES],
            newest_latency: AtomicU32::default(),
        }
    }
}

/// The pulse at one moment, as the supervisor judges it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// See [`Pulse::camera_frames`].
    pub camera_frames: u64,
    /// See [`Pulse::perceived`].
    pub perceived: u64,
    /// See [`Pulse::faces`].
    pub faces: u64,
    /// See [`Pulse::rounds`].
    pub rounds: u64,
    /// See [`Pulse::flips`].
    pub flips: u64,
    /// See [`Pulse::camera_away`].
    pub camera_away: bool,
    /// See [`Pulse::screen_away`].
    pub screen_away: bool,
    /// See [`Pulse::screen_asleep`].
    pub screen_asleep: bool,
    /// What the painting is doing.
    pub level: Level,
    /// What went wrong in the render thread beside its generators: faults of the compositor, and panics.
    pub faults: u64,
}

/// A visitor as a point in the room.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spot {
    /// Metres to the right of the painted eyes as visitors see it, above them, and in front; to the centimetre.
    pub metres: [f32; 3],
    /// Whether this one is answered.
    pub answered: bool,
}

const LEVELS: [Level; 4] = [Level::Living, Level::Idle, Level::RigOnly, Level::Still];

impl Pulse {
    /// Notes what the painting is doing.
    pub fn set_level(&self, level: Level) {
        self.level.store(level as u8, Ordering::Relaxed);
    }

    /// Notes what the portrait is up to.
    pub fn set_state(&self, state: sfumato_motion::State) {
        self.state.store(state as u8, Ordering::Relaxed);
    }

    /// What the portrait is up to, in a word.
    pub fn state(&self) -> &'static str {
        let state = self.state.load(Ordering::Relaxed);
        let mut all = sfumato_motion::State::ALL.into_iter();
        all.find(|known| *known as u8 == state)
            .map_or("unknown", sfumato_motion::State::name)
    }

    /// Notes what is known of this version's health.
    pub fn set_health(&self, finding: &Finding) {
        self.health.store(finding.state as u8, Ordering::Relaxed);
        self.row_flips.store(finding.flips, Ordering::Relaxed);
        self.row_seconds.store(finding.seconds, Ordering::Relaxed);
    }

    /// What is known of this version's health; of the camera, [`Pulse::read`] tells.
    pub fn health(&self) -> Finding {
        let state = self.health.load(Ordering::Relaxed);
        let mut all = State::ALL.into_iter();
        Finding {
            state: all.find(|known| *known as u8 == state).unwrap_or_default(),
            flips: self.row_flips.load(Ordering::Relaxed),
            seconds: self.row_seconds.load(Ordering::Relaxed),
            camera: Seeing::Unknown,
        }
    }

    /// Counts a fault of the camera.
    pub fn count_camera_fault(&self) {
        self.faults[0].fetch_add(1, Ordering::Relaxed);
    }

    /// Counts a frame on which perception failed.
    pub fn count_perception_fault(&self) {
        self.faults[1].fetch_add(1, Ordering::Relaxed);
    }

    /// Notes what the render thread has met so far.
    pub fn set_render_faults(&self, faults: &Faults) {
        let [_, _, generator, compositor, screen, panics] = &self.faults;
        for (place, count) in [
            (generator, faults.generator),
            (compositor, faults.compositor),
            (screen, faults.screen),
            (panics, faults.panics),
        ] {
            place.store(count, Ordering::Relaxed);
        }
    }

    /// What has gone wrong since the start; panics are those of the render thread.
    pub fn faults(&self) -> Faults {
        let [camera, perception, generator, compositor, screen, panics] =
            [0, 1, 2, 3, 4, 5].map(|index: usize| self.faults[index].load(Ordering::Relaxed));
        Faults {
            camera,
            perception,
            generator,
            compositor,
            screen,
            panics,
        }
    }

    /// Notes who is there.
    pub fn set_visitors(&self, spots: impl Iterator<Item = Spot>) {
        let packed = spots.map(Spot::pack).chain(std::iter::repeat(0));
        for (place, spot) in self.visitors.iter().zip(packed) {
            place.store(spot, Ordering::Relaxed);
        }
    }

    /// Who is there.
    pub fn visitors(&self) -> impl Iterator<Item = Spot> {
        let packed = self.visitors.iter();
        packed.filter_map(|place| Spot::unpack(place.load(Ordering::Relaxed)))
    }

    /// Notes how old what was seen is when its answer is shown.
    pub fn add_latency(&self, latency: Micros) {
        let index = self.newest_latency.fetch_add(1, Ordering::Relaxed) as usize % LATENCIES;
        // None is zero: that marks an empty place.
        let micros = u32::try_from(latency.0).unwrap_or(u32::MAX).max(1);
        if let Some(place) = self.latencies.get(index) {
            place.store(micros, Ordering::Relaxed);
        }
    }

    /// Median and 95 of 100 of the last latencies.
    pub fn latency(&self) -> Option<[Micros; 2]> {
        let all = self.latencies.iter();
        let mut known: Vec<u32> = all
            .map(|place| place.load(Ordering::Relaxed))
            .filter(|micros| *micros > 0)
            .collect();
        known.sort_unstable();
        let at = |share: usize| {
            let index = (known.len() * share / 100).min(known.len().checked_sub(1)?);
            known.get(index).map(|micros| Micros((*micros).into()))
        };
        Some([at(50)?, at(95)?])
    }

    /// The pulse now.
    pub fn read(&self) -> Reading {
        let level = usize::from(self.level.load(Ordering::Relaxed));
        Reading {
            camera_frames: self.camera_frames.load(Ordering::Relaxed),
            perceived: self.perceived.load(Ordering::Relaxed),
            faces: self.faces.load(Ordering::Relaxed),
            rounds: self.rounds.load(Ordering::Relaxed),
            flips: self.flips.load(Ordering::Relaxed),
            camera_away: self.camera_away.load(Ordering::Relaxed),
            screen_away: self.screen_away.load(Ordering::Relaxed),
            screen_asleep: self.screen_asleep.load(Ordering::Relaxed),
            level: LEVELS.get(level).copied().unwrap_or(Level::Still),
            faults: self.faults[3].load(Ordering::Relaxed) + self.faults[5].load(Ordering::Relaxed),
        }
    }
}

/// Marks a place where there is somebody.
const SOMEBODY: u64 = 1 << 63;
/// Marks somebody who is answered.
const ANSWERED: u64 = 1 << 62;

impl Spot {
    /// Centimetres as three numbers of 16 bits.
    fn pack(self) -> u64 {
        // A cast keeps within the range.
        let [x, y, z] = self
            .metres
            .map(|metres| u64::from(((metres * 100.0).round() as i16) as u16));
        let answered = if self.answered { ANSWERED } else { 0 };
        SOMEBODY | answered | x << 32 | y << 16 | z
    }

    fn unpack(packed: u64) -> Option<Spot> {
        let metres = |shift: u32| f32::from((packed >> shift) as u16 as i16) / 100.0;
        (packed & SOMEBODY != 0).then(|| Spot {
            metres: [metres(32), metres(16), metres(0)],
            answered: packed & ANSWERED != 0,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_and_states_survive_the_trip() {
        let pulse = Pulse::default();
        for level in LEVELS {
            pulse.set_level(level);
            assert_eq!(pulse.read().level, level);
        }
        for state in sfumato_motion::State::ALL {
            pulse.set_state(state);
            assert_eq!(pulse.state(), state.name());
        }
    }

    #[test]
    fn visitors_are_points_to_the_centimetre() {
        let pulse = Pulse::default();
        let spots = [
            ([0.31, -0.1, 1.8], true),
            ([-0.52, 0.2, 3.1], false),
            ([0.0; 3], false),
        ];
        let spots = spots.map(|(metres, answered)| Spot { metres, answered });
        pulse.set_visitors(spots.into_iter());
        assert_eq!(pulse.visitors().collect::<Vec<_>>(), spots);
        pulse.set_visitors(spots.into_iter().take(1));
        assert_eq!(pulse.visitors().count(), 1);
        pulse.set_visitors((0..20).map(|_| spots[0]));
        assert_eq!(pulse.visitors().count(), VISITORS);
    }

    #[test]
    fn the_last_latencies_are_summed_up() {
        let pulse = Pulse::default();
        assert_eq!(pulse.latency(), None);
        for micros in 0..1000 {
            pulse.add_latency(Micros(micros));
        }
        // Of 872 to 999.
        assert_eq!(pulse.latency(), Some([Micros(936), Micros(993)]));
    }
}
