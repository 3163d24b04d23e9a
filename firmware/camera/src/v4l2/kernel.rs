//! The kernel's V4L2 interface, and the only module that speaks it.
//!
//! Uses the structures and request codes of the `v4l` crate but none of its devices and streams:
//! those wait for ever by default, do not look at what `poll` reports, and panic when a device
//! fails while they are dropped. Here every wait has an end, and letting go never fails.

use super::driver::{Driver, Filled, FourCc, Interval, Intervals, Ready, Setting, Sizes};
use crate::convert::Colour;
use rustix::event::{PollFd, PollFlags, poll};
use rustix::fs::{Mode, OFlags};
use rustix::mm::{MapFlags, ProtFlags};
use rustix::time::{ClockId, Timespec, clock_gettime};
use sfumato_core::time::Micros;
use std::ffi::c_void;
use std::io;
use std::mem;
use std::os::fd::{AsRawFd, OwnedFd};
use std::path::Path;
use std::ptr::NonNull;
use std::time::{Duration, Instant};
use v4l::v4l_sys as sys;
use v4l::v4l2::vidioc;

// Values of linux/videodev2.h that the generated constants do not carry in a usable type.
const CAPTURE: u32 = 1;
const CAPTURE_PLANES: u32 = 9;
const MEMORY_MMAP: u32 = 1;
const CAPABILITY_CAPTURE: u32 = 0x1;
const CAPABILITY_CAPTURE_PLANES: u32 = 0x1000;
const CAPABILITY_STREAMING: u32 = 0x0400_0000;
const CAPABILITY_DEVICE_CAPS: u32 = 0x8000_0000;
const FLAG_ERROR: u32 = 0x40;
const FLAG_TIMESTAMP_MASK: u32 = 0xe000;
const FLAG_TIMESTAMP_MONOTONIC: u32 = 0x2000;
const SIZE_DISCRETE: u32 = 1;
const CONTROL_DISABLED: u32 = 0x1;
const COLORSPACE_REC709: u32 = 3;
const COLORSPACE_JPEG: u32 = 7;
const ENCODING_601: u32 = 1;
const ENCODING_709: u32 = 2;
const QUANTIZATION_FULL: u32 = 1;

/// No driver has more formats, sizes or rates than this; a longer list is a driver in a loop.
const LONGEST_LIST: u32 = 512;

/// An open capture device.
pub(crate) struct Kernel {
    device: OwnedFd,
    name: String,
    /// `CAPTURE` or `CAPTURE_PLANES`.
    kind: u32,
    buffers: Vec<Mapping>,
}

/// A buffer of the driver in our memory.
struct Mapping {
    start: NonNull<c_void>,
    length: usize,
}

// SAFETY: the mapping belongs to this value alone, and memory does not care which thread reads it.
#[allow(unsafe_code)]
unsafe impl Send for Mapping {}

impl Mapping {
    #[allow(unsafe_code)]
    fn new(device: &OwnedFd, length: usize, offset: u64) -> io::Result<Self> {
        // SAFETY: a new mapping at an address the kernel chooses cannot touch memory in use.
        let start = unsafe {
            rustix::mm::mmap(
                std::ptr::null_mut(),
                length,
                ProtFlags::READ | ProtFlags::WRITE,
                MapFlags::SHARED,
                device,
                offset,
            )
        }?;
        NonNull::new(start)
            .map(|start| Mapping { start, length })
            .ok_or_else(|| io::ErrorKind::OutOfMemory.into())
    }

    #[allow(unsafe_code)]
    fn bytes(&self) -> &[u8] {
        // SAFETY: start and length are those of a living mapping of readable bytes. The driver
        // writes into it only while the buffer is queued; `Driver::bytes` asks for a dequeued one.
        // A driver that writes all the same gives a torn picture: the bytes are read, not trusted.
        unsafe { std::slice::from_raw_parts(self.start.as_ptr().cast::<u8>(), self.length) }
    }
}

impl Drop for Mapping {
    #[allow(unsafe_code)]
    fn drop(&mut self) {
        // SAFETY: the mapping was made by `new`, is unmapped once, and no slice of it outlives it.
        // It cannot be refused for a mapping that exists, and if it were, nothing could be done.
        let _ = unsafe { rustix::mm::munmap(self.start.as_ptr(), self.length) };
    }
}

