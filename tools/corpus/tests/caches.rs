//! Caches of made-up clips: what is damaged or changed is noticed, and merging is exact.

// A test fails by panicking; the lint is for the device.
#![allow(clippy::unwrap_used)]

use sfumato_core::motion::Motion;
use sfumato_core::time::Moment;
use sfumato_corpus::align::Transform;
use sfumato_corpus::cache::{State, crops_file, record_file, skip_file};
use sfumato_corpus::recipe::Choice;
use sfumato_corpus::record::{Content, Frame, POINTS, Seen};
use sfumato_corpus::{
    Cache, Clip, Corpus, CorpusError, Digest, Reason, Recipe, Record, Shard, Skip, check, layout,
    merge,
};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

fn recipe(program: &str) -> Recipe {
    Recipe::new(program.to_owned(), BTreeMap::new(), Choice::PerSecond(5))
}

/// What a program would see in a clip: its bytes, as a face.
fn record(clip: &Clip, cache: &Cache) -> (Record, Vec<u8>) {
    let content = fs::read(&clip.file).unwrap();
    let crops = content.repeat(3);
    let mut points = Box::new([[0; 3]; POINTS]);
    for (point, byte) in points.iter_mut().zip(&content) {
        point[0] = i16::from(*byte);
    }
    let seen = Seen {
        score: 65535,
        transform: Transform::around([112.0, 112.0], 200.0, 3.0),
        pose: [1, 2, 3],
        motion: Motion::REST,
        points,
    };
    let frame = Frame {
        captured: Moment(40_000),
        crop: Some(crops.len() as u32),
        seen: Some(Box::new(seen)),
    };
    let record = Record {
        path: clip.path.clone(),
        width: 224,
        height: 224,
        source: Content::of(&content),
        recipe: cache.recipe_digest(),
        crops: Digest::of(&crops),
        frames: vec![Frame::default(), frame],
    };
    (record, crops)
}

/// Makes or goes on with a cache; how many clips were made.
fn run(root: &Path, folder: &Path, shard: Shard) -> usize {
    let cache = Cache::create(folder, recipe("test 1")).unwrap();
    cache.begin().unwrap();
    let mut made = 0;
    let clips = layout::find(root).unwrap().clips;
    for clip in clips.iter().filter(|clip| shard.has(&clip.path)) {
        if cache.state(clip, false).unwrap() != State::Missing {
            continue;
        }
        made += 1;
        let content = fs::read(&clip.file).unwrap();
        if content.starts_with(b"nobody") {
            let skip = Skip {
                clip: clip.path.clone(),
                reason: Reason::NoFace,
                because: "nobody is seen".to_owned(),
                source_bytes: content.len() as u64,
                source_sha256: Digest::of(&content),
                recipe: cache.recipe_digest(),
            };
            cache.skip(&skip).unwrap();
        } else {
            let (record, crops) = record(clip, &cache);
            cache.put(&record, &crops).unwrap();
        }
    }
    assert_eq!(cache.finish().unwrap().1, [""; 0]);
    made
}

