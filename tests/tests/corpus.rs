//! `atelier corpus` over recorded visitors, laid out as VoxCeleb2 lays people out.
//!
//! The recordings are not part of the project; where they are absent this says so and passes. One clip is cut short
//! and in one there is nobody: both must be skipped with their reasons. However a run is divided, interrupted or killed, the
//! cache must come out the same, byte for byte.

// A test fails by panicking; the lint is for the device.
#![allow(clippy::unwrap_used)]

use serde_json::Value;
use sfumato_core::face::{LANDMARKS, Landmark};
use sfumato_corpus::align::SIDE;
use sfumato_corpus::{Corpus, Record};
use sfumato_faces::store::{self, Model};
use sfumato_tests::{recordings, sfumato_program};
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// Clips as they are laid out, and the recordings they are.
const CLIPS: [(&str, &str); 4] = [
    ("id00001/turns/00001.mp4", "head_turn_small.mp4"),
    ("id00001/turns/00002.mp4", "mouth_open.mp4"),
    ("id00002/talks/00001.mp4", "talk_three_speakers.mp4"),
    ("id00003/walks/00001.mp4", "two_visitors.mp4"),
];
const CUT_SHORT: &str = "id00003/walks/00002.mp4";
const NOBODY: &str = "id00003/walks/00003.mp4";
const ALL: usize = CLIPS.len() + 2;

/// The clips, and the cache that one undisturbed run makes of them.
struct Whole {
    folder: tempfile::TempDir,
    summary: Value,
}

impl Whole {
    fn root(&self) -> PathBuf {
        self.folder.path().join("root")
    }

    fn cache(&self) -> PathBuf {
        self.folder.path().join("whole")
    }
}

/// Made once for all tests; none where the recordings or the models are absent.
fn whole() -> Option<&'static Whole> {
    static WHOLE: OnceLock<Option<Whole>> = OnceLock::new();
    let made = WHOLE.get_or_init(|| {
        let visitors = recordings()?.join("visitors");
        if let Err(error) = store::read(&store::default_folder(), Model::Landmarks) {
            println!("skipped: {error}");
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("root");
        lay_out(&visitors, &root);
        let output = corpus(&root, &folder.path().join("whole"), &["--json"]);
        assert!(output.status.success(), "{output:?}");
        let summary = serde_json::from_slice(&output.stdout).unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(
            said.contains(&format!("skipped {CUT_SHORT}: damaged: only ")),
            "{said}"
        );
        assert!(
            said.contains(&format!("skipped {NOBODY}: no face: nobody is seen")),
            "{said}"
        );
        Some(Whole { folder, summary })
    });
    made.as_ref()
}

fn lay_out(visitors: &Path, root: &Path) {
    for (path, recording) in CLIPS {
        let file = root.join(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::copy(visitors.join(recording), file).unwrap();
    }
    let whole = fs::read(visitors.join("mouth_open.mp4")).unwrap();
    fs::write(root.join(CUT_SHORT), &whole[..whole.len() / 2]).unwrap();
    let filmed = Command::new("ffmpeg")
        .args(["-v", "error", "-loop", "1", "-i"])
        .arg(visitors.join("no_face_coffee.png"))
        .args([
            "-t",
            "1",
            "-r",
            "12",
            "-vf",
            "scale=320:-2",
            "-pix_fmt",
            "yuv420p",
        ])
        .arg(root.join(NOBODY))
        .status();
    assert!(filmed.unwrap().success());
}

fn atelier() -> PathBuf {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    let program = || sfumato_program().unwrap().with_file_name("atelier");
    PROGRAM.get_or_init(program).clone()
}

fn command(root: &Path, cache: &Path, options: &[&str]) -> Command {
    let mut command = Command::new(atelier());
    command
        .arg("corpus")
        .arg(root)
        .arg("-o")
        .arg(cache)
        .args(options);
    command.stdin(Stdio::null());
    command
}

fn corpus(root: &Path, cache: &Path, options: &[&str]) -> Output {
    command(root, cache, options).output().unwrap()
}

fn merge(caches: &[PathBuf], into: &Path) {
    let mut command = Command::new(atelier());
    command
        .args(["corpus", "merge"])
        .args(caches)
        .arg("-o")
        .arg(into);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{output:?}");
}

/// Every file below a folder, with its bytes.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut all = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().to_owned();
                all.insert(name, fs::read(&path).unwrap());
            }
        }
    }
    all
}

fn assert_same(one: &Path, other: &Path) {
    let (one, other) = (files(one), files(other));
    let names = |files: &BTreeMap<PathBuf, Vec<u8>>| files.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&one), names(&other));
    for (name, bytes) in &one {
        assert!(other[name] == *bytes, "{} differs", name.display());
    }
}

