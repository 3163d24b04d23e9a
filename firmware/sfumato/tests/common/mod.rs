//! Scripted parts for tests of the runtime: a face that nods, a screen that remembers.
#![allow(dead_code)] // each test program uses some of it

use sfumato::house::House;
use sfumato::perceive::{Perceive, PerceiveError};
use sfumato::show::Show;
use sfumato_camera::{
    Camera, CameraError, Counters as CameraCounters, Description, Faulty, Frame, Next,
};
use sfumato_compositor::{EyeLayers, Picture, Portrait};
use sfumato_core::canonical;
use sfumato_core::drawing::{Amount, Drawing};
use sfumato_core::face::{Face, Faces, LANDMARKS, Landmark, TrackId};
use sfumato_core::geometry::{Box2, Rect};
use sfumato_core::motion::{Blendshape, Motion};
use sfumato_core::pixels::{Pixels, PixelsMut, Rgb, Xrgb, xrgb};
use sfumato_core::time::{Clock, Moment};
use sfumato_generator::{Generator, GeneratorError};
use sfumato_motion::{Mover, Personality, Placement};
use sfumato_personalities::Personalities;
use sfumato_screen::{Counters, Flip, Mode, Presented, Screen, ScreenError};
use sfumato_settings::{Settings, Staged};
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

/// What the scripted perception does with a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// Finds one face, turned a little further each time.
    Face,
    /// Finds nobody.
    Nobody,
    /// Fails.
    Fail,
    /// Panics.
    Panic,
}

/// A perception by script; at its end the last look repeats.
pub struct ScriptedPerception {
    looks: VecDeque<Look>,
    count: u32,
}

impl ScriptedPerception {
    /// Does these one after the other.
    pub fn new(looks: &[Look]) -> Self {
        ScriptedPerception {
            looks: looks.iter().copied().collect(),
            count: 0,
        }
    }
}

impl Perceive for ScriptedPerception {
    fn see(
        &mut self,
        picture: Pixels<'_, Rgb>,
        captured: Moment,
        faces: &mut Faces,
    ) -> Result<(), PerceiveError> {
        let look = if self.looks.len() > 1 {
            self.looks.pop_front()
        } else {
            self.looks.front().copied()
        };
        self.count += 1;
        faces.captured = captured;
        faces.width = picture.width() as u32;
        faces.height = picture.height() as u32;
        faces.faces.clear();
        match look.unwrap_or(Look::Nobody) {
            Look::Nobody => Ok(()),
            Look::Fail => Err(PerceiveError("scripted".into())),
            Look::Panic => panic!("scripted"),
            Look::Face => {
                let angle = (self.count as f32 / 20.0).sin() * 20.0;
                let _ = faces.faces.push(turned_face(angle));
                Ok(())
            }
        }
    }
}

/// The canonical face turned by `yaw` degrees, 120 pixels wide or so.
pub fn turned_face(yaw: f32) -> Face {
    let (sine, cosine) = yaw.to_radians().sin_cos();
    let mut landmarks = [Landmark::default(); LANDMARKS];
    let mut bounds = Box2 {
        left: f32::MAX,
        top: f32::MAX,
        right: f32::MIN,
        bottom: f32::MIN,
    };
    for (landmark, [x, y, z]) in landmarks.iter_mut().zip(canonical::VERTICES) {
        let turned = [cosine * x + sine * z, y, cosine * z - sine * x];
        landmark.x = 160.0 + 8.0 * turned[0];
        landmark.y = 120.0 - 8.0 * turned[1];
        landmark.z = -8.0 * turned[2];
        bounds.left = bounds.left.min(landmark.x);
        bounds.right = bounds.right.max(landmark.x);
        bounds.top = bounds.top.min(landmark.y);
        bounds.bottom = bounds.bottom.max(landmark.y);
    }
    Face {
        track: TrackId(1),
        score: 0.99,
        bounds,
        landmarks,
        irises: Default::default(),
    }
}

