//! Personalities learned from recorded visitors: are they like the people they were learned from?
//!
//! The recordings are not part of the project; where they are absent this says so and passes. No test keeps anything of
//! them but numbers.

// A test fails by panicking; the lint is for the device.
#![allow(clippy::unwrap_used)]

use sfumato_core::face::{Face, TrackId};
use sfumato_core::geometry::Box2;
use sfumato_core::motion::Motion;
use sfumato_core::time::{Micros, Moment};
use sfumato_corpus::record::Frame;
use sfumato_faces::Perception;
use sfumato_faces::store::{self, Model};
use sfumato_learn::{Learned, Row, Series, Statistics};
use sfumato_motion::{Mover, Personality, Placement};
use sfumato_personalities::Personalities;
use sfumato_tests::recordings;
use std::path::PathBuf;
use std::sync::{Mutex, OnceLock};

/// The folder of visitors, and eyes to see them with; none where either is absent.
fn visitors() -> Option<(PathBuf, &'static Mutex<Perception>)> {
    static EYES: OnceLock<Option<Mutex<Perception>>> = OnceLock::new();
    let visitors = recordings()?.join("visitors");
    let eyes = EYES.get_or_init(|| {
        let folder = store::default_folder();
        if let Err(error) = store::read(&folder, Model::Landmarks) {
            println!("skipped: {error}");
            return None;
        }
        Some(Mutex::new(Perception::load(&folder).unwrap()))
    });
    Some((visitors, eyes.as_ref()?))
}

/// What somebody does in a part of a recording, in seconds.
fn seen(name: &str, from: f64, until: f64) -> Vec<Frame> {
    let (folder, eyes) = visitors().unwrap();
    let moment = |seconds: f64| Moment((seconds * 1e6) as u64);
    let mut eyes = eyes.lock().unwrap();
    let clip = folder.join(name).with_extension("mp4");
    atelier::learn::frames(&clip, &(moment(from)..moment(until)), &mut eyes).unwrap()
}

fn series(frames: &[Frame]) -> Series {
    let mut series = Series::default();
    series.add_clip(frames);
    series
}

/// The personality that is learned, by the way of its file.
fn personality(learned: &Learned) -> Personality {
    let mut all = Personalities::default();
    all.add("somebody", &learned.text("a test")).unwrap();
    all.by_name("somebody").unwrap()
}

/// What a portrait of this personality does with nobody before it.
fn alone(personality: Personality, seed: u64, seconds: u64) -> Vec<(Moment, Motion)> {
    let mut mover = Mover::new(personality, Placement::default(), seed);
    let times = (1..seconds * 25).map(|frame| Moment(frame * 40_000));
    times.map(|now| (now, mover.at(now).motion)).collect()
}

/// What a portrait of this personality does before somebody.
fn before(frames: &[Frame], personality: Personality, seed: u64) -> Vec<(Moment, Motion)> {
    let mut mover = Mover::new(personality, Placement::default(), seed);
    let mut shown = Vec::new();
    // Once to get acquainted, once to be looked at.
    let length = frames.last().unwrap().captured.0 + 40_000;
    for turn in 0..2 {
        for frame in frames {
            let now = frame.captured + Micros(1 + turn * length);
            let face = frame.seen.as_ref().map(|seen| Face {
                track: TrackId(1),
                score: 1.0,
                bounds: Box2::default(),
                landmarks: seen.landmarks(),
                irises: seen.irises(),
            });
            mover.observe(face.as_ref(), (640, 480), now);
            let motion = mover.at(now).motion;
            if turn == 1 {
                shown.push((now, motion));
            }
        }
    }
    shown
}

/// What a personality says of a person, each number of about the same weight.
fn signature(learned: &Learned) -> Vec<f64> {
    let ranges = learned.turn.into_iter().chain(learned.face);
    let sway = learned.sway.iter().map(|paces| (total(paces) + 0.1).ln());
    let others = [
        7.5 * learned.smile_bias,
        learned.blinks / 20.0,
        learned.answer_time.ln(),
    ];
    // A gain is a power of a range.
    ranges
        .map(|gain| gain.ln() / 0.75)
        .chain(sway)
        .chain(others)
        .collect()
}

fn total(paces: &[f64]) -> f64 {
    paces.iter().map(|size| size * size).sum::<f64>().sqrt()
}

/// Recordings of one person each that are long enough for two halves, and their seconds.
const LONG: [(&str, f64); 3] = [
    ("turn_tilt_smile", 10.0),
    ("webcam_glasses", 10.0),
    ("mouth_open", 7.2),
];
/// Where the three speakers of one recording begin, seconds; three seconds each.
const SPEAKERS: [f64; 3] = [0.0, 3.0, 6.0];

