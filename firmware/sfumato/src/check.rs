//! `sfumato check`: probes everything a show needs and prints a table.

use crate::options::{Devices, Installation};
use crate::paths;
use crate::perception;
use sfumato_camera::{Frame, Next, SystemClock};
use sfumato_generator::{Generator, Network, Rig};
use sfumato_pack::Pack;
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long a camera may take for its first frame. Some need seconds to wake.
const FIRST_FRAME: Duration = Duration::from_secs(5);

/// How one part fared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// It works, and this is what it is.
    Works(String),
    /// It does not, for this reason, with the cure.
    Fails(String),
    /// It was not asked for.
    Absent(String),
}

/// What was found of every part.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Findings(pub Vec<(&'static str, Finding)>);

impl Findings {
    /// Whether nothing that was asked for fails.
    pub fn all_work(&self) -> bool {
        !self
            .0
            .iter()
            .any(|(_, finding)| matches!(finding, Finding::Fails(_)))
    }

    /// One line for each part.
    pub fn table(&self) -> String {
        let mut table = String::new();
        for (part, finding) in &self.0 {
            let (verdict, words) = match finding {
                Finding::Works(words) => ("ok", words),
                Finding::Fails(words) => ("FAILS", words),
                Finding::Absent(words) => ("-", words),
            };
            // Writing to a string cannot fail.
            let _ = writeln!(table, "{part:<9} {verdict:<6} {words}");
        }
        table
    }
}

/// Probes all parts, one after the other, whatever the others say.
pub fn check(devices: &Devices) -> Findings {
    let mut findings = Vec::new();
    match Installation::read(devices) {
        Err(error) => findings.push(("settings", Finding::Fails(error.to_string()))),
        Ok(installation) => {
            findings.push(("camera", from(camera(&installation))));
            findings.push(("screen", from(screen(&installation))));
            findings.push(("serial", serial(&installation)));
            findings.push(("pack", from(pack(&installation))));
            findings.push(("models", from(perception::describe())));
        }
    }
    Findings(findings)
}

fn from(result: Result<String, String>) -> Finding {
    match result {
        Ok(words) => Finding::Works(words),
        Err(words) => Finding::Fails(words),
    }
}

fn camera(installation: &Installation) -> Result<String, String> {
    let clock = Arc::new(SystemClock::new());
    let mut camera =
        sfumato_camera::open(&installation.camera, clock).map_err(|error| error.to_string())?;
    let mut frame = Frame::new();
    let started = Instant::now();
    while started.elapsed() < FIRST_FRAME {
        match camera.next(&mut frame, Duration::from_millis(500)) {
            Ok(Next::Frame) => {
                let about = camera.description();
                return Ok(format!(
                    "{} x {} at {:.1} a second, {}, {}",
                    frame.width(),
                    frame.height(),
                    about.fps,
                    about.format,
                    about.name
                ));
            }
            Ok(Next::TimedOut | Next::Absent) => {}
            Ok(Next::Ended) => return Err("there is not a single frame".into()),
            Err(error) => return Err(error.to_string()),
        }
    }
    Err(format!(
        "{} is there but delivers no frame; is the cable good, is another program using it?",
        installation.camera_text
    ))
}

fn screen(installation: &Installation) -> Result<String, String> {
    let clock = Arc::new(SystemClock::new());
    let screen = sfumato_screen::open(&installation.screen, (1080, 1920), clock)
        .map_err(|error| error.to_string())?;
    let mode = screen.mode();
    Ok(format!(
        "{} x {} at {:.2} a second, {}",
        mode.width,
        mode.height,
        f64::from(mode.refresh_millihertz) / 1e3,
        screen.description()
    ))
}

fn serial(installation: &Installation) -> Finding {
    match &installation.serial {
        None => Finding::Absent("not asked for".into()),
        Some(uri) => from(
            sfumato_serial::open(uri, installation.defaults.baud_rate())
                .map(|port| port.description())
                .map_err(|error| error.to_string()),
        ),
    }
}

fn pack(installation: &Installation) -> Result<String, String> {
    let path = paths::pack(installation.pack.as_deref()).map_err(|error| error.to_string())?;
    let pack = Pack::read(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let rig = Rig::decode(&pack.rig).map_err(|error| error.to_string())?;
    let generator = match &pack.network {
        Some(onnx) => Network::load(onnx, rig)
            .map_err(|error| error.to_string())?
            .name(),
        None => rig.name(),
    };
    Ok(format!(
        "{} by its {generator}, {} x {} pixels, {}",
        pack.manifest.title,
        pack.portrait.painting.width(),
        pack.portrait.painting.height(),
        path.display()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_has_a_line_for_each_part() {
        let findings = Findings(vec![
            ("camera", Finding::Works("fine".into())),
            ("serial", Finding::Absent("not asked for".into())),
        ]);
        assert!(findings.all_work());
        let table = findings.table();
        assert_eq!(table.lines().count(), 2);
        assert!(table.contains("camera    ok     fine"), "{table}");
        let findings = Findings(vec![("pack", Finding::Fails("gone".into()))]);
        assert!(!findings.all_work());
        assert!(findings.table().contains("FAILS"));
    }

    #[test]
    fn every_part_is_probed_even_if_one_fails() {
        let devices = Devices {
            camera: Some("synthetic:?pace=off".into()),
            screen: Some("null:".into()),
            serial: Some("pty:".into()),
            pack: Some("/surely/no/such/file.pack".into()),
            ..Devices::default()
        };
        let findings = check(&devices);
        let find = |name: &str| {
            let row = findings.0.iter().find(|(part, _)| *part == name);
            row.map(|(_, finding)| finding.clone()).unwrap()
        };
        assert!(matches!(find("camera"), Finding::Works(_)), "{findings:?}");
        assert!(matches!(find("screen"), Finding::Works(_)));
        assert!(
            matches!(find("serial"), Finding::Works(what) if what.starts_with("pseudo-terminal"))
        );
        assert!(matches!(find("pack"), Finding::Fails(why) if why.contains("file.pack")));
    }

    #[test]
    fn wrong_settings_are_a_finding_too() {
        let devices = Devices {
            personality: Some("grumpy".into()),
            ..Devices::default()
        };
        let findings = check(&devices);
        assert!(!findings.all_work());
        assert!(findings.table().contains("grumpy"));
    }
}
