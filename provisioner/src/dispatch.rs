use std::future::Future;
use std::pin::pin;

use bytes::Bytes;
use futures::TryStreamExt as _;
use prost::Message;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_util::sync::CancellationToken;

use crate::drpc::{Call, MAX_PACKET, Received, WireError};
use crate::proto::provisioner::{FileUpload, file_upload};
use crate::proto::provisionerd::{AcquiredJob, Empty};
use crate::{Limits, RpcError, Service, Undelivered, Upload, UploadSink, download};

/// Most characters of an unknown RPC's name that are repeated.
const MAX_NAME: usize = 200;

/// How a call ends without an answer.
enum Ended {
    /// With an error that the daemon is told.
    Refused(RpcError),
    /// Nobody can be told.
    Broken(WireError),
    /// Nobody waits to be told.
    Gone,
}

impl From<RpcError> for Ended {
    fn from(error: RpcError) -> Self {
        Self::Refused(error)
    }
}

impl From<WireError> for Ended {
    fn from(error: WireError) -> Self {
        Self::Broken(error)
    }
}

/// Answers the one call of a dRPC connection. Once `stop` is cancelled, nobody waits for a job any more.
pub async fn answer<T, S>(
    io: T,
    service: &S,
    limits: &Limits,
    stop: &CancellationToken,
) -> Result<(), WireError>
where
    T: AsyncRead + AsyncWrite + Unpin + Send,
    S: Service,
{
    let Some((mut call, name)) = Call::begun(io, limits.patience).await? else {
        return Ok(());
    };
    let name = String::from_utf8_lossy(&name);
    let answered = match name.strip_prefix("/provisionerd.ProvisionerDaemon/") {
        Some("AcquireJob") => acquire_job(&mut call, service, limits, stop).await,
        Some("AcquireJobWithCancel") => acquire_job_with_cancel(&mut call, service, stop).await,
        Some("CommitQuota") => unary(&mut call, |request| service.commit_quota(request)).await,
        Some("UpdateJob") => unary(&mut call, |request| service.update_job(request)).await,
        Some("FailJob") => unary(&mut call, async |job| empty(service.fail_job(job).await)).await,
        Some("CompleteJob") => {
            unary(&mut call, async |job| {
                empty(service.complete_job(job).await)
            })
            .await
        }
        Some("UploadFile") => upload_file(&mut call, service, limits).await,
        Some("DownloadFile") => download_file(&mut call, service).await,
        _ => {
            let name: String = name.chars().take(MAX_NAME).collect();
            Err(RpcError::new(format!("protocol error: unknown rpc: {name:?}")).into())
        }
    };
    match answered {
        Ok(()) => call.finish().await,
        Err(Ended::Refused(error)) => call.fail(&error).await,
        Err(Ended::Broken(error)) => Err(error),
        Err(Ended::Gone) => Ok(()),
    }
}

fn empty(done: Result<(), RpcError>) -> Result<Empty, RpcError> {
    done.map(|()| Empty {})
}

/// One message, one answer.
async fn unary<T, Q, A, F>(
    call: &mut Call<T>,
    serve: impl FnOnce(Q) -> F + Send,
) -> Result<(), Ended>
where
    T: AsyncRead + AsyncWrite + Unpin + Send,
    Q: Message + Default,
    A: Message,
    F: Future<Output = Result<A, RpcError>> + Send,
{
    let request = message(call).await?;
    let answer = serve(request).await?;
    Ok(call.send(&answer).await?)
}

/// The next message, which is to be there.
async fn message<T, Q>(call: &mut Call<T>) -> Result<Q, Ended>
where
    T: AsyncRead + AsyncWrite + Unpin + Send,
    Q: Message + Default,
{
    match call.receive_soon().await? {
        Received::Message(bytes) => decoded(bytes),
        Received::End => Err(RpcError::new("the message is missing").into()),
        Received::Gone => Err(Ended::Gone),
    }
}

fn decoded<Q: Message + Default>(bytes: Bytes) -> Result<Q, Ended> {
    Q::decode(bytes).map_err(|error| RpcError::new(error).into())
}

