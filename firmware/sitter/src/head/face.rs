//! The face: skin from the hairline to beneath the jaw, and its expressions.
//!
//! Expressions are sculpted on the cage as displacements per unit of effort and carried to the
//! fine mesh; two movements are turns instead, because straight lines would cut through what
//! lies beneath: the jaw swings on its hinge, and a lid slides over its eyeball.

use super::cage::{Cage, EYE, LEFT_LIDS, Part, RIGHT_LIDS, UPPER_LID, mirrored};
use crate::maths::{Vec3, bell, mix, sin_cos, smooth, v};
use crate::mesh::Refinement;
use crate::performance::Performance;
use sfumato_core::face::LANDMARKS;

/// The jaw's hinge: an axis along x just before the ears.
const HINGE: Vec3 = v(0.0, 0.4, -2.6);
/// How far the jaw swings when it is fully open, in radians.
const JAW_SWING: f32 = 0.34;

/// The face's fine mesh and all it needs to act.
#[derive(Clone, Debug)]
pub(crate) struct Face {
    /// Positions at rest.
    pub rest: Vec<Vec3>,
    pub triangles: Vec<[u32; 3]>,
    /// How much each point follows the jaw.
    jaw: Vec<f32>,
    smile: Vec<Vec3>,
    pucker: Vec<Vec3>,
    brow_up: Vec<Vec3>,
    brow_down: Vec<Vec3>,
    /// How much each point follows the upper lid, of either eye (by the sign of x).
    upper_lid: Vec<f32>,
    lower_lid: Vec<f32>,
    /// For each point near an eye: the angles of the two margins there, in radians above straight ahead.
    margins: Vec<[f32; 2]>,
    /// How much of the lip's red each point has, in [0, 1].
    pub lips: Vec<f32>,
    /// How far inside the mouth each point lies, in [0, 1].
    pub inside: Vec<f32>,
    /// Inner, wet side of the lids, in [0, 1].
    pub rims: Vec<f32>,
}

impl Face {
    /// A face refined `rounds` times.
    pub fn new(rounds: usize) -> Face {
        let cage = Cage::new();
        let refinement = Refinement::new(cage.points.len(), &cage.triangles, rounds);
        let solved = refinement.interpolating(&cage.points);
        let mut rest = refinement.carry(&solved);
        let on_cage = |f: &dyn Fn(Vec3, Part) -> Vec3| -> Vec<Vec3> {
            let values: Vec<Vec3> = cage
                .points
                .iter()
                .zip(&cage.parts)
                .map(|(&p, &part)| f(p, part))
                .collect();
            refinement.carry(&values)
        };
        let scalar = |f: &dyn Fn(Vec3, Part) -> f32| -> Vec<f32> {
            let values: Vec<f32> = cage
                .points
                .iter()
                .zip(&cage.parts)
                .map(|(&p, &part)| f(p, part))
                .collect();
            refinement.carry(&values)
        };
        let profile = Margins::new(&cage.points);
        let upper_lid = scalar(&|p, part| profile.follows(p, part, true));
        let lower_lid = scalar(&|p, part| profile.follows(p, part, false));
        let margins = rest.iter().map(|&p| profile.at(p)).collect();
        let lips = scalar(&|_, part| match part {
            Part::UpperLip(ring @ 0..4) | Part::LowerLip(ring @ 0..4) => {
                [1.0, 1.0, 0.95, 0.45][ring as usize]
            }
            Part::LipInside(_) => 1.0,
            _ => 0.0,
        });
        let inside = scalar(&|_, part| {
            if matches!(part, Part::LipInside(_)) {
                1.0
            } else {
                0.0
            }
        });
        // The lids' inner strips come first after the canonical points: two of 16 for each eye.
        let mut rims = vec![0.0; cage.points.len()];
        for rim in rims.iter_mut().skip(LANDMARKS).take(4 * 16) {
            *rim = 1.0;
        }
        let rims = refinement.carry(&rims);
        let details: Vec<f32> = rest.iter().map(|&p| relief(p, &profile)).collect();
        let mut normals = vec![Vec3::ZERO; rest.len()];
        crate::mesh::normals_into(&rest, &refinement.triangles, &mut normals);
        for ((p, n), d) in rest.iter_mut().zip(&normals).zip(&details) {
            *p += *n * *d;
        }
        Face {
            jaw: scalar(&jaw_weight),
            smile: on_cage(&smile),
            pucker: on_cage(&pucker),
            brow_up: on_cage(&brow_up),
            brow_down: on_cage(&brow_down),
            upper_lid,
            lower_lid,
            margins,
            lips,
            inside,
            rims,
            rest,
            triangles: refinement.triangles,
        }
    }

