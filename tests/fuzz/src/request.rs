//! Any bytes as a request: header, then payload.

use sfumato_wire::requests::{enumeration, os, shell};
use sfumato_wire::{DateTime, Header, Request, refuse};

/// Goes through everything a request holds.
fn exhaust(request: Request<'_>) {
    match request {
        Request::Os(os::Request::Information(format)) => assert!(format.fields().count() <= 9),
        Request::Os(os::Request::SetClock(time)) => {
            assert_eq!(DateTime::parse(&time.to_string()), Ok(time));
        }
        Request::Shell(shell::Request::Execute(words)) => assert!(words.count() > 0),
        Request::Enumeration(enumeration::Request::Details {
            groups: Some(groups),
        }) => {
            groups.for_each(drop);
        }
        _ => {}
    }
}

pub fn run(bytes: &[u8]) {
    // The stated length is set right: a fuzzer would spend its time on that alone.
    let mut packet = bytes.to_vec();
    if let (Some(length), Some(place)) =
        (bytes.len().checked_sub(Header::SIZE), packet.get_mut(2..4))
    {
        place.copy_from_slice(&(length as u16).to_be_bytes());
    }
    let Ok((header, payload)) = Header::of_request(&packet) else {
        return;
    };
    match Request::parse(&header, payload) {
        Ok(request) => exhaust(request),
        Err(refusal) => {
            let mut buffer = [0; 64];
            let answer = refuse(&header, refusal, "", &mut buffer);
            let (header, _) = Header::read(answer).expect("what we say is well-formed");
            assert_eq!(header.sequence, packet[6]);
        }
    }
}
