//! The server's side of dRPC (storj.io/drpc), as far as one call on a connection of its own needs it.
//!
//! A connection is a sequence of frames:
//!
//! ```text
//! control (1 byte) | stream id (varint) | message id (varint) | length (varint) | data
//! ```
//!
//! Of `control`, bit 0 says that the frame is the last of its packet, bits 1 to 6 the packet's kind, and bit 7 that a kind
//! which is not known is to be skipped. Varints are those of protobuf. The frames of a packet have the same ids; ids grow, and a
//! packet that is followed by one of a higher id before it was complete is dropped. [`PacketCodec`] makes packets of frames
//! and frames of packets, [`Call`] is what they mean:
//!
//! | kind | | data |
//! |---|---|---|
//! | 1 | invoke: begins a call | the RPC's name |
//! | 2 | message | protobuf |
//! | 3 | error: ends the call | 8 bytes of code, big-endian, then text |
//! | 4 | cancel: the caller gave up | |
//! | 5 | close: both directions are done | |
//! | 6 | close-send: the sender's direction is done | |
//! | 7 | metadata, before invoke | not used here |

mod call;
mod codec;
mod packet;

pub use call::{Call, Received};
pub use codec::{PacketCodec, WireError};
pub use packet::{Kind, MAX_PACKET, Packet, PacketId};
