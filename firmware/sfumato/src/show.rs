//! From faces to the shown picture: the part that is the same live and frame by frame.
//!
//! A [`Show`] owns the mover, the generators and the compositor of one painting. It is told what
//! was seen ([`Show::observe`]) and draws what the portrait does at a moment ([`Show::draw`]). It
//! reads no clock, and it always has a picture: when a generator fails the next one takes its
//! place, and when none is left the painting is shown as it was painted.

use crate::fence::fenced;
use crate::house::House;
use crate::ledger::{Ledger, Stage};
use crate::notice::Notice;
use crate::pulse::Spot;
use crate::report::{Faults, ShownFrame};
use crate::set_up::SetUp;
use crate::test_pattern;
use sfumato_compositor::{Compositor, CompositorError, Layout, Portrait};
use sfumato_core::drawing::Drawing;
use sfumato_core::face::{Faces, TrackId};
use sfumato_core::health::Level;
use sfumato_core::motion::Motion;
use sfumato_core::time::Moment;
use sfumato_faces::Choice;
use sfumato_generator::Generator;
use sfumato_motion::Mover;
use sfumato_screen::{Screen, ScreenError};
use sfumato_settings::Settings;
use sfumato_settings::calendar::LocalTime;

/// After a fault the content of this many buffers is not trusted: as many as any screen has.
const BUFFERS: u32 = 3;

/// Frames after which a generator that failed is tried again: ten seconds or so.
const PATIENCE: u32 = 600;

/// Generators of one painting, best first, and which of them works.
struct Ladder {
    generators: Vec<Box<dyn Generator>>,
    /// The first that is not known to fail; as many as there are when none works.
    rung: usize,
    frames_since_fault: u32,
}

impl Ladder {
    fn level(&self) -> Level {
        if self.rung >= self.generators.len() {
            Level::Still
        } else if self.rung > 0 {
            Level::RigOnly
        } else {
            Level::Living
        }
    }

    /// Draws with the best generator that works. Never fails: the last rung is the painting.
    fn generate(&mut self, motion: &Motion, drawing: &mut Drawing, faults: &mut Faults) {
        if self.rung > 0 {
            self.frames_since_fault += 1;
            if self.frames_since_fault > PATIENCE {
                self.rung = 0;
            }
        }
        while let Some(generator) = self.generators.get_mut(self.rung) {
            match fenced(|| generator.generate(motion, drawing)) {
                Ok(Ok(())) => return,
                Ok(Err(_)) => faults.generator += 1,
                Err(_) => faults.panics += 1,
            }
            self.rung += 1;
            self.frames_since_fault = 0;
        }
        drawing.clone_from(&Drawing::REST);
    }
}

/// One painting, ready to be shown; see the module text.
pub struct Show {
    portrait: Portrait,
    house: House,
    mover: Mover,
    choice: Choice,
    ladder: Ladder,
    drawing: Box<Drawing>,
    compositor: Compositor,
    /// Frames for which buffers are painted whole, whatever their age.
    distrust: u32,
    /// What was seen last.
    faces: Box<Faces>,
    /// The overlay for whoever sets the work up.
    set_up: Option<SetUp>,
    test_pattern: bool,
    /// Who was answered in the last picture.
    answered: Option<TrackId>,
    /// What visitors are told, and whether there is a camera to tell of.
    notice: Notice,
    camera_on: bool,
    /// A layout that could not be had.
    refused: Option<Layout>,
}

impl std::fmt::Debug for Show {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Show")
            .field("compositor", &self.compositor)
            .finish_non_exhaustive()
    }
}