/// Three people with ten clips each, one of them without anybody.
fn root(folder: &Path) -> PathBuf {
    let root = folder.join("root");
    for person in 0..3 {
        let video = root.join(format!("id{person:05}/video"));
        fs::create_dir_all(&video).unwrap();
        for clip in 0..10 {
            let content = match clip {
                7 => format!("nobody {person}"),
                _ => format!("person {person} clip {clip}"),
            };
            fs::write(video.join(format!("{clip:05}.mp4")), content).unwrap();
        }
    }
    root
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

fn shards(root: &Path, folder: &Path, count: u32) -> Vec<PathBuf> {
    let shard = |index| {
        let cache = folder.join(format!("shard-{index}"));
        run(root, &cache, Shard::new(index, count).unwrap());
        cache
    };
    (0..count).map(shard).collect()
}

fn merged(caches: &[PathBuf], into: &Path) -> Result<sfumato_corpus::Merged, CorpusError> {
    merge(caches, into, |_, _| {})
}

#[test]
fn merged_shards_are_what_one_run_makes_in_any_order() {
    let folder = tempfile::tempdir().unwrap();
    let root = root(folder.path());
    let whole = folder.path().join("whole");
    assert_eq!(run(&root, &whole, Shard::ALL), 30);
    let mut caches = shards(&root, folder.path(), 4);
    let sums = merged(&caches, &folder.path().join("merged")).unwrap();
    assert_eq!((sums.sums.clips, sums.sums.skipped, sums.twice), (27, 3, 0));
    assert!(files(&whole) == files(&folder.path().join("merged")));
    caches.reverse();
    // One of them twice does no harm.
    caches.push(caches[0].clone());
    let sums = merged(&caches, &folder.path().join("again")).unwrap();
    assert!(sums.twice > 0);
    assert!(files(&whole) == files(&folder.path().join("again")));
    assert_eq!(check(&whole, false).unwrap().sums, sums.sums);
    // A merge that was broken off goes on.
    let again = folder.path().join("again");
    fs::remove_file(record_file(&again, "id00001/video/00003.mp4")).unwrap();
    fs::remove_file(again.join("index.jsonl")).unwrap();
    merged(&caches, &again).unwrap();
    assert!(files(&whole) == files(&again));
}

#[test]
fn what_is_damaged_is_found_and_made_anew() {
    let folder = tempfile::tempdir().unwrap();
    let root = root(folder.path());
    let cache = folder.path().join("cache");
    run(&root, &cache, Shard::ALL);
    let before = files(&cache);
    assert_eq!(run(&root, &cache, Shard::ALL), 0);

    let clip = |number: u32| format!("id00001/video/{number:05}.mp4");
    let flip = |path: PathBuf| {
        let mut bytes = fs::read(&path).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        fs::write(path, bytes).unwrap();
    };
    let problem = |damage: &dyn Fn()| {
        damage();
        let error = check(&cache, false).unwrap_err().to_string();
        assert_eq!(run(&root, &cache, Shard::ALL), 1, "{error}");
        assert!(files(&cache) == before, "{error}");
        error
    };
    let error = problem(&|| flip(record_file(&cache, &clip(0))));
    assert!(
        error.contains("00000.mp4.face") && error.contains("SHA-256"),
        "{error}"
    );
    let error = problem(&|| flip(crops_file(&cache, &clip(1))));
    assert!(
        error.contains("00001.mp4.mjpeg") && error.contains("others"),
        "{error}"
    );
    let error = problem(&|| fs::remove_file(crops_file(&cache, &clip(2))).unwrap());
    assert!(error.contains("are not there"), "{error}");
    let error = problem(&|| fs::write(skip_file(&cache, &clip(7)), "{").unwrap());
    assert!(error.contains("00007.mp4.json"), "{error}");
    let error = problem(&|| fs::remove_file(record_file(&cache, &clip(3))).unwrap());
    assert!(error.contains("does not list"), "{error}");
    // A record in another's place.
    let error = problem(&|| {
        fs::copy(record_file(&cache, &clip(4)), record_file(&cache, &clip(5)))
            .map(drop)
            .unwrap();
    });
    assert!(error.contains("place"), "{error}");

    // What a killed run leaves is swept away.
    fs::write(
        cache.join("clips/id00001/video/00009.mp4.face.part"),
        "half",
    )
    .unwrap();
    fs::write(
        cache.join("clips/id00001/video/00099.mp4.mjpeg"),
        "nobody's",
    )
    .unwrap();
    assert_eq!(run(&root, &cache, Shard::ALL), 0);
    assert!(files(&cache) == before);
}

#[test]
fn a_changed_clip_is_made_anew_and_a_touched_one_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let root = root(folder.path());
    let cache = folder.path().join("cache");
    run(&root, &cache, Shard::ALL);
    let before = files(&cache);
    let clip = root.join("id00000/video/00001.mp4");
    let later = SystemTime::now() + Duration::from_secs(60);
    let touch = || {
        fs::File::options()
            .write(true)
            .open(&clip)
            .unwrap()
            .set_modified(later)
            .unwrap()
    };
    touch();
    assert_eq!(run(&root, &cache, Shard::ALL), 0, "touched, but the same");
    fs::write(&clip, "person 0 clip X").unwrap();
    touch();
    assert_eq!(
        run(&root, &cache, Shard::ALL),
        1,
        "another clip of the same size"
    );
    fs::write(&clip, "nobody 0, now").unwrap();
    assert_eq!(run(&root, &cache, Shard::ALL), 1, "of another size");
    assert!(!record_file(&cache, "id00000/video/00001.mp4").exists());
    fs::write(&clip, "person 0 clip 1").unwrap();
    touch();
    assert_eq!(run(&root, &cache, Shard::ALL), 1);
    assert!(files(&cache) == before);

    // A file of the same size that claims to be older is found only by its hash.
    fs::write(&clip, "person 0 clip Y").unwrap();
    let old = SystemTime::UNIX_EPOCH + Duration::from_secs(9);
    fs::File::options()
        .write(true)
        .open(&clip)
        .unwrap()
        .set_modified(old)
        .unwrap();
    let found = layout::find(&root).unwrap().clips;
    let changed = found
        .iter()
        .find(|clip| clip.path == "id00000/video/00001.mp4")
        .unwrap();
    let cache = Cache::create(&cache, recipe("test 1")).unwrap();
    assert!(matches!(
        cache.state(changed, false).unwrap(),
        State::Recorded(..)
    ));
    assert_eq!(cache.state(changed, true).unwrap(), State::Missing);
}