/// A structure of linux/videodev2.h filled with zeros.
///
/// # Safety
///
/// `T` must be a plain C structure for which all bits zero is a value.
#[allow(unsafe_code)]
unsafe fn zeroed<T>() -> T {
    // SAFETY: promised by the caller.
    unsafe { mem::zeroed() }
}

/// Zeroed V4L2 structures by name, for the few that are used here.
macro_rules! zeroed {
    ($structure:ident) => {{
        #[allow(unsafe_code)]
        // SAFETY: generated from the C header: integers, arrays, pointers and unions of these.
        let value: sys::$structure = unsafe { zeroed() };
        value
    }};
}

impl Kernel {
    /// Opens a device that can capture by streaming.
    pub(crate) fn open(node: &Path) -> io::Result<Self> {
        let flags = OFlags::RDWR | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let device = rustix::fs::open(node, flags, Mode::empty())?;
        let mut kernel = Kernel {
            device,
            name: String::new(),
            kind: CAPTURE,
            buffers: Vec::new(),
        };
        let mut capability = zeroed!(v4l2_capability);
        kernel.call(vidioc::VIDIOC_QUERYCAP, &mut capability)?;
        let card: Vec<u8> = capability
            .card
            .iter()
            .copied()
            .take_while(|byte| *byte != 0)
            .collect();
        kernel.name = String::from_utf8_lossy(&card).into_owned();
        let capabilities = if capability.capabilities & CAPABILITY_DEVICE_CAPS != 0 {
            capability.device_caps
        } else {
            capability.capabilities
        };
        let refuse = |what: &str| {
            Err(io::Error::new(
                io::ErrorKind::Unsupported,
                format!("{} {what}", node.display()),
            ))
        };
        if capabilities & CAPABILITY_STREAMING == 0 {
            return refuse("cannot stream");
        }
        if capabilities & CAPABILITY_CAPTURE != 0 {
            Ok(kernel)
        } else if capabilities & CAPABILITY_CAPTURE_PLANES != 0 {
            kernel.kind = CAPTURE_PLANES;
            Ok(kernel)
        } else {
            refuse("is not a camera")
        }
    }

    fn planes(&self) -> bool {
        self.kind == CAPTURE_PLANES
    }

    /// One request to the driver; `argument` is read and written.
    #[allow(unsafe_code)]
    fn call<T>(&self, request: vidioc::_IOC_TYPE, argument: &mut T) -> io::Result<()> {
        // The request carries the size of its argument: bits 16 to 29.
        if (request as usize >> 16) & 0x3fff != size_of::<T>() {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        loop {
            // SAFETY: the argument is alive, writable and of the size that the request names, so
            // the kernel stays within it. Pointers inside (planes) point to living arrays of the
            // length given beside them, see the callers.
            let called = unsafe {
                v4l::v4l2::ioctl(
                    self.device.as_raw_fd(),
                    request,
                    std::ptr::from_mut(argument).cast(),
                )
            };
            match called {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                called => return called,
            }
        }
    }

    /// Repeats an enumerating request until the driver has no more.
    fn list<T>(&self, mut one: impl FnMut(&Self, u32) -> io::Result<T>) -> io::Result<Vec<T>> {
        let mut list = Vec::new();
        for index in 0..LONGEST_LIST {
            match one(self, index) {
                Ok(item) => list.push(item),
                Err(error) if error.kind() == io::ErrorKind::InvalidInput => break,
                // Drivers without the request at all.
                Err(error) if is(&error, rustix::io::Errno::NOTTY) => break,
                Err(error) => return Err(error),
            }
        }
        Ok(list)
    }

    /// Calls a buffer request, with or without planes.
    fn buffer_call(
        &self,
        request: vidioc::_IOC_TYPE,
        index: u32,
    ) -> io::Result<(sys::v4l2_buffer, sys::v4l2_plane)> {
        let mut plane = zeroed!(v4l2_plane);
        let mut buffer = zeroed!(v4l2_buffer);
        buffer.index = index;
        buffer.type_ = self.kind;
        buffer.memory = MEMORY_MMAP;
        if self.planes() {
            buffer.length = 1;
            buffer.m.planes = &raw mut plane;
        }
        self.call(request, &mut buffer)?;
        Ok((buffer, plane))
    }

    fn stream(&self, request: vidioc::_IOC_TYPE) -> io::Result<()> {
        let mut kind = self.kind as std::ffi::c_int;
        self.call(request, &mut kind)
    }

    fn request_buffers(&self, count: u32) -> io::Result<u32> {
        let mut request = zeroed!(v4l2_requestbuffers);
        request.count = count;
        request.type_ = self.kind;
        request.memory = MEMORY_MMAP;
        self.call(vidioc::VIDIOC_REQBUFS, &mut request)?;
        Ok(request.count)
    }
}

fn is(error: &io::Error, errno: rustix::io::Errno) -> bool {
    error.raw_os_error() == Some(errno.raw_os_error())
}

fn code(format: FourCc) -> u32 {
    u32::from_le_bytes(format.0)
}

/// The rules of the kernel's documentation for what a driver leaves at its default.
fn colour(colorspace: u32, encoding: u32, quantization: u32) -> Colour {
    Colour {
        bt709: match encoding {
            ENCODING_601 => false,
            ENCODING_709 => true,
            _ => colorspace == COLORSPACE_REC709,
        },
        full_range: match quantization {
            0 => colorspace == COLORSPACE_JPEG,
            quantization => quantization == QUANTIZATION_FULL,
        },
    }
}

impl Driver for Kernel {
    fn name(&self) -> String {
        self.name.clone()
    }

