//! A blind study from the command line: the page is made, answered as the page would, and evaluated.
//!
//! Needs the face models (`cargo xtask models`) and ffmpeg for the clip.

// A test fails by panicking; the lint is for the device.
#![allow(clippy::unwrap_used)]

use serde_json::Value;
use sfumato_tests::{atelier, built_in_pack, recordings};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

const HEADER: &str = "study,rater,trial,pair,left,right,answer,milliseconds";

fn make(folder: &Path, driver: &Path, seed: &str) {
    let pack = built_in_pack(&PathBuf::from(env!("CARGO_TARGET_TMPDIR"))).unwrap();
    let [pack, driver, folder] = [&pack, driver, folder].map(|path| path.to_str().unwrap());
    atelier(&[
        "study",
        pack,
        "--driver",
        driver,
        "-o",
        folder,
        "--seed",
        seed,
        "--seconds",
        "2",
        "--personality",
        "serene",
        "curious",
    ])
    .unwrap();
}

fn evaluate(folder: &Path, files: &[&Path]) -> anyhow::Result<()> {
    let mut line = vec!["study", "--evaluate", folder.to_str().unwrap()];
    line.extend(files.iter().map(|file| file.to_str().unwrap()));
    atelier(&line)
}

/// The page's data.
fn data(page: &str) -> Value {
    let start = page.find("id=\"data\">").unwrap() + 10;
    let data = &page[start..];
    serde_json::from_str(&data[..data.find("</script>").unwrap()]).unwrap()
}

/// Columns of the key by the pair's code.
fn key(folder: &Path) -> BTreeMap<String, Vec<String>> {
    let text = std::fs::read_to_string(folder.join("key.csv")).unwrap();
    let row = |line: &str| {
        let cells: Vec<String> = line.split(',').map(str::to_owned).collect();
        (cells[2].clone(), cells)
    };
    text.lines().skip(1).map(row).collect()
}

