use std::future::ready;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use chancery_fuzz::fuzz;
use chancery_provisioner::drpc::{MAX_PACKET, Packet, PacketCodec};
use chancery_provisioner::proto::provisioner::DataUpload;
use chancery_provisioner::proto::provisionerd::{
    AcquiredJob, CommitQuotaRequest, CommitQuotaResponse, CompletedJob, FailedJob, FileRequest,
    UpdateJobRequest, UpdateJobResponse,
};
use chancery_provisioner::{Download, Limits, RpcError, Service, Undelivered, UploadSink, answer};
use prost::encoding::decode_varint;
use tokio::io::AsyncWriteExt as _;
use tokio_util::codec::Decoder as _;
use tokio_util::sync::CancellationToken;

const WORDS: [&str; 10] = [
    "\u{3}\u{1}\u{1}",
    "\u{5}\u{1}\u{2}\u{0}",
    "\u{d}\u{1}\u{3}\u{0}",
    "\u{4}\u{1}\u{1}\u{1}x",
    "\u{83}\u{1}\u{1}\u{0}",
    "\u{80}\u{80}\u{80}\u{2}",
    "\u{ff}\u{ff}\u{ff}\u{ff}\u{ff}\u{ff}\u{ff}\u{ff}\u{ff}\u{1}",
    "/provisionerd.ProvisionerDaemon/",
    "AcquireJobWithCancel",
    "UploadFile",
];

/// The corpus is text: a character stands for the byte of its number, or of the number's lowest eight bits.
fn bytes_of(input: &str) -> Vec<u8> {
    let low = |character| u32::from(character).to_le_bytes()[0];
    input.chars().map(low).collect()
}

/// The packets of bytes that arrive in parts, and whether they end in an error.
fn read<'a>(parts: impl Iterator<Item = &'a [u8]>) -> (Vec<Packet>, bool) {
    let (mut codec, mut bytes, mut packets) = (PacketCodec::default(), BytesMut::new(), Vec::new());
    for part in parts {
        bytes.extend_from_slice(part);
        loop {
            match codec.decode(&mut bytes) {
                Ok(Some(packet)) => packets.push(packet),
                Ok(None) => break,
                Err(_) => return (packets, true),
            }
        }
    }
    (packets, false)
}

/// A frame's control byte and three numbers; `None` where they are not all there, an error where one is too long.
fn head(bytes: &mut &[u8]) -> Result<Option<(u8, [u64; 3])>, ()> {
    let Some((&control, mut rest)) = bytes.split_first() else {
        return Ok(None);
    };
    let mut numbers = [0; 3];
    for number in &mut numbers {
        let is_cut = rest.len() < 10 && rest.iter().all(|byte| *byte >= 0x80);
        match decode_varint(&mut rest) {
            Ok(value) => *number = value,
            Err(_) if is_cut => return Ok(None),
            Err(_) => return Err(()),
        }
    }
    *bytes = rest;
    Ok(Some((control, numbers)))
}

/// A packet's ids and data.
type Plain = ([u64; 2], Vec<u8>);

/// The rule once more: what is whole, and whether the rest is refused.
fn expected(mut bytes: &[u8]) -> (Vec<Plain>, bool) {
    let (mut packets, mut open, mut least) = (
        Vec::new(),
        Option::<([u64; 2], u8, bool, Vec<u8>)>::None,
        [1, 1],
    );
    loop {
        let (control, [stream, message, length]) = match head(&mut bytes) {
            Ok(Some(head)) => head,
            Ok(None) => return (packets, false),
            Err(()) => return (packets, true),
        };
        let (id, kind) = ([stream, message], control >> 1 & 63);
        let (_, was, skipped, mut data) =
            open.take()
                .filter(|open| open.0 == id)
                .unwrap_or((id, kind, false, Vec::new()));
        let whole = u128::from(length) + data.len() as u128;
        if id < least || was != kind || whole > MAX_PACKET as u128 {
            return (packets, true);
        }
        let Some((part, rest)) = bytes.split_at_checked(usize::try_from(length).unwrap()) else {
            return (packets, false);
        };
        (bytes, least) = (rest, id);
        data.extend(part);
        let skipped = skipped || control & 128 != 0;
        if control & 1 == 0 {
            open = Some((id, kind, skipped, data));
            continue;
        }
        let after = message.checked_add(1);
        least = after.map_or([stream.saturating_add(1), 0], |message| [stream, message]);
        match kind {
            1..=7 => packets.push((id, data)),
            _ if skipped => {}
            _ => return (packets, true),
        }
    }
}

#[test]
fn drpc_packets_are_those_of_their_frames_wherever_these_are_cut() {
    fuzz(include_str!("../../corpus/drpc.txt"), &WORDS, |input| {
        let bytes = bytes_of(input);
        let read_whole = read([&bytes[..]].into_iter());
        assert_eq!(read(bytes.chunks(1)), read_whole);
        let half = bytes.split_at(bytes.len() / 2);
        assert_eq!(read([half.0, half.1].into_iter()), read_whole);
        let packets = read_whole.0.into_iter().map(|packet| {
            let id = [packet.id.stream, packet.id.message];
            (id, packet.data.to_vec())
        });
        assert_eq!((packets.collect(), read_whole.1), expected(&bytes));
    });
}

/// A service that has nothing and wants nothing.
struct Nothing;

fn no<A>() -> impl Future<Output = Result<A, RpcError>> {
    ready(Err(RpcError::new("no")))
}

impl Service for Nothing {
    type Upload = Self;

    async fn acquire_job(
        &self,
        unwanted: CancellationToken,
    ) -> Result<Option<AcquiredJob>, RpcError> {
        unwanted.cancelled().await;
        Ok(None)
    }

    async fn undelivered(&self, _job_id: &str, _why: Undelivered) {}

    async fn commit_quota(&self, _: CommitQuotaRequest) -> Result<CommitQuotaResponse, RpcError> {
        no().await
    }

    async fn update_job(&self, _: UpdateJobRequest) -> Result<UpdateJobResponse, RpcError> {
        Ok(UpdateJobResponse::default())
    }

    async fn fail_job(&self, _: FailedJob) -> Result<(), RpcError> {
        no().await
    }

    async fn complete_job(&self, _: CompletedJob) -> Result<(), RpcError> {
        Ok(())
    }

    async fn upload_file(&self, _: &DataUpload) -> Result<Self, RpcError> {
        Ok(Self)
    }

    async fn download_file(&self, _: FileRequest) -> Result<Download, RpcError> {
        no().await
    }
}

impl UploadSink for Nothing {
    async fn write(&mut self, _: Bytes) -> Result<(), RpcError> {
        Ok(())
    }

    async fn finish(self) -> Result<(), RpcError> {
        Ok(())
    }
}

#[test]
fn a_call_of_any_bytes_ends_when_its_caller_is_gone() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    fuzz(include_str!("../../corpus/drpc.txt"), &WORDS, |input| {
        runtime.block_on(async {
            let bytes = bytes_of(input);
            let (mut near, far) = tokio::io::duplex(bytes.len() + (64 << 10));
            near.write_all(&bytes).await.unwrap();
            near.shutdown().await.unwrap();
            let limits = Limits {
                acquire_job: Duration::ZERO,
                ..Limits::default()
            };
            let stop = CancellationToken::new();
            // A broken call is an error, and never more.
            let _ = answer(far, &Nothing, &limits, &stop).await;
        });
    });
}
