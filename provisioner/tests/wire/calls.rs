use std::time::Duration;

use bytes::{Bytes, BytesMut};
use chancery_provisioner::drpc::{Kind, Packet, PacketCodec, PacketId, WireError};
use chancery_provisioner::proto::provisionerd::{
    CommitQuotaRequest, CommitQuotaResponse, CompletedJob, Empty, FailedJob, UpdateJobRequest,
    UpdateJobResponse,
};
use chancery_provisioner::{Limits, answer};
use prost::Message as _;
use tokio::io::AsyncWriteExt as _;
use tokio_util::codec::Encoder as _;
use tokio_util::sync::CancellationToken;

use crate::support::{Caller, JOB, Jobs, Said, called, error_of};

fn update() -> UpdateJobRequest {
    UpdateJobRequest {
        job_id: JOB.to_owned(),
        readme: Bytes::from_static(b"# Title"),
        ..UpdateJobRequest::default()
    }
}

#[tokio::test]
async fn a_unary_call_is_answered_by_one_message() {
    let (jobs, mut heard) = Jobs::new();
    let quota = CommitQuotaRequest {
        job_id: JOB.to_owned(),
        daily_cost: 3,
    };
    let granted: CommitQuotaResponse = called(&jobs, "CommitQuota", &quota).await.unwrap();
    assert_eq!((granted.credits_consumed, granted.budget), (3, -1));
    let updated: UpdateJobResponse = called(&jobs, "UpdateJob", &update()).await.unwrap();
    assert!(!updated.canceled);
    assert_eq!(heard.recv().await, Some(Said::Updated(update())));
    let failed = FailedJob {
        job_id: JOB.to_owned(),
        error: "no disk".to_owned(),
        ..FailedJob::default()
    };
    let Empty {} = called(&jobs, "FailJob", &failed).await.unwrap();
    assert_eq!(heard.recv().await, Some(Said::Failed(failed)));
    let completed = CompletedJob {
        job_id: JOB.to_owned(),
        ..CompletedJob::default()
    };
    let Empty {} = called(&jobs, "CompleteJob", &completed).await.unwrap();
    assert_eq!(heard.recv().await, Some(Said::Completed(completed)));
}

#[tokio::test]
async fn an_error_is_told_with_its_code() {
    let (jobs, _) = Jobs::new();
    let of_another = UpdateJobRequest::default();
    let refused = called::<UpdateJobResponse>(&jobs, "UpdateJob", &of_another).await;
    assert_eq!(refused, Err((7, "you don't own this job".to_owned())));
}

#[tokio::test]
async fn an_unknown_rpc_is_an_error() {
    let (jobs, _) = Jobs::new();
    let refused = called::<Empty>(&jobs, "Nonsense", &Empty {}).await;
    let text = "protocol error: unknown rpc: \"/provisionerd.ProvisionerDaemon/Nonsense\"";
    assert_eq!(refused, Err((0, text.to_owned())));
    let long = "x".repeat(5000);
    let (_, text) = called::<Empty>(&jobs, &long, &Empty {}).await.unwrap_err();
    assert!(text.len() < 300);
}

#[tokio::test]
async fn a_request_that_is_no_message_or_has_none_is_an_error() {
    let (jobs, mut heard) = Jobs::new();
    let mut caller = Caller::new(&jobs);
    caller.invoke("UpdateJob").await;
    caller.say(Kind::Message, &b"\x0a\xff"[..]).await;
    let [(Kind::Error, error)] = &caller.rest().await[..] else {
        panic!("it was taken");
    };
    assert!(error_of(error).1.contains("failed to decode"));
    let mut caller = Caller::new(&jobs);
    caller.invoke("UpdateJob").await;
    caller.say(Kind::CloseSend, "").await;
    let [(Kind::Error, error)] = &caller.rest().await[..] else {
        panic!("it was taken");
    };
    assert_eq!(error_of(error), (0, "the message is missing".to_owned()));
    assert!(heard.try_recv().is_err());
}

#[tokio::test]
async fn metadata_before_a_call_means_nothing() {
    let (jobs, _) = Jobs::new();
    let mut caller = Caller::new(&jobs);
    caller.say(Kind::InvokeMetadata, "trace").await;
    caller.invoke("UpdateJob").await;
    caller.send(&update()).await;
    assert_eq!(caller.hear().await.unwrap().0, Kind::Message);
}

