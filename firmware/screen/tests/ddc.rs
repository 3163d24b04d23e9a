//! What is asked of displays over their cable, with obedient and other displays.

#![allow(clippy::unwrap_used)] // A test fails by panicking.

use proptest::prelude::*;
use sfumato_screen::ddc::{
    self, Bus, BusError, DdcError, DisplayControl, Faulty, LuminanceRange, Monitor, Proved,
    Trouble, conformance,
};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

const LUMINANCE: u8 = 0x10;
const POWER: u8 = 0xd6;
const FOR_EVER: u32 = u32::MAX;

const NOTHING: Proved = Proved {
    power: false,
    luminance: None,
};
const ALL: Proved = Proved {
    power: true,
    luminance: Some(LuminanceRange { maximum: 100 }),
};

fn check(bus: impl Bus + 'static) -> Proved {
    conformance::check(Box::new(bus)).unwrap()
}

fn troubled(troubles: impl Into<Vec<Trouble>>) -> (Monitor, DisplayControl) {
    let monitor = Monitor::new();
    let bus = Faulty::new(monitor.clone(), troubles.into());
    (monitor, DisplayControl::new(Box::new(bus)))
}

#[test]
fn an_obedient_display_is_trusted() {
    let monitor = Monitor::new();
    assert_eq!(check(monitor.clone()), ALL);
    // Every pause was kept, and all is as it was.
    assert_eq!(monitor.hasty(), 0);
    assert_eq!(monitor.value(LUMINANCE), Some(50));
    assert_eq!(monitor.value(POWER), Some(1));
}

#[test]
fn displays_with_ways_of_their_own() {
    // At either end of its range.
    for current in [0, 100] {
        let monitor = Monitor::new().with(LUMINANCE, Some((current, 100)));
        assert_eq!(check(monitor.clone()), ALL);
        assert_eq!(monitor.value(LUMINANCE), Some(current));
    }
    // A wide range, one of three values, and a backlight that goes in steps.
    let wide = check(Monitor::new().with(LUMINANCE, Some((9, 65_535))));
    assert_eq!(wide.luminance, Some(LuminanceRange { maximum: 65_535 }));
    let three = check(Monitor::new().with(LUMINANCE, Some((2, 2))));
    assert_eq!(three.luminance, Some(LuminanceRange { maximum: 2 }));
    assert_eq!(check(Monitor::new().coarse(5)), ALL);
    // Steps so coarse that the small change of the proof is not seen.
    assert_eq!(check(Monitor::new().coarse(50)).luminance, None);
    // Nonsense, and less than all.
    let nonsense = Monitor::new().with(LUMINANCE, Some((120, 100)));
    assert_eq!(check(nonsense).luminance, None);
    let powerless = check(Monitor::new().with(POWER, None));
    assert_eq!(
        (powerless.power, powerless.luminance),
        (false, ALL.luminance)
    );
    let dim = check(Monitor::new().with(LUMINANCE, None));
    assert_eq!((dim.power, dim.luminance), (true, None));
    // One that says it is off while it shows, but comes round when told to be on.
    assert!(check(Monitor::new().with(POWER, Some((4, 5)))).power);
}

#[test]
fn a_bridge_that_refuses_is_found_out_quickly() {
    let monitor = Monitor::new();
    let bus = Faulty::new(monitor.clone(), vec![Trouble::Refuses(FOR_EVER)]);
    let mut control = DisplayControl::new(Box::new(bus));
    assert_eq!(control.probe(), NOTHING);
    assert!(
        monitor.now() < Duration::from_secs(1),
        "{:?}",
        monitor.now()
    );
    let why = control.prove_luminance().unwrap_err();
    assert!(matches!(why, DdcError::Bus(BusError::NoAnswer)), "{why}");
    assert!(why.to_string().contains("menu"));
}

#[test]
fn every_lasting_trouble_ends_in_nothing_proved_and_nothing_changed() {
    for trouble in [
        Trouble::Refuses(FOR_EVER),
        Trouble::Ignores(FOR_EVER),
        Trouble::Damages(FOR_EVER),
        Trouble::Busy(FOR_EVER),
        Trouble::Unplugged(FOR_EVER),
    ] {
        let monitor = Monitor::new();
        let bus = Faulty::new(monitor.clone(), vec![trouble.clone()]);
        assert_eq!(check(bus), NOTHING, "{trouble:?}");
        assert_eq!(monitor.value(LUMINANCE), Some(50), "{trouble:?}");
        assert_eq!(monitor.value(POWER), Some(1), "{trouble:?}");
    }
}

