//! Our engine against tract on the face models: numbers by chance, and real pictures.

// A test fails by panicking; the lint is for the device.
#![allow(clippy::unwrap_used)]

use sfumato_core::pixels::Pixels;
use sfumato_faces::crop::Crop;
use sfumato_faces::sample::{Levels, Outside, sample};
use sfumato_faces::store::{self, Model};
use sfumato_infer::{Contract, Network};
use std::path::Path;

/// Outputs may differ by this part of the largest number of the output.
const RELATIVE: f32 = 1e-3;

struct Pair {
    name: &'static str,
    /// Channels, and pixels of a side.
    input: [usize; 2],
    outputs: Vec<usize>,
    ours: Network,
    tracts: Network,
}

/// Each model in both engines; none where the models are missing.
fn pairs() -> Option<Vec<Pair>> {
    let folder = store::default_folder();
    let models: [(Model, [usize; 2], &[usize]); 7] = [
        (Model::DetectShort, [3, 128], &[14_336, 896]),
        (Model::DetectFull, [3, 192], &[36_864, 2304]),
        (Model::Landmarks, [3, 192], &[1404, 1, 73_728]),
        (Model::Lips, [32, 16], &[160]),
        (Model::RightEye, [32, 16], &[142, 10]),
        (Model::LeftEye, [32, 16], &[142, 10]),
        (Model::Mesh, [3, 192], &[1404, 1]),
    ];
    let mut pairs = Vec::new();
    for (model, shape, outputs) in models {
        if !folder.join(model.file_name()).exists() {
            eprintln!(
                "SKIPPED: no face models in {}; run `cargo xtask models`",
                folder.display()
            );
            return None;
        }
        let bytes = store::read(&folder, model).unwrap();
        let contract = Contract {
            name: model.name(),
            input: &[1, shape[0], shape[1], shape[1]],
            outputs,
        };
        let pair = Pair {
            name: model.name(),
            input: shape,
            outputs: outputs.to_vec(),
            ours: Network::load(&bytes, &contract).unwrap(),
            tracts: Network::load_reference(&bytes, &contract).unwrap(),
        };
        assert!(
            pair.ours.engine().starts_with("sfumato "),
            "{}",
            pair.ours.engine()
        );
        pairs.push(pair);
    }
    Some(pairs)
}

impl Pair {
    /// The largest difference, as a part of the largest number, over all outputs.
    fn difference(&mut self, input: &[f32]) -> f32 {
        let run = |network: &mut Network| {
            let mut outputs: Vec<Vec<f32>> =
                self.outputs.iter().map(|count| vec![0.0; *count]).collect();
            let mut views: Vec<&mut [f32]> = outputs.iter_mut().map(Vec::as_mut_slice).collect();
            network.run(input, &mut views).unwrap();
            outputs
        };
        let (ours, tracts) = (run(&mut self.ours), run(&mut self.tracts));
        let worst = ours.iter().zip(&tracts).map(|(ours, tracts)| {
            let largest = tracts
                .iter()
                .fold(0.0_f32, |most, number| most.max(number.abs()));
            let apart = ours.iter().zip(tracts).map(|(a, b)| (a - b).abs());
            apart.fold(0.0_f32, |most, apart| most.max(apart)) / largest
        });
        worst.fold(0.0, f32::max)
    }
}

#[test]
fn numbers_by_chance() {
    let Some(mut pairs) = pairs() else { return };
    for pair in &mut pairs {
        for seed in 0..4_u32 {
            let noise = |index: u32| {
                let x = index.wrapping_mul(2_654_435_761).wrapping_add(seed * 977);
                (x ^ (x >> 15)) as f32 / u32::MAX as f32 * 2.0 - 1.0
            };
            let count = pair.input[0] * pair.input[1].pow(2);
            let input: Vec<f32> = (0..count as u32).map(noise).collect();
            let difference = pair.difference(&input);
            assert!(difference < RELATIVE, "{}: {difference}", pair.name);
        }
    }
}

#[test]
fn real_pictures() {
    let folder =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/media/visitors/frames");
    let Ok(entries) = std::fs::read_dir(&folder) else {
        eprintln!("SKIPPED: {} is not there", folder.display());
        return;
    };
    let Some(mut pairs) = pairs() else { return };
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    assert!(paths.len() >= 10);
    let mut worst = 0.0_f32;
    for path in paths.iter().step_by(3) {
        let picture = image::open(path).unwrap().into_rgb8();
        let (width, height) = (picture.width() as usize, picture.height() as usize);
        let pixels: Vec<[u8; 3]> = picture.pixels().map(|pixel| pixel.0).collect();
        let view = Pixels::new(&pixels, width, height, width).unwrap();
        let crop = Crop::letterbox(width, height);
        let levels = Levels {
            black: 0.0,
            white: 1.0,
        };
        for pair in pairs.iter_mut().filter(|pair| pair.input[0] == 3) {
            let size = pair.input[1];
            let mut input = vec![0.0; 3 * size * size];
            sample(view, &crop, Outside::Black, levels, size, &mut input);
            let difference = pair.difference(&input);
            assert!(
                difference < RELATIVE,
                "{} {}: {difference}",
                path.display(),
                pair.name
            );
            worst = worst.max(difference);
        }
    }
    println!("at most {worst:e} of the largest number apart");
}
