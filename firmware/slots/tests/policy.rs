//! What is allowed when, and what is said of it.

// A test fails by panicking; the lint is for the device.
#![allow(clippy::unwrap_used, clippy::panic)]

use sfumato_slots::sim::{Disk, Faulty, Notebook, Power, conformance, start};
use sfumato_slots::{
    Deed, Entry, EntryName, Esp, EspError, Identity, Image, Note, Notes, Noticed, Outcome, Pending,
    Restart, Running, Slot, Source, Stage, State, UpdateError, Updates, options_for, worth_it,
};

const KERNEL: [u8; 2000] = [1; 2000];
const INITRD: [u8; 3000] = [2; 3000];

struct Board<E> {
    esp: E,
    notes: Notebook,
    running: Running,
}

fn put(esp: &mut dyn Esp, name: EntryName, number: u64) {
    let image = Identity {
        root_hash: [number as u8; 32],
        verity: 4096,
    };
    let entry = Entry {
        slot: name.slot,
        version: format!("0.{number}.0"),
        number,
        image,
        options: options_for("quiet", name.slot, &image),
    };
    esp.write(name.slot.kernel(), &KERNEL).unwrap();
    esp.write(name.slot.initrd(), &INITRD).unwrap();
    esp.write(
        &format!("loader/entries/{name}"),
        entry.to_string().as_bytes(),
    )
    .unwrap();
    esp.sync().unwrap();
}

/// Version 0.2.0 runs in slot a.
fn board(entries: &[(EntryName, u64)]) -> Board<Disk> {
    let mut esp = Disk::new(Power::default(), 1_000_000);
    for (name, number) in entries {
        put(&mut esp, *name, *number);
    }
    Board {
        esp,
        notes: Notebook::new(Power::default()),
        running: Running {
            slot: Slot::A,
            version: "0.2.0".into(),
            options: options_for(
                "quiet",
                Slot::A,
                &Identity {
                    root_hash: [2; 32],
                    verity: 4096,
                },
            ),
        },
    }
}

impl<E: Esp> Board<E> {
    fn updates(&mut self) -> Updates<'_, E, Notebook> {
        Updates {
            esp: &mut self.esp,
            notes: &mut self.notes,
            running: &self.running,
        }
    }

    fn state(&mut self, slot: Slot) -> State {
        self.updates().boot().unwrap().state(slot)
    }

    fn install(&mut self) -> Result<(), UpdateError> {
        self.updates().begin(pending(Stage::Writing))?;
        self.updates().publish(Slot::B, &image())
    }
}

fn pending(stage: Stage) -> Pending {
    Pending {
        slot: Slot::B,
        version: "0.3.0".into(),
        from: Source::Usb,
        stage,
        attempts: 0,
        restart: Restart::AtOnce,
    }
}

fn image() -> Image<'static> {
    Image {
        kernel: &KERNEL,
        initrd: &INITRD,
        identity: Identity {
            root_hash: [3; 32],
            verity: 8192,
        },
        version: "0.3.0",
    }
}

const A: EntryName = EntryName::confirmed(Slot::A);
const B: EntryName = EntryName::confirmed(Slot::B);

#[test]
fn the_simulated_partition_does_what_every_one_must() {
    conformance(&mut Disk::new(Power::default(), 1_000_000)).unwrap();
}

#[test]
fn the_running_slot_and_the_fallback_are_never_written() {
    let mut here = board(&[(A, 2), (B, 1)]);
    let a = Pending {
        slot: Slot::A,
        ..pending(Stage::Writing)
    };
    assert_eq!(here.updates().begin(a), Err(UpdateError::Running(Slot::A)));
    assert_eq!(
        here.updates().erase(Slot::A, Source::Serial),
        Err(UpdateError::Running(Slot::A))
    );

    let mut here = board(&[(EntryName::trial(Slot::A), 2), (B, 1)]);
    let fallback = UpdateError::Fallback(Slot::B);
    assert_eq!(
        here.updates().begin(pending(Stage::Writing)),
        Err(fallback.clone())
    );
    assert_eq!(
        here.updates().publish(Slot::B, &image()),
        Err(fallback.clone())
    );
    assert_eq!(here.updates().erase(Slot::B, Source::Serial), Err(fallback));
    assert_eq!(here.state(Slot::B), State::Confirmed);

    // What has not proved itself is no fallback.
    let mut here = board(&[
        (EntryName::bad(Slot::A, 3), 2),
        (EntryName::bad(Slot::B, 3), 1),
    ]);
    here.install().unwrap();
}

