//! Group 1: the system's two images, where the board has updates.

use super::{Envelope, Written};
use crate::desk::Desk;
use crate::device::{Denied, Device, Images, Untouched};
use sfumato_wire::Status;
use sfumato_wire::requests::image::{Request, Slots, States};
use sfumato_wire::requests::{Answer, Done};

pub fn answer<D: Device>(
    desk: &mut Desk<'_, D>,
    request: Request<'_>,
    envelope: &mut Envelope<'_>,
) -> Written {
    let writes = !matches!(request, Request::State | Request::Slots);
    if writes && let Err(fault) = desk.writing() {
        return envelope.fault(&fault);
    }
    let Some(images) = desk.device.images() else {
        return match request {
            // Nothing can be updated here, but asking is no mistake.
            Request::State => envelope.answer(&States(core::iter::empty())),
            _ => envelope.refuse(Status::NotSupported),
        };
    };
    match request {
        Request::State => states(images, envelope),
        Request::SetState { hash, confirm } => match images.mark(hash, confirm) {
            Ok(()) => states(images, envelope),
            Err(untouched) => refuse(untouched, envelope),
        },
        Request::Upload(part) => outcome(images.upload(&part), envelope),
        Request::Erase { slot } => outcome(images.erase(slot).map(|()| Done), envelope),
        Request::Slots => {
            let slots = images.slots().map(|sizes| Slots {
                slots: (0..).zip(sizes),
                largest_image: sizes[0].min(sizes[1]),
            });
            outcome(slots, envelope)
        }
    }
}

fn states(images: &mut dyn Images, envelope: &mut Envelope<'_>) -> Written {
    let mut written = 0;
    let told = images.states(&mut |states| {
        written = envelope.answer(&States(states.iter().copied()));
    });
    match told {
        Ok(()) => written,
        Err(untouched) => refuse(untouched, envelope),
    }
}

fn outcome(outcome: Result<impl Answer, Untouched>, envelope: &mut Envelope<'_>) -> Written {
    match outcome {
        Ok(answer) => envelope.answer(&answer),
        Err(untouched) => refuse(untouched, envelope),
    }
}

fn refuse(untouched: Untouched, envelope: &mut Envelope<'_>) -> Written {
    match untouched {
        Untouched::Error(error, Denied(why)) => envelope.refuse_saying(error, why),
        Untouched::Denied(denied) => envelope.fault(&denied.into()),
    }
}
