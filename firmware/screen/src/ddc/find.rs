//! Which bus leads to the display on a connector: what the kernel says in `/sys`.
//!
//! A DisplayPort connector has a bus of its own below it, named `i2c-N`; the others have a link `ddc` to
//! the bus their plug is wired to. Some drivers say neither.

use std::path::Path;

/// The number of the bus of `connector`, such as `card0-HDMI-A-1`, below `drm` (`/sys/class/drm`).
pub(super) fn bus_of(drm: &Path, connector: &str) -> Option<u32> {
    // A name is one folder, not a path to elsewhere.
    let mut parts = Path::new(connector).components();
    let (Some(std::path::Component::Normal(_)), None) = (parts.next(), parts.next()) else {
        return None;
    };
    let folder = drm.join(connector);
    let ddc = folder.join("ddc");
    let own = below(&folder);
    own.or_else(|| {
        let target = std::fs::canonicalize(&ddc).ok()?;
        number(target.file_name()?.to_str()?)
    })
    .or_else(|| below(&ddc.join("i2c-dev")))
}

/// The first folder `i2c-N` in `folder`, by number.
fn below(folder: &Path) -> Option<u32> {
    let entries = std::fs::read_dir(folder).ok()?;
    let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    names.filter_map(|name| number(&name)).min()
}

fn number(name: &str) -> Option<u32> {
    name.strip_prefix("i2c-")?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::create_dir_all;
    use std::os::unix::fs::symlink;

    #[test]
    fn the_kernel_s_ways_of_saying_it() {
        let folder = tempfile::tempdir().unwrap();
        let at = |path: &str| folder.path().join(path);
        let drm = at("class/drm");
        create_dir_all(at("devices/gpu/i2c-4/i2c-dev/i2c-4")).unwrap();
        create_dir_all(at("devices/odd/adapter/i2c-dev/i2c-12")).unwrap();
        create_dir_all(at("class/drm/card0-DP-1/i2c-7")).unwrap();
        create_dir_all(at("class/drm/card0-HDMI-A-1")).unwrap();
        create_dir_all(at("class/drm/card0-HDMI-A-2")).unwrap();
        create_dir_all(at("class/drm/card0-eDP-1/i2c-x")).unwrap();
        symlink(at("devices/gpu/i2c-4"), at("class/drm/card0-HDMI-A-1/ddc")).unwrap();
        symlink(at("devices/gpu/i2c-4"), at("class/drm/card0-DP-1/ddc")).unwrap();
        symlink(
            at("devices/odd/adapter"),
            at("class/drm/card0-HDMI-A-2/ddc"),
        )
        .unwrap();
        for (connector, bus) in [
            ("card0-HDMI-A-1", Some(4)),
            ("card0-DP-1", Some(7)),
            ("card0-HDMI-A-2", Some(12)),
            ("card0-eDP-1", None),
            ("card0-DP-9", None),
            ("../drm/card0-DP-1", None),
            ("", None),
        ] {
            assert_eq!(bus_of(&drm, connector), bus, "{connector}");
        }
    }
}