/// What is learned from the first half of a recording is set against the second half; so is what is learned from five other
/// people. Each person acts something else in each half, so the nearest is not always the right one; that it is nearer
/// than the others are on average, is.
#[test]
fn what_is_learned_from_a_first_half_is_true_of_the_second() {
    if visitors().is_none() {
        return;
    }
    let learned = |name: &str, from: f64, until: f64| {
        signature(&Learned::from(&series(&seen(name, from, until)), 1.0).unwrap())
    };
    let speakers = SPEAKERS.map(|from| learned("talk_three_speakers", from, from + 3.0));
    let firsts = LONG.map(|(name, length)| learned(name, 0.0, length / 2.0));
    let people: Vec<Vec<f64>> = firsts.into_iter().chain(speakers).collect();
    let mut nearest = 0;
    for (who, (name, length)) in LONG.into_iter().enumerate() {
        let second = learned(name, length / 2.0, length);
        let distances: Vec<f64> = (people.iter())
            .map(|first| {
                let squares = first.iter().zip(&second).map(|(a, b)| (a - b) * (a - b));
                squares.sum::<f64>().sqrt()
            })
            .collect();
        let own = distances[who];
        let others = (distances.iter().sum::<f64>() - own) / (distances.len() - 1) as f64;
        println!(
            "{name}: its own {own:.2}, the others' {others:.2} on average; all {distances:.2?}"
        );
        assert!(own < 0.9 * others, "{name}: {own:.2} {others:.2}");
        nearest += usize::from(distances.iter().all(|distance| own <= *distance));
    }
    println!(
        "{nearest} of {} are the nearest to their own person",
        LONG.len()
    );
    assert!(nearest >= 2, "{nearest}");
}

/// A portrait left alone moves as much as its personality's numbers say, at their paces, and blinks as often.
#[test]
fn a_portrait_left_alone_moves_as_was_learned() {
    if visitors().is_none() {
        return;
    }
    for (name, length) in LONG {
        let learned = Learned::from(&series(&seen(name, 0.0, length)), 1.0).unwrap();
        let mut one = personality(&learned);
        // Breath, and a head that goes along with the eyes, are not learned.
        (one.idle.breath, one.idle.head_share) = Default::default();
        let mut portrait = Series::default();
        let shown = alone(one, 3, 400);
        portrait.add(
            shown
                .iter()
                .map(|(now, motion)| Row::of_motion(*now, motion)),
        );
        let made = Statistics::of(&portrait);
        for (wanted, made) in learned.sway.iter().zip(&made.sway) {
            let ratio = total(made) / total(wanted);
            assert!(
                (0.8..1.25).contains(&ratio),
                "{name}: {wanted:.2?} {made:.2?}"
            );
            let quick = [total(&wanted[..2]), total(&made[..2])].map(|sway| sway * sway);
            let share = [
                quick[0] / total(wanted).powi(2),
                quick[1] / total(made).powi(2),
            ];
            assert!(
                (share[0] - share[1]).abs() < 0.25,
                "{name}: {wanted:.2?} {made:.2?}"
            );
        }
        let blinks = 60.0 * made.blinks.count as f64 / made.seconds;
        println!(
            "{name}: {blinks:.1} blinks a minute, {:.1} wanted; sway {:.2?}",
            learned.blinks,
            made.sway.map(|s| total(&s))
        );
        // Of two so near to each other that they are one, one is seen.
        assert!(
            (0.75..1.2).contains(&(blinks / learned.blinks)),
            "{name}: {blinks}"
        );
    }
}

/// A window that is judged begins at every so many frames; so many frames beside it are not trained on either.
const STRIDE: usize = 15;
const APART: usize = 8;
/// A head's speed is taken over so many frames.
const OVER: usize = 4;

/// One frame of a portrait: head in tens of degrees, lids, coefficients, and how fast the head goes.
fn numbers_of(motions: &[Motion]) -> Vec<Vec<f64>> {
    let rows: Vec<Row> = (motions.iter())
        .map(|motion| Row::of_motion(Moment(0), motion))
        .collect();
    let before = rows.iter().take(OVER).chain(&rows);
    (rows.iter().zip(before))
        .map(|(row, before)| {
            let head = row.head.map(|angle| angle / 10.0);
            let speed = row.head.iter().zip(before.head).map(|(a, b)| (a - b) / 2.0);
            head.into_iter()
                .chain([row.lids])
                .chain(row.shapes)
                .chain(speed)
                .collect()
        })
        .collect()
}

