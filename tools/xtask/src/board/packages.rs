//! The packages of a board: the portrait's program, the update's where there is one, and the board's own.

use super::debian::Package;
use super::elf::Needs;
use super::files::{PAINTING, board_files};
use super::{Board, Common, Kind, Tree};
use anyhow::{Context, Result};
use std::fs;
use std::path::{Path, PathBuf};

/// The portrait's program.
pub const PORTRAIT: &str = "sfumato";

/// The program that updates the board.
pub const UPDATE: &str = "sfumato-update";

/// Units that go with the portrait's program; all others in `board/common/units` go with the update's.
pub const PORTRAITS_UNITS: [&str; 3] = [
    "sfumato.service",
    "sfumato-clock.service",
    "sfumato-clock.timer",
];

/// Documents that go with the portrait's program.
const DOCUMENTS: [&str; 4] = [
    "technician.md",
    "serial.md",
    "settings.md",
    "visitor-notice.md",
];

/// What goes into packages and is made elsewhere.
#[derive(Debug)]
pub struct Parts {
    /// The programs' version.
    pub version: String,
    /// The portrait's program, stripped.
    pub portrait: Vec<u8>,
    /// The update's program, stripped; none while the project has none.
    pub update: Option<Vec<u8>>,
    /// Licence texts of what is built into each of them.
    pub notices: (String, String),
    /// Folder of the face models.
    pub models: PathBuf,
    /// The painting that the board comes with.
    pub painting: PathBuf,
}

/// All packages of a board, the board's own at the end.
pub fn packages(board: &Board, common: &Common, parts: &Parts) -> Result<Vec<Package>> {
    let mut packages = vec![portrait(board, parts)?];
    if let Some(program) = &parts.update {
        packages.push(update(board, parts, program)?);
    }
    packages.push(own(board, common, &parts.version, parts.update.is_some())?);
    Ok(packages)
}

/// What a program needs, held to the oldest system that is supported.
fn depends(name: &str, program: &[u8], board: &Board) -> Result<String> {
    let needs = Needs::read(program, board.architecture);
    let needs = needs.with_context(|| format!("the program {name}"))?;
    let depends = needs.hold_to_glibc().and_then(|()| needs.depends());
    depends.with_context(|| format!("the program {name}"))
}

fn portrait(board: &Board, parts: &Parts) -> Result<Package> {
    let mut tree = portraits_files(&board.root)?;
    tree.file("usr/bin/sfumato", parts.portrait.clone(), true);
    models(&parts.models, &mut tree)?;
    let painting = fs::read(&parts.painting)
        .with_context(|| format!("cannot read {}", parts.painting.display()))?;
    tree.file(PAINTING, painting, false);
    documents(PORTRAIT, &board.root, &parts.notices.0, &mut tree)?;
    let mut package = Package {
        name: PORTRAIT.to_owned(),
        version: parts.version.clone(),
        architecture: board.architecture.debian().to_owned(),
        depends: format!("{}, systemd", depends(PORTRAIT, &parts.portrait, board)?),
        about: "painting that answers the people in front of it".to_owned(),
        tree,
    };
    preset(&mut package);
    Ok(package)
}

/// The files of the portrait's package that lie in the project as they are: units, users, folders, rules of devices.
pub fn portraits_files(root: &Path) -> Result<Tree> {
    let mut tree = Tree::default();
    tree.lay(&root.join("board/common/package"), "")?;
    units(root, |name| PORTRAITS_UNITS.contains(&name), &mut tree)?;
    Ok(tree)
}

fn update(board: &Board, parts: &Parts, program: &[u8]) -> Result<Package> {
    let mut tree = updates_files(&board.root)?;
    tree.file("usr/bin/sfumato-update", program.to_vec(), true);
    documents(UPDATE, &board.root, &parts.notices.1, &mut tree)?;
    let page = board.root.join("docs/updating.md");
    if let Ok(text) = fs::read_to_string(page) {
        tree.text("usr/share/doc/sfumato/updating.md", text);
    }
    let mut package = Package {
        name: UPDATE.to_owned(),
        version: parts.version.clone(),
        architecture: board.architecture.debian().to_owned(),
        depends: format!(
            "{}, rauc, rauc-service, systemd, sfumato (= {})",
            depends(UPDATE, program, board)?,
            parts.version
        ),
        about: "updates of the living painting's board".to_owned(),
        tree,
    };
    preset(&mut package);
    Ok(package)
}

