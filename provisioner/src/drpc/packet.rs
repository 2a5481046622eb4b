use bytes::{Buf as _, Bytes};

use super::WireError;

/// Most bytes that a packet holds, in either direction.
pub const MAX_PACKET: usize = 4 << 20;

/// Which call on the connection, and which packet of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct PacketId {
    /// The call.
    pub stream: u64,
    /// The packet of the call; each side counts its own.
    pub message: u64,
}

/// What a packet is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    /// Begins a call.
    Invoke = 1,
    /// A message.
    Message = 2,
    /// Ends the call with an error.
    Error = 3,
    /// The caller gave up.
    Cancel = 4,
    /// Both directions are done.
    Close = 5,
    /// The sender's direction is done.
    CloseSend = 6,
    /// What goes with the call that begins next.
    InvokeMetadata = 7,
}

impl Kind {
    pub(super) const fn of(number: u8) -> Option<Self> {
        Some(match number {
            1 => Self::Invoke,
            2 => Self::Message,
            3 => Self::Error,
            4 => Self::Cancel,
            5 => Self::Close,
            6 => Self::CloseSend,
            7 => Self::InvokeMetadata,
            _ => return None,
        })
    }
}

/// What one side says at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packet {
    /// Which it is.
    pub id: PacketId,
    /// What it is.
    pub kind: Kind,
    /// What it says.
    pub data: Bytes,
}

/// What a frame begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Head {
    pub done: bool,
    pub kind: u8,
    pub control: bool,
    pub id: PacketId,
    /// Bytes of data.
    pub length: usize,
    /// Bytes before the data.
    pub size: usize,
}

impl Head {
    /// Reads it from the front; `None` while it is not all there.
    pub fn parse(bytes: &[u8]) -> Result<Option<Self>, WireError> {
        let mut rest = bytes;
        let Ok(control) = rest.try_get_u8() else {
            return Ok(None);
        };
        let mut numbers = [0; 3];
        for number in &mut numbers {
            match varint(&mut rest)? {
                Some(value) => *number = value,
                None => return Ok(None),
            }
        }
        let [stream, message, length] = numbers;
        let length = usize::try_from(length).map_err(|_| WireError::TooBig)?;
        Ok(Some(Self {
            done: control & 1 != 0,
            kind: control >> 1 & 0b11_1111,
            control: control & 0b1000_0000 != 0,
            id: PacketId { stream, message },
            length,
            size: bytes.len() - rest.len(),
        }))
    }
}

/// A number of at most 64 bits in groups of seven, the lowest first.
fn varint(bytes: &mut &[u8]) -> Result<Option<u64>, WireError> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let Ok(byte) = bytes.try_get_u8() else {
            return Ok(None);
        };
        let group = u64::from(byte & 0x7f);
        if group << shift >> shift != group {
            return Err(WireError::Varint);
        }
        value |= group << shift;
        if byte & 0x80 == 0 {
            return Ok(Some(value));
        }
    }
    Err(WireError::Varint)
}