    /// How much a point moves with the lids, in [0, 1].
    pub fn lid(&self, i: usize) -> f32 {
        (self.upper_lid[i] * 1.6).max(self.lower_lid[i]).min(1.0)
    }

    /// How near a point is to the edge of an upper lid, where lashes grow, in [0, 1].
    pub fn upper_edge(&self, i: usize) -> f32 {
        smooth(0.90, 1.0, self.upper_lid[i]) * smooth(1.0, 0.35, self.rims[i])
    }

    /// Where every point is while the face does `act`, in head coordinates.
    pub fn pose_into(&self, act: &Performance, out: &mut [Vec3]) {
        for (i, place) in out.iter_mut().enumerate().take(self.rest.len()) {
            let mut p = self.rest[i];
            let (upper, lower) = (self.upper_lid[i], self.lower_lid[i]);
            if upper > 0.0 || lower > 0.0 {
                p = move_lid(p, self.margins[i], upper, lower, act);
            }
            p += self.smile[i] * act.smile
                + self.pucker[i] * act.pucker
                + self.brow_up[i] * act.brow_up
                + self.brow_down[i] * act.brow_down;
            *place = swing_jaw(p, self.jaw[i] * act.jaw_open);
        }
    }
}

/// Moves a point with the lids; `margins` are the angles of the open lids at its place.
fn move_lid(p: Vec3, [above, below]: [f32; 2], upper: f32, lower: f32, act: &Performance) -> Vec3 {
    let left = p.x > 0.0;
    let blink = if left {
        act.blink_left
    } else {
        act.blink_right
    };
    // The upper lid follows the eye down, and a smile lifts the lower one.
    let follow = (act.gaze_pitch / 40.0).clamp(-0.12, 0.5);
    let close = mix(blink, 1.0, follow.max(0.0) * 0.7) + follow.min(0.0);
    let shut = mix(above, below, 1.0);
    let down = (shut - above) * close * upper;
    let up = (mix(below, above, 0.01) - below) * blink * lower
        + (mix(below, above, 0.12) - below) * act.smile * lower * (1.0 - blink)
        + (mix(below, above, -0.12) - below) * follow.max(0.0) * lower;
    turn_about_eye(p, mirrored(EYE, left), down + up)
}

/// Points along one row of lashes.
const STEPS: usize = 41;

/// The lashes of both upper lids: narrow dark ribbons that move with the lids.
#[derive(Clone, Debug)]
pub(crate) struct Lashes {
    pub rest: Vec<Vec3>,
    pub triangles: Vec<[u32; 3]>,
    margins: Vec<[f32; 2]>,
}