#[test]
fn another_recipe_makes_all_anew_and_is_not_merged() {
    let folder = tempfile::tempdir().unwrap();
    let root = root(folder.path());
    let (one, two) = (folder.path().join("one"), folder.path().join("two"));
    run(&root, &one, Shard::ALL);
    run(&root, &two, Shard::ALL);
    let cache = Cache::create(&two, recipe("test 2")).unwrap();
    for clip in layout::find(&root).unwrap().clips {
        assert_eq!(cache.state(&clip, false).unwrap(), State::Missing);
    }
    cache.begin().unwrap();
    let (sums, others) = cache.finish().unwrap();
    assert_eq!((sums.clips, others.len()), (0, 30));
    drop(cache);
    let error = merged(&[one.clone(), two.clone()], &folder.path().join("into")).unwrap_err();
    assert!(matches!(error, CorpusError::Recipes { .. }), "{error}");
    assert!(error.to_string().contains("different versions"));
    let error = merged(&[two], &folder.path().join("into"))
        .unwrap_err()
        .to_string();
    assert!(error.contains("recipe"), "{error}");
    let error = merged(&[root], &folder.path().join("into"))
        .unwrap_err()
        .to_string();
    assert!(error.contains("is no cache"), "{error}");
    assert!(!folder.path().join("into").exists());
}

#[test]
fn a_conflict_names_both() {
    let folder = tempfile::tempdir().unwrap();
    let root = root(folder.path());
    let (one, two) = (folder.path().join("one"), folder.path().join("two"));
    run(&root, &one, Shard::ALL);
    fs::write(root.join("id00002/video/00004.mp4"), "another take").unwrap();
    run(&root, &two, Shard::ALL);
    let into = folder.path().join("into");
    let error = merged(&[one.clone(), two.clone()], &into)
        .unwrap_err()
        .to_string();
    for cache in [&one, &two] {
        let file = record_file(cache, "id00002/video/00004.mp4");
        assert!(error.contains(file.to_str().unwrap()), "{error}");
    }
    assert!(!into.exists(), "nothing is merged before all agree");
    // Recorded here, skipped there.
    fs::write(root.join("id00002/video/00004.mp4"), "nobody at all").unwrap();
    run(&root, &two, Shard::ALL);
    let error = merged(&[one, two.clone()], &into).unwrap_err().to_string();
    assert!(
        error.contains(skip_file(&two, "id00002/video/00004.mp4").to_str().unwrap()),
        "{error}"
    );
}

