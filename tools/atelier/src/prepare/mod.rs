//! `atelier prepare`: from a picture of a painting to a pack.
//!
//! Finds the painted face, builds its rig and layers, writes the pack, and shows its work: a
//! folder of pictures beside the pack, one for every step, so that a person can judge whether the
//! program saw lids, lips and iris where the painter put them.

mod further;
pub(crate) mod search;

use crate::picture::Picture as Decoded;
use crate::preview::write_png;
use anyhow::{Context, Result, bail};
use sfumato_faces::{Perception, store};
use sfumato_pack::{Manifest, Pack};
use std::path::{Path, PathBuf};

/// What `atelier prepare` is told.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// A picture of a painting; of several, each gets a pack of its own.
    #[arg(required = true, value_name = "IMAGE")]
    pub images: Vec<PathBuf>,
    /// The pack to write; with several pictures, the folder for their packs.
    #[arg(short, long, value_name = "FILE.pack")]
    pub output: PathBuf,
    /// Which face, counted from the widest, when the painting shows several.
    #[arg(long, value_name = "N")]
    pub face: Option<usize>,
    /// The work's title; the file's name without it.
    #[arg(long)]
    pub title: Option<String>,
    /// A further picture of the same sitter, a photograph or a painting by the same hand: it tells how this very face moves,
    /// what its mouth holds and how its shut lids look. As often as there are pictures, or a folder of them.
    #[arg(long, value_name = "PICTURE")]
    pub also: Vec<PathBuf>,
    /// Where the pictures of every step go; beside the pack without it.
    #[arg(long, value_name = "FOLDER")]
    pub proofs: Option<PathBuf>,
    /// The folder of the face models instead of the cache.
    #[arg(long, value_name = "FOLDER")]
    pub models: Option<PathBuf>,
}

/// Runs `atelier prepare`.
pub fn run(arguments: Arguments) -> Result<()> {
    let folder = arguments
        .models
        .clone()
        .unwrap_or_else(store::default_folder);
    let mut perception = Perception::load(&folder)?;
    if let [image] = arguments.images.as_slice() {
        return prepare(image, &arguments.output, &arguments, &mut perception);
    }
    if arguments.title.is_some() || arguments.face.is_some() || !arguments.also.is_empty() {
        bail!("--title, --face and --also go with one picture; prepare the pictures one by one");
    }
    std::fs::create_dir_all(&arguments.output)
        .with_context(|| format!("cannot make the folder {}", arguments.output.display()))?;
    for image in &arguments.images {
        let output = arguments.output.join(stem(image)).with_extension("pack");
        prepare(image, &output, &arguments, &mut perception)?;
    }
    Ok(())
}

fn prepare(
    image: &Path,
    output: &Path,
    arguments: &Arguments,
    perception: &mut Perception,
) -> Result<()> {
    let name = image.display();
    eprintln!("{name}: reading");
    let decoded = Decoded::read(image)?;
    let faces = search::faces(decoded.pixels()?, perception)?;
    let number = match (faces.len(), arguments.face) {
        (0, _) => bail!(
            "{name}: no face found; the painting must show one face, upright, not in full \
             profile, and at least {} pixels wide",
            sfumato_prepare::LEAST_FACE
        ),
        (count, Some(wanted)) if wanted == 0 || wanted > count => {
            bail!("{name}: --face {wanted}: the painting shows {count}; count from 1, widest first")
        }
        (_, Some(wanted)) => wanted - 1,
        (1, None) => 0,
        (count, None) => bail!(
            "{name}: {count} faces found; say which one shall live: --face 1 for the widest \
             ({}), up to --face {count}",
            faces
                .iter()
                .map(search::place)
                .collect::<Vec<_>>()
                .join(", ")
        ),
    };
    let face = &faces[number];
    eprintln!("{name}: preparing the face at {}", search::place(face));
    let mut prepared = sfumato_prepare::prepare(decoded.painting()?, &face.landmarks)
        .with_context(|| format!("{name} cannot be prepared"))?;
    further::listen(&mut prepared, face, &arguments.also, perception)?;
    let title = arguments.title.clone().unwrap_or_else(|| stem(image));
    let mut manifest = Manifest::new(&title);
    let bytes = std::fs::read(image).with_context(|| format!("cannot read {name}"))?;
    manifest.source_sha256 = store::sha256(&bytes);
    let pack = Pack {
        manifest,
        portrait: prepared.portrait,
        rig: prepared.model.encode(),
        network: None,
    };
    if let Some(folder) = output
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
    {
        std::fs::create_dir_all(folder)
            .with_context(|| format!("cannot make the folder {}", folder.display()))?;
    }
    pack.write(output)?;
    let proofs = arguments
        .proofs
        .clone()
        .unwrap_or_else(|| output.with_extension("proofs"));
    std::fs::create_dir_all(&proofs)
        .with_context(|| format!("cannot make the folder {}", proofs.display()))?;
    for proof in &prepared.proofs {
        write_png(
            &proofs.join(&proof.name).with_extension("png"),
            &proof.picture,
        )?;
    }
    eprintln!("{name}: wrote {}", output.display());
    eprintln!("{name}: look at the pictures in {}", proofs.display());
    Ok(())
}

fn stem(path: &Path) -> String {
    path.file_stem()
        .map_or_else(|| "painting".into(), |s| s.to_string_lossy().into_owned())
}
