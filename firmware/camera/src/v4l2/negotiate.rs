//! Which format, size and rate to ask a camera for.
//!
//! Drivers come up at odd defaults (five frames a second is one), and what a camera offers at one
//! size it does not at another: a USB 2 camera sends 640 x 480 uncompressed thirty times a second, but
//! 1280 x 720 only as JPEG. So every combination gets a cost, and the cheapest is tried first:
//!
//! - a rate below the wanted one costs the logarithm of the shortfall: half the rate costs 0.7;
//! - a size other than the wanted one costs the logarithm of the areas' ratio, so that half the
//!   area costs as much as half the rate, and double the area (more to carry and convert) too;
//! - formats differ little: what is cheap to convert goes first among equals, grey goes last.

use super::driver::{Driver, FourCc, Interval, Intervals, Sizes};
use crate::convert::Layout;
use std::io;

/// A pixel format this program understands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Coding {
    /// Uncompressed.
    Raw(Layout),
    /// JPEG pictures.
    Jpeg,
}

/// The formats by preference, with what each costs more than the best.
const FORMATS: [(&[u8; 4], Coding, f64); 10] = [
    (b"YUYV", Coding::Raw(Layout::Yuyv), 0.0),
    (b"UYVY", Coding::Raw(Layout::Uyvy), 0.005),
    (b"NV12", Coding::Raw(Layout::Nv12), 0.01),
    (b"YU12", Coding::Raw(Layout::Planar420), 0.015),
    (b"422P", Coding::Raw(Layout::Planar422), 0.02),
    (b"RGB3", Coding::Raw(Layout::Rgb), 0.03),
    (b"BGR3", Coding::Raw(Layout::Bgr), 0.035),
    (b"MJPG", Coding::Jpeg, 0.1),
    (b"JPEG", Coding::Jpeg, 0.11),
    // Faces are found in grey, too, but less surely.
    (b"GREY", Coding::Raw(Layout::Grey), 0.5),
];

/// How the frames of `format` are coded; none for formats this program does not understand.
pub(crate) fn coding(format: FourCc) -> Option<Coding> {
    FORMATS
        .iter()
        .find(|(known, ..)| **known == format.0)
        .map(|(_, coding, _)| *coding)
}

/// The names of all formats, for messages.
pub(crate) fn known_formats() -> String {
    let names: Vec<String> = FORMATS
        .iter()
        .map(|(format, ..)| FourCc(**format).to_string())
        .collect();
    names.join(", ")
}

/// What is wanted of a camera.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Wanted {
    pub(crate) size: (u32, u32),
    pub(crate) fps: u32,
    /// Only this format.
    pub(crate) format: Option<FourCc>,
}

/// One combination to ask for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Candidate {
    pub(crate) format: FourCc,
    pub(crate) size: (u32, u32),
    pub(crate) interval: Interval,
    cost: f64,
}

/// All combinations the device offers and this program understands, cheapest first.
pub(crate) fn candidates(driver: &mut dyn Driver, wanted: Wanted) -> io::Result<Vec<Candidate>> {
    let offered = driver.formats()?;
    let mut candidates = Vec::new();
    for (format, _, format_cost) in FORMATS {
        let format = FourCc(*format);
        if !offered.contains(&format) || wanted.format.is_some_and(|only| only != format) {
            continue;
        }
        for size in sizes_to_try(driver.sizes(format)?, wanted.size) {
            let intervals = driver.intervals(format, size)?;
            let interval = best_interval(&intervals, wanted.fps);
            let fps = interval.fps();
            let shortfall = (f64::from(wanted.fps) / fps.max(0.01)).ln().max(0.0);
            let area = |(width, height): (u32, u32)| f64::from(width) * f64::from(height);
            let size_cost = (area(size) / area(wanted.size)).ln().abs();
            // Among sizes of one area the one of the wanted shape.
            let shape = |(width, height): (u32, u32)| f64::from(width) / f64::from(height);
            let shape_cost = (shape(size) / shape(wanted.size)).ln().abs() * 0.2;
            candidates.push(Candidate {
                format,
                size,
                interval,
                cost: shortfall + size_cost + shape_cost + format_cost,
            });
        }
    }
    candidates.sort_by(|one, other| one.cost.total_cmp(&other.cost));
    Ok(candidates)
}

fn sizes_to_try(sizes: Sizes, wanted: (u32, u32)) -> Vec<(u32, u32)> {
    match sizes {
        Sizes::List(sizes) => sizes
            .into_iter()
            .filter(|(width, height)| *width > 0 && *height > 0)
            .collect(),
        Sizes::Range { least, most, step } => {
            let fit = |wanted: u32, least: u32, most: u32, step: u32| {
                let (least, most, step) = (least.max(1), most.max(least).max(1), step.max(1));
                let wanted = wanted.clamp(least, most);
                least + (wanted - least) / step * step
            };
            vec![(
                fit(wanted.0, least.0, most.0, step.0),
                fit(wanted.1, least.1, most.1, step.1),
            )]
        }
        Sizes::Unknown => vec![wanted],
    }
}

