//! `cargo xtask demo`: a painting answers a visitor, with one command.

use crate::models;
use crate::programs::Programs;
use crate::steps::{command, step};
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::path::{Path, PathBuf};
use xtask::cache;
use xtask::prerequisites::{self, runs};

/// What the user asked for.
#[derive(Debug, Default)]
pub struct Options {
    /// An image of a painting; the built-in one when absent.
    pub painting: Option<PathBuf>,
    /// A camera; the built-in visitor when absent.
    pub camera: Option<String>,
    /// How the portrait behaves.
    pub personality: Option<String>,
    /// Make a film even where there is a display.
    pub clip: bool,
}

/// Size of the built-in painting.
const PAINTING_SIZE: &str = "1200x1600";

/// The network that the built-in painting was baked with; see `models/README.md`.
const NETWORK: &str = "models/portraits/built-in.onnx";

/// How near to its rig that network has to be, decibels: nearer than anyone sees. Further, and the rig
/// was changed since: it is to be baked anew.
const LEAST: &str = "37";

/// Size of the film: small enough to be made quickly, large enough to judge an expression.
const FILM_SIZE: &str = "600x800";

/// Pictures a second of the film.
const FILM_RATE: &str = "25";

/// Length of the built-in visitor's script in seconds.
const SCRIPT: &str = "24";

/// The built-in visitor where pictures must come in time: rendering it shares two cores with
/// everything else.
const LIVE_VISITOR: &str = "synthetic:?size=320x240";

/// Programs and places.
struct Studio {
    programs: Programs,
    folder: PathBuf,
}

/// Shows the painting.
pub fn run(options: &Options) -> Result<()> {
    prerequisites::ensure(&[
        prerequisites::BUILD,
        prerequisites::MODELS,
        prerequisites::FILMS,
    ])?;
    let studio = Studio::open()?;
    let pack = match &options.painting {
        None => studio.built_in()?,
        Some(image) => studio.prepare_own(image)?,
    };
    if !options.clip && has_display() {
        return studio.window(&pack, options);
    }
    studio.film(&pack, options)
}

/// The programs, and the built-in painting's pack.
pub fn built_in() -> Result<(Programs, PathBuf)> {
    let studio = Studio::open()?;
    let pack = studio.built_in()?;
    Ok((studio.programs, pack))
}

/// The demo as it runs where nobody watches.
pub fn without_display() -> Result<()> {
    run(&Options {
        clip: true,
        ..Options::default()
    })
}

/// Paints the pictures of the documentation.
pub fn pictures() -> Result<()> {
    prerequisites::ensure(&[prerequisites::BUILD, prerequisites::MODELS])?;
    let studio = Studio::open()?;
    let pack = studio.built_in()?;
    std::fs::create_dir_all("docs/pictures")?;
    step("pictures", || {
        command(
            &studio.programs.atelier,
            &[
                "preview",
                text(&pack)?,
                // Small, because it lives in the repository.
                "--size",
                "160",
                "-o",
                "docs/pictures/contact-sheet.png",
            ],
        )
    })
}

fn has_display() -> bool {
    ["DISPLAY", "WAYLAND_DISPLAY"]
        .iter()
        .any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()))
}

fn text(path: &Path) -> Result<&str> {
    path.to_str()
        .with_context(|| format!("{} is not UTF-8", path.display()))
}

impl Studio {
    /// Builds the programs, fetches the models and makes room.
    fn open() -> Result<Studio> {
        let programs = Programs::build()?;
        models::fetch(&programs, None)?;
        let folder = programs.target.join("demo");
        std::fs::create_dir_all(&folder)?;
        Ok(Studio { programs, folder })
    }

