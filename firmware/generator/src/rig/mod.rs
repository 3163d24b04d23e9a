//! The rig: a geometric model of the painted face that draws any motion exactly.
//!
//! `atelier prepare` measures the painting once ([`model`]); the rig works out from that how
//! every expression moves every place of the skin ([`shapes`], `surface`), turns the head about
//! the top of the neck, and follows each shown position back to where it was painted. Eyes
//! (`eye`) and mouth (`mouth`) are drawn as patches, because there skin parts.
//!
//! It is the reference: the network of a pack learns what the rig draws, and the rig takes over
//! when the network fails.

pub mod anatomy;
mod eye;
pub mod grid;
pub mod model;
mod mouth;
mod palette;
pub mod shapes;
pub mod sitter;
pub mod spread;
mod surface;

use crate::{Generator, GeneratorError, patch};
use grid::{Cell, rise};
use model::Model;
pub use palette::Palette;
use sfumato_core::drawing::{Amount, Drawing, FIELD_NODES, FIELD_SIDE, Field, amount, share};
use sfumato_core::motion::{Blendshape, Motion, Real};
use shapes::Lip;
use sitter::Shading;
use surface::Surface;

/// How much of the head's turn the eyes make up for, so that they keep looking at the visitor.
const KEEPS_LOOKING: f32 = 0.8;

/// How far from facing the viewer a painted head may turn, degrees of yaw: beyond it the far
/// side, of which the painting shows little, would be squeezed.
const FARTHEST_YAW: f32 = 42.0;

/// A head turned farther than this, degrees, turns back less and less far: its hidden cheek would
/// have to be made of the little that is seen of it.
const HIDES: f32 = 18.0;

/// Least and most that a head turns to either side, degrees.
const LEAST_TURN: f32 = 5.0;
const MOST_TURN: f32 = 20.0;

/// Movement from which on the ground stays behind entirely, region sides.
const STAYS_FROM: f32 = 0.0003;

/// The few numbers of a drawing that follow at once from the motion.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fixed {
    /// Width and height of the mouth's patch, region sides; the same for every motion.
    pub mouth_size: [f32; 2],
    /// Middle of the mouth's patch, region sides.
    pub mouth_centre: [Amount; 2],
    /// How far the head's turn moves it, region sides to the right and down.
    pub mouth_turned: [Amount; 2],
    /// How far all else moves it from where it lies at rest.
    pub mouth_moved: [Amount; 2],
    /// How far each iris has moved, `[right, left]`, region sides to the right and down.
    pub gaze: [[Amount; 2]; 2],
}

/// The rig of one painting.
#[derive(Debug)]
pub struct Rig {
    model: Model,
    surface: Surface,
    places: mouth::Places,
    palette: Palette,
    /// Middle of the mouth's patch at rest, region sides.
    mouth_rest: [Amount; 2],
    /// How far the head may turn to the picture's left and right, degrees.
    turns: [f32; 2],
    /// What light comes with what the sitter does.
    shading: Option<Shading>,
}

impl Rig {
    /// Reads a rig from a pack's `rig` entry.
    pub fn decode(bytes: &[u8]) -> Result<Rig, GeneratorError> {
        Ok(Rig::new(Model::decode(bytes)?))
    }

    /// Makes a rig from a checked model.
    pub fn new(model: Model) -> Rig {
        let surface = Surface::new(&model);
        let rotation = &model.pose.rotation;
        let rest = libm::atan2f(rotation[0][2], rotation[2][2]).to_degrees();
        let turns = [-rest, rest].map(room);
        Rig {
            mouth_rest: surface.mouth_middle(&Motion::REST).map(amount),
            shading: (model.sitter.as_ref()).map(|sitter| Shading::new(sitter.shades.clone())),
            palette: Palette::new(&model),
            model,
            surface,
            places: mouth::Places::default(),
            turns,
        }
    }

    /// What was measured of the painting.
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// The colours of the mouth's inside.
    pub fn palette(&self) -> &Palette {
        &self.palette
    }

    /// The motion that this head can make: it turns softly against its limits.
    pub fn bounded(&self, motion: &Motion) -> Motion {
        let yaw = motion.head.yaw.to_num::<f32>();
        let limit = self.turns[usize::from(yaw > 0.0)];
        let free = 0.6 * limit;
        let bounded = if yaw.abs() <= free {
            yaw
        } else {
            let rest = limit - free;
            (free + rest * libm::tanhf((yaw.abs() - free) / rest)) * yaw.signum()
        };
        let mut motion = *motion;
        motion.head.yaw = Real::from_num(bounded);
        motion
    }

    /// The motion with the eyes turned so far in the head, degrees to the right and down, however the head turns.
    ///
    /// [`Motion::gaze`] is the room's direction, for which the eyes make up for the head.
    pub fn with_eyes(&self, motion: &Motion, eyes: [Real; 2]) -> Motion {
        let head = self.bounded(motion).head;
        let keeps = Real::from_num(KEEPS_LOOKING);
        let mut motion = *motion;
        motion.gaze.yaw = eyes[0] + head.yaw * keeps;
        motion.gaze.pitch = eyes[1] + head.pitch * keeps;
        motion
    }

    /// The drawing of a face at rest, from which a network says what changes.
    pub fn at_rest(&mut self) -> Box<Drawing> {
        let mut rest = Box::new(Drawing::REST);
        self.draw(&Motion::REST, &mut rest);
        rest
    }

    /// Draws what a motion's turn of the head alone does to the field.
    pub fn turn(&mut self, motion: &Motion, field: &mut Field) {
        let alone = Motion {
            head: motion.head,
            ..Motion::REST
        };
        self.surface.pose(&self.bounded(&alone));
        self.draw_flow(field);
        self.keep_the_ground(field);
    }

