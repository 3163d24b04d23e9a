//! The dashboard's numbers for programs: one JSON object a look, line by line.

use super::answers::{Vitals, counters, pairs};
use super::courier::{Finder, Found, answer};
use super::line::Line;
use anyhow::{Result, bail};
use serde_json::{Map, Value, json};
use std::io::{ErrorKind, Write};
use std::time::{Duration, Instant};

/// Between looks.
const PAUSE: Duration = Duration::from_millis(500);

/// Between looks for a board that is away.
const SEARCH: Duration = Duration::from_secs(1);

/// Prints `count` looks, or for ever; a look at a board that is away counts, too.
///
/// # Errors
/// None of the looks was answered.
pub fn run(mut find: Finder, count: Option<u64>, out: &mut dyn Write) -> Result<()> {
    let mut found: Option<Found> = None;
    let (mut is_answered, mut last_error) = (false, None);
    let mut done = 0;
    while count.is_none_or(|count| done < count) {
        let begin = Instant::now();
        let looked = look(&mut find, &mut found);
        let took = begin.elapsed();
        let object = match looked {
            Ok(object) => {
                is_answered = true;
                object
            }
            Err(error) => {
                found = None;
                let words = format!("{error:#}");
                last_error = Some(error);
                json!({ "error": words })
            }
        };
        match writeln!(out, "{object}").and_then(|()| out.flush()) {
            Ok(()) => {}
            // Whoever read has seen enough.
            Err(error) if error.kind() == ErrorKind::BrokenPipe => return Ok(()),
            Err(error) => return Err(error.into()),
        }
        done += 1;
        if count.is_none_or(|count| done < count) {
            // Half of a slow line stays free.
            let pause = if found.is_some() { PAUSE } else { SEARCH };
            std::thread::sleep(pause.max(took));
        }
    }
    match last_error {
        Some(error) if !is_answered => Err(error),
        _ => Ok(()),
    }
}

/// One look, at a board that is found first where it is not.
fn look(find: &mut Finder, found: &mut Option<Found>) -> Result<Value> {
    let Found { line, port } = match found {
        Some(found) => found,
        None => found.insert(find()?),
    };
    let mut object = Map::new();
    object.insert("port".to_owned(), port.as_str().into());
    match answer(line, "vitals")? {
        Ok(lines) => tell(&Vitals::read(&lines), &mut object),
        Err(_) => object.extend(status(line)?),
    }
    if let Ok(lines) = answer(line, "counters")? {
        let counts = counters(&lines).into_iter();
        let counts = counts.map(|(name, count)| (name, Value::from(count)));
        object.insert("counters".to_owned(), Value::Object(counts.collect()));
    }
    Ok(Value::Object(object))
}

/// What a board without `vitals` says.
fn status(line: &mut Line) -> Result<Map<String, Value>> {
    let Ok(lines) = answer(line, "status")? else {
        bail!("the board knows neither vitals nor status; is it a portrait?");
    };
    let told = pairs(&lines)
        .into_iter()
        .map(|(name, value)| (name, value.into()));
    let status = Value::Object(told.collect());
    Ok(Map::from_iter([("status".to_owned(), status)]))
}

fn tell(vitals: &Vitals, object: &mut Map<String, Value>) {
    let mut put = |name: &str, value: Value| {
        if !value.is_null() {
            object.insert(name.to_owned(), value);
        }
    };
    put("level", json!(vitals.level));
    put("state", json!(vitals.state));
    put("open", json!(vitals.open));
    put("personality", json!(vitals.personality));
    put("display", json!(vitals.display));
    put("camera", json!(vitals.camera));
    put("picture_rate", json!(vitals.picture_rate));
    put("camera_rate", json!(vitals.camera_rate));
    put("latency", json!(vitals.latency));
    put("latency_p95", json!(vitals.latency_p95));
    put("brightness", json!(vitals.brightness));
    put("uptime", json!(vitals.uptime));
    put("memory", json!(vitals.memory));
    let temperatures = vitals.temperatures.iter();
    let temperatures = temperatures.map(|(name, degrees)| (name.clone(), json!(degrees)));
    put("temperature", Value::Object(temperatures.collect()));
    let visitors = vitals.visitors.iter().map(|visitor| {
        json!({
            "right": visitor.right,
            "above": visitor.above,
            "away": visitor.away,
            "answered": visitor.answered,
        })
    });
    put("visitors", Value::Array(visitors.collect()));
    put("faults", json!(vitals.faults));
    let more = vitals.more.iter();
    let more = more.map(|(name, value)| (name.clone(), json!(value)));
    put("more", Value::Object(more.collect()));
}

#[cfg(test)]
mod tests {
    use super::super::rehearsal::Board;
    use super::*;
    use anyhow::anyhow;

    fn printed(find: Finder, count: u64) -> (Vec<Value>, Result<()>) {
        let mut out = Vec::new();
        let ended = run(find, Some(count), &mut out);
        let text = String::from_utf8(out).unwrap();
        let objects = text.lines().map(|line| serde_json::from_str(line).unwrap());
        (objects.collect(), ended)
    }

    #[test]
    fn each_look_is_an_object_on_a_line() {
        let board = Board::start(true, None);
        let (objects, ended) = printed(board.finder(), 2);
        assert!(ended.is_ok());
        assert_eq!(objects.len(), 2);
        assert_eq!(
            objects[1],
            json!({
                "port": "the port",
                "level": "living",
                "state": "engaged",
                "picture_rate": 59.9,
                "uptime": 100.0,
                "temperature": { "cpu": 54.0 },
                "visitors": [{ "right": 0.31, "above": -0.1, "away": 1.8, "answered": true }],
                "faults": [],
                "more": { "fan": "1200" },
                "counters": { "picture.shown": 12 },
            })
        );
    }

    #[test]
    fn an_older_boards_status_is_an_object_too() {
        let board = Board::start(false, None);
        let (objects, ended) = printed(board.finder(), 1);
        assert!(ended.is_ok());
        assert_eq!(objects[0]["status"]["portrait"], "living");
        assert_eq!(objects[0]["counters"]["picture.shown"], 12);
    }

    #[test]
    fn a_board_that_comes_late_is_found() {
        let board = Board::start(true, None);
        let mut find_board = board.finder();
        let mut tries = 0;
        let find = Box::new(move || {
            tries += 1;
            match tries {
                1 => Err(anyhow!("not there")),
                _ => find_board(),
            }
        });
        let (objects, ended) = printed(find, 2);
        assert!(ended.is_ok());
        assert_eq!(objects[0], json!({ "error": "not there" }));
        assert_eq!(objects[1]["level"], "living");
    }

    #[test]
    fn no_look_answered_is_a_failure() {
        let (objects, ended) = printed(Box::new(|| Err(anyhow!("not there"))), 1);
        assert_eq!(objects, [json!({ "error": "not there" })]);
        assert_eq!(ended.unwrap_err().to_string(), "not there");
    }

    /// `watch --json | head -n 1` ends quietly.
    #[test]
    fn whoever_has_seen_enough_is_no_error() {
        struct Closed;
        impl Write for Closed {
            fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
                Err(ErrorKind::BrokenPipe.into())
            }
            fn flush(&mut self) -> std::io::Result<()> {
                Ok(())
            }
        }
        let find = Box::new(|| Err(anyhow!("not there")));
        assert!(run(find, None, &mut Closed).is_ok());
    }
}
