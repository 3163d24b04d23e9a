//! A screen that hangs turned: portrait displays are landscape displays on their side.
//!
//! Few displays turn the picture themselves, so it is turned while it is copied to the display's
//! buffer. Copied row by row, a quarter turn would touch a new cache line with every pixel; in
//! tiles each line is used whole before it is thrown out.

use crate::{Counters, Mode, Power, Presented, Rotation, Screen, ScreenError};
use sfumato_core::pixels::{Pixels, PixelsMut, Xrgb};
use std::time::Duration;

/// Side of a tile in pixels: a cache line of both source and target, and little enough that a
/// tile's lines stay in the first-level cache until they are used up.
const TILE: usize = 16;

/// Copies `from` into `to`, turned clockwise. Pixels that have no place are left out.
pub fn rotate(from: Pixels<'_, Xrgb>, mut to: PixelsMut<'_, Xrgb>, rotation: Rotation) {
    let height = from.height();
    match rotation {
        Rotation::None => {
            for y in 0..height.min(to.height()) {
                copy(from.row(y).iter(), to.row_mut(y));
            }
        }
        Rotation::Half => {
            for y in 0..height.min(to.height()) {
                copy(from.row(height - 1 - y).iter().rev(), to.row_mut(y));
            }
        }
        Rotation::Quarter => turn::<true>(from, &mut to),
        Rotation::ThreeQuarters => turn::<false>(from, &mut to),
    }
}

fn copy<'a>(from: impl Iterator<Item = &'a Xrgb>, to: &mut [Xrgb]) {
    for (to, from) in to.iter_mut().zip(from) {
        *to = *from;
    }
}

/// A quarter turn, clockwise or the other way, tile by tile.
fn turn<const CLOCKWISE: bool>(from: Pixels<'_, Xrgb>, to: &mut PixelsMut<'_, Xrgb>) {
    let (width, height) = (from.width(), from.height());
    // Where column x of the source begins to be a row of the target, for rows from y on.
    let place = |x: usize, y: usize, rows: usize| {
        if CLOCKWISE {
            (x, height - y - rows)
        } else {
            (width - 1 - x, y)
        }
    };
    for top in (0..height).step_by(TILE) {
        for left in (0..width).step_by(TILE) {
            // The size of almost every tile is known beforehand, so that its loops unroll.
            if let Some(tile) = tile(from, left, top) {
                for (j, x) in (left..left + TILE).enumerate() {
                    let (row, start) = place(x, top, TILE);
                    let target = to.row_mut(row).get_mut(start..);
                    let Some(target) = target.and_then(<[_]>::first_chunk_mut::<TILE>) else {
                        continue;
                    };
                    for (i, pixel) in target.iter_mut().enumerate() {
                        *pixel = tile[if CLOCKWISE { TILE - 1 - i } else { i }][j];
                    }
                }
                continue;
            }
            for y in top..(top + TILE).min(height) {
                for (x, pixel) in from.row(y).iter().enumerate().skip(left).take(TILE) {
                    let (row, at) = place(x, y, 1);
                    if let Some(target) = to.row_mut(row).get_mut(at) {
                        *target = *pixel;
                    }
                }
            }
        }
    }
}

/// The rows of a whole tile; none at the right and lower edge.
fn tile<'a>(from: Pixels<'a, Xrgb>, left: usize, top: usize) -> Option<[&'a [Xrgb; TILE]; TILE]> {
    let mut rows = [&[0; TILE]; TILE];
    for (i, row) in rows.iter_mut().enumerate() {
        *row = from.row(top + i).get(left..)?.first_chunk()?;
    }
    Some(rows)
}

/// A screen seen upright by the painter and turned by the display.
pub(crate) struct Rotated {
    inner: Box<dyn Screen>,
    rotation: Rotation,
    /// The upright picture. It is never shown itself, so it always holds the last one.
    upright: Vec<Xrgb>,
    mode: Mode,
    age: u32,
    /// Whether the display was put to sleep.
    asleep: bool,
}

impl Rotated {
    pub(crate) fn new(inner: Box<dyn Screen>, rotation: Rotation) -> Self {
        let mut rotated = Rotated {
            inner,
            rotation,
            upright: Vec::new(),
            mode: Mode::default(),
            age: 0,
            asleep: false,
        };
        rotated.adopt_mode();
        rotated
    }

    fn adopt_mode(&mut self) {
        let Mode {
            width,
            height,
            refresh_millihertz,
        } = self.inner.mode();
        let (width, height) = if self.rotation.swaps_sides() {
            (height, width)
        } else {
            (width, height)
        };
        self.mode = Mode {
            width,
            height,
            refresh_millihertz,
        };
        self.upright.clear();
        self.upright.resize(width.saturating_mul(height), 0);
        self.age = 0;
    }
}

