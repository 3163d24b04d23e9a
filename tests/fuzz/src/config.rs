//! Any text as a config file: its mistakes have places, and what it sets can be written down again.

use sfumato_settings::config::defaults_from_toml;
use sfumato_settings::text::template;
use sfumato_settings::{Settings, rules};

/// What else such a file may hold.
const OTHERS: &[&str] = &["pack", "camera", "screen", "tensorrt"];

pub fn run(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else {
        return;
    };
    match defaults_from_toml(text, OTHERS) {
        Ok(settings) => {
            assert!(rules::check(&settings).is_ok());
            assert!(settings.pin().is_none(), "a PIN from a file");
            let mut written = String::new();
            template(&settings, &mut written).unwrap();
            let all_commented = defaults_from_toml(&written, OTHERS).unwrap();
            assert!(all_commented == Settings::default());
            let bare = uncommented(&written);
            match defaults_from_toml(&bare, OTHERS) {
                Ok(again) => assert!(again == settings, "{bare}"),
                Err(errors) => panic!("{errors}\n{bare}"),
            }
        }
        Err(errors) => {
            assert!(!errors.0.is_empty());
            let lines = text.matches('\n').count() + 1;
            for error in &errors.0 {
                assert!((1..=lines).contains(&error.line) && error.column >= 1);
                assert!(!error.to_string().is_empty());
            }
        }
    }
}

/// The template with the # taken away from every line that sets something.
fn uncommented(template: &str) -> String {
    let lines = template.lines().filter(|line| !line.starts_with("# "));
    let bare = lines.map(|line| line.strip_prefix('#').unwrap_or(line));
    bare.collect::<Vec<_>>().join("\n")
}
