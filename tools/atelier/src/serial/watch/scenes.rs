//! Moments of a board's life, drawn and compared with what was found good.
//!
//! `SFUMATO_BLESS=1 cargo test -p atelier` writes the pictures anew. With `SFUMATO_SCENES=FOLDER` each is written
//! there with its colours, to be shown by `cat` in a terminal.

use super::ask::{Ask, News};
use super::field::Edit;
use super::keys::Action;
use super::line::Refused;
use super::model::Model;
use super::view::{Palette, draw};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier};
use std::path::Path;
use std::time::Duration;

const SETTINGS: &str = "\
name = Saal 3 *\npersonality = serene\nwall = #0c0b0a\ndisplay.brightness = 100 %\n\
display.brightness_mode = schedule *\ndisplay.brightness_min = 20 %\ndisplay.brightness_max = 100 %\n\
display.night_brightness = 40 %\ndisplay.day_starts = 08:00\ndisplay.night_starts = 20:00\ndisplay.fit = fit\n\
display.rotation = 90 *\ndisplay.power = dpms\ncolour.red = 100 %\ncolour.green = 100 %\ncolour.blue = 96 % *\n\
pixel_shift.on = on\npixel_shift.reach = 2 px\npixel_shift.pace = 240 s\n\
opening.hours = Tu-Su 10:00-18:00, Th 10:00-21:00 *\nopening.holidays = 12-24/01-01 *\n\
opening.time_zone = Europe/Rome *\nidle.liveliness = 100 %\ngaze.above_eye_level = 0 cm\n\
gaze.visitor_distance = 1.5 m\nvisitors.answer_distance = 5.0 m\nvisitors.notice = off\n\
visitors.notice_text = This painting can see you. Nothing is stored, nothing is sent, nobody is recognised.\n\
visitors.indicator = off\nroom.mains = 50\nplacement.field_of_view = 65.0 degrees\n\
placement.camera_above = 0.30 m *\nplacement.camera_right = 0.00 m\nplacement.tilt_down = 4.0 degrees *\n\
placement.mirrored = off\nport.baud_rate = 115200\naccess.pin = not set\naccess.timeout = 300 s";

const STATUS: &str = "\
portrait: living\npicture: 233 shown, display there\ncamera: 88 frames, there, 1 faces now\n\
personality: serene, of serene, curious, playful, mirror\nsettings: 0 not saved, 0 prepared\n\
access: open, no PIN is set";

fn lines(text: &str) -> Vec<String> {
    text.lines().map(str::to_owned).collect()
}

/// What the board says as time passes: `vitals` twice a second.
fn watched(seconds: u64, vitals: impl Fn(f64) -> String, lost: impl Fn(u64) -> u64) -> Model {
    let mut model = Model::new("/dev/ttyUSB0".to_owned(), None);
    model.take(News::Found("/dev/ttyUSB0".to_owned()));
    model.take(News::Told(Ask::List, lines(SETTINGS)));
    model.take(News::Told(Ask::Status, lines(STATUS)));
    for half in 0..=seconds * 2 {
        let now = half as f64 / 2.0;
        model.pass(Duration::from_secs_f64(now));
        model.take(News::Told(Ask::Vitals, lines(&vitals(now))));
        if half % 10 == 0 {
            let second = half / 2;
            let counters = format!(
                "picture.rounds = {}\npicture.shown = {}\npicture.screen_away = 0\ncamera.frames = {}\n\
                 camera.looked_at = {}\ncamera.faces_now = 1\ncamera.away = {}\nserial.openings = 2\n\
                 serial.saves = 0\nserial.panics = 0\nserial.bad_check_sums = 0\nserial.bad_packets = 0\n\
                 serial.long_lines = 0\nserial.not_text = 1",
                5_184_000 + second * 60,
                5_183_990 + second * 60,
                2_592_000 + second * 30,
                2_591_000 + second * 30,
                lost(second),
            );
            model.take(News::Told(Ask::Counters, lines(&counters)));
        }
    }
    model.take_asks();
    model
}

/// A steady small change, without chance.
fn wave(now: f64, reach: f64) -> f64 {
    ((now * 0.7).sin() + (now * 0.31).cos()) * reach / 2.0
}

const WARM: &str = "temperature.cpu-thermal = 54.2\ntemperature.gpu-thermal = 51.8\ntemperature.soc0 = 49.5\n\
                    memory = 512.3\nfan = 1250 turns a minute";

fn quiet(now: f64) -> String {
    format!(
        "level = living\nstate = alone\nopen = yes\npersonality = serene\ndisplay = there\ncamera = there\n\
         picture_rate = {:.1}\ncamera_rate = 30.0\nlatency = {:.1}\nlatency_p95 = 63.0\nbrightness = 100\n\
         uptime = {:.0}\n{WARM}",
        59.9 + wave(now, 0.1),
        47.0 + wave(now, 3.0),
        86_400.0 + now,
    )
}

