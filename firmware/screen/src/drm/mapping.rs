//! A display's buffer in our memory.
//!
//! The `drm` crate's own mapping borrows the buffer, so that the two cannot be kept together, and
//! panics if it cannot be undone; this one is owned and lets go quietly.
#![allow(unsafe_code)]

use rustix::mm::{MapFlags, ProtFlags, mmap, munmap};
use sfumato_core::pixels::Xrgb;
use std::ffi::c_void;
use std::io;
use std::os::fd::BorrowedFd;
use std::ptr::NonNull;

/// A mapped buffer of pixels.
pub(super) struct Mapping {
    start: NonNull<c_void>,
    bytes: usize,
}

// SAFETY: the mapping belongs to this value alone, and memory does not care which thread uses it.
unsafe impl Send for Mapping {}

impl Mapping {
    /// Maps `bytes` bytes of the card at `offset`, as the driver names them for a buffer.
    pub(super) fn new(card: BorrowedFd<'_>, bytes: usize, offset: u64) -> io::Result<Self> {
        let access = ProtFlags::READ | ProtFlags::WRITE;
        // SAFETY: a new mapping at an address the kernel chooses cannot touch memory in use.
        let start = unsafe {
            mmap(
                std::ptr::null_mut(),
                bytes,
                access,
                MapFlags::SHARED,
                card,
                offset,
            )
        }?;
        match NonNull::new(start) {
            Some(start) => Ok(Mapping { start, bytes }),
            None => Err(io::ErrorKind::OutOfMemory.into()),
        }
    }

    /// The buffer as pixels.
    pub(super) fn pixels(&mut self) -> &mut [Xrgb] {
        // SAFETY: start and length are those of a living mapping of readable and writable bytes,
        // aligned to a page; every bit pattern is a pixel; `&mut self` makes it the only slice. The
        // display reads the memory too, but no other code of this process does.
        unsafe {
            std::slice::from_raw_parts_mut(
                self.start.as_ptr().cast::<Xrgb>(),
                self.bytes / size_of::<Xrgb>(),
            )
        }
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        // SAFETY: the mapping was made by `new`, is unmapped once, and no slice of it outlives it.
        // It cannot be refused for a mapping that exists, and if it were, nothing could be done.
        let _ = unsafe { munmap(self.start.as_ptr(), self.bytes) };
    }
}
