//! Carries questions to the board and answers back: keys need no patience.
//!
//! In a thread of its own. Looks for the board while it is away, every second, and asks by itself what is due.

use super::answers::clean;
use super::ask::{Ask, News};
use super::line::{Line, Refused};
use super::schedule::Schedule;
use anyhow::{Result, anyhow};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::{Builder, JoinHandle};
use std::time::{Duration, Instant};

/// Between looks for the board.
const SEARCH: Duration = Duration::from_secs(1);

/// How long a board that is to be locked is waited for at the end.
const GOODBYE: Duration = Duration::from_millis(1500);

/// A board that was found.
pub struct Found {
    /// The way to it.
    pub line: Line,
    /// The port's name, for people.
    pub port: String,
}

/// Looks for the board once; what is wrong, and what would help.
pub type Finder = Box<dyn FnMut() -> Result<Found> + Send>;

/// The way to the board.
#[derive(Debug)]
pub struct Courier {
    asks: Sender<Ask>,
    news: Receiver<News>,
    thread: JoinHandle<()>,
}

impl Courier {
    /// Sets out.
    pub fn start(find: Finder) -> Result<Courier> {
        let (asks, asked) = channel();
        let (told, news) = channel();
        let thread = Builder::new()
            .name("courier".to_owned())
            .spawn(move || carry(find, &asked, &told))?;
        Ok(Courier { asks, news, thread })
    }

    /// Asks, as soon as the line is free.
    pub fn ask(&self, ask: Ask) {
        // A courier that has ended is noticed where news are taken.
        let _ = self.asks.send(ask);
    }

    /// What has come since; an error where nothing will come any more.
    pub fn news(&self) -> Result<Vec<News>> {
        let news: Vec<News> = self.news.try_iter().collect();
        if news.is_empty() && self.thread.is_finished() {
            return Err(anyhow!(
                "the part that talks to the port has ended; start anew"
            ));
        }
        Ok(news)
    }