    fn formats(&mut self) -> io::Result<Vec<FourCc>> {
        self.list(|kernel, index| {
            let mut description = zeroed!(v4l2_fmtdesc);
            description.index = index;
            description.type_ = kernel.kind;
            kernel.call(vidioc::VIDIOC_ENUM_FMT, &mut description)?;
            Ok(FourCc(description.pixelformat.to_le_bytes()))
        })
    }

    fn sizes(&mut self, format: FourCc) -> io::Result<Sizes> {
        let mut range = None;
        let list = self.list(|kernel, index| {
            let mut size = zeroed!(v4l2_frmsizeenum);
            size.index = index;
            size.pixel_format = code(format);
            kernel.call(vidioc::VIDIOC_ENUM_FRAMESIZES, &mut size)?;
            #[allow(unsafe_code)]
            if size.type_ == SIZE_DISCRETE {
                // SAFETY: every member of the union is plain integers, zeroed above.
                let size = unsafe { size.__bindgen_anon_1.discrete };
                Ok((size.width, size.height))
            } else {
                // SAFETY: as above.
                let steps = unsafe { size.__bindgen_anon_1.stepwise };
                range = Some(Sizes::Range {
                    least: (steps.min_width, steps.min_height),
                    most: (steps.max_width, steps.max_height),
                    step: (steps.step_width, steps.step_height),
                });
                // A range is a list of one.
                Err(io::ErrorKind::InvalidInput.into())
            }
        })?;
        Ok(match range {
            Some(range) => range,
            None if list.is_empty() => Sizes::Unknown,
            None => Sizes::List(list),
        })
    }

    fn intervals(&mut self, format: FourCc, (width, height): (u32, u32)) -> io::Result<Intervals> {
        let mut range = None;
        let interval = |fraction: sys::v4l2_fract| Interval {
            over: fraction.numerator,
            under: fraction.denominator,
        };
        let list = self.list(|kernel, index| {
            let mut found = zeroed!(v4l2_frmivalenum);
            found.index = index;
            found.pixel_format = code(format);
            found.width = width;
            found.height = height;
            kernel.call(vidioc::VIDIOC_ENUM_FRAMEINTERVALS, &mut found)?;
            #[allow(unsafe_code)]
            if found.type_ == SIZE_DISCRETE {
                // SAFETY: every member of the union is plain integers, zeroed above.
                Ok(interval(unsafe { found.__bindgen_anon_1.discrete }))
            } else {
                // SAFETY: as above.
                let steps = unsafe { found.__bindgen_anon_1.stepwise };
                range = Some(Intervals::Range {
                    shortest: interval(steps.min),
                    longest: interval(steps.max),
                });
                Err(io::ErrorKind::InvalidInput.into())
            }
        })?;
        Ok(match range {
            Some(range) => range,
            None if list.is_empty() => Intervals::Unknown,
            None => Intervals::List(list),
        })
    }

