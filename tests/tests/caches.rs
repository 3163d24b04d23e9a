//! The front door puts the built-in painting where the device program looks for it.

#[test]
fn both_sides_mean_the_same_folder() {
    assert_eq!(xtask::cache::folder(), sfumato::paths::cache());
}