    /// Leaves; locks the board behind it if that is wanted, and it answers soon.
    pub fn leave(self, lock: bool) {
        if lock {
            let _ = self.asks.send(Ask::Lock);
        }
        drop(self.asks);
        let deadline = Instant::now() + GOODBYE;
        while lock && !self.thread.is_finished() && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

/// Until nobody asks and nobody listens any more.
fn carry(mut find: Finder, asked: &Receiver<Ask>, told: &Sender<News>) {
    let clock = Instant::now();
    loop {
        let lost = match find() {
            Ok(Found { mut line, port }) => {
                if told.send(News::Found(port)).is_err() {
                    return;
                }
                match serve(&mut line, clock, asked, told) {
                    Ok(()) => return,
                    Err(error) => error,
                }
            }
            Err(error) => error,
        };
        let words = clean(&format!("{lost:#}"));
        if told.send(News::Lost(words)).is_err() || !wait(asked) {
            return;
        }
    }
}

/// Lets a second pass. False: nobody asks any more.
///
/// What is asked meanwhile cannot be carried.
fn wait(asked: &Receiver<Ask>) -> bool {
    let until = Instant::now() + SEARCH;
    loop {
        let left = until.saturating_duration_since(Instant::now());
        match asked.recv_timeout(left) {
            Ok(_) => {}
            Err(RecvTimeoutError::Timeout) => return true,
            Err(RecvTimeoutError::Disconnected) => return false,
        }
    }
}

/// Asks what is wanted and what is due, until nobody asks or the line is lost.
fn serve(
    line: &mut Line,
    clock: Instant,
    asked: &Receiver<Ask>,
    told: &Sender<News>,
) -> Result<()> {
    let mut schedule = Schedule::new(clock.elapsed());
    // Somebody's terminal may have left it on, and every answer would begin with an echo.
    answer(line, "terminal off")?.ok();
    loop {
        let pause = schedule.pause(clock.elapsed());
        let ask = match asked.recv_timeout(pause) {
            Ok(ask) => ask,
            Err(RecvTimeoutError::Disconnected) => return Ok(()),
            Err(RecvTimeoutError::Timeout) => match schedule.due(clock.elapsed()) {
                Some(ask) => ask,
                None => continue,
            },
        };
        let begin = clock.elapsed();
        let answer = match &ask {
            Ask::Unlock(pin) => unlock(line, pin)?,
            ask => answer(line, &ask.line())?,
        };
        let now = clock.elapsed();
        if ask == Ask::Vitals && answer.is_err() {
            schedule.is_old(now);
        }
        schedule.answered(&ask, begin, now);
        let news = match answer {
            Ok(lines) => News::Told(ask, lines),
            Err(refused) => News::Refused(ask, refused),
        };
        if told.send(news).is_err() {
            return Ok(());
        }
    }
}

/// What a board is answered with or refuses; the outer error: the line is lost.
pub fn answer(line: &mut Line, words: &str) -> Result<Result<Vec<String>, Refused>> {
    sorted(line.ask(words))
}

fn unlock(line: &mut Line, pin: &str) -> Result<Result<Vec<String>, Refused>> {
    sorted(line.unlock(pin).map(|()| Vec::new()))
}

fn sorted(answer: Result<Vec<String>>) -> Result<Result<Vec<String>, Refused>> {
    match answer {
        Ok(lines) => Ok(Ok(lines.iter().map(|line| clean(line)).collect())),
        Err(error) => {
            let mut refused = error.downcast::<Refused>()?;
            refused.words = clean(&refused.words);
            Ok(Err(refused))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::rehearsal::Board;
    use super::*;
    use sfumato_serial::{PortError, Scripted, Step};

    /// News until one is the last that is wanted.
    fn until(courier: &Courier, is_last: impl Fn(&News) -> bool) -> Vec<News> {
        let deadline = Instant::now() + Duration::from_secs(20);
        let mut all = Vec::new();
        while Instant::now() < deadline {
            let news = courier.news().unwrap();
            let ends = news.iter().any(&is_last);
            all.extend(news);
            if ends {
                return all;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        panic!("it did not come: {all:?}");
    }

    /// A port that answers and then is gone.
    fn lost_soon() -> Line {
        let gone = PortError::Lost("/dev/ttyUSB0".to_owned());
        let steps = [
            Step::Bytes(b"OK terminal off\r\nlevel = li".to_vec()),
            Step::Bytes(b"ving\x1b[2J\r\nOK\r\n".to_vec()),
            Step::Fail(gone),
        ];
        Line::new(Scripted::new(steps, None))
    }

    #[test]
    fn a_port_that_is_lost_is_looked_for_until_it_is_back() {
        let board = Board::start(true, None);
        let mut find_board = board.finder();
        let mut tries = 0;
        let find = Box::new(move || {
            tries += 1;
            match tries {
                1 => Err(anyhow!("no serial adapter is plugged in")),
                2 => Ok(Found {
                    line: lost_soon(),
                    port: "the first".to_owned(),
                }),
                _ => find_board(),
            }
        });
        let courier = Courier::start(find).unwrap();
        let is_found = |news: &News| *news == News::Found("the port".to_owned());
        let news = until(&courier, is_found);
        let told = |news: &News| match news {
            News::Lost(why) => format!("lost: {why}"),
            News::Found(port) => format!("found: {port}"),
            News::Told(ask, lines) => format!("{ask:?}: {}", lines.join("; ")),
            News::Refused(ask, refused) => format!("{ask:?} refused: {refused}"),
        };
        let told: Vec<String> = news.iter().map(told).collect();
        assert_eq!(
            told[..4],
            [
                "lost: no serial adapter is plugged in",
                "found: the first",
                // Noise does not steer the terminal.
                "List: level = living\u{fffd}[2J",
                "lost: /dev/ttyUSB0 is gone: was it unplugged?",
            ]
        );
        until(&courier, |news| matches!(news, News::Told(Ask::Vitals, _)));
        courier.leave(false);
    }

    #[test]
    fn what_is_wanted_comes_before_what_is_due_and_the_board_is_locked_at_the_end() {
        let board = Board::start(true, Some("4711"));
        let courier = Courier::start(board.finder()).unwrap();
        courier.ask(Ask::Save);
        let is_refused =
            |news: &News| matches!(news, News::Refused(Ask::Save, refused) if refused.number == 30);
        let news = until(&courier, is_refused);
        assert!(
            matches!(news[..2], [News::Found(_), News::Refused(..)]),
            "{news:?}"
        );
        courier.ask(Ask::Unlock("0000".to_owned()));
        until(
            &courier,
            |news| matches!(news, News::Refused(Ask::Unlock(_), refused) if refused.number == 31),
        );
        courier.ask(Ask::Unlock("4711".to_owned()));
        until(&courier, |news| {
            matches!(news, News::Told(Ask::Unlock(_), _))
        });
        courier.leave(true);
        board.wait_for("lock", 1);
        // Whoever has left asks no more.
        let heard = board.heard().len();
        std::thread::sleep(Duration::from_millis(700));
        assert_eq!(board.heard().len(), heard);
    }

    #[test]
    fn an_older_board_is_asked_for_its_status() {
        let board = Board::start(false, None);
        let courier = Courier::start(board.finder()).unwrap();
        board.wait_for("status", 4);
        let asked = board
            .heard()
            .iter()
            .filter(|line| *line == "vitals")
            .count();
        assert_eq!(asked, 1);
        courier.leave(false);
    }
}
