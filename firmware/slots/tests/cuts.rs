//! Whole updates, with the power cut at every operation, and cut again while they recover.

// A test fails by panicking; the lint is for the device.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use sfumato_slots::sim::{Cut, Disk, Notebook, Power, start};
use sfumato_slots::{
    Entry, Esp, Identity, Image, Noticed, Pending, Restart, Running, Slot, Source, Stage, State,
    UpdateError, Updates, options_for,
};

/// Bytes on the boot partition: two systems and a half.
const ROOM: usize = 600_000;

/// A version that never shows a healthy picture. Others do.
const BROKEN: u8 = 66;

/// What the power being off is to a script.
#[derive(Debug)]
struct Off;

impl From<UpdateError> for Off {
    fn from(error: UpdateError) -> Off {
        match error {
            UpdateError::Esp(_) | UpdateError::Notes(_) => Off,
            other => panic!("{other}"),
        }
    }
}

/// A board with two slots, whose content is told by a number: its version.
#[derive(Clone)]
struct Board {
    power: Power,
    disk: Disk,
    notes: Notebook,
    /// None while it is written.
    slots: [Option<u8>; 2],
    /// Confirmed versions that have gone bad since.
    gone_bad: Vec<u8>,
    /// Starts so far.
    starts: u32,
    running: Option<Running>,
}

fn kernel(version: u8) -> Vec<u8> {
    vec![version; 3000]
}

fn initrd(version: u8) -> Vec<u8> {
    vec![!version; 5000]
}

fn identity(version: u8) -> Identity {
    Identity {
        root_hash: [version; 32],
        verity: 4096,
    }
}

fn named(version: u8) -> String {
    format!("0.{version}.0")
}

impl Board {
    /// As flashed: version 1 in slot a; in slot b another one, if any.
    fn flashed(b: Option<u8>) -> Board {
        let power = Power::default();
        let mut disk = Disk::new(power.clone(), ROOM);
        let contents = [(Slot::A, Some(1)), (Slot::B, b)];
        for (number, (slot, version)) in [2, 1].into_iter().zip(contents) {
            let Some(version) = version else { continue };
            let image = identity(version);
            let entry = Entry {
                slot,
                version: named(version),
                number,
                image,
                options: options_for("quiet", slot, &image),
            };
            disk.write(slot.kernel(), &kernel(version)).unwrap();
            disk.write(slot.initrd(), &initrd(version)).unwrap();
            let file = format!("loader/entries/sfumato-{slot}.conf");
            disk.write(&file, entry.to_string().as_bytes()).unwrap();
        }
        disk.sync().unwrap();
        Board {
            notes: Notebook::new(power.clone()),
            power,
            disk,
            slots: [Some(1), b],
            gone_bad: Vec::new(),
            starts: 0,
            running: None,
        }
    }

    /// A copy with a power switch of its own.
    fn copy(&self, cut_after: u64) -> Board {
        // Scripts are played from the beginning: only a fresh board is copied.
        let mut copy = Board::flashed(self.slots[1]);
        copy.gone_bad.clone_from(&self.gone_bad);
        copy.power.cut_after(cut_after);
        copy
    }

    /// Lets the loader start what it finds, which must be a whole system; says its version.
    fn start(&mut self) -> Result<u8, Off> {
        self.starts += 1;
        let started = start(&mut self.disk).map_err(|_| Off)?;
        let started = started.expect("the loader finds nothing to start");
        let slot = Slot::running(&started.options).expect("the kernel is told its slot");
        let version = self.slots[slot.index()]
            .unwrap_or_else(|| panic!("{} leads to a slot half written", started.file));
        let expected = options_for("quiet", slot, &identity(version));
        assert_eq!(started.options, expected, "{}", started.file);
        assert!(
            started.kernel == kernel(version),
            "{}: its kernel is not whole",
            started.file
        );
        assert!(
            started.initrd == initrd(version),
            "{}: its RAM disk is not whole",
            started.file
        );
        self.running = Some(Running {
            slot,
            version: named(version),
            options: started.options,
        });
        Ok(version)
    }

