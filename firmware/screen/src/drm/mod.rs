//! `drm:`: the whole display, without a desktop, flipped in step with it.
//!
//! # Terms
//!
//! - A *connector* is a socket that a display may be plugged into, a *mode* a size and rate that
//!   display can show, a *CRTC* what reads a buffer and sends it out.
//! - A *dumb buffer* is memory that every driver can show and the processor can write.
//! - A *flip* makes the CRTC read another buffer from its next beat on; an event says when it did.
//!
//! The older requests (set CRTC, page flip) are used rather than atomic ones: one connector, one
//! picture, and no driver is without them.
//!
//! A display sleeps by its connector's property DPMS, which stops the signal. Setting the CRTC wakes
//! it, so waking is left to the next picture presented: no old one is seen. While it sleeps nobody
//! looks for it, since many displays let go of the cable when the signal ends, and taking that for
//! an unplugged display would light it again when it comes back.
//!
//! Whoever drops the screen gets the console back: what the CRTC showed before is set again, and
//! when the card is closed the kernel brings its own console back.

mod chain;
mod mapping;

use crate::beat::Beat;
use crate::{Counters, Flip, Mode, Power, Presented, Screen, ScreenError, SharedClock};
use chain::Chain;
use drm::Device;
use drm::buffer::{Buffer as _, DrmFourcc};
use drm::control::{
    self, Device as _, Event, ModeTypeFlags, PageFlipFlags, connector, crtc,
    dumbbuffer::DumbBuffer, framebuffer,
};
use mapping::Mapping;
use rustix::event::{PollFd, PollFlags, poll};
use rustix::fs::{Mode as FileMode, OFlags};
use rustix::io::Errno;
use rustix::time::{ClockId, Timespec, clock_gettime};
use sfumato_core::pixels::{PixelsMut, Xrgb};
use sfumato_core::time::{Micros, Moment};
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// One to show, one to paint, one for a flip that is late.
const BUFFERS: usize = 3;

/// A larger jump in a driver's count of beats is a new count, not missed beats.
const LARGEST_GAP: u32 = 10_000;

/// The display's property that says that the cable must be trained anew, and its bad value.
const LINK_STATUS: &std::ffi::CStr = c"link-status";
const LINK_BAD: u64 = 1;

/// The display's property that says whether there is a signal, and its values.
const DPMS: &std::ffi::CStr = c"DPMS";
const DPMS_ON: u64 = 0;
const DPMS_OFF: u64 = 3;

/// How long a flip under way is waited for before the display is let go of.
const LAST_FLIP: Duration = Duration::from_millis(100);

/// The beat of presents while the display sleeps, where its mode tells none: so many a second.
const SLEEPING_HZ: u32 = 60;

/// An open graphics card.
struct Card(OwnedFd);

