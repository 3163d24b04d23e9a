//! Whether a file is an ONNX Runtime that `ort` can open.
//!
//! `ort` is asked to open a library only once that has been seen to work: where it fails itself, it waits for
//! itself for ever (2.0.0-rc.12, making its error).

#![allow(unsafe_code)]

use libloading::{Library, Symbol};
use ort::sys::OrtApiBase;
use std::ffi::CStr;
use std::path::Path;

/// The library's version, for example `1.32.0`; or why it is none that will do.
pub fn probe(path: &Path) -> Result<String, String> {
    // SAFETY: opening a library runs its initialisers. The path is the installation's own setting, as is
    // the program itself, and `ort` opens the same file next.
    let library = unsafe { Library::new(path) }.map_err(|error| error.to_string())?;
    // SAFETY: ONNX Runtime declares the symbol with this type (onnxruntime_c_api.h); no other
    // library is known to export one of its name.
    let base: Symbol<'_, unsafe extern "C" fn() -> *const OrtApiBase> =
        unsafe { library.get(b"OrtGetApiBase") }.map_err(|error| error.to_string())?;
    // SAFETY: it takes nothing and may be called at any time.
    let base = unsafe { base() };
    // SAFETY: the header promises a structure that lives as long as the library, which is open.
    let base = unsafe { base.as_ref() }.ok_or("it has no interface")?;
    // SAFETY: the function takes nothing, and its answer is text in the library's constants.
    let version = unsafe { CStr::from_ptr((base.GetVersionString)()) };
    let version = version.to_string_lossy().into_owned();
    let minor = version
        .split('.')
        .nth(1)
        .and_then(|m| m.parse::<u32>().ok());
    if minor.is_some_and(|minor| minor >= ort::MINOR_VERSION) {
        Ok(version)
    } else {
        Err(format!(
            "it is version {version}, 1.{} or later is needed",
            ort::MINOR_VERSION
        ))
    }
}