#[test]
fn whoever_is_removed_stays_removed() {
    let folder = tempfile::tempdir().unwrap();
    let root = root(folder.path());
    let caches = shards(&root, folder.path(), 3);
    let into = folder.path().join("into");
    merged(&caches, &into).unwrap();
    for cache in &caches {
        for part in ["clips", "skipped"] {
            // A shard need not have every person.
            let _ = fs::remove_dir_all(cache.join(part).join("id00001"));
        }
    }
    // Not before each index says so, and not into what still has them.
    let error = merged(&caches, &into).unwrap_err().to_string();
    assert!(error.contains("--index"), "{error}");
    for cache in &caches {
        check(cache, true).unwrap();
    }
    let error = merged(&caches, &into).unwrap_err().to_string();
    assert!(
        error.contains("in none of the caches") && error.contains("id00001"),
        "{error}"
    );
    let fresh = folder.path().join("fresh");
    merged(&caches, &fresh).unwrap();
    let corpus = Corpus::open(&fresh).unwrap();
    assert_eq!(corpus.entries().len(), 20);
    assert!(
        corpus
            .entries()
            .iter()
            .all(|entry| entry.speaker != "id00001")
    );
    assert!(
        files(&fresh)
            .keys()
            .all(|path| !path.to_str().unwrap().contains("id00001"))
    );
}

#[test]
fn an_unfinished_cache_is_not_read_and_not_merged() {
    let folder = tempfile::tempdir().unwrap();
    let root = root(folder.path());
    let cache = folder.path().join("cache");
    run(&root, &cache, Shard::ALL);
    Cache::create(&cache, recipe("test 1"))
        .unwrap()
        .begin()
        .unwrap();
    let wanted = "finish the run";
    let error = Corpus::open(&cache).unwrap_err().to_string();
    assert!(error.contains(wanted), "{error}");
    let error = merged(std::slice::from_ref(&cache), &folder.path().join("into")).unwrap_err();
    assert!(error.to_string().contains(wanted), "{error}");
}

#[test]
fn two_runs_do_not_write_to_one_cache() {
    let folder = tempfile::tempdir().unwrap();
    let cache = folder.path().join("cache");
    let first = Cache::create(&cache, recipe("test 1")).unwrap();
    let error = Cache::create(&cache, recipe("test 1"))
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("another run") && error.contains("of its own"),
        "{error}"
    );
    drop(first);
    Cache::create(&cache, recipe("test 1")).unwrap();
}

#[cfg(unix)]
#[test]
fn a_new_cache_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let cache = folder.path().join("some/cache");
    Cache::create(&cache, recipe("test 1")).unwrap();
    assert_eq!(
        fs::metadata(&cache).unwrap().permissions().mode() & 0o777,
        0o700
    );
    assert_eq!(fs::read(cache.join(".gitignore")).unwrap(), b"*\n");
}

#[test]
fn whoever_trains_reads_what_was_written() {
    let folder = tempfile::tempdir().unwrap();
    let root = root(folder.path());
    let cache = folder.path().join("cache");
    run(&root, &cache, Shard::ALL);
    let corpus = Corpus::open(&cache).unwrap();
    assert_eq!(corpus.recipe(), &recipe("test 1"));
    assert_eq!((corpus.entries().len(), corpus.clips().count()), (30, 27));
    let entry = corpus.clips().nth(2).unwrap();
    let read = corpus.read(entry).unwrap();
    assert_eq!(
        (entry.clip.as_str(), read.path.as_str()),
        ("id00000/video/00002.mp4", entry.clip.as_str())
    );
    assert_eq!(
        read.frames[1].seen.as_ref().unwrap().points[0][0],
        i16::from(b'p')
    );
    let crops = corpus.crops(&read).unwrap();
    let crop = crops.iter().next().unwrap();
    assert_eq!((crops.len(), crop.frame), (1, 1));
    assert_eq!(crop.jpeg, b"person 0 clip 2".repeat(3));
    assert!(crop.pixels().is_err(), "that is no JPEG");
    // A record that is whole, but not the one on the list.
    let other = corpus.clips().nth(3).unwrap();
    let mut stranger = corpus.read(other).unwrap();
    stranger.width += 1;
    fs::write(record_file(&cache, &other.clip), stranger.encode().0).unwrap();
    assert!(matches!(
        corpus.read(other).unwrap_err(),
        CorpusError::Index { .. }
    ));
}