    /// How far the skin at places of the painting goes, region sides to the right and down, however the head turns.
    ///
    /// Each place is of one lip's skin; beside the mouth both lips' is the same.
    pub fn skin(&mut self, motion: &Motion, places: &[([f32; 2], Lip)]) -> Vec<[f32; 2]> {
        self.surface.pose(&Motion {
            head: Motion::REST.head,
            ..*motion
        });
        let skin = places.iter();
        skin.map(|(at, lip)| self.surface.goes(*lip, *at)).collect()
    }

    /// What follows at once from a motion, without drawing it.
    pub fn fixed(&self, motion: &Motion) -> Fixed {
        let motion = &self.bounded(motion);
        let centre = self.surface.mouth_middle(motion).map(amount);
        let unturned = Motion {
            head: Motion::REST.head,
            ..*motion
        };
        let unturned = self.surface.mouth_middle(&unturned).map(amount);
        Fixed {
            mouth_size: self.model.mouth.size,
            mouth_centre: centre,
            mouth_turned: [centre[0] - unturned[0], centre[1] - unturned[1]],
            mouth_moved: [
                unturned[0] - self.mouth_rest[0],
                unturned[1] - self.mouth_rest[1],
            ],
            gaze: [0, 1].map(|side| {
                let act = self.eye_act(motion, side);
                eye::turned(&self.model.eyes[side], act).map(amount)
            }),
        }
    }

    /// Completes a field whose flow is drawn: all that moves shows, the ground stays behind, and the skin's light changes.
    pub fn complete(&mut self, motion: &Motion, field: &mut Field) {
        self.keep_the_ground(field);
        let motion = self.bounded(motion);
        if let Some(shading) = &mut self.shading {
            shading.draw(&motion, field);
        }
    }

    fn keep_the_ground(&self, field: &mut Field) {
        for index in 0..FIELD_NODES {
            let [x, y] = patch::node(index);
            let flow = [share(field.flow_x[index]), share(field.flow_y[index])];
            // A movement too small to see starts without the ground, so that it never begins
            // with a jump.
            let moved = rise(0.0, STAYS_FROM, libm::hypotf(flow[0], flow[1]));
            let shows = Cell::at(x + flow[0], y + flow[1]).read(&self.model.background);
            field.occlusion[index] = amount(shows * moved);
            field.alpha[index] = Amount::ONE;
            for plane in &mut field.residual {
                plane[index] = Amount::ZERO;
            }
        }
    }

    fn draw(&mut self, motion: &Motion, drawing: &mut Drawing) {
        let told = motion;
        let motion = &self.bounded(told);
        self.surface.pose(motion);
        self.draw_flow(&mut drawing.field);
        self.complete(told, &mut drawing.field);
        mouth::draw(
            &self.model.mouth,
            &self.palette,
            &self.surface,
            self.surface.mouth_middle(motion),
            &drawing.field,
            &mut self.places,
            &mut drawing.mouth,
        );
        for side in 0..2 {
            let lids = self
                .model
                .sitter
                .as_ref()
                .map_or(&[][..], |s| &s.lids[side]);
            eye::draw(
                &self.model.eyes[side],
                lids,
                self.eye_act(motion, side),
                &mut drawing.eyes[side],
            );
        }
    }

    fn draw_flow(&self, field: &mut Field) {
        let mut before = None;
        for index in 0..field.alpha.len() {
            let [x, y] = patch::node(index);
            let near = if index % FIELD_SIDE > 0 {
                before.as_ref()
            } else {
                None
            };
            let place = self.surface.place(x, y, near);
            before = Some(place);
            let flow = [place.rest[0] - x, place.rest[1] - y];
            field.flow_x[index] = amount(flow[0]);
            field.flow_y[index] = amount(flow[1]);
        }
    }

    fn eye_act(&self, motion: &Motion, side: usize) -> eye::Act {
        let pick = |right: Blendshape, left: Blendshape| {
            motion
                .get(if side == 0 { right } else { left })
                .to_num::<f32>()
        };
        let squint = pick(Blendshape::EyeSquintRight, Blendshape::EyeSquintLeft)
            + 0.6 * pick(Blendshape::CheekSquintRight, Blendshape::CheekSquintLeft)
            + 0.30 * pick(Blendshape::MouthSmileRight, Blendshape::MouthSmileLeft);
        eye::Act {
            openness: motion.eye_openness[side].to_num(),
            squint,
            gaze: [
                (motion.gaze.yaw.to_num::<f32>()) - KEEPS_LOOKING * motion.head.yaw.to_num::<f32>(),
                (motion.gaze.pitch.to_num::<f32>())
                    - KEEPS_LOOKING * motion.head.pitch.to_num::<f32>(),
            ],
        }
    }
}

/// How far a head may turn to the side to which it is turned by so many degrees already.
fn room(turned: f32) -> f32 {
    let back = MOST_TURN - 0.6 * (-turned - HIDES).max(0.0);
    (FARTHEST_YAW - turned)
        .min(back)
        .clamp(LEAST_TURN, MOST_TURN)
}

impl Generator for Rig {
    fn generate(&mut self, motion: &Motion, drawing: &mut Drawing) -> Result<(), GeneratorError> {
        self.draw(motion, drawing);
        Ok(())
    }

    fn name(&self) -> &'static str {
        "rig"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turned_heads_turn_less() {
        // Facing the viewer: the same to both sides.
        assert_eq!(room(0.0), MOST_TURN);
        // Away, hardly at all; back, less than a head that hides nothing.
        assert_eq!(room(40.0), LEAST_TURN);
        assert!(room(-36.0) < 0.6 * MOST_TURN && room(-36.0) > LEAST_TURN);
        assert!(room(-10.0) == MOST_TURN);
    }
}
