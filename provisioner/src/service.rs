use std::future::Future;
use std::time::Duration;

use bytes::Bytes;
use tokio_util::sync::CancellationToken;

use crate::proto::provisioner::DataUpload;
use crate::proto::provisionerd::{
    AcquiredJob, CommitQuotaRequest, CommitQuotaResponse, CompletedJob, FailedJob, FileRequest,
    UpdateJobRequest, UpdateJobResponse,
};
use crate::{Download, RpcError};

/// What a session may take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Calls that are answered at once. More wait, and beyond four times as many the session ends.
    pub calls: usize,
    /// How long the rest of a request, or the taking of an answer, may take without progress.
    pub patience: Duration,
    /// How long the daemon may send nothing at all, not even a ping, which daemons send every 30 seconds.
    pub silence: Duration,
    /// How long `AcquireJob`, which cannot be cancelled, waits for a job.
    pub acquire_job: Duration,
    /// How long calls may go on once the session is over.
    pub grace: Duration,
    /// Most bytes of a file that is uploaded.
    pub file_size: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            calls: 16,
            patience: Duration::from_mins(1),
            silence: Duration::from_secs(90),
            acquire_job: Duration::from_secs(5),
            grace: Duration::from_secs(10),
            file_size: 100 << 20,
        }
    }
}

/// Why a job that was acquired did not get to the daemon.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Undelivered {
    /// The daemon went away.
    #[error("connection to provisioner daemon broken")]
    Broken,
    /// The message is larger than a daemon can read.
    #[error("payload was too big: {bytes} > {}", crate::drpc::MAX_PACKET)]
    TooBig {
        /// The message's size.
        bytes: usize,
    },
}

/// What answers the calls of one daemon. A call whose daemon went away is answered to its end all the same.
pub trait Service: Send + Sync + 'static {
    /// Takes in a file that a daemon sends.
    type Upload: UploadSink;

    /// Waits for a job and takes it for the daemon. Once `unwanted` is cancelled there is none, unless one was taken already.
    fn acquire_job(
        &self,
        unwanted: CancellationToken,
    ) -> impl Future<Output = Result<Option<AcquiredJob>, RpcError>> + Send;

    /// The job that was taken is not with the daemon.
    fn undelivered(&self, job_id: &str, why: Undelivered) -> impl Future<Output = ()> + Send;

    /// Whether a workspace build may cost what it costs.
    fn commit_quota(
        &self,
        request: CommitQuotaRequest,
    ) -> impl Future<Output = Result<CommitQuotaResponse, RpcError>> + Send;

    /// Takes note that a job is alive, and of what became known.
    fn update_job(
        &self,
        request: UpdateJobRequest,
    ) -> impl Future<Output = Result<UpdateJobResponse, RpcError>> + Send;

    /// Ends a job that failed.
    fn fail_job(&self, job: FailedJob) -> impl Future<Output = Result<(), RpcError>> + Send;

    /// Ends a job that is done.
    fn complete_job(&self, job: CompletedJob) -> impl Future<Output = Result<(), RpcError>> + Send;

    /// Whether a file is wanted, and where it goes. Its size is within the limits.
    fn upload_file(
        &self,
        file: &DataUpload,
    ) -> impl Future<Output = Result<Self::Upload, RpcError>> + Send;

    /// A file that the daemon asks for.
    fn download_file(
        &self,
        request: FileRequest,
    ) -> impl Future<Output = Result<Download, RpcError>> + Send;
}

/// Where a file goes. One that is dropped unfinished is no file.
pub trait UploadSink: Send {
    /// Takes the next piece.
    fn write(&mut self, piece: Bytes) -> impl Future<Output = Result<(), RpcError>> + Send;

    /// All is there, and is what was announced.
    fn finish(self) -> impl Future<Output = Result<(), RpcError>> + Send;
}
