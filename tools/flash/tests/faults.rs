//! Devices that fail, lie, and are slow; images that are damaged; power that is cut.
#![allow(clippy::unwrap_used)]
// A list of one range is meant as that.
#![allow(clippy::single_range_in_vec_init)]

mod common;

use common::{MIB, Random, bmap, brisk, file, flash, open, picture, work};
use sfumato_flash::crew::{self, Habits, Work};
use sfumato_flash::failure::{Doing, Failure};
use sfumato_flash::image::{Image, ImageError, Reading};
use sfumato_flash::record::{Forgetful, Keeper};
use sfumato_flash::spans::Spans;
use sfumato_flash::target::memory::Memory;
use sfumato_flash::target::scripted::{Fault, Scripted};
use sfumato_flash::writer::{END, Phase};
use std::io;
use std::sync::{Arc, Mutex, mpsc};
use std::time::{Duration, Instant};

const SIZE: u64 = 24 * MIB;
const DEVICE: u64 = 40 * MIB;

fn old() -> Memory {
    Memory::new(picture(DEVICE, &[], 99))
}

fn image_of(bytes: &[u8]) -> (tempfile::TempDir, Arc<Image>) {
    let folder = tempfile::tempdir().unwrap();
    let path = file(folder.path(), "kiosk.img", bytes);
    let image = open(&path);
    (folder, image)
}

/// Flashes one device with a fault and answers the failure; its first block must then be no image's.
fn failure(faults: Vec<Fault>) -> Failure {
    let bytes = picture(SIZE, &[5 * MIB..9 * MIB], 1);
    let (_folder, image) = image_of(&bytes);
    let disk = old();
    let result = flash(&image, vec![work(Scripted::new(disk.clone(), faults))]).remove(0);
    disk.cut(|| true);
    assert_ne!(disk.stored()[..512], bytes[..512], "it would boot");
    assert!(!disk.finished());
    result.unwrap_err()
}

#[test]
fn an_image_lands_on_the_device_and_nothing_else_of_it_changes_but_its_end() {
    let bytes = picture(SIZE - 700, &[5 * MIB..9 * MIB], 1);
    let (_folder, image) = image_of(&bytes);
    let disk = old();
    let before = disk.stored();
    let flashed = flash(&image, vec![work(disk.clone())]).remove(0).unwrap();
    assert_eq!((flashed.verified, flashed.kept), (SIZE - 700, 0));
    let after = disk.stored();
    assert!(after[..bytes.len()] == bytes[..]);
    let end = (DEVICE - END) as usize;
    assert!(after[bytes.len()..end] == before[bytes.len()..end]);
    assert!(
        after[end..].iter().all(|&byte| byte == 0),
        "an old copy of a partition table is gone"
    );
    assert!(disk.finished());
}

#[test]
fn an_image_as_big_as_the_device_fits() {
    for size in [SIZE, MIB + 512, 2 * MIB, 3 * MIB - 512, 512] {
        let bytes = picture(size, &[], 1);
        let (_folder, image) = image_of(&bytes);
        let disk = Memory::new(vec![7; size as usize]);
        flash(&image, vec![work(disk.clone())]).remove(0).unwrap();
        assert!(disk.stored() == bytes, "{size}");
    }
}

#[test]
fn a_block_map_leaves_the_rest_alone() {
    let gaps = [
        4096..3 * MIB,
        10 * MIB..10 * MIB + 4096,
        20 * MIB..SIZE - 4096,
    ];
    let bytes = picture(SIZE, &[], 1);
    let folder = tempfile::tempdir().unwrap();
    let path = file(folder.path(), "kiosk.img", &bytes);
    file(
        folder.path(),
        "kiosk.img.bmap",
        bmap(&bytes, &gaps).as_bytes(),
    );
    let image = open(&path);
    let disk = old();
    let before = disk.stored();
    flash(&image, vec![work(disk.clone())]).remove(0).unwrap();
    let after = disk.stored();
    for at in (0..SIZE).step_by(512) {
        let range = at as usize..at as usize + 512;
        let gap = gaps.iter().any(|gap| gap.contains(&at));
        match gap {
            false => assert!(after[range.clone()] == bytes[range], "{at}"),
            // The first megabyte was wiped.
            true if at < END => assert!(after[range].iter().all(|&byte| byte == 0), "{at}"),
            true => assert!(after[range.clone()] == before[range], "{at}"),
        }
    }
}