/// A generator that moves the whole field by the yaw, and fails where it is told to.
pub struct ScriptedGenerator {
    /// Fails from this call on, for `failures` calls.
    pub fail_at: u32,
    /// How often it fails.
    pub failures: u32,
    /// Panics in place of an error.
    pub panics: bool,
    calls: u32,
}

impl ScriptedGenerator {
    /// One that never fails.
    pub fn good() -> Self {
        ScriptedGenerator {
            fail_at: 0,
            failures: 0,
            panics: false,
            calls: 0,
        }
    }

    /// One that always fails.
    pub fn broken(panics: bool) -> Self {
        ScriptedGenerator {
            fail_at: 0,
            failures: u32::MAX,
            panics,
            calls: 0,
        }
    }
}

impl Generator for ScriptedGenerator {
    fn generate(&mut self, motion: &Motion, drawing: &mut Drawing) -> Result<(), GeneratorError> {
        let call = self.calls;
        self.calls += 1;
        if call >= self.fail_at && call - self.fail_at < self.failures {
            assert!(!self.panics, "scripted");
            return Err(GeneratorError::Damaged("scripted".into()));
        }
        // A whole drawing would take half a megabyte of stack; nothing else is drawn in these tests.
        drawing.field.alpha.fill(Amount::ONE);
        let flow = Amount::from_num(motion.head.yaw.to_num::<f32>() / 400.0);
        drawing.field.flow_x.fill(flow);
        let jaw = Amount::from_num(motion.get(Blendshape::JawOpen).to_num::<f32>() / 50.0);
        drawing.field.flow_y.fill(jaw);
        Ok(())
    }

    fn name(&self) -> &'static str {
        "scripted"
    }
}

/// What the scripted screen does at one `present`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flipping {
    /// Shows it.
    Works,
    /// Does not confirm it in time.
    TimesOut,
    /// The display is unplugged, and is away for so many looks.
    Unplugged(u32),
    /// The display comes back with another size after it was away once.
    Resized(usize, usize),
    /// The user closes the window.
    Closed,
}

/// A screen by script that keeps what it showed; at its end it just works.
pub struct ScriptedScreen {
    /// Every picture shown, hashed.
    pub shown: Vec<u64>,
    size: (usize, usize),
    next_size: Option<(usize, usize)>,
    script: VecDeque<Flipping>,
    away: u32,
    buffers: Vec<Vec<Xrgb>>,
    presented: u32,
    drawn: bool,
    clock: Arc<dyn Clock + Send + Sync>,
    pace: Duration,
    counters: Counters,
}

impl ScriptedScreen {
    /// A double-buffered screen of this size that takes `pace` for each flip.
    pub fn new(
        size: (usize, usize),
        clock: Arc<dyn Clock + Send + Sync>,
        pace: Duration,
        script: &[Flipping],
    ) -> Self {
        ScriptedScreen {
            shown: Vec::with_capacity(100_000),
            size,
            next_size: None,
            script: script.iter().copied().collect(),
            away: 0,
            buffers: vec![vec![0; size.0 * size.1]; 2],
            presented: 0,
            drawn: false,
            clock,
            pace,
            counters: Counters::default(),
        }
    }

    fn current(&self) -> usize {
        self.presented as usize % self.buffers.len()
    }
}

impl Screen for ScriptedScreen {
    fn mode(&self) -> Mode {
        Mode {
            width: self.size.0,
            height: self.size.1,
            refresh_millihertz: if self.pace.is_zero() { 0 } else { 100_000 },
        }
    }

