//! What keys do to the model.

use super::super::ask::Ask;
use super::super::field::Field;
use super::super::keys::Action;
use super::{Editor, Mode, Model};

impl Model {
    /// A key was pressed.
    pub fn act(&mut self, action: Action) {
        self.last_key = self.now;
        if self.message().is_some_and(|message| message.is_error) {
            self.message = None;
        }
        if action == Action::Leave {
            self.is_over = true;
            return;
        }
        match &mut self.mode {
            Mode::Watch => self.act_on_list(action),
            Mode::Help => self.mode = Mode::Watch,
            Mode::Edit(editor) => match action {
                Action::Escape => self.mode = Mode::Watch,
                Action::Edit(edit) if !editor.is_sent => {
                    editor.error = None;
                    editor.field.edit(edit);
                }
                Action::Enter if !editor.is_sent => {
                    editor.is_sent = true;
                    editor.error = None;
                    self.asks.push(Ask::Change {
                        name: editor.name.clone(),
                        value: editor.field.text().trim().to_owned(),
                    });
                }
                _ => {}
            },
            Mode::Pin(asking) => match action {
                Action::Escape => {
                    let mut editor = asking.editor.take();
                    if let Some(editor) = &mut editor {
                        editor.is_sent = false;
                    }
                    self.mode = editor.map_or(Mode::Watch, Mode::Edit);
                }
                Action::Edit(edit) if !asking.is_sent => {
                    asking.error = None;
                    asking.field.edit(edit);
                }
                Action::Enter if !asking.is_sent => {
                    asking.is_sent = true;
                    asking.error = None;
                    self.asks.push(Ask::Unlock(asking.field.text()));
                }
                _ => {}
            },
        }
    }

    fn act_on_list(&mut self, action: Action) {
        let last = self.settings.len().saturating_sub(1);
        match action {
            Action::Move(by) => {
                self.chosen = self.chosen.saturating_add_signed(by as isize).min(last);
            }
            Action::First => self.chosen = 0,
            Action::Last => self.chosen = last,
            Action::Help => self.mode = Mode::Help,
            Action::Save => self.asks.push(Ask::Save),
            Action::Enter => self.begin(),
            Action::Escape | Action::Edit(_) | Action::Leave => {}
        }
    }

    /// Begins to edit the setting that is chosen.
    fn begin(&mut self) {
        let Some(setting) = self.settings.get(self.chosen) else {
            return;
        };
        // What is no value but the word for none of it.
        let is_word = matches!(
            setting.value.as_str(),
            "empty" | "hidden" | "set" | "not set"
        );
        let text = if is_word { "" } else { &setting.value };
        self.asks.push(Ask::Range(setting.name.clone()));
        self.mode = Mode::Edit(Editor {
            name: setting.name.clone(),
            field: Field::new(text),
            range: None,
            error: None,
            is_sent: false,
        });
    }
}
