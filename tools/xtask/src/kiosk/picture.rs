//! Comparing what screens show.

use anyhow::{Context, Result, bail};
use std::fs::File;
use std::io::BufReader;
use std::path::Path;

/// A picture in grey levels; colours add nothing to the question whether two are the same.
#[derive(Clone, Debug)]
pub struct Picture {
    width: usize,
    height: usize,
    grey: Vec<f32>,
}

impl Picture {
    /// Reads a PNG file of 8-bit RGB or RGBA.
    pub fn read(file: &Path) -> Result<Picture> {
        let open = File::open(file).with_context(|| format!("no picture {}", file.display()))?;
        let mut reader = png::Decoder::new(BufReader::new(open)).read_info()?;
        let mut bytes = vec![
            0;
            reader
                .output_buffer_size()
                .context("the picture is too big")?
        ];
        let info = reader.next_frame(&mut bytes)?;
        let channels = match info.color_type {
            png::ColorType::Rgb => 3,
            png::ColorType::Rgba => 4,
            other => bail!("{} is {other:?}, not RGB", file.display()),
        };
        let grey = bytes[..info.buffer_size()]
            .chunks_exact(channels)
            .map(|pixel| {
                pixel[..3]
                    .iter()
                    .map(|value| f32::from(*value))
                    .sum::<f32>()
                    / 3.0
            })
            .collect();
        Ok(Picture {
            width: info.width as usize,
            height: info.height as usize,
            grey,
        })
    }

    /// Columns and rows.
    pub fn size(&self) -> (usize, usize) {
        (self.width, self.height)
    }

    /// Mean of all grey levels, 0 to 255.
    pub fn mean(&self) -> f32 {
        self.grey.iter().sum::<f32>() / self.grey.len().max(1) as f32
    }

    /// Mean distance of grey levels where it is largest, 0 to 255: in squares of a twelfth of the height.
    ///
    /// What a face does is in one place; what a head's sway does lies along every edge, and over a whole picture is more.
    pub fn distance(&self, other: &Picture) -> Result<f32> {
        self.same_size(other)?;
        let side = (self.height / 12).max(1);
        let across = self.width.div_ceil(side);
        let mut sums = vec![(0.0, 0.0); across * self.height.div_ceil(side)];
        for (index, (a, b)) in self.pairs(other).enumerate() {
            let (x, y) = (index % self.width, index / self.width);
            let (sum, count) = &mut sums[y / side * across + x / side];
            *sum += (a - b).abs();
            *count += 1.0;
        }
        let means = sums
            .into_iter()
            .map(|(sum, count)| sum / f32::max(count, 1.0));
        Ok(means.fold(0.0, f32::max))
    }

    /// How alike two pictures are whatever their brightness and contrast, -1 to 1.
    pub fn correlation(&self, other: &Picture) -> Result<f32> {
        self.same_size(other)?;
        let (mean_a, mean_b) = (f64::from(self.mean()), f64::from(other.mean()));
        let (mut ab, mut aa, mut bb) = (0.0, 0.0, 0.0);
        for (a, b) in self.pairs(other) {
            let (a, b) = (f64::from(a) - mean_a, f64::from(b) - mean_b);
            ab += a * b;
            aa += a * a;
            bb += b * b;
        }
        Ok((ab / (aa * bb).sqrt().max(1e-9)) as f32)
    }

    fn pairs<'a>(&'a self, other: &'a Picture) -> impl Iterator<Item = (f32, f32)> + 'a {
        self.grey.iter().copied().zip(other.grey.iter().copied())
    }

    fn same_size(&self, other: &Picture) -> Result<()> {
        if self.size() != other.size() {
            bail!("the pictures are {:?} and {:?}", self.size(), other.size());
        }
        Ok(())
    }
}

/// The mean of pictures of one size.
pub fn mean(pictures: &[Picture]) -> Result<Picture> {
    let first = pictures.first().context("no picture")?;
    let mut sum = vec![0.0; first.grey.len()];
    for picture in pictures {
        first.same_size(picture)?;
        for (sum, grey) in sum.iter_mut().zip(&picture.grey) {
            *sum += grey / pictures.len() as f32;
        }
    }
    Ok(Picture {
        grey: sum,
        ..first.clone()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(grey: &[f32]) -> Picture {
        Picture {
            width: grey.len(),
            height: 1,
            grey: grey.to_vec(),
        }
    }

    #[test]
    fn brightness_does_not_change_what_is_shown() {
        let one = picture(&[0.0, 50.0, 100.0, 20.0]);
        let darker = picture(&[0.0, 25.0, 50.0, 10.0]);
        let other = picture(&[100.0, 50.0, 0.0, 80.0]);
        assert!(one.correlation(&darker).unwrap() > 0.999);
        assert!(one.correlation(&other).unwrap() < -0.9);
        assert!(one.distance(&darker).unwrap() > 20.0);
        assert!(one.distance(&picture(&[0.0])).is_err());
    }

    #[test]
    fn a_mouth_counts_for_more_than_a_little_everywhere() {
        let still = Picture {
            width: 48,
            height: 36,
            grey: vec![100.0; 48 * 36],
        };
        let mut sway = still.clone();
        sway.grey
            .iter_mut()
            .step_by(2)
            .for_each(|grey| *grey += 4.0);
        let mut mouth = still.clone();
        for y in 18..21 {
            mouth.grey[y * 48 + 24..y * 48 + 27].fill(40.0);
        }
        assert!((still.distance(&mouth).unwrap() - 60.0).abs() < 1e-3);
        assert!(still.distance(&sway).unwrap() < 3.0);
    }
}