#[test]
fn quick_power_cycling_wears_nothing_out() {
    let mut here = board(&[(A, 2), (B, 1)]);
    let before = here.updates().boot().unwrap();
    for _ in 0..100 {
        assert_eq!(
            start(&mut here.esp).unwrap().unwrap().file,
            "sfumato-a.conf"
        );
        assert_eq!(here.updates().at_start(), Ok(Noticed::Nothing));
    }
    assert_eq!(here.updates().boot().unwrap(), before);
}

#[test]
fn five_long_starts_without_a_verdict_hand_over_if_there_is_somebody() {
    for other in [B, EntryName::bad(Slot::B, 3)] {
        let mut here = board(&[(A, 2), (other, 1)]);
        for boot in 0..5 {
            assert_eq!(here.updates().at_start(), Ok(Noticed::Nothing));
            let boot = format!("boot {boot}");
            here.updates().without_verdict(&boot, 179).unwrap();
            here.updates().without_verdict(&boot, 200).unwrap();
        }
        let noticed = here.updates().at_start().unwrap();
        if other == B {
            let Noticed::HandOver(last) = noticed else {
                panic!("{noticed:?}")
            };
            assert_eq!(
                (last.what, last.version.as_str()),
                (Deed::HandOver, "0.2.0")
            );
            assert_eq!(
                start(&mut here.esp).unwrap().unwrap().file,
                "sfumato-b.conf"
            );
        } else {
            assert_eq!(noticed, Noticed::Nothing);
            assert_eq!(
                start(&mut here.esp).unwrap().unwrap().file,
                "sfumato-a.conf"
            );
        }
    }
}

#[test]
fn one_verdict_forgets_the_starts_without() {
    let mut here = board(&[(A, 2), (B, 1)]);
    for boot in 0..20 {
        assert_eq!(here.updates().at_start(), Ok(Noticed::Nothing));
        here.updates()
            .without_verdict(&format!("boot {boot}"), 200)
            .unwrap();
        if boot % 4 == 3 {
            here.updates().confirm().unwrap();
        }
    }
}

#[test]
fn a_roll_back_is_told_with_its_reason() {
    let mut here = board(&[(A, 2)]);
    here.install().unwrap();
    for _ in 0..3 {
        assert!(
            start(&mut here.esp)
                .unwrap()
                .unwrap()
                .file
                .starts_with("sfumato-b+")
        );
    }
    assert_eq!(
        start(&mut here.esp).unwrap().unwrap().file,
        "sfumato-a.conf"
    );
    let Noticed::Ended(last) = here.updates().at_start().unwrap() else {
        panic!()
    };
    assert_eq!(
        (last.outcome, last.from),
        (Outcome::RolledBack, Source::Usb)
    );
    assert!(last.reason.contains("no verdict"), "{}", last.reason);
    assert_eq!(here.updates().at_start(), Ok(Noticed::Nothing));
    assert_eq!(here.updates().last(), Some(last));
    let rolled_back = here.updates().rolled_back();
    let error = worth_it("0.3.0", "0.2.0", None, rolled_back.as_deref()).unwrap_err();
    assert!(error.contains("take the stick out"), "{error}");
}

#[test]
fn a_stick_that_stays_is_installed_once() {
    assert_eq!(worth_it("0.3.0", "0.2.0", None, None), Ok(()));
    assert!(worth_it("0.3.0", "0.3.0", None, None).is_err());
    assert!(worth_it("0.3.0", "0.2.0", Some("0.3.0"), None).is_err());
    assert_eq!(
        worth_it("0.4.0", "0.2.0", Some("0.3.0"), Some("0.3.0")),
        Ok(())
    );
}