impl Lashes {
    pub fn new(face: &Face) -> Lashes {
        let mut lashes = Lashes {
            rest: Vec::new(),
            triangles: Vec::new(),
            margins: Vec::new(),
        };
        let profile = Margins::new(&face.rest[..LANDMARKS]);
        for ring in [&RIGHT_LIDS, &LEFT_LIDS] {
            let edge: Vec<Vec3> = ring[..=UPPER_LID]
                .iter()
                .map(|&i| face.rest[i as usize])
                .collect();
            let left = edge[0].x > 0.0;
            let eye = mirrored(EYE, left);
            let first = lashes.rest.len() as u32;
            for row in 0..2 {
                for step in 0..STEPS {
                    let t = step as f32 / (STEPS - 1) as f32;
                    let base = along(&edge, t);
                    let out = (base - eye).unit();
                    let side = if left { 1.0 } else { -1.0 };
                    // Longest towards the outer corner, uneven as lashes are.
                    let length = (0.10 + 0.18 * smooth(1.0, 0.15, t) * smooth(-0.05, 0.1, t))
                        * if step % 3 == 0 { 1.2 } else { 0.75 };
                    let sweep = v(side * 0.45 * (1.0 - t), 0.35, 0.75);
                    let p = match row {
                        0 => base - out * 0.02,
                        _ => base + (out * 0.6 + sweep * 0.6).unit() * length,
                    };
                    lashes.rest.push(p);
                    lashes.margins.push(profile.at(base));
                }
            }
            let strip = crate::mesh::grid_triangles(STEPS, 2, false);
            lashes
                .triangles
                .extend(strip.iter().map(|t| t.map(|i| i + first)));
        }
        lashes
    }

    /// Where the lashes are while the face does `act`.
    pub fn pose_into(&self, act: &Performance, out: &mut [Vec3]) {
        for ((to, &p), &margins) in out.iter_mut().zip(&self.rest).zip(&self.margins) {
            *to = move_lid(p, margins, 1.0, 0.0, act);
        }
    }
}

/// A point a share of the way along a row of points.
fn along(points: &[Vec3], t: f32) -> Vec3 {
    let at = |i: isize| points[i.clamp(0, points.len() as isize - 1) as usize];
    let place = t * (points.len() - 1) as f32;
    let i = (place as isize).min(points.len() as isize - 2);
    let f = place - i as f32;
    let (a, b, c, d) = (at(i - 1), at(i), at(i + 1), at(i + 2));
    (b * 2.0
        + (c - a) * f
        + (a * 2.0 - b * 5.0 + c * 4.0 - d) * (f * f)
        + (b * 3.0 - a - c * 3.0 + d) * (f * f * f))
        * 0.5
}

/// Swings a point on the jaw's hinge; `share` 1 is the jaw fully open.
pub(crate) fn swing_jaw(p: Vec3, share: f32) -> Vec3 {
    if share == 0.0 {
        return p;
    }
    let (s, c) = sin_cos(JAW_SWING * share);
    let q = p - HINGE;
    HINGE + v(q.x, q.y * c - q.z * s, q.y * s + q.z * c)
}

/// Turns a point about an eye's horizontal axis; positive lifts it.
fn turn_about_eye(p: Vec3, eye: Vec3, angle: f32) -> Vec3 {
    let (s, c) = sin_cos(angle);
    let q = p - eye;
    eye + v(q.x, q.y * c + q.z * s, q.z * c - q.y * s)
}

/// Where the lids' margins are, as angles above straight ahead, along the eye's width.
#[derive(Clone, Debug)]
struct Margins {
    /// `(x distance from the middle of the eye outwards, angle)`, sorted.
    upper: Vec<(f32, f32)>,
    lower: Vec<(f32, f32)>,
}

impl Margins {
    fn new(points: &[Vec3]) -> Margins {
        let mut upper = Vec::new();
        let mut lower = Vec::new();
        for (at, &i) in RIGHT_LIDS.iter().enumerate() {
            let q = points[i as usize] - EYE;
            let entry = (-q.x, libm::atan2f(q.y, q.z));
            if at <= UPPER_LID {
                upper.push(entry);
            }
            if at == 0 || at >= UPPER_LID {
                lower.push(entry);
            }
        }
        upper.sort_by(|a, b| a.0.total_cmp(&b.0));
        lower.sort_by(|a, b| a.0.total_cmp(&b.0));
        Margins { upper, lower }
    }

    /// The angles of the upper and lower margin at a point's place along the eye.
    fn at(&self, p: Vec3) -> [f32; 2] {
        let along = p.x.abs() + EYE.x;
        [
            crate::maths::curve(&self.upper, along),
            crate::maths::curve(&self.lower, along),
        ]
    }