#[test]
fn failures_are_told_apart() {
    let write = failure(vec![Fault::WriteError(13 * MIB + 512)]);
    assert!(
        matches!(write, Failure::Io { at, doing: Doing::Writing, .. } if at == 13 * MIB + 512),
        "{write:?}"
    );
    let read = failure(vec![Fault::ReadError(2 * MIB)]);
    assert!(
        matches!(read, Failure::Io { doing: Doing::Reading, at, .. } if at == 2 * MIB),
        "{read:?}"
    );
    // Less room than it claims is found at once: its end is wiped first.
    let full = failure(vec![Fault::FullAt(20 * MIB)]);
    assert!(
        matches!(full, Failure::Full { at } if at == DEVICE - END),
        "{full:?}"
    );
    let last = failure(vec![Fault::FullAt(DEVICE - 512)]);
    assert!(
        matches!(last, Failure::Full { at } if at == DEVICE - 512),
        "{last:?}"
    );
    assert!(matches!(
        failure(vec![Fault::Protected]),
        Failure::Protected
    ));
    let sync = failure(vec![Fault::SyncError]);
    assert!(
        matches!(
            sync,
            Failure::Io {
                doing: Doing::Storing,
                ..
            }
        ),
        "{sync:?}"
    );
    let short = vec![Fault::ShortWrites(1000), Fault::GoneAfter(20 * MIB)];
    assert!(matches!(failure(short), Failure::Gone { .. }));
}

#[test]
fn lying_devices_are_found_out() {
    // Old data from some place on; only the last sector of the image; a card of 16 MiB that claims 40.
    let lies = failure(vec![Fault::Lies(12 * MIB)]);
    assert!(
        matches!(lies, Failure::Differs { from, .. } if from == 12 * MIB),
        "{lies:?}"
    );
    let last = failure(vec![Fault::Lies(SIZE - 512)]);
    assert!(
        matches!(last, Failure::Differs { to, .. } if to == SIZE),
        "{last:?}"
    );
    let wraps = failure(vec![Fault::Wraps(16 * MIB)]);
    assert!(matches!(wraps, Failure::Differs { .. }), "{wraps:?}");
}

#[test]
fn a_device_that_lies_about_its_first_block_alone_is_found_out() {
    let bytes = picture(SIZE, &[], 1);
    let (_folder, image) = image_of(&bytes);
    // Every write goes to a disk that keeps nothing.
    let disk = Memory::new(vec![0; DEVICE as usize]);
    let nothing = Scripted::new(disk.clone(), vec![Fault::Lies(0)]);
    let result = flash(&image, vec![work(nothing)]).remove(0);
    assert!(matches!(result, Err(Failure::Differs { .. })), "{result:?}");
}

#[test]
fn pulled_out_anywhere_it_does_not_boot() {
    let mut random = Random(3);
    for _ in 0..25 {
        let after = random.below(2 * END + SIZE - 2 * MIB - 4096);
        let gone = failure(vec![Fault::GoneAfter(after)]);
        assert!(matches!(gone, Failure::Gone { .. }), "{after}: {gone:?}");
        assert!(gone.can_go_on());
    }
}

#[test]
fn one_that_fails_does_not_spoil_the_others() {
    let bytes = picture(SIZE, &[5 * MIB..9 * MIB], 1);
    let (_folder, image) = image_of(&bytes);
    let disks: Vec<Memory> = (0..6).map(|_| old()).collect();
    let (held, release) = {
        let (send, receive) = mpsc::channel();
        (send, Arc::new(Mutex::new(receive)))
    };
    let faults = [
        vec![],
        vec![Fault::GoneAfter(9 * MIB)],
        vec![Fault::Slow(Duration::from_millis(30))],
        vec![Fault::HangsAt(6 * MIB, release)],
        vec![Fault::Lies(3 * MIB)],
        vec![],
    ];
    let works = disks
        .iter()
        .zip(faults)
        .map(|(disk, faults)| work(Scripted::new(disk.clone(), faults)))
        .collect();
    let habits = Habits {
        // Less than the image: the one that hangs holds the others up until it is given up.
        memory: 16 << 20,
        patience: Duration::from_millis(1500),
        ..brisk()
    };
    let mut phases = Vec::new();
    let results = crew::flash(Arc::clone(&image), works, habits, |_, standings| {
        phases = standings.iter().map(|standing| standing.phase).collect();
    });
    drop(held);
    for index in [0, 2, 5] {
        assert!(results[index].is_ok(), "{index}: {:?}", results[index]);
        assert!(disks[index].stored()[..bytes.len()] == bytes[..]);
        assert_eq!(phases[index], Phase::Done);
    }
    assert!(
        matches!(results[1], Err(Failure::Gone { .. })),
        "{:?}",
        results[1]
    );
    assert!(
        matches!(results[3], Err(Failure::Stalled { .. })),
        "{:?}",
        results[3]
    );
    assert!(
        matches!(results[4], Err(Failure::Differs { .. })),
        "{:?}",
        results[4]
    );
    assert_eq!(phases[1], Phase::Failed);
}

