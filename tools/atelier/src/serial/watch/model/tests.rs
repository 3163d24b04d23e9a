use super::super::ask::{Ask, News};
use super::super::field::Edit;
use super::super::keys::{Action, Keys};
use super::super::line::Refused;
use super::{Link, Mode, Model};
use std::time::Duration;

fn lines(text: &str) -> Vec<String> {
    text.lines().map(str::to_owned).collect()
}

fn told(model: &mut Model, ask: Ask, text: &str) {
    model.take(News::Told(ask, lines(text)));
}

fn refused(model: &mut Model, ask: Ask, number: u16, words: &str) {
    let words = words.to_owned();
    model.take(News::Refused(ask, Refused { number, words }));
}

fn at(model: &mut Model, seconds: u64) {
    model.pass(Duration::from_secs(seconds));
}

fn type_in(model: &mut Model, text: &str) {
    model.act(Action::Edit(Edit::Clear));
    for character in text.chars() {
        model.act(Action::Edit(Edit::Type(character)));
    }
}

fn change(value: &str) -> Ask {
    Ask::Change {
        name: "display.brightness".to_owned(),
        value: value.to_owned(),
    }
}

fn words(model: &Model) -> &str {
    model.message().map_or("", |message| &message.words)
}

/// A board with three settings, the second of which is chosen.
fn board(pin: Option<&str>) -> Model {
    let mut model = Model::new("/dev/ttyUSB0".to_owned(), pin.map(str::to_owned));
    model.take(News::Found("/dev/ttyUSB0".to_owned()));
    let list = "name = Saal 3 *\ndisplay.brightness = 70 % *\naccess.timeout = 60 s";
    told(&mut model, Ask::List, list);
    model.act(Action::Move(1));
    model
}

/// The brightness is edited, and 80 was sent.
fn sent(pin: Option<&str>) -> Model {
    let mut model = board(pin);
    model.act(Action::Enter);
    assert_eq!(
        model.take_asks(),
        [Ask::Range("display.brightness".to_owned())]
    );
    type_in(&mut model, "80 ");
    model.act(Action::Enter);
    assert_eq!(model.take_asks(), [change("80")]);
    model
}

fn error(model: &Model) -> &str {
    match &model.mode {
        Mode::Edit(editor) => editor.error.as_deref(),
        Mode::Pin(asking) => asking.error.as_deref(),
        _ => None,
    }
    .unwrap_or_default()
}

#[test]
fn a_setting_is_edited_in_its_place() {
    let mut model = board(None);
    assert_eq!(model.keys(), Keys::Commands);
    model.act(Action::Enter);
    assert_eq!(model.keys(), Keys::Typing);
    let range = "display.brightness: 0 to 100 %, default 100 %. How bright.";
    told(&mut model, Ask::Range("name".to_owned()), "name: a text");
    told(
        &mut model,
        Ask::Range("display.brightness".to_owned()),
        range,
    );
    let Mode::Edit(editor) = &model.mode else {
        panic!("{:?}", model.mode)
    };
    assert_eq!(editor.field.text(), "70 %");
    assert_eq!(
        editor.range.as_deref(),
        Some("0 to 100 %, default 100 %. How bright.")
    );
    type_in(&mut model, "80");
    model.take_asks();
    model.act(Action::Enter);
    // Once is enough, and what is on its way does not change.
    model.act(Action::Enter);
    model.act(Action::Edit(Edit::Type('0')));
    assert_eq!(model.take_asks(), [change("80")]);
    told(&mut model, change("80"), "display.brightness = 80 %");
    assert_eq!(model.mode, Mode::Watch);
    assert_eq!(
        words(&model),
        "display.brightness = 80 %: in force; s saves"
    );
    assert_eq!(model.take_asks(), [Ask::List, Ask::Status]);
    at(&mut model, 20);
    assert_eq!(words(&model), "");
}