impl AsFd for Card {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

impl Device for Card {}
impl control::Device for Card {}

/// What to look for on a card.
#[derive(Clone, Debug, Default)]
struct Wanted {
    connector: Option<String>,
    size: Option<(usize, usize)>,
}

/// A connector with a display on it, and how to drive it.
struct Output {
    connector: connector::Handle,
    name: String,
    crtc: crtc::Handle,
    mode: control::Mode,
}

/// A buffer the card can show.
struct Buffer {
    dumb: DumbBuffer,
    framebuffer: framebuffer::Handle,
    mapping: Mapping,
    /// Pixels from one row's start to the next's.
    stride: usize,
}

/// The buffers and the output that shows them.
struct Show {
    output: Output,
    buffers: [Buffer; BUFFERS],
    chain: Chain<BUFFERS>,
    /// Whether the CRTC is set up and flips can begin.
    lit: bool,
}

/// A full-screen display.
pub(crate) struct Drm {
    card: Card,
    device: PathBuf,
    driver: String,
    wanted: Wanted,
    show: Option<Show>,
    /// The last mode, for as long as there is no display.
    mode: Mode,
    /// What the CRTC showed before us.
    before: Option<(crtc::Info, connector::Handle)>,
    last_beat: Option<u32>,
    /// The beat of presents while the display sleeps; none while it is awake.
    asleep: Option<Beat>,
    clock: SharedClock,
    counters: Counters,
}

/// Opens `device`, or the first card with a display when it is empty.
pub(crate) fn open(
    device: &Path,
    connector: Option<&str>,
    size: Option<(usize, usize)>,
    clock: SharedClock,
) -> Result<Drm, ScreenError> {
    let wanted = Wanted {
        connector: connector.map(str::to_owned),
        size,
    };
    if !device.as_os_str().is_empty() {
        return Drm::open(device, wanted, clock);
    }
    let mut reason = ScreenError::NotFound {
        what: "a graphics card (/dev/dri/card0 …)".into(),
        cure: "load its driver, or use window: or frames:FOLDER".into(),
    };
    for number in 0..8 {
        let device = PathBuf::from(format!("/dev/dri/card{number}"));
        if !device.exists() {
            continue;
        }
        match Drm::open(&device, wanted.clone(), clock.clone()) {
            Ok(drm) => return Ok(drm),
            Err(error) => reason = error,
        }
    }
    Err(reason)
}

impl Drm {
    fn open(device: &Path, wanted: Wanted, clock: SharedClock) -> Result<Self, ScreenError> {
        let flags = OFlags::RDWR | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let card =
            rustix::fs::open(device, flags, FileMode::empty()).map_err(|errno| match errno {
                Errno::NOENT | Errno::NODEV | Errno::NXIO => ScreenError::NotFound {
                    what: format!("the graphics card {}", device.display()),
                    cure: "look what there is with: ls /dev/dri".into(),
                },
                Errno::ACCESS | Errno::PERM => ScreenError::NotFound {
                    what: format!("the right to use {}", device.display()),
                    cure: "add the user to the group video: usermod -aG video USER".into(),
                },
                errno => ScreenError::io(format!("opening {}", device.display()), errno.into()),
            })?;
        let card = Card(card);
        let driver = match card.get_driver() {
            Ok(driver) => driver.name().to_string_lossy().into_owned(),
            Err(source) => {
                return Err(ScreenError::NotFound {
                    what: format!("a graphics card at {} ({source})", device.display()),
                    cure: "look what there is with: ls /dev/dri".into(),
                });
            }
        };
        // The first to open a card is its master; where another program is, this says so early.
        if let Err(source) = card.acquire_master_lock() {
            return Err(ScreenError::Busy { source });
        }
        let mut drm = Drm {
            card,
            device: device.to_owned(),
            driver,
            wanted,
            show: None,
            mode: Mode::default(),
            before: None,
            last_beat: None,
            asleep: None,
            clock,
            counters: Counters::default(),
        };
        drm.connect()?;
        Ok(drm)
    }

    /// Finds a display and makes buffers for it.
    fn connect(&mut self) -> Result<(), ScreenError> {
        let output = self.find_output()?;
        if self.asleep.is_some() {
            // What the console may have lit meanwhile.
            self.set_dpms(output.connector, DPMS_OFF)
                .map_err(|source| failed("keeping the display asleep", source))?;
        }
        if self.before.is_none() {
            let shown = self.card.get_crtc(output.crtc).ok();
            self.before = shown.map(|crtc| (crtc, output.connector));
        }
        let (width, height) = output.mode.size();
        let buffers = self.make_buffers((u32::from(width), u32::from(height)))?;
        self.mode = Mode {
            width: width.into(),
            height: height.into(),
            refresh_millihertz: millihertz(&output.mode),
        };
        self.show = Some(Show {
            output,
            buffers,
            chain: Chain::new(),
            lit: false,
        });
        self.last_beat = None;
        Ok(())
    }

