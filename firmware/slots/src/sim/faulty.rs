//! A boot partition that fails by script.

use crate::esp::{Esp, EspError};

/// Hands on to another boot partition, until its time has come.
#[derive(Debug)]
pub struct Faulty<E> {
    /// The partition behind it.
    pub behind: E,
    /// Changes that are yet done before the fault.
    pub good: usize,
    /// The fault that every change meets from then on.
    pub fault: EspError,
    /// Whether reading fails too from then on.
    pub unreadable: bool,
}

impl<E> Faulty<E> {
    fn change(&mut self) -> Result<&mut E, EspError> {
        let Some(good) = self.good.checked_sub(1) else {
            return Err(self.fault.clone());
        };
        self.good = good;
        Ok(&mut self.behind)
    }

    fn look(&mut self) -> Result<&mut E, EspError> {
        if self.unreadable && self.good == 0 {
            return Err(self.fault.clone());
        }
        Ok(&mut self.behind)
    }
}

impl<E: Esp> Esp for Faulty<E> {
    fn list(&mut self, folder: &str) -> Result<Vec<String>, EspError> {
        self.look()?.list(folder)
    }

    fn read(&mut self, path: &str, limit: usize) -> Result<Vec<u8>, EspError> {
        self.look()?.read(path, limit)
    }

    fn write(&mut self, path: &str, bytes: &[u8]) -> Result<(), EspError> {
        self.change()?.write(path, bytes)
    }

    fn rename(&mut self, from: &str, to: &str) -> Result<(), EspError> {
        self.change()?.rename(from, to)
    }

    fn remove(&mut self, path: &str) -> Result<(), EspError> {
        self.change()?.remove(path)
    }

    fn sync(&mut self) -> Result<(), EspError> {
        self.change()?.sync()
    }

    fn free(&mut self) -> Result<u64, EspError> {
        self.look()?.free()
    }
}
