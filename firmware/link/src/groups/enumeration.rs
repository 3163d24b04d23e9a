//! Group 10: which groups there are.

use super::{Envelope, Written};
use sfumato_wire::header::group;
use sfumato_wire::requests::enumeration::{Count, Detail, Details, Groups, Request, Single};
use sfumato_wire::status::EnumerationError;

/// Number, name and number of commands of each group; names as Zephyr has them.
const GROUPS: [Detail<'static>; 7] = [
    detail(group::OS, "os mgmt", 9),
    detail(group::IMAGE, "img mgmt", 7),
    detail(group::STATISTICS, "stat mgmt", 2),
    detail(group::SETTINGS, "settings mgmt", 4),
    detail(group::FILES, "fs mgmt", 5),
    detail(group::SHELL, "shell mgmt", 1),
    detail(group::ENUMERATION, "enum mgmt", 4),
];

const fn detail(group: u16, name: &str, handlers: u8) -> Detail<'_> {
    Detail {
        group,
        name,
        handlers,
    }
}

pub fn answer(request: Request<'_>, envelope: &mut Envelope<'_>) -> Written {
    match request {
        Request::Count => envelope.answer(&Count(GROUPS.len() as u16)),
        Request::List => envelope.answer(&Groups(&GROUPS.map(|detail| detail.group))),
        Request::Single { index } => {
            let found = GROUPS.get(usize::from(index)).map(|detail| Single {
                group: detail.group,
                end: usize::from(index) + 1 == GROUPS.len(),
            });
            envelope.outcome(found.ok_or(EnumerationError::IndexTooLarge))
        }
        Request::Details { groups: None } => envelope.answer(&Details(GROUPS.iter().copied())),
        Request::Details {
            groups: Some(wanted),
        } => {
            let is_wanted = |detail: &Detail<'_>| wanted.clone().any(|group| group == detail.group);
            envelope.answer(&Details(GROUPS.iter().copied().filter(is_wanted)))
        }
    }
}