/// Whose frames are whose: one mean for each, and one spread about it that all have (linear discriminant analysis,
/// Fisher 1936). Directions in which everybody moves with the visitor weigh little, habits weigh much.
struct Discriminant {
    means: Vec<Vec<f64>>,
    /// The lower triangle whose square is the common covariance (Cholesky).
    root: Vec<Vec<f64>>,
}

impl Discriminant {
    /// Learns from the frames of each.
    fn of(everybody: &[Vec<&Vec<f64>>]) -> Discriminant {
        let numbers = everybody[0][0].len();
        let mut covariance = vec![vec![0.0; numbers]; numbers];
        let count: f64 = everybody.iter().map(|frames| frames.len() as f64).sum();
        let mut means = Vec::new();
        for frames in everybody {
            let mean: Vec<f64> = (0..numbers)
                .map(|i| frames.iter().map(|frame| frame[i]).sum::<f64>() / frames.len() as f64)
                .collect();
            for frame in frames {
                let off: Vec<f64> = frame.iter().zip(&mean).map(|(x, m)| x - m).collect();
                for (line, a) in covariance.iter_mut().zip(&off) {
                    line.iter_mut()
                        .zip(&off)
                        .for_each(|(c, b)| *c += a * b / count);
                }
            }
            means.push(mean);
        }
        // Nothing is taken for stiller than this.
        covariance
            .iter_mut()
            .enumerate()
            .for_each(|(i, line)| line[i] += 3e-5);
        let mut root = vec![vec![0.0; numbers]; numbers];
        for i in 0..numbers {
            for j in 0..=i {
                let known: f64 = (0..j).map(|k| root[i][k] * root[j][k]).sum();
                root[i][j] = if i == j {
                    (covariance[i][i] - known).sqrt()
                } else {
                    (covariance[i][j] - known) / root[j][j]
                };
            }
        }
        Discriminant { means, root }
    }

    /// Whose frames these are.
    fn whose(&self, frames: &[Vec<f64>]) -> usize {
        let far = |mean: &Vec<f64>| -> f64 {
            frames.iter().map(|frame| self.distance(frame, mean)).sum()
        };
        let distances: Vec<f64> = self.means.iter().map(far).collect();
        (0..distances.len())
            .min_by(|a, b| distances[*a].total_cmp(&distances[*b]))
            .unwrap()
    }

    /// Squared distance in spreads (Mahalanobis 1936).
    fn distance(&self, frame: &[f64], mean: &[f64]) -> f64 {
        let mut solved: Vec<f64> = Vec::new();
        for (i, line) in self.root.iter().enumerate() {
            let known: f64 = line.iter().zip(&solved).map(|(r, s)| r * s).sum();
            solved.push((frame[i] - mean[i] - known) / line[i]);
        }
        solved.iter().map(|x| x * x).sum()
    }
}

/// How many two-second windows of what the three do before a visitor are told apart: `[right, all]`.
///
/// A window is judged by what the three did in the rest of the recording, with other chances for blinks and sway.
fn told_apart(learned: [Personality; 3], frames: &[Frame], rate: usize) -> [usize; 2] {
    let shown = |one: Personality, chance: u64| {
        let shown = before(frames, one, chance);
        let motions: Vec<Motion> = shown.into_iter().map(|(_, motion)| motion).collect();
        numbers_of(&motions)
    };
    let training = learned.map(|one| [1, 2, 3].map(|chance| shown(one, chance)));
    let judging = learned.map(|one| shown(one, 4));
    let mut told = [0, 0];
    for begin in (0..(frames.len() + 1).saturating_sub(2 * rate)).step_by(STRIDE) {
        let end = begin + 2 * rate;
        let known = training.each_ref().map(|plays| {
            let rest = plays.iter().flat_map(|play| {
                let frames = play.iter().enumerate();
                frames.filter(|(i, _)| i + APART < begin || *i >= end + APART)
            });
            rest.map(|(_, frame)| frame).collect()
        });
        let discriminant = Discriminant::of(&known);
        for (who, play) in judging.iter().enumerate() {
            let found = discriminant.whose(&play[begin..end]);
            told[0] += usize::from(found == who);
            told[1] += 1;
        }
    }
    told
}

