//! What must be on the machine before the project builds, and how it gets there.
//!
//! Each prerequisite is probed first. What is missing is installed with apt where that needs no
//! question (root, or sudo without a password); elsewhere the exact line to run is printed.

use anyhow::{Result, bail};
use std::path::Path;
use std::process::{Command, Stdio};

/// One thing the machine must or should have.
#[derive(Debug)]
pub struct Prerequisite {
    /// What it is called.
    pub name: &'static str,
    /// What it is needed for.
    pub reason: &'static str,
    /// Debian packages that bring it.
    pub packages: &'static [&'static str],
    /// Without an optional one the work goes on, with less.
    pub optional: bool,
    /// Whether it is there.
    pub present: fn() -> bool,
}

/// To build anything.
pub const BUILD: &[Prerequisite] = &[
    Prerequisite {
        name: "C compiler",
        reason: "Rust links with it",
        packages: &["build-essential"],
        optional: false,
        present: || runs("cc", &["--version"]),
    },
    Prerequisite {
        name: "libclang",
        reason: "the camera driver's bindings are made from the kernel's headers",
        packages: &["libclang-dev"],
        optional: false,
        present: libclang,
    },
    Prerequisite {
        name: "kernel headers",
        reason: "linux/videodev2.h describes cameras",
        packages: &["linux-libc-dev"],
        optional: false,
        present: || Path::new("/usr/include/linux/videodev2.h").exists(),
    },
];

/// To fetch the face models.
pub const MODELS: &[Prerequisite] = &[Prerequisite {
    name: "python3 with pip",
    reason: "fetches the face models by package name",
    packages: &["python3", "python3-pip"],
    optional: false,
    present: || runs("python3", &["-m", "pip", "--version"]),
}];

/// To read and write films.
pub const FILMS: &[Prerequisite] = &[Prerequisite {
    name: "ffmpeg",
    reason: "reads video clips and writes the demo's film; without it there are single pictures",
    packages: &["ffmpeg"],
    optional: true,
    present: || runs("ffmpeg", &["-version"]),
}];

/// To watch what the device program asks of the system.
pub const WATCHING: &[Prerequisite] = &[Prerequisite {
    name: "strace",
    reason: "shows that the program writes no picture and opens no network socket",
    packages: &["strace"],
    optional: true,
    present: || runs("strace", &["--version"]),
}];

/// What updates, images and corpora are held against: without it those tests leave out the real thing.
pub const REFERENCES: &[Prerequisite] = &[
    Prerequisite {
        name: "RAUC",
        reason: "makes bundles for the tests of updates",
        packages: &["rauc", "openssl", "squashfs-tools"],
        optional: true,
        present: || runs("rauc", &["--version"]) && runs("mksquashfs", &["-version"]),
    },
    Prerequisite {
        name: "veritysetup",
        reason: "hash trees are compared with its own",
        packages: &["cryptsetup-bin"],
        optional: true,
        present: || runs("veritysetup", &["--version"]),
    },
    Prerequisite {
        name: "bmaptool",
        reason: "flashed devices are compared with those it flashes",
        packages: &["bmap-tools"],
        optional: true,
        present: || runs("bmaptool", &["--version"]),
    },
    Prerequisite {
        name: "GNU parallel",
        reason: "drives the shards of a corpus in its test",
        packages: &["parallel"],
        optional: true,
        present: || runs("parallel", &["--will-cite", "--version"]),
    },
];

/// To build for arm64 and to run what was built.
pub const ARM64: &[Prerequisite] = &[
    Prerequisite {
        name: "arm64 linker",
        reason: "links tests for arm64",
        packages: &["gcc-aarch64-linux-gnu", "libc6-dev-arm64-cross"],
        optional: true,
        present: || {
            runs("aarch64-linux-gnu-gcc", &["--version"])
                && Path::new("/usr/aarch64-linux-gnu/lib/ld-linux-aarch64.so.1").exists()
        },
    },
    Prerequisite {
        name: "arm64 emulator",
        reason: "runs tests for arm64",
        packages: &["qemu-user-static"],
        optional: true,
        present: || runs("qemu-aarch64-static", &["--version"]),
    },
];

/// To make images of boards.
pub const IMAGES: &[Prerequisite] = &[
    Prerequisite {
        name: "mmdebstrap",
        reason: "fetches a minimal Debian",
        packages: &["mmdebstrap"],
        optional: false,
        present: || runs("mmdebstrap", &["--version"]),
    },
    Prerequisite {
        name: "file systems' tools",
        reason: "make the root, the boot partition and the hash tree",
        packages: &[
            "squashfs-tools",
            "mtools",
            "dosfstools",
            "cryptsetup-bin",
            "fdisk",
        ],
        optional: false,
        present: || {
            runs("mksquashfs", &["-version"])
                && runs("mcopy", &["--version"])
                && runs("mkfs.vfat", &["--help"])
                && runs("veritysetup", &["--version"])
                && runs("sfdisk", &["--version"])
        },
    },
    Prerequisite {
        name: "archivers",
        reason: "pack the first program's disk and the image",
        packages: &["cpio", "zstd", "xz-utils", "kmod", "binutils", "bmap-tools"],
        optional: false,
        present: || {
            runs("cpio", &["--version"])
                && runs("bmaptool", &["--version"])
                && runs("zstd", &["--version"])
                && runs("xz", &["--version"])
                && runs("depmod", &["--version"])
                && runs("readelf", &["--version"])
        },
    },
    Prerequisite {
        name: "RAUC",
        reason: "makes and signs updates",
        packages: &["rauc", "openssl"],
        optional: false,
        present: || runs("rauc", &["--version"]) && runs("openssl", &["version"]),
    },
];

