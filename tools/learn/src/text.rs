//! A learned personality as the text of its file, with what each number comes from.

use crate::expressions::Expression;
use crate::learned::{Learned, LearnedHabit};
use sfumato_core::time::Micros;
use sfumato_motion::personality::{Cue, Reply};
use sfumato_motion::style::{Blink, MEASURED_SHAPES};

/// Where comments begin.
const COLUMN: usize = 28;

impl Learned {
    /// The text of `NAME.toml`. `learned_from` says of whom, with the licence, for whoever reads the file.
    pub fn text(&self, learned_from: &str) -> String {
        let mut page = Page::default();
        let seconds = self.seen.seconds;
        page.line(
            "",
            &format!(
                "Learned from {seconds:.1} seconds of film, {}.",
                self.manner()
            ),
        );
        page.line("", "Numbers only: no picture, no measure of the face.");
        page.line(&format!("learned_from = {}", quoted(learned_from)), "");
        page.line("like = \"serene\"", "what no film of one person tells");
        page.number(
            "answer_time",
            self.answer_time,
            "seconds, from the face's own tempo",
        );
        page.number(
            "asymmetry",
            self.asymmetry,
            "how much stronger its left side answers",
        );
        let smile = self.seen.smile().mean;
        page.number(
            "smile_bias",
            self.smile_bias,
            &format!("it smiled by {smile:.2} on average"),
        );
        self.write_gains(&mut page);
        self.write_idle(&mut page);
        self.write_sway(&mut page);
        if self.always.iter().any(|amount| *amount > 0.0) {
            page.heading("[always]", "what the face always does a little");
            page.shapes(&self.always, 0.0);
        }
        let explained = 100.0 * self.seen.explained;
        page.heading(
            "[together]",
            &format!("{explained:.0} % of all that the face did"),
        );
        page.number("share", self.share, "");
        self.seen
            .expressions
            .iter()
            .for_each(|one| page.expression(one));
        self.habits.iter().for_each(|one| page.learned_habit(one));
        page.habit(
            "smile",
            "cheek_squint",
            0.25,
            "as serene: landmarks do not show cheeks",
        );
        page.habit("nearness", "smile", 0.12, "as serene");
        page.0
    }

    fn manner(&self) -> String {
        match self.strength {
            1.0 => "as measured".to_owned(),
            strength => format!("what is particular {strength:.1} times as strong"),
        }
    }

    fn write_gains(&self, page: &mut Page) {
        page.heading("[gains]", "");
        for (name, gain) in ["yaw", "pitch", "roll"].into_iter().zip(self.turn) {
            page.number(name, gain, "");
        }
        for (name, gain) in ["jaw", "smile", "mouth", "brows"]
            .into_iter()
            .zip(self.face)
        {
            page.number(name, gain, "");
        }
    }

    fn write_idle(&self, page: &mut Page) {
        let (blinks, glances) = (&self.seen.blinks, &self.seen.glances);
        page.heading("[idle]", "");
        let seen = |count: usize, seconds: f64| format!("a minute; {count} in {seconds:.1} s");
        page.line(
            &format!("blinks = {:.0}", self.blinks),
            &seen(blinks.count, blinks.seconds),
        );
        if glances.seconds > 0.0 {
            let [often, reach] = self.glances;
            page.line(
                &format!("glances = {often:.0}"),
                &seen(glances.count, glances.seconds),
            );
            page.number("glance_reach", reach, "degrees");
        } else {
            page.line("", "The eyes are too small to tell glances.");
        }
        page.number(
            "face",
            self.alone,
            "alone it does so much of what it did when filmed",
        );
        page.heading("[blink]", "");
        let usual = Blink::USUAL;
        for (name, part) in [
            ("closing", usual.closing),
            ("shut", usual.shut),
            ("opening", usual.opening),
        ] {
            page.number(name, seconds(part) * self.blink_length, "seconds");
        }
        page.number("spread", self.blink_spread, "");
    }

    fn write_sway(&self, page: &mut Page) {
        page.heading(
            "[sway]",
            "degrees, from quick (a quarter of a second) to slow (four)",
        );
        for (name, sway) in ["yaw", "pitch", "roll"].into_iter().zip(self.sway) {
            let sizes = sway.map(|size| format!("{size:.3}")).join(", ");
            page.line(&format!("{name} = [{sizes}]"), "");
        }
    }
}