/// The slowest rate that is fast enough, else the fastest; the wanted one when the driver does
/// not say.
fn best_interval(intervals: &Intervals, fps: u32) -> Interval {
    let wanted = Interval::of_rate(fps.max(1));
    // A rate of 29.97 is 30.
    let enough = |interval: &Interval| interval.fps() >= wanted.fps() * 0.99;
    match intervals {
        Intervals::List(list) => {
            let sensible = || list.iter().filter(|interval| interval.fps() > 0.0);
            let by_rate = |one: &&Interval, other: &&Interval| one.fps().total_cmp(&other.fps());
            sensible()
                .filter(|interval| enough(interval))
                .min_by(by_rate)
                .or_else(|| sensible().max_by(by_rate))
                .copied()
                .unwrap_or(wanted)
        }
        Intervals::Range { shortest, longest } => {
            if !enough(shortest) {
                *shortest
            } else if longest.fps() > wanted.fps() {
                *longest
            } else {
                wanted
            }
        }
        Intervals::Unknown => wanted,
    }
}

#[cfg(test)]
mod tests {
    use super::super::mock::{Mock, Offer};
    use super::*;
    use proptest::prelude::*;

    fn wanted(size: (u32, u32), fps: u32) -> Wanted {
        Wanted {
            size,
            fps,
            format: None,
        }
    }

    fn best(mock: &mut Mock, wanted: Wanted) -> Candidate {
        candidates(mock, wanted).unwrap()[0]
    }

    /// What a usual USB 2 webcam offers.
    fn webcam() -> Mock {
        let rate = |fps| Interval::of_rate(fps);
        Mock::new(vec![
            Offer::new(b"MJPG", (640, 480), &[rate(30)]),
            Offer::new(b"MJPG", (1280, 720), &[rate(30)]),
            Offer::new(b"MJPG", (1920, 1080), &[rate(30)]),
            Offer::new(b"YUYV", (640, 480), &[rate(30), rate(15), rate(5)]),
            Offer::new(b"YUYV", (1280, 720), &[rate(10), rate(5)]),
            Offer::new(b"H264", (640, 480), &[rate(30)]),
        ])
    }

    #[test]
    fn a_webcam_sends_small_pictures_raw_and_large_ones_as_jpeg() {
        let small = best(&mut webcam(), wanted((640, 480), 30));
        assert_eq!(small.format, FourCc(*b"YUYV"));
        assert_eq!(
            (small.size, small.interval),
            ((640, 480), Interval::of_rate(30))
        );
        let large = best(&mut webcam(), wanted((1280, 720), 30));
        assert_eq!(large.format, FourCc(*b"MJPG"));
        assert_eq!(large.size, (1280, 720));
    }

    #[test]
    fn only_what_was_insisted_on() {
        let only = Wanted {
            format: Some(FourCc(*b"MJPG")),
            ..wanted((640, 480), 30)
        };
        let all = candidates(&mut webcam(), only).unwrap();
        assert!(!all.is_empty());
        assert!(all.iter().all(|one| one.format == FourCc(*b"MJPG")));
    }

    #[test]
    fn nothing_known_is_nothing_to_try() {
        let mut mock = Mock::new(vec![Offer::new(b"H264", (640, 480), &[])]);
        assert!(
            candidates(&mut mock, wanted((640, 480), 30))
                .unwrap()
                .is_empty()
        );
    }

    #[test]
    fn rates() {
        let list = |rates: &[u32]| {
            Intervals::List(rates.iter().map(|fps| Interval::of_rate(*fps)).collect())
        };
        assert_eq!(best_interval(&list(&[60, 30, 25]), 30).fps(), 30.0);
        assert_eq!(best_interval(&list(&[60, 50]), 30).fps(), 50.0);
        assert_eq!(best_interval(&list(&[5, 15]), 30).fps(), 15.0);
        assert_eq!(best_interval(&list(&[]), 30).fps(), 30.0);
        assert_eq!(best_interval(&Intervals::Unknown, 25).fps(), 25.0);
        let ntsc = Interval {
            over: 1001,
            under: 30_000,
        };
        assert_eq!(
            best_interval(&Intervals::List(vec![ntsc, Interval::of_rate(60)]), 30),
            ntsc
        );
        let range = Intervals::Range {
            shortest: Interval::of_rate(40),
            longest: Interval::of_rate(1),
        };
        assert_eq!(best_interval(&range, 30).fps(), 30.0);
        assert_eq!(best_interval(&range, 90).fps(), 40.0);
    }

    proptest! {
        /// Whatever a driver claims, what is asked for lies within it and makes sense.
        #[test]
        fn sizes_lie_in_the_range(least in 0u32..2000, more in 0u32..2000, step in 0u32..64, wanted in 1u32..5000) {
            let range = Sizes::Range { least: (least, least), most: (least + more, least + more), step: (step, step) };
            let size = sizes_to_try(range, (wanted, wanted))[0].0;
            prop_assert!(size >= least && size <= (least + more).max(1) && size > 0);
            prop_assert_eq!((size - least.max(1)) % step.max(1), 0);
        }

        #[test]
        fn any_offer_gives_sensible_candidates(
            offers in proptest::collection::vec((0usize..FORMATS.len(), 0u32..4000, 0u32..4000, 0u32..5, 0u32..100), 0..12),
            fps in 1u32..120,
        ) {
            let offers = offers.into_iter().map(|(which, width, height, over, under)| {
                Offer::new(FORMATS[which].0, (width, height), &[Interval { over, under }])
            }).collect();
            for candidate in candidates(&mut Mock::new(offers), wanted((640, 480), fps)).unwrap() {
                prop_assert!(candidate.size.0 > 0 && candidate.size.1 > 0);
                prop_assert!(candidate.interval.fps() > 0.0);
                prop_assert!(candidate.cost.is_finite());
            }
        }
    }
}
