//! Pictures of a play: tracks over time, and the visitor beside the portrait at telling moments.

use super::{Quantity, series::Series};
use embedded_graphics::Drawable;
use embedded_graphics::geometry::Point;
use embedded_graphics::pixelcolor::{Rgb888, RgbColor};
use embedded_graphics::primitives::{Line, Primitive, PrimitiveStyle};
use sfumato_camera::Frame;
use sfumato_compositor::Picture;
use sfumato_compositor::overlay::{self, Surface};
use sfumato_core::geometry::Rect;
use sfumato_core::pixels::xrgb;
use sfumato_motion::Measurement;

const VISITOR: Rgb888 = Rgb888::new(120, 170, 255);
const PORTRAIT: Rgb888 = Rgb888::new(255, 190, 90);
const GROUND: u32 = xrgb([26, 26, 28]);

/// Draws every quantity over time: visitor blue, portrait amber, each over its own range.
pub fn tracks(series: &[Series]) -> Picture {
    const HEIGHT: i32 = 120;
    let frames = series.first().map_or(0, |series| series.tracks[0].len());
    let step = (1200 / frames.max(1)).clamp(1, 8) as i32;
    let width = (frames as i32 * step).max(400) as u32;
    let mut picture = Picture::new(width, (series.len() as i32 * HEIGHT) as u32, GROUND);
    let mut surface = Surface::new(picture.view_mut());
    for (row, series) in series.iter().enumerate() {
        let top = row as i32 * HEIGHT;
        for (track, colour) in series.tracks.iter().zip([VISITOR, PORTRAIT]) {
            let values = track.iter().flatten();
            let low = values.clone().copied().fold(f64::MAX, f64::min);
            let high = values.copied().fold(f64::MIN, f64::max);
            // Both tracks over at least what counts as moving: noise must not look like motion.
            let span = (high - low).max(series.quantity.least_span());
            let place = |frame: usize, value: f64| {
                let down = (high - value) / span * f64::from(HEIGHT - 34);
                Point::new(frame as i32 * step, top + 26 + down as i32)
            };
            let style = PrimitiveStyle::with_stroke(colour, 1);
            for (frame, pair) in track.windows(2).enumerate() {
                if let [Some(from), Some(to)] = *pair {
                    let line = Line::new(place(frame, from), place(frame + 1, to));
                    let Ok(()) = line.into_styled(style).draw(&mut surface);
                }
            }
        }
        let name = series.quantity.name();
        overlay::label(&mut surface, Point::new(0, top), name, Rgb888::WHITE);
    }
    picture
}

/// The frames in which the visitor does most and least of something.
#[derive(Debug, Default)]
pub struct Moments(Vec<Moment>);

#[derive(Debug)]
struct Moment {
    name: String,
    value: f64,
    visitor: Picture,
    portrait: Picture,
}

/// Quantity, and whether its largest value counts (else its least).
const TELLING: [(Quantity, bool); 8] = [
    (Quantity::Mouth, true),
    (Quantity::Smile, true),
    (Quantity::Eyes, false),
    (Quantity::Yaw, false),
    (Quantity::Yaw, true),
    (Quantity::Pitch, true),
    (Quantity::Roll, false),
    (Quantity::Roll, true),
];

impl Moments {
    /// Keeps the frame if it is the most telling of some kind so far.
    pub fn offer(&mut self, visitor: Option<&Measurement>, frame: &Frame, shown: &Picture) {
        let Some(visitor) = visitor else { return };
        for (index, (quantity, largest)) in TELLING.into_iter().enumerate() {
            let value = quantity.of(visitor) * if largest { 1.0 } else { -1.0 };
            if self.0.get(index).is_some_and(|best| best.value >= value) {
                continue;
            }
            let kind = if largest { "most" } else { "least" };
            let moment = Moment {
                name: format!("{kind} {}", quantity.name()),
                value,
                visitor: of_frame(frame),
                portrait: shown.clone(),
            };
            match self.0.get_mut(index) {
                Some(slot) => *slot = moment,
                None => self.0.push(moment),
            }
        }
    }

    /// The visitor above the portrait's region, a column a moment.
    pub fn picture(&self, region: &Rect) -> Picture {
        const SIDE: u32 = 360;
        const LABEL: u32 = 26;
        let count = self.0.len().max(1) as u32;
        let mut picture = Picture::new(count * SIDE, 2 * SIDE + LABEL, GROUND);
        for (column, moment) in (0..).zip(&self.0) {
            let (width, height) = (moment.visitor.width(), moment.visitor.height());
            let side = width.min(height);
            let middle = Rect {
                x: (width - side) / 2,
                y: (height - side) / 2,
                width: side,
                height: side,
            };
            paste(
                &mut picture,
                column * SIDE,
                0,
                SIDE,
                &moment.visitor,
                &middle,
            );
            paste(
                &mut picture,
                column * SIDE,
                SIDE,
                SIDE,
                &moment.portrait,
                region,
            );
            let mut surface = Surface::new(picture.view_mut());
            let at = Point::new((column * SIDE) as i32, 2 * SIDE as i32);
            overlay::label(&mut surface, at, &moment.name, Rgb888::WHITE);
        }
        picture
    }
}

fn of_frame(frame: &Frame) -> Picture {
    let pixels = frame.pixels();
    let (width, height) = (pixels.width(), pixels.height());
    let words = (0..height)
        .flat_map(|y| pixels.row(y).iter().map(|&colour| xrgb(colour)))
        .collect();
    Picture::from_pixels(width as u32, height as u32, words).unwrap_or_default()
}

/// Puts a part of a picture into a square of another, nearest pixel by nearest pixel.
fn paste(to: &mut Picture, left: u32, top: u32, side: u32, from: &Picture, part: &Rect) {
    let stride = to.width();
    for y in 0..side {
        for x in 0..side {
            let source = (
                part.x + x * part.width / side,
                part.y + y * part.height / side,
            );
            let at = ((top + y) * stride + left + x) as usize;
            if let (Some(pixel), Some(slot)) =
                (from.get(source.0, source.1), to.pixels_mut().get_mut(at))
            {
                *slot = pixel;
            }
        }
    }
}