#[test]
fn a_study_is_made_answered_and_evaluated() {
    let Some(media) = recordings() else {
        return;
    };
    let driver = media.join("visitors/turn_tilt_smile.mp4");
    let scratch = tempfile::tempdir().unwrap();
    let [one, same, other] = ["one", "same", "other"].map(|name| scratch.path().join(name));
    make(&one, &driver, "5");
    make(&same, &driver, "5");
    make(&other, &driver, "6");
    let read = |folder: &Path, name: &str| std::fs::read(folder.join(name)).unwrap();
    for name in ["index.html", "key.csv"] {
        assert!(
            read(&one, name) == read(&same, name),
            "{name} differs for one seed"
        );
        assert!(
            read(&one, name) != read(&other, name),
            "{name} is the same for two seeds"
        );
    }

    // The page is whole in itself, small enough, and its pictures move but for those of the anchor.
    let page = String::from_utf8(read(&one, "index.html")).unwrap();
    assert!(page.len() < 30_000_000);
    assert!(!page.contains("http://") && !page.contains("https://"));
    let told = data(&page);
    let films = told["films"].as_array().unwrap();
    let counts: Vec<usize> = films
        .iter()
        .map(|film| film["pictures"].as_array().unwrap().len())
        .collect();
    assert_eq!(films.len(), 3);
    assert_eq!(counts.iter().filter(|count| **count == 1).count(), 1);
    assert!(
        counts
            .iter()
            .all(|count| [1, 50].contains(count) || (48..=52).contains(count)),
        "{counts:?}"
    );
    for film in films
        .iter()
        .filter(|film| film["pictures"].as_array().unwrap().len() > 1)
    {
        let pictures = film["pictures"].as_array().unwrap();
        assert!(
            pictures
                .iter()
                .all(|picture| picture.as_str().unwrap().starts_with("/9j/"))
        );
        assert_ne!(pictures[0], pictures[pictures.len() - 1]);
    }
    // Beside the pictures no name of what is compared, of the clip or of the painting.
    let words = page.split("\"films\":").next().unwrap().to_lowercase();
    for name in [
        "serene",
        "curious",
        "still painting",
        "turn_tilt_smile",
        "small-",
    ] {
        assert!(!words.contains(name), "{name}");
    }

    // Twenty who find `curious` more alive than `serene`, both more than the still painting, and one who never looks.
    let key = key(&one);
    let study = told["study"].as_str().unwrap();
    let rank = |condition: &str| {
        ["still painting", "serene", "curious"]
            .iter()
            .position(|one| *one == condition)
    };
    let mut lines = vec![HEADER.to_owned()];
    for rater in 0..21 {
        for (trial, (code, cells)) in key.iter().enumerate() {
            let swap = (rater + trial) % 2 == 1;
            let (left, right) = if swap {
                (&cells[5], &cells[4])
            } else {
                (&cells[4], &cells[5])
            };
            let likes_second = match cells[10].as_str() {
                "" => rank(&cells[9]) > rank(&cells[8]),
                right => right == cells[5],
            };
            let chosen = if likes_second { &cells[5] } else { &cells[4] };
            let side = if (chosen == left) != (rater == 20) {
                "left"
            } else {
                "right"
            };
            lines.push(format!(
                "{study},r{rater},{},{code},{left},{right},{side},3000",
                trial + 1
            ));
        }
    }
    let answers = scratch.path().join("answers.csv");
    let write = |lines: &[String]| std::fs::write(&answers, lines.join("\r\n")).unwrap();
    write(&lines);
    evaluate(&one, &[&answers]).unwrap();
    let outcome = atelier::study::outcome(&one, std::slice::from_ref(&answers)).unwrap();
    let outcome = serde_json::to_value(outcome).unwrap();
    let left_out: Vec<&Value> = (outcome["raters"].as_array().unwrap().iter())
        .filter(|rater| !rater["left_out"].is_null())
        .collect();
    assert_eq!(left_out.len(), 1);
    assert_eq!(left_out[0]["rater"], "r20");
    assert!(
        left_out[0]["left_out"]
            .as_str()
            .unwrap()
            .contains("catch trials wrong")
    );
    let alive = &outcome["questions"][0];
    let order: Vec<&str> = (alive["conditions"].as_array().unwrap().iter())
        .map(|one| one["condition"].as_str().unwrap())
        .collect();
    assert_eq!(order, ["curious", "serene", "still painting"]);
    assert!(
        alive["conditions"][0]["interval"][0].as_f64()
            > alive["conditions"][1]["interval"][1].as_f64()
    );
    for pair in alive["pairs"].as_array().unwrap() {
        assert!(pair["p_holm"].as_f64().unwrap() < 0.001, "{pair}");
    }

    // What is damaged, foreign or doubled is refused by name, with the cure.
    let spoiled = |line: usize, from: &str, to: &str| {
        let mut lines = lines.clone();
        assert!(lines[line].contains(from), "{}", lines[line]);
        lines[line] = lines[line].replace(from, to);
        lines
    };
    let own_pair = lines[3].split(',').nth(3).unwrap().to_owned();
    for (lines, expected) in [
        (spoiled(0, "rater", "who"), "not the answers of a study"),
        (
            spoiled(2, study, "bcdfghjk"),
            "name the folder of that study",
        ),
        (spoiled(3, &own_pair, "zzzzzz"), "the key has no pair"),
        (spoiled(4, ",3000", ",soon"), "milliseconds"),
        (spoiled(5, ",3000", ""), "eight cells"),
        (spoiled(6, ",r0,6,", ",r0,5,"), "is there twice"),
        (lines[..1].to_vec(), "nobody has answered"),
    ] {
        write(&lines);
        let error = format!("{:#}", evaluate(&one, &[&answers]).unwrap_err());
        assert!(
            error.contains(expected) && error.contains("answers.csv"),
            "{error}"
        );
    }
    write(&lines);
    let error = format!("{:#}", evaluate(&one, &[&answers, &answers]).unwrap_err());
    assert!(error.contains("name each file once"), "{error}");
    let error = format!("{:#}", evaluate(&other, &[&answers]).unwrap_err());
    assert!(error.contains("the key is of"), "{error}");
}