    fn updates<T>(
        &mut self,
        step: impl FnOnce(&mut Updates<'_, Disk, Notebook>) -> Result<T, UpdateError>,
    ) -> Result<T, Off> {
        let running = self.running.clone().expect("the board was started");
        let mut updates = Updates {
            esp: &mut self.disk,
            notes: &mut self.notes,
            running: &running,
        };
        Ok(step(&mut updates)?)
    }

    /// Starts, and does what the early unit does; goes on with the other slot if it says so.
    fn boot(&mut self) -> Result<u8, Off> {
        let version = self.start()?;
        match self.updates(|updates| updates.at_start())? {
            Noticed::HandOver(_) => self.boot(),
            _ => Ok(version),
        }
    }

    fn slot(&self) -> Slot {
        self.running.as_ref().unwrap().slot
    }

    /// Installs into the other slot.
    fn install(&mut self, version: u8) -> Result<(), Off> {
        let slot = self.slot().other();
        let pending = Pending {
            slot,
            version: named(version),
            from: Source::Serial,
            stage: Stage::Writing,
            attempts: 0,
            restart: Restart::AtOnce,
        };
        self.updates(|updates| updates.begin(pending))?;
        self.write_slot(slot, Some(version))?;
        // RAUC asks the backend in a process of its own.
        let (kernel, initrd) = (kernel(version), initrd(version));
        let image = Image {
            kernel: &kernel,
            initrd: &initrd,
            identity: identity(version),
            version: &named(version),
        };
        self.updates(|updates| updates.publish(slot, &image))
    }

    fn write_slot(&mut self, slot: Slot, version: Option<u8>) -> Result<(), Off> {
        for _ in 0..3 {
            let done = self.power.step();
            // The first byte may be there even if the power went with it.
            self.slots[slot.index()] = None;
            if !done {
                return Err(Off);
            }
        }
        self.slots[slot.index()] = version;
        Ok(())
    }

    fn healthy(&self, version: u8) -> bool {
        version != BROKEN && !self.gone_bad.contains(&version)
    }

    /// Lives through starts as a board in a museum does, until all is settled; says the version that stays.
    fn settle(&mut self) -> Result<u8, Off> {
        for _ in 0..40 {
            let version = self.boot()?;
            let slot = self.slot();
            let state = self.updates(|updates| updates.boot())?.state(slot);
            if self.healthy(version) {
                self.updates(|updates| updates.confirm())?;
                let next = self.updates(|updates| updates.boot())?;
                if next.next().is_some_and(|found| found.name.slot == slot) {
                    return Ok(version);
                }
            } else if state == State::Confirmed {
                let boot = format!("boot {}", self.starts);
                self.updates(|updates| updates.without_verdict(&boot, 200))?;
            } else {
                self.updates(|updates| updates.give_up("not healthy in time"))?;
            }
        }
        panic!("the board does not come to rest");
    }

    fn switch_on(&mut self, cut: Cut) {
        self.disk.after(cut);
        self.notes.after(cut);
        self.power.on();
        self.running = None;
    }
}

type Script = fn(&mut Board) -> Result<(), Off>;

/// A story, and the versions that may be there at its end or after any cut.
struct Story {
    name: &'static str,
    board: fn() -> Board,
    script: Script,
    versions: &'static [u8],
}

const STORIES: [Story; 12] = [
    Story {
        name: "a new version into an empty slot",
        board: || Board::flashed(None),
        script: |board| {
            assert_eq!(board.boot()?, 1);
            board.install(2)?;
            assert_eq!(board.boot()?, 2);
            board.updates(|updates| updates.confirm())?;
            assert_eq!(board.boot()?, 2);
            Ok(())
        },
        versions: &[1, 2],
    },
    Story {
        name: "a new version over an older one",
        board: || Board::flashed(Some(0)),
        script: |board| {
            assert_eq!(board.boot()?, 1);
            board.install(2)?;
            assert_eq!(board.settle()?, 2);
            Ok(())
        },
        versions: &[1, 2],
    },
    Story {
        name: "a broken version, started three times",
        board: || Board::flashed(Some(0)),
        script: |board| {
            assert_eq!(board.boot()?, 1);
            board.install(BROKEN)?;
            for _ in 0..3 {
                assert_eq!(board.boot()?, BROKEN);
            }
            assert_eq!(board.settle()?, 1);
            Ok(())
        },
        versions: &[1],
    },
    Story {
        name: "a broken version, given up by the timer",
        board: || Board::flashed(None),
        script: |board| {
            assert_eq!(board.boot()?, 1);
            board.install(BROKEN)?;
            assert_eq!(board.boot()?, BROKEN);
            board.updates(|updates| updates.give_up("not healthy in time"))?;
            assert_eq!(board.boot()?, 1);
            Ok(())
        },
        versions: &[1],
    },
    Story {
        name: "two updates, one after the other",
        board: || Board::flashed(None),
        script: |board| {
            for version in [2, 3] {
                board.boot()?;
                board.install(version)?;
                assert_eq!(board.settle()?, version);
            }
            Ok(())
        },
        versions: &[1, 2, 3],
    },
    Story {
        name: "an update over one that waits for its trial",
        board: || Board::flashed(Some(0)),
        script: |board| {
            assert_eq!(board.boot()?, 1);
            board.install(2)?;
            board.install(3)?;
            assert_eq!(board.settle()?, 3);
            Ok(())
        },
        versions: &[1, 2, 3],
    },
    Story {
        name: "the same version once more",
        board: || Board::flashed(None),
        script: |board| {
            assert_eq!(board.boot()?, 1);
            board.install(1)?;
            assert_eq!(board.settle()?, 1);
            Ok(())
        },
        versions: &[1],
    },
    Story {
        name: "the other slot erased",
        board: || Board::flashed(Some(0)),
        script: |board| {
            assert_eq!(board.boot()?, 1);
            board.updates(|updates| updates.erase(Slot::B, Source::Serial))?;
            board.write_slot(Slot::B, None)?;
            assert_eq!(board.boot()?, 1);
            Ok(())
        },
        versions: &[1],
    },
    Story {
        name: "back to the confirmed version before",
        board: || Board::flashed(Some(7)),
        script: |board| {
            assert_eq!(board.boot()?, 1);
            board.updates(|updates| updates.test(Source::Serial))?;
            assert_eq!(board.settle()?, 7);
            Ok(())
        },
        versions: &[1, 7],
    },
    Story {
        name: "back in the middle of a trial",
        board: || Board::flashed(None),
        script: |board| {
            assert_eq!(board.boot()?, 1);
            board.install(2)?;
            assert_eq!(board.boot()?, 2);
            board.updates(|updates| updates.test(Source::Serial))?;
            assert_eq!(board.boot()?, 1);
            Ok(())
        },
        versions: &[1, 2],
    },
    Story {
        name: "a confirmed version that goes bad",
        board: || {
            let mut board = Board::flashed(Some(7));
            board.gone_bad.push(1);
            board
        },
        script: |board| {
            assert_eq!(board.settle()?, 7);
            Ok(())
        },
        versions: &[7],
    },
    Story {
        name: "a bundle that turns out damaged while it is written, then a good one",
        board: || Board::flashed(Some(0)),
        script: |board| {
            assert_eq!(board.boot()?, 1);
            let pending = Pending {
                slot: Slot::B,
                version: named(2),
                from: Source::Usb,
                stage: Stage::Writing,
                attempts: 0,
                restart: Restart::ByHand,
            };
            board.updates(|updates| updates.begin(pending))?;
            board.write_slot(Slot::B, None)?;
            board.updates(|updates| updates.failed(&named(2), Source::Usb, "damaged"))?;
            assert_eq!(board.boot()?, 1);
            board.install(2)?;
            assert_eq!(board.settle()?, 2);
            Ok(())
        },
        versions: &[1, 2],
    },
];

/// Ways in which the power is cut twice; once it is cut in all ways.
const SECOND: [Cut; 5] = [Cut::Lost, Cut::After, Cut::Half, Cut::OtherHalf, Cut::Torn];

/// After all cuts: the board comes to rest with a whole, healthy version, and takes a further update.
fn recover(board: &mut Board, story: &Story) {
    let version = board.settle().expect("no more cuts");
    assert!(story.versions.contains(&version), "version {version} stays");
    let pending = board.updates(|updates| Ok(updates.pending())).unwrap();
    assert!(
        pending.is_none_or(|pending| pending.stage == Stage::Interrupted),
        "an update is forgotten half way"
    );
    board.install(99).expect("no more cuts");
    assert_eq!(board.settle().expect("no more cuts"), 99);
    assert_eq!(board.settle().expect("no more cuts"), 99);
}

#[test]
fn every_cut_leaves_a_whole_system() {
    let mut cuts = 0u64;
    for story in &STORIES {
        let fresh = (story.board)();
        let mut whole = fresh.copy(u64::MAX >> 1);
        let begun = whole.power.operations();
        (story.script)(&mut whole)
            .unwrap_or_else(|_| panic!("{}: it fails without a cut", story.name));
        let operations = whole.power.operations() - begun;
        let mut here = 0u64;
        for first in 0..operations {
            for cut in Cut::ALL {
                let again = |second: u64| {
                    let mut board = fresh.copy(first);
                    let script = (story.script)(&mut board);
                    assert!(
                        script.is_err() && board.power.is_off(),
                        "the cut was not met"
                    );
                    let open = board.disk.is_open() || board.notes.is_open();
                    board.switch_on(cut);
                    board.power.cut_after(second);
                    (board, open)
                };
                let told = |what: &str, second: Option<(u64, Cut)>| {
                    format!(
                        "{}: cut at {first} {cut:?}, then {second:?}: {what}",
                        story.name
                    )
                };
                let (mut board, open) = again(u64::MAX >> 1);
                if !open && cut != Cut::Lost {
                    continue;
                }
                let begun = board.power.operations();
                let rest = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                    recover(&mut board, story)
                }));
                assert!(rest.is_ok(), "{}", told("see above", None));
                let recovery = board.power.operations() - begun;
                here += 1;
                if !SECOND.contains(&cut) {
                    continue;
                }
                for second in 0..recovery {
                    for twice in SECOND {
                        let (mut board, _) = again(second);
                        // The script is to meet the second cut in its recovery.
                        let met = board.settle().and_then(|_| {
                            board.install(99)?;
                            board.settle()
                        });
                        if met.is_ok() {
                            continue;
                        }
                        let open = board.disk.is_open() || board.notes.is_open();
                        if !open && twice != Cut::Lost {
                            continue;
                        }
                        board.switch_on(twice);
                        let story = &Story {
                            versions: &[0, 1, 2, 3, 7, 99],
                            ..*story
                        };
                        let rest = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                            recover(&mut board, story)
                        }));
                        assert!(rest.is_ok(), "{}", told("see above", Some((second, twice))));
                        here += 1;
                    }
                }
            }
        }
        println!(
            "{operations:4} operations, {here:6} replays: {}",
            story.name
        );
        cuts += here;
    }
    println!("{cuts} cut runs replayed, each came to rest in a whole system");
    assert!(cuts > 10_000, "{cuts} cuts are too few to be all");
}
