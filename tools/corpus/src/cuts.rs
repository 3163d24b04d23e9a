//! Where a film is cut: after a cut, a face at the same place is somebody else's.
//!
//! Each picture is reduced to `CELLS` by `CELLS` means. Two that follow one another differ by the mean over all of them,
//! in levels of 255. It is a cut when that is more than `LEAST` and `TIMES` as much as the mean of the last few: whoever
//! walks by or shakes the camera does so for more than one picture. On clips of people talking neighbours differ by 4 levels
//! at the most, and by 12 or 40 where another person follows before the same wall.

use sfumato_core::pixels::{Pixels, Rgb};
use std::collections::VecDeque;

/// Columns and rows of means.
const CELLS: usize = 16;
/// Less is no cut.
const LEAST: f32 = 8.0;
/// So many times what is usual.
const TIMES: f32 = 4.0;
/// How many differences say what is usual.
const REMEMBERED: usize = 8;
/// Pixels that are read of a cell, in either direction.
const READ: usize = 6;

/// Looks for cuts, picture after picture.
#[derive(Clone, Debug, Default)]
pub struct Cuts {
    last: Option<Vec<f32>>,
    differences: VecDeque<f32>,
}

impl Cuts {
    /// Whether the next picture comes after a cut; the first one does not.
    pub fn is_cut(&mut self, picture: Pixels<'_, Rgb>) -> bool {
        let means = means(picture);
        let Some(last) = self.last.replace(means) else {
            return false;
        };
        let now = self.last.as_deref().unwrap_or_default();
        let sum: f32 = now.iter().zip(&last).map(|(a, b)| (a - b).abs()).sum();
        let difference = sum / last.len() as f32;
        let usual = self.differences.iter().sum::<f32>() / self.differences.len().max(1) as f32;
        if self.differences.len() == REMEMBERED {
            self.differences.pop_front();
        }
        // A cut counts as usual too: where there is one after the other, the camera is thrown about.
        self.differences.push_back(difference);
        difference > LEAST && difference > TIMES * usual
    }
}

fn means(picture: Pixels<'_, Rgb>) -> Vec<f32> {
    let (width, height) = (picture.width(), picture.height());
    // The middles of as many equal parts.
    let place = |index: usize, size: usize| (2 * index + 1) * size / (2 * CELLS * READ);
    let mut means = vec![0.0; CELLS * CELLS * 3];
    for y in 0..CELLS * READ {
        let row = picture.row(place(y, height));
        for x in 0..CELLS * READ {
            let pixel = row.get(place(x, width)).copied().unwrap_or_default();
            let cell = (y / READ * CELLS + x / READ) * 3;
            let sums = means.iter_mut().skip(cell);
            for (sum, level) in sums.zip(pixel) {
                *sum += f32::from(level) / (READ * READ) as f32;
            }
        }
    }
    means
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A wall of one grey with a bright square on it.
    fn picture(grey: u8, left: usize) -> Vec<Rgb> {
        let mut data = vec![[grey; 3]; 120 * 90];
        for y in 20..60 {
            for x in left..left + 40 {
                data[y * 120 + x] = [220, 180, 160];
            }
        }
        data
    }

    fn cuts(pictures: impl IntoIterator<Item = Vec<Rgb>>) -> Vec<usize> {
        let mut cuts = Cuts::default();
        let cut = |(index, data): (usize, Vec<Rgb>)| {
            let view = Pixels::new(&data, 120, 90, 120).unwrap();
            cuts.is_cut(view).then_some(index)
        };
        pictures.into_iter().enumerate().filter_map(cut).collect()
    }

    #[test]
    fn another_wall_is_a_cut_and_moving_is_none() {
        let moving = |grey| (0..20).map(move |index| picture(grey, 10 + 2 * index));
        assert_eq!(cuts(moving(90)), [0usize; 0]);
        assert_eq!(cuts(moving(90).chain(moving(130))), [20]);
        // A camera that is thrown about has many such pictures.
        let thrown = (0..20).map(|index| picture(90, if index % 2 == 0 { 0 } else { 80 }));
        assert!(cuts(thrown).len() <= 1);
    }

    #[test]
    fn an_empty_picture_is_no_cut() {
        let mut cuts = Cuts::default();
        assert!(!cuts.is_cut(Pixels::EMPTY));
        assert!(!cuts.is_cut(Pixels::EMPTY));
    }
}