    fn find_output(&self) -> Result<Output, ScreenError> {
        let looking = |source| ScreenError::io("looking for a display", source);
        let resources = self.card.resource_handles().map_err(looking)?;
        let mut names = Vec::new();
        for handle in resources.connectors() {
            // Probing reads the display's description: slow, but nothing is shown now anyway.
            let Ok(info) = self.card.get_connector(*handle, true) else {
                continue;
            };
            let name = format!("{}-{}", info.interface().as_str(), info.interface_id());
            let meant = self
                .wanted
                .connector
                .as_ref()
                .is_none_or(|only| *only == name);
            names.push(name.clone());
            if !meant || info.state() != connector::State::Connected {
                continue;
            }
            let Some(mode) = choose_mode(info.modes(), self.wanted.size) else {
                continue;
            };
            if let Some(crtc) = self.choose_crtc(&resources, &info) {
                return Ok(Output {
                    connector: *handle,
                    name,
                    crtc,
                    mode,
                });
            }
        }
        match &self.wanted.connector {
            Some(only) if !names.contains(only) => Err(ScreenError::NotFound {
                what: format!("the connector {only}"),
                cure: format!("there are: {}", names.join(", ")),
            }),
            _ => Err(ScreenError::Disconnected),
        }
    }

    /// The CRTC that drives the connector already, else the first that can.
    fn choose_crtc(
        &self,
        resources: &control::ResourceHandles,
        info: &connector::Info,
    ) -> Option<crtc::Handle> {
        let encoder = |handle| self.card.get_encoder(handle).ok();
        let current = info.current_encoder().and_then(encoder);
        if let Some(crtc) = current.and_then(|encoder| encoder.crtc()) {
            return Some(crtc);
        }
        let mut encoders = info.encoders().iter().copied().filter_map(encoder);
        encoders.find_map(|encoder| {
            let possible = resources.filter_crtcs(encoder.possible_crtcs());
            possible.first().copied()
        })
    }

    fn make_buffers(&self, size: (u32, u32)) -> Result<[Buffer; BUFFERS], ScreenError> {
        let mut made = Vec::with_capacity(BUFFERS);
        for _ in 0..BUFFERS {
            match self.make_buffer(size) {
                Ok(buffer) => made.push(buffer),
                Err(source) => {
                    made.into_iter().for_each(|buffer| self.free(buffer));
                    return Err(ScreenError::io("making a picture buffer", source));
                }
            }
        }
        made.try_into()
            .map_err(|_| ScreenError::io("making picture buffers", io::ErrorKind::Other.into()))
    }

    fn make_buffer(&self, size: (u32, u32)) -> io::Result<Buffer> {
        let dumb = self
            .card
            .create_dumb_buffer(size, DrmFourcc::Xrgb8888, 32)?;
        let stride = dumb.pitch() as usize / size_of::<Xrgb>();
        let bytes = dumb.pitch() as usize * size.1 as usize;
        let mapped = drm_ffi::mode::dumbbuffer::map(self.card.as_fd(), dumb.handle().into(), 0, 0)
            .and_then(|place| Mapping::new(self.card.as_fd(), bytes, place.offset));
        let framebuffer = self.card.add_framebuffer(&dumb, 24, 32);
        match (mapped, framebuffer) {
            (Ok(mut mapping), Ok(framebuffer)) => {
                mapping.pixels().fill(0);
                Ok(Buffer {
                    dumb,
                    framebuffer,
                    mapping,
                    stride,
                })
            }
            (mapped, framebuffer) => {
                let mut error = mapped.err();
                match framebuffer {
                    Ok(framebuffer) => {
                        let _ = self.card.destroy_framebuffer(framebuffer);
                    }
                    Err(reason) => error = error.or(Some(reason)),
                }
                let _ = self.card.destroy_dumb_buffer(dumb);
                Err(error.unwrap_or_else(|| io::ErrorKind::Other.into()))
            }
        }
    }

