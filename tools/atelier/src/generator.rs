//! What draws a pack's portrait here: what a board would use, unless told otherwise.

use anyhow::{Result, bail};
use sfumato_generator::{Generator, Network, Rig};
use sfumato_pack::Pack;

/// Which generator to use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Choice {
    /// The network if the pack was baked, else the rig.
    #[default]
    Best,
    /// The network; refused where there is none.
    Network,
    /// The rig.
    Rig,
}

/// The chosen generator of a pack.
pub fn of(pack: &Pack, choice: Choice) -> Result<Box<dyn Generator>> {
    let rig = Rig::decode(&pack.rig)?;
    Ok(match (&pack.network, choice) {
        (Some(onnx), Choice::Best | Choice::Network) => Box::new(Network::load(onnx, rig)?),
        (None, Choice::Network) => bail!("the pack has no network; run `atelier bake` first"),
        _ => Box::new(rig),
    })
}
