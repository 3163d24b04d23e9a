//! A camera in a room whose light can be changed: what an automatic exposure does with it.
//!
//! Takes any camera's picture as the room at 100 lx, brightens or darkens it as that light, an
//! exposure time and a gain would, and lets an automatic exposure bring it back to mid grey. So
//! everything that depends on light can be tested on a desk, and in the dark.

use crate::light::{luma, mean_luma};
use crate::{Camera, CameraControls, CameraError, Control, Counters, Description, Frame, Next};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// A room's light, shared by whoever changes it and the cameras that see it.
#[derive(Clone, Debug)]
pub struct Room(Arc<AtomicU32>);

impl Room {
    /// A room of so many lux.
    pub fn new(lux: f32) -> Self {
        let room = Room(Arc::default());
        room.set(lux);
        room
    }

    /// Changes the light, in lux; less than a thousandth is a thousandth.
    pub fn set(&self, lux: f32) {
        self.0.store(lux.max(0.001).to_bits(), Ordering::SeqCst);
    }

    /// The light in lux.
    pub fn lux(&self) -> f32 {
        f32::from_bits(self.0.load(Ordering::SeqCst))
    }
}

/// Exposure in units of 100 microseconds: up to a thirtieth of a second.
const EXPOSURES: (i32, i32) = (3, 333);

/// Gain, evenly in stops.
const GAINS: (i32, i32) = (0, 255);

/// Stops of the whole gain.
const GAIN_STOPS: f32 = 3.0;

/// Exposure for mid grey at 100 lx without gain.
const USUAL: f32 = 250.0;

/// Share of the error that the automatic exposure takes away with each frame.
const HASTE: f32 = 0.3;

/// Values of [`Control::AutoExposure`].
const BY_HAND: i32 = 1;
const AUTOMATIC: i32 = 3;

/// A camera in a [`Room`], with an exposure of its own.
pub struct InRoom {
    inner: Box<dyn Camera>,
    room: Room,
    mode: i32,
    exposure: i32,
    gain: i32,
    mains: i32,
    /// What it says its exposure and gain are, where that is not what they are.
    says: Option<(i32, i32)>,
    table: [u8; 256],
    /// The stops that the table is for.
    table_for: Option<f32>,
}

impl InRoom {
    /// Puts a camera into a room; its exposure is automatic, and it tells the truth about it.
    pub fn new(inner: Box<dyn Camera>, room: Room) -> Self {
        InRoom {
            inner,
            room,
            mode: AUTOMATIC,
            exposure: USUAL as i32,
            gain: GAINS.0,
            mains: 0,
            says: None,
            table: [0; 256],
            table_for: None,
        }
    }

    /// Makes it a camera that always tells these values while it exposes automatically.
    #[must_use]
    pub fn saying(mut self, exposure: i32, gain: i32) -> Self {
        self.says = Some((exposure, gain));
        self
    }

    /// Stops of exposure and gain from the usual one.
    fn stops(&self) -> f32 {
        let (least, most) = GAINS;
        let gain = (self.gain - least) as f32 / (most - least) as f32;
        libm::log2f(self.exposure as f32 / USUAL) + GAIN_STOPS * gain
    }

    fn expose(&mut self, frame: &mut Frame) {
        let stops = libm::log2f(self.room.lux() / 100.0) + self.stops();
        if self.table_for != Some(stops) {
            self.table = table(stops);
            self.table_for = Some(stops);
        }
        for byte in frame.bytes_mut() {
            *byte = self.table[usize::from(*byte)];
        }
        if self.mode == BY_HAND {
            return;
        }
        let Some(picture) = mean_luma(frame) else {
            return;
        };
        let wanted = self.stops() - HASTE * luma::stops(picture);
        // First the time, then the gain.
        let time = USUAL * libm::exp2f(wanted);
        self.exposure = (time.round() as i32).clamp(EXPOSURES.0, EXPOSURES.1);
        let rest = wanted - libm::log2f(self.exposure as f32 / USUAL);
        let (least, most) = GAINS;
        let gain = (rest / GAIN_STOPS * (most - least) as f32).round() as i32;
        self.gain = if self.exposure == EXPOSURES.1 {
            least.saturating_add(gain).clamp(least, most)
        } else {
            least
        };
    }

    fn told(&self) -> (i32, i32) {
        match self.says {
            Some(said) if self.mode != BY_HAND => said,
            _ => (self.exposure, self.gain),
        }
    }
}

/// What each code becomes in light that is so many stops stronger, by sRGB's curve.
fn table(stops: f32) -> [u8; 256] {
    let factor = libm::exp2f(stops);
    core::array::from_fn(|code| {
        let code = code as f32 / 255.0;
        let linear = if code <= 0.040_45 {
            code / 12.92
        } else {
            libm::powf((code + 0.055) / 1.055, 2.4)
        };
        let linear = (linear * factor).min(1.0);
        let code = if linear <= 0.003_130_8 {
            linear * 12.92
        } else {
            1.055 * libm::powf(linear, 1.0 / 2.4) - 0.055
        };
        (code * 255.0).round() as u8
    })
}