#[test]
fn a_short_trouble_is_tried_over() {
    for trouble in [
        Trouble::Refuses(3),
        Trouble::Ignores(1),
        Trouble::Damages(3),
        Trouble::Busy(3),
        Trouble::Says(vec![0xff; 11]),
    ] {
        let bus = Faulty::new(Monitor::new(), vec![Trouble::Fine(4), trouble.clone()]);
        assert_eq!(check(bus), ALL, "{trouble:?}");
    }
}

#[test]
fn a_display_that_takes_commands_and_does_nothing_is_named() {
    let (_, mut control) = troubled([Trouble::Ignores(FOR_EVER)]);
    let why = control.prove_luminance().unwrap_err();
    assert!(
        matches!(
            why,
            DdcError::Disobeyed {
                control: LUMINANCE,
                wanted: 45,
                got: 50
            }
        ),
        "{why}"
    );
    let why = control.prove_power().unwrap_err();
    assert!(
        matches!(
            why,
            DdcError::Disobeyed {
                control: POWER,
                wanted: 4,
                got: 1
            }
        ),
        "{why}"
    );
}

/// A proof is a change and its return: a display that only goes one way is not trusted.
#[test]
fn a_display_that_does_not_return_is_not_trusted() {
    // One reading, one change that is read back (five transfers), then nothing is followed.
    let (_, mut control) = troubled([Trouble::Fine(5), Trouble::Ignores(FOR_EVER)]);
    let why = control.prove_luminance().unwrap_err();
    assert!(
        matches!(
            why,
            DdcError::Disobeyed {
                wanted: 50,
                got: 45,
                ..
            }
        ),
        "{why}"
    );
    assert_eq!(control.proved().luminance, None);

    // Asleep it hears nothing: only its button wakes it, so it is never put to sleep this way again.
    let mut control = DisplayControl::new(Box::new(Monitor::new().deaf_asleep()));
    let why = control.prove_power().unwrap_err();
    assert!(matches!(why, DdcError::StillDark), "{why}");
    assert!(matches!(control.set_power(false), Err(DdcError::Unproved)));
}

#[test]
fn trust_is_lost_when_a_display_stops_obeying() {
    let monitor = Monitor::new();
    let bus = Faulty::new(
        monitor.clone(),
        vec![Trouble::Fine(8), Trouble::Ignores(FOR_EVER)],
    );
    let mut control = DisplayControl::new(Box::new(bus));
    control.prove_luminance().unwrap();
    let why = control.set_luminance(70).unwrap_err();
    assert!(matches!(why, DdcError::Disobeyed { .. }), "{why}");
    assert!(matches!(control.set_luminance(70), Err(DdcError::Unproved)));

    // A display that merely does not answer for a while is asked again later.
    let (_, mut control) = troubled([Trouble::Fine(8), Trouble::Refuses(4)]);
    control.prove_luminance().unwrap();
    assert!(matches!(
        control.set_luminance(70),
        Err(DdcError::Bus(BusError::NoAnswer))
    ));
    control.set_luminance(70).unwrap();
}

#[test]
fn power_is_given_up_with_the_first_failure_but_waking_is_always_tried() {
    let monitor = Monitor::new();
    let mut control = DisplayControl::new(Box::new(monitor.clone()));
    control.prove_power().unwrap();
    control.set_power(false).unwrap();
    assert_eq!(monitor.value(POWER), Some(4));
    // Another program, or a new run that has proved nothing yet, wakes it as well.
    let mut another = DisplayControl::new(Box::new(monitor.clone()));
    another.set_power(true).unwrap();
    assert_eq!(monitor.value(POWER), Some(1));

    let (monitor, mut control) = troubled([Trouble::Unplugged(3)]);
    assert!(control.prove_power().is_err());
    assert!(matches!(
        control.set_power(true),
        Err(DdcError::Bus(BusError::Gone))
    ));
    assert!(control.set_power(true).is_err());
    control.set_power(true).unwrap();
    assert!(matches!(control.set_power(false), Err(DdcError::Unproved)));
    assert_eq!(monitor.value(POWER), Some(1));
}

/// A display that obeyed and then does not: its power is not trusted again until it is proved.
#[test]
fn power_that_was_proved_is_lost_by_disobeying() {
    struct Moody(Monitor, Arc<AtomicBool>);
    impl Bus for Moody {
        fn write(&mut self, bytes: &[u8]) -> Result<(), BusError> {
            // The third byte is the command; 3 sets a control.
            match bytes.get(2) {
                Some(3) if self.1.load(Ordering::Relaxed) => Ok(()),
                _ => self.0.write(bytes),
            }
        }
        fn read(&mut self, bytes: &mut [u8]) -> Result<(), BusError> {
            self.0.read(bytes)
        }
        fn wait(&mut self, length: Duration) {
            self.0.wait(length);
        }
        fn description(&self) -> String {
            "moody".into()
        }
    }
    let sulks = Arc::new(AtomicBool::new(false));
    let bus = Moody(Monitor::new(), sulks.clone());
    let mut control = DisplayControl::new(Box::new(bus));
    control.prove_power().unwrap();
    sulks.store(true, Ordering::Relaxed);
    let why = control.set_power(false).unwrap_err();
    assert!(matches!(why, DdcError::Disobeyed { .. }), "{why}");
    sulks.store(false, Ordering::Relaxed);
    assert!(matches!(control.set_power(false), Err(DdcError::Unproved)));
    control.prove_power().unwrap();
    control.set_power(false).unwrap();
}