/// A text that grows.
#[derive(Debug, Default)]
struct Page(String);

impl Page {
    /// What it says, and a comment beside it.
    fn line(&mut self, says: &str, comment: &str) {
        self.0 += says;
        if !comment.is_empty() {
            let written = says.chars().count();
            let column = if written == 0 {
                0
            } else {
                COLUMN.max(written + 2)
            };
            self.0.extend(std::iter::repeat_n(' ', column - written));
            self.0 += "# ";
            self.0 += comment;
        }
        self.0.push('\n');
    }

    fn heading(&mut self, says: &str, comment: &str) {
        self.0.push('\n');
        self.line(says, comment);
    }

    fn number(&mut self, name: &str, value: f64, comment: &str) {
        self.line(&format!("{name} = {value:.3}"), comment);
    }

    /// Coefficients of more than `least`.
    fn shapes(&mut self, amounts: &[f64], least: f64) {
        for (shape, amount) in MEASURED_SHAPES.into_iter().zip(amounts) {
            if amount.abs() > least {
                self.number(shape.name(), amount.clamp(-1.0, 1.0), "");
            }
        }
    }

    fn expression(&mut self, expression: &Expression) {
        self.heading("[[together.expressions]]", "");
        self.number("size", expression.size.min(2.0), "");
        self.number(
            "beat",
            expression.beat.clamp(0.1, 10.0),
            "seconds to its next turn",
        );
        self.line("[together.expressions.shapes]", "");
        // Half a hundredth is not seen.
        self.shapes(&expression.shapes, 0.005);
    }

    fn learned_habit(&mut self, habit: &LearnedHabit) {
        let cue = match habit.from.cue {
            Cue::Jaw => "jaw",
            Cue::Brows => "brows",
            _ => "smile",
        };
        let (reply, unit) = match habit.from.reply {
            Reply::Roll => ("roll", "degrees; "),
            Reply::Pitch => ("pitch", "degrees; "),
            _ => ("eyes_open", ""),
        };
        let comment = format!("{unit}r = {:.2}", habit.from.correlation);
        self.habit(cue, reply, habit.amount, &comment);
    }

    fn habit(&mut self, cue: &str, reply: &str, amount: f64, comment: &str) {
        self.heading("[[habits]]", "");
        self.line(&format!("cue = \"{cue}\""), "");
        self.line(&format!("reply = \"{reply}\""), "");
        self.number("amount", amount, comment);
    }
}

fn seconds(length: Micros) -> f64 {
    length.0 as f64 / 1e6
}

/// A string as TOML has it: what would end it or is no letter is escaped.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' | '\\' => quoted.extend(['\\', letter]),
            letter if letter.is_control() => quoted.push(' '),
            letter => quoted.push(letter),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Row, Series};
    use proptest::prelude::*;
    use sfumato_personalities::Personalities;

    /// A face that does what chance says.
    fn series(waves: &[[f64; 3]]) -> Series {
        let mut series = Series::default();
        series.add((0..100).map(|i| {
            let time = f64::from(i) / 25.0;
            let mut row = Row {
                time,
                head: [0.0; 3],
                shapes: [0.0; 19],
                lids: (time * 2.0).sin(),
                corners: 0.0,
                eyes: Some(10.0 * (time * 4.0).sin().signum()),
            };
            for (i, [size, speed, phase]) in waves.iter().enumerate() {
                let value = size * (speed * time + phase).sin();
                row.shapes[i % 19] += value.clamp(0.0, 1.0);
                row.head[i % 3] += 30.0 * value;
            }
            row
        }));
        series
    }

    proptest! {
        #[test]
        fn whatever_is_learned_is_a_personality_s_file(
            waves in prop::collection::vec([0f64..1.5, 0f64..30.0, 0f64..6.3], 0..25),
            strength in 0f64..3.0,
            origin in ".*",
        ) {
            let learned = Learned::from(&series(&waves), strength).unwrap();
            let text = learned.text(&origin);
            let read = Personalities::default().add("somebody", &text);
            prop_assert!(read.is_ok(), "{read:?}\n{text}");
        }
    }
}
