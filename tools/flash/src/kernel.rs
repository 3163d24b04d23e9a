//! The two requests to a block device for which there is no safe call.
#![allow(unsafe_code)]

use rustix::ioctl::{NoArg, ioctl, opcode};
use std::io;
use std::os::fd::AsFd;

/// `BLKRRPART` of `linux/fs.h`.
const READ_PARTITIONS: rustix::ioctl::Opcode = opcode::none(0x12, 95);

/// `BLKFLSBUF` of `linux/fs.h`.
const FLUSH_BUFFERS: rustix::ioctl::Opcode = opcode::none(0x12, 97);

/// Asks the kernel to read the partition table again.
pub fn read_partitions(device: impl AsFd) -> io::Result<()> {
    // SAFETY: `BLKRRPART` takes no argument and touches no memory of this process; on what is no
    // block device the kernel answers with an error.
    let request = unsafe { NoArg::<READ_PARTITIONS>::new() };
    // SAFETY: as above.
    unsafe { ioctl(device, request) }.map_err(io::Error::from)
}

/// Asks the kernel to forget what it holds of a block device in memory.
pub fn flush_buffers(device: impl AsFd) -> io::Result<()> {
    // SAFETY: `BLKFLSBUF` takes no argument and touches no memory of this process; on what is no
    // block device the kernel answers with an error.
    let request = unsafe { NoArg::<FLUSH_BUFFERS>::new() };
    // SAFETY: as above.
    unsafe { ioctl(device, request) }.map_err(io::Error::from)
}
