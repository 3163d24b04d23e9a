//! Settings in force, settings saved, and the way from one to the next.
//!
//! ```text
//! text --Staged::set--> staged --Store::commit--> in force (version + 1) --Recorder::save--> saved
//!        one by one             all or nothing
//! ```

use crate::registry::Id;
use crate::rules::{self, Broken};
use crate::settings::Settings;
use crate::staged::Staged;

/// Settings in force, with the number of their commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// 0 when the program starts, one more with each commit that changes something.
    pub version: u32,
    /// The values.
    pub settings: Settings,
}

/// What is in force, what is saved and what the defaults are.
#[derive(Clone, Debug)]
pub struct Store {
    defaults: Settings,
    saved: Settings,
    current: Snapshot,
}

impl Store {
    /// Begins with what was saved. `defaults` are the registry's, or an installation's own.
    pub fn new(defaults: Settings, saved: Settings) -> Store {
        Store {
            defaults,
            current: Snapshot {
                version: 0,
                settings: saved.clone(),
            },
            saved,
        }
    }

    /// What is in force.
    pub fn current(&self) -> &Snapshot {
        &self.current
    }

    /// What a reset brings back.
    pub fn defaults(&self) -> &Settings {
        &self.defaults
    }

    /// Puts the staged changes into force, all of them or, where they would break a rule, none.
    /// Afterwards nothing is staged; after a refusal everything still is.
    pub fn commit(&mut self, staged: &mut Staged) -> Result<&Snapshot, Broken> {
        let after = staged.over(&self.current.settings);
        rules::check(&after)?;
        if after != self.current.settings {
            self.current.settings = after;
            self.current.version = self.current.version.wrapping_add(1);
        }
        staged.discard();
        Ok(&self.current)
    }

    /// Notes that a snapshot was saved.
    pub fn mark_saved(&mut self, saved: Settings) {
        self.saved = saved;
    }

    /// Stages what goes back to the saved settings.
    pub fn stage_saved(&self, staged: &mut Staged) {
        for id in self.unsaved() {
            staged.reset(id, &self.saved);
        }
    }

