//! The promises of [`Screen`], checked on any implementation.
//!
//! Used by this crate's tests on every screen that needs no hardware, and by the program
//! `screen_probe` on real ones.

use crate::{Power, Presented, Screen};
use sfumato_core::pixels::Xrgb;
use sfumato_core::time::Moment;
use std::time::{Duration, Instant};

/// How long a present may take before the screen counts as stuck. Generous: it tells a bounded
/// wait from an endless one, nothing more.
const STUCK: Duration = Duration::from_secs(20);

/// What was seen while checking.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// Pictures that became visible.
    pub flips: u64,
    /// Presents that were not confirmed in time.
    pub timeouts: u64,
    /// Buffers the screen takes turns with, at least.
    pub oldest_age: u32,
    /// Whether the display can be put to sleep.
    pub sleeps: bool,
}

/// Presents `pictures` pictures on `screen`, puts it to sleep, wakes it, and checks its promises.
///
/// The error says which promise was broken.
pub fn check(screen: &mut dyn Screen, pictures: u32) -> Result<Seen, String> {
    let mut seen = Seen::default();
    let mode = screen.mode();
    require(mode.width > 0 && mode.height > 0, "a screen has a size")?;
    require(!screen.description().is_empty(), "a screen says what it is")?;
    let before = screen.counters();
    // What was presented, in order; the colour of picture n is known from n.
    let mut presented: Vec<Xrgb> = Vec::new();
    let mut last: Option<(Moment, u64)> = None;
    for number in 0..pictures {
        let colour = 0xff00_0000 | number.wrapping_mul(0x0003_0507) & 0x00ff_ffff;
        let age = paint(screen, colour, &presented)?;
        require(number > 0 || age == 0, "the first buffer has age 0")?;
        seen.oldest_age = seen.oldest_age.max(age);
        if number % 5 == 3 {
            let again = paint(screen, colour, &presented)?;
            require(again == 0, "a buffer drawn twice has age 0 the second time")?;
        }
        let asked = Instant::now();
        let shown = screen
            .present(Duration::from_secs(2))
            .map_err(|error| format!("picture {number}: {error}"))?;
        require(asked.elapsed() < STUCK, "a wait is bounded")?;
        presented.push(colour);
        match shown {
            Presented::TimedOut => seen.timeouts += 1,
            Presented::Asleep(_) => return Err("a screen is awake until it is put to sleep".into()),
            Presented::Flipped(flip) => {
                seen.flips += 1;
                if let Some((at, sequence)) = last {
                    require(flip.at >= at, "time does not run backwards")?;
                    require(flip.sequence > sequence, "every flip has a higher number")?;
                }
                last = Some((flip.at, flip.sequence));
            }
        }
    }
    require(seen.flips > 0 || pictures == 0, "pictures become visible")?;
    // The same picture once more, without drawing.
    let again = screen
        .present(Duration::from_secs(2))
        .map_err(|error| format!("presenting again: {error}"))?;
    let flips = seen.flips + u64::from(matches!(again, Presented::Flipped(_)));
    require(
        screen.counters().flips - before.flips == flips,
        "the counter of flips is the number of flips",
    )?;
    let changed = screen
        .reprobe()
        .map_err(|error| format!("looking for the display: {error}"))?;
    require(
        changed || screen.mode() == mode,
        "the mode changes only when that is said",
    )?;
    if pictures > 0 {
        seen.sleeps = sleep_and_wake(screen)?;
    }
    Ok(seen)
}

