//! The compositor itself.

use crate::frame::Frame;
use crate::layout::{Layout, MAX_SHIFT};
use crate::portrait::{MAX_SIDE, Portrait, PortraitError};
use crate::rows::{Painter, Scratch};
use crate::scene::{Scene, overlap};
use crate::simd::Instructions;
use crate::tone::Tone;
use alloc::vec::Vec;
use core::ops::Range;
use sfumato_core::drawing::Drawing;
use sfumato_core::geometry::Rect;
use sfumato_core::pixels::{PixelsMut, Xrgb};

/// Why there is nothing to show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CompositorError {
    /// The portrait's parts do not fit together.
    #[error("{0}; run `atelier prepare` again")]
    Portrait(#[from] PortraitError),
    /// The screen has no pixels, or more than [`MAX_SIDE`] on a side.
    #[error("a screen of {0} x {1} pixels cannot be drawn on")]
    Screen(u32, u32),
    /// The painting would have more than [`MAX_SIDE`] pixels on a side on the screen.
    #[error("the painting would be shown too large; choose a larger part of it")]
    Placement,
    /// The buffer to draw on does not have the size it must have.
    #[error("buffer of {got:?} pixels where {wanted:?} are needed: rebuild the compositor")]
    Buffer {
        /// Width and height of the buffer.
        got: (usize, usize),
        /// Width and height that are needed.
        wanted: (usize, usize),
    },
}

/// Draws one portrait on one screen.
///
/// All memory is taken when it is built; drawing allocates nothing.
#[derive(Debug)]
pub struct Compositor {
    layout: Layout,
    scene: Scene,
    frame: Frame,
    scratch: Vec<Scratch>,
    instructions: Instructions,
    shift: [i32; 2],
    tone: Tone,
    /// Frames drawn since everything outside the region changed its place.
    frames_since_shift: u32,
}

impl Compositor {
    /// Scales the portrait to the size shown and takes all memory that drawing needs.
    pub fn new(portrait: &Portrait, layout: Layout) -> Result<Compositor, CompositorError> {
        portrait.check()?;
        let sides = 1..=MAX_SIDE;
        if !sides.contains(&layout.width) || !sides.contains(&layout.height) {
            return Err(CompositorError::Screen(layout.width, layout.height));
        }
        let placed = layout.place(
            portrait.painting.width(),
            portrait.painting.height(),
            &portrait.region,
        );
        let shown = |axis: usize, side: u32| placed.scale[axis] * f64::from(side);
        if shown(0, portrait.painting.width()) > f64::from(MAX_SIDE)
            || shown(1, portrait.painting.height()) > f64::from(MAX_SIDE)
        {
            return Err(CompositorError::Placement);
        }
        let scene = Scene::new(portrait, &layout);
        Ok(Compositor {
            frame: Frame::new(&scene),
            scratch: alloc::vec![Scratch::new(&scene)],
            instructions: Instructions::best(),
            shift: [0; 2],
            tone: Tone::default(),
            frames_since_shift: u32::MAX,
            layout,
            scene,
        })
    }

    /// Takes memory for drawing in `count` strips at the same time, at least one.
    pub fn with_strips(mut self, count: usize) -> Compositor {
        let scene = &self.scene;
        self.scratch
            .resize_with(count.max(1), || Scratch::new(scene));
        self
    }

    /// Uses these instructions instead of the fastest ones; the bytes are the same.
    pub fn with_instructions(mut self, instructions: Instructions) -> Compositor {
        self.instructions = instructions;
        self
    }

    /// The layout it was built for.
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// Where on the screen the painting lies, as far as it is visible.
    pub fn painting(&self) -> Rect {
        let size = self.scene.placed.size;
        self.visible(&(0..size[0] as i32), &(0..size[1] as i32))
    }

    /// Where on the screen the region lies: nothing else changes from frame to frame.
    pub fn region(&self) -> Rect {
        self.visible(&self.scene.columns, &self.scene.rows)
    }

