//! Runs a fuzz target: under libFuzzer, or with the files that are named.

#![cfg_attr(feature = "libfuzzer", no_main)]

#[cfg(feature = "libfuzzer")]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    use std::sync::OnceLock;
    static TARGET: OnceLock<sfumato_fuzz::Target> = OnceLock::new();
    let target = TARGET.get_or_init(|| {
        // libFuzzer has the arguments.
        let name = std::env::var("SFUMATO_FUZZ").unwrap_or_default();
        sfumato_fuzz::Target::by_name(&name).expect("SFUMATO_FUZZ must name a target")
    });
    (target.run)(bytes);
});

/// `sfumato-fuzz TARGET FILE…`: panics where a file breaks a promise.
#[cfg(not(feature = "libfuzzer"))]
fn main() -> std::process::ExitCode {
    use sfumato_fuzz::{TARGETS, Target};
    use std::process::ExitCode;

    let mut arguments = std::env::args_os().skip(1);
    let name = arguments.next().unwrap_or_default();
    let Some(target) = name.to_str().and_then(Target::by_name) else {
        eprintln!(
            "sfumato-fuzz TARGET FILE…; targets: {}",
            TARGETS.map(|t| t.name).join(", ")
        );
        return ExitCode::FAILURE;
    };
    for file in arguments {
        match std::fs::read(&file) {
            Ok(bytes) => (target.run)(&bytes),
            Err(error) => {
                eprintln!("cannot read {}: {error}", file.display());
                return ExitCode::FAILURE;
            }
        }
        println!("{}: no promise is broken", file.display());
    }
    ExitCode::SUCCESS
}
