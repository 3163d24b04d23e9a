use sfumato_bake::{
    chain::{Chain, Layer::*, Map},
    examples::*,
    learner::*,
    loss::*,
    random::Random,
    teacher::Teacher,
};
use sfumato_generator::{
    network::{Part, inputs::INPUTS},
    rig::model::Model,
};
use std::time::Instant;
fn main() {
    let args: Vec<String> = std::env::args().collect();
    let pack = sfumato_pack::Pack::read(args[1].as_ref()).unwrap();
    let budget: f64 = args[2].parse().unwrap();
    let triples: usize = args[3].parse().unwrap();
    let variant = args[4].as_str();
    let rate: f32 = args.get(5).map_or(2e-3, |s| s.parse().unwrap());
    let model = Model::decode(&pack.rig).unwrap();
    let mut teachers: Vec<_> = (0..2).map(|_| Teacher::new(model.clone())).collect();
    let r = pack.portrait.region;
    let img = &pack.portrait.painting;
    let side = 512usize;
    let mut lum = vec![0f32; side * side];
    let px = img.pixels();
    for y in 0..side {
        for x in 0..side {
            let (x0, x1) = (
                r.x as usize + x * r.width as usize / side,
                r.x as usize
                    + ((x + 1) * r.width as usize / side).max(x * r.width as usize / side + 1),
            );
            let (y0, y1) = (
                r.y as usize + y * r.height as usize / side,
                r.y as usize
                    + ((y + 1) * r.height as usize / side).max(y * r.height as usize / side + 1),
            );
            let mut s = 0f32;
            let mut n = 0f32;
            for yy in y0..y1 {
                {
                    let w = img.width() as usize;
                    let row = &px[yy * w..(yy + 1) * w];
                    for xx in x0..x1.min(row.len()) {
                        let p = row[xx];
                        s += ((p >> 16 & 255) + (p >> 8 & 255) + (p & 255)) as f32 / 765.0;
                        n += 1.0;
                    }
                }
            }
            lum[y * side + x] = s / n.max(1.0);
        }
    }
    let loss = Loss::new(&model, Slopes::of(&lum, side), teachers[0].rest());
    let mut random = Random::new(1);
    let t = Instant::now();
    let mut train = Examples::new(triples, &mut teachers, &[], &mut random);
    let test = Examples::new(150, &mut teachers, &[], &mut Random::new(99));
    println!("examples {:.1}s", t.elapsed().as_secs_f64());
    let chains: Vec<(Part, Chain)> = match variant {
        "a" => vec![
            (
                Part::Field,
                Chain::new(
                    INPUTS,
                    &[
                        Connected(Map::vector(96)),
                        Connected(Map::new(8, 8, 32)),
                        Convolution(48),
                        Upsample,
                        Convolution(48),
                        Upsample,
                        Convolution(32),
                        Upsample,
                        Depthwise,
                        Point(32),
                        Convolution(2),
                    ],
                ),
            ),
            (
                Part::Mouth,
                Chain::new(
                    INPUTS,
                    &[
                        Connected(Map::vector(96)),
                        Connected(Map::new(8, 12, 32)),
                        Convolution(48),
                        Upsample,
                        Convolution(48),
                        Upsample,
                        Convolution(32),
                        Upsample,
                        Depthwise,
                        Point(32),
                        Convolution(6),
                    ],
                ),
            ),
            (
                Part::EyeRight,
                Chain::new(
                    INPUTS,
                    &[
                        Connected(Map::vector(64)),
                        Connected(Map::new(6, 8, 32)),
                        Convolution(48),
                        Upsample,
                        Convolution(48),
                        Upsample,
                        Convolution(32),
                        Upsample,
                        Depthwise,
                        Point(32),
                        Convolution(4),
                    ],
                ),
            ),
        ],
        "b" => vec![
            (
                Part::Field,
                Chain::new(
                    INPUTS,
                    &[
                        Connected(Map::vector(128)),
                        Connected(Map::new(8, 8, 48)),
                        Convolution(64),
                        Upsample,
                        Convolution(64),
                        Upsample,
                        Convolution(48),
                        Upsample,
                        Convolution(32),
                        Convolution(2),
                    ],
                ),
            ),
            (
                Part::Mouth,
                Chain::new(
                    INPUTS,
                    &[
                        Connected(Map::vector(128)),
                        Connected(Map::new(8, 12, 48)),
                        Convolution(64),
                        Upsample,
                        Convolution(64),
                        Upsample,
                        Convolution(48),
                        Upsample,
                        Convolution(32),
                        Convolution(6),
                    ],
                ),
            ),
            (
                Part::EyeRight,
                Chain::new(
                    INPUTS,
                    &[
                        Connected(Map::vector(96)),
                        Connected(Map::new(6, 8, 48)),
                        Convolution(64),
                        Upsample,
                        Convolution(64),
                        Upsample,
                        Convolution(48),
                        Upsample,
                        Convolution(32),
                        Convolution(4),
                    ],
                ),
            ),
        ],
        _ => panic!(),
    };
    let only = std::env::var("PART").ok();
    let mut learners: Vec<_> = chains
        .into_iter()
        .filter(|(p, _)| only.as_ref().is_none_or(|o| o == p.name()))
        .map(|(p, c)| {
            println!(
                "{} {:.1} MMAC {} params",
                p.name(),
                c.macs() as f64 / 1e6,
                c.parameters()
            );
            Learner::new(p, c, 5)
        })
        .collect();
    let start = Instant::now();
    let mut samples = 0usize;
    let batch: usize = std::env::var("BATCH").map_or(16, |s| s.parse().unwrap());
    let mut steps = 0;
    let mut time = vec![0f64; learners.len()];
    let testset = test.groups();
    let mut next = 0.0;
    let mut renewed = 0f64;
    let mut acc = vec![Vec::new(); learners.len()];
    loop {
        let done = samples as f64 / budget;
        if done >= 1.0 {
            break;
        }
        let lr =
            rate * (if samples < 800 {
                samples as f32 / 800.0
            } else {
                1.0
            }) * (0.5 + 0.5 * (std::f32::consts::PI * done as f32).cos()).max(0.003);
        let list = train.groups();
        let pick: Vec<&[Example]> = (0..batch).map(|_| list[random.below(list.len())]).collect();
        for (i, l) in learners.iter_mut().enumerate() {
            let t = Instant::now();
            let s = l.learn(&pick, &loss, lr);
            time[i] += t.elapsed().as_secs_f64();
            acc[i].push(s);
        }
        steps += 1;
        samples += pick.iter().map(|g| g.len()).sum::<usize>();
        if steps % 40 == 0 {
            let t = Instant::now();
            train.renew(40 * batch / 4, &mut teachers, &[], &mut random);
            renewed += t.elapsed().as_secs_f64();
        }
        if done >= next {
            next += 0.1;
            print!("{:4.0}% step {steps} lr {lr:.5}", done * 100.0);
            for (i, l) in learners.iter_mut().enumerate() {
                let tr = acc[i]
                    .drain(..)
                    .fold((0.0, 0.0), |a, s| (a.0 + s.error, a.1 + s.still));
                print!(
                    "  {} train {:.2} test {:.2} dB",
                    l.part.name(),
                    10.0 * (tr.1 / tr.0).log10(),
                    l.score(&testset, &loss).decibels()
                );
            }
            println!();
        }
    }
    println!(
        "steps {steps}, samples/s {:.0}; s per part {time:.1?} renew {renewed:.1}",
        samples as f64 / start.elapsed().as_secs_f64()
    );
    for l in &mut learners {
        let s = l.score(&testset, &loss);
        let n = test.list().len() as f64;
        println!(
            "{} test {:.2} dB; picture rms error {:.5} (still {:.5})",
            l.part.name(),
            s.decibels(),
            (s.error / n).sqrt(),
            (s.still / n).sqrt()
        );
    }
}