    fn set_format(&mut self, format: FourCc, (width, height): (u32, u32)) -> io::Result<Setting> {
        let mut wanted = zeroed!(v4l2_format);
        wanted.type_ = self.kind;
        // Stride and size stay zero: drivers keep an old value otherwise.
        if self.planes() {
            let mut planes = zeroed!(v4l2_pix_format_mplane);
            planes.pixelformat = code(format);
            planes.width = width;
            planes.height = height;
            planes.num_planes = 1;
            wanted.fmt.pix_mp = planes;
        } else {
            let mut picture = zeroed!(v4l2_pix_format);
            picture.pixelformat = code(format);
            picture.width = width;
            picture.height = height;
            wanted.fmt.pix = picture;
        }
        self.call(vidioc::VIDIOC_S_FMT, &mut wanted)?;
        #[allow(unsafe_code)]
        if self.planes() {
            // SAFETY: plain integers, filled in by the driver for this kind of buffer.
            let planes = unsafe { wanted.fmt.pix_mp };
            if planes.num_planes != 1 {
                return Err(io::ErrorKind::InvalidInput.into());
            }
            // The structure is packed: copy before looking.
            let plane = planes.plane_fmt[0];
            // SAFETY: as above.
            let encoding = unsafe { planes.__bindgen_anon_1.ycbcr_enc };
            Ok(Setting {
                format: FourCc(planes.pixelformat.to_le_bytes()),
                width: planes.width,
                height: planes.height,
                stride: plane.bytesperline,
                colour: colour(
                    planes.colorspace,
                    u32::from(encoding),
                    u32::from(planes.quantization),
                ),
            })
        } else {
            // SAFETY: plain integers, filled in by the driver for this kind of buffer.
            let picture = unsafe { wanted.fmt.pix };
            // SAFETY: as above.
            let encoding = unsafe { picture.__bindgen_anon_1.ycbcr_enc };
            Ok(Setting {
                format: FourCc(picture.pixelformat.to_le_bytes()),
                width: picture.width,
                height: picture.height,
                stride: picture.bytesperline,
                colour: colour(picture.colorspace, encoding, picture.quantization),
            })
        }
    }

    fn set_interval(&mut self, interval: Interval) -> io::Result<Interval> {
        let mut wanted = zeroed!(v4l2_streamparm);
        wanted.type_ = self.kind;
        let mut capture = zeroed!(v4l2_captureparm);
        capture.timeperframe.numerator = interval.over;
        capture.timeperframe.denominator = interval.under;
        wanted.parm.capture = capture;
        self.call(vidioc::VIDIOC_S_PARM, &mut wanted)?;
        #[allow(unsafe_code)]
        // SAFETY: plain integers, filled in by the driver for this kind of buffer.
        let set = unsafe { wanted.parm.capture }.timeperframe;
        Ok(Interval {
            over: set.numerator,
            under: set.denominator,
        })
    }

    fn start(&mut self, buffers: u32) -> io::Result<u32> {
        self.stop();
        let count = self.request_buffers(buffers)?;
        for index in 0..count {
            let (buffer, plane) = self.buffer_call(vidioc::VIDIOC_QUERYBUF, index)?;
            #[allow(unsafe_code)]
            let (length, offset) = if self.planes() {
                // SAFETY: the driver fills in the offset for memory of this kind.
                (plane.length, unsafe { plane.m.mem_offset })
            } else {
                // SAFETY: as above.
                (buffer.length, unsafe { buffer.m.offset })
            };
            let mapping = Mapping::new(&self.device, length as usize, u64::from(offset))?;
            self.buffers.push(mapping);
        }
        for index in 0..count {
            self.queue(index)?;
        }
        self.stream(vidioc::VIDIOC_STREAMON)?;
        Ok(count)
    }

    fn stop(&mut self) {
        // All three fail on a device that is gone, when there is nothing left to stop.
        let _ = self.stream(vidioc::VIDIOC_STREAMOFF);
        self.buffers.clear();
        let _ = self.request_buffers(0);
    }