#[test]
fn an_interrupted_update_counts_its_attempts() {
    let mut here = board(&[(A, 2), (B, 1)]);
    for attempt in 1..=3 {
        here.updates().begin(pending(Stage::Writing)).unwrap();
        let Noticed::Interrupted(noticed) = here.updates().at_start().unwrap() else {
            panic!()
        };
        assert_eq!(
            (noticed.attempts, noticed.stage),
            (attempt, Stage::Interrupted)
        );
        assert_eq!(here.state(Slot::B), State::Empty);
    }
    let last = here.updates().last().unwrap();
    assert_eq!(last.outcome, Outcome::Failed);
}

#[test]
fn a_full_boot_partition_is_said_before_it_is_written() {
    let mut esp = Disk::new(Power::default(), 270_000);
    put(&mut esp, A, 2);
    let mut here = Board { esp, ..board(&[]) };
    let error = here.install().unwrap_err();
    assert!(matches!(error, UpdateError::NoRoom { .. }), "{error}");
    assert_eq!(here.state(Slot::B), State::Empty);
    assert_eq!(here.state(Slot::A), State::Confirmed);
}

#[test]
fn a_failing_partition_never_costs_the_running_system() {
    for fault in [
        EspError::Full,
        EspError::ReadOnly,
        EspError::Failing("I/O error".into()),
    ] {
        for unreadable in [false, true] {
            let mut good = 0;
            let changes = loop {
                let Board {
                    esp,
                    notes,
                    running,
                } = board(&[(A, 2), (B, 1)]);
                let esp = Faulty {
                    behind: esp,
                    good,
                    fault: fault.clone(),
                    unreadable,
                };
                let mut here = Board {
                    esp,
                    notes,
                    running,
                };
                let outcome = here.install();
                // The disk is well again, or another one.
                let mut esp = here.esp.behind.clone();
                let started = start(&mut esp).unwrap().unwrap();
                assert!(started.kernel == KERNEL && started.initrd == INITRD);
                match outcome {
                    Ok(()) => break good,
                    Err(error) => assert_eq!(error, UpdateError::Esp(fault.clone())),
                }
                good += 1;
                if started.file != "sfumato-a.conf" {
                    // All was done but the last sync.
                    assert_eq!(started.file, "sfumato-b+2-1.conf");
                    continue;
                }
                let mut here = Board {
                    esp,
                    notes: here.notes,
                    running: here.running,
                };
                here.updates().at_start().unwrap();
                here.install().unwrap();
            };
            assert!(changes > 8, "{changes}");
        }
    }
}

#[test]
fn a_version_is_confirmed_even_where_nothing_can_be_remembered() {
    let mut here = board(&[(EntryName::trial(Slot::A), 3), (B, 1)]);
    here.notes
        .write(Note::Starts, "slot = a\nwithout = 2\ncounted = x\n")
        .unwrap();
    here.notes.broken = true;
    assert!(matches!(
        here.updates().confirm(),
        Err(UpdateError::Notes(_))
    ));
    assert_eq!(here.state(Slot::A), State::Confirmed);
}

#[test]
fn a_lost_entry_of_the_running_system_comes_back() {
    let mut here = board(&[(EntryName::trial(Slot::A), 3), (B, 1)]);
    here.esp.remove("loader/entries/sfumato-a+3.conf").unwrap();
    assert_eq!(here.updates().at_start(), Ok(Noticed::Nothing));
    assert_eq!(here.updates().confirm(), Ok(true));
    let started = start(&mut here.esp).unwrap().unwrap();
    assert_eq!(
        (started.file.as_str(), started.kernel == KERNEL),
        ("sfumato-a.conf", true)
    );
    assert_eq!(started.options, here.running.options);
}

#[test]
fn giving_up_needs_a_version_to_go_back_to() {
    let mut here = board(&[
        (EntryName::trial(Slot::A), 2),
        (EntryName::bad(Slot::B, 3), 1),
    ]);
    assert_eq!(
        here.updates().give_up("too late"),
        Err(UpdateError::NoFallback(Slot::B))
    );
    assert!(matches!(here.state(Slot::A), State::Trial(_)));
    assert_eq!(
        board(&[(A, 2)]).updates().test(Source::Serial),
        Err(UpdateError::Empty(Slot::B))
    );
}
