//! A line of text that somebody types.

/// Most characters: a line of the board's has room for 512 bytes, name and all.
const MOST: usize = 240;

/// The text, and where the next character goes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Field {
    text: Vec<char>,
    cursor: usize,
}

/// What can be done to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edit {
    /// A character is typed.
    Type(char),
    /// The character before the cursor goes.
    Erase,
    /// The character under the cursor goes.
    Delete,
    /// All goes.
    Clear,
    /// The cursor moves.
    Left,
    /// The same.
    Right,
    /// To the beginning.
    Home,
    /// Behind the end.
    End,
}

impl Field {
    /// A text, the cursor behind it.
    pub fn new(text: &str) -> Field {
        let text: Vec<char> = text.chars().collect();
        Field {
            cursor: text.len(),
            text,
        }
    }

    /// The text.
    pub fn text(&self) -> String {
        self.text.iter().collect()
    }

    /// Before the cursor, and from it on.
    pub fn halves(&self) -> (String, String) {
        let (before, after) = self.text.split_at(self.cursor.min(self.text.len()));
        (before.iter().collect(), after.iter().collect())
    }

    /// Does it.
    pub fn edit(&mut self, edit: Edit) {
        let length = self.text.len();
        match edit {
            Edit::Type(character) => {
                if length < MOST && !character.is_control() {
                    self.text.insert(self.cursor, character);
                    self.cursor += 1;
                }
            }
            Edit::Erase if self.cursor > 0 => {
                self.cursor -= 1;
                self.text.remove(self.cursor);
            }
            Edit::Delete if self.cursor < length => {
                self.text.remove(self.cursor);
            }
            Edit::Clear => *self = Field::default(),
            Edit::Left => self.cursor = self.cursor.saturating_sub(1),
            Edit::Right => self.cursor = (self.cursor + 1).min(length),
            Edit::Home => self.cursor = 0,
            Edit::End => self.cursor = length,
            Edit::Erase | Edit::Delete => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn typing_and_erasing() {
        let mut field = Field::new("70 %");
        for edit in [
            Edit::Erase,
            Edit::Erase,
            Edit::Home,
            Edit::Delete,
            Edit::Type('8'),
            Edit::Right,
            Edit::Type('é'),
        ] {
            field.edit(edit);
        }
        assert_eq!(field.text(), "80é");
        assert_eq!(field.halves(), ("80é".to_owned(), String::new()));
        field.edit(Edit::Type('\u{1b}'));
        field.edit(Edit::Left);
        assert_eq!(field.halves(), ("80".to_owned(), "é".to_owned()));
        field.edit(Edit::Clear);
        assert_eq!(field, Field::default());
    }

    fn any_edit() -> impl Strategy<Value = Edit> {
        prop_oneof![
            any::<char>().prop_map(Edit::Type),
            prop::sample::select(vec![
                Edit::Erase,
                Edit::Delete,
                Edit::Clear,
                Edit::Left,
                Edit::Right,
                Edit::Home,
                Edit::End
            ]),
        ]
    }

    proptest! {
        /// Whatever is pressed, both halves at the cursor are all of the text.
        #[test]
        fn nothing_breaks_it(edits in prop::collection::vec(any_edit(), 0..400)) {
            let mut field = Field::default();
            for edit in edits {
                field.edit(edit);
                let (before, after) = field.halves();
                prop_assert_eq!(before + &after, field.text());
                prop_assert!(field.text().chars().count() <= MOST);
            }
        }
    }
}
