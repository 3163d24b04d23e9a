//! The learning curve of a bake as a picture, with those of other bakes beside it.
//!
//! Two panels, over seconds and over steps. Decibels are the parts', against a face at rest, on motions that no bake learns from.

use anyhow::{Context, Result};
use embedded_graphics::Drawable;
use embedded_graphics::geometry::Point;
use embedded_graphics::pixelcolor::{Rgb888, RgbColor};
use embedded_graphics::primitives::{Line, Primitive, PrimitiveStyle};
use serde_json::Value;
use sfumato_compositor::Picture;
use sfumato_compositor::overlay::{self, Surface};
use sfumato_core::pixels::xrgb;
use std::fs;
use std::path::Path;

const GROUND: u32 = xrgb([26, 26, 28]);
const GRID: Rgb888 = Rgb888::new(60, 60, 64);

/// Told apart by people who see fewer colours, too: blue, amber, green, rose.
const COLOURS: [Rgb888; 4] = [
    Rgb888::new(120, 170, 255),
    Rgb888::new(255, 190, 90),
    Rgb888::new(120, 220, 150),
    Rgb888::new(255, 140, 170),
];

/// Pixels of a panel, and around its curves.
const PANEL: [i32; 2] = [600, 480];
const LEFT: i32 = 60;
const BELOW: i32 = 40;
const ABOVE: i32 = 20;

/// What lies farther below the best is not shown: it would press together what matters.
const SHOWN: f64 = 6.0;

/// One moment of a bake.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Moment {
    steps: f64,
    seconds: f64,
    decibels: f64,
}

/// The learning curve of one bake.
#[derive(Clone, Debug, PartialEq)]
pub struct Curve {
    name: String,
    moments: Vec<Moment>,
}

impl Curve {
    /// Of a report; none where it holds no curve.
    pub fn of(report: &Value) -> Option<Curve> {
        let moment = |value: &Value| {
            let number = |name: &str| value.get(name)?.as_f64();
            Some(Moment {
                steps: number("steps")?,
                seconds: number("seconds")?,
                decibels: number("decibels")?,
            })
        };
        let moments = report.get("learning")?.as_array()?.iter().map(moment);
        Some(Curve {
            name: report.get("name")?.as_str()?.to_owned(),
            moments: moments.collect::<Option<_>>()?,
        })
    }

    /// Of a report in a file.
    pub fn read(path: &Path) -> Result<Curve> {
        let name = path.display();
        let text = fs::read_to_string(path).with_context(|| format!("{name} cannot be read"))?;
        let report = serde_json::from_str(&text).ok();
        report
            .as_ref()
            .and_then(Curve::of)
            .with_context(|| format!("{name} is no report of `atelier bake --report`"))
    }
}

