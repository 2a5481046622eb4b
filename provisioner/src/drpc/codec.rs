use std::io;

use bytes::{Buf as _, BufMut as _, Bytes, BytesMut};
use tokio_util::codec::{Decoder, Encoder};

use super::packet::{Head, Kind, MAX_PACKET, Packet, PacketId};

/// Most bytes of data in a frame that is sent, so that other calls of the session get their turn.
const MAX_FRAME: usize = 64 << 10;

/// Makes packets of frames, and frames of packets.
#[derive(Debug)]
pub struct PacketCodec {
    /// The least id that the next frame may have.
    least: PacketId,
    /// The packet that is not complete.
    open: Option<Open>,
}

#[derive(Debug)]
struct Open {
    id: PacketId,
    kind: u8,
    control: bool,
    data: BytesMut,
}

/// Why a connection cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum WireError {
    /// A number is longer than 64 bits.
    #[error("a frame has a number of more than 64 bits")]
    Varint,
    /// A packet is larger than [`MAX_PACKET`].
    #[error("a packet has more than {MAX_PACKET} bytes")]
    TooBig,
    /// An id is lower than one before it.
    #[error("a frame of call {} and packet {} comes too late", .0.stream, .0.message)]
    Order(PacketId),
    /// The frames of a packet are of different kinds.
    #[error("the frames of a packet are of kinds {0} and {1}")]
    KindChange(u8, u8),
    /// A packet of this kind, which is not known, may not be skipped.
    #[error("a packet is of the unknown kind {0}")]
    UnknownKind(u8),
    /// A packet that has no meaning where it comes.
    #[error("a packet of kind {0:?} comes out of turn")]
    OutOfTurn(Kind),
    /// A second call on the connection.
    #[error("a connection carries one call")]
    SecondCall,
    /// Nothing went on for too long.
    #[error("the other side does not go on")]
    Stalled,
    /// The connection broke, in the middle of a frame maybe.
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl Default for PacketCodec {
    fn default() -> Self {
        Self {
            least: PacketId {
                stream: 1,
                message: 1,
            },
            open: None,
        }
    }
}

impl PacketCodec {
    /// Whether a frame may come here. Its data may still be on the way.
    fn check(&self, head: &Head) -> Result<(), WireError> {
        if head.id < self.least {
            return Err(WireError::Order(head.id));
        }
        let open = self.open.as_ref().filter(|open| open.id == head.id);
        if let Some(open) = open.filter(|open| open.kind != head.kind) {
            return Err(WireError::KindChange(open.kind, head.kind));
        }
        let size = open.map_or(0, |open| open.data.len());
        if head.length > MAX_PACKET - size {
            return Err(WireError::TooBig);
        }
        Ok(())
    }

    /// Takes a frame in; the packet that it completes, if it does and it is not to be skipped.
    fn take(&mut self, head: &Head, data: BytesMut) -> Result<Option<Packet>, WireError> {
        let open = self.open.take().filter(|open| open.id == head.id);
        let open = match open {
            Some(mut open) => {
                open.data.unsplit(data);
                open.control |= head.control;
                open
            }
            None => Open {
                id: head.id,
                kind: head.kind,
                control: head.control,
                data,
            },
        };
        if !head.done {
            self.least = open.id;
            self.open = Some(open);
            return Ok(None);
        }
        self.least = after(open.id);
        let Some(kind) = Kind::of(open.kind) else {
            return open
                .control
                .then_some(None)
                .ok_or(WireError::UnknownKind(open.kind));
        };
        Ok(Some(Packet {
            id: open.id,
            kind,
            data: open.data.freeze(),
        }))
    }
}

impl Decoder for PacketCodec {
    type Item = Packet;
    type Error = WireError;

    fn decode(&mut self, bytes: &mut BytesMut) -> Result<Option<Packet>, WireError> {
        while let Some(head) = Head::parse(bytes)? {
            self.check(&head)?;
            if bytes.len() < head.size + head.length {
                bytes.reserve(head.size + head.length - bytes.len());
                break;
            }
            bytes.advance(head.size);
            let data = bytes.split_to(head.length);
            let packet = self.take(&head, data)?;
            if packet.is_some() {
                return Ok(packet);
            }
        }
        Ok(None)
    }
}

impl Encoder<Packet> for PacketCodec {
    type Error = WireError;

    fn encode(&mut self, packet: Packet, bytes: &mut BytesMut) -> Result<(), WireError> {
        if packet.data.len() > MAX_PACKET {
            return Err(WireError::TooBig);
        }
        let mut data = packet.data;
        loop {
            let part = data.split_to(data.len().min(MAX_FRAME));
            frame(&packet.id, packet.kind, &part, data.is_empty(), bytes);
            if data.is_empty() {
                return Ok(());
            }
        }
    }
}

fn frame(id: &PacketId, kind: Kind, data: &Bytes, done: bool, bytes: &mut BytesMut) {
    bytes.put_u8((kind as u8) << 1 | u8::from(done));
    for number in [id.stream, id.message, data.len() as u64] {
        let mut rest = number;
        while rest >= 0x80 {
            bytes.put_u8(rest.to_le_bytes()[0] | 0x80);
            rest >>= 7;
        }
        bytes.put_u8(rest.to_le_bytes()[0]);
    }
    bytes.extend_from_slice(data);
}

/// The least id that is higher.
const fn after(id: PacketId) -> PacketId {
    match id.message.checked_add(1) {
        Some(message) => PacketId {
            stream: id.stream,
            message,
        },
        None => PacketId {
            stream: id.stream.saturating_add(1),
            message: 0,
        },
    }
}
