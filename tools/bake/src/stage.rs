//! A stage: drawings as pictures, and how like one another they are.

use sfumato_compositor::{Compositor, CompositorError, Layout, Picture, Placement, Portrait};
use sfumato_core::drawing::Drawing;
use sfumato_core::pixels::rgb;

/// Difference of a colour from which on a pixel counts as moved, of 255.
const MOVED: u8 = 2;

/// Draws a portrait's region as a square picture.
#[derive(Debug)]
pub struct Stage {
    compositor: Compositor,
    picture: Picture,
    still: Picture,
}

impl Stage {
    /// A stage of `side` by `side` pixels.
    pub fn new(portrait: &Portrait, side: u32) -> Result<Stage, CompositorError> {
        let layout = Layout {
            placement: Placement::Crop(portrait.region),
            ..Layout::fit(side, side)
        };
        let mut stage = Stage {
            compositor: Compositor::new(portrait, layout)?,
            picture: Picture::new(side, side, 0),
            still: Picture::new(side, side, 0),
        };
        stage.draw(&Drawing::REST)?;
        stage.still = stage.picture.clone();
        Ok(stage)
    }

    /// Draws; the picture stays until the next.
    pub fn draw(&mut self, drawing: &Drawing) -> Result<&Picture, CompositorError> {
        self.compositor.draw(drawing, self.picture.view_mut(), 0)?;
        Ok(&self.picture)
    }

    /// The region as it was painted.
    pub fn still(&self) -> &Picture {
        &self.still
    }

    /// How bright the region is as painted, row by row, in [0, 1].
    pub fn intensities(&self) -> Vec<f32> {
        let bright = |&pixel| rgb(pixel).map(f32::from).iter().sum::<f32>() / 765.0;
        self.still.pixels().iter().map(bright).collect()
    }
}

/// How far pictures are from those of the teacher, over the pixels that the teacher moves.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Likeness {
    squares: f64,
    numbers: u64,
}

impl Likeness {
    /// Takes a pair of pictures into account; `still` is the painting.
    pub fn add(&mut self, still: &Picture, teacher: &Picture, student: &Picture) {
        let pixels = still
            .pixels()
            .iter()
            .zip(teacher.pixels())
            .zip(student.pixels());
        for ((&still, &teacher), &student) in pixels {
            let [still, teacher, student] = [still, teacher, student].map(rgb);
            if (0..3).all(|c| still[c].abs_diff(teacher[c]) <= MOVED) {
                continue;
            }
            for (teacher, student) in teacher.into_iter().zip(student) {
                let off = f64::from(teacher) - f64::from(student);
                self.squares += off * off;
                self.numbers += 1;
            }
        }
    }

    /// Peak signal-to-noise ratio, decibels; infinite where nothing differs, no number where nothing moves.
    pub fn decibels(self) -> f64 {
        10.0 * (255.0f64.powi(2) * self.numbers as f64 / self.squares).log10()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sfumato_core::pixels::xrgb;

    #[test]
    fn only_what_moves_counts() {
        let still = Picture::new(4, 4, xrgb([100; 3]));
        let mut teacher = still.clone();
        teacher.pixels_mut()[5] = xrgb([150, 100, 100]);
        let mut student = still.clone();
        student.pixels_mut()[5] = xrgb([147, 104, 100]);
        // Where the teacher moves nothing nobody looks.
        student.pixels_mut()[9] = xrgb([0; 3]);
        let mut likeness = Likeness::default();
        likeness.add(&still, &teacher, &student);
        let expected = 10.0 * (255.0f64.powi(2) * 3.0 / 25.0).log10();
        assert!((likeness.decibels() - expected).abs() < 1e-9);
        assert!(Likeness::default().decibels().is_nan());
    }
}