    /// Settings in force whose value is not the saved one.
    pub fn unsaved(&self) -> impl Iterator<Item = Id> + '_ {
        self.current.settings.differences(&self.saved)
    }

    /// Settings in force whose value is not the default.
    pub fn changed(&self) -> impl Iterator<Item = Id> + '_ {
        self.current.settings.differences(&self.defaults)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pin::SALT;
    use crate::staged::StageError;
    use std::string::ToString;
    use std::vec::Vec;

    fn store() -> Store {
        Store::new(Settings::default(), Settings::default())
    }

    #[test]
    fn a_commit_is_all_or_nothing() {
        let (mut store, mut staged) = (store(), Staged::default());
        staged.set("display.brightness_max", "60").unwrap();
        staged.set("display.night_brightness", "50").unwrap();
        let broken = store.commit(&mut staged).unwrap_err();
        assert!(
            broken
                .to_string()
                .starts_with("display.brightness must not exceed")
        );
        assert_eq!(
            *store.current(),
            Snapshot {
                version: 0,
                settings: Settings::default()
            }
        );
        assert_eq!(staged.changed().len(), 2, "still staged");
        // The missing change makes it whole.
        staged.set("DISPLAY.BRIGHTNESS", "55 %").unwrap();
        let after = store.commit(&mut staged).unwrap();
        assert_eq!(after.version, 1);
        assert_eq!(after.settings.brightness(), 55);
        assert_eq!(after.settings.brightness_max(), 60);
        assert_eq!(after.settings.night_brightness(), 50);
        assert!(staged.changed().is_empty());
    }

    #[test]
    fn versions_grow_only_with_changes() {
        let (mut store, mut staged) = (store(), Staged::default());
        staged.set("display.brightness", "100").unwrap();
        assert_eq!(store.commit(&mut staged).unwrap().version, 0);
        staged.set("display.brightness", "99").unwrap();
        assert_eq!(store.commit(&mut staged).unwrap().version, 1);
        assert_eq!(store.commit(&mut staged).unwrap().version, 1);
    }

    #[test]
    fn a_refused_value_leaves_what_was_staged() {
        let mut staged = Staged::default();
        staged.set("colour.red", "120").unwrap();
        let refused = staged.set("colour.red", "170").unwrap_err();
        assert_eq!(refused.to_string(), "colour.red: 50 to 150 %, not 170");
        assert_eq!(staged.get(Id::Red).unwrap().to_string(), "120");
        assert_eq!(staged.get(Id::Blue), None);
        let unknown = staged.set("color.red", "120").unwrap_err();
        assert_eq!(
            unknown.to_string(),
            "there is no setting color.red; is it colour.red?"
        );
        assert!(matches!(
            staged.set("volume", "1"),
            Err(StageError::Unknown { nearest: None, .. })
        ));
        staged.discard();
        assert!(staged.changed().is_empty() && staged.get(Id::Red).is_none());
    }

    #[test]
    fn two_sessions_do_not_undo_each_other() {
        let mut store = store();
        let (mut one, mut other) = (Staged::default(), Staged::default());
        one.set("colour.red", "120").unwrap();
        other.set("colour.blue", "80").unwrap();
        store.commit(&mut one).unwrap();
        assert_eq!(
            store.commit(&mut other).unwrap().settings.gains(),
            [120, 100, 80]
        );
    }

    #[test]
    fn resets_go_to_the_installations_defaults_and_leave_the_pin() {
        let mut defaults = Settings::default();
        let mut installation = Staged::default();
        installation.set("wall", "#102030").unwrap();
        defaults = installation.over(&defaults);
        let (mut store, mut staged) = (Store::new(defaults.clone(), defaults), Staged::default());
        staged.set("wall", "#ffffff").unwrap();
        staged.set("name", "Saal 3").unwrap();
        staged.set_pin(Some("4711"), [3; SALT]).unwrap();
        store.commit(&mut staged).unwrap();
        assert_eq!(
            store.changed().collect::<Vec<_>>(),
            [Id::Name, Id::Wall, Id::Pin]
        );

        staged.reset(Id::Wall, store.defaults());
        assert_eq!(
            store.commit(&mut staged).unwrap().settings.wall(),
            [0x10, 0x20, 0x30]
        );
        staged.reset_all(store.defaults());
        store.commit(&mut staged).unwrap();
        assert_eq!(store.changed().collect::<Vec<_>>(), [Id::Pin]);
        staged.set_pin(None, [0; SALT]).unwrap();
        store.commit(&mut staged).unwrap();
        assert_eq!(store.changed().count(), 0);
    }

    #[test]
    fn what_is_not_saved_is_known_and_can_be_taken_back() {
        let (mut store, mut staged) = (store(), Staged::default());
        staged.set("colour.red", "120").unwrap();
        store.commit(&mut staged).unwrap();
        assert_eq!(store.unsaved().collect::<Vec<_>>(), [Id::Red]);
        store.mark_saved(store.current().settings.clone());
        assert_eq!(store.unsaved().count(), 0);
        staged.set("colour.red", "130").unwrap();
        staged.set("room.mains", "60").unwrap();
        store.commit(&mut staged).unwrap();
        store.stage_saved(&mut staged);
        assert_eq!(store.commit(&mut staged).unwrap().settings.gains()[0], 120);
        assert_eq!(store.unsaved().count(), 0);
    }

    #[test]
    fn a_pin_is_set_by_its_own_command_only() {
        let mut staged = Staged::default();
        assert_eq!(staged.set("access.pin", "4711"), Err(StageError::IsPin));
        assert!(staged.set_pin(Some("47"), [0; SALT]).is_err());
        assert!(staged.changed().is_empty());
        staged.set_pin(Some("4711"), [9; SALT]).unwrap();
        let settings = staged.over(&Settings::default());
        assert!(settings.pin().unwrap().admits("4711"));
        assert_eq!(settings.get(Id::Pin).to_string(), "set");
    }
}