    /// Lets go of a buffer; fails only when the card is gone and the buffer with it.
    fn free(&self, buffer: Buffer) {
        drop(buffer.mapping);
        let _ = self.card.destroy_framebuffer(buffer.framebuffer);
        let _ = self.card.destroy_dumb_buffer(buffer.dumb);
    }

    fn disconnect(&mut self) {
        if let Some(show) = self.show.take() {
            self.counters.lost += 1;
            // An event that is still under way must not be taken for the next show's.
            if show.chain.pending() {
                let _ = self.wait_for_event(Instant::now() + LAST_FLIP);
            }
            show.buffers
                .into_iter()
                .for_each(|buffer| self.free(buffer));
        }
    }

    /// A property of a connector by its name, with its value; none where there is none such.
    fn property(
        &self,
        connector: connector::Handle,
        name: &std::ffi::CStr,
    ) -> io::Result<Option<(control::property::Handle, u64)>> {
        let properties = self.card.get_properties(connector)?;
        let found = properties.iter().find(|(property, _)| {
            let info = self.card.get_property(**property);
            info.is_ok_and(|info| info.name() == name)
        });
        Ok(found.map(|(property, value)| (*property, *value)))
    }

    /// Sets whether a connector has a signal; false where it has no such property.
    fn set_dpms(&self, connector: connector::Handle, value: u64) -> io::Result<bool> {
        let Some((dpms, _)) = self.property(connector, DPMS)? else {
            return Ok(false);
        };
        self.card.set_property(connector, dpms, value)?;
        Ok(true)
    }

    /// Stops the signal; false where that cannot be done.
    fn fall_asleep(&mut self) -> Result<bool, ScreenError> {
        if let Some(show) = &mut self.show {
            // Its event would be lost with the signal.
            if show.chain.pending() {
                let _ = self.finish_flip(Instant::now() + LAST_FLIP);
            }
        }
        if let Some(show) = &mut self.show {
            let connector = show.output.connector;
            let asleep = self
                .set_dpms(connector, DPMS_OFF)
                .map_err(|source| failed("putting the display to sleep", source))?;
            if !asleep {
                return Ok(false);
            }
        }
        self.forget_content();
        let hertz = self.mode.refresh_millihertz.div_ceil(1000);
        self.asleep = Some(Beat::new(if hertz == 0 { SLEEPING_HZ } else { hertz }));
        Ok(true)
    }

    /// Gives every buffer age 0, and has the next present set the mode.
    fn forget_content(&mut self) {
        if let Some(show) = &mut self.show {
            show.chain = Chain::new();
            show.lit = false;
        }
        self.last_beat = None;
    }

    /// Presents nothing, in time.
    fn sleep_on(&mut self, timeout: Duration) -> Presented {
        if let Some(beat) = &mut self.asleep {
            let now = self.clock.now();
            let (next, _) = beat.upcoming(now);
            std::thread::sleep(Duration::from_micros(now.until(next).0).min(timeout));
            beat.taken(next);
        }
        Presented::Asleep(self.clock.now())
    }

    /// Adopts the display's mode where that changed, as with another display or when the window of a
    /// virtual machine was resized. True when it did.
    fn follow(&mut self, info: &connector::Info) -> Result<bool, ScreenError> {
        let Some(show) = &self.show else {
            return Ok(false);
        };
        let wanted = choose_mode(info.modes(), self.wanted.size);
        if wanted.is_none_or(|mode| mode.size() == show.output.mode.size()) {
            return Ok(false);
        }
        self.disconnect();
        self.connect()?;
        self.counters.found += 1;
        Ok(true)
    }

