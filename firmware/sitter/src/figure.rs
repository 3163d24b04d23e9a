//! The whole figure: head, eyes, mouth, hair and trunk, posed for one moment.

use crate::head::body::{dressed, trunk};
use crate::head::cage::{EYE, EYE_RADIUS, mirrored};
use crate::head::face::{Face, Lashes, swing_jaw};
use crate::head::hair::{Fineness, hair};
use crate::head::inner::{Piece, eyeballs, hollow, teeth, tongue};
use crate::head::skin;
use crate::maths::{Rotation, Vec3, mix, smooth, v};
use crate::mesh::normals_into;
use crate::performance::Performance;

/// What a layer is made of, which decides how it takes the light.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stuff {
    Skin,
    Lash,
    Eye,
    Tooth,
    /// Wet dark of the mouth.
    Mouth,
    Hair,
    /// Neck and dress.
    Trunk,
}

/// One surface of the figure.
#[derive(Clone, Debug)]
pub(crate) struct Layer {
    pub stuff: Stuff,
    /// Positions at rest, in head coordinates.
    pub rest: Vec<Vec3>,
    pub triangles: Vec<[u32; 3]>,
    pub colour: Vec<Vec3>,
    /// Direction a brush would follow at rest; zero where the form decides.
    pub along: Vec<Vec3>,
    /// Place on the hair's surface (hair), see [`crate::head::hair::Hair`].
    pub strand: Vec<Vec3>,
    /// Which way the mass faces that a point is part of (hair), at rest.
    pub mass: Vec<Vec3>,
    /// How much each point goes with the head: 1 with the head, 0 with the trunk.
    pub rides: Vec<f32>,
    /// How much each point follows the jaw (layers other than the face).
    pub jaw: f32,
    /// Positions as posed.
    pub points: Vec<Vec3>,
    /// Normals as posed.
    pub normals: Vec<Vec3>,
}

/// How fine the figure is modelled.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Detail {
    /// Rounds of refinement of the face.
    pub face: usize,
    /// Points around an eyeball.
    pub eye: usize,
    pub hair: Fineness,
    /// Columns and rows of the trunk.
    pub trunk: (usize, usize),
}

/// Where head and trunk are turned about: the middle of the neck.
const NECK: Vec3 = v(0.0, -7.0, -4.0);

/// The figure.
#[derive(Clone, Debug)]
pub(crate) struct Figure {
    pub face: Face,
    lashes: Lashes,
    pub layers: Vec<Layer>,
    /// How the head is turned now.
    pub turn: Rotation,
    /// Directions of gaze of right and left eye in head coordinates.
    pub gaze: [Rotation; 2],
}

impl Figure {
    pub fn new(detail: Detail) -> Figure {
        let face = Face::new(detail.face);
        let mut layers = Vec::new();
        let skin = Piece {
            points: face.rest.clone(),
            triangles: face.triangles.clone(),
        };
        let mut layer = Layer::new(Stuff::Skin, skin, Vec3::ONE);
        layer.colour = skin::colours(&face);
        layers.push(layer);
        let lashes = Lashes::new(&face);
        let ribbon = Piece {
            points: lashes.rest.clone(),
            triangles: lashes.triangles.clone(),
        };
        layers.push(Layer::new(Stuff::Lash, ribbon, v(0.030, 0.018, 0.013)));
        layers.push(Layer::new(
            Stuff::Eye,
            eyeballs(detail.eye),
            v(0.6, 0.55, 0.5),
        ));
        // Teeth are a hint only: dark gums, and light at the edges alone.
        let mut upper = Layer::new(Stuff::Tooth, teeth(true), Vec3::ONE);
        upper.colour = upper
            .rest
            .iter()
            .map(|p| tooth_colour(-3.75 - p.y, p.x))
            .collect();
        layers.push(upper);
        let mut lower = Layer::new(Stuff::Tooth, teeth(false), Vec3::ONE);
        lower.colour = lower
            .rest
            .iter()
            .map(|p| tooth_colour(p.y + 4.95, p.x))
            .collect();
        lower.jaw = 1.0;
        layers.push(lower);
        let mut layer = Layer::new(Stuff::Mouth, tongue(), v(0.34, 0.12, 0.10));
        layer.jaw = 1.0;
        layers.push(layer);
        let mut layer = Layer::new(Stuff::Mouth, hollow(), v(0.05, 0.014, 0.010));
        layer.jaw = 0.5;
        layers.push(layer);
        let strands = hair(detail.hair);
        let mut layer = Layer::new(Stuff::Hair, strands.piece, Vec3::ONE);
        layer.colour = strands
            .tone
            .iter()
            .map(|&t| v(0.046, 0.024, 0.0135) * t)
            .collect();
        layer.along = strands.along;
        layer.mass = strands.mass;
        layer.strand = strands.strand;
        layer.rides = layer
            .rest
            .iter()
            .map(|p| smooth(-19.0, -4.0, p.y))
            .collect();
        layers.push(layer);
        let mut layer = Layer::new(
            Stuff::Trunk,
            trunk(detail.trunk.0, detail.trunk.1),
            Vec3::ONE,
        );
        layer.rides = layer
            .rest
            .iter()
            .map(|p| smooth(-16.0, -7.0, p.y))
            .collect();
        layers.push(layer);
        let still = Rotation::from_degrees(0.0, 0.0, 0.0);
        let mut figure = Figure {
            face,
            lashes,
            layers,
            turn: still,
            gaze: [still; 2],
        };
        figure.pose(&Performance::default(), 0.0);
        figure
    }