    /// How much a cage point follows the upper (or lower) lid.
    fn follows(&self, p: Vec3, part: Part, upper: bool) -> f32 {
        match part {
            Part::UpperLid(_) => return if upper { 1.0 } else { 0.0 },
            Part::LowerLid(_) => return if upper { 0.0 } else { 1.0 },
            Part::EyeCorner(_) | Part::Rim(_) => return 0.0,
            _ => {}
        }
        let along = p.x.abs() + EYE.x;
        let q = v(p.x.abs() + EYE.x, p.y - EYE.y, p.z - EYE.z);
        if q.z < 0.3 || q.y.abs() > 3.0 {
            return 0.0;
        }
        let sideways = smooth(2.0, 1.1, along.abs());
        let angle = libm::atan2f(q.y, q.z);
        let [above, below] = self.at(p);
        if upper {
            let t = (angle - above) / 0.40;
            if t < 0.0 {
                0.0
            } else {
                sideways * smooth(1.0, 0.0, t)
            }
        } else {
            let t = (below - angle) / 0.55;
            if t < 0.0 {
                0.0
            } else {
                sideways * smooth(1.0, 0.0, t) * 0.8
            }
        }
    }
}

/// Fine relief too small for the cage, in centimetres along the normal.
fn relief(p: Vec3, margins: &Margins) -> f32 {
    let q = v(p.x.abs() + EYE.x, p.y - EYE.y, p.z - EYE.z);
    let mut height = 0.0;
    if q.z > 0.3 && q.y.abs() < 2.0 && q.x.abs() < 2.2 {
        let angle = libm::atan2f(q.y, q.z);
        let [above, below] = margins.at(p);
        let sideways = smooth(1.75, 0.9, q.x.abs());
        // The crease of the upper lid, and the soft pouch below the lower.
        let crease = angle - (above + 0.17 + 0.05 * sideways);
        height -= 0.10 * bell(crease, 0.065) * sideways;
        height += 0.05 * bell(crease - 0.16, 0.12) * sideways;
        height -= 0.035 * bell(angle - (below - 0.24), 0.09) * sideways;
    }
    // Philtrum: a shallow groove between two soft ridges.
    let lip = smooth(-1.9, -2.5, p.y) * smooth(-3.75, -3.3, p.y) * smooth(4.0, 5.0, p.z);
    height -= 0.07 * bell(p.x, 0.28) * lip;
    height += 0.035 * bell(p.x.abs() - 0.5, 0.22) * lip;
    height
}

fn corner_distance(p: Vec3, corner: Vec3) -> f32 {
    (v(p.x.abs(), p.y, p.z) - corner).length()
}

const MOUTH_CORNER: Vec3 = v(2.35, -4.25, 4.15);

fn jaw_weight(p: Vec3, part: Part) -> f32 {
    let x = p.x.abs();
    match part {
        Part::UpperLip(0..4) | Part::LipInside(true) => 0.42 * smooth(1.2, 2.3, x),
        Part::LowerLip(0..4) | Part::LipInside(false) => 1.0 - 0.55 * smooth(1.1, 2.3, x),
        Part::UpperLid(_) | Part::LowerLid(_) | Part::EyeCorner(_) => 0.0,
        _ => {
            let line = -4.25 + (4.2 - p.z.min(4.2)) * 0.72;
            let mut w = smooth(line + 2.2, line - 1.5, p.y);
            if p.y > -4.3 {
                w *= smooth(1.2, 3.0, x);
            }
            if let Part::Rim(round) = part {
                w *= [1.0, 0.8, 0.45, 0.15][round as usize % 4];
            }
            w
        }
    }
}

fn smile(p: Vec3, part: Part) -> Vec3 {
    if matches!(part, Part::Rim(_)) {
        return Vec3::ZERO;
    }
    let side = p.x.signum() * smooth(0.0, 0.8, p.x.abs());
    let corner = bell(corner_distance(p, MOUTH_CORNER), 1.75);
    let cheek = bell(corner_distance(p, v(4.0, -0.9, 3.7)), 1.9);
    let mut d = v(0.95 * side, 0.50, -0.55) * corner + v(0.12 * side, 0.34, 0.24) * cheek;
    if let Part::UpperLip(_) | Part::LowerLip(_) | Part::LipInside(_) = part {
        // Lips stretch thin along the teeth.
        d.z -= 0.12 * bell(p.x, 1.8);
        d.y += 0.06 * bell(p.x, 1.5);
    }
    d
}

