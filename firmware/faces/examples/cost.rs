//! What the perception costs on this machine, in CPU time, and what each part's share is.
//!
//! `cargo run --release -p sfumato-faces --example cost -- PICTURE`

use sfumato_core::pixels::Pixels;
use sfumato_core::time::Moment;
use sfumato_faces::crop::Crop;
use sfumato_faces::sample::{Levels, Outside, sample};
use sfumato_faces::{Perception, Range, store};
use std::path::Path;

/// CPU time of this thread in milliseconds; wall time says nothing on a busy machine.
fn cpu() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    time.tv_sec as f64 * 1e3 + time.tv_nsec as f64 / 1e6
}

/// The median cost of a call in milliseconds.
fn median(mut call: impl FnMut()) -> f64 {
    for _ in 0..5 {
        call();
    }
    let mut costs: Vec<f64> = (0..60)
        .map(|_| {
            let start = cpu();
            call();
            cpu() - start
        })
        .collect();
    costs.sort_by(f64::total_cmp);
    costs[costs.len() / 2]
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args().nth(1).ok_or("say which picture")?;
    let picture = image::open(Path::new(&path))?.into_rgb8();
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    let data: Vec<[u8; 3]> = picture.pixels().map(|pixel| pixel.0).collect();
    let view = Pixels::new(&data, width, height, width)?;
    let mut perception = Perception::load(&store::default_folder())?;
    let mut now = 0;
    let faces = perception.see(view, Moment(now))?.faces.len();
    println!(
        "{path}: {width} x {height}, {faces} faces, {}",
        sfumato_infer::engine_version()
    );

    let follow = median(|| {
        // A stream at 30 pictures a second, with its looks for further faces.
        now += 33_333;
        perception.see(view, Moment(now)).expect("it worked before");
    });
    let short = median(|| drop(perception.detect(view, Range::Short).map(|list| list.len())));
    let full = median(|| drop(perception.detect(view, Range::Full).map(|list| list.len())));
    let mut planes = vec![0.0; 3 * 192 * 192];
    let mut crop = Crop::letterbox(width, height);
    crop.rotation = 0.3;
    crop.size *= 0.5;
    let levels = Levels {
        black: 0.0,
        white: 1.0,
    };
    let sampling = median(|| sample(view, &crop, Outside::Nearest, levels, 192, &mut planes));
    println!("follow        {follow:7.3} ms a picture (median), {faces} faces");
    println!(
        "short range   {short:7.3} ms, {:.2} of follow",
        short / follow
    );
    println!(
        "full range    {full:7.3} ms, {:.2} of follow",
        full / follow
    );
    println!(
        "one crop      {sampling:7.3} ms, {:.3} of follow",
        sampling / follow
    );
    Ok(())
}
