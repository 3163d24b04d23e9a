//! Loop devices, where this computer and this user have them.
#![allow(dead_code, clippy::unwrap_used)]

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;

/// A loop device on a file of its own, freed at the end.
pub struct Loop {
    pub path: PathBuf,
    pub backing: PathBuf,
    _folder: TempDir,
}

impl Loop {
    /// One of so many bytes; nothing, with a line that says why, where there are none.
    pub fn new(size: u64) -> Option<Loop> {
        Loop::with(size, &[])
    }

    /// The same, with words for `losetup`.
    pub fn with(size: u64, words: &[&str]) -> Option<Loop> {
        let folder = tempfile::tempdir_in(std::env::current_exe().unwrap().parent()?).unwrap();
        Loop::on(folder, size, words)
    }

    /// The same, on a file in this folder.
    pub fn on(folder: TempDir, size: u64, words: &[&str]) -> Option<Loop> {
        let backing = folder.path().join("backing");
        std::fs::File::create(&backing)
            .unwrap()
            .set_len(size)
            .unwrap();
        let made = match Command::new("losetup")
            .args(["--find", "--show"])
            .args(words)
            .arg(&backing)
            .output()
        {
            Ok(made) => made,
            Err(error) => return skip(&format!("losetup: {error}")),
        };
        if !made.status.success() {
            return skip(&String::from_utf8_lossy(&made.stderr));
        }
        let path = String::from_utf8(made.stdout).unwrap().trim().into();
        Some(Loop {
            path,
            backing,
            _folder: folder,
        })
    }

    /// The first bytes, read anew from the device.
    pub fn bytes(&self, count: usize) -> Vec<u8> {
        use sfumato_flash::access;
        use sfumato_flash::target::disk::Disk;
        let mut room = Vec::new();
        // While the kernel looks for partitions it has the device for itself.
        let mut tries = 0;
        let mut disk = loop {
            match Disk::open(&self.path) {
                Ok(disk) => break disk,
                Err(error) if error.kind() == ErrorKind::ResourceBusy && tries < 100 => tries += 1,
                Err(error) => panic!("{}: {error}", self.path.display()),
            }
            std::thread::sleep(Duration::from_millis(50));
        };
        let part = access::read(&mut disk, 0..count as u64, &mut room).unwrap();
        room[part].to_vec()
    }
}

impl Drop for Loop {
    fn drop(&mut self) {
        run("losetup", &["--detach".as_ref(), self.path.as_os_str()]);
    }
}

/// Says why a test is left out.
pub fn skip<T>(why: &str) -> Option<T> {
    println!("left out: {}", why.trim());
    None
}

/// Runs a program; answers whether it is there and was content.
pub fn run(program: &str, words: &[&std::ffi::OsStr]) -> bool {
    Command::new(program)
        .args(words)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// Packs a file with a program that writes to its output.
pub fn pack(program: &str, words: &[&str], from: &Path, to: &Path) -> Option<()> {
    let packed = Command::new(program)
        .args(words)
        .arg("-c")
        .stdin(std::fs::File::open(from).unwrap())
        .output();
    match packed {
        Ok(packed) if packed.status.success() => {
            std::fs::write(to, packed.stdout).unwrap();
            Some(())
        }
        _ => skip(&format!("{program} is not there")),
    }
}
