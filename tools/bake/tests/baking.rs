//! A bake from beginning to end, small and short: a drawn face's network learns, is put down and taken
//! up again, is pruned, rounded, written, read and run, and draws what it learned.

// A test fails by panicking; the lint is for the device.
#![allow(clippy::unwrap_used)]

#[allow(dead_code)]
#[path = "../../prepare/tests/common/drawn.rs"]
mod drawn;

use sfumato_bake::bake::{Bake, MOST_MACS, Phase, Settings};
use sfumato_bake::generic::Generic;
use sfumato_bake::loss::Slopes;
use sfumato_bake::meta::Meta;
use sfumato_bake::motions;
use sfumato_bake::random::Random;
use sfumato_bake::stage::{Likeness, Stage};
use sfumato_bake::student::Student;
use sfumato_core::drawing::{Drawing, FIELD_NODES, amount, share};
use sfumato_core::motion::{Motion, Real};
use sfumato_generator::network::Part;
use sfumato_generator::network::learned::{self, Room};
use sfumato_generator::network::turning::Grid;
use sfumato_generator::{Generator, Network, Rig};
use sfumato_infer::quantised::{Instructions, Quantised};
use sfumato_prepare::Prepared;
use std::sync::OnceLock;

/// The region is looked at so many pixels wide.
const SIDE: u32 = 128;

fn prepared() -> &'static Prepared {
    static PREPARED: OnceLock<Prepared> = OnceLock::new();
    PREPARED.get_or_init(drawn::drawn)
}

fn slopes() -> Slopes {
    let stage = Stage::new(&prepared().portrait, SIDE).unwrap();
    Slopes::of(&stage.intensities(), SIDE as usize)
}

fn settings(minutes: f64) -> Settings {
    Settings {
        seconds: 60.0 * minutes,
        examples: 60,
        threads: 2,
        seed: 3,
        recorded: Vec::new(),
        generic: None,
    }
}

fn begun(minutes: f64) -> Bake {
    Bake::new(settings(minutes), &prepared().model, slopes())
}

fn rig() -> Rig {
    Rig::new(prepared().model.clone())
}

/// Takes `steps` steps, each said to last so many seconds.
fn work(bake: &mut Bake, steps: usize, seconds: f64) {
    for _ in 0..steps {
        let (elapsed, _) = bake.time();
        bake.step(elapsed + seconds);
    }
}

fn drawn_by(generator: &mut dyn Generator, motion: &Motion) -> Box<Drawing> {
    let mut drawing = Box::new(Drawing::REST);
    generator.generate(motion, &mut drawing).unwrap();
    drawing
}

/// The sum of the squares of the differences of two fields' flows.
fn apart(a: &Drawing, b: &Drawing) -> f64 {
    let square = |a: f32, b: f32| f64::from(a - b).powi(2);
    (0..FIELD_NODES)
        .map(|i| {
            square(share(a.field.flow_x[i]), share(b.field.flow_x[i]))
                + square(share(a.field.flow_y[i]), share(b.field.flow_y[i]))
        })
        .sum()
}

#[test]
fn a_short_bake_learns_and_its_network_draws_what_it_learned() {
    let mut bake = begun(10.0);
    // Ten minutes of a machine that takes a step in five seconds.
    work(&mut bake, 125, 5.0);
    assert_eq!(bake.phase(), Phase::Done);
    assert!(bake.macs() <= MOST_MACS);
    let score = bake.score();
    assert!(score > 1.0, "only {score} dB better than a face at rest");
    // Rounded it is hardly worse, or even better: it went on learning.
    assert!(
        score > bake.unrounded() - 0.5,
        "{score} {}",
        bake.unrounded()
    );

    let onnx = sfumato_models::quantised::write(&bake.description()).unwrap();
    assert!(onnx.len() < 1_900_000, "{} bytes", onnx.len());
    let weights: usize = bake
        .learners()
        .iter()
        .flat_map(|learner| &learner.branches)
        .map(|branch| branch.chain.parameters())
        .sum();
    assert!(weights < 1_450_000, "{weights} weights");
    let mut network = Network::load(&onnx, rig()).unwrap();
    let mut student = Student::new(bake.learners(), rig()).unwrap();
    let mut random = Random::new(77);
    let (mut rounded, mut whole) = (0.0, 0.0);
    for _ in 0..8 {
        let motion = motions::lively(&mut random);
        let by_network = drawn_by(&mut network, &motion);
        let by_student = drawn_by(&mut student, &motion);
        rounded += apart(&by_network, &by_student);
        whole += apart(&by_student, &Drawing::REST);
        // What is not learned is the rig's, exactly.
        let by_rig = drawn_by(&mut rig(), &motion);
        assert_eq!(by_network.mouth.centre, by_rig.mouth.centre);
        assert_eq!(by_network.eyes[0].gaze, by_rig.eyes[0].gaze);
    }
    assert!(rounded < 0.02 * whole, "{rounded} of {whole}");
}

