//! The processor's best instructions are found, and used.

use sfumato_engine::Instructions;

/// Says what must be found; set by whoever runs the tests for some processor.
const EXPECTED: &str = "SFUMATO_INSTRUCTIONS";

#[test]
fn the_expected_instructions_are_found() {
    let names: Vec<&str> = Instructions::all().map(Instructions::name).collect();
    println!("instructions: {}", names.join(", "));
    assert_eq!(names.first(), Some(&"plain"));
    assert_eq!(names.last(), Some(&Instructions::best().name()));
    match std::env::var(EXPECTED) {
        Ok(expected) => assert_eq!(Instructions::best().name(), expected),
        Err(_) => println!("{EXPECTED} does not say which ones must be found"),
    }
}

#[cfg(all(target_arch = "aarch64", target_endian = "little"))]
#[test]
fn every_such_processor_has_neon() {
    assert!(Instructions::all().any(|set| set.name() == "neon"));
}
