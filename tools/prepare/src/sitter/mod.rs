//! What further pictures of the sitter tell about the painted face.
//!
//! A painting shows one expression. Further pictures, photographs or paintings by the same hand, show how *this* face moves:
//! each is laid over the painting by its landmarks, what the rig already explains is taken off, and what remains is told by what
//! the face does there, by least squares (`ridge`). So one picture more says a little, many say more, and a picture that shows
//! another face, or nothing sharp, is not heard (`weigh`). None of their pixels is kept: what remains are displacements of
//! landmarks (`moves`), colours of light and creases (`shades`) and of the mouth (`inside`), and the light on shut lids (`lids`).

mod inside;
mod lids;
mod likeness;
mod moves;
mod over;
mod ridge;
mod shades;
mod tones;
mod weigh;

pub use weigh::{Refusal, sharpness};

use crate::Prepared;
use crate::frame;
use over::Over;
use sfumato_compositor::Picture;
use sfumato_core::face::{LANDMARKS, Landmark};
use sfumato_core::motion::{Motion, Real};
use sfumato_generator::Rig;
use sfumato_generator::rig::anatomy::{from_canonical, to_canonical};
use sfumato_generator::rig::sitter::{Cause, Sitter};
use sfumato_motion::relative::{Rest, Ruler, acted};
use sfumato_motion::style::MEASURED_SHAPES;
use sfumato_motion::{Look, measure};
use tones::Tones;

/// A face as it was found in its picture.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'a> {
    /// Its landmarks, pixels.
    pub landmarks: &'a [Landmark; LANDMARKS],
    /// Where its eyes stand.
    pub look: Look,
}

/// A further picture of the sitter.
#[derive(Clone, Copy, Debug)]
pub struct Further<'a> {
    /// The picture.
    pub picture: &'a Picture,
    /// The sitter's face in it.
    pub seen: Seen<'a>,
}

/// What became of a further picture: how much it is heard, in (0, 1], or why it is not.
pub type Verdict = Result<f32, Refusal>;

/// A head that is copied however far it turns.
const UNBOUNDED: Ruler = Ruler {
    head_knee: Real::lit("180"),
    head_limit: Real::lit("181"),
    ..Ruler::DEVICE
};

/// Landmark of the underside of the nose.
const UNDER_THE_NOSE: usize = 2;

/// A further picture, laid over the painting.
struct Told<'a> {
    picture: &'a Picture,
    /// How much it is heard, in (0, 1].
    weight: f32,
    /// What the face does in it, away from the painting.
    motion: Motion,
    /// The landmarks in pixels.
    points: Vec<[f32; 2]>,
    /// How far each landmark has moved since the painting, the head turned back: region sides to the right and down.
    moved: Vec<[f32; 2]>,
    /// Pixels of it to a region side of the painting.
    scale: f32,
}

/// Lets further pictures of the sitter tell what they can; what each of them was worth.
///
/// `sitter` is the face in the painting that was [prepared](crate::prepare). Pictures told before are forgotten. Where none is heard, all
/// stays as it was.
pub fn listen(prepared: &mut Prepared, sitter: &Seen<'_>, further: &[Further<'_>]) -> Vec<Verdict> {
    prepared.model.sitter = None;
    let over = Over::new(&prepared.model);
    let model = &prepared.model;
    let nose = model.landmarks[UNDER_THE_NOSE][1];
    // Above the mouth and beside the eyes: what every expression leaves as it is.
    let still = |[x, y]: [f32; 2]| y < nose && model.eyes.iter().all(|eye| eye.outside(x, y) > 0.5);
    let mut tones = Tones::of(prepared, &over);
    let mut told = Vec::new();
    let verdicts = further.iter().map(|one| {
        let quality = weigh::quality(&one.seen, one.picture)?;
        let mut laid = lay_over(prepared, sitter, one).ok_or(Refusal::NoFace)?;
        let (seen, light) = tones.read(&over, &laid);
        let likeness = likeness::likeness(&over, still, &tones.painted, &seen);
        laid.weight = quality * weigh::sameness(sitter, &one.seen, likeness)?;
        tones.add(seen, light);
        let weight = laid.weight;
        told.push(laid);
        Ok(weight)
    });
    let verdicts: Vec<Verdict> = verdicts.collect();
    if told.is_empty() {
        return verdicts;
    }
    let mut rig = Rig::new(prepared.model.clone());
    let moves = moves::learn(&prepared.model, &mut rig, &told);
    let mut known = Sitter {
        moves,
        shades: shades::learn(&over, &tones, &told),
        inside: inside::learn(&prepared.model, &tones, &told),
        lids: [Vec::new(), Vec::new()],
    };
    known.lids = lids::learn(prepared, &tones, &told);
    prepared.model.sitter = Some(known);
    prepared.proofs.extend(proofs(prepared));
    verdicts
}

fn lay_over<'a>(prepared: &Prepared, sitter: &Seen<'_>, further: &Further<'a>) -> Option<Told<'a>> {
    let model = &prepared.model;
    let Further { picture, seen } = further;
    let unit = prepared.portrait.region.width as f32;
    let flat: Vec<[f32; 3]> = (seen.landmarks.iter())
        .map(|point| [point.x / unit, point.y / unit, -point.z / unit])
        .collect();
    let pose = frame::fit(&flat)?;
    let rest = Rest::of(&measure(sitter.landmarks), &sitter.look);
    let acted = acted(&measure(seen.landmarks), &seen.look, &rest, &UNBOUNDED);
    let moved = flat.iter().zip(&model.landmarks).map(|(now, then)| {
        let (now, then) = (to_canonical(&pose, *now), to_canonical(&model.pose, *then));
        let gone = core::array::from_fn(|axis| now[axis] - then[axis]);
        let [right, up, _] = from_canonical(&model.pose, gone);
        [right, -up]
    });
    Some(Told {
        picture,
        weight: 1.0,
        motion: acted.motion,
        points: seen
            .landmarks
            .iter()
            .map(|point| [point.x, point.y])
            .collect(),
        moved: moved.collect(),
        scale: unit * pose.scale / model.pose.scale,
    })
}

/// What a face does that something may follow from: all expressions that are measured, and the head's turns.
fn causes() -> Vec<Cause> {
    let shapes = MEASURED_SHAPES.into_iter().map(Cause::Shape);
    shapes.chain([Cause::Yaw, Cause::Pitch]).collect()
}

/// How much of each cause there is in a motion, and 1 for what a picture has whatever the face does.
fn amounts(causes: &[Cause], motion: &Motion) -> Vec<f64> {
    let amounts = causes.iter().map(|cause| f64::from(cause.of(motion)));
    amounts.chain([1.0]).collect()
}

/// Four digits are enough, and short to write.
fn short(value: f64) -> f32 {
    ((value * 1e4).round() / 1e4) as f32
}

fn proofs(prepared: &Prepared) -> Vec<crate::Proof> {
    let sitter = prepared.model.sitter.iter();
    sitter.flat_map(crate::pictures::sitter).collect()
}