    /// The built-in painting's pack: painted and prepared once for each state of the code.
    fn built_in(&self) -> Result<PathBuf> {
        let paint_key = cache::key(&[Path::new("firmware/sitter/src")])?;
        let painting = self.folder.join(format!("painting-{paint_key}.png"));
        if !painting.exists() {
            step("painting (once; about a minute)", || {
                command(
                    &self.programs.atelier,
                    &["paint", "--size", PAINTING_SIZE, "-o", text(&painting)?],
                )
            })?;
        }
        let prepare_key = cache::key(&[
            &painting,
            Path::new("firmware/core/src"),
            Path::new("firmware/compositor/src/portrait.rs"),
            Path::new("firmware/generator/src"),
            Path::new("firmware/pack/src"),
            Path::new("firmware/faces/src"),
            Path::new("tools/prepare/src"),
            Path::new(NETWORK),
        ])?;
        let pack = self.folder.join(format!("built-in-{prepare_key}.pack"));
        if !pack.exists() {
            let unbaked = pack.with_extension("unbaked");
            self.prepare(&painting, &unbaked, &["--title", "the built-in painting"])?;
            step("the built-in painting's network", || {
                let arguments = [
                    "bake",
                    text(&unbaked)?,
                    "--network",
                    NETWORK,
                    "--least",
                    LEAST,
                ];
                command(&self.programs.atelier, &arguments)
            })?;
            std::fs::rename(&unbaked, &pack)
                .with_context(|| format!("cannot write {}", pack.display()))?;
        }
        // The device program shows this one when no other is named.
        let cached = cache::folder().join("built-in.pack");
        std::fs::create_dir_all(cache::folder())?;
        std::fs::copy(&pack, &cached)
            .with_context(|| format!("cannot write {}", cached.display()))?;
        Ok(pack)
    }

    fn prepare_own(&self, image: &Path) -> Result<PathBuf> {
        let name = image.file_stem().context("the painting has no name")?;
        let pack = self.folder.join(name).with_extension("pack");
        self.prepare(image, &pack, &[])?;
        Ok(pack)
    }

    fn prepare(&self, image: &Path, pack: &Path, more: &[&str]) -> Result<()> {
        step("preparing the painting", || {
            let mut arguments = vec!["prepare", text(image)?, "-o", text(pack)?];
            arguments.extend(more);
            command(&self.programs.atelier, &arguments)
        })
    }

    /// Shows it in a window until that is closed.
    fn window(&self, pack: &Path, options: &Options) -> Result<()> {
        let report = self.folder.join("report.json");
        let camera = options.camera.as_deref().unwrap_or(LIVE_VISITOR);
        let mut arguments = vec![
            "run",
            "--pack",
            text(pack)?,
            "--camera",
            camera,
            "--screen",
            "window:",
            "--report",
            text(&report)?,
        ];
        arguments.extend(personality(options));
        step("the show (close the window to end it)", || {
            command(&self.programs.sfumato, &arguments)
        })?;
        println!("\n{}", figures(&report)?);
        Ok(())
    }

    /// Makes a film and a contact sheet, and measures the show at the display's beat.
    fn film(&self, pack: &Path, options: &Options) -> Result<()> {
        let frames = self.folder.join("frames");
        if frames.exists() {
            std::fs::remove_dir_all(&frames)?;
        }
        let camera = film_camera(options.camera.as_deref());
        let with_ffmpeg = runs("ffmpeg", &["-version"]);
        // Without a film the pictures themselves are the result: a few are enough.
        let every = if with_ffmpeg { 1 } else { 10 };
        let size = if options.painting.is_some() {
            ""
        } else {
            FILM_SIZE
        };
        let mut screen = format!("frames:{}?every={every}", text(&frames)?);
        if !size.is_empty() {
            screen.push_str("&size=");
            screen.push_str(size);
        }
        let film_report = self.folder.join("film.json");
        let mut arguments = vec![
            "run",
            "--pack",
            text(pack)?,
            "--camera",
            &camera,
            "--screen",
            &screen,
            "--seconds",
            SCRIPT,
            "--set-up",
            "--report",
            text(&film_report)?,
        ];
        arguments.extend(personality(options));
        step("filming, frame by frame", || {
            command(&self.programs.sfumato, &arguments)
        })?;
        let sheet = self.folder.join("contact-sheet.png");
        step("contact sheet of expressions", || {
            command(
                &self.programs.atelier,
                &["preview", text(pack)?, "-o", text(&sheet)?],
            )
        })?;
        let film = self.folder.join("demo.mp4");
        if with_ffmpeg {
            step("film", || encode(&frames, &film))?;
            std::fs::remove_dir_all(&frames)?;
        }
        let live_report = self.folder.join("live.json");
        let live_camera = options.camera.as_deref().unwrap_or(LIVE_VISITOR);
        let mut arguments = vec![
            "run",
            "--pack",
            text(pack)?,
            "--camera",
            live_camera,
            "--screen",
            "null:?hz=60",
            "--seconds",
            "8",
            "--report",
            text(&live_report)?,
        ];
        arguments.extend(personality(options));
        step("the show at the beat of a 60 Hz display", || {
            command(&self.programs.sfumato, &arguments)
        })?;
        println!("\nfilmed:    {}", figures(&film_report)?);
        println!("live:      {}", figures(&live_report)?);
        let result = if with_ffmpeg { &film } else { &frames };
        println!("film:      {}", result.display());
        println!("sheet:     {}", sheet.display());
        println!("reports:   {}", film_report.display());
        println!("           {}", live_report.display());
        if faces_found(&film_report)? == 0 {
            bail!("no face was found in any frame of {camera}");
        }
        Ok(())
    }
}