#[tokio::test]
async fn who_gives_up_is_not_answered() {
    for kind in [Kind::Cancel, Kind::Close, Kind::Error] {
        let (jobs, mut heard) = Jobs::new();
        let mut caller = Caller::new(&jobs);
        caller.invoke("UpdateJob").await;
        caller.say(kind, "").await;
        assert_eq!(caller.rest().await, []);
        caller.leave().await.unwrap();
        assert!(heard.try_recv().is_err());
    }
}

#[tokio::test]
async fn what_comes_out_of_turn_breaks_the_connection() {
    let (jobs, mut heard) = Jobs::new();
    for kind in [Kind::Message, Kind::CloseSend, Kind::Cancel] {
        let mut caller = Caller::new(&jobs);
        caller.say(kind, "").await;
        let broken = caller.ended().await;
        assert!(matches!(broken, Err(WireError::OutOfTurn(was)) if was == kind));
    }
    for kind in [Kind::Invoke, Kind::InvokeMetadata] {
        let mut caller = Caller::new(&jobs);
        caller.invoke("UpdateJob").await;
        caller.say(kind, "").await;
        let broken = caller.ended().await;
        assert!(matches!(broken, Err(WireError::OutOfTurn(was)) if was == kind));
    }
    assert!(heard.try_recv().is_err());
}

/// The bytes of a call, of which each packet says which call it belongs to.
fn bytes_of(packets: &[(u64, Kind, Vec<u8>)]) -> BytesMut {
    let (mut codec, mut bytes) = (PacketCodec::default(), BytesMut::new());
    for (message, (stream, kind, data)) in (1..).zip(packets) {
        let id = PacketId {
            stream: *stream,
            message,
        };
        let (kind, data) = (*kind, data.clone().into());
        codec.encode(Packet { id, kind, data }, &mut bytes).unwrap();
    }
    bytes
}

fn update_call() -> [(u64, Kind, Vec<u8>); 3] {
    let name = b"/provisionerd.ProvisionerDaemon/UpdateJob".to_vec();
    [
        (1, Kind::Invoke, name),
        (1, Kind::Message, update().encode_to_vec()),
        (1, Kind::CloseSend, Vec::new()),
    ]
}

#[tokio::test]
async fn a_call_that_is_cut_anywhere_is_done_whole_or_not_at_all() {
    let call = update_call();
    let (whole, message_ends) = (bytes_of(&call), bytes_of(&call[..2]).len());
    for cut in 0..=whole.len() {
        let (jobs, mut heard) = Jobs::new();
        let (mut near, far) = tokio::io::duplex(64 << 10);
        near.write_all(&whole[..cut]).await.unwrap();
        drop(near);
        let limits = Limits::default();
        // Whether the answer found a reader does not matter.
        let _ = answer(far, &*jobs, &limits, &CancellationToken::new()).await;
        assert_eq!(heard.try_recv().is_ok(), cut >= message_ends, "{cut}");
    }
}

#[tokio::test]
async fn a_second_call_breaks_the_connection() {
    let (jobs, mut heard) = Jobs::new();
    let mut call = update_call();
    call[1].0 = 2;
    let (mut near, far) = tokio::io::duplex(64 << 10);
    near.write_all(&bytes_of(&call[..2])).await.unwrap();
    let broken = answer(far, &*jobs, &Limits::default(), &CancellationToken::new()).await;
    assert!(matches!(broken, Err(WireError::SecondCall)));
    assert!(heard.try_recv().is_err());
}

#[tokio::test(start_paused = true)]
async fn a_caller_that_does_not_go_on_is_let_go() {
    let (jobs, _) = Jobs::new();
    let limits = Limits {
        patience: Duration::from_secs(7),
        ..Limits::default()
    };
    // It does not begin, does not ask, does not take the answer.
    let caller = Caller::within(&jobs, limits.clone(), CancellationToken::new());
    assert!(matches!(caller.ended().await, Err(WireError::Stalled)));
    let mut caller = Caller::within(&jobs, limits.clone(), CancellationToken::new());
    caller.invoke("UpdateJob").await;
    assert!(matches!(caller.ended().await, Err(WireError::Stalled)));
    let (mut near, far) = tokio::io::duplex(64);
    let call = bytes_of(&update_call());
    let stop = CancellationToken::new();
    let answering = answer(far, &*jobs, &limits, &stop);
    let (_, broken) = tokio::join!(near.write_all(&call), answering);
    assert!(matches!(broken, Err(WireError::Stalled)));
}