/// The files of the update's package that lie in the project as they are: units, rules of devices, and what RAUC calls.
pub fn updates_files(root: &Path) -> Result<Tree> {
    let mut tree = Tree::default();
    let common = root.join("board/common");
    for (from, to) in [
        ("udev", "usr/lib/udev/rules.d"),
        ("rauc", "usr/lib/sfumato"),
    ] {
        let folder = common.join(from);
        let mut files = Tree::default();
        if folder.is_dir() {
            files.lay(&folder, to)?;
        }
        for (path, entry) in files.entries() {
            // A template is filled in for each board; it goes with the board's package.
            if let super::Entry::File { bytes, .. } = entry
                && !path.ends_with(".in")
            {
                tree.file(path, bytes.clone(), bytes.starts_with(b"#!"));
            }
        }
    }
    units(root, |name| !PORTRAITS_UNITS.contains(&name), &mut tree)?;
    Ok(tree)
}

/// The board's own package: names of its devices, and what must not run on it.
pub fn own(board: &Board, common: &Common, version: &str, update: bool) -> Result<Package> {
    let mut tree = board_files(board, common)?;
    let name = format!("sfumato-board-{}", board.name.replace('_', "-"));
    tree.text(&copyright_path(&name), copyright(&board.root)?);
    let mut depends = format!("sfumato (= {version})");
    if update && board.image.kind == Kind::Uefi {
        depends.push_str(&format!(", sfumato-update (= {version})"));
    }
    let mut package = Package {
        name,
        version: version.to_owned(),
        architecture: "all".to_owned(),
        depends,
        about: format!("what the living painting needs to know of: {}", board.title),
        tree,
    };
    preset(&mut package);
    Ok(package)
}

fn preset(package: &mut Package) {
    let text = package.preset();
    if !text.is_empty() {
        let path = format!("usr/lib/systemd/system-preset/50-{}.preset", package.name);
        package.tree.text(&path, text);
    }
}

fn units(root: &Path, wanted: impl Fn(&str) -> bool, tree: &mut Tree) -> Result<()> {
    let mut all = Tree::default();
    all.lay(&root.join("board/common/units"), "")?;
    for (path, entry) in all.entries() {
        if let super::Entry::File { bytes, .. } = entry
            && wanted(path)
        {
            tree.file(
                &format!("usr/lib/systemd/system/{path}"),
                bytes.clone(),
                false,
            );
        }
    }
    Ok(())
}

/// Models with the check sums beside them.
fn models(folder: &Path, tree: &mut Tree) -> Result<()> {
    let mut all = Tree::default();
    all.lay(folder, "usr/share/sfumato/models")?;
    for (path, entry) in all.entries() {
        if let super::Entry::File { bytes, .. } = entry
            && (path.ends_with(".onnx") || path.ends_with(".onnx.sha256"))
        {
            tree.file(path, bytes.clone(), false);
        }
    }
    Ok(())
}

fn documents(name: &str, root: &Path, notices: &str, tree: &mut Tree) -> Result<()> {
    tree.text(&copyright_path(name), copyright(root)?);
    tree.text(&format!("usr/share/doc/{name}/libraries.txt"), notices);
    if name == PORTRAIT {
        for document in DOCUMENTS {
            let path = root.join("docs").join(document);
            let text = fs::read_to_string(&path)
                .with_context(|| format!("cannot read {}", path.display()))?;
            tree.text(&format!("usr/share/doc/{name}/{document}"), text);
        }
    }
    Ok(())
}

fn copyright_path(name: &str) -> String {
    format!("usr/share/doc/{name}/copyright")
}

fn copyright(root: &Path) -> Result<String> {
    let mut text = "MIT or Apache-2.0, as you prefer.\n".to_owned();
    for name in ["NOTICE", "LICENSE-MIT", "LICENSE-APACHE"] {
        let path = root.join(name);
        let more =
            fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        text.push('\n');
        text.push_str(&more);
    }
    Ok(text)
}