    /// Waits for the flip event; none if it does not come in time.
    fn wait_for_event(
        &self,
        deadline: Instant,
    ) -> Result<Option<control::PageFlipEvent>, ScreenError> {
        let waiting = |source| ScreenError::io("waiting for the display", source);
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let limit = Timespec {
                tv_sec: i64::try_from(left.as_secs()).unwrap_or(i64::MAX),
                tv_nsec: left.subsec_nanos().into(),
            };
            let mut ask = [PollFd::new(&self.card, PollFlags::IN)];
            match poll(&mut ask, Some(&limit)) {
                Ok(0) => return Ok(None),
                Ok(_) => {}
                Err(Errno::INTR) => continue,
                Err(errno) => return Err(waiting(errno.into())),
            }
            let [answer] = &ask;
            if !answer.revents().contains(PollFlags::IN) {
                return Err(waiting(Errno::NODEV.into()));
            }
            match self.card.receive_events() {
                Ok(mut events) => {
                    let flip = events.find_map(|event| match event {
                        Event::PageFlip(flip) => Some(flip),
                        _ => None,
                    });
                    if flip.is_some() {
                        return Ok(flip);
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Err(waiting(error)),
            }
        }
    }

    /// Waits for the pending flip, counts it and says when it was.
    fn finish_flip(&mut self, deadline: Instant) -> Result<Option<Moment>, ScreenError> {
        let Some(event) = self.wait_for_event(deadline)? else {
            return Ok(None);
        };
        if let Some(show) = &mut self.show {
            show.chain.flipped();
        }
        if let Some(last) = self.last_beat.replace(event.frame) {
            let beats = event.frame.wrapping_sub(last);
            if (1..LARGEST_GAP).contains(&beats) {
                self.counters.missed += u64::from(beats - 1);
            }
        }
        Ok(Some(self.moment(event.duration)))
    }

    /// A moment of the kernel's monotonic clock on the program's clock.
    fn moment(&self, stamp: Duration) -> Moment {
        let now = clock_gettime(ClockId::Monotonic);
        let now = Duration::new(
            u64::try_from(now.tv_sec).unwrap_or(0),
            u32::try_from(now.tv_nsec).unwrap_or(0),
        );
        // Drivers without a beat leave the stamp out; a flip long ago is an error of theirs.
        let age = now.checked_sub(stamp).filter(|age| age.as_secs() < 1);
        let age = Micros(age.map_or(0, |age| age.as_micros() as u64));
        self.clock.now() - age
    }
}

/// The mode of the wanted size if there is one, else the one the display prefers, else the first;
/// among equals the fastest up to 60 Hz.
///
/// A display that lacks the wanted size still shows something: it may have been swapped for
/// another by somebody who knows nothing of sizes.
fn choose_mode(modes: &[control::Mode], size: Option<(usize, usize)>) -> Option<control::Mode> {
    let best = |mode: &&control::Mode| {
        let (width, height) = mode.size();
        let fits = size == Some((width.into(), height.into()));
        let preferred = mode.mode_type().contains(ModeTypeFlags::PREFERRED);
        let rate = millihertz(mode);
        (fits, preferred, if rate <= 60_500 { rate } else { 0 })
    };
    // Of equal ones the first: displays list them by preference.
    modes.iter().rev().max_by_key(best).copied()
}

/// The exact rate of a mode; its own field is rounded to whole hertz.
fn millihertz(mode: &control::Mode) -> u32 {
    let (_, _, total_width) = mode.hsync();
    let (_, _, total_height) = mode.vsync();
    let pixels = u64::from(total_width) * u64::from(total_height);
    if pixels == 0 {
        return mode.vrefresh() * 1000;
    }
    u32::try_from(u64::from(mode.clock()) * 1_000_000 / pixels).unwrap_or(0)
}

/// Sorts the system's errors by what can be done about them.
fn failed(doing: &str, source: io::Error) -> ScreenError {
    match Errno::from_io_error(&source) {
        Some(Errno::ACCESS | Errno::PERM) => ScreenError::Busy { source },
        Some(Errno::NODEV | Errno::NXIO) => ScreenError::Disconnected,
        _ => ScreenError::io(doing, source),
    }
}

impl Screen for Drm {
    fn mode(&self) -> Mode {
        self.mode
    }

