//! `atelier bench warp`: what moving a pixel of paint costs, in CPU time of one core.

use anyhow::Context;
use sfumato_compositor::{Compositor, Instructions, Layout, Picture, Portrait};
use sfumato_core::drawing::{Amount, Drawing, FIELD_SIDE};
use sfumato_core::geometry::Rect;
use sfumato_core::motion::{Blendshape, Motion, Real};
use sfumato_core::pixels::{rgb, xrgb};
use sfumato_generator::{Generator, Rig};
use sfumato_pack::Pack;
use std::hint::black_box;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

/// Turns that each way gets; the fastest counts, as the one the machine disturbed least.
const TURNS: usize = 100;

/// CPU time of this thread so far: what others do with the machine does not count.
fn cpu_time() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::new(
        u64::try_from(time.tv_sec).unwrap_or(0),
        u32::try_from(time.tv_nsec).unwrap_or(0),
    )
}

/// Measures and prints.
pub fn run(pack: Option<&Path>, height: u32, python: &Path) -> anyhow::Result<()> {
    let (portrait, drawing) = match pack {
        Some(path) => from_pack(&Pack::read(path)?)?,
        None => made_up(),
    };
    let shape = f64::from(portrait.painting.width()) / f64::from(portrait.painting.height());
    let width = (f64::from(height) * shape).round().max(16.0) as u32;
    let layout = Layout::fit(width, height);
    let mut best = Compositor::new(&portrait, layout)?;
    let mut plain = Compositor::new(&portrait, layout)?.with_instructions(Instructions::PLAIN);
    let mut still = Compositor::new(&portrait, layout)?;
    let mut picture = Picture::new(width, height, 0);

    // The painting at rest is the picture that every other way has to move.
    best.draw(&Drawing::REST, picture.view_mut(), 0)?;
    let rest = picture.clone();
    let region = best.region();
    best.draw(&drawing, picture.view_mut(), 1)?;
    let moved = picture
        .pixels()
        .iter()
        .zip(rest.pixels())
        .filter(|(a, b)| a != b)
        .count();
    let naive = Naive::new(&rest, region, &drawing);

    let mut times = [Duration::MAX; 4];
    for _ in 0..TURNS {
        let mut turn = |slot: usize, work: &mut dyn FnMut() -> anyhow::Result<()>| {
            let start = cpu_time();
            work()?;
            times[slot] = times[slot].min(cpu_time().saturating_sub(start));
            anyhow::Ok(())
        };
        let out = &mut picture;
        turn(0, &mut || {
            Ok(best.draw(&drawing, out.view_mut(), 1).map(drop)?)
        })?;
        turn(1, &mut || {
            Ok(plain.draw(&drawing, out.view_mut(), 1).map(drop)?)
        })?;
        turn(2, &mut || {
            Ok(still.draw(&Drawing::REST, out.view_mut(), 1).map(drop)?)
        })?;
        turn(3, &mut || {
            naive.draw(out);
            Ok(())
        })?;
        black_box(out);
    }

    println!(
        "screen {width} x {height}, region {} x {}, {moved} pixels changed; one core",
        region.width, region.height
    );
    let per_pixel = |time: Duration| time.as_secs_f64() * 1e9 / moved.max(1) as f64;
    let ours = per_pixel(times[0]);
    let line = |name: &str, time: f64| {
        println!("{name:44} {time:8.2} ns a moved pixel  {:6.2}", time / ours);
    };
    line(
        &format!(
            "everything a drawing asks for, {}",
            Instructions::best().name()
        ),
        ours,
    );
    line("the same, plain instructions", per_pixel(times[1]));
    line("a painting at rest", per_pixel(times[2]));
    line(
        "field alone, bilinear, float, a plain loop",
        per_pixel(times[3]),
    );
    match open_cv(python, &rest, region) {
        Ok(times) => {
            for (name, nanoseconds) in times {
                // OpenCV moves every pixel of the region: the same divisor is fair.
                line(&name, nanoseconds / moved.max(1) as f64);
            }
        }
        Err(error) => println!("OpenCV skipped: {error:#}"),
    }
    Ok(())
}

/// A painting of strokes whose whole region turns and breathes, with eyes and mouth at rest.
fn made_up() -> (Portrait, Box<Drawing>) {
    let (width, height) = (1342, 2000);
    let pixels = (0..width * height)
        .map(|i: u32| {
            let (x, y) = (f64::from(i % width), f64::from(i / width));
            let value =
                120.0 + 60.0 * (x / 90.0).sin() * (y / 70.0).cos() + 25.0 * (x + 2.0 * y).sin();
            xrgb([value as u8, (value * 0.8) as u8, (value * 0.5) as u8])
        })
        .collect();
    let portrait = Portrait {
        painting: Picture::from_pixels(width, height, pixels).unwrap_or_default(),
        region: Rect {
            x: 231,
            y: 132,
            width: 831,
            height: 831,
        },
        mouth_size: [0.2, 0.2],
        ..Portrait::default()
    };
    let mut drawing = Box::new(Drawing::REST);
    let field = &mut drawing.field;
    for node in 0..FIELD_SIDE * FIELD_SIDE {
        let at = |i: usize| (i as f64 + 0.5) / FIELD_SIDE as f64;
        let (x, y) = (at(node % FIELD_SIDE), at(node / FIELD_SIDE));
        let edge = x.min(1.0 - x).min(y).min(1.0 - y);
        field.flow_x[node] = Amount::from_num(0.03 * (y * 5.0).cos() + 0.004);
        field.flow_y[node] = Amount::from_num(0.02 * (x * 4.0).sin() - 0.003);
        field.alpha[node] = Amount::from_num((edge * 10.0).min(1.0));
    }
    (portrait, drawing)
}

