//! Group 2: counters.

use super::{Envelope, Written};
use crate::desk::Desk;
use crate::device::Device;
use sfumato_wire::requests::statistics::{Counters, Names, Request};
use sfumato_wire::status::StatisticsError;

pub fn answer<D: Device>(
    desk: &mut Desk<'_, D>,
    request: Request<'_>,
    envelope: &mut Envelope<'_>,
) -> Written {
    let mut written = 0;
    desk.device.counters(&mut |groups| {
        written =
            match request {
                Request::List => envelope.answer(&Names(groups.iter().map(|group| group.name))),
                Request::Data { name } => {
                    let group = groups.iter().find(|group| group.name == name);
                    envelope.outcome(group.ok_or(StatisticsError::InvalidGroup).map(|group| {
                        Counters {
                            name,
                            counters: group.counters.iter().copied(),
                        }
                    }))
                }
            };
    });
    written
}
