use bytes::Bytes;
use chancery_provisioner::proto::provisioner::DataUpload;
use chancery_provisioner::proto::provisionerd::{
    AcquiredJob, CommitQuotaRequest, CommitQuotaResponse, CompletedJob, FailedJob, FileRequest,
    UpdateJobRequest, UpdateJobResponse,
};
use chancery_provisioner::{Download, RpcError, Service, Undelivered, UploadSink};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// What answers a daemon's calls. There are no jobs in this version, and so none that a daemon could have.
pub struct Daemon;

/// What is said of any job.
fn no_job<A>(job_id: &str) -> Result<A, RpcError> {
    Err(match Uuid::try_parse(job_id) {
        Ok(_) => RpcError::new("get job: there is no such job"),
        Err(error) => RpcError::new(format!("parse job id: {error}")),
    })
}

impl Service for Daemon {
    type Upload = Unwanted;

    async fn acquire_job(
        &self,
        unwanted: CancellationToken,
    ) -> Result<Option<AcquiredJob>, RpcError> {
        unwanted.cancelled().await;
        Ok(None)
    }

    async fn undelivered(&self, job_id: &str, why: Undelivered) {
        tracing::warn!(job_id, %why, "a job was not delivered");
    }

    async fn commit_quota(
        &self,
        request: CommitQuotaRequest,
    ) -> Result<CommitQuotaResponse, RpcError> {
        no_job(&request.job_id)
    }

    async fn update_job(&self, request: UpdateJobRequest) -> Result<UpdateJobResponse, RpcError> {
        no_job(&request.job_id)
    }

    async fn fail_job(&self, job: FailedJob) -> Result<(), RpcError> {
        no_job(&job.job_id)
    }

    async fn complete_job(&self, job: CompletedJob) -> Result<(), RpcError> {
        no_job(&job.job_id)
    }

    async fn upload_file(&self, _file: &DataUpload) -> Result<Unwanted, RpcError> {
        Err(RpcError::new("there is no import that the file belongs to"))
    }

    async fn download_file(&self, _request: FileRequest) -> Result<Download, RpcError> {
        Err(RpcError::new("it is not a modules file"))
    }
}

/// A file that is never taken.
pub enum Unwanted {}

impl UploadSink for Unwanted {
    async fn write(&mut self, _piece: Bytes) -> Result<(), RpcError> {
        match *self {}
    }

    async fn finish(self) -> Result<(), RpcError> {
        match self {}
    }
}