fn pucker(p: Vec3, part: Part) -> Vec3 {
    if matches!(part, Part::Rim(_)) {
        return Vec3::ZERO;
    }
    let side = p.x.signum() * smooth(0.0, 0.8, p.x.abs());
    let corner = bell(corner_distance(p, MOUTH_CORNER), 1.5);
    let middle = bell(corner_distance(p, v(0.0, -4.25, 5.4)), 2.0);
    v(-0.85 * side, 0.0, 0.25) * corner + v(-0.12 * p.x, 0.0, 0.55) * middle
}

fn brow_up(p: Vec3, part: Part) -> Vec3 {
    if matches!(
        part,
        Part::UpperLid(_) | Part::LowerLid(_) | Part::EyeCorner(_) | Part::Rim(_)
    ) {
        return Vec3::ZERO;
    }
    let x = p.x.abs();
    v(0.0, 0.72, -0.04) * (bell(p.y - 5.0, 1.5) * smooth(3.3, 4.4, p.y) * smooth(6.4, 4.6, x))
}

fn brow_down(p: Vec3, part: Part) -> Vec3 {
    if matches!(
        part,
        Part::UpperLid(_) | Part::LowerLid(_) | Part::EyeCorner(_) | Part::Rim(_)
    ) {
        return Vec3::ZERO;
    }
    let x = p.x.abs();
    let inner = bell(x - 1.7, 1.6) * bell(p.y - 4.7, 1.2) * smooth(3.2, 4.2, p.y);
    let outer = bell(x - 4.0, 1.6) * bell(p.y - 4.9, 1.1) * smooth(3.3, 4.4, p.y);
    let side = p.x.signum() * smooth(0.0, 0.6, x);
    v(-0.22 * side, -0.48, 0.10) * inner + v(0.0, -0.28, 0.0) * outer
}

#[cfg(test)]
mod tests {
    use super::super::cage::EYE_RADIUS;
    use super::*;

    #[test]
    fn a_face_at_rest_is_the_rest() {
        let face = Face::new(1);
        let mut posed = vec![Vec3::ZERO; face.rest.len()];
        face.pose_into(&Performance::default(), &mut posed);
        for (a, b) in posed.iter().zip(&face.rest) {
            assert!((*a - *b).length() < 1e-5);
        }
    }

    #[test]
    fn shut_lids_meet_and_clear_the_eyeball() {
        let face = Face::new(2);
        let mut posed = vec![Vec3::ZERO; face.rest.len()];
        let act = Performance {
            blink_right: 1.0,
            blink_left: 1.0,
            ..Default::default()
        };
        face.pose_into(&act, &mut posed);
        for (upper, lower) in [(159, 145), (158, 153), (386, 374)] {
            let gap = posed[upper].y - posed[lower].y;
            let open = face.rest[upper].y - face.rest[lower].y;
            assert!(
                gap < 0.12 * open,
                "lids {upper} and {lower}: {gap} of {open}"
            );
            for i in [upper, lower] {
                let centre = mirrored(EYE, posed[i].x > 0.0);
                assert!((posed[i] - centre).length() > EYE_RADIUS);
            }
        }
    }

    #[test]
    fn the_jaw_takes_the_lower_lip_and_leaves_the_upper() {
        let face = Face::new(1);
        let mut posed = vec![Vec3::ZERO; face.rest.len()];
        let act = Performance {
            jaw_open: 1.0,
            ..Default::default()
        };
        face.pose_into(&act, &mut posed);
        assert!((posed[13] - face.rest[13]).length() < 0.2);
        assert!(posed[14].y < face.rest[14].y - 1.5);
        assert!(posed[152].y < face.rest[152].y - 1.5);
    }
}