    fn draw(&mut self, paint: &mut dyn FnMut(PixelsMut<'_, Xrgb>, u32)) -> Result<(), ScreenError> {
        let Mode { width, height, .. } = self.mode;
        let show = self.show.as_mut().ok_or(ScreenError::Disconnected)?;
        let Some((index, age)) = show.chain.draw() else {
            return Err(ScreenError::io(
                "choosing a buffer",
                io::ErrorKind::WouldBlock.into(),
            ));
        };
        if let Some(buffer) = show.buffers.get_mut(index) {
            let stride = buffer.stride;
            if let Ok(pixels) = PixelsMut::new(buffer.mapping.pixels(), width, height, stride) {
                paint(pixels, age);
            }
        }
        Ok(())
    }

    fn present(&mut self, timeout: Duration) -> Result<Presented, ScreenError> {
        if self.asleep.is_some() {
            return Ok(self.sleep_on(timeout));
        }
        let deadline = Instant::now() + timeout;
        let pending = self.show.as_ref().is_some_and(|show| show.chain.pending());
        if pending && self.finish_flip(deadline)?.is_none() {
            self.counters.timeouts += 1;
            return Ok(Presented::TimedOut);
        }
        let show = self.show.as_mut().ok_or(ScreenError::Disconnected)?;
        // Presenting before anything was drawn shows black.
        let index = show.chain.to_present().unwrap_or(0);
        let Some(buffer) = show.buffers.get(index) else {
            return Ok(Presented::TimedOut);
        };
        let output = &show.output;
        let mut at = None;
        if show.lit {
            self.card
                .page_flip(output.crtc, buffer.framebuffer, PageFlipFlags::EVENT, None)
                .map_err(|source| failed("flipping the display", source))?;
            show.chain.submitted(index);
            at = self.finish_flip(deadline)?;
        } else {
            // The first picture sets the mode; it is visible when that returns.
            self.card
                .set_crtc(
                    output.crtc,
                    Some(buffer.framebuffer),
                    (0, 0),
                    &[output.connector],
                    Some(output.mode),
                )
                .map_err(|source| failed("lighting the display", source))?;
            let connector = output.connector;
            show.lit = true;
            show.chain.submitted(index);
            show.chain.flipped();
            // Setting the mode ends any sleep; a driver that keeps a blank of its own is told so too.
            let _ = self.set_dpms(connector, DPMS_ON);
            at = at.or(Some(self.clock.now()));
        }
        let Some(at) = at else {
            self.counters.timeouts += 1;
            return Ok(Presented::TimedOut);
        };
        let sequence = self.counters.flips;
        self.counters.flips += 1;
        Ok(Presented::Flipped(Flip { at, sequence }))
    }

    fn reprobe(&mut self) -> Result<bool, ScreenError> {
        let Some(connector) = self.show.as_ref().map(|show| show.output.connector) else {
            self.connect()?;
            self.counters.found += 1;
            return Ok(true);
        };
        if self.asleep.is_some() {
            return Ok(false);
        }
        // Without probing: the kernel knows from the cable's interrupt, and probing stops the show.
        let info = self
            .card
            .get_connector(connector, false)
            .map_err(|source| failed("looking for the display", source))?;
        if info.state() != connector::State::Connected {
            self.disconnect();
            return Err(ScreenError::Disconnected);
        }
        if self.follow(&info)? {
            return Ok(true);
        }
        let link = self.property(connector, LINK_STATUS);
        let relight = link.is_ok_and(|link| link.is_some_and(|(_, value)| value == LINK_BAD));
        if relight {
            // The cable was out and in between two looks: the display is dark until its mode is
            // set again, which the next present does.
            if let Some(show) = &mut self.show {
                show.lit = false;
            }
            self.counters.found += 1;
        }
        Ok(false)
    }

    fn set_power(&mut self, on: bool) -> Result<Power, ScreenError> {
        if !on {
            let asleep = self.asleep.is_some() || self.fall_asleep()?;
            return Ok(if asleep { Power::Asleep } else { Power::Fixed });
        }
        if self.asleep.take().is_some() {
            self.forget_content();
            // Another display may have come in the night. One that does not answer yet may only be
            // slow to wake: it is given its old signal, and the next look decides. An error here
            // leaves no display, which drawing says.
            let connector = self.show.as_ref().map(|show| show.output.connector);
            let info = connector.and_then(|found| self.card.get_connector(found, false).ok());
            if let Some(info) = info.filter(|info| info.state() == connector::State::Connected) {
                let _ = self.follow(&info);
            }
        }
        Ok(Power::Awake)
    }

    fn connector(&self) -> Option<String> {
        let show = self.show.as_ref()?;
        let device = std::fs::canonicalize(&self.device).ok()?;
        let card = device.file_name()?.to_str()?;
        Some(format!("{card}-{}", show.output.name))
    }

    fn description(&self) -> String {
        let name = match &self.show {
            Some(show) => show.output.name.as_str(),
            None => "no display",
        };
        let Mode {
            width,
            height,
            refresh_millihertz,
        } = self.mode;
        format!(
            "{name} at {} ({}), {width} x {height}, {:.2} Hz",
            self.device.display(),
            self.driver,
            f64::from(refresh_millihertz) / 1000.0
        )
    }

    fn counters(&self) -> Counters {
        self.counters
    }
}

impl Drop for Drm {
    fn drop(&mut self) {
        // What the CRTC showed before, if anything; errors leave nothing that could be done.
        if let Some((crtc, connector)) = self.before.take() {
            let restored = self.card.set_crtc(
                crtc.handle(),
                crtc.framebuffer(),
                crtc.position(),
                if crtc.mode().is_some() {
                    std::slice::from_ref(&connector)
                } else {
                    &[]
                },
                crtc.mode(),
            );
            let _ = restored;
        }
        if let Some(show) = self.show.take() {
            show.buffers
                .into_iter()
                .for_each(|buffer| self.free(buffer));
        }
        let _ = self.card.release_master_lock();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(width: u16, height: u16, hz: u32, preferred: bool) -> control::Mode {
        control::Mode::from(drm_ffi::drm_mode_modeinfo {
            hdisplay: width,
            vdisplay: height,
            htotal: 1000,
            vtotal: 1000,
            clock: hz * 1000,
            vrefresh: hz,
            type_: if preferred {
                ModeTypeFlags::PREFERRED.bits()
            } else {
                0
            },
            ..Default::default()
        })
    }

    #[test]
    fn the_display_s_wish_is_respected() {
        let modes = [
            mode(1920, 1080, 60, false),
            mode(3840, 2160, 30, true),
            mode(1280, 720, 144, false),
            mode(1280, 720, 60, false),
            mode(1280, 720, 50, false),
        ];
        let chosen = |size| choose_mode(&modes, size).map(|mode| (mode.size(), millihertz(&mode)));
        assert_eq!(chosen(None), Some(((3840, 2160), 30_000)));
        assert_eq!(chosen(Some((1280, 720))), Some(((1280, 720), 60_000)));
        assert_eq!(chosen(Some((640, 480))), Some(((3840, 2160), 30_000)));
        assert_eq!(choose_mode(&[], None).map(|mode| mode.size()), None);
        let unmarked = [mode(1024, 768, 60, false), mode(800, 600, 60, false)];
        assert_eq!(
            choose_mode(&unmarked, None).map(|mode| mode.size()),
            Some((1024, 768))
        );
    }

    #[test]
    fn what_is_no_card_is_refused() {
        struct Stopped;
        impl sfumato_core::time::Clock for Stopped {
            fn now(&self) -> Moment {
                Moment(0)
            }
        }
        for path in ["/dev/null", "/dev/dri/no-such-card"] {
            let opened = open(Path::new(path), None, None, std::sync::Arc::new(Stopped));
            let message = opened.err().unwrap().to_string();
            assert!(message.contains("/dev/dri"), "{message}");
        }
    }
}