fn busy(now: f64) -> String {
    let rate = if (70.0..76.0).contains(&now) {
        41.0
    } else {
        59.8
    };
    format!(
        "level = living\nstate = engaged\nopen = yes\npersonality = serene\ndisplay = there\ncamera = there\n\
         picture_rate = {rate:.1}\ncamera_rate = {:.1}\nlatency = {:.1}\nlatency_p95 = 71.4\nbrightness = 100\n\
         uptime = {:.0}\n{WARM}\nvisitor.1 = 0.31 -0.10 1.8 answered\nvisitor.2 = -0.52 0.20 3.1\n\
         visitor.3 = -0.90 0.05 1.2\nvisitor.4 = 1.10 -0.42 2.6",
        29.8 + wave(now, 0.4),
        52.0 + wave(now, 14.0),
        93_784.0 + now,
    )
}

fn camera_lost(now: f64) -> String {
    if now < 90.0 {
        return busy(now);
    }
    format!(
        "level = idle\nstate = alone\nopen = yes\npersonality = serene\ndisplay = there\ncamera = away\n\
         picture_rate = 59.9\ncamera_rate = 0.0\nbrightness = 100\nuptime = {:.0}\n{WARM}\n\
         fault = camera lost 3 times, last 11:02: it does not answer\n\
         fault = camera on /dev/video0 is not there: is its cable in?",
        93_784.0 + now,
    )
}

fn closed(now: f64) -> String {
    format!(
        "level = still\nstate = asleep\nopen = no\npersonality = serene\ndisplay = asleep\ncamera = there\n\
         picture_rate = 1.0\ncamera_rate = 5.0\nlatency = 64.0\nlatency_p95 = 80.0\nbrightness = 0\n\
         uptime = {:.0}\ntemperature.cpu-thermal = 38.1\nmemory = 512.3",
        200_000.0 + now
    )
}

fn choose(model: &mut Model, name: &str) {
    let place = model
        .settings
        .iter()
        .position(|setting| setting.name == name);
    model.act(Action::First);
    model.act(Action::Move(place.unwrap() as i32));
}

fn type_in(model: &mut Model, text: &str) {
    model.act(Action::Edit(Edit::Clear));
    for character in text.chars() {
        model.act(Action::Edit(Edit::Type(character)));
    }
}

fn refused(model: &mut Model, number: u16, words: &str) {
    let ask = model.take_asks().pop().unwrap();
    let words = words.to_owned();
    model.take(News::Refused(ask, Refused { number, words }));
}

fn editing() -> Model {
    let mut model = watched(130, busy, |_| 0);
    choose(&mut model, "display.night_brightness");
    model.act(Action::Enter);
    let range = "display.night_brightness: 0 to 100 %, default 40 %. How bright the picture is by night, when the \
                 schedule decides.";
    let ask = model.take_asks().pop().unwrap();
    model.take(News::Told(ask, lines(range)));
    type_in(&mut model, "170");
    model.act(Action::Enter);
    refused(
        &mut model,
        21,
        "display.night_brightness: 0 to 100 %, not 170",
    );
    model
}

fn locked() -> Model {
    let mut model = editing();
    type_in(&mut model, "35");
    model.act(Action::Enter);
    refused(&mut model, 30, "locked by a PIN; unlock first");
    type_in(&mut model, "1234");
    model.act(Action::Enter);
    refused(
        &mut model,
        31,
        "wrong answer; ask for another challenge with unlock",
    );
    model
}

fn unplugged() -> Model {
    let mut model = watched(130, busy, |_| 0);
    let gone = "/dev/ttyUSB0 is not there: is the adapter plugged in, is the name right?";
    model.take(News::Lost(
        "/dev/ttyUSB0 is gone: was it unplugged?".to_owned(),
    ));
    model.pass(Duration::from_secs(142));
    model.take(News::Lost(gone.to_owned()));
    model
}

fn old() -> Model {
    let mut model = watched(10, |_| String::new(), |_| 0);
    let words = "no such command; help lists them".to_owned();
    model.take(News::Refused(Ask::Vitals, Refused { number: 10, words }));
    model.take(News::Told(Ask::Status, lines(STATUS)));
    model
}

fn helped() -> Model {
    let mut model = watched(130, quiet, |_| 0);
    model.act(Action::Help);
    model
}

fn scenes() -> Vec<(&'static str, Model)> {
    vec![
        ("quiet", watched(130, quiet, |_| 0)),
        ("busy", watched(130, busy, |_| 0)),
        (
            "camera-lost",
            watched(130, camera_lost, |second| second / 60),
        ),
        ("editing", editing()),
        ("closed", watched(130, closed, |_| 0)),
        ("locked", locked()),
        ("unplugged", unplugged()),
        ("old", old()),
        ("help", helped()),
        ("not-found", Model::new("the board".to_owned(), None)),
    ]
}

fn drawn(model: &Model, palette: Palette, width: u16, height: u16) -> Buffer {
    let area = Rect::new(0, 0, width, height);
    let mut buffer = Buffer::empty(area);
    draw(model, palette, area, &mut buffer);
    buffer
}

