//! Who is who, and who is answered, over scripted moments.

// A test fails by panicking; the lint is for the device.
#![allow(clippy::unwrap_used)]

use sfumato_core::face::{Face, Faces, LANDMARKS, Landmark, TrackId};
use sfumato_core::geometry::Box2;
use sfumato_core::time::Moment;
use sfumato_faces::tracks::Tracks;
use sfumato_faces::{Choice, Crop};

fn at(x: f32, width: f32) -> Box2 {
    Box2 {
        left: x - 0.5 * width,
        right: x + 0.5 * width,
        top: 200.0,
        bottom: 200.0 + 1.2 * width,
    }
}

fn seconds(seconds: f64) -> Moment {
    Moment((seconds * 1e6) as u64)
}

fn found(tracks: &mut Tracks, x: f32, now: Moment) -> Option<TrackId> {
    tracks.found(at(x, 100.0), Crop::default(), now)
}

#[test]
fn ids_are_new_and_stay() {
    let mut tracks = Tracks::new();
    let a = found(&mut tracks, 100.0, seconds(0.0)).unwrap();
    let b = found(&mut tracks, 400.0, seconds(0.0)).unwrap();
    assert_ne!(a, b);
    assert_eq!(
        found(&mut tracks, 405.0, seconds(0.1)),
        None,
        "followed already"
    );
    tracks.moved(0, at(130.0, 100.0), Crop::default());
    assert_eq!(tracks.live()[0].id, a);
    assert_eq!(tracks.live()[0].bounds, at(130.0, 100.0));
}

#[test]
fn who_comes_back_soon_and_near_is_the_same() {
    let mut tracks = Tracks::new();
    let a = found(&mut tracks, 100.0, seconds(0.0)).unwrap();
    tracks.lose(0, seconds(1.0));
    assert_eq!(found(&mut tracks, 150.0, seconds(2.0)), Some(a));
    tracks.lose(0, seconds(3.0));
    let far = found(&mut tracks, 400.0, seconds(3.2)).unwrap();
    assert_ne!(far, a, "too far away");
    let late = found(&mut tracks, 150.0, seconds(30.0)).unwrap();
    assert_ne!(late, a, "too late");
}

#[test]
fn of_two_lost_the_nearer_one_is_recognised() {
    let mut tracks = Tracks::new();
    let a = found(&mut tracks, 100.0, seconds(0.0)).unwrap();
    let b = found(&mut tracks, 220.0, seconds(0.0)).unwrap();
    tracks.lose(1, seconds(0.1));
    tracks.lose(0, seconds(0.1));
    assert_eq!(found(&mut tracks, 165.0, seconds(0.2)), Some(b));
    assert_eq!(found(&mut tracks, 95.0, seconds(0.2)), Some(a));
}

#[test]
fn a_face_keeps_the_track_that_did_not_jump() {
    let mut tracks = Tracks::new();
    let passing = found(&mut tracks, 100.0, seconds(0.0)).unwrap();
    let standing = found(&mut tracks, 220.0, seconds(0.0)).unwrap();
    // The one who passes behind is hidden; the track slides onto the one in front.
    tracks.moved(0, at(218.0, 100.0), Crop::default());
    tracks.moved(1, at(221.0, 100.0), Crop::default());
    let wrong = tracks.settle().unwrap();
    assert_eq!(tracks.live()[wrong].id, passing);
    tracks.lose(wrong, seconds(0.1));
    assert_eq!(tracks.settle(), None);
    assert_eq!(tracks.live()[0].id, standing);
    // On the other side, a moment later, the hidden one is known again.
    assert_eq!(found(&mut tracks, 290.0, seconds(0.6)), Some(passing));
}

#[test]
fn there_is_room_for_a_fixed_number() {
    let mut tracks = Tracks::new();
    for index in 0..sfumato_core::face::MOST_FACES {
        assert!(found(&mut tracks, 200.0 * index as f32, seconds(0.0)).is_some());
    }
    assert_eq!(found(&mut tracks, 9_000.0, seconds(0.0)), None);
    // Losing and finding for long never runs out of room.
    for round in 0..100 {
        tracks.lose(0, seconds(f64::from(round)));
        let x = 20_000.0 + 500.0 * round as f32;
        assert!(found(&mut tracks, x, seconds(f64::from(round))).is_some());
    }
}