/// A pack's portrait, turned, speaking and looking aside.
fn from_pack(pack: &Pack) -> anyhow::Result<(Portrait, Box<Drawing>)> {
    let mut rig = Rig::decode(&pack.rig)?;
    let mut motion = Motion::REST;
    motion.head.yaw = Real::from_num(6);
    motion.head.pitch = Real::from_num(-3);
    motion.gaze.yaw = Real::from_num(-8);
    motion.eye_openness = [Real::from_num(0.7); 2];
    motion.set(Blendshape::JawOpen, Real::from_num(0.3));
    let mut drawing = Box::new(Drawing::REST);
    rig.generate(&motion, &mut drawing)?;
    Ok((pack.portrait.clone(), drawing))
}

/// What one writes first: floats, four neighbours, a pixel at a time.
struct Naive {
    source: Picture,
    region: Rect,
    flow: Vec<[f32; 2]>,
}

impl Naive {
    /// The field's flow at every pixel, worked out beforehand: that part costs nothing here.
    fn new(source: &Picture, region: Rect, drawing: &Drawing) -> Naive {
        let mut flow = Vec::new();
        for y in 0..region.height {
            for x in 0..region.width {
                let node = |at: u32, side: u32| at as usize * FIELD_SIDE / side as usize;
                let node = node(y, region.height) * FIELD_SIDE + node(x, region.width);
                flow.push([
                    drawing.field.flow_x[node].to_num::<f32>() * region.width as f32,
                    drawing.field.flow_y[node].to_num::<f32>() * region.height as f32,
                ]);
            }
        }
        Naive {
            source: source.clone(),
            region,
            flow,
        }
    }

    fn draw(&self, out: &mut Picture) {
        let region = self.region;
        let width = out.width() as usize;
        for y in 0..region.height {
            for x in 0..region.width {
                let [dx, dy] = self.flow[(y * region.width + x) as usize];
                let (px, py) = ((region.x + x) as f32 + dx, (region.y + y) as f32 + dy);
                let (left, top) = (px.floor(), py.floor());
                let (u, v) = (px - left, py - top);
                let read = |dx: i32, dy: i32| {
                    let held = |at: i32, side: u32| at.clamp(0, side as i32 - 1) as u32;
                    let column = held(left as i32 + dx, self.source.width());
                    let row = held(top as i32 + dy, self.source.height());
                    rgb(self.source.get(column, row).unwrap_or(0)).map(f32::from)
                };
                let four = [read(0, 0), read(1, 0), read(0, 1), read(1, 1)];
                let mixed = [0, 1, 2].map(|c: usize| {
                    let upper = four[0][c] + (four[1][c] - four[0][c]) * u;
                    let lower = four[2][c] + (four[3][c] - four[2][c]) * u;
                    (upper + (lower - upper) * v + 0.5) as u8
                });
                let at = (region.y + y) as usize * width + (region.x + x) as usize;
                if let Some(pixel) = out.pixels_mut().get_mut(at) {
                    *pixel = xrgb(mixed);
                }
            }
        }
    }
}

/// OpenCV's `remap` of a region of the same size in the same picture, maps made beforehand.
fn open_cv(python: &Path, picture: &Picture, region: Rect) -> anyhow::Result<Vec<(String, f64)>> {
    const SCRIPT: &str = r"
import sys, time
try:
    import cv2, numpy as np
except ImportError as error:
    sys.exit('%s; pip install opencv-python-headless numpy' % error)
cv2.setNumThreads(1)
width, height, left, top, side_x, side_y = map(int, sys.argv[1:7])
y, x = np.mgrid[0:side_y, 0:side_x].astype(np.float32)
map_x = left + x + 12 * np.cos(y / side_y * 5) + 1.3
map_y = top + y + 9 * np.sin(x / side_x * 4) - 1.1
picture = (np.random.default_rng(1).random((height, width, 4)) * 255).astype(np.uint8)
fixed = cv2.convertMaps(map_x.astype(np.float32), map_y.astype(np.float32), cv2.CV_16SC2)
for name, kind in (('bilinear', cv2.INTER_LINEAR), ('bicubic', cv2.INTER_CUBIC)):
    best = 1e9
    for _ in range(100):
        start = time.thread_time()
        cv2.remap(picture, fixed[0], fixed[1], kind)
        best = min(best, time.thread_time() - start)
    print('OpenCV %s remap alone, %s\t%f' % (cv2.__version__, name, best * 1e9))
";
    let sizes = [
        picture.width(),
        picture.height(),
        region.x,
        region.y,
        region.width,
        region.height,
    ];
    let output = Command::new(python)
        .args(["-c", SCRIPT])
        .args(sizes.map(|size| size.to_string()))
        .output()
        .with_context(|| format!("{} does not run", python.display()))?;
    if !output.status.success() {
        anyhow::bail!("{}", String::from_utf8_lossy(&output.stderr).trim());
    }
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .map(|line| {
            let (name, time) = line.split_once('\t').context("unreadable answer")?;
            Ok((name.to_owned(), time.parse()?))
        })
        .collect()
}
