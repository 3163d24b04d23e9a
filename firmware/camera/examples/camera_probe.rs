//! Opens a camera, checks its promises, and shows what it delivers.
//!
//! `camera_probe URI [--frames N] [--save FILE.png] [--watch SECONDS] [--mains 1]`
//!
//! Without `--watch` the conformance suite runs on N frames (30). With it, a line per second says
//! what was counted and how light the room is, so that one can unplug the camera and see it come back.

use sfumato_camera::light::Meter;
use sfumato_camera::{
    Camera, CameraUri, Control, Frame, Next, SharedClock, SystemClock, conformance,
};
use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, Instant};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let uri: CameraUri = arguments
        .next()
        .ok_or("name a camera, for instance v4l2:/dev/video0")?
        .parse()?;
    let (mut frames, mut save, mut watch, mut mains) = (30, None, None, None);
    while let Some(option) = arguments.next() {
        let value = arguments.next().ok_or("an option has no value")?;
        match option.as_str() {
            "--frames" => frames = value.parse()?,
            "--save" => save = Some(value),
            "--watch" => watch = Some(Duration::from_secs(value.parse()?)),
            "--mains" => mains = Some(value.parse()?),
            other => return Err(format!("the option {other} is not known").into()),
        }
    }
    let clock: SharedClock = Arc::new(SystemClock::new());
    let mut camera = sfumato_camera::open_patiently(&uri, clock.clone())?;
    let mut frame = Frame::new();
    if let Some(length) = watch {
        if let (Some(value), Some(controls)) = (mains, camera.controls()) {
            // Remembered, and set as soon as there is a camera.
            println!(
                "mains: {:?}",
                controls.set(Control::PowerLineFrequency, value)
            );
        }
        watch_it(&mut *camera, &mut frame, &clock, length)?;
    } else {
        drop(camera);
        let mut open = || sfumato_camera::open(&uri, clock.clone());
        let seen = conformance::check(&mut open, frames)?;
        println!("promises kept: {seen:?}");
        camera = open()?;
        let start = Instant::now();
        let mut got = 0;
        while got < frames {
            match camera.next(&mut frame, Duration::from_secs(2))? {
                Next::Frame => got += 1,
                Next::TimedOut | Next::Absent => {}
                Next::Ended => break,
            }
        }
        println!("{:?}", camera.description());
        println!(
            "{got} frames, {:.1} a second, {:?}",
            got as f64 / start.elapsed().as_secs_f64(),
            camera.counters()
        );
    }
    if let Some(file) = save {
        image::save_buffer(
            &file,
            frame.bytes(),
            frame.width() as u32,
            frame.height() as u32,
            image::ExtendedColorType::Rgb8,
        )?;
        println!(
            "saved {file}, frame {} of {} x {}",
            frame.sequence,
            frame.width(),
            frame.height()
        );
    }
    Ok(())
}

fn watch_it(
    camera: &mut dyn Camera,
    frame: &mut Frame,
    clock: &SharedClock,
    length: Duration,
) -> Result<(), Box<dyn Error>> {
    let start = Instant::now();
    let mut next_line = Duration::from_secs(1);
    let mut last = None;
    let mut meter = Meter::new();
    let mut oldest = 0;
    while start.elapsed() < length {
        let next = camera.next(frame, Duration::from_millis(200))?;
        meter.observe(camera, next, frame);
        if next == Next::Frame {
            oldest = oldest.max(frame.captured.until(clock.now()).0);
        }
        if last.replace(next) != Some(next) {
            println!(
                "{:6.2} s {next:?} {}",
                start.elapsed().as_secs_f64(),
                camera.description().name
            );
        }
        if start.elapsed() >= next_line {
            next_line += Duration::from_secs(1);
            let age = std::mem::take(&mut oldest);
            println!(
                "{:6.2} s oldest {age} us {:?} {:?} level {}",
                start.elapsed().as_secs_f64(),
                camera.counters(),
                meter.seen(),
                meter.level()
            );
        }
    }
    if let Some(controls) = camera.controls() {
        println!(
            "mains in force: {:?}",
            controls.get(Control::PowerLineFrequency)
        );
    }
    Ok(())
}