impl Show {
    /// A show of `portrait`, moved by the first of `generators` that works, in `house`.
    pub fn new(
        portrait: Portrait,
        generators: Vec<Box<dyn Generator>>,
        mover: Mover,
        house: House,
        screen: &dyn Screen,
    ) -> Result<Show, CompositorError> {
        let compositor = compositor_for(&portrait, &house, screen)?;
        let mut mover = mover;
        house.tell_distances(&mut mover);
        Ok(Show {
            portrait,
            house,
            mover,
            choice: Choice::new(),
            ladder: Ladder {
                generators,
                rung: 0,
                frames_since_fault: 0,
            },
            drawing: Box::new(Drawing::REST),
            compositor,
            distrust: 0,
            faces: Box::default(),
            set_up: None,
            test_pattern: false,
            answered: None,
            notice: Notice::default(),
            camera_on: false,
            refused: None,
        })
    }

    /// Shows the camera's picture and a status line over the painting.
    pub fn with_set_up(mut self) -> Show {
        self.set_up = Some(SetUp::default());
        self
    }

    /// The overlay for whoever sets the work up, where it was asked for.
    pub fn set_up(&mut self) -> Option<&mut SetUp> {
        self.set_up.as_mut()
    }

    /// Takes settings that have come into force and gives the old ones back.
    pub fn change(&mut self, settings: &mut Box<Settings>) {
        self.house.change(settings);
        // One that is not there is refused before it comes into force.
        if let Some(personality) = self.house.personality() {
            self.mover.set_personality(personality);
        }
        self.mover.set_placement(self.house.camera());
        self.house.tell_distances(&mut self.mover);
    }

    /// The camera has measured how light the room is.
    pub fn set_room_level(&mut self, level: u16) {
        self.house.set_room_level(level);
    }

    /// Whether the house is open.
    pub fn is_open(&self) -> bool {
        self.house.is_open()
    }

    /// Whether nothing is to be seen outside opening hours.
    pub fn is_dark(&self) -> bool {
        self.house.is_dark() && !self.test_pattern
    }

    /// How bright the picture is, in thousandths.
    pub fn brightness(&self) -> u16 {
        self.house.brightness()
    }

    /// Who was seen last, as points in the room.
    pub fn visitors(&self) -> impl Iterator<Item = Spot> {
        let (placement, faces) = (self.house.camera(), &self.faces);
        let picture = (faces.width, faces.height);
        faces.faces.iter().map(move |face| Spot {
            metres: placement.whereabouts_of(face, picture).metres(),
            answered: Some(face.track) == self.answered,
        })
    }

    /// The settings in force.
    pub fn settings(&self) -> &Settings {
        self.house.settings()
    }

    /// Looks at the museum's clock; none: it has never been set.
    pub fn look_at_the_clock(&mut self, local: Option<LocalTime>) {
        self.house.look(local);
        self.mover.set_open(self.house.is_open());
    }

    /// Shows the test pattern in place of the portrait, or the portrait again.
    pub fn set_test_pattern(&mut self, on: bool) {
        if self.test_pattern != on {
            self.test_pattern = on;
            self.distrust = BUFFERS;
        }
    }

    /// Says whether the camera delivers pictures: visitors may be told.
    pub fn set_camera(&mut self, on: bool) {
        self.camera_on = on;
    }

    /// Takes in what the camera saw and gives an old buffer back.
    pub fn observe(&mut self, news: &mut Box<Faces>, ledger: &mut Ledger) {
        std::mem::swap(&mut self.faces, news);
        let faces = &self.faces;
        let (mover, choice) = (&mut self.mover, &mut self.choice);
        ledger.measure(Stage::Motion, || {
            let visitor = choice.choose(faces);
            mover.see(faces, visitor);
        });
    }