#[test]
fn what_the_board_refuses_is_told_and_can_be_mended() {
    let mut model = sent(None);
    refused(
        &mut model,
        change("80"),
        21,
        "display.brightness: 0 to 75 %, not 80",
    );
    assert_eq!(error(&model), "0 to 75 %, not 80");
    model.act(Action::Edit(Edit::Erase));
    assert_eq!(error(&model), "");
    model.act(Action::Escape);
    assert!(model.take_asks().is_empty());
    assert_eq!(model.mode, Mode::Watch);
    // An answer after that is told all the same.
    refused(&mut model, change("80"), 22, "must not exceed");
    assert_eq!(words(&model), "must not exceed");
    at(&mut model, 60);
    assert_eq!(words(&model), "must not exceed");
    model.act(Action::Move(1));
    assert_eq!(words(&model), "");
}

#[test]
fn a_locked_board_asks_for_its_pin_and_goes_on() {
    let mut model = sent(None);
    refused(
        &mut model,
        change("80"),
        30,
        "locked by a PIN; unlock first",
    );
    assert!(model.take_asks().is_empty());
    type_in(&mut model, "1234");
    model.act(Action::Enter);
    assert_eq!(model.take_asks(), [Ask::Unlock("1234".to_owned())]);
    refused(
        &mut model,
        Ask::Unlock("1234".to_owned()),
        31,
        "wrong answer",
    );
    assert_eq!(error(&model), "not this PIN; try again");
    assert!(!model.is_unlocked());
    type_in(&mut model, "4711");
    model.act(Action::Enter);
    assert_eq!(model.take_asks(), [Ask::Unlock("4711".to_owned())]);
    told(&mut model, Ask::Unlock("4711".to_owned()), "");
    assert!(model.is_unlocked());
    assert_eq!(model.take_asks(), [change("80")]);
    told(&mut model, change("80"), "display.brightness = 80 %");
    assert_eq!(model.mode, Mode::Watch);
}

#[test]
fn without_the_pin_the_editor_is_as_it_was() {
    let mut model = sent(None);
    refused(&mut model, change("80"), 30, "locked");
    model.act(Action::Escape);
    model.act(Action::Enter);
    assert_eq!(model.take_asks(), [change("80")]);
    model.act(Action::Escape);
    model.act(Action::Save);
    assert_eq!(model.take_asks(), [Ask::Save]);
    refused(&mut model, Ask::Save, 30, "locked");
    assert!(matches!(model.mode, Mode::Pin(_)));
    model.act(Action::Escape);
    assert_eq!(model.mode, Mode::Watch);
}

#[test]
fn a_pin_that_was_given_is_tried_once() {
    let mut model = sent(Some("4711"));
    refused(&mut model, change("80"), 30, "locked");
    assert_eq!(model.take_asks(), [Ask::Unlock("4711".to_owned())]);
    refused(&mut model, Ask::Unlock("4711".to_owned()), 31, "wrong");
    assert_eq!(model.keys(), Keys::Typing);
    model.act(Action::Escape);
    model.act(Action::Enter);
    model.take_asks();
    refused(&mut model, change("80"), 30, "locked");
    assert!(model.take_asks().is_empty());
}

/// The board locks itself after a silence; polling is none, so this does it.
#[test]
fn a_board_left_alone_is_locked_again() {
    let mut model = sent(Some("4711"));
    refused(&mut model, change("80"), 30, "locked");
    told(&mut model, Ask::Unlock("4711".to_owned()), "");
    model.take_asks();
    at(&mut model, 50);
    model.act(Action::Escape);
    at(&mut model, 100);
    assert!(model.is_unlocked() && model.take_asks().is_empty());
    at(&mut model, 110);
    assert_eq!(model.take_asks(), [Ask::Lock]);
    assert!(!model.is_unlocked());
    at(&mut model, 111);
    assert!(model.take_asks().is_empty());
}