fn rows(buffer: &Buffer) -> Vec<String> {
    let row = |y| {
        let cells = (0..buffer.area.width).map(|x| buffer[(x, y)].symbol());
        cells.collect::<String>().trim_end().to_owned()
    };
    (0..buffer.area.height).map(row).collect()
}

/// The same with its colours, as a terminal takes it.
fn coloured(buffer: &Buffer) -> String {
    let mut text = String::new();
    for y in 0..buffer.area.height {
        for x in 0..buffer.area.width {
            let cell = &buffer[(x, y)];
            text.push_str("\u{1b}[0");
            for (modifier, code) in [
                (Modifier::BOLD, ";1"),
                (Modifier::DIM, ";2"),
                (Modifier::UNDERLINED, ";4"),
                (Modifier::REVERSED, ";7"),
            ] {
                text.push_str(if cell.modifier.contains(modifier) {
                    code
                } else {
                    ""
                });
            }
            for (colour, black, yellow, cyan) in [
                (cell.fg, ";30", ";33", ";36"),
                (cell.bg, ";40", ";43", ";46"),
            ] {
                text.push_str(match colour {
                    Color::Reset => "",
                    Color::Black => black,
                    Color::Yellow => yellow,
                    Color::Cyan => cyan,
                    other => panic!("a colour that was not chosen: {other}"),
                });
            }
            text.push('m');
            text.push_str(cell.symbol());
        }
        text.push_str("\u{1b}[0m\n");
    }
    text
}

#[test]
fn every_scene_looks_as_it_did() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/serial/watch/snapshots");
    let coloured_to = std::env::var_os("SFUMATO_SCENES");
    let is_blessing = std::env::var_os("SFUMATO_BLESS").is_some();
    let mut wrong = Vec::new();
    for (name, model) in scenes() {
        for (width, height) in [(80, 24), (120, 40)] {
            let buffer = drawn(&model, Palette::new(true), width, height);
            let file = format!("{name}-{width}x{height}");
            if let Some(folder) = &coloured_to {
                std::fs::write(
                    Path::new(folder).join(format!("{file}.ansi")),
                    coloured(&buffer),
                )
                .unwrap();
            }
            let text = rows(&buffer).join("\n") + "\n";
            let path = folder.join(format!("{file}.txt"));
            if is_blessing {
                std::fs::write(&path, &text).unwrap();
            }
            if std::fs::read_to_string(&path).unwrap_or_default() != text {
                wrong.push(format!("{file} looks otherwise:\n{text}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Words, marks and weights are the same with colours and without.
#[test]
fn no_colour_says_anything_alone() {
    for (name, model) in scenes() {
        let with = drawn(&model, Palette::new(true), 80, 24);
        let without = drawn(&model, Palette::new(false), 80, 24);
        assert_eq!(rows(&with), rows(&without), "{name}");
        for (cell, plain) in with.content.iter().zip(&without.content) {
            assert!(
                plain.fg == Color::Reset && plain.bg == Color::Reset,
                "{name}"
            );
            // A coloured cell is marked in another way as well, or is part of a curve.
            let is_marked = !plain.modifier.is_empty() || "▁▂▃▄▅▆▇█".contains(cell.symbol());
            assert!(cell.fg == Color::Reset || is_marked, "{name}: {cell:?}");
        }
    }
}

/// No size breaks it, and where there are no panels there is a sentence.
#[test]
fn every_size_is_drawn() {
    let sizes = (0..=100).step_by(9).chain([72, 107, 108, 250]);
    for (name, model) in scenes() {
        for width in sizes.clone() {
            for height in [0, 1, 2, 5, 17, 18, 19, 23, 24, 31, 32, 33, 100] {
                let drawn = rows(&drawn(&model, Palette::new(false), width, height)).join(" ");
                if (width, height) == (36, 17) && name == "busy" {
                    assert!(
                        drawn.starts_with("Saal 3: living, engaged with a"),
                        "{drawn}"
                    );
                    assert!(
                        drawn.contains("60 pictures a second, 4 visitors;"),
                        "{drawn}"
                    );
                    assert!(drawn.contains("q leaves"), "{drawn}");
                }
            }
        }
    }
}

/// Whatever comes over the line is drawn, or left out.
#[test]
fn strange_answers_are_drawn() {
    let strange = "visitor.1 = 1e300 0 1e300 answered\nvisitor.2 = -1e300 0 -5\nvisitor.3 = nan 0 1\n\
                   temperature. = 1e9\nlatency = -3\npicture_rate = 1e308\nuptime = -1\nfault = \n\
                   level = \u{202e}abc\nstate = 名前名前名前名前名前名前名前名前名前名前\nmemory = 1e99\nbrightness = -0";
    let model = watched(
        130,
        |_| strange.to_owned(),
        |second| u64::MAX - 1000 + second,
    );
    for (width, height) in [(80, 24), (120, 40), (20, 5)] {
        drawn(&model, Palette::new(true), width, height);
    }
}
