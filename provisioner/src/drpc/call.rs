use std::time::Duration;

use bytes::{BufMut as _, Bytes, BytesMut};
use futures::{SinkExt as _, StreamExt as _};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_util::codec::Framed;

use super::{Kind, Packet, PacketCodec, PacketId, WireError};
use crate::RpcError;

/// How long a caller that was answered may take to close its side.
const LINGER: Duration = Duration::from_secs(5);

/// A call that was begun, on a connection of its own.
#[derive(Debug)]
pub struct Call<T> {
    packets: Framed<T, PacketCodec>,
    stream: u64,
    /// Packets sent.
    sent: u64,
    /// The caller sends no more messages.
    is_ended: bool,
    patience: Duration,
}

/// What a caller says next.
#[derive(Debug, PartialEq, Eq)]
pub enum Received {
    /// A message.
    Message(Bytes),
    /// It sends no more messages, and waits for the answer.
    End,
    /// It waits for nothing any more.
    Gone,
}

impl<T: AsyncRead + AsyncWrite + Unpin> Call<T> {
    /// Waits until a call begins; it and the RPC's name. `None`: the connection ended before one did.
    ///
    /// `patience`: how long the beginning, and then taking each packet, may last.
    pub async fn begun(io: T, patience: Duration) -> Result<Option<(Self, Bytes)>, WireError> {
        let mut packets = Framed::new(io, PacketCodec::default());
        let invoke = async {
            while let Some(packet) = packets.next().await.transpose()? {
                match packet.kind {
                    Kind::InvokeMetadata => {}
                    Kind::Invoke => return Ok(Some(packet)),
                    kind => return Err(WireError::OutOfTurn(kind)),
                }
            }
            Ok(None)
        };
        let invoke = in_time(patience, invoke).await?;
        Ok(invoke.map(|packet| {
            let call = Self {
                packets,
                stream: packet.id.stream,
                sent: 0,
                is_ended: false,
                patience,
            };
            (call, packet.data)
        }))
    }

    /// What the caller says next, however long that takes. May be dropped and asked again; after [`Received::Gone`] nothing comes.
    pub async fn receive(&mut self) -> Result<Received, WireError> {
        let Some(packet) = self.packets.next().await.transpose()? else {
            return Ok(Received::Gone);
        };
        if packet.id.stream != self.stream {
            return Err(WireError::SecondCall);
        }
        match packet.kind {
            Kind::Message if !self.is_ended => Ok(Received::Message(packet.data)),
            Kind::CloseSend => {
                self.is_ended = true;
                Ok(Received::End)
            }
            Kind::Error | Kind::Cancel | Kind::Close => Ok(Received::Gone),
            kind @ (Kind::Message | Kind::Invoke | Kind::InvokeMetadata) => {
                Err(WireError::OutOfTurn(kind))
            }
        }
    }

    /// Like [`receive`](Self::receive), but the caller is to say it soon.
    pub async fn receive_soon(&mut self) -> Result<Received, WireError> {
        in_time(self.patience, self.receive()).await
    }

    /// Sends a message.
    pub async fn send(&mut self, message: &impl prost::Message) -> Result<(), WireError> {
        self.say(Kind::Message, message.encode_to_vec().into())
            .await
    }

    /// Ends the call well.
    pub async fn finish(mut self) -> Result<(), WireError> {
        self.say(Kind::CloseSend, Bytes::new()).await?;
        self.close().await
    }

    /// Ends the call with an error.
    pub async fn fail(mut self, error: &RpcError) -> Result<(), WireError> {
        let mut data = BytesMut::with_capacity(8 + error.text.len());
        data.put_u64(error.code);
        data.extend_from_slice(error.text.as_bytes());
        self.say(Kind::Error, data.freeze()).await?;
        self.close().await
    }

    async fn say(&mut self, kind: Kind, data: Bytes) -> Result<(), WireError> {
        self.sent += 1;
        let id = PacketId {
            stream: self.stream,
            message: self.sent,
        };
        let packet = Packet { id, kind, data };
        in_time(self.patience, self.packets.send(packet)).await
    }

    /// Lets the caller finish what it is saying and close its side, then closes this one: one that is cut short may not hear the
    /// answer, and daemons take an end that comes before their own for a failure.
    async fn close(&mut self) -> Result<(), WireError> {
        let rest = async {
            while self.packets.next().await.transpose()?.is_some() {}
            Ok(())
        };
        in_time(LINGER, rest).await?;
        in_time(self.patience, self.packets.close()).await
    }
}

async fn in_time<A>(
    patience: Duration,
    done: impl Future<Output = Result<A, WireError>>,
) -> Result<A, WireError> {
    tokio::time::timeout(patience, done)
        .await
        .map_err(|_| WireError::Stalled)?
}
