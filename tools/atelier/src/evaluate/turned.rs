//! How far a head has turned from the pose in which it was painted.
//!
//! A head painted in a three-quarter view is turned before it moves. Read off as the difference of two poses, a lean of such a
//! head is half a nod, and a nod half a lean: angles only add up where one starts from the front. So the painted pose is undone
//! as a rotation. What is left is about the viewer's own axes, as a visitor's who faces the camera.

use sfumato_motion::measure::Pose;

type Rotation = [[f32; 3]; 3];

/// The turn that leads from `painted` to `seen`, as a pose.
pub fn turned(painted: &Pose, seen: &Pose) -> Pose {
    let (seen, painted) = (rotation(seen), rotation(painted));
    // The inverse of a rotation is its transpose.
    pose(&matrix(|row, column| {
        (0..3).map(|k| seen[row][k] * painted[column][k]).sum()
    }))
}

/// Yaw after pitch after roll, as `sfumato_motion::measure` takes them apart; x to the right, y up, z towards the viewer.
fn rotation(pose: &Pose) -> Rotation {
    let [(ys, yc), (ps, pc), (rs, rc)] =
        [pose.yaw, pose.pitch, pose.roll].map(|angle| angle.to_radians().sin_cos());
    let yaw = [[yc, 0.0, ys], [0.0, 1.0, 0.0], [-ys, 0.0, yc]];
    let pitch = [[1.0, 0.0, 0.0], [0.0, pc, -ps], [0.0, ps, pc]];
    let roll = [[rc, -rs, 0.0], [rs, rc, 0.0], [0.0, 0.0, 1.0]];
    product(&product(&yaw, &pitch), &roll)
}

fn pose(r: &Rotation) -> Pose {
    Pose {
        yaw: r[0][2].atan2(r[2][2]).to_degrees(),
        pitch: (-r[1][2]).clamp(-1.0, 1.0).asin().to_degrees(),
        roll: r[1][0].atan2(r[1][1]).to_degrees(),
    }
}

fn product(a: &Rotation, b: &Rotation) -> Rotation {
    matrix(|row, column| (0..3).map(|k| a[row][k] * b[k][column]).sum())
}

fn matrix(of: impl Fn(usize, usize) -> f32) -> Rotation {
    std::array::from_fn(|row| std::array::from_fn(|column| of(row, column)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAINTED: Pose = Pose {
        yaw: 35.0,
        pitch: 9.0,
        roll: -4.0,
    };

    fn near(one: Pose, other: Pose) {
        let apart = [
            one.yaw - other.yaw,
            one.pitch - other.pitch,
            one.roll - other.roll,
        ];
        let far = apart
            .iter()
            .fold(0.0, |far: f32, angle| far.max(angle.abs()));
        assert!(far < 0.01, "{one:?} {other:?}");
    }

    #[test]
    fn from_the_front_it_is_the_pose_itself_and_nothing_is_no_turn() {
        near(turned(&Pose::default(), &PAINTED), PAINTED);
        near(turned(&PAINTED, &PAINTED), Pose::default());
    }

    #[test]
    fn what_a_turned_head_was_moved_by_comes_back() {
        let moved = Pose {
            yaw: -7.0,
            pitch: 0.0,
            roll: 12.0,
        };
        let seen = pose(&product(&rotation(&moved), &rotation(&PAINTED)));
        near(turned(&PAINTED, &seen), moved);
        // As a difference of poses the lean would be a nod as well.
        assert!((seen.pitch - PAINTED.pitch).abs() > 5.0, "{seen:?}");
    }
}