/// Draws curves, the first four in colours of their own.
pub fn picture(curves: &[Curve]) -> Picture {
    let lines = curves.len() as i32 * 20;
    let size = [2 * PANEL[0], PANEL[1] + lines + 10];
    let mut picture = Picture::new(size[0] as u32, size[1] as u32, GROUND);
    let mut surface = Surface::new(picture.view_mut());
    let all = || curves.iter().flat_map(|curve| &curve.moments);
    let best = all()
        .map(|moment| moment.decibels)
        .fold(0.0, f64::max)
        .ceil();
    let least = all().map(|moment| moment.decibels).fold(best, f64::min);
    let least = least.max(best - SHOWN).floor();
    for (panel, axis) in ["seconds", "steps"].into_iter().enumerate() {
        let along = |moment: &Moment| match panel {
            0 => moment.seconds,
            _ => moment.steps,
        };
        let left = panel as i32 * PANEL[0] + LEFT;
        let (width, height) = (PANEL[0] - LEFT - 20, PANEL[1] - ABOVE - BELOW);
        let farthest = all().map(along).fold(1.0, f64::max);
        let place = |x: f64, decibels: f64| {
            let down = (best - decibels) / (best - least).max(1.0);
            Point::new(
                left + (x / farthest * f64::from(width)) as i32,
                ABOVE + (down.clamp(0.0, 1.0) * f64::from(height)) as i32,
            )
        };
        let mut line = |from: Point, to: Point, colour: Rgb888, stroke: u32| {
            let style = PrimitiveStyle::with_stroke(colour, stroke);
            let Ok(()) = Line::new(from, to).into_styled(style).draw(&mut surface);
        };
        let rows = (best - least) as i32;
        let columns = (1..=4).map(|index| round(farthest * f64::from(index) / 4.0));
        let columns: Vec<f64> = columns.filter(|&x| x <= farthest).collect();
        for row in 0..=rows {
            let decibels = least + f64::from(row);
            line(place(0.0, decibels), place(farthest, decibels), GRID, 1);
        }
        for &x in &columns {
            line(place(x, least), place(x, best), GRID, 1);
        }
        for (index, curve) in curves.iter().enumerate() {
            for pair in curve.moments.windows(2) {
                let [from, to] = [pair[0], pair[1]];
                if to.decibels < least {
                    continue;
                }
                line(
                    place(along(&from), from.decibels),
                    place(along(&to), to.decibels),
                    COLOURS[index % COLOURS.len()],
                    3,
                );
            }
        }
        let mut text = |at: Point, line: &str| {
            overlay::label(&mut surface, at, line, Rgb888::WHITE);
        };
        for row in 0..=rows {
            let decibels = least + f64::from(row);
            let at = place(0.0, decibels) - Point::new(LEFT - 8, 16);
            text(at, &format!("{decibels:.0} dB"));
        }
        for &x in &columns {
            let label = format!("{x:.0}");
            let back = 4 + 9 * label.len() as i32 / 2;
            text(place(x, least) - Point::new(back, 0), &label);
        }
        text(Point::new(left - 8, PANEL[1] - 30), axis);
    }
    for (index, curve) in curves.iter().enumerate() {
        let at = Point::new(LEFT, PANEL[1] + 20 * index as i32);
        let colour = COLOURS[index % COLOURS.len()];
        overlay::label(&mut surface, at, &curve.name, colour);
    }
    picture
}

/// A number near `x` with one digit and a half that are no zeros.
fn round(x: f64) -> f64 {
    let unit = 10f64.powf(x.max(1.0).log10().floor()) / 2.0;
    (x / unit).floor() * unit
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn report(name: &str, decibels: [f64; 3]) -> Value {
        let learning: Vec<Value> = (0..3)
            .map(|index| json!({"steps": 100 * index + 1, "seconds": 30 * index, "decibels": decibels[index]}))
            .collect();
        json!({"name": name, "learning": learning})
    }

    #[test]
    fn a_better_bake_lies_higher() {
        let curves = [
            Curve::of(&report("one", [20.0, 31.0, 31.5])).unwrap(),
            Curve::of(&report("other", [30.0, 33.0, 33.5])).unwrap(),
        ];
        let picture = picture(&curves);
        let highest = |colour: Rgb888| {
            let wanted = xrgb([colour.r(), colour.g(), colour.b()]);
            (0..PANEL[1] as u32)
                .find(|&y| (0..PANEL[0] as u32).any(|x| picture.get(x, y) == Some(wanted)))
        };
        let [one, other] = [highest(COLOURS[0]).unwrap(), highest(COLOURS[1]).unwrap()];
        assert!(other + 50 < one, "{other} {one}");
    }

    #[test]
    fn what_is_no_report_is_told() {
        assert_eq!(Curve::of(&json!({"name": "x"})), None);
        assert_eq!(Curve::of(&json!({"name": "x", "learning": [{}]})), None);
        let error = Curve::read(Path::new("no/such.json")).unwrap_err();
        assert!(error.to_string().contains("no/such.json"));
    }

    #[test]
    fn an_axis_has_round_numbers() {
        for (x, rounded) in [(873.0, 850.0), (120.0, 100.0), (47.0, 45.0), (0.3, 0.0)] {
            assert_eq!(round(x), rounded, "{x}");
        }
    }
}
