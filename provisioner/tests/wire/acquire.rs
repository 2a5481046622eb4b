use std::time::Duration;

use chancery_provisioner::drpc::{Kind, MAX_PACKET};
use chancery_provisioner::proto::provisionerd::{AcquiredJob, CancelAcquire, Empty};
use chancery_provisioner::{Limits, Undelivered};
use prost::Message as _;
use tokio_util::sync::CancellationToken;

use crate::support::{Caller, JOB, Jobs, Said, error_of, job};

async fn heard_job(caller: &mut Caller) -> AcquiredJob {
    let heard = caller.rest().await;
    let [(Kind::Message, acquired), (Kind::CloseSend, _)] = &heard[..] else {
        panic!("{heard:?}");
    };
    AcquiredJob::decode(acquired.clone()).unwrap()
}

#[tokio::test]
async fn a_job_is_sent_once_and_ends_the_call() {
    let (jobs, mut heard) = Jobs::new();
    let mut caller = Caller::new(&jobs);
    caller.invoke("AcquireJobWithCancel").await;
    assert_eq!(heard.recv().await, Some(Said::Waiting));
    jobs.post(job("archive"));
    jobs.post(job("another"));
    assert_eq!(heard_job(&mut caller).await, job("archive"));
    caller.leave().await.unwrap();
    assert!(heard.try_recv().is_err());
}

#[tokio::test]
async fn who_asks_no_further_is_still_given_a_job() {
    let (jobs, mut heard) = Jobs::new();
    let mut caller = Caller::new(&jobs);
    caller.invoke("AcquireJobWithCancel").await;
    caller.say(Kind::CloseSend, "").await;
    assert_eq!(heard.recv().await, Some(Said::Waiting));
    jobs.post(job("archive"));
    assert_eq!(heard_job(&mut caller).await, job("archive"));
}

#[tokio::test]
async fn who_cancels_is_told_that_there_is_no_job() {
    let (jobs, _) = Jobs::new();
    let mut caller = Caller::new(&jobs);
    caller.invoke("AcquireJobWithCancel").await;
    caller.send(&CancelAcquire {}).await;
    assert_eq!(heard_job(&mut caller).await, AcquiredJob::default());
}

#[tokio::test]
async fn a_session_that_stops_has_no_job() {
    let (jobs, mut heard) = Jobs::new();
    let stop = CancellationToken::new();
    let mut caller = Caller::within(&jobs, Limits::default(), stop.clone());
    caller.invoke("AcquireJobWithCancel").await;
    assert_eq!(heard.recv().await, Some(Said::Waiting));
    stop.cancel();
    assert_eq!(heard_job(&mut caller).await, AcquiredJob::default());
}

#[tokio::test]
async fn a_job_that_was_taken_before_the_daemon_cancelled_is_sent() {
    let (jobs, _) = Jobs::new();
    jobs.post(job("archive"));
    let mut caller = Caller::new(&jobs);
    caller.invoke("AcquireJobWithCancel").await;
    caller.send(&CancelAcquire {}).await;
    assert_eq!(heard_job(&mut caller).await, job("archive"));
}

#[tokio::test]
async fn a_job_whose_daemon_is_gone_is_given_back() {
    let (jobs, mut heard) = Jobs::new();
    let mut caller = Caller::new(&jobs);
    caller.invoke("AcquireJobWithCancel").await;
    jobs.post(job(vec![7; 1 << 20]));
    // It goes away while the job, which is larger than the pipe, is on its way.
    assert_eq!(heard.recv().await, Some(Said::Waiting));
    caller.leave().await.unwrap_err();
    let lost = Said::Undelivered(JOB.to_owned(), Undelivered::Broken);
    assert_eq!(heard.recv().await, Some(lost));
}

#[tokio::test]
async fn a_daemon_that_is_gone_takes_no_job() {
    let (jobs, mut heard) = Jobs::new();
    let mut caller = Caller::new(&jobs);
    caller.invoke("AcquireJobWithCancel").await;
    assert_eq!(heard.recv().await, Some(Said::Waiting));
    caller.leave().await.unwrap();
    jobs.post(job("archive"));
    let mut next = Caller::new(&jobs);
    next.invoke("AcquireJobWithCancel").await;
    assert_eq!(heard_job(&mut next).await, job("archive"));
}

#[tokio::test]
async fn a_job_that_is_too_large_for_a_message_is_given_back() {
    let (jobs, mut heard) = Jobs::new();
    let large = job(vec![7; MAX_PACKET]);
    let bytes = large.encoded_len();
    jobs.post(large);
    let mut caller = Caller::new(&jobs);
    caller.invoke("AcquireJobWithCancel").await;
    let [(Kind::Error, error)] = &caller.rest().await[..] else {
        panic!("it was sent");
    };
    let text = format!("request job was invalidated: payload was too big: {bytes} > 4194304");
    assert_eq!(error_of(error), (0, text));
    assert_eq!(heard.recv().await, Some(Said::Waiting));
    let lost = Said::Undelivered(JOB.to_owned(), Undelivered::TooBig { bytes });
    assert_eq!(heard.recv().await, Some(lost));
}

#[tokio::test(start_paused = true)]
async fn the_deprecated_call_waits_for_five_seconds() {
    let (jobs, _) = Jobs::new();
    let begun = tokio::time::Instant::now();
    let mut caller = Caller::new(&jobs);
    caller.invoke("AcquireJob").await;
    caller.send(&Empty {}).await;
    assert_eq!(heard_job(&mut caller).await, AcquiredJob::default());
    // Time stands still but for what is waited for.
    assert_eq!(begun.elapsed().as_secs(), Duration::from_secs(5).as_secs());
    jobs.post(job("archive"));
    let mut caller = Caller::new(&jobs);
    caller.invoke("AcquireJob").await;
    caller.send(&Empty {}).await;
    assert_eq!(heard_job(&mut caller).await, job("archive"));
}