/// The same visitor, three portraits: who it is shows in two seconds of motion.
///
/// Not of somebody who holds one grimace after the other: what a portrait does then was seen nowhere else.
#[test]
fn three_personalities_answer_one_visitor_in_ways_that_are_told_apart() {
    if visitors().is_none() {
        return;
    }
    let all = Personalities::default();
    let shipped = sfumato_personalities::LEARNED.map(|(name, _)| all.by_name(name).unwrap());
    let as_measured = SOURCES.map(|(_, clip, from, until)| {
        personality(&Learned::from(&series(&seen(clip, from, until)), 1.0).unwrap())
    });
    for (name, rate, least) in [
        ("webcam_glasses", 30, 90),
        ("turn_tilt_smile", 25, 90),
        ("talk_three_speakers", 25, 90),
        ("mouth_open", 30, 40),
    ] {
        let frames = seen(name, 0.0, 1e9);
        let [measured, _] = told_apart(as_measured, &frames, rate);
        let [right, all] = told_apart(shipped, &frames, rate);
        let share = |right: usize| 100 * right / all;
        println!(
            "{name}: {right} of {all} windows, {} %; as measured, no caricature, {} %",
            share(right),
            share(measured)
        );
        assert!(all >= 30, "{all}");
        assert!(100 * right >= least * all, "{name}: {right} of {all}");
    }
}

#[test]
fn whatever_is_learned_stays_within_what_a_painting_can_show() {
    if visitors().is_none() {
        return;
    }
    for (name, length) in LONG {
        let frames = seen(name, 0.0, length);
        let learned = personality(&Learned::from(&series(&frames), 1.0).unwrap());
        let shown = alone(learned, 5, 120)
            .into_iter()
            .chain(before(&frames, learned, 5));
        for (_, motion) in shown {
            let head = [motion.head.yaw, motion.head.pitch, motion.head.roll];
            assert!(
                head.iter().all(|angle| angle.abs() <= 15),
                "{name}: {motion:?}"
            );
            assert!(
                motion
                    .eye_openness
                    .iter()
                    .all(|lid| (0.0..=1.5).contains(&lid.to_num::<f64>()))
            );
            assert!(
                motion
                    .expression
                    .iter()
                    .all(|x| (0.0..=1.0).contains(&x.to_num::<f64>()))
            );
        }
    }
}

/// What those that come with the program were learned from, and the seconds of it.
const SOURCES: [(&str, &str, f64, f64); 3] = [
    ("sunny", "turn_tilt_smile", 0.0, 1e9),
    ("hearty", "talk_three_speakers", 3.0, 6.0),
    ("earnest", "talk_three_speakers", 0.0, 3.0),
];

/// Those that come with the program are somewhat caricatured, so that visitors see the difference.
const SHIPPED: f64 = 2.0;

/// The numbers that come with the program are those that the command finds.
#[test]
fn those_that_come_with_the_program_can_be_learned_again() {
    if visitors().is_none() {
        return;
    }
    for ((name, clip, from, until), (shipped, text)) in
        SOURCES.into_iter().zip(sfumato_personalities::LEARNED)
    {
        assert_eq!(name, shipped);
        let origin = text.split('"').nth(1).unwrap();
        let again = Learned::from(&series(&seen(clip, from, until)), SHIPPED)
            .unwrap()
            .text(origin);
        if std::env::var_os("SFUMATO_REWRITE").is_some() {
            let file = format!("../firmware/personalities/shipped/{name}.toml");
            std::fs::write(file, &again).unwrap();
            continue;
        }
        let [ours, theirs] = [&*again, text].map(numbers);
        assert_eq!(ours.len(), theirs.len(), "{name}");
        for ((line, ours), (other, theirs)) in ours.iter().zip(&theirs) {
            assert_eq!(line, other, "{name}");
            // Another processor rounds otherwise, and a blink more or less is counted.
            assert!(
                (ours - theirs).abs() <= 0.02 + 0.05 * theirs.abs(),
                "{name}: {line} {ours} {theirs}"
            );
        }
    }
}

/// Every number of a file with the words before it.
fn numbers(text: &str) -> Vec<(String, f64)> {
    let mut numbers = Vec::new();
    for line in text.lines().skip(2) {
        let line = line.split('#').next().unwrap();
        let Some((key, values)) = line.split_once('=') else {
            continue;
        };
        for value in values.trim_matches(|c| " []".contains(c)).split(',') {
            if let Ok(number) = value.trim().parse() {
                numbers.push((key.trim().to_owned(), number));
            }
        }
    }
    numbers
}

#[test]
fn the_setting_names_those_that_there_are() {
    let help = sfumato_settings::SETTINGS
        .iter()
        .find(|one| one.name == "personality")
        .unwrap();
    let names = Personalities::default().names();
    assert!(
        help.kind.to_string().starts_with(&names),
        "{} {names}",
        help.kind
    );
}