/// Faces given as id, middle and width in a picture 1000 wide.
fn faces(now: f64, list: &[(u32, f32, f32)]) -> Faces {
    let mut faces = Faces {
        captured: seconds(now),
        width: 1000,
        height: 600,
        ..Faces::default()
    };
    for &(id, x, width) in list {
        faces
            .faces
            .push(Face {
                track: TrackId(id),
                score: 1.0,
                bounds: at(x, width),
                landmarks: [Landmark::default(); LANDMARKS],
                irises: Default::default(),
            })
            .unwrap();
    }
    faces
}

/// Shows the same faces from `from` to `to`, ten pictures a second; the last answer.
fn show(choice: &mut Choice, from: f64, to: f64, list: &[(u32, f32, f32)]) -> Option<TrackId> {
    let mut answer = choice.current();
    let mut now = from;
    while now < to {
        answer = choice.choose(&faces(now, list));
        now += 0.1;
    }
    answer
}

#[test]
fn nobody_is_answered_in_an_empty_room() {
    let mut choice = Choice::new();
    assert_eq!(show(&mut choice, 0.0, 5.0, &[]), None);
}

#[test]
fn the_nearer_and_more_central_visitor_is_chosen() {
    let mut choice = Choice::new();
    assert_eq!(
        show(
            &mut choice,
            0.0,
            0.1,
            &[(1, 500.0, 80.0), (2, 300.0, 160.0)]
        ),
        Some(TrackId(2))
    );
    let mut choice = Choice::new();
    assert_eq!(
        show(
            &mut choice,
            0.0,
            0.1,
            &[(1, 950.0, 110.0), (2, 500.0, 100.0)]
        ),
        Some(TrackId(2))
    );
}

#[test]
fn a_slightly_nearer_visitor_does_not_turn_its_head() {
    let mut choice = Choice::new();
    show(&mut choice, 0.0, 5.0, &[(1, 450.0, 100.0)]);
    let answer = show(
        &mut choice,
        5.0,
        20.0,
        &[(2, 550.0, 115.0), (1, 450.0, 100.0)],
    );
    assert_eq!(answer, Some(TrackId(1)));
}

#[test]
fn a_clearly_nearer_visitor_does_after_a_while() {
    let mut choice = Choice::new();
    show(&mut choice, 0.0, 5.0, &[(1, 450.0, 100.0)]);
    let both = [(2, 550.0, 200.0), (1, 450.0, 100.0)];
    assert_eq!(show(&mut choice, 5.0, 5.5, &both), Some(TrackId(1)));
    assert_eq!(show(&mut choice, 5.5, 6.5, &both), Some(TrackId(2)));
}

#[test]
fn a_passer_by_in_a_hurry_is_ignored() {
    let mut choice = Choice::new();
    show(&mut choice, 0.0, 5.0, &[(1, 450.0, 100.0)]);
    show(
        &mut choice,
        5.0,
        5.6,
        &[(2, 550.0, 200.0), (1, 450.0, 100.0)],
    );
    let answer = show(&mut choice, 5.6, 9.0, &[(1, 450.0, 100.0)]);
    assert_eq!(answer, Some(TrackId(1)));
}

#[test]
fn who_is_gone_is_waited_for_a_moment() {
    let mut choice = Choice::new();
    let other = [(2, 500.0, 90.0)];
    show(
        &mut choice,
        0.0,
        5.0,
        &[(1, 500.0, 100.0), (2, 700.0, 90.0)],
    );
    assert_eq!(show(&mut choice, 5.0, 5.4, &other), Some(TrackId(1)));
    assert_eq!(show(&mut choice, 5.4, 6.2, &other), Some(TrackId(2)));
    assert_eq!(show(&mut choice, 6.2, 8.0, &[]), None);
}

#[test]
fn in_a_group_everybody_gets_a_turn() {
    let mut choice = Choice::new();
    let group = [(1, 400.0, 100.0), (2, 600.0, 99.0)];
    let mut answered = std::collections::BTreeSet::new();
    for second in 0..120 {
        answered.insert(show(
            &mut choice,
            f64::from(second),
            f64::from(second) + 1.0,
            &group,
        ));
    }
    assert_eq!(answered.len(), 2);
}