#[test]
fn clips_become_records_and_the_others_have_reasons() {
    let Some(whole) = whole() else { return };
    let summary = &whole.summary;
    assert_eq!(summary["clips"], ALL);
    assert_eq!(summary["made"], CLIPS.len());
    assert_eq!(summary["reasons"]["damaged"], 1);
    assert_eq!(summary["reasons"]["no face"], 1);
    let corpus = Corpus::open(&whole.cache()).unwrap();
    let clips: Vec<&str> = corpus.clips().map(|entry| entry.clip.as_str()).collect();
    assert_eq!(clips, CLIPS.map(|(path, _)| path));
    let speakers: Vec<&str> = corpus.clips().map(|entry| entry.speaker.as_str()).collect();
    assert_eq!(speakers, ["id00001", "id00001", "id00002", "id00003"]);
    for entry in corpus.clips() {
        let record = corpus.read(entry).unwrap();
        upright(&record, &entry.clip);
        let crops = corpus.crops(&record).unwrap();
        assert!(crops.len() >= 5, "{}: {} crops", entry.clip, crops.len());
        let seconds = record.frames.last().unwrap().captured.0 as f64 / 1e6;
        assert!(crops.len() as f64 <= 5.0 * seconds + 1.5, "{}", entry.clip);
        for crop in crops.iter() {
            assert!(record.frames[crop.frame].seen.is_some());
            let pixels = crop.pixels().unwrap();
            let middle = pixels[SIDE * SIDE / 2 + SIDE / 2];
            assert!(
                middle.iter().any(|level| *level > 30),
                "{}: {middle:?}",
                entry.clip
            );
        }
    }
    let checked = Command::new(atelier())
        .args(["corpus", "check"])
        .arg(whole.cache())
        .output();
    assert!(checked.unwrap().status.success());
}

/// The face is where its crop should have it, and the crop is calm.
fn upright(record: &Record, clip: &str) {
    let mut seen_frames = 0;
    let mut last: Option<[f32; 2]> = None;
    for frame in &record.frames {
        let Some(seen) = &frame.seen else {
            last = None;
            continue;
        };
        seen_frames += 1;
        let [right, left] = [33, 263].map(|corner| seen.in_crop(corner).unwrap());
        assert!(left[0] - right[0] > 25.0, "{clip}: {right:?} {left:?}");
        let middle = [0, 1].map(|axis| 0.5 * (right[axis] + left[axis]));
        assert!((middle[0] - 128.0).abs() < 45.0, "{clip}: {middle:?}");
        assert!((middle[1] - 121.0).abs() < 45.0, "{clip}: {middle:?}");
        // Pixels of the crop from frame to frame: it follows whoever walks, and does not jump.
        let [x, y] = seen.transform.to_picture(128.0, 128.0);
        if let Some([before_x, before_y]) = last {
            let moved = (x - before_x).hypot(y - before_y) / seen.transform.scale();
            assert!(moved < 12.0, "{clip}: the crop jumps by {moved} pixels");
        }
        last = Some([x, y]);
    }
    assert!(
        seen_frames * 3 >= record.frames.len(),
        "{clip}: {seen_frames} frames seen"
    );
}

#[test]
fn who_comes_after_a_cut_is_somebody_else() {
    let Some(whole) = whole() else { return };
    let corpus = Corpus::open(&whole.cache()).unwrap();
    let talk = corpus
        .clips()
        .find(|entry| entry.speaker == "id00002")
        .unwrap();
    let record = corpus.read(talk).unwrap();
    let seen = |frames: std::ops::Range<usize>| {
        let frames = record.frames[frames].iter();
        frames.filter(|frame| frame.seen.is_some()).count()
    };
    // Three people of 75 frames each; one of them is kept.
    let shots = [seen(0..75), seen(75..150), seen(150..225)];
    assert_eq!(
        shots.iter().filter(|count| **count == 0).count(),
        2,
        "{shots:?}"
    );
    assert!(shots.iter().sum::<usize>() >= 70, "{shots:?}");
}