#[test]
fn a_lost_line_is_told_and_nothing_waits_for_it() {
    let mut model = sent(None);
    told(&mut model, Ask::Vitals, "level = living\nvisitor.1 = 0 0 1");
    at(&mut model, 10);
    model.take(News::Lost("gone".to_owned()));
    at(&mut model, 12);
    model.take(News::Lost("not there".to_owned()));
    let lost = Link::Away {
        since: Duration::from_secs(10),
        why: "not there".to_owned(),
        was_there: true,
    };
    assert_eq!(model.link, lost);
    assert!(error(&model).contains("the line was lost meanwhile"));
    assert_eq!(model.vitals.level.as_deref(), Some("living"));
    assert!(model.vitals.visitors.is_empty());
    model.act(Action::Enter);
    assert_eq!(model.take_asks(), [change("80")]);
    model.take(News::Found("/dev/ttyUSB1".to_owned()));
    assert_eq!(
        (&model.link, model.port.as_str()),
        (&Link::There, "/dev/ttyUSB1")
    );
    assert_eq!(words(&model), "the board answers again, after 2 s");
}

/// What is sent while the port is away is lost; the next news ends the wait.
#[test]
fn what_is_sent_into_nothing_comes_back() {
    let mut model = board(None);
    model.take(News::Lost("gone".to_owned()));
    model.act(Action::Enter);
    type_in(&mut model, "80");
    model.act(Action::Enter);
    model.take(News::Lost("gone".to_owned()));
    assert!(error(&model).contains("look whether"));
}

#[test]
fn a_board_that_started_anew_is_looked_at_anew() {
    let mut model = board(None);
    told(&mut model, Ask::Vitals, "uptime = 5000");
    told(&mut model, Ask::Counters, "camera.lost = 3");
    told(&mut model, Ask::Vitals, "uptime = 4999");
    assert_eq!(words(&model), "");
    told(&mut model, Ask::Vitals, "uptime = 2");
    assert_eq!(words(&model), "the board has started anew");
    assert!(model.counters.all().is_empty());
    assert_eq!(model.take_asks(), [Ask::List, Ask::Counters]);
}

#[test]
fn an_older_board_is_watched_by_its_status() {
    let mut model = board(None);
    refused(
        &mut model,
        Ask::Vitals,
        10,
        "no such command; help lists them",
    );
    assert!(model.is_old);
    told(
        &mut model,
        Ask::Status,
        "portrait: idle\nsettings: 2 not saved, 0 prepared",
    );
    assert_eq!(model.vitals.level.as_deref(), Some("idle"));
    // Updated meanwhile.
    told(&mut model, Ask::Vitals, "level = living");
    assert!(!model.is_old);
    told(&mut model, Ask::Status, "portrait: idle");
    assert_eq!(model.vitals.level.as_deref(), Some("living"));
}

#[test]
fn the_choice_follows_the_setting_and_stays_in_the_list() {
    let mut model = board(None);
    told(
        &mut model,
        Ask::List,
        "new = 1\nname = x\ndisplay.brightness = 1 %",
    );
    assert_eq!(model.chosen, 2);
    for (action, chosen) in [
        (Action::Move(5), 2),
        (Action::First, 0),
        (Action::Move(-1), 0),
        (Action::Last, 2),
    ] {
        model.act(action);
        assert_eq!(model.chosen, chosen, "{action:?}");
    }
    told(&mut model, Ask::List, "new = 1");
    assert_eq!(model.chosen, 0);
    told(&mut model, Ask::List, "");
    model.act(Action::Last);
    model.act(Action::Enter);
    assert_eq!((&model.mode, model.chosen), (&Mode::Watch, 0));
}

#[test]
fn words_for_nothing_are_not_edited() {
    let mut model = board(None);
    told(&mut model, Ask::List, "name = empty");
    model.act(Action::First);
    model.act(Action::Enter);
    let Mode::Edit(editor) = &model.mode else {
        panic!("{:?}", model.mode)
    };
    assert_eq!(editor.field.text(), "");
}

#[test]
fn a_plan_shrinks_only_after_a_while() {
    let mut model = board(None);
    told(&mut model, Ask::Vitals, "visitor.1 = 0 0 4.5");
    at(&mut model, 10);
    told(&mut model, Ask::Vitals, "visitor.1 = 0 0 1.5");
    assert_eq!(model.depth(), 4.5);
    at(&mut model, 31);
    told(&mut model, Ask::Vitals, "visitor.1 = 0 0 1.5");
    assert_eq!(model.depth(), 1.5);
}