    fn wait(&mut self, timeout: Duration) -> io::Result<Ready> {
        let deadline = Instant::now().checked_add(timeout);
        loop {
            let left =
                deadline.map_or(timeout, |end| end.saturating_duration_since(Instant::now()));
            let limit = Timespec {
                tv_sec: i64::try_from(left.as_secs()).unwrap_or(i64::MAX),
                tv_nsec: left.subsec_nanos().into(),
            };
            let mut ask = [PollFd::new(&self.device, PollFlags::IN)];
            match poll(&mut ask, Some(&limit)) {
                Ok(0) => return Ok(Ready::TimedOut),
                Ok(_) => {
                    let [answer] = &ask;
                    let answer = answer.revents();
                    let failed = PollFlags::ERR | PollFlags::HUP | PollFlags::NVAL;
                    return Ok(if answer.intersects(failed) {
                        Ready::Failed
                    } else {
                        Ready::Yes
                    });
                }
                Err(rustix::io::Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    fn dequeue(&mut self) -> io::Result<Option<Filled>> {
        let (buffer, plane) = match self.buffer_call(vidioc::VIDIOC_DQBUF, 0) {
            Ok(taken) => taken,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(None),
            Err(error) => return Err(error),
        };
        let (start, used) = if self.planes() {
            (plane.data_offset, plane.bytesused)
        } else {
            (0, buffer.bytesused)
        };
        let age = (buffer.flags & FLAG_TIMESTAMP_MASK == FLAG_TIMESTAMP_MONOTONIC).then(|| {
            let now = clock_gettime(ClockId::Monotonic);
            let now = now.tv_sec as i128 * 1_000_000 + now.tv_nsec as i128 / 1_000;
            let taken =
                buffer.timestamp.tv_sec as i128 * 1_000_000 + buffer.timestamp.tv_usec as i128;
            Micros(u64::try_from(now - taken).unwrap_or(0))
        });
        Ok(Some(Filled {
            index: buffer.index,
            start: start as usize,
            used: used as usize,
            sequence: buffer.sequence,
            damaged: buffer.flags & FLAG_ERROR != 0,
            age,
        }))
    }

    fn queue(&mut self, index: u32) -> io::Result<()> {
        self.buffer_call(vidioc::VIDIOC_QBUF, index).map(|_| ())
    }

    fn bytes(&self, filled: &Filled) -> &[u8] {
        let Some(mapping) = self.buffers.get(filled.index as usize) else {
            return &[];
        };
        let bytes = mapping.bytes();
        let end = filled.used.min(bytes.len());
        bytes.get(filled.start..end).unwrap_or(&[])
    }

    fn set_control(&mut self, id: u32, value: i32) -> io::Result<()> {
        let mut control = zeroed!(v4l2_control);
        control.id = id;
        control.value = value;
        self.call(vidioc::VIDIOC_S_CTRL, &mut control)
    }

    fn control(&mut self, id: u32) -> io::Result<i32> {
        let mut control = zeroed!(v4l2_control);
        control.id = id;
        self.call(vidioc::VIDIOC_G_CTRL, &mut control)?;
        Ok(control.value)
    }

    fn control_range(&mut self, id: u32) -> io::Result<(i32, i32)> {
        let mut query = zeroed!(v4l2_queryctrl);
        query.id = id;
        self.call(vidioc::VIDIOC_QUERYCTRL, &mut query)?;
        if query.flags & CONTROL_DISABLED != 0 {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        Ok((query.minimum, query.maximum))
    }
}

impl Drop for Kernel {
    fn drop(&mut self) {
        if !self.buffers.is_empty() {
            self.stop();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_camera_is_refused() {
        assert!(Kernel::open(Path::new("/dev/null")).is_err());
        assert!(Kernel::open(Path::new("/dev/no-such-camera")).is_err());
    }

    #[test]
    fn colours_follow_the_kernels_defaults() {
        let (srgb, default) = (8, 0);
        assert_eq!(colour(srgb, default, default), Colour::BT601);
        assert!(colour(COLORSPACE_REC709, default, default).bt709);
        assert!(!colour(COLORSPACE_REC709, ENCODING_601, default).bt709);
        assert!(colour(COLORSPACE_JPEG, default, default).full_range);
        assert!(!colour(COLORSPACE_JPEG, default, 2).full_range);
    }
}
