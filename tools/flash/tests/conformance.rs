//! What every target must do, real, simulated and scripted alike.
#![allow(clippy::unwrap_used)]

mod common;
mod loops;

use common::{MIB, Random};
use loops::Loop;
use sfumato_flash::access;
use sfumato_flash::failure::Failure;
use sfumato_flash::target::Target;
use sfumato_flash::target::disk::Disk;
use sfumato_flash::target::memory::Memory;
use sfumato_flash::target::scripted::{Fault, Scripted};

const SIZE: u64 = 4 * MIB;

/// The suite.
fn conform(target: &mut dyn Target) {
    assert_eq!(target.size(), SIZE);
    assert!(target.alignment().is_power_of_two() && target.alignment() <= 1 << 16);
    let mut random = Random(7);
    let mut model = random.bytes(SIZE as usize);
    let mut room = Vec::new();
    access::write(target, 0, &model).unwrap();
    for round in 0..60 {
        // Any offset and length, aligned or not.
        let at = random.below(SIZE);
        let length = random.below((SIZE - at).min(300_000)) as usize;
        let range = at..at + length as u64;
        if round % 5 == 4 {
            access::zero(target, range.clone()).unwrap();
            model[at as usize..at as usize + length].fill(0);
        } else {
            let bytes = random.bytes(length);
            access::write(target, at, &bytes).unwrap();
            model[at as usize..at as usize + length].copy_from_slice(&bytes);
        }
        if round % 7 == 0 {
            access::sync(target, 0).unwrap();
        }
    }
    access::sync(target, 0).unwrap();
    let part = access::read(target, 0..SIZE, &mut room).unwrap();
    assert!(room[part] == model[..], "what was written comes back");
    for _ in 0..20 {
        let at = random.below(SIZE);
        let length = random.below(SIZE - at);
        let part = access::read(target, at..at + length, &mut room).unwrap();
        assert!(room[part] == model[at as usize..(at + length) as usize]);
    }
    // Not one byte beyond the end, and it does not grow.
    let beyond = access::write(target, SIZE - 512, &[1; 1024]);
    assert!(
        matches!(beyond, Err(Failure::TooSmall { size: SIZE })),
        "{beyond:?}"
    );
    assert!(matches!(
        access::zero(target, SIZE..SIZE + 512),
        Err(Failure::TooSmall { .. })
    ));
    assert!(target.write(SIZE, &[1; 4096]).is_err());
    assert_eq!(target.size(), SIZE);
    assert!(access::read(target, SIZE..SIZE + 4096, &mut room).is_err());
    target.finish();
    let part = access::read(target, 0..SIZE, &mut room).unwrap();
    assert!(room[part] == model[..], "finishing changes nothing");
}

#[test]
fn a_simulated_disk_conforms() {
    conform(&mut Memory::new(vec![0xAA; SIZE as usize]));
}

#[test]
fn a_scripted_disk_without_faults_conforms() {
    conform(&mut Scripted::new(
        Memory::new(vec![0; SIZE as usize]),
        Vec::new(),
    ));
}

#[test]
fn doing_things_by_halves_conforms() {
    let faults = vec![Fault::ShortWrites(1536), Fault::ShortReads(700)];
    conform(&mut Scripted::new(
        Memory::new(vec![0; SIZE as usize]),
        faults,
    ));
}

#[test]
fn a_file_conforms_past_the_cache_and_through_it() {
    // Beside the test itself: a folder for temporary files may be memory only.
    let folder = tempfile::tempdir_in(std::env::current_exe().unwrap().parent().unwrap()).unwrap();
    let path = common::file(folder.path(), "disk", &vec![0x55; SIZE as usize]);
    conform(&mut Disk::open(&path).unwrap());
    conform(&mut Disk::open_with(&path, false).unwrap());
    assert_eq!(std::fs::metadata(&path).unwrap().len(), SIZE);
}

#[test]
fn a_block_device_conforms_past_the_cache_and_through_it() {
    let Some(device) = Loop::new(SIZE) else {
        return;
    };
    conform(&mut Disk::open(&device.path).unwrap());
    conform(&mut Disk::open_with(&device.path, false).unwrap());
}

#[test]
fn a_block_device_with_sectors_of_4096_conforms() {
    let Some(device) = Loop::with(SIZE, &["--sector-size", "4096"]) else {
        return;
    };
    let mut disk = Disk::open(&device.path).unwrap();
    assert_eq!(disk.alignment(), 4096);
    conform(&mut disk);
}

#[test]
fn a_block_device_is_held_by_one_alone() {
    let Some(device) = Loop::new(SIZE) else {
        return;
    };
    let disk = Disk::open(&device.path).unwrap();
    let second = Disk::open(&device.path).unwrap_err();
    assert_eq!(second.kind(), std::io::ErrorKind::ResourceBusy);
    drop(disk);
    Disk::open(&device.path).unwrap();
}
