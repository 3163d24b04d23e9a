//! What the front door and the whole-system tests share.
//!
//! `cargo xtask` is the one command a newcomer needs ([`prerequisites`], and the binary's own
//! modules for `demo`, `test`, `models`). Two of its checks are useful to tests as well: the
//! table of who may depend on whom ([`architecture`]) and what Cargo says is really the case
//! ([`workspace`]).

#![forbid(unsafe_code)]

pub mod architecture;
pub mod board;
pub mod cache;
pub mod licences;
pub mod prerequisites;
pub mod workspace;

/// What the front door says about itself; names everything it can do.
pub const HELP: &str = "\
cargo xtask demo [--painting IMAGE] [--camera URI] [--personality NAME] [--clip]
    Shows a painting answering a visitor: the built-in painting and the built-in visitor unless
    others are named. A window where there is a display, else (or with --clip) a film and a
    contact sheet under target/demo/. Cameras: v4l2:/dev/video0, clip:FILE_OR_FOLDER, synthetic:

cargo xtask test [STEP…]
    All that must hold before a change lands. Steps: models, format, lint, bare-metal, arm64,
    instructions, test, clients, runtime, fuzz, document, licences, demo; all of them when none is
    named. And kiosk, which takes half an hour and runs only where it is named.

cargo xtask models [--wheel FILE]
    Fetches, checks and converts the face models; --wheel for a machine without network.

cargo xtask package --board NAME [--profile release|dev] [--programs FOLDER] [--pack FILE] [--network FILE]
    Builds a board's Debian packages into target/boards/NAME: the programs, or ready ones from --programs; with the
    built-in painting, or --pack's. For boards with TensorRT, --network names what `atelier export --tensorrt` wrote.
    Boards and what was proved of each: docs/boards.md

cargo xtask image --board BOARD [--version V] [--certificate FILE --key FILE] [--packages FOLDER]
    A disk that boots into the living portrait, compressed, with its block map for `atelier flash`,
    and the same content as a signed update, under target/boards/BOARD. As root: it lays out files
    with their owners.

cargo xtask kiosk-test [CHECK…] [--board NAME] [--cuts N] [--seed N] [--record] [--packages FOLDER]
    Boots the real image in an emulator and puts it through what happens to a portrait in a museum;
    --record writes docs/proved.md. Screenshots, logs and transcripts: target/kiosk/BOARD/run.
    Boards: qemu-x86_64, unless another is named, and qemu-arm64.

cargo xtask licences
    Licences of all that is built in; runs cargo-deny too where it is installed.

cargo xtask instructions
    Counts the integer engine's instructions and records them, for `cargo xtask test instructions`
    to compare with.

cargo xtask pictures
    Paints the pictures in docs/ again.
";