#[test]
fn the_turn_is_found_at_once() {
    let mut bake = begun(10.0);
    work(&mut bake, 22, 1.0);
    let scores = bake.scores();
    let (_, turn) = scores.iter().find(|(part, _)| *part == Part::Turn).unwrap();
    assert!(turn.decibels() > 20.0, "{}", turn.decibels());
}

/// What a network that has learned everything would draw.
fn drawn_by_the_book(motion: &Motion) -> Box<Drawing> {
    let mut rig = rig();
    let (rest, fixed) = (rig.at_rest(), rig.fixed(motion));
    let mut drawing = drawn_by(&mut rig, motion);
    let mut field = drawing.field.clone();
    rig.turn(motion, &mut field);
    let turn = Grid::of(&field);
    let parts = Part::ALL.map(|part| {
        let [mut now, mut before] = [vec![0.0; part.numbers()], vec![0.0; part.numbers()]];
        learned::read(part, &drawing, &turn, &fixed, &mut now);
        let still = rig.fixed(&Motion::REST);
        learned::read(part, &rest, &Grid::new(), &still, &mut before);
        let changes = now.iter().zip(&before);
        changes
            .map(|(now, before)| amount(now - before).to_bits())
            .collect::<Vec<i32>>()
    });
    let parts = parts.each_ref().map(Vec::as_slice);
    let known = (&fixed, rig.palette());
    learned::write(parts, &rest, known, &mut Room::default(), &mut drawing);
    rig.complete(motion, &mut drawing.field);
    drawing
}

#[test]
fn what_is_to_be_learned_is_what_the_rig_draws() {
    let mut stage = Stage::new(&prepared().portrait, 300).unwrap();
    let still = stage.still().clone();
    let mut random = Random::new(9);
    let mut likeness = Likeness::default();
    for index in 0..12 {
        let motion = if index % 2 == 0 {
            motions::lively(&mut random)
        } else {
            motions::extreme(&mut random)
        };
        let [by_rig, by_book] = [drawn_by(&mut rig(), &motion), drawn_by_the_book(&motion)];
        assert!(apart(&by_rig, &by_book) < 1e-3 * apart(&by_rig, &Drawing::REST));
        let by_rig = stage.draw(&by_rig).unwrap().clone();
        likeness.add(&still, &by_rig, stage.draw(&by_book).unwrap());
    }
    // Far above what networks reach.
    assert!(likeness.decibels() > 40.0, "{}", likeness.decibels());
}

/// The network of a bake that has only begun, but says something already.
fn hardly_baked() -> Vec<u8> {
    let mut bake = begun(10.0);
    work(&mut bake, 22, 1.0);
    sfumato_models::quantised::write(&bake.description()).unwrap()
}

#[test]
fn at_rest_a_network_changes_nothing() {
    let onnx = hardly_baked();
    let mut network = Network::load(&onnx, rig()).unwrap();
    let drawing = drawn_by(&mut network, &Motion::REST);
    assert_eq!(*drawing, *rig().at_rest());
    let mut stage = Stage::new(&prepared().portrait, 300).unwrap();
    let still = stage.still().clone();
    assert!(stage.draw(&drawing).unwrap() == &still);
    // Anything else does.
    let mut motion = Motion::REST;
    motion.head.yaw = Real::from_num(6);
    let drawing = drawn_by(&mut network, &motion);
    assert!(apart(&drawing, &Drawing::REST) > 0.0);
    assert!(stage.draw(&drawing).unwrap() != &still);
}

