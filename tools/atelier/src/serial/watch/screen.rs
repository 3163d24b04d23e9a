//! The terminal, and the loop between keys, the board and the drawing.

use super::courier::{Courier, Finder};
use super::keys::{self};
use super::model::Model;
use super::view::{Palette, draw};
use anyhow::{Context, Result, anyhow};
use ratatui::Terminal;
use ratatui::backend::Backend;
use ratatui::crossterm::event::{self, Event};
use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// One wait for a key; news are looked at after it.
const WAIT: Duration = Duration::from_millis(100);

/// Waits for a key so long, at most.
type Events<'a> = dyn FnMut(Duration) -> io::Result<Option<Event>> + 'a;

/// Watches until somebody leaves.
pub fn run(mut model: Model, find: Finder) -> Result<()> {
    let stop = Arc::new(AtomicBool::new(false));
    for signal in [SIGHUP, SIGINT, SIGQUIT, SIGTERM] {
        signal_hook::flag::register(signal, Arc::clone(&stop))?;
    }
    let no_colour = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let courier = Courier::start(find)?;
    // From here on a panic gives the terminal back, too, before it is told.
    let guard = Guard;
    let mut terminal = ratatui::try_init().context("the terminal cannot be drawn on")?;
    let ended = turn(
        &mut terminal,
        &mut model,
        &courier,
        Palette::new(!no_colour),
        &stop,
        &mut |patience| match event::poll(patience)? {
            true => event::read().map(Some),
            false => Ok(None),
        },
    );
    drop(terminal);
    drop(guard);
    courier.leave(model.is_unlocked());
    ended
}

/// Gives the terminal back.
struct Guard;

impl Drop for Guard {
    fn drop(&mut self) {
        // Where there is no terminal any more there is nothing to give back, and nobody to tell.
        let _ = ratatui::try_restore();
        let _ = ratatui::crossterm::execute!(io::stdout(), ratatui::crossterm::cursor::Show);
    }
}

/// Draws, waits for a key, takes what has come; until `stop` or a leave.
fn turn<B: Backend>(
    terminal: &mut Terminal<B>,
    model: &mut Model,
    courier: &Courier,
    palette: Palette,
    stop: &AtomicBool,
    events: &mut Events<'_>,
) -> Result<()> {
    let clock = Instant::now();
    while !model.is_over && !stop.load(Ordering::Relaxed) {
        terminal
            .draw(|frame| draw(model, palette, frame.area(), frame.buffer_mut()))
            .map_err(|error| anyhow!("the terminal cannot be drawn on: {error}"))?;
        let mut patience = WAIT;
        while let Some(event) = events(patience).context("keys cannot be read")? {
            patience = Duration::ZERO;
            if let Event::Key(key) = event
                && let Some(action) = keys::action(model.keys(), key)
            {
                model.act(action);
            }
            if model.is_over {
                break;
            }
        }
        for news in courier.news()? {
            model.take(news);
        }
        model.pass(clock.elapsed());
        for ask in model.take_asks() {
            courier.ask(ask);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
