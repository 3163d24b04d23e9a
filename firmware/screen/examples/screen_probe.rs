//! Opens a screen, checks its promises, and shows a test picture on it.
//!
//! `screen_probe URI [--pictures N] [--sleep SECONDS] [--hold SECONDS] [--picture FILE.png]`
//!
//! Before it holds the picture the display may be let sleep for a while. While it holds the picture it
//! looks for the display every half second, so that one can unplug it and see it come back. `screen_probe turn` measures a quarter turn against a plain copy.

use sfumato_core::pixels::{Pixels, PixelsMut, Xrgb, xrgb};
use sfumato_core::time::{Clock, Moment};
use sfumato_screen::{
    Presented, Rotation, Screen, ScreenError, ScreenUri, SharedClock, conformance, rotate,
};
use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, Instant};

struct SystemClock(Instant);

impl Clock for SystemClock {
    fn now(&self) -> Moment {
        Moment(self.0.elapsed().as_micros() as u64)
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let uri = arguments
        .next()
        .ok_or("name a screen, for instance drm:/dev/dri/card0")?;
    if uri == "turn" {
        return measure_turn();
    }
    #[cfg(target_os = "linux")]
    if uri == "ddc" {
        return probe_ddc(&arguments.next().ok_or("name a connector or a bus")?);
    }
    let uri: ScreenUri = uri.parse()?;
    let (mut pictures, mut hold, mut sleep, mut picture) =
        (120, Duration::ZERO, Duration::ZERO, None);
    while let Some(option) = arguments.next() {
        let value = arguments.next().ok_or("an option has no value")?;
        match option.as_str() {
            "--pictures" => pictures = value.parse()?,
            "--hold" => hold = Duration::from_secs(value.parse()?),
            "--sleep" => sleep = Duration::from_secs(value.parse()?),
            "--picture" => picture = Some(load(&value)?),
            other => return Err(format!("the option {other} is not known").into()),
        }
    }
    let clock: SharedClock = Arc::new(SystemClock(Instant::now()));
    let mut screen = sfumato_screen::open(&uri, (1280, 720), clock)?;
    println!("{} {:?}", screen.description(), screen.mode());
    let start = Instant::now();
    let seen = conformance::check(&mut *screen, pictures)?;
    let rate = seen.flips as f64 / start.elapsed().as_secs_f64();
    println!(
        "promises kept: {seen:?}, {rate:.1} a second, {:?}",
        screen.counters()
    );
    println!("connector {:?}", screen.connector());
    if !sleep.is_zero() {
        println!("asleep: {:?}", screen.set_power(false)?);
        hold_picture(&mut *screen, sleep, picture.as_ref())?;
        println!("woken: {:?}", screen.set_power(true)?);
    }
    hold_picture(&mut *screen, hold, picture.as_ref())?;
    println!("{:?}", screen.counters());
    Ok(())
}

/// Says what a display obeys, and why not where it does not.
#[cfg(target_os = "linux")]
fn probe_ddc(place: &str) -> Result<(), Box<dyn Error>> {
    use sfumato_screen::ddc;
    let path = std::path::Path::new(place);
    let bus = match path.is_absolute() {
        true => ddc::open_device(path)?,
        false => ddc::open(place)?,
    };
    let mut control = ddc::DisplayControl::new(bus);
    println!("{}", control.description());
    match control.prove_luminance() {
        Ok(range) => println!("luminance: 0 to {}", range.maximum),
        Err(error) => println!("luminance: {error}"),
    }
    match control.prove_power() {
        Ok(()) => println!("power: sleeps and wakes"),
        Err(error) => println!("power: {error}"),
    }
    Ok(())
}

/// Columns, rows and pixels of a PNG file.
type Picture = (usize, usize, Vec<Xrgb>);

fn load(path: &str) -> Result<Picture, Box<dyn Error>> {
    let file = std::io::BufReader::new(std::fs::File::open(path)?);
    let mut reader = png::Decoder::new(file).read_info()?;
    let mut bytes = vec![0; reader.output_buffer_size().ok_or("too large")?];
    let info = reader.next_frame(&mut bytes)?;
    if info.color_type != png::ColorType::Rgb || info.bit_depth != png::BitDepth::Eight {
        return Err("the picture is not RGB with 8 bits".into());
    }
    let pixels = bytes
        .as_chunks()
        .0
        .iter()
        .map(|pixel| xrgb(*pixel))
        .collect();
    Ok((info.width as usize, info.height as usize, pixels))
}

fn hold_picture(
    screen: &mut dyn Screen,
    length: Duration,
    picture: Option<&Picture>,
) -> Result<(), Box<dyn Error>> {
    let start = Instant::now();
    let mut look = Duration::from_millis(500);
    let mut shown = false;
    let mut step = 0;
    while start.elapsed() < length {
        if start.elapsed() >= look {
            look += Duration::from_millis(500);
            match screen.reprobe() {
                Ok(true) => println!(
                    "{:6.2} s now {}",
                    start.elapsed().as_secs_f64(),
                    screen.description()
                ),
                Ok(false) => {}
                Err(error) => println!("{:6.2} s {error}", start.elapsed().as_secs_f64()),
            }
        }
        let drawn = screen.draw(&mut |pixels, _| test_picture(pixels, picture, step));
        match drawn.and_then(|()| screen.present(Duration::from_millis(500))) {
            Ok(Presented::Flipped(_)) if !shown => {
                shown = true;
                println!("{:6.2} s shown", start.elapsed().as_secs_f64());
            }
            Ok(Presented::Asleep(_)) => shown = false,
            Ok(_) => {}
            Err(ScreenError::Closed) => return Ok(()),
            Err(error) if error.may_recover() => {
                shown = false;
                std::thread::sleep(Duration::from_millis(100));
            }
            Err(error) => return Err(error.into()),
        }
        step += 1;
    }
    Ok(())
}

/// Colour ramps in a white frame with one red corner at the top left, the picture in the middle,
/// and a bar that moves.
fn test_picture(mut pixels: PixelsMut<'_, Xrgb>, picture: Option<&Picture>, step: usize) {
    let (width, height) = (pixels.width(), pixels.height());
    for y in 0..height {
        let row = pixels.row_mut(y);
        for (x, pixel) in row.iter_mut().enumerate() {
            let level = (x * 255 / width) as u8;
            *pixel = match y * 4 / height {
                _ if x < 40 && y < 40 => xrgb([255, 0, 0]),
                _ if x < 4 || y < 4 || x + 4 >= width || y + 4 >= height => xrgb([255; 3]),
                _ if x / 8 == step % (width / 8) => xrgb([255, 255, 0]),
                0 => xrgb([level, 0, 0]),
                1 => xrgb([0, level, 0]),
                2 => xrgb([0, 0, level]),
                _ => xrgb([level; 3]),
            };
        }
    }
    if let Some((columns, rows, data)) = picture {
        let (left, top) = (
            width.saturating_sub(*columns) / 2,
            height.saturating_sub(*rows) / 2,
        );
        for (y, line) in data.chunks(*columns).enumerate() {
            for (to, from) in pixels.row_mut(top + y).iter_mut().skip(left).zip(line) {
                *to = *from;
            }
        }
    }
}

/// The time of a quarter turn of a full-HD picture as a multiple of a plain copy's.
fn measure_turn() -> Result<(), Box<dyn Error>> {
    const SIZE: (usize, usize) = (1080, 1920);
    let from: Vec<Xrgb> = (0..SIZE.0 * SIZE.1).map(|i| i as Xrgb).collect();
    let mut to = vec![0; from.len()];
    let mut time = |rotation: Rotation| -> Result<f64, Box<dyn Error>> {
        let size = if rotation.swaps_sides() {
            (SIZE.1, SIZE.0)
        } else {
            SIZE
        };
        let mut best = f64::MAX;
        for _ in 0..20 {
            let start = Instant::now();
            rotate(
                Pixels::new(&from, SIZE.0, SIZE.1, SIZE.0)?,
                PixelsMut::new(&mut to, size.0, size.1, size.0)?,
                rotation,
            );
            std::hint::black_box(&mut to);
            best = best.min(start.elapsed().as_secs_f64() * 1e3);
        }
        Ok(best)
    };
    let copy = time(Rotation::None)?;
    for rotation in [Rotation::Quarter, Rotation::Half, Rotation::ThreeQuarters] {
        let turn = time(rotation)?;
        println!(
            "{rotation:?}: {turn:.2} ms, {:.1} times a copy ({copy:.2} ms)",
            turn / copy
        );
    }
    Ok(())
}