impl Screen for Rotated {
    fn mode(&self) -> Mode {
        self.mode
    }

    fn draw(&mut self, paint: &mut dyn FnMut(PixelsMut<'_, Xrgb>, u32)) -> Result<(), ScreenError> {
        let Mode { width, height, .. } = self.mode;
        let age = std::mem::take(&mut self.age);
        if let Ok(pixels) = PixelsMut::new(&mut self.upright, width, height, width) {
            paint(pixels, age);
        }
        let rotation = self.rotation;
        match Pixels::new(&self.upright, width, height, width) {
            Ok(upright) => self.inner.draw(&mut |to, _| rotate(upright, to, rotation)),
            Err(_) => Ok(()),
        }
    }

    fn present(&mut self, timeout: Duration) -> Result<Presented, ScreenError> {
        let presented = self.inner.present(timeout)?;
        if !matches!(presented, Presented::Asleep(_)) {
            self.age = 1;
        }
        Ok(presented)
    }

    fn reprobe(&mut self) -> Result<bool, ScreenError> {
        let changed = self.inner.reprobe()?;
        if changed {
            self.adopt_mode();
        }
        Ok(changed)
    }

    fn set_power(&mut self, on: bool) -> Result<Power, ScreenError> {
        let power = self.inner.set_power(on)?;
        let asleep = power == Power::Asleep;
        if asleep != self.asleep {
            self.asleep = asleep;
            self.adopt_mode();
        }
        Ok(power)
    }

    fn connector(&self) -> Option<String> {
        self.inner.connector()
    }

    fn description(&self) -> String {
        let degrees = match self.rotation {
            Rotation::None => 0,
            Rotation::Quarter => 90,
            Rotation::Half => 180,
            Rotation::ThreeQuarters => 270,
        };
        format!("{}, turned by {degrees} degrees", self.inner.description())
    }

    fn counters(&self) -> Counters {
        self.inner.counters()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Where a pixel goes, written down a second time.
    fn place(
        x: usize,
        y: usize,
        width: usize,
        height: usize,
        rotation: Rotation,
    ) -> (usize, usize) {
        match rotation {
            Rotation::None => (x, y),
            Rotation::Quarter => (height - 1 - y, x),
            Rotation::Half => (width - 1 - x, height - 1 - y),
            Rotation::ThreeQuarters => (y, width - 1 - x),
        }
    }

    #[test]
    fn the_top_left_corner_goes_top_right() {
        let from = [1, 2, 3, 4, 5, 6];
        let mut to = [0; 6];
        rotate(
            Pixels::new(&from, 3, 2, 3).unwrap(),
            PixelsMut::new(&mut to, 2, 3, 2).unwrap(),
            Rotation::Quarter,
        );
        assert_eq!(to, [4, 1, 5, 2, 6, 3]);
    }

    proptest! {
        /// Any size, any padding: every pixel is where geometry says, and padding is left alone.
        #[test]
        fn every_pixel_goes_to_its_place(
            width in 1usize..120, height in 1usize..120, padding in 0usize..5, quarters in 0u32..4,
        ) {
            let rotation = Rotation::from_degrees(90 * quarters).unwrap();
            let from: Vec<Xrgb> = (0..(width + padding) * height).map(|i| i as Xrgb).collect();
            let (to_width, to_height) = if rotation.swaps_sides() { (height, width) } else { (width, height) };
            let stride = to_width + padding;
            let mut to = vec![Xrgb::MAX; stride * to_height];
            rotate(
                Pixels::new(&from, width, height, width + padding).unwrap(),
                PixelsMut::new(&mut to, to_width, to_height, stride).unwrap(),
                rotation,
            );
            for y in 0..height {
                for x in 0..width {
                    let (u, v) = place(x, y, width, height, rotation);
                    prop_assert_eq!(to[v * stride + u], from[y * (width + padding) + x]);
                }
            }
            for row in to.chunks(stride) {
                prop_assert!(row[to_width..].iter().all(|pixel| *pixel == Xrgb::MAX));
            }
        }

        /// A display that is smaller or larger than told is no panic.
        #[test]
        fn sizes_that_do_not_fit_are_harmless(
            width in 0usize..20, height in 0usize..20, to_width in 0usize..20, to_height in 0usize..20, quarters in 0u32..4,
        ) {
            let from = vec![1; width * height];
            let mut to = vec![0; to_width * to_height];
            rotate(
                Pixels::new(&from, width, height, width).unwrap(),
                PixelsMut::new(&mut to, to_width, to_height, to_width).unwrap(),
                Rotation::from_degrees(90 * quarters).unwrap(),
            );
        }
    }
}
