//! What answers do to the model.

use super::super::answers::{self, Setting, Vitals};
use super::super::ask::{Ask, LOCKED, News, WRONG_PIN};
use super::super::field::Field;
use super::super::line::Refused;
use super::{ANEW, Asking, DEPTH_KEPT, Link, Mode, Model};

impl Model {
    /// Something came of what was asked.
    pub fn take(&mut self, news: News) {
        match news {
            News::Found(port) => self.found(port),
            News::Lost(why) => self.lost(why),
            News::Told(ask, lines) => self.told(ask, &lines),
            News::Refused(ask, refused) => self.refused(ask, refused),
        }
    }

    fn found(&mut self, port: String) {
        let before = std::mem::replace(&mut self.link, Link::There);
        if let Link::Away {
            since, was_there, ..
        } = before
            && was_there
        {
            let seconds = self.now.saturating_sub(since).as_secs();
            self.say(&format!("the board answers again, after {seconds} s"));
        }
        self.port = port;
        self.is_old = false;
    }

    fn lost(&mut self, reason: String) {
        match &mut self.link {
            Link::Away { why, .. } => *why = reason,
            Link::There => {
                self.link = Link::Away {
                    since: self.now,
                    why: reason,
                    was_there: true,
                };
            }
        }
        self.vitals.visitors.clear();
        self.unlocked = false;
        let unknown = "the line was lost meanwhile; look whether the change is in force";
        match &mut self.mode {
            Mode::Edit(editor) if editor.is_sent => {
                editor.is_sent = false;
                editor.error = Some(unknown.to_owned());
            }
            Mode::Pin(asking) if asking.is_sent => {
                asking.is_sent = false;
                asking.error = Some("the line was lost meanwhile; try again".to_owned());
            }
            _ => {}
        }
    }

    fn told(&mut self, ask: Ask, lines: &[String]) {
        match ask {
            Ask::Vitals => {
                self.is_old = false;
                self.see(Vitals::read(lines));
            }
            Ask::Status => {
                self.status = answers::pairs(lines);
                if self.is_old {
                    self.see(Vitals::from_status(&self.status));
                }
            }
            Ask::Counters => self.counters.take(self.now, answers::counters(lines)),
            Ask::List => self.list(answers::settings(lines)),
            Ask::Range(name) => {
                if let Mode::Edit(editor) = &mut self.mode
                    && editor.name == name
                {
                    let words = lines.join(" ");
                    let own = words.strip_prefix(&format!("{name}: "));
                    editor.range = Some(own.unwrap_or(&words).to_owned());
                }
            }
            Ask::Change { name, .. } => self.changed(&name, lines),
            Ask::Save => {
                self.say(lines.first().map_or("saved", String::as_str));
                self.asks.push(Ask::Status);
            }
            Ask::Unlock(_) => self.unlocked(),
            Ask::Lock => {}
        }
    }

    /// Takes a look at the board.
    fn see(&mut self, vitals: Vitals) {
        let now = self.now;
        if let (Some(before), Some(after)) = (self.vitals.uptime, vitals.uptime)
            && after + ANEW < before
        {
            self.say("the board has started anew");
            self.counters.forget();
            self.unlocked = false;
            self.asks.push(Ask::List);
            self.asks.push(Ask::Counters);
        }
        let measured = [
            (&mut self.pictures, vitals.picture_rate),
            (&mut self.frames, vitals.camera_rate),
            (&mut self.latency, vitals.latency),
        ];
        for (trace, value) in measured {
            if let Some(value) = value {
                trace.push(now, value);
            }
        }
        let away = vitals.visitors.iter().map(|visitor| visitor.away);
        let away = away.fold(0.0, f64::max);
        let is_kept = self
            .farthest
            .is_some_and(|(at, before)| before > away && now.saturating_sub(at) < DEPTH_KEPT);
        if !is_kept {
            self.farthest = Some((now, away));
        }
        self.vitals = vitals;
    }

    fn list(&mut self, settings: Vec<Setting>) {
        let chosen = self.settings.get(self.chosen).map(|setting| &setting.name);
        let place =
            chosen.and_then(|name| settings.iter().position(|setting| setting.name == *name));
        let last = settings.len().saturating_sub(1);
        self.chosen = place.unwrap_or(self.chosen.min(last));
        self.settings = settings;
    }

    fn changed(&mut self, name: &str, lines: &[String]) {
        let words = lines.first().map_or(name, String::as_str);
        self.say(&format!("{words}: in force; s saves"));
        if matches!(&self.mode, Mode::Edit(editor) if editor.name == name && editor.is_sent) {
            self.mode = Mode::Watch;
        }
        self.asks.push(Ask::List);
        self.asks.push(Ask::Status);
    }

    fn unlocked(&mut self) {
        self.unlocked = true;
        if let Mode::Pin(asking) = &mut self.mode
            && asking.is_sent
        {
            self.asks.push(asking.then.clone());
            let editor = asking.editor.take();
            self.mode = editor.map_or(Mode::Watch, Mode::Edit);
        }
    }

    fn refused(&mut self, ask: Ask, refused: Refused) {
        match ask {
            Ask::Vitals => self.is_old = true,
            Ask::Unlock(_) => {
                if let Mode::Pin(asking) = &mut self.mode {
                    asking.is_sent = false;
                    asking.field = Field::default();
                    asking.error = Some(match refused.number {
                        WRONG_PIN => "not this PIN; try again".to_owned(),
                        _ => refused.words,
                    });
                }
            }
            Ask::Change { .. } | Ask::Save if refused.number == LOCKED => self.ask_pin(ask),
            Ask::Change { name, .. } => match &mut self.mode {
                Mode::Edit(editor) if editor.name == name => {
                    editor.is_sent = false;
                    let own = refused.words.strip_prefix(&format!("{name}: "));
                    editor.error = Some(own.unwrap_or(&refused.words).to_owned());
                }
                // Left meanwhile.
                _ => self.complain(&refused.words),
            },
            Ask::Range(_) => {}
            Ask::Save | Ask::Status | Ask::Counters | Ask::List | Ask::Lock => {
                self.complain(&refused.words);
            }
        }
    }

    /// The board is locked: a PIN that was given is tried once, then asked for.
    fn ask_pin(&mut self, then: Ask) {
        self.unlocked = false;
        let editor = match std::mem::replace(&mut self.mode, Mode::Watch) {
            Mode::Edit(editor) => Some(editor),
            _ => None,
        };
        let given = self.pin.take();
        let asking = Asking {
            field: Field::new(given.as_deref().unwrap_or_default()),
            then,
            editor,
            error: None,
            is_sent: given.is_some(),
        };
        self.asks.extend(given.map(Ask::Unlock));
        self.mode = Mode::Pin(asking);
    }
}
