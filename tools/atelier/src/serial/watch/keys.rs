//! Which key does what.

use super::field::Edit;
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

/// What a key asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Leave the dashboard.
    Leave,
    /// Choose a setting so many further down, or up.
    Move(i32),
    /// Choose the first.
    First,
    /// Choose the last.
    Last,
    /// Edit the setting that is chosen, or send what was typed.
    Enter,
    /// Leave what was begun.
    Escape,
    /// Something is typed.
    Edit(Edit),
    /// Keep the settings over a restart.
    Save,
    /// Show what the keys do, or show it no more.
    Help,
}

/// What keys mean just now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keys {
    /// Letters are commands.
    Commands,
    /// Letters are typed.
    Typing,
    /// Any key ends it.
    Reading,
}

/// Settings that a page key skips.
const PAGE: i32 = 8;

/// What a key means; none: nothing.
pub fn action(keys: Keys, key: KeyEvent) -> Option<Action> {
    if key.kind == KeyEventKind::Release {
        return None;
    }
    let control = key.modifiers.contains(KeyModifiers::CONTROL);
    if control && key.code == KeyCode::Char('c') {
        return Some(Action::Leave);
    }
    match keys {
        Keys::Commands => command(key.code, control),
        Keys::Typing => typing(key.code, control, key.modifiers.contains(KeyModifiers::ALT)),
        Keys::Reading if matches!(key.code, KeyCode::Char('q' | 'Q')) => Some(Action::Leave),
        Keys::Reading => Some(Action::Help),
    }
}

fn command(code: KeyCode, control: bool) -> Option<Action> {
    Some(match code {
        KeyCode::Char(_) if control => return None,
        KeyCode::Char('q' | 'Q') => Action::Leave,
        KeyCode::Up | KeyCode::Char('k') => Action::Move(-1),
        KeyCode::Down | KeyCode::Char('j') => Action::Move(1),
        KeyCode::PageUp => Action::Move(-PAGE),
        KeyCode::PageDown => Action::Move(PAGE),
        KeyCode::Home => Action::First,
        KeyCode::End => Action::Last,
        KeyCode::Enter => Action::Enter,
        KeyCode::Esc => Action::Escape,
        KeyCode::Char('s' | 'S') => Action::Save,
        KeyCode::Char('?' | 'h') | KeyCode::F(1) => Action::Help,
        _ => return None,
    })
}

fn typing(code: KeyCode, control: bool, alt: bool) -> Option<Action> {
    let edit = match code {
        KeyCode::Enter => return Some(Action::Enter),
        KeyCode::Esc => return Some(Action::Escape),
        KeyCode::Char('u') if control => Edit::Clear,
        KeyCode::Char('a') if control => Edit::Home,
        KeyCode::Char('e') if control => Edit::End,
        // Other keyboards type characters such as @ with both together.
        KeyCode::Char(_) if control != alt => return None,
        KeyCode::Char(character) => Edit::Type(character),
        KeyCode::Backspace => Edit::Erase,
        KeyCode::Delete => Edit::Delete,
        KeyCode::Left => Edit::Left,
        KeyCode::Right => Edit::Right,
        KeyCode::Home => Edit::Home,
        KeyCode::End => Edit::End,
        _ => return None,
    };
    Some(Action::Edit(edit))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(code: KeyCode) -> KeyEvent {
        KeyEvent::new(code, KeyModifiers::NONE)
    }

    #[test]
    fn letters_are_commands_until_something_is_typed() {
        let q = key(KeyCode::Char('q'));
        assert_eq!(action(Keys::Commands, q), Some(Action::Leave));
        assert_eq!(action(Keys::Reading, q), Some(Action::Leave));
        assert_eq!(action(Keys::Typing, q), Some(Action::Edit(Edit::Type('q'))));
        let s = key(KeyCode::Char('s'));
        assert_eq!(action(Keys::Commands, s), Some(Action::Save));
        assert_eq!(action(Keys::Reading, s), Some(Action::Help));
        let enter = key(KeyCode::Enter);
        assert_eq!(action(Keys::Commands, enter), Some(Action::Enter));
        assert_eq!(action(Keys::Typing, enter), Some(Action::Enter));
    }

    #[test]
    fn control_c_leaves_from_everywhere() {
        let key = KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL);
        for keys in [Keys::Commands, Keys::Typing, Keys::Reading] {
            assert_eq!(action(keys, key), Some(Action::Leave), "{keys:?}");
        }
        let other = KeyEvent::new(KeyCode::Char('s'), KeyModifiers::CONTROL);
        assert_eq!(action(Keys::Commands, other), None);
        assert_eq!(action(Keys::Typing, other), None);
    }

    #[test]
    fn third_level_characters_are_typed_and_releases_are_nothing() {
        let both = KeyModifiers::CONTROL | KeyModifiers::ALT;
        let at = KeyEvent::new(KeyCode::Char('@'), both);
        assert_eq!(
            action(Keys::Typing, at),
            Some(Action::Edit(Edit::Type('@')))
        );
        let mut released = key(KeyCode::Char('q'));
        released.kind = KeyEventKind::Release;
        assert_eq!(action(Keys::Commands, released), None);
    }
}