#[test]
fn a_slow_device_does_not_hold_up_a_fast_one() {
    let bytes = picture(SIZE, &[], 1);
    let (_folder, image) = image_of(&bytes);
    let slow = Scripted::new(old(), vec![Fault::Slow(Duration::from_millis(400))]);
    let begin = Instant::now();
    let (mut fast_done, mut slow_done) = (None, None);
    crew::flash(
        image,
        vec![work(old()), work(slow)],
        brisk(),
        |_, standings| {
            for (standing, done) in standings.iter().zip([&mut fast_done, &mut slow_done]) {
                if standing.phase == Phase::Done {
                    done.get_or_insert(begin.elapsed());
                }
            }
        },
    );
    // The slow one writes at least eight times.
    let (fast, slow) = (fast_done.unwrap(), slow_done.unwrap());
    assert!(
        slow > Duration::from_secs(3) && fast < slow / 2,
        "{fast:?} {slow:?}"
    );
}

#[test]
fn a_damaged_image_seals_no_device() {
    let gaps = [4 * MIB..5 * MIB];
    let bytes = picture(SIZE, &[], 1);
    let map = bmap(&bytes, &gaps);
    let mut random = Random(5);
    for name in ["kiosk.img", "kiosk.img.zst"] {
        for _ in 0..6 {
            let folder = tempfile::tempdir().unwrap();
            let mut changed = bytes.clone();
            let at = match random.below(2) {
                0 => random.below(4 * MIB),
                _ => 5 * MIB + random.below(SIZE - 5 * MIB),
            };
            changed[at as usize] ^= 1;
            if name.ends_with("zst") {
                changed = zstd::encode_all(&changed[..], 1).unwrap();
            }
            let path = file(folder.path(), name, &changed);
            file(folder.path(), "kiosk.img.bmap", map.as_bytes());
            let image = open(&path);
            assert!(image.bmap.is_some());
            let disk = old();
            let result = flash(&image, vec![work(disk.clone())]).remove(0);
            let Err(Failure::Image(why)) = result else {
                panic!("{result:?}");
            };
            assert!(why.contains("block map"), "{why}");
            assert!(disk.stored()[..END as usize].iter().all(|&byte| byte == 0));
        }
    }
}

#[test]
fn a_cut_image_is_found_out() {
    let bytes = picture(SIZE, &[], 1);
    let packed = zstd::encode_all(&bytes[..], 1).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = file(folder.path(), "cut", &packed[..packed.len() / 2]);
    let disk = old();
    let result = flash(&open(&path), vec![work(disk.clone())]).remove(0);
    assert!(
        matches!(&result, Err(Failure::Image(why)) if why.contains("damaged")),
        "{result:?}"
    );
    assert_ne!(disk.stored()[..512], bytes[..512]);
    // A raw one is short by its block map.
    let path = file(folder.path(), "raw.img", &bytes[..bytes.len() - 4096]);
    file(folder.path(), "raw.img.bmap", bmap(&bytes, &[]).as_bytes());
    let opened = Image::open(&path, &Reading::default());
    assert!(
        matches!(opened, Err(ImageError::OtherLength { .. })),
        "{opened:?}"
    );
}

#[test]
fn an_image_that_turns_out_too_big_is_told() {
    let bytes = picture(SIZE, &[], 1);
    let folder = tempfile::tempdir().unwrap();
    // Two frames: the first says only its own length.
    let mut packed = zstd::bulk::compress(&bytes[..MIB as usize], 1).unwrap();
    packed.extend(zstd::bulk::compress(&bytes[MIB as usize..], 1).unwrap());
    let path = file(folder.path(), "kiosk.zst", &packed);
    let image = open(&path);
    assert_eq!((image.length.least(), image.length.exact()), (MIB, None));
    let small = Memory::new(vec![1; 16 * MIB as usize]);
    let big = old();
    let results = flash(&image, vec![work(small.clone()), work(big.clone())]);
    assert!(
        matches!(results[0], Err(Failure::TooSmall { .. })),
        "{:?}",
        results[0]
    );
    assert!(small.stored()[..END as usize].iter().all(|&byte| byte == 0));
    assert!(results[1].is_ok() && big.stored()[..bytes.len()] == bytes[..]);
}