    /// Moves the picture by some pixels, so that no edge burns into the panel.
    ///
    /// Each part is held within [`MAX_SHIFT`]. Buffers drawn before are drawn whole again.
    pub fn set_shift(&mut self, right: i32, down: i32) {
        let shift = [right, down].map(|by| by.clamp(-MAX_SHIFT, MAX_SHIFT));
        if shift != self.shift {
            self.shift = shift;
            self.frames_since_shift = 0;
        }
    }

    /// Sets brightness and colours. Buffers drawn before are drawn whole again.
    pub fn set_tone(&mut self, tone: &Tone) {
        if *tone != self.tone {
            self.tone.clone_from(tone);
            self.frames_since_shift = 0;
        }
    }

    /// Draws one frame into `out` and returns the rectangle that was written.
    ///
    /// `age` says what `out` holds: 0 is unknown, `n` is what this compositor drew `n` frames ago.
    pub fn draw(
        &mut self,
        drawing: &Drawing,
        out: PixelsMut<'_, Xrgb>,
        age: u32,
    ) -> Result<Rect, CompositorError> {
        let (whole, frame) = (self.layout.height as usize, self.begin(drawing, age));
        let damage = frame.damage;
        frame
            .job
            .draw(frame.scratch.first_mut(), 0..whole as u32, out)?;
        Ok(damage)
    }

    /// Prepares one frame to be drawn in strips, each of which may be drawn on its own thread.
    ///
    /// There are as many strips as [`Compositor::with_strips`] asked for; together they cover
    /// the screen from top to bottom, and drawn in any order they give the bytes that
    /// [`Compositor::draw`] gives.
    pub fn strips(&mut self, drawing: &Drawing, age: u32) -> impl Iterator<Item = Strip<'_>> {
        let height = self.layout.height;
        let frame = self.begin(drawing, age);
        let count = frame.scratch.len() as u32;
        let job = frame.job;
        let region = job.region;
        // The work lies in the region: its rows are shared out evenly.
        let edge = move |index: u32| match index {
            0 => 0,
            index if index == count => height,
            index => {
                region.y + (u64::from(region.height) * u64::from(index) / u64::from(count)) as u32
            }
        };
        (0..count)
            .zip(frame.scratch)
            .map(move |(index, scratch)| Strip {
                job,
                scratch,
                rows: edge(index)..edge(index + 1),
            })
    }

    fn begin(&mut self, drawing: &Drawing, age: u32) -> Begun<'_> {
        let region = self.region();
        self.frame.prepare(&self.scene, self.instructions, drawing);
        self.scratch.iter_mut().for_each(Scratch::forget);
        let whole = age == 0 || age > self.frames_since_shift;
        self.frames_since_shift = self.frames_since_shift.saturating_add(1);
        let damage = if whole {
            Rect {
                x: 0,
                y: 0,
                width: self.layout.width,
                height: self.layout.height,
            }
        } else {
            region
        };
        Begun {
            job: Job {
                layout: &self.layout,
                painter: Painter {
                    scene: &self.scene,
                    frame: &self.frame,
                    instructions: self.instructions,
                },
                at: [0, 1].map(|axis: usize| self.scene.placed.at[axis] + self.shift[axis]),
                region,
                whole,
                tone: Some(&self.tone).filter(|tone| !tone.is_neutral()),
            },
            scratch: &mut self.scratch,
            damage,
        }
    }

    /// Shown columns and rows as a rectangle on the screen.
    fn visible(&self, columns: &Range<i32>, rows: &Range<i32>) -> Rect {
        let on_screen = |pixels: &Range<i32>, axis: usize, side: u32| {
            let at = self.scene.placed.at[axis] + self.shift[axis];
            overlap(&(pixels.start + at..pixels.end + at), &(0..side as i32))
        };
        let columns = on_screen(columns, 0, self.layout.width);
        let rows = on_screen(rows, 1, self.layout.height);
        Rect {
            x: columns.start as u32,
            y: rows.start as u32,
            width: columns.len() as u32,
            height: rows.len() as u32,
        }
    }
}

