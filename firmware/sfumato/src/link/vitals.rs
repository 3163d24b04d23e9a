//! What a dashboard is told from second to second; [`sfumato_link::vitals`] has the list.

use super::facts;
use crate::pulse::{Pulse, Reading};
use sfumato_core::health::Level;
use sfumato_core::time::{Micros, Moment};
use std::collections::VecDeque;
use std::fmt::{self, Write};
use std::sync::atomic::Ordering;

/// How long rates are looked at.
const SPAN: Micros = Micros::from_secs(5);

/// How often they are.
const STEP: Micros = Micros::from_millis(500);

/// Rates over the last seconds.
#[derive(Debug, Default)]
pub struct Rates {
    seen: VecDeque<(Moment, Reading)>,
}

impl Rates {
    /// Looks at the pulse, now and then.
    pub fn look(&mut self, now: Moment, pulse: &Pulse) {
        let newest = self.seen.back();
        if newest.is_some_and(|(last, _)| last.until(now) < STEP) {
            return;
        }
        self.seen.push_back((now, pulse.read()));
        while let Some((oldest, _)) = self.seen.front()
            && oldest.until(now) > SPAN
        {
            self.seen.pop_front();
        }
    }

    /// What `count` counts, a second; none before there is anything to compare.
    fn rate(&self, count: impl Fn(&Reading) -> u64) -> Option<f64> {
        let ((first, before), (last, after)) = (self.seen.front()?, self.seen.back()?);
        let seconds = first.until(*last).0 as f64 / 1e6;
        let counted = count(after).saturating_sub(count(before));
        (seconds > 0.0).then(|| counted as f64 / seconds)
    }
}

/// Writes all that is known. `started` is when the program was.
pub fn write(
    pulse: &Pulse,
    rates: &Rates,
    personality: &str,
    [started, now]: [Moment; 2],
    out: &mut dyn Write,
) -> fmt::Result {
    let reading = pulse.read();
    let yes = |yes: bool| if yes { "yes" } else { "no" };
    writeln!(out, "level = {}", reading.level.name())?;
    writeln!(out, "state = {}", pulse.state())?;
    writeln!(out, "open = {}", yes(pulse.open.load(Ordering::Relaxed)))?;
    writeln!(out, "personality = {personality}")?;
    writeln!(out, "display = {}", display(&reading))?;
    let camera = if reading.camera_away { "away" } else { "there" };
    writeln!(out, "camera = {camera}")?;
    let rate = |rate: Option<f64>, name: &str, out: &mut dyn Write| match rate {
        Some(rate) => writeln!(out, "{name} = {rate:.1}"),
        None => Ok(()),
    };
    rate(rates.rate(|reading| reading.flips), "picture_rate", out)?;
    rate(
        rates.rate(|reading| reading.camera_frames),
        "camera_rate",
        out,
    )?;
    if let Some([median, p95]) = pulse.latency() {
        writeln!(out, "latency = {:.1}", median.0 as f64 / 1e3)?;
        writeln!(out, "latency_p95 = {:.1}", p95.0 as f64 / 1e3)?;
    }
    let brightness = pulse.brightness.load(Ordering::Relaxed);
    writeln!(out, "brightness = {}", brightness.div_ceil(10))?;
    let lux = pulse.lux.load(Ordering::Relaxed);
    if lux > 0 {
        writeln!(out, "room_light = {lux}")?;
    }
    writeln!(out, "uptime = {}", started.until(now).0 / 1_000_000)?;
    if let Some(megabytes) = facts::memory() {
        writeln!(out, "memory = {megabytes:.1}")?;
    }
    for (sensor, celsius) in facts::temperatures() {
        writeln!(out, "temperature.{sensor} = {celsius:.1}")?;
    }
    for (index, spot) in pulse.visitors().enumerate() {
        let [right, above, front] = spot.metres;
        let answered = if spot.answered { " answered" } else { "" };
        let number = index + 1;
        writeln!(
            out,
            "visitor.{number} = {right:.2} {above:.2} {front:.1}{answered}"
        )?;
    }
    for fault in faults(&reading) {
        writeln!(out, "fault = {fault}")?;
    }
    Ok(())
}

fn display(reading: &Reading) -> &'static str {
    match (reading.screen_away, reading.screen_asleep) {
        (true, _) => "away",
        (false, true) => "asleep",
        (false, false) => "there",
    }
}

/// What is wrong now.
fn faults(reading: &Reading) -> impl Iterator<Item = &'static str> {
    let all = [
        (reading.camera_away, "the camera is away: is it plugged in?"),
        (
            reading.screen_away,
            "the display is away: is it on, is the cable good?",
        ),
        (
            reading.level == Level::RigOnly,
            "the painting's network fails; its rig draws",
        ),
        (
            reading.level == Level::Still,
            "nothing can draw the painting; it is shown still",
        ),
    ];
    all.into_iter()
        .filter_map(|(is_so, words)| is_so.then_some(words))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pulse::Spot;

    fn at(millis: u64) -> Moment {
        Moment(0) + Micros::from_millis(millis)
    }

    fn told(pulse: &Pulse, rates: &Rates) -> String {
        let mut told = String::new();
        write(pulse, rates, "serene", [at(0), at(90_500)], &mut told).unwrap();
        told
    }

    #[test]
    fn everything_known_is_told() {
        let (pulse, mut rates) = (Pulse::default(), Rates::default());
        let first = told(&pulse, &rates);
        assert!(
            !first.contains("rate") && !first.contains("latency") && !first.contains("visitor")
        );
        for step in 0..40 {
            pulse.flips.store(step * 30, Ordering::Relaxed);
            pulse.camera_frames.store(step * 15, Ordering::Relaxed);
            rates.look(at(step * 500), &pulse);
        }
        pulse.add_latency(Micros(48_200));
        pulse.set_visitors(std::iter::once(Spot {
            metres: [0.31, -0.1, 1.8],
            answered: true,
        }));
        pulse.camera_away.store(true, Ordering::Relaxed);
        let all = told(&pulse, &rates);
        for line in [
            "level = living",
            "open = yes",
            "picture_rate = 60.0",
            "camera_rate = 30.0",
            "latency = 48.2",
            "brightness = 100",
            "uptime = 90",
            "visitor.1 = 0.31 -0.10 1.8 answered",
            "camera = away",
            "fault = the camera is away: is it plugged in?",
        ] {
            assert!(all.lines().any(|told| told == line), "{line}\n{all}");
        }
        assert!(all.contains("memory = "), "{all}");
    }
}