#[test]
fn landmarks_and_motion_are_those_of_the_perception() {
    let Some(whole) = whole() else { return };
    let corpus = Corpus::open(&whole.cache()).unwrap();
    let entry = corpus.clips().nth(1).unwrap();
    let record = corpus.read(entry).unwrap();
    let output = Command::new(atelier())
        .arg("faces")
        .arg(whole.root().join(&entry.clip))
        .arg("--json")
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let lines: Vec<&str> = std::str::from_utf8(&output.stdout)
        .unwrap()
        .lines()
        .collect();
    assert_eq!(lines.len(), record.frames.len());
    let mut jaws = [Vec::new(), Vec::new()];
    for (line, frame) in lines.iter().zip(&record.frames) {
        let line: Value = serde_json::from_str(line).unwrap();
        let face = &line["faces"][0];
        let seen = frame.seen.as_ref().unwrap();
        let ours: [Landmark; LANDMARKS] = seen.landmarks();
        for (at, ours) in face["landmarks"].as_array().unwrap().iter().zip(&ours) {
            for (axis, ours) in [ours.x, ours.y, ours.z].into_iter().enumerate() {
                let theirs = at[axis].as_f64().unwrap();
                assert!((theirs - f64::from(ours)).abs() < 0.05, "{at} {ours:?}");
            }
        }
        for (at, ours) in face["irises"][1]
            .as_array()
            .unwrap()
            .iter()
            .zip(&seen.irises()[1])
        {
            assert!((at[0].as_f64().unwrap() - f64::from(ours.x)).abs() < 0.05);
        }
        let yaw = face["pose"]["yaw"].as_f64().unwrap();
        assert!((yaw - f64::from(seen.pose().yaw)).abs() < 0.02);
        jaws[0].push(face["motion"]["jawOpen"].as_f64().unwrap());
        let jaw = seen.motion.get(sfumato_core::motion::Blendshape::JawOpen);
        jaws[1].push(jaw.to_num::<f64>());
    }
    // The rest is known from the first frame on, so that only the form is the same.
    let alike = sfumato_tests::correlation(&jaws[0], &jaws[1]);
    assert!(alike > 0.9, "{alike}");
    assert!(
        jaws[1].iter().any(|jaw| *jaw > 0.3),
        "the mouth opens in this clip"
    );
}

/// Waits until so many records are there, or the process has ended.
fn wait_for(cache: &Path, records: usize, process: &mut std::process::Child) {
    let began = Instant::now();
    let count = || {
        let all = if cache.exists() {
            files(cache)
        } else {
            BTreeMap::new()
        };
        let record = |path: &&PathBuf| path.extension().is_some_and(|ending| ending == "face");
        all.keys().filter(record).count()
    };
    while process.try_wait().unwrap().is_none() && count() < records {
        assert!(began.elapsed() < Duration::from_secs(300), "nothing comes");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn an_interrupted_and_a_killed_run_go_on() {
    let Some(whole) = whole() else { return };
    let folder = tempfile::tempdir().unwrap();
    let cache = folder.path().join("cache");
    let start = |pipe: bool| {
        let mut command = command(&whole.root(), &cache, &["--jobs", "1"]);
        let pipe = || if pipe { Stdio::piped() } else { Stdio::null() };
        command
            .process_group(0)
            .stdout(pipe())
            .stderr(pipe())
            .spawn()
            .unwrap()
    };
    // Ctrl-C, as a terminal sends it.
    let mut process = start(true);
    wait_for(&cache, 1, &mut process);
    let pid = process.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-INT", &pid])
            .status()
            .unwrap()
            .success()
    );
    let output = process.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130), "{output:?}");
    assert!(String::from_utf8_lossy(&output.stderr).contains("it goes on from there"));
    assert!(!cache.join("index.jsonl").exists());

    let mut process = start(false);
    wait_for(&cache, 2, &mut process);
    process.kill().unwrap();
    process.wait().unwrap();
    assert!(
        !cache.join("index.jsonl").exists(),
        "killed too late to tell anything"
    );
    let error = Corpus::open(&cache).unwrap_err().to_string();
    assert!(error.contains("finish the run"), "{error}");

    let output = corpus(&whole.root(), &cache, &["--json", "--jobs", "2"]);
    let summary: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(summary["kept"].as_u64().unwrap() >= 2, "{summary}");
    assert!(summary["made"].as_u64().unwrap() >= 1, "{summary}");
    assert_same(&whole.cache(), &cache);

    // Nothing is left to do; skipped clips are tried again when that is asked for.
    let output = corpus(&whole.root(), &cache, &["--json", "--verify"]);
    let summary: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        (&summary["made"], &summary["kept"]),
        (&0.into(), &CLIPS.len().into())
    );
    assert!(
        !String::from_utf8_lossy(&output.stderr).contains("skipped"),
        "told once"
    );
    let output = corpus(&whole.root(), &cache, &["--retry"]);
    assert!(
        String::from_utf8_lossy(&output.stderr).contains(NOBODY),
        "{output:?}"
    );
    assert_same(&whole.cache(), &cache);
}

