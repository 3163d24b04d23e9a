//! The diagnostics bundle: one JSON file with all that helps from afar, and nothing of any visitor.

use super::facts;
use serde_json::{Map, Value, json};
use sfumato_settings::{Id, Settings};
use sfumato_wire::requests::os::Field;

/// The file's name on the serial line.
pub const NAME: &str = "diagnostics.json";

/// Lines of the log in it: the rest is a file of its own.
const LOG_LINES: usize = 100;

/// Everything at this moment. `counters` are the groups with their values.
pub fn bundle(
    settings: &Settings,
    status: &str,
    vitals: &str,
    counters: Map<String, Value>,
) -> Vec<u8> {
    let mut log = String::new();
    // Writing to a string cannot fail.
    let _ = crate::log::write(LOG_LINES, &mut log);
    let mut about = Map::new();
    for (key, field) in [
        ("board", Field::Platform),
        ("system", Field::OperatingSystem),
        ("kernel", Field::KernelRelease),
        ("machine", Field::Machine),
    ] {
        let mut fact = String::new();
        // Writing to a string cannot fail.
        let _ = facts::write(field, "", &mut fact);
        about.insert(key.to_owned(), fact.into());
    }
    // A PIN shows only whether there is one.
    let values: Map<String, Value> = Id::all()
        .map(|id| (id.name().to_owned(), settings.get(id).to_string().into()))
        .collect();
    let threads: Vec<Value> = facts::threads()
        .into_iter()
        .map(|(name, task)| {
            json!({"name": name, "milliseconds": task.run_time, "switches": task.switches})
        })
        .collect();
    let bundle = json!({
        "program": {"sfumato": env!("CARGO_PKG_VERSION"), "engine": sfumato_infer::engine_version()},
        "about": about,
        "status": status.lines().collect::<Vec<_>>(),
        "vitals": vitals.lines().collect::<Vec<_>>(),
        "log": log.lines().collect::<Vec<_>>(),
        "settings": values,
        "counters": counters,
        "threads": threads,
    });
    serde_json::to_vec_pretty(&bundle).unwrap_or_default()
}