/// To make images for arm64 elsewhere: Debian's packages are set up by their own scripts, which run programs for arm64.
pub const IMAGES_ARM64: &[Prerequisite] = &[
    Prerequisite {
        name: "arm64 emulator",
        reason: "runs what sets up Debian's packages",
        packages: &["qemu-user-static"],
        optional: false,
        present: || runs("qemu-aarch64-static", &["--version"]),
    },
    Prerequisite {
        name: "arch-test",
        reason: "tells mmdebstrap that such programs run here",
        packages: &["arch-test"],
        optional: false,
        present: || runs("arch-test", &["-n"]),
    },
];

/// To boot them.
pub const EMULATION: &[Prerequisite] = &[
    Prerequisite {
        name: "emulator",
        reason: "is the virtual kiosk",
        packages: &["qemu-system-x86"],
        optional: true,
        present: || runs("qemu-system-x86_64", &["--version"]),
    },
    Prerequisite {
        name: "UEFI firmware",
        reason: "starts the virtual kiosk",
        packages: &["ovmf"],
        optional: true,
        present: || Path::new("/usr/share/OVMF/OVMF_CODE_4M.fd").exists(),
    },
];

/// To boot those for arm64.
pub const EMULATION_ARM64: &[Prerequisite] = &[
    Prerequisite {
        name: "arm64 machine's emulator",
        reason: "is the virtual kiosk",
        packages: &["qemu-system-arm"],
        optional: true,
        present: || runs("qemu-system-aarch64", &["--version"]),
    },
    Prerequisite {
        name: "arm64 UEFI firmware",
        reason: "starts the virtual kiosk",
        packages: &["qemu-efi-aarch64"],
        optional: true,
        present: || Path::new("/usr/share/AAVMF/AAVMF_CODE.fd").exists(),
    },
];

/// To count instructions.
pub const COUNTING: &[Prerequisite] = &[Prerequisite {
    name: "valgrind",
    reason: "counts the instructions of the integer engine",
    packages: &["valgrind"],
    optional: true,
    present: || runs("valgrind", &["--version"]),
}];

/// To build libFuzzer.
pub const FUZZING: &[Prerequisite] = &[Prerequisite {
    name: "C++ compiler",
    reason: "builds libFuzzer",
    packages: &["build-essential"],
    optional: true,
    present: || runs("c++", &["--version"]),
}];

/// Whether the command runs and ends well.
pub fn runs(program: &str, arguments: &[&str]) -> bool {
    Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// Looks where bindgen's loader (clang-sys) looks.
fn libclang() -> bool {
    let mut folders: Vec<std::path::PathBuf> = Vec::new();
    if let Some(path) = std::env::var_os("LIBCLANG_PATH") {
        let path = std::path::PathBuf::from(path);
        if path.is_file() {
            return true;
        }
        folders.push(path);
    }
    for folder in ["/usr/lib", "/usr/lib64", "/usr/local/lib"] {
        folders.push(folder.into());
        let Ok(entries) = std::fs::read_dir(folder) else {
            continue;
        };
        for entry in entries.flatten() {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            if name.starts_with("llvm") {
                folders.push(entry.path().join("lib"));
                folders.push(entry.path().join("lib64"));
            } else if name.contains("-linux-gnu") {
                folders.push(entry.path());
            }
        }
    }
    folders.iter().any(|folder| {
        std::fs::read_dir(folder).is_ok_and(|entries| {
            entries.flatten().any(|entry| {
                let name = entry.file_name();
                let name = name.to_string_lossy();
                // Debian's versioned `libclang-cpp.so.14` is another library.
                (name.starts_with("libclang.so") || name.starts_with("libclang-"))
                    && name.contains(".so")
                    && !name.contains("cpp")
            })
        })
    })
}

/// How packages can be installed here.
fn installer() -> Option<Vec<&'static str>> {
    if !runs("apt-get", &["--version"]) {
        return None;
    }
    let root = Command::new("id")
        .arg("-u")
        .output()
        .is_ok_and(|out| out.stdout.trim_ascii() == b"0");
    if root {
        Some(vec!["apt-get"])
    } else if runs("sudo", &["-n", "true"]) {
        Some(vec!["sudo", "-n", "apt-get"])
    } else {
        None
    }
}