#[test]
fn three_shards_merged_are_one_run() {
    let Some(whole) = whole() else { return };
    let folder = tempfile::tempdir().unwrap();
    let shard = |index: usize| {
        let cache = folder.path().join(index.to_string());
        let output = corpus(
            &whole.root(),
            &cache,
            &["--shard", &format!("{index}/3"), "--json"],
        );
        assert!(output.status.success(), "{output:?}");
        let summary: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(summary["below_root"], ALL);
        (cache, summary["clips"].as_u64().unwrap())
    };
    let (caches, counts): (Vec<PathBuf>, Vec<u64>) = (0..3).map(shard).unzip();
    assert_eq!(counts.iter().sum::<u64>(), ALL as u64);
    assert!(
        counts.iter().filter(|count| **count > 0).count() > 1,
        "{counts:?}"
    );
    let into = folder.path().join("merged");
    merge(&caches, &into);
    assert_same(&whole.cache(), &into);
}

#[test]
fn gnu_parallel_drives_the_shards() {
    let Some(whole) = whole() else { return };
    let there = Command::new("parallel")
        .args(["--will-cite", "--version"])
        .output();
    if !there.is_ok_and(|output| output.stdout.starts_with(b"GNU parallel")) {
        assert!(
            std::env::var_os("CI").is_none(),
            "GNU parallel is missing; apt-get install parallel"
        );
        println!("skipped: GNU parallel is missing; apt-get install parallel");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let output = Command::new("parallel")
        .args(["--will-cite", "--jobs", "2", "--halt", "soon,fail=1"])
        .arg(atelier())
        .arg("corpus")
        .arg(whole.root())
        .arg("-o")
        .arg(folder.path().join("shard-{}"))
        .args(["--shard", "{}/3", "--jobs", "1", ":::", "0", "1", "2"])
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let caches: Vec<PathBuf> = (0..3)
        .map(|index| folder.path().join(format!("shard-{index}")))
        .collect();
    let into = folder.path().join("merged");
    merge(&caches, &into);
    assert_same(&whole.cache(), &into);
}

/// What the program says when it fails.
fn complaint(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn what_is_missing_is_named_with_its_cure() {
    let folder = tempfile::tempdir().unwrap();
    let (root, cache) = (folder.path().join("root"), folder.path().join("cache"));
    let said = complaint(&corpus(&root, &cache, &[]));
    assert!(
        said.contains("name the folder that holds the clips"),
        "{said}"
    );
    fs::create_dir(&root).unwrap();
    let said = complaint(&corpus(&root, &cache, &[]));
    assert!(said.contains("holds no clips"), "{said}");
    fs::write(root.join("1.mp4"), "no film").unwrap();
    let said = complaint(
        &command(&root, &cache, &[])
            .env("PATH", folder.path())
            .output()
            .unwrap(),
    );
    assert!(said.contains("apt install ffmpeg"), "{said}");
    // What no ffmpeg is needed for goes on to the models.
    fs::rename(root.join("1.mp4"), root.join("1.y4m")).unwrap();
    let nowhere = folder.path().join("no-models");
    let said = complaint(&corpus(
        &root,
        &cache,
        &["--models", nowhere.to_str().unwrap()],
    ));
    assert!(said.contains("cargo xtask models"), "{said}");
    assert!(!cache.exists(), "nothing is begun that cannot be done");
    let wrong = corpus(&root, &cache, &["--shard", "3/3"]);
    assert_eq!(wrong.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&wrong.stderr).contains("INDEX/COUNT"));
}

#[test]
fn a_cache_among_the_clips_and_one_in_use_are_refused() {
    let Some(whole) = whole() else { return };
    let inside = whole.root().join("id00001/cache");
    let said = complaint(&corpus(&whole.root(), &inside, &[]));
    assert!(
        said.contains("put it elsewhere") && !inside.exists(),
        "{said}"
    );
    let folder = tempfile::tempdir().unwrap();
    let lock = fs::File::create(folder.path().join(".lock")).unwrap();
    lock.try_lock().unwrap();
    let said = complaint(&corpus(&whole.root(), folder.path(), &[]));
    assert!(said.contains("another run writes"), "{said}");
}

#[test]
fn where_nothing_can_be_written_the_run_ends_and_later_goes_on() {
    let Some(whole) = whole() else { return };
    let folder = tempfile::tempdir().unwrap();
    let cache = folder.path().join("cache");
    // No file may grow beyond 64 kB: what a full disk or a quota does, without filling one.
    let output = Command::new("bash")
        .args(["-c", "trap '' XFSZ; ulimit -f 64; exec \"$@\"", "bash"])
        .arg(atelier())
        .arg("corpus")
        .arg(whole.root())
        .arg("-o")
        .arg(&cache)
        .output()
        .unwrap();
    let said = complaint(&output);
    assert!(said.contains("writing failed"), "{said}");
    for (name, _) in files(&cache) {
        assert!(
            !name.to_str().unwrap().ends_with(".part"),
            "{}",
            name.display()
        );
    }
    assert!(corpus(&whole.root(), &cache, &[]).status.success());
    assert_same(&whole.cache(), &cache);
}
