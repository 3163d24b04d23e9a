//! How things look: sixteen colours at most, and never a colour alone.
//!
//! Everything that a colour says is said by a word, a mark or a weight, too: it is readable without colours, by
//! whoever sees few of them, and on a light ground.

use ratatui::style::{Color, Modifier, Style};

/// The look.
#[derive(Clone, Copy, Debug)]
pub struct Palette {
    has_colour: bool,
    is_faded: bool,
}

impl Palette {
    /// With colours, or without.
    pub fn new(has_colour: bool) -> Palette {
        Palette {
            has_colour,
            is_faded: false,
        }
    }

    /// For what was true a while ago.
    pub fn faded(self) -> Palette {
        Palette {
            is_faded: true,
            ..self
        }
    }

    fn coloured(self, colour: Color) -> Style {
        match self.has_colour && !self.is_faded {
            true => Style::new().fg(colour),
            false => Style::new(),
        }
    }

    /// Values.
    pub fn plain(self) -> Style {
        match self.is_faded {
            true => self.quiet(),
            false => Style::new(),
        }
    }

    /// Values that matter.
    pub fn strong(self) -> Style {
        self.plain().add_modifier(Modifier::BOLD)
    }

    /// What is seldom read: rules, units, marks.
    pub fn quiet(self) -> Style {
        Style::new().add_modifier(Modifier::DIM)
    }

    /// The bar at the top.
    pub fn bar(self) -> Style {
        Style::new().add_modifier(Modifier::REVERSED | Modifier::BOLD)
    }

    /// Headings.
    pub fn title(self) -> Style {
        self.coloured(Color::Cyan).add_modifier(Modifier::BOLD)
    }

    /// Curves.
    pub fn curve(self) -> Style {
        match self.is_faded {
            true => self.quiet(),
            false => self.coloured(Color::Cyan),
        }
    }

    /// The visitor who is answered.
    pub fn answered(self) -> Style {
        self.coloured(Color::Cyan).add_modifier(Modifier::BOLD)
    }

    /// What wants a hand; it has an exclamation mark, too.
    pub fn alarm(self) -> Style {
        match self.has_colour {
            true => Style::new()
                .fg(Color::Black)
                .bg(Color::Yellow)
                .add_modifier(Modifier::BOLD),
            false => Style::new().add_modifier(Modifier::REVERSED | Modifier::BOLD),
        }
    }

    /// The row that is chosen; it has a mark, too.
    pub fn chosen(self) -> Style {
        Style::new().add_modifier(Modifier::BOLD | Modifier::REVERSED)
    }

    /// The cell where the next character goes.
    pub fn cursor(self) -> Style {
        Style::new().add_modifier(Modifier::REVERSED)
    }

    /// What is being typed.
    pub fn typed(self) -> Style {
        Style::new().add_modifier(Modifier::UNDERLINED)
    }
}