    fn draw(&mut self, paint: &mut dyn FnMut(PixelsMut<'_, Xrgb>, u32)) -> Result<(), ScreenError> {
        if self.away > 0 {
            return Err(ScreenError::Disconnected);
        }
        let fresh = self.presented < self.buffers.len() as u32 || self.drawn;
        let age = if fresh { 0 } else { self.buffers.len() as u32 };
        let (width, height) = self.size;
        let current = self.current();
        let pixels = PixelsMut::new(&mut self.buffers[current], width, height, width).unwrap();
        paint(pixels, age);
        self.drawn = true;
        Ok(())
    }

    fn present(&mut self, _timeout: Duration) -> Result<Presented, ScreenError> {
        std::thread::sleep(self.pace);
        match self.script.pop_front().unwrap_or(Flipping::Works) {
            Flipping::Works => {}
            Flipping::TimesOut => return Ok(Presented::TimedOut),
            Flipping::Closed => return Err(ScreenError::Closed),
            Flipping::Unplugged(looks) => {
                self.away = looks;
                return Err(ScreenError::Disconnected);
            }
            Flipping::Resized(width, height) => {
                self.away = 1;
                self.next_size = Some((width, height));
                return Err(ScreenError::Disconnected);
            }
        }
        let current = self.current();
        self.shown.push(hash(&self.buffers[current]));
        self.drawn = false;
        self.presented += 1;
        self.counters.flips += 1;
        Ok(Presented::Flipped(Flip {
            at: self.clock.now(),
            sequence: self.counters.flips - 1,
        }))
    }

    fn reprobe(&mut self) -> Result<bool, ScreenError> {
        self.away = self.away.saturating_sub(1);
        if self.away > 0 {
            return Err(ScreenError::Disconnected);
        }
        if let Some(size) = self.next_size.take() {
            self.size = size;
        }
        self.buffers = vec![vec![0; self.size.0 * self.size.1]; 2];
        self.presented = 0;
        self.drawn = false;
        Ok(true)
    }

    fn description(&self) -> String {
        "scripted".into()
    }

    fn counters(&self) -> Counters {
        self.counters
    }
}

/// A hash that tells pictures apart (FNV-1a over the colour bytes).
pub fn hash(pixels: &[Xrgb]) -> u64 {
    pixels.iter().fold(0xcbf2_9ce4_8422_2325, |hash, pixel| {
        (hash ^ u64::from(pixel & 0xff_ffff)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// A small painting with no two rows or columns alike.
pub fn portrait() -> Portrait {
    let (width, height) = (96, 128);
    let mut painting = Picture::new(width, height, 0);
    for (index, pixel) in painting.pixels_mut().iter_mut().enumerate() {
        let (x, y) = (index as u32 % width, index as u32 / width);
        *pixel = xrgb([(x * 2) as u8, y as u8, ((x * 7) ^ (y * 5)) as u8]);
    }
    Portrait {
        painting,
        region: Rect {
            x: 16,
            y: 16,
            width: 64,
            height: 64,
        },
        plate: None,
        eyes: [EyeLayers::default(), EyeLayers::default()],
        mouth_size: [0.3, 0.2],
        grain: None,
    }
}

/// A show of the small painting.
pub fn show(generators: Vec<Box<dyn Generator>>, screen: &dyn Screen) -> Show {
    let mover = Mover::new(Personality::MIRROR, Placement::default(), 1);
    let mut staged = Staged::default();
    // Each pixel stays at its place.
    for (name, value) in [("wall", "#090909"), ("pixel_shift.on", "off")] {
        staged.set(name, value).unwrap();
    }
    let settings = Box::new(staged.over(&Settings::default()));
    let house = House::new(settings, Personalities::default());
    Show::new(portrait(), generators, mover, house, screen).unwrap()
}

/// The scripted camera at some 200 frames a second.
pub struct Slow(pub Faulty);

impl Camera for Slow {
    fn next(&mut self, frame: &mut Frame, timeout: Duration) -> Result<Next, CameraError> {
        std::thread::sleep(Duration::from_millis(5));
        self.0.next(frame, timeout.min(Duration::from_millis(20)))
    }

    fn description(&self) -> Description {
        self.0.description()
    }

    fn counters(&self) -> CameraCounters {
        self.0.counters()
    }
}