#[test]
fn a_network_draws_the_same_with_any_instructions() {
    let onnx = hardly_baked();
    let motion = motions::extreme(&mut Random::new(5));
    let mut first: Option<Box<Drawing>> = None;
    for instructions in Instructions::all() {
        let engine = Quantised::load(&onnx, instructions).unwrap();
        let mut network = Network::new(Box::new(engine), rig()).unwrap();
        let drawing = drawn_by(&mut network, &motion);
        assert!(first.get_or_insert_with(|| drawing.clone()) == &drawing);
    }
}

#[test]
fn a_bake_is_taken_up_where_it_was_put_down() {
    let mut bake = begun(10.0);
    work(&mut bake, 3, 1.0);
    let saved = bake.save("rig");
    let model = &prepared().model;
    let resume = |bytes: &[u8], rig: &str, minutes: f64| {
        Bake::resume(bytes, rig, settings(minutes), model, slopes())
    };
    let resumed = resume(&saved, "rig", 10.0).unwrap();
    assert_eq!(resumed.steps(), 3);
    assert_eq!(resumed.time(), bake.time());
    assert_eq!(resumed.description(), bake.description());
    // With twice the time, the time so far counts twice.
    assert_eq!(resume(&saved, "rig", 20.0).unwrap().time(), (6.0, 1200.0));

    // Another painting's, another program's, damaged.
    let error = resume(&saved, "other rig", 10.0).unwrap_err().to_string();
    assert!(error.contains("another painting"), "{error}");
    let error = resume(b"PK\x03\x04", "rig", 10.0).unwrap_err().to_string();
    assert!(error.contains("remove it"), "{error}");
    for length in [20, 200, saved.len() / 2, saved.len() - 1] {
        let error = resume(&saved[..length], "rig", 10.0)
            .unwrap_err()
            .to_string();
        assert!(error.contains("damaged"), "{length}: {error}");
    }
}

#[test]
fn a_long_bake_prunes_to_its_budget_and_keeps_the_curve() {
    let mut bake = begun(40.0);
    let wide = bake.macs();
    assert!(wide > MOST_MACS, "{wide}");
    // Straight to pruning, which takes 30 percent of the time.
    work(&mut bake, 1, 0.45 * 2400.0);
    assert_eq!(bake.phase(), Phase::Pruning);
    work(&mut bake, 26, 0.31 / 26.0 * 2400.0);
    assert_eq!(bake.phase(), Phase::Rounding);
    assert!(bake.macs() <= MOST_MACS, "{}", bake.macs());
    assert!(bake.macs().is_multiple_of(16));
    let curve = bake.curve();
    assert!(curve.len() > 5 && curve[0].macs == wide);
    assert!(curve.windows(2).all(|pair| pair[1].macs < pair[0].macs));
    // In the middle of rounding it can still be written and read.
    let onnx = sfumato_models::quantised::write(&bake.description()).unwrap();
    assert!(Network::load(&onnx, rig()).is_ok());
}

/// What was learned of one face helps with it from the first step on, and a bake that was learned so can be put down.
#[test]
fn a_generic_start_knows_at_once_what_learning_finds_later() {
    let mut meta = Meta::new(Generic::new(5, vec!["a drawn face".to_owned()]), 5);
    meta.add(&prepared().model, slopes(), 240, 2);
    assert_eq!(meta.faces(), 1);
    meta.step([0.0, 60.0]);
    let early = meta.recent();
    for round in 1..30 {
        meta.step([f64::from(round), 60.0]);
    }
    assert!(meta.recent() > early + 2.0, "{early}");
    let start = Generic::decode(&meta.generic().encode()).unwrap();
    assert_eq!(start.progress().0, 30);

    let after_a_step = |generic| {
        let settings = Settings {
            generic,
            ..settings(2.0)
        };
        let mut bake = Bake::new(settings, &prepared().model, slopes());
        // The second step shows what was folded in the first.
        work(&mut bake, 2, 0.01);
        let score = bake.score();
        (bake, score)
    };
    let (_, without) = after_a_step(None);
    let (bake, with) = after_a_step(Some(start.clone()));
    assert!(with > without + 5.0, "{with} {without}");

    // Taken up again it does not begin anew.
    let saved = bake.save("a rig");
    let settings = Settings {
        generic: Some(start),
        ..settings(2.0)
    };
    let mut again = Bake::resume(&saved, "a rig", settings, &prepared().model, slopes()).unwrap();
    assert!(
        (again.score() - with).abs() < 0.5,
        "{} {with}",
        again.score()
    );
}