struct Begun<'a> {
    job: Job<'a>,
    scratch: &'a mut [Scratch],
    damage: Rect,
}

/// What all strips of a frame share.
#[derive(Clone, Copy, Debug)]
struct Job<'a> {
    layout: &'a Layout,
    painter: Painter<'a>,
    /// Where on the screen shown pixel (0, 0) lies.
    at: [i32; 2],
    region: Rect,
    whole: bool,
    /// None: pixels stay as they are.
    tone: Option<&'a Tone>,
}

/// Some rows of one frame, ready to be drawn; see [`Compositor::strips`].
#[derive(Debug)]
pub struct Strip<'a> {
    job: Job<'a>,
    scratch: &'a mut Scratch,
    rows: Range<u32>,
}

impl Strip<'_> {
    /// The screen rows it covers.
    pub fn rows(&self) -> Range<u32> {
        self.rows.clone()
    }

    /// Draws them; `out` holds these rows alone.
    pub fn draw(self, out: PixelsMut<'_, Xrgb>) -> Result<(), CompositorError> {
        self.job.draw(Some(self.scratch), self.rows, out)
    }
}

impl Job<'_> {
    fn draw(
        &self,
        scratch: Option<&mut Scratch>,
        rows: Range<u32>,
        mut out: PixelsMut<'_, Xrgb>,
    ) -> Result<(), CompositorError> {
        let got = (out.width(), out.height());
        let wanted = (self.layout.width as usize, rows.len());
        if got != wanted {
            return Err(CompositorError::Buffer { got, wanted });
        }
        let Some(scratch) = scratch else {
            return Ok(());
        };
        let scene = self.painter.scene;
        let shown_rows = 0..scene.placed.size[1] as i32;
        let shown_columns = 0..scene.placed.size[0] as i32;
        let painting = self.visible_columns(&shown_columns);
        let region = self.visible_columns(&scene.columns);
        let wall = self
            .tone
            .map_or(self.layout.wall, |tone| tone.of(self.layout.wall));
        // Only the part of the row that is on the screen is copied out of this buffer.
        let cut = (region.start - self.at[0] - scene.columns.start) as usize;
        for (i, screen_row) in rows.enumerate() {
            let y = screen_row as i32 - self.at[1];
            let row = out.row_mut(i);
            if self.whole {
                if shown_rows.contains(&y) {
                    let from = (painting.start - self.at[0]) as usize;
                    let to = painting.start as usize..painting.end as usize;
                    row[..to.start].fill(wall);
                    row[to.end..].fill(wall);
                    let painted = &scene.painting.row(y as usize)[from..from + to.len()];
                    match self.tone {
                        None => row[to].copy_from_slice(painted),
                        Some(tone) => tone.copy(painted, &mut row[to]),
                    }
                } else {
                    row.fill(wall);
                }
            }
            if scene.rows.contains(&y) && !region.is_empty() {
                let to = region.start as usize..region.end as usize;
                let row = &mut row[to];
                match self.tone {
                    None => self.painter.draw_row(scratch, y, cut, row),
                    Some(tone) => {
                        let mut toned = core::mem::take(&mut scratch.toned);
                        let drawn = &mut toned[..row.len()];
                        self.painter.draw_row(scratch, y, cut, drawn);
                        tone.copy(drawn, row);
                        scratch.toned = toned;
                    }
                }
            }
        }
        Ok(())
    }

    fn visible_columns(&self, columns: &Range<i32>) -> Range<i32> {
        let on_screen = columns.start + self.at[0]..columns.end + self.at[0];
        overlap(&on_screen, &(0..self.layout.width as i32))
    }
}
