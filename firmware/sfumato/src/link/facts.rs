//! What runs here: kernel, board, versions, threads.

use sfumato_wire::requests::os::{Field, Task};
use std::fmt;
use std::fs;
use std::path::Path;

/// When and from what the program was built: the version alone, so that builds are reproducible.
const VERSION: &str = concat!("sfumato ", env!("CARGO_PKG_VERSION"));

/// Writes a fact; nothing where it is not known. `name` is what the installation is called.
pub fn write(field: Field, name: &str, out: &mut dyn fmt::Write) -> fmt::Result {
    let uname = rustix::system::uname();
    let text = |text: &std::ffi::CStr| text.to_string_lossy().into_owned();
    let fact = match field {
        Field::KernelName => text(uname.sysname()),
        Field::NodeName if !name.is_empty() => name.to_owned(),
        Field::NodeName => text(uname.nodename()),
        Field::KernelRelease => text(uname.release()),
        Field::KernelVersion => VERSION.to_owned(),
        Field::BuildTime => String::new(),
        Field::Machine | Field::Processor => text(uname.machine()),
        Field::Platform => board(),
        Field::OperatingSystem => system(),
    };
    // The answer is one line.
    let plain = fact.chars().map(|c| if c.is_control() { ' ' } else { c });
    plain.take(64).try_for_each(|c| out.write_char(c))
}

/// The board's name, as its firmware tells it.
fn board() -> String {
    let files = [
        "/proc/device-tree/model",
        "/sys/devices/virtual/dmi/id/product_name",
    ];
    let told = files.iter().find_map(|file| fs::read_to_string(file).ok());
    told.map_or_else(String::new, |name| {
        name.trim_end_matches('\0').trim().to_owned()
    })
}

/// The system's name, by os-release(5).
fn system() -> String {
    let release = fs::read_to_string("/etc/os-release").unwrap_or_default();
    let name = release
        .lines()
        .find_map(|line| line.strip_prefix("PRETTY_NAME="));
    name.unwrap_or_default().trim_matches('"').to_owned()
}

/// Megabytes of memory that the program holds, by proc(5).
pub fn memory() -> Option<f64> {
    let statm = fs::read_to_string("/proc/self/statm").ok()?;
    let pages: f64 = statm.split_whitespace().nth(1)?.parse().ok()?;
    Some(pages * rustix::param::page_size() as f64 / 1e6)
}

/// Degrees Celsius by sensor, of Linux's thermal zones (Documentation/driver-api/thermal/sysfs-api.rst).
pub fn temperatures() -> Vec<(String, f64)> {
    temperatures_in(Path::new("/sys/class/thermal"))
}

fn temperatures_in(folder: &Path) -> Vec<(String, f64)> {
    let zones = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut found: Vec<(String, f64)> = zones
        .filter_map(|zone| {
            let read = |file: &str| fs::read_to_string(zone.path().join(file)).ok();
            let millidegrees: f64 = read("temp")?.trim().parse().ok()?;
            let name = read("type")?.trim().replace(char::is_whitespace, "-");
            Some((name, millidegrees / 1e3))
        })
        .collect();
    found.sort_by(|(a, _), (b, _)| a.cmp(b));
    found
}

/// The program's threads, by proc(5): name, number, state, switches and time run.
pub fn threads() -> Vec<(String, Task)> {
    let Ok(tasks) = fs::read_dir("/proc/self/task") else {
        return Vec::new();
    };
    let mut threads: Vec<(String, Task)> = tasks
        .flatten()
        .filter_map(|task| {
            let number = task.file_name().to_str()?.parse().ok()?;
            let stat = fs::read_to_string(task.path().join("stat")).ok()?;
            let status = fs::read_to_string(task.path().join("status")).unwrap_or_default();
            let (name, mut task) = of_stat(&stat)?;
            task.number = number;
            task.switches = switches(&status);
            Some((name, task))
        })
        .collect();
    // Two threads of one name would be one entry of the answer's map.
    threads.sort_by_key(|(_, task)| task.number);
    for at in 1..threads.len() {
        let (before, rest) = threads.split_at_mut(at);
        if before.iter().any(|(name, _)| *name == rest[0].0) {
            rest[0].0 = format!("{}-{}", rest[0].0, rest[0].1.number);
        }
    }
    threads
}

/// Name and figures of one line of `stat`. Ticks are hundredths of a second on every Linux.
fn of_stat(stat: &str) -> Option<(String, Task)> {
    let (before, after) = stat.rsplit_once(')')?;
    let (_, name) = before.split_once('(')?;
    let fields: Vec<&str> = after.split_whitespace().collect();
    let number = |index: usize| fields.get(index)?.parse::<i64>().ok();
    let runs = matches!(*fields.first()?, "R");
    let ticks = number(11)? + number(12)?;
    Some((
        name.to_owned(),
        Task {
            priority: u8::try_from(number(15)?.max(0)).unwrap_or(u8::MAX),
            state: if runs { 0x80 } else { 0 },
            run_time: 10 * ticks.unsigned_abs(),
            ..Task::default()
        },
    ))
}

fn switches(status: &str) -> u64 {
    let count = |line: &str| {
        line.split_once("ctxt_switches:")?
            .1
            .trim()
            .parse::<u64>()
            .ok()
    };
    status.lines().filter_map(count).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_program_is_described() {
        let mut said = String::new();
        write(Field::KernelName, "", &mut said).unwrap();
        assert_eq!(said, "Linux");
        let mut said = String::new();
        write(Field::NodeName, "Saal 3", &mut said).unwrap();
        assert_eq!(said, "Saal 3");
        let threads = threads();
        assert!(!threads.is_empty());
        let names: std::collections::BTreeSet<&String> = threads.iter().map(|t| &t.0).collect();
        assert_eq!(names.len(), threads.len());
    }

    #[test]
    fn sensors_are_read_by_name() {
        let folder = tempfile::tempdir().unwrap();
        for (zone, kind, temp) in [
            ("thermal_zone0", "gpu-thermal\n", "50000\n"),
            ("thermal_zone1", "CPU package\n", "54500\n"),
            // Some zones of Jetson boards answer with nothing.
            ("thermal_zone2", "cv0-thermal\n", ""),
        ] {
            let zone = folder.path().join(zone);
            fs::create_dir(&zone).unwrap();
            fs::write(zone.join("type"), kind).unwrap();
            fs::write(zone.join("temp"), temp).unwrap();
        }
        let told = temperatures_in(folder.path());
        let wanted = [("CPU-package", 54.5), ("gpu-thermal", 50.0)];
        assert_eq!(
            told,
            wanted.map(|(name, celsius)| (name.to_owned(), celsius))
        );
        assert!(memory().unwrap() > 1.0);
    }

    #[test]
    fn a_name_may_hold_anything() {
        let stat = "7 (a) b (c)) R 1 2 3 4 5 6 7 8 9 10 250 50 0 0 20 0 8 0";
        let (name, task) = of_stat(stat).unwrap();
        assert_eq!(name, "a) b (c)");
        assert_eq!((task.run_time, task.priority, task.state), (3000, 20, 0x80));
        let status = "voluntary_ctxt_switches:\t3\nnonvoluntary_ctxt_switches:\t4\n";
        assert_eq!(switches(status), 7);
    }
}
