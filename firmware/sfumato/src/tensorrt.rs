//! The pack's network on TensorRT, where the settings ask for it and the program was built with it.

#[cfg(feature = "tensorrt")]
use crate::log::say;
use crate::options::TensorRt;
use anyhow::Result;
use sfumato_generator::{Network, Rig};

/// The network run as `settings` say, held to `pack`, the pack's own.
///
/// TensorRT builds its engine the first time, which takes minutes.
#[cfg(feature = "tensorrt")]
pub fn network(settings: &TensorRt, pack: &[u8], rig: Rig) -> Result<Network> {
    use anyhow::Context;
    use sfumato_infer::quantised::Description;
    use sfumato_infer::runtime::{Provider, Runtime};
    let onnx = std::fs::read(&settings.network).with_context(|| {
        let path = settings.network.display();
        format!("{path} cannot be read; `atelier export --tensorrt` writes it")
    })?;
    std::fs::create_dir_all(&settings.cache)
        .with_context(|| format!("{} cannot be made", settings.cache.display()))?;
    let description = Description::read(pack)?;
    let (library, cache) = (&settings.library, &settings.cache);
    let runtime = Runtime::load(library, &onnx, &description, cache, &Provider::ALL)?;
    for cause in runtime.declined() {
        say!("{cause}");
    }
    Ok(Network::new(Box::new(runtime), rig)?)
}

/// The same in a program that was built without.
#[cfg(not(feature = "tensorrt"))]
pub fn network(_: &TensorRt, _: &[u8], _: Rig) -> Result<Network> {
    anyhow::bail!(
        "this program was built without TensorRT; build it with `--features tensorrt` or leave [tensorrt] \
         out of the settings"
    )
}