fn apt(command: &[&str], arguments: &[&str]) -> bool {
    let Some((program, before)) = command.split_first() else {
        return false;
    };
    let arguments: Vec<&str> = before.iter().chain(arguments).copied().collect();
    println!("   $ {program} {}", arguments.join(" "));
    Command::new(program)
        .args(arguments)
        .env("DEBIAN_FRONTEND", "noninteractive")
        .stdin(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

fn install(command: &[&str], packages: &[&str]) -> bool {
    let mut arguments = vec!["install", "-y", "--no-install-recommends"];
    arguments.extend(packages);
    // A fresh machine may have no package lists yet, or old ones.
    apt(command, &arguments) || (apt(command, &["update"]) && apt(command, &arguments))
}

/// Probes the lists, installs what it can, and fails only if something needed is still missing.
pub fn ensure(lists: &[&[Prerequisite]]) -> Result<()> {
    let missing = missing_in_spite_of_installing(lists);
    let (optional, needed): (Vec<&Prerequisite>, Vec<&Prerequisite>) =
        missing.into_iter().partition(|wanted| wanted.optional);
    go_on_without(&optional);
    if needed.is_empty() {
        return Ok(());
    }
    bail!("{}", line_to_run(&needed));
}

/// Whether all of a step's prerequisites are there, if need be by now; the step is left out where not.
///
/// An error in continuous integration where they could have been installed: there nothing that can be
/// checked may be skipped.
pub fn available(list: &[Prerequisite]) -> Result<bool> {
    let missing = missing_in_spite_of_installing(&[list]);
    if missing.is_empty() {
        return Ok(true);
    }
    if continuous_integration() && installer().is_some() {
        bail!("{}", line_to_run(&missing));
    }
    go_on_without(&missing);
    Ok(false)
}

fn go_on_without(missing: &[&Prerequisite]) {
    for wanted in missing {
        println!(
            "   going on without {}; to have it: sudo apt-get install -y {}",
            wanted.name,
            wanted.packages.join(" ")
        );
    }
}

/// What is missing after an attempt to install it.
fn missing_in_spite_of_installing<'a>(lists: &[&'a [Prerequisite]]) -> Vec<&'a Prerequisite> {
    let mut missing: Vec<&Prerequisite> = lists
        .iter()
        .flat_map(|list| list.iter())
        .filter(|wanted| !(wanted.present)())
        .collect();
    if missing.is_empty() {
        return missing;
    }
    println!("── prerequisites");
    for wanted in &missing {
        println!("   {} is missing: {}", wanted.name, wanted.reason);
    }
    if let Some(command) = installer() {
        for wanted in &missing {
            install(&command, wanted.packages);
        }
    }
    missing.retain(|wanted| !(wanted.present)());
    missing
}

/// Whether Rust can build for a target, after an attempt to install what it needs.
///
/// An error in continuous integration where rustup could have installed it.
pub fn rust_target(target: &str) -> Result<bool> {
    let folder = Command::new("rustc")
        .args(["--print", "target-libdir", "--target", target])
        .output();
    let installed = folder.is_ok_and(|out| {
        let folder = String::from_utf8_lossy(&out.stdout);
        out.status.success() && Path::new(folder.trim()).is_dir()
    });
    if installed || runs("rustup", &["target", "add", target]) {
        return Ok(true);
    }
    println!("   cannot build for {target}; run: rustup target add {target}");
    if continuous_integration() && runs("rustup", &["--version"]) {
        bail!("cannot build for {target}; run: rustup target add {target}");
    }
    Ok(false)
}

/// Whether a machine runs this, not a person: such services set `CI`.
pub fn continuous_integration() -> bool {
    std::env::var("CI").is_ok_and(|value| !value.is_empty() && value != "false")
}

fn line_to_run(needed: &[&Prerequisite]) -> String {
    let names: Vec<&str> = needed.iter().map(|wanted| wanted.name).collect();
    let packages: Vec<&str> = needed
        .iter()
        .flat_map(|wanted| wanted.packages.iter().copied())
        .collect();
    format!(
        "missing: {}. On Debian or Ubuntu run this, then try again:\n\n    \
         sudo apt-get update && sudo apt-get install -y --no-install-recommends {}\n",
        names.join(", "),
        packages.join(" ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_to_run_names_every_package() {
        let all = [BUILD, MODELS, ARM64, COUNTING, FUZZING];
        let needed: Vec<&Prerequisite> = all.into_iter().flatten().collect();
        let line = line_to_run(&needed);
        for package in needed.iter().flat_map(|wanted| wanted.packages) {
            assert!(line.contains(package), "{package} is not in: {line}");
        }
    }

    #[test]
    fn what_cannot_run_is_absent() {
        assert!(runs("true", &[]));
        assert!(!runs("false", &[]));
        assert!(!runs("surely-no-such-program", &[]));
    }
}