/// The deprecated way, which waits for a limited time.
async fn acquire_job<T, S>(
    call: &mut Call<T>,
    service: &S,
    limits: &Limits,
    stop: &CancellationToken,
) -> Result<(), Ended>
where
    T: AsyncRead + AsyncWrite + Unpin + Send,
    S: Service,
{
    let Empty {} = message(call).await?;
    let unwanted = stop.child_token();
    let mut job = pin!(service.acquire_job(unwanted.clone()));
    let in_time = tokio::time::timeout(limits.acquire_job, &mut job).await;
    let job = if let Ok(job) = in_time {
        job
    } else {
        unwanted.cancel();
        job.await
    };
    deliver(call, service, job?, false).await
}

async fn acquire_job_with_cancel<T, S>(
    call: &mut Call<T>,
    service: &S,
    stop: &CancellationToken,
) -> Result<(), Ended>
where
    T: AsyncRead + AsyncWrite + Unpin + Send,
    S: Service,
{
    let unwanted = stop.child_token();
    let mut job = pin!(service.acquire_job(unwanted.clone()));
    let mut is_gone = false;
    let job = loop {
        tokio::select! {
            job = &mut job => break job?,
            said = call.receive(), if !unwanted.is_cancelled() => match said {
                Ok(Received::Message(_)) => unwanted.cancel(),
                Ok(Received::End) => {}
                Ok(Received::Gone) | Err(_) => {
                    is_gone = true;
                    unwanted.cancel();
                }
            },
        }
    };
    deliver(call, service, job, is_gone).await
}

/// Sends the job, or that there is none; a job that cannot be sent is given back.
async fn deliver<T, S>(
    call: &mut Call<T>,
    service: &S,
    job: Option<AcquiredJob>,
    is_gone: bool,
) -> Result<(), Ended>
where
    T: AsyncRead + AsyncWrite + Unpin + Send,
    S: Service,
{
    let Some(job) = job else {
        if is_gone {
            return Err(Ended::Gone);
        }
        return Ok(call.send(&AcquiredJob::default()).await?);
    };
    let bytes = job.encoded_len();
    let (why, ended) = if is_gone {
        (Undelivered::Broken, Ended::Gone)
    } else if bytes > MAX_PACKET {
        let why = Undelivered::TooBig { bytes };
        let error = RpcError::new(format!("request job was invalidated: {why}"));
        (why, error.into())
    } else {
        match call.send(&job).await {
            Ok(()) => return Ok(()),
            Err(error) => (Undelivered::Broken, error.into()),
        }
    };
    service.undelivered(&job.job_id, why).await;
    Err(ended)
}

/// What is announced, then its pieces.
async fn upload_file<T, S>(call: &mut Call<T>, service: &S, limits: &Limits) -> Result<(), Ended>
where
    T: AsyncRead + AsyncWrite + Unpin + Send,
    S: Service,
{
    let FileUpload {
        r#type: Some(file_upload::Type::DataUpload(file)),
    } = message(call).await?
    else {
        return Err(RpcError::new("a file is announced before its pieces").into());
    };
    let mut upload = Upload::announced(&file, limits.file_size).map_err(RpcError::new)?;
    let mut sink = service.upload_file(&file).await?;
    while !upload.is_complete() {
        let FileUpload {
            r#type: Some(file_upload::Type::ChunkPiece(piece)),
        } = message(call).await?
        else {
            return Err(RpcError::new("a piece of the file is expected").into());
        };
        upload.take(&piece).map_err(RpcError::new)?;
        sink.write(piece.data).await?;
    }
    upload.finish().map_err(RpcError::new)?;
    sink.finish().await?;
    Ok(call.send(&Empty {}).await?)
}

/// A failure is told twice, as a message and as the call's error, because that is what daemons expect.
async fn download_file<T, S>(call: &mut Call<T>, service: &S) -> Result<(), Ended>
where
    T: AsyncRead + AsyncWrite + Unpin + Send,
    S: Service,
{
    let request = message(call).await?;
    let sent = async {
        let file = service.download_file(request).await?;
        let mut messages = pin!(file.messages());
        while let Some(message) = messages.try_next().await? {
            call.send(&message).await?;
        }
        Ok(())
    }
    .await;
    if let Err(Ended::Refused(error)) = &sent {
        call.send(&download::failed(error)).await?;
    }
    sent
}