    /// Draws the portrait as it is at `moment` into the screen's next buffer.
    pub fn draw(
        &mut self,
        moment: Moment,
        screen: &mut dyn Screen,
        ledger: &mut Ledger,
        faults: &mut Faults,
    ) -> Result<ShownFrame, ScreenError> {
        let mover = &mut self.mover;
        let moved = ledger.measure(Stage::Motion, || mover.at(moment));
        self.answered = moved.visitor;
        let (ladder, drawing) = (&mut self.ladder, &mut self.drawing);
        ledger.measure(Stage::Generator, || {
            ladder.generate(&moved.motion, drawing, faults);
        });
        self.fit(screen, faults);
        let (right, down) = self.house.shift(moment);
        self.compositor.set_shift(right, down);
        let tone = self.house.tone(moment, moved.state);
        self.compositor.set_tone(&tone);
        self.tell();
        // An overlay leaves marks everywhere: then all is painted each time.
        let trusted = self.distrust == 0 && self.set_up.is_none() && !self.test_pattern;
        self.distrust = self.distrust.saturating_sub(1);
        let (compositor, drawing) = (&mut self.compositor, &self.drawing);
        let (set_up, faces) = (&mut self.set_up, &self.faces);
        let (pattern, notice, wall) = (self.test_pattern, &self.notice, self.house.wall());
        let mut outcome = Ok(());
        screen.draw(&mut |mut pixels, age| {
            outcome = ledger.measure(Stage::Compositor, || {
                let age = if trusted { age } else { 0 };
                match fenced(|| compositor.draw(drawing, pixels.reborrow(), age)) {
                    Ok(Ok(_)) => Ok(()),
                    Ok(Err(_)) => {
                        faults.compositor += 1;
                        Err(())
                    }
                    Err(_) => {
                        faults.panics += 1;
                        Err(())
                    }
                }
            });
            if pattern {
                test_pattern::draw(pixels.reborrow());
            } else if !notice.is_empty() {
                notice.draw(pixels.reborrow(), wall, &tone);
            }
            if let Some(set_up) = set_up {
                set_up.draw(pixels.reborrow(), faces, &moved);
            }
        })?;
        if outcome.is_err() {
            self.distrust = BUFFERS;
        }
        Ok(ShownFrame {
            motion: moved.motion,
            state: moved.state,
            level: moved.level.max(self.ladder.level()),
            moment,
        })
    }

    /// What visitors are told now; where that changes, all is painted anew.
    fn tell(&mut self) {
        let settings = self.house.settings();
        let (words, light) = (settings.notice(), settings.indicator() && self.camera_on);
        if self.notice.words.as_deref() != words || self.notice.light != light {
            self.notice = Notice {
                words: words.map(str::to_owned),
                light,
            };
            self.distrust = BUFFERS;
        }
    }

    /// Lets the portrait live on without a picture: there is no display to show one.
    pub fn live_on(&mut self, moment: Moment) {
        let moved = self.mover.at(moment);
        self.house.tone(moment, moved.state);
    }

    /// Says that what the screen shows may not be what was drawn last.
    pub fn distrust_buffers(&mut self) {
        self.distrust = BUFFERS;
    }

    /// Builds the compositor again when the screen has got another size, or the painting another place on it.
    fn fit(&mut self, screen: &dyn Screen, faults: &mut Faults) {
        let layout = layout_of(&self.house, screen);
        if *self.compositor.layout() == layout || self.refused == Some(layout) {
            return;
        }
        match compositor_for(&self.portrait, &self.house, screen) {
            Ok(compositor) => self.compositor = compositor,
            Err(_) => {
                faults.compositor += 1;
                self.refused = Some(layout);
            }
        }
        self.distrust = BUFFERS;
    }
}

fn compositor_for(
    portrait: &Portrait,
    house: &House,
    screen: &dyn Screen,
) -> Result<Compositor, CompositorError> {
    Compositor::new(portrait, layout_of(house, screen))
}

/// Where the painting lies on the screen.
fn layout_of(house: &House, screen: &dyn Screen) -> Layout {
    let mode = screen.mode();
    let side = |pixels: usize| u32::try_from(pixels).unwrap_or(u32::MAX);
    Layout {
        wall: house.wall(),
        placement: house.fitting(),
        ..Layout::fit(side(mode.width), side(mode.height))
    }
}