/// Remembers for the next run, as a file would.
#[derive(Clone, Default)]
struct Shared(Arc<Mutex<Spans>>);

impl Keeper for Shared {
    fn before(&self) -> Spans {
        self.0.lock().unwrap().clone()
    }

    fn keep(&mut self, stored: &Spans) -> io::Result<()> {
        *self.0.lock().unwrap() = stored.clone();
        Ok(())
    }

    fn forget(&mut self) {
        *self.0.lock().unwrap() = Spans::default();
    }
}

#[test]
fn power_cut_at_random_moments_and_gone_on_it_ends_up_right() {
    // Checkpoints are 64 MiB apart, so this one is bigger.
    let size = 150 * MIB;
    let bytes = picture(size, &[30 * MIB..80 * MIB], 1);
    let (_folder, image) = image_of(&bytes);
    let mut random = Random(11);
    let mut kept = 0;
    for round in 0..6 {
        // An earlier flash of the very same image, but for its middle: an old first block would boot into a mixture.
        let mut earlier = bytes.clone();
        earlier[100 * MIB as usize..120 * MIB as usize].fill(3);
        let disk = Memory::new(earlier);
        let keeper = Shared::default();
        let cuts = 1 + random.below(3);
        for _ in 0..cuts {
            let after = 2 * END + random.below(size - 2 * END);
            let target = Scripted::new(disk.clone(), vec![Fault::GoneAfter(after)]);
            let works = vec![Work {
                target: Box::new(target),
                keeper: Box::new(keeper.clone()),
            }];
            let result = flash(&image, works).remove(0);
            // Of what its cache held some sectors come through, in no order.
            disk.cut(|| random.below(3) == 0);
            match result {
                Ok(_) => break,
                Err(Failure::Gone { .. }) => {
                    let first = &disk.stored()[..END as usize];
                    assert!(
                        first.iter().all(|&byte| byte == 0),
                        "round {round}: it might boot"
                    );
                }
                Err(other) => panic!("{other:?}"),
            }
        }
        let works = vec![Work {
            target: Box::new(disk.clone()),
            keeper: Box::new(keeper.clone()),
        }];
        let flashed = flash(&image, works).remove(0).unwrap();
        kept += flashed.kept;
        assert!(disk.stored() == bytes, "round {round}");
        assert!(
            keeper.before().is_empty(),
            "nothing is remembered of a device that is done"
        );
    }
    assert!(kept > 0, "some of it was gone on with");
}

#[test]
fn a_record_is_never_believed() {
    let bytes = picture(SIZE, &[5 * MIB..9 * MIB], 1);
    let (_folder, image) = image_of(&bytes);
    let disk = old();
    // It says that all is there, and nothing is but one block.
    let mut started = disk.stored();
    started[12 * MIB as usize..16 * MIB as usize]
        .copy_from_slice(&bytes[12 * MIB as usize..16 * MIB as usize]);
    let disk = Memory::new(started);
    let works = vec![Work {
        target: Box::new(disk.clone()),
        keeper: Box::new(Forgetful(std::iter::once(0..DEVICE).collect())),
    }];
    let flashed = flash(&image, works).remove(0).unwrap();
    assert_eq!(flashed.kept, 4 * MIB);
    assert!(disk.stored()[..bytes.len()] == bytes[..]);
}

#[test]
fn a_host_that_cannot_remember_flashes_all_the_same() {
    struct Broken;
    impl Keeper for Broken {
        fn before(&self) -> Spans {
            Spans::default()
        }
        fn keep(&mut self, _: &Spans) -> io::Result<()> {
            Err(io::ErrorKind::StorageFull.into())
        }
        fn forget(&mut self) {}
    }
    let bytes = picture(SIZE, &[], 1);
    let (_folder, image) = image_of(&bytes);
    let works = vec![Work {
        target: Box::new(old()),
        keeper: Box::new(Broken),
    }];
    let flashed = flash(&image, works).remove(0).unwrap();
    assert!(flashed.notes[0].contains("record"), "{:?}", flashed.notes);
}
