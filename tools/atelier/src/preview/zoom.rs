//! How close the contact sheet looks.

use clap::ValueEnum;
use sfumato_compositor::Portrait;
use sfumato_core::geometry::Rect;

/// A part of the portrait.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Zoom {
    /// All that may move.
    Region,
    /// The face.
    Face,
    /// Both eyes.
    Eyes,
    /// Nose to chin.
    Mouth,
}

impl Zoom {
    /// The square of the painting that it shows. Proportions are those of an average face.
    pub fn part(self, portrait: &Portrait) -> Rect {
        let shown: Vec<&Rect> = portrait.eyes.iter().map(|eye| &eye.rect).collect();
        let seen = shown.iter().filter(|rect| rect.width > 0);
        let left = seen.clone().map(|rect| rect.x).min();
        let right = seen.clone().map(|rect| rect.right()).max();
        let (Some(left), Some(right)) = (left, right) else {
            return portrait.region;
        };
        // From corner to corner of the eyes' rectangles, and their middle.
        let wide = f64::from(right - left);
        let count = seen.clone().count() as f64;
        let level: f64 = seen
            .map(|rect| f64::from(rect.y) + 0.5 * f64::from(rect.height))
            .sum::<f64>()
            / count;
        let (side, down) = match self {
            Zoom::Region => return portrait.region,
            Zoom::Face => (2.4, 0.4),
            Zoom::Eyes => (1.1, 0.0),
            Zoom::Mouth => (1.1, 0.85),
        };
        let side = (side * wide).round();
        let middle = f64::from(left + right) / 2.0;
        let held =
            |start: f64, limit: u32| start.clamp(0.0, (f64::from(limit) - side).max(0.0)) as u32;
        Rect {
            x: held(middle - side / 2.0, portrait.painting.width()),
            y: held(level + down * wide - side / 2.0, portrait.painting.height()),
            width: side as u32,
            height: side as u32,
        }
    }
}
