//! Any other video, decoded by an installed ffmpeg in a process of its own.
//!
//! Pictures come through a pipe as PPM, each with its size before it, so that turned telephone
//! videos and changes of size need no knowledge here. A decoder that crashes takes only its own
//! process with it.
//!
//! Colour is converted as OpenCV does it: bicubic chroma and the BT.601 matrix, whatever the file
//! says. Measurements made with OpenCV's `VideoCapture` then see the same bytes.

use super::{Facts, Read, Recording, broken};
use crate::{CameraError, Frame};
use std::io::{self, BufReader, ErrorKind, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::thread::JoinHandle;

const INSTALL: &str = "install ffmpeg: apt install ffmpeg";

/// What ffmpeg is told about time: every picture once, none doubled or left out. Versions before
/// 5.1 know only the second spelling, later ones only the first.
const EVERY_PICTURE: [[&str; 2]; 2] = [["-fps_mode", "passthrough"], ["-vsync", "0"]];

/// A video file and the process that decodes it.
pub(super) struct Ffmpeg {
    path: PathBuf,
    facts: Facts,
    spelling: usize,
    process: Process,
}

struct Process {
    child: Child,
    pictures: BufReader<ChildStdout>,
    /// Collects what the process complains about.
    complaints: Option<JoinHandle<String>>,
    read_any: bool,
}

impl Ffmpeg {
    pub(super) fn open(path: &Path) -> Result<Self, CameraError> {
        let facts = probe(path)?;
        Ok(Ffmpeg {
            process: start(path, 0)?,
            path: path.to_owned(),
            facts,
            spelling: 0,
        })
    }

    /// The stream is over: the end of the video, or the end of the process?
    fn over(&mut self) -> Result<Read, CameraError> {
        let status = self.process.child.wait();
        let complaints = self.process.take_complaints();
        if matches!(status, Ok(status) if status.success()) {
            return Ok(Read::End);
        }
        if matches!(status, Ok(status) if was_stopped(status)) {
            return Err(stopped(&self.path));
        }
        if !self.process.read_any
            && complaints.contains("fps_mode")
            && self.spelling + 1 < EVERY_PICTURE.len()
        {
            self.spelling += 1;
            self.process = start(&self.path, self.spelling)?;
            return Ok(Read::Damaged);
        }
        Err(broken(
            &self.path,
            format!("ffmpeg cannot decode it: {}", first_line(&complaints)),
        ))
    }
}

impl Process {
    fn take_complaints(&mut self) -> String {
        self.complaints
            .take()
            .and_then(|thread| thread.join().ok())
            .unwrap_or_default()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Both fail only when the process is gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn first_line(text: &str) -> &str {
    text.lines()
        .find(|line| !line.trim().is_empty())
        .unwrap_or("no reason given")
}

/// Whether somebody ended it: Ctrl-C, which reaches everybody at a terminal, a batch engine, or want of memory.
///
/// ffmpeg takes some signals itself and then exits with 255; what it cannot decode has other codes. A crash is the
/// clip's doing and no such end.
fn was_stopped(status: ExitStatus) -> bool {
    #[cfg(unix)]
    {
        /// SIGHUP, SIGINT, SIGQUIT, SIGKILL, SIGTERM: the same numbers on every Unix.
        const ASKED: [i32; 5] = [1, 2, 3, 9, 15];
        let signal = std::os::unix::process::ExitStatusExt::signal(&status);
        if signal.is_some_and(|signal| ASKED.contains(&signal)) {
            return true;
        }
    }
    status.code() == Some(255)
}

/// Says nothing about the clip: it may well be whole.
fn stopped(path: &Path) -> CameraError {
    CameraError::io(
        format!("decoding {}", path.display()),
        io::Error::new(
            ErrorKind::Interrupted,
            "ffmpeg was stopped by a signal; start again",
        ),
    )
}

fn not_started(program: &str, error: io::Error) -> CameraError {
    match error.kind() {
        ErrorKind::NotFound => CameraError::NotFound {
            what: format!("the program {program}, needed for this kind of clip,"),
            cure: INSTALL.into(),
        },
        _ => CameraError::io(format!("starting {program}"), error),
    }
}

/// A path that cannot be taken for an option or a protocol.
fn file_argument(path: &Path) -> std::ffi::OsString {
    let mut argument = std::ffi::OsString::from("file:");
    argument.push(path);
    argument
}

/// Asks ffprobe for rate and size.
fn probe(path: &Path) -> Result<Facts, CameraError> {
    let output = Command::new("ffprobe")
        .args(["-v", "error", "-select_streams", "v:0", "-show_entries"])
        .arg("stream=codec_name,width,height,avg_frame_rate,r_frame_rate,nb_frames")
        .args(["-of", "default=noprint_wrappers=1"])
        .arg(file_argument(path))
        .stdin(Stdio::null())
        .output()
        .map_err(|error| not_started("ffprobe", error))?;
    if was_stopped(output.status) {
        return Err(stopped(path));
    }
    if !output.status.success() {
        let complaints = String::from_utf8_lossy(&output.stderr);
        return Err(broken(
            path,
            format!("not a video that ffmpeg reads: {}", first_line(&complaints)),
        ));
    }
    let facts = parse_probe(&String::from_utf8_lossy(&output.stdout));
    facts.ok_or_else(|| broken(path, "there is no picture track in it"))
}

/// Reads ffprobe's `key=value` lines; none when no picture track is described.
fn parse_probe(text: &str) -> Option<Facts> {
    let mut facts = Facts::default();
    for line in text.lines() {
        let Some((key, value)) = line.trim().split_once('=') else {
            continue;
        };
        match key {
            "codec_name" => facts.format = format!("{value} by ffmpeg"),
            "width" => facts.width = value.parse().unwrap_or(0),
            "height" => facts.height = value.parse().unwrap_or(0),
            "nb_frames" => facts.frames = value.parse().ok().filter(|frames| *frames > 0),
            "avg_frame_rate" => facts.fps = parse_rate(value).or(facts.fps),
            "r_frame_rate" => facts.fps = facts.fps.or_else(|| parse_rate(value)),
            _ => {}
        }
    }
    (!facts.format.is_empty()).then_some(facts)
}

/// A rate as `numerator/denominator`.
fn parse_rate(value: &str) -> Option<f64> {
    let (over, under) = value.split_once('/')?;
    let rate = over.parse::<f64>().ok()? / under.parse::<f64>().ok()?;
    (0.01..=1000.0).contains(&rate).then_some(rate)
}

fn start(path: &Path, spelling: usize) -> Result<Process, CameraError> {
    let every_picture = EVERY_PICTURE.get(spelling).unwrap_or(&EVERY_PICTURE[0]);
    let mut child = Command::new("ffmpeg")
        .args(["-v", "error", "-nostdin", "-i"])
        .arg(file_argument(path))
        .args(["-map", "0:v:0"])
        .args(every_picture)
        .args(["-vf", "scale=in_color_matrix=bt601:flags=bicubic"])
        .args([
            "-f",
            "image2pipe",
            "-c:v",
            "ppm",
            "-pix_fmt",
            "rgb24",
            "pipe:1",
        ])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| not_started("ffmpeg", error))?;
    let (Some(stdout), Some(stderr)) = (child.stdout.take(), child.stderr.take()) else {
        let _ = child.kill();
        let _ = child.wait();
        return Err(broken(path, "ffmpeg has no output; start again"));
    };
    // Read to the end, or the process would stop once the pipe is full; remember the beginning.
    let complaints = std::thread::spawn(move || {
        let mut reader = BufReader::new(stderr);
        let mut text = Vec::new();
        let _ = (&mut reader).take(4096).read_to_end(&mut text);
        let _ = io::copy(&mut reader, &mut io::sink());
        String::from_utf8_lossy(&text).into_owned()
    });
    Ok(Process {
        child,
        pictures: BufReader::with_capacity(1 << 16, stdout),
        complaints: Some(complaints),
        read_any: false,
    })
}

impl Recording for Ffmpeg {
    fn read(&mut self, frame: &mut Frame) -> Result<Read, CameraError> {
        let size = match read_size(&mut self.process.pictures) {
            Ok(Some(size)) => size,
            Ok(None) => {
                return match self.over()? {
                    // Started again with the other spelling: nothing was lost.
                    Read::Damaged => self.read(frame),
                    read => Ok(read),
                };
            }
            Err(error) => return Err(broken(&self.path, format!("from ffmpeg: {error}"))),
        };
        frame.resize(size.0, size.1);
        match self.process.pictures.read_exact(frame.bytes_mut()) {
            Ok(()) => {
                self.process.read_any = true;
                Ok(Read::Picture)
            }
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => self.over(),
            Err(error) => Err(broken(&self.path, format!("from ffmpeg: {error}"))),
        }
    }

    fn rewind(&mut self) -> Result<(), CameraError> {
        self.process = start(&self.path, self.spelling)?;
        Ok(())
    }

    fn facts(&self) -> Facts {
        self.facts.clone()
    }
}

/// Reads a PPM header, `P6 WIDTH HEIGHT 255`; none at the end of the stream.
fn read_size(reader: &mut impl io::Read) -> io::Result<Option<(usize, usize)>> {
    let wrong = || io::Error::new(ErrorKind::InvalidData, "not a picture");
    let mut numbers = [0usize; 3];
    let mut magic = [0; 2];
    match reader.read_exact(&mut magic) {
        Ok(()) if &magic == b"P6" => {}
        Ok(()) => return Err(wrong()),
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(None),
        Err(error) => return Err(error),
    }
    let mut byte = [0];
    reader.read_exact(&mut byte)?;
    for number in &mut numbers {
        while byte[0].is_ascii_whitespace() {
            reader.read_exact(&mut byte)?;
        }
        while byte[0].is_ascii_digit() {
            *number = *number * 10 + usize::from(byte[0] - b'0');
            if *number > 16_384 {
                return Err(wrong());
            }
            reader.read_exact(&mut byte)?;
        }
    }
    match numbers {
        [width, height, 255] if width > 0 && height > 0 => Ok(Some((width, height))),
        _ => Err(wrong()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn sizes() {
        let mut stream = &b"P6\n640 480\n255\nrest"[..];
        assert_eq!(read_size(&mut stream).unwrap(), Some((640, 480)));
        assert_eq!(stream, b"rest");
        assert_eq!(read_size(&mut &b""[..]).unwrap(), None);
        assert!(read_size(&mut &b"P5\n1 1\n255\n"[..]).is_err());
        assert!(read_size(&mut &b"P6\n99999 1\n255\n"[..]).is_err());
    }

    #[cfg(unix)]
    #[test]
    fn a_signal_is_no_damage() {
        let ended = |script: &str| Command::new("sh").args(["-c", script]).status().unwrap();
        // Not SIGINT and SIGHUP: whoever runs this in the background may have them ignored.
        assert!(was_stopped(ended("kill -KILL $$")));
        assert!(was_stopped(ended("kill -TERM $$")));
        assert!(was_stopped(ended("exit 255")));
        assert!(!was_stopped(ended("kill -SEGV $$")));
        assert!(!was_stopped(ended("exit 1")));
        assert!(!was_stopped(ended("exit 0")));
        let said = stopped(Path::new("1.mp4")).to_string();
        assert!(said.contains("1.mp4") && said.contains("signal"), "{said}");
    }

    #[test]
    fn facts() {
        let facts = parse_probe(
            "codec_name=h264\nwidth=512\nheight=480\nr_frame_rate=60/1\navg_frame_rate=30000/1001\nnb_frames=N/A\n",
        )
        .unwrap();
        assert_eq!((facts.width, facts.height, facts.frames), (512, 480, None));
        assert!((facts.fps.unwrap() - 29.97).abs() < 0.001);
        assert_eq!(parse_probe(""), None);
        assert_eq!(
            parse_probe("codec_name=gif\navg_frame_rate=0/0\nr_frame_rate=10/1")
                .unwrap()
                .fps,
            Some(10.0)
        );
    }

    proptest! {
        #[test]
        fn any_stream_is_a_picture_or_an_error(bytes in proptest::collection::vec(prop_oneof![Just(b'P'), Just(b'6'), Just(b' '), Just(b'9'), any::<u8>()], 0..40)) {
            let _ = read_size(&mut &bytes[..]);
        }
    }
}