    /// Takes a pose: the head as `act` says, the trunk turned by `trunk_yaw` degrees.
    pub fn pose(&mut self, act: &Performance, trunk_yaw: f32) {
        self.turn = Rotation::from_degrees(act.yaw, act.pitch, act.roll);
        let below = Rotation::from_degrees(trunk_yaw, 0.0, 0.0);
        // Eyes converge a little on a viewer at arm's length.
        self.gaze = [1.0, -1.0].map(|inwards| {
            Rotation::from_degrees(act.gaze_yaw + 1.5 * inwards, act.gaze_pitch, 0.0)
        });
        for layer in &mut self.layers {
            match layer.stuff {
                Stuff::Skin => self.face.pose_into(act, &mut layer.points),
                Stuff::Lash => self.lashes.pose_into(act, &mut layer.points),
                _ => layer.points.copy_from_slice(&layer.rest),
            }
            if layer.jaw > 0.0 && act.jaw_open > 0.0 {
                for p in &mut layer.points {
                    *p = swing_jaw(*p, layer.jaw * act.jaw_open);
                }
            }
            for (p, &rides) in layer.points.iter_mut().zip(&layer.rides) {
                let q = *p - NECK;
                let with_head = self.turn.apply(q);
                *p = NECK
                    + if rides >= 1.0 {
                        with_head
                    } else {
                        below.apply(q).mix(with_head, rides)
                    };
            }
            normals_into(&layer.points, &layer.triangles, &mut layer.normals);
            for ((n, &mass), &rides) in layer.normals.iter_mut().zip(&layer.mass).zip(&layer.rides)
            {
                let faces = mass.mix(self.turn.apply(mass), rides);
                *n = (*n * 0.45 + faces * 0.55).unit();
            }
        }
    }

    /// Middle of an eyeball (0 right, 1 left) as posed.
    pub fn eye(&self, side: usize) -> Vec3 {
        NECK + self.turn.apply(mirrored(EYE, side == 1) - NECK)
    }

    /// A posed position taken back to head coordinates.
    pub fn unplace(&self, p: Vec3) -> Vec3 {
        NECK + self.turn.undo(p - NECK)
    }

    /// A direction of growth of a layer's point as posed.
    pub fn along(&self, layer: &Layer, point: usize) -> Vec3 {
        match layer.along.get(point) {
            Some(&d) => d.mix(self.turn.apply(d), layer.rides[point]),
            None => Vec3::ZERO,
        }
    }
}

impl Layer {
    fn new(stuff: Stuff, piece: Piece, colour: Vec3) -> Layer {
        let n = piece.points.len();
        Layer {
            stuff,
            rest: piece.points.clone(),
            triangles: piece.triangles,
            colour: vec![colour; n],
            along: Vec::new(),
            mass: Vec::new(),
            strand: Vec::new(),
            rides: vec![1.0; n],
            jaw: 0.0,
            points: piece.points,
            normals: vec![Vec3::ZERO; n],
        }
    }
}

/// The colour of teeth and gums at a distance below (above) the gum's edge, `x` from the middle.
fn tooth_colour(from_gum: f32, x: f32) -> Vec3 {
    let back = smooth(2.3, 0.8, x.abs());
    v(0.16, 0.05, 0.04).mix(
        v(0.60, 0.52, 0.40) * (0.35 + 0.65 * back),
        smooth(-0.08, 0.12, from_gum),
    )
}

/// The colour of neck and dress at a place of the trunk at rest, and how much of it is cloth.
pub(crate) fn trunk_colour(rest: Vec3) -> (Vec3, f32) {
    let (cloth, band, hem) = dressed(rest);
    let skin = skin::SKIN.mix(v(0.60, 0.40, 0.30), 0.35 * smooth(-17.0, -23.0, rest.y));
    let colour = skin
        .mix(v(0.020, 0.030, 0.026), cloth)
        .mix(v(0.15, 0.088, 0.026) * knots(rest), 0.85 * band)
        .mix(v(0.50, 0.46, 0.38), hem);
    (colour, cloth)
}

/// The embroidered knots of the neckline's band, around 1.
fn knots(rest: Vec3) -> f32 {
    let (a, b) = (
        crate::maths::sin(rest.x * 5.2 + rest.y * 5.2),
        crate::maths::sin(rest.x * 5.2 - rest.y * 5.2),
    );
    0.62 + 0.75 * smooth(0.15, 0.7, (a * b).abs())
}

/// The colour of an eyeball at a direction from its middle (unit, in the gaze's own frame), and
/// how much of it is iris or pupil.
pub(crate) fn eye_colour(d: Vec3) -> (Vec3, f32) {
    let r = (d.x * d.x + d.y * d.y).sqrt() * EYE_RADIUS;
    if d.z < 0.0 {
        return (v(0.5, 0.36, 0.3), 0.0);
    }
    let angle = libm::atan2f(d.y, d.x);
    let rays = crate::maths::noise2(angle * 7.0, r * 3.0, 21) * 0.5
        + crate::maths::noise2(angle * 16.0, r * 5.0, 22) * 0.5;
    let ring = mix(1.0, 0.30, smooth(0.44, 0.60, r));
    let iris =
        v(0.105, 0.052, 0.023) * (1.0 + 0.35 * rays) * ring * (1.0 + 0.5 * smooth(0.4, 0.26, r));
    let white = v(0.60, 0.54, 0.46).mix(v(0.50, 0.30, 0.24), smooth(0.75, 1.25, r));
    let colour = white.mix(iris, smooth(0.625, 0.565, r));
    let pupil = smooth(0.27, 0.225, r);
    (
        colour.mix(v(0.006, 0.005, 0.005), pupil),
        smooth(0.625, 0.565, r),
    )
}