fn personality(options: &Options) -> Vec<&str> {
    match options.personality.as_deref() {
        Some(name) => vec!["--personality", name],
        None => Vec::new(),
    }
}

/// Every frame of a recording counts in a film; a real camera sets its own pace.
fn film_camera(asked: Option<&str>) -> String {
    match asked {
        None => format!("synthetic:?pace=off&fps={FILM_RATE}"),
        Some(uri) if uri.starts_with("v4l2:") || uri.contains("pace=") => uri.to_owned(),
        Some(uri) if uri.contains('?') => format!("{uri}&pace=off"),
        Some(uri) => format!("{uri}?pace=off"),
    }
}

fn encode(frames: &Path, film: &Path) -> Result<()> {
    let pattern = frames.join("%06d.png");
    command(
        "ffmpeg",
        &[
            "-loglevel",
            "error",
            "-y",
            "-framerate",
            FILM_RATE,
            "-i",
            text(&pattern)?,
            // Players want even sides and this way of storing colour.
            "-vf",
            "pad=ceil(iw/2)*2:ceil(ih/2)*2,format=yuv420p",
            "-c:v",
            "libx264",
            "-crf",
            "18",
            "-movflags",
            "+faststart",
            text(film)?,
        ],
    )
}

fn read_report(path: &Path) -> Result<Value> {
    let text = std::fs::read(path).with_context(|| format!("no report {}", path.display()))?;
    serde_json::from_slice(&text).with_context(|| format!("report {}", path.display()))
}

fn faces_found(path: &Path) -> Result<usize> {
    let report = read_report(path)?;
    let faces = report["faces"]
        .as_array()
        .context("the report has no faces")?;
    Ok(faces
        .iter()
        .filter(|count| count.as_u64() > Some(0))
        .count())
}

/// One line of figures out of a report.
fn figures(path: &Path) -> Result<String> {
    let report = read_report(path)?;
    let number = |value: &Value| value.as_f64().unwrap_or(f64::NAN);
    Ok(format!(
        "{:.1} frames a second, latency {:.0} ms (95 of 100 below {:.0}), a face in {} of {} \
         camera frames, {:.0} MB of memory at most",
        number(&report["frames_per_second"]),
        number(&report["latency"]["median"]) / 1e3,
        number(&report["latency"]["p95"]) / 1e3,
        faces_found(path)?,
        report["faces"].as_array().map_or(0, Vec::len),
        number(&report["peak_resident_bytes"]) / 1e6,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recordings_are_filmed_frame_by_frame() {
        assert_eq!(film_camera(None), "synthetic:?pace=off&fps=25");
        assert_eq!(film_camera(Some("clip:a.mp4")), "clip:a.mp4?pace=off");
        assert_eq!(
            film_camera(Some("clip:a?loop=on")),
            "clip:a?loop=on&pace=off"
        );
        assert_eq!(film_camera(Some("clip:a?pace=on")), "clip:a?pace=on");
        assert_eq!(film_camera(Some("v4l2:/dev/video0")), "v4l2:/dev/video0");
    }
}