/// Puts an awake screen to sleep and wakes it; whether it can.
fn sleep_and_wake(screen: &mut dyn Screen) -> Result<bool, String> {
    let switch = |screen: &mut dyn Screen, on: bool| {
        let power = screen.set_power(on);
        power.map_err(|error| format!("switching the power: {error}"))
    };
    let power = switch(screen, true)?;
    require(power != Power::Asleep, "a screen is awake at first")?;
    let before = screen.counters();
    let power = switch(screen, false)?;
    if power == Power::Fixed {
        show(screen)?;
        let again = switch(screen, true)?;
        require(again == Power::Fixed, "what cannot sleep need not wake")?;
        return Ok(false);
    }
    require(power == Power::Asleep, "a screen put to sleep is asleep")?;
    let mut last = Moment(0);
    for round in 0..4 {
        match round {
            1 => {
                let power = switch(screen, false)?;
                require(power == Power::Asleep, "asking again changes nothing")?;
            }
            2 => {
                screen
                    .reprobe()
                    .map_err(|error| format!("looking for a sleeping display: {error}"))?;
            }
            _ => {}
        }
        let age = paint(screen, 0xff_ffff, &[])?;
        require(age == 0, "asleep a buffer has age 0")?;
        let asked = Instant::now();
        let shown = screen
            .present(Duration::from_secs(2))
            .map_err(|error| format!("presenting asleep: {error}"))?;
        require(asked.elapsed() < STUCK, "a wait asleep is bounded")?;
        let Presented::Asleep(at) = shown else {
            return Err(format!("a screen asleep shows nothing, not {shown:?}"));
        };
        require(at >= last, "time does not run backwards asleep")?;
        last = at;
    }
    require(
        screen.counters() == before,
        "asleep no event is counted: neither pictures nor faults",
    )?;
    let power = switch(screen, true)?;
    require(power == Power::Awake, "a screen that slept can be woken")?;
    let age = paint(screen, 1, &[])?;
    require(age == 0, "the first buffer after waking has age 0")?;
    let mut first = show(screen)?;
    // From here on ages count what was shown since.
    let mut presented = vec![1];
    for colour in 2..6 {
        if colour == 4 {
            let power = switch(screen, true)?;
            require(
                power == Power::Awake,
                "waking what is awake changes nothing",
            )?;
        }
        paint(screen, colour, &presented)?;
        first = first.or(show(screen)?);
        presented.push(colour);
    }
    require(
        first == Some(before.flips),
        "pictures become visible after waking, and their numbers go on where they were",
    )?;
    Ok(true)
}

/// Presents once, awake; the picture's number if it became visible in time.
fn show(screen: &mut dyn Screen) -> Result<Option<u64>, String> {
    let shown = screen
        .present(Duration::from_secs(2))
        .map_err(|error| format!("presenting: {error}"))?;
    match shown {
        Presented::Flipped(flip) => Ok(Some(flip.sequence)),
        Presented::TimedOut => Ok(None),
        Presented::Asleep(_) => Err("a screen that was not put to sleep shows".into()),
    }
}

/// Fills the buffer with `colour` and returns its age, after checking what it holds.
fn paint(screen: &mut dyn Screen, colour: Xrgb, presented: &[Xrgb]) -> Result<u32, String> {
    let mode = screen.mode();
    let mut result = Err("the painter was not called".to_owned());
    let mut calls = 0;
    screen
        .draw(&mut |mut pixels, age| {
            calls += 1;
            let size = (pixels.width(), pixels.height());
            result = if size != (mode.width, mode.height) {
                Err(format!("the buffer has the mode's size, not {size:?}"))
            } else {
                content(&pixels.as_pixels(), age, presented).map(|()| age)
            };
            pixels.fill(colour);
        })
        .map_err(|error| error.to_string())?;
    require(calls == 1, "the painter is called once")?;
    result
}

/// A buffer of age n holds the picture presented n presents ago.
fn content(
    pixels: &sfumato_core::pixels::Pixels<'_, Xrgb>,
    age: u32,
    presented: &[Xrgb],
) -> Result<(), String> {
    if age == 0 {
        return Ok(());
    }
    let held = presented.len().checked_sub(age as usize);
    let Some(want) = held.and_then(|number| presented.get(number)) else {
        return Err(format!("age {age} after {} pictures", presented.len()));
    };
    let (right, bottom) = (pixels.width() - 1, pixels.height() - 1);
    for (x, y) in [
        (0, 0),
        (right, 0),
        (0, bottom),
        (right, bottom),
        (right / 2, bottom / 2),
    ] {
        // The top byte means nothing, and displays need not keep it.
        let got = pixels.get(x, y).unwrap_or(0) & 0x00ff_ffff;
        if got != want & 0x00ff_ffff {
            return Err(format!(
                "a buffer of age {age} holds {got:06x}, not {want:08x}"
            ));
        }
    }
    Ok(())
}

fn require(kept: bool, promise: &str) -> Result<(), String> {
    if kept { Ok(()) } else { Err(promise.into()) }
}