/// A late answer to an earlier question is no answer to this one.
#[test]
fn another_control_s_answer_is_not_taken() {
    // Contrast, 50 of 7.
    let late = vec![
        0x6e, 0x88, 0x02, 0x00, 0x12, 0x00, 0x00, 0x07, 0x00, 0x32, 0x93,
    ];
    let (_, mut control) = troubled([Trouble::Says(late)]);
    let range = control.prove_luminance().unwrap();
    assert_eq!(range, LuminanceRange { maximum: 100 });
}

#[test]
fn the_same_luminance_is_not_written_again() {
    let monitor = Monitor::new();
    let mut control = DisplayControl::new(Box::new(monitor.clone()));
    control.prove_luminance().unwrap();
    control.set_luminance(70).unwrap();
    assert_eq!(monitor.value(LUMINANCE), Some(70));
    let heard = monitor.commands();
    control.set_luminance(70).unwrap();
    assert_eq!(monitor.commands(), heard);
    control.set_luminance(255).unwrap();
    assert_eq!(monitor.value(LUMINANCE), Some(100));
}

/// The suite must notice displays that pass for trusted and are not, or it proves nothing.
#[test]
fn a_bus_that_changes_its_mind_is_noticed() {
    // Obeys during the proofs, ignores what is set afterwards.
    let reads = |troubles: Vec<Trouble>| {
        let bus = Faulty::new(Monitor::new().with(POWER, None), troubles);
        conformance::check(Box::new(bus))
    };
    // Two transfers for the reading before, eight for the proof of luminance, four for asking twice
    // for power, two for the reading after.
    let fair = reads(vec![Trouble::Fine(16)]);
    assert!(fair.unwrap().luminance.is_some());
    let message = reads(vec![Trouble::Fine(16), Trouble::Ignores(FOR_EVER)]).unwrap_err();
    assert!(message.contains("what was proved is obeyed"), "{message}");
}

fn any_trouble() -> impl Strategy<Value = Trouble> {
    prop_oneof![
        (1u32..20).prop_map(Trouble::Fine),
        (1u32..9).prop_map(Trouble::Refuses),
        (1u32..4).prop_map(Trouble::Ignores),
        (1u32..9).prop_map(Trouble::Damages),
        (1u32..9).prop_map(Trouble::Busy),
        (1u32..9).prop_map(Trouble::Unplugged),
        proptest::collection::vec(any::<u8>(), 0..12).prop_map(Trouble::Says),
    ]
}

proptest! {
    /// Whatever happens on the wires: what is trusted is as it was and awake, pauses are kept, every
    /// wait ends, and once the troubles are over the display can be woken.
    #[test]
    fn any_troubles(
        troubles in proptest::collection::vec(any_trouble(), 0..8), coarse in 1u16..30, luminance in 0u16..=100,
    ) {
        let monitor = Monitor::new().coarse(coarse).with(LUMINANCE, Some((luminance, 100)));
        let mut control = DisplayControl::new(Box::new(Faulty::new(monitor.clone(), troubles)));
        let proved = control.probe();
        prop_assert!(monitor.now() < Duration::from_secs(60), "{:?}", monitor.now());
        if proved.luminance.is_some() {
            let now = monitor.value(LUMINANCE).unwrap();
            prop_assert!(now.abs_diff(luminance) <= 2, "{} became {}", luminance, now);
        }
        if proved.power {
            prop_assert_eq!(monitor.value(POWER), Some(1));
        }
        let mut woken = false;
        for _ in 0..60 {
            woken = woken || control.set_power(true).is_ok();
        }
        prop_assert!(woken);
        prop_assert_eq!(monitor.value(POWER), Some(1));
        prop_assert_eq!(monitor.hasty(), 0);
    }
}

#[test]
fn a_real_display() {
    // Writing to a display in use is rude: only where one asks for it.
    let Some(connector) = std::env::var_os("SFUMATO_TEST_DDC") else {
        println!("skipped: set SFUMATO_TEST_DDC=card0-HDMI-A-1 to test a real display");
        return;
    };
    let bus = ddc::open(&connector.to_string_lossy()).unwrap();
    println!("{:?}", conformance::check(bus).unwrap());
}