impl Camera for InRoom {
    fn next(&mut self, frame: &mut Frame, timeout: Duration) -> Result<Next, CameraError> {
        let next = self.inner.next(frame, timeout)?;
        if next == Next::Frame {
            self.expose(frame);
        }
        Ok(next)
    }

    fn description(&self) -> Description {
        self.inner.description()
    }

    fn counters(&self) -> Counters {
        self.inner.counters()
    }

    fn controls(&mut self) -> Option<&mut dyn CameraControls> {
        Some(self)
    }
}

impl CameraControls for InRoom {
    fn set(&mut self, control: Control, value: i32) -> Result<i32, CameraError> {
        let (least, most) = self.range(control)?;
        let value = value.clamp(least, most);
        match control {
            Control::AutoExposure => self.mode = if value == BY_HAND { BY_HAND } else { AUTOMATIC },
            Control::PowerLineFrequency => self.mains = value,
            // As real cameras do: an automatic exposure goes its own way.
            Control::Exposure if self.mode == BY_HAND => self.exposure = value,
            Control::Gain if self.mode == BY_HAND => self.gain = value,
            _ => {}
        }
        self.get(control)
    }

    fn get(&mut self, control: Control) -> Result<i32, CameraError> {
        match control {
            Control::AutoExposure => Ok(self.mode),
            Control::PowerLineFrequency => Ok(self.mains),
            Control::Exposure => Ok(self.told().0),
            Control::Gain => Ok(self.told().1),
            Control::ExposureMayLowerRate | Control::Brightness => Err(lacks(control)),
        }
    }

    fn range(&mut self, control: Control) -> Result<(i32, i32), CameraError> {
        match control {
            Control::AutoExposure => Ok((BY_HAND, AUTOMATIC)),
            Control::PowerLineFrequency => Ok((0, 2)),
            Control::Exposure => Ok(EXPOSURES),
            Control::Gain => Ok(GAINS),
            Control::ExposureMayLowerRate | Control::Brightness => Err(lacks(control)),
        }
    }
}

fn lacks(control: Control) -> CameraError {
    CameraError::Unsupported {
        what: format!("this camera has no control {control:?}"),
        cure: "leave it as it is".into(),
    }
}

impl std::fmt::Debug for InRoom {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("InRoom")
            .field("lux", &self.room.lux())
            .field("mode", &self.mode)
            .field("exposure", &self.exposure)
            .field("gain", &self.gain)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SystemClock;

    fn camera(lux: f32) -> (InRoom, Room) {
        let uri = "synthetic:?size=64x48&pace=off".parse().unwrap();
        let inner = crate::open(&uri, Arc::new(SystemClock::new())).unwrap();
        let room = Room::new(lux);
        (InRoom::new(inner, room.clone()), room)
    }

    fn picture(camera: &mut InRoom, frames: usize) -> f32 {
        let mut frame = Frame::new();
        for _ in 0..frames {
            camera.next(&mut frame, Duration::ZERO).unwrap();
        }
        luma::stops(mean_luma(&frame).unwrap())
    }

    #[test]
    fn automatic_exposure_hides_the_light_and_tells_it() {
        let (mut camera, room) = camera(100.0);
        picture(&mut camera, 30);
        let at_100 = camera.stops();
        for lux in [20.0, 400.0, 1000.0] {
            room.set(lux);
            let picture = picture(&mut camera, 40);
            assert!(picture.abs() < 0.15, "{lux} lx: {picture} stops");
            let expected = at_100 - (lux / 100.0).log2();
            let stops = camera.stops();
            assert!((stops - expected).abs() < 0.4, "{lux} lx: {stops}");
        }
        // Beyond its reach it gets dark.
        room.set(0.5);
        assert!(picture(&mut camera, 60) < -2.0);
        assert_eq!((camera.exposure, camera.gain), (EXPOSURES.1, GAINS.1));
    }

    #[test]
    fn its_controls_keep_their_promises() {
        let (mut camera, _) = camera(100.0);
        camera.set(Control::AutoExposure, BY_HAND).unwrap();
        for control in [
            Control::Exposure,
            Control::Gain,
            Control::PowerLineFrequency,
        ] {
            crate::conformance::check_controls(&mut camera, control).unwrap();
        }
        assert!(camera.get(Control::Brightness).is_err());
    }

    #[test]
    fn by_hand_the_light_shows() {
        let (mut camera, room) = camera(100.0);
        camera.set(Control::AutoExposure, 1).unwrap();
        assert_eq!(camera.set(Control::Exposure, 100).unwrap(), 100);
        let before = picture(&mut camera, 3);
        room.set(50.0);
        let after = picture(&mut camera, 3);
        assert!((0.7..1.3).contains(&(before - after)), "{before} {after}");
    }
}
