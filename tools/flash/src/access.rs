//! Whole reads and writes at any offset over a [`Target`], which knows only sectors and may do things by halves.

use crate::failure::{Doing, Failure};
use crate::target::Target;
use std::io;
use std::ops::Range;

/// A part of a device, widened to whole sectors.
fn widened(range: &Range<u64>, alignment: u64) -> Range<u64> {
    let alignment = alignment.max(1);
    range.start / alignment * alignment..range.end.div_ceil(alignment) * alignment
}

/// Writes all of it. What lies in a sector beside it stays.
pub fn write(target: &mut dyn Target, at: u64, bytes: &[u8]) -> Result<(), Failure> {
    let range = at..at + bytes.len() as u64;
    if range.end > target.size() {
        return Err(Failure::TooSmall {
            size: target.size(),
        });
    }
    let alignment = target.alignment();
    let whole = widened(&range, alignment);
    if whole == range {
        return write_sectors(target, at, bytes);
    }
    // Sectors at the edges that are only partly ours are read first.
    let head = range.start.next_multiple_of(alignment).min(range.end);
    let tail = (range.end / alignment * alignment).max(head);
    let (first, rest) = bytes.split_at((head - range.start) as usize);
    let (middle, last) = rest.split_at((tail - head) as usize);
    patch(target, range.start, first)?;
    write_sectors(target, head, middle)?;
    patch(target, tail, last)
}

/// Writes a part of one or two sectors.
fn patch(target: &mut dyn Target, at: u64, bytes: &[u8]) -> Result<(), Failure> {
    if bytes.is_empty() {
        return Ok(());
    }
    let whole = widened(&(at..at + bytes.len() as u64), target.alignment());
    let mut sectors = vec![0; (whole.end - whole.start) as usize];
    read_sectors(target, whole.start, &mut sectors)?;
    let skip = (at - whole.start) as usize;
    sectors[skip..skip + bytes.len()].copy_from_slice(bytes);
    write_sectors(target, whole.start, &sectors)
}

fn write_sectors(target: &mut dyn Target, at: u64, bytes: &[u8]) -> Result<(), Failure> {
    let alignment = target.alignment() as usize;
    let mut done = 0;
    while done < bytes.len() {
        let here = at + done as u64;
        let fail = |error| Failure::of(error, here, Doing::Writing);
        let taken = match target.write(here, &bytes[done..]) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            taken => taken.map_err(fail)?,
        };
        // A sector that was begun is written again.
        let taken = taken / alignment * alignment;
        if taken == 0 {
            return Err(fail(io::ErrorKind::WriteZero.into()));
        }
        done += taken;
    }
    Ok(())
}

/// Makes a range zeros, the fastest way that the target knows.
pub fn zero(target: &mut dyn Target, range: Range<u64>) -> Result<(), Failure> {
    static ZEROS: [u8; 1 << 16] = [0; 1 << 16];
    if range.end > target.size() {
        return Err(Failure::TooSmall {
            size: target.size(),
        });
    }
    if widened(&range, target.alignment()) == range {
        match target.zero(range.start, range.end - range.start) {
            Ok(()) => return Ok(()),
            Err(error) if error.kind() == io::ErrorKind::Unsupported => {}
            Err(error) => return Err(Failure::of(error, range.start, Doing::Writing)),
        }
    }
    let mut at = range.start;
    while at < range.end {
        let some = (range.end - at).min(ZEROS.len() as u64);
        write(target, at, &ZEROS[..some as usize])?;
        at += some;
    }
    Ok(())
}

/// Reads all of it, from the device.
pub fn read(
    target: &mut dyn Target,
    range: Range<u64>,
    room: &mut Vec<u8>,
) -> Result<Range<usize>, Failure> {
    let whole = widened(&range, target.alignment());
    room.resize((whole.end - whole.start) as usize, 0);
    read_sectors(target, whole.start, room)?;
    let skip = (range.start - whole.start) as usize;
    Ok(skip..skip + (range.end - range.start) as usize)
}

fn read_sectors(target: &mut dyn Target, at: u64, bytes: &mut [u8]) -> Result<(), Failure> {
    let alignment = target.alignment() as usize;
    let mut done = 0;
    while done < bytes.len() {
        let here = at + done as u64;
        let fail = |error| Failure::of(error, here, Doing::Reading);
        let came = match target.read(here, &mut bytes[done..]) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            came => came.map_err(fail)?,
        };
        let came = came / alignment * alignment;
        if came == 0 {
            return Err(fail(io::ErrorKind::UnexpectedEof.into()));
        }
        done += came;
    }
    Ok(())
}

/// Waits until all that was written is stored.
pub fn sync(target: &mut dyn Target, at: u64) -> Result<(), Failure> {
    target
        .sync()
        .map_err(|error| Failure::of(error, at, Doing::Storing))
}
