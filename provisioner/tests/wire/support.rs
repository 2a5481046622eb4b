use std::collections::{HashSet, VecDeque};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use chancery_provisioner::drpc::{Kind, Packet, PacketCodec, PacketId, WireError};
use chancery_provisioner::proto::provisioner::{DataUpload, DataUploadType, VariableValue};
use chancery_provisioner::proto::provisionerd::{
    AcquiredJob, CommitQuotaRequest, CommitQuotaResponse, CompletedJob, FailedJob, FileRequest,
    UpdateJobRequest, UpdateJobResponse,
};
use chancery_provisioner::{Download, Limits, RpcError, Service, Undelivered, UploadSink, answer};
use futures::{SinkExt as _, StreamExt as _, stream};
use prost::Message;
use sha2::{Digest as _, Sha256};
use tokio::io::DuplexStream;
use tokio::sync::Notify;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinHandle;
use tokio_util::codec::Framed;
use tokio_util::sync::CancellationToken;

/// The one job of which the jobs know.
pub const JOB: &str = "0d4f8a34-5f36-4a0e-8d2a-0d9c0c5b8a11";

/// A file that can be downloaded.
pub fn modules() -> Vec<u8> {
    (0..5_000_000_u32).map(|n| n.to_le_bytes()[1]).collect()
}

/// A service with a queue, which knows one job by name and keeps what daemons say.
pub struct Jobs {
    waiting: Mutex<VecDeque<AcquiredJob>>,
    posted: Notify,
    cancelled: Mutex<HashSet<String>>,
    said: UnboundedSender<Said>,
}

/// What came of a call.
#[derive(Debug, Clone, PartialEq)]
pub enum Said {
    Waiting,
    Undelivered(String, Undelivered),
    Updated(UpdateJobRequest),
    Failed(FailedJob),
    Completed(CompletedJob),
    Uploaded(Bytes),
}

impl Jobs {
    pub fn new() -> (Arc<Self>, UnboundedReceiver<Said>) {
        let (said, heard) = unbounded_channel();
        let jobs = Self {
            waiting: Mutex::default(),
            posted: Notify::new(),
            cancelled: Mutex::default(),
            said,
        };
        (Arc::new(jobs), heard)
    }

    pub fn post(&self, job: AcquiredJob) {
        self.waiting.lock().unwrap().push_back(job);
        self.posted.notify_one();
    }

    pub fn cancel(&self, job_id: &str) {
        self.cancelled.lock().unwrap().insert(job_id.to_owned());
    }

    fn say(&self, said: Said) {
        // A test that hears no more has what it wanted.
        let _ = self.said.send(said);
    }

    fn own(job_id: &str) -> Result<(), RpcError> {
        if job_id == JOB {
            return Ok(());
        }
        Err(RpcError {
            code: 7,
            text: "you don't own this job".to_owned(),
        })
    }
}

impl Service for Jobs {
    type Upload = Piled;

    async fn acquire_job(
        &self,
        unwanted: CancellationToken,
    ) -> Result<Option<AcquiredJob>, RpcError> {
        self.say(Said::Waiting);
        loop {
            let job = self.waiting.lock().unwrap().pop_front();
            if job.is_some() || unwanted.is_cancelled() {
                return Ok(job);
            }
            tokio::select! {
                () = self.posted.notified() => {}
                () = unwanted.cancelled() => {}
            }
        }
    }

    async fn undelivered(&self, job_id: &str, why: Undelivered) {
        self.say(Said::Undelivered(job_id.to_owned(), why));
    }

    async fn commit_quota(
        &self,
        request: CommitQuotaRequest,
    ) -> Result<CommitQuotaResponse, RpcError> {
        Self::own(&request.job_id)?;
        Ok(CommitQuotaResponse {
            ok: true,
            credits_consumed: request.daily_cost,
            budget: -1,
        })
    }

    async fn update_job(&self, request: UpdateJobRequest) -> Result<UpdateJobResponse, RpcError> {
        Self::own(&request.job_id)?;
        let given = request.user_variable_values.iter();
        let value_of = |name: &str| given.clone().find(|given| given.name == name);
        let values = request.template_variables.iter().map(|variable| {
            let given = value_of(&variable.name).map(|given| given.value.clone());
            VariableValue {
                name: variable.name.clone(),
                value: given.unwrap_or_else(|| variable.default_value.clone()),
                sensitive: variable.sensitive,
            }
        });
        let response = UpdateJobResponse {
            canceled: self.cancelled.lock().unwrap().contains(&request.job_id),
            variable_values: values.collect(),
        };
        self.say(Said::Updated(request));
        Ok(response)
    }

    async fn fail_job(&self, job: FailedJob) -> Result<(), RpcError> {
        Self::own(&job.job_id)?;
        self.say(Said::Failed(job));
        Ok(())
    }

    async fn complete_job(&self, job: CompletedJob) -> Result<(), RpcError> {
        Self::own(&job.job_id)?;
        self.say(Said::Completed(job));
        Ok(())
    }

    async fn upload_file(&self, _file: &DataUpload) -> Result<Piled, RpcError> {
        let said = self.said.clone();
        let pieces = Vec::new();
        Ok(Piled { pieces, said })
    }

    async fn download_file(&self, request: FileRequest) -> Result<Download, RpcError> {
        if request.file_id != "modules" {
            return Err(RpcError::new("it is not a modules file"));
        }
        let content = modules();
        Ok(Download {
            upload_type: DataUploadType::UploadTypeModuleFiles,
            hash: Sha256::digest(&content).into(),
            size: content.len() as u64,
            content: stream::iter([Ok(content.into())]).boxed(),
        })
    }
}

/// A file that is told of when it is whole.
pub struct Piled {
    pieces: Vec<Bytes>,
    said: UnboundedSender<Said>,
}

impl UploadSink for Piled {
    async fn write(&mut self, piece: Bytes) -> Result<(), RpcError> {
        self.pieces.push(piece);
        Ok(())
    }

    async fn finish(self) -> Result<(), RpcError> {
        let _ = self.said.send(Said::Uploaded(self.pieces.concat().into()));
        Ok(())
    }
}

/// A job with an archive.
pub fn job(archive: impl Into<Bytes>) -> AcquiredJob {
    AcquiredJob {
        job_id: JOB.to_owned(),
        created_at: 1_800_000_000_000,
        provisioner: "echo".to_owned(),
        user_name: "ada".to_owned(),
        template_source_archive: archive.into(),
        ..AcquiredJob::default()
    }
}

/// The caller's end of a connection with one call.
pub struct Caller {
    packets: Framed<DuplexStream, PacketCodec>,
    sent: u64,
    answering: JoinHandle<Result<(), WireError>>,
}

impl Caller {
    pub fn new(jobs: &Arc<Jobs>) -> Self {
        Self::within(jobs, Limits::default(), CancellationToken::new())
    }

    pub fn within(jobs: &Arc<Jobs>, limits: Limits, stop: CancellationToken) -> Self {
        let (near, far) = tokio::io::duplex(64 << 10);
        let jobs = Arc::clone(jobs);
        let answering = tokio::spawn(async move { answer(far, &*jobs, &limits, &stop).await });
        Self {
            packets: Framed::new(near, PacketCodec::default()),
            sent: 0,
            answering,
        }
    }

    pub async fn say(&mut self, kind: Kind, data: impl Into<Bytes>) {
        self.sent += 1;
        let id = PacketId {
            stream: 1,
            message: self.sent,
        };
        let data = data.into();
        self.packets.send(Packet { id, kind, data }).await.unwrap();
    }

    pub async fn invoke(&mut self, rpc: &str) {
        let name = format!("/provisionerd.ProvisionerDaemon/{rpc}");
        self.say(Kind::Invoke, name).await;
    }

    pub async fn send(&mut self, message: &impl Message) {
        self.say(Kind::Message, message.encode_to_vec()).await;
    }

    /// What comes next; nothing once the other side has closed.
    pub async fn hear(&mut self) -> Option<(Kind, Bytes)> {
        let packet = self.packets.next().await?.ok()?;
        assert_eq!(packet.id.stream, 1);
        Some((packet.kind, packet.data))
    }

    /// Everything that still comes, up to the answer's end.
    pub async fn rest(&mut self) -> Vec<(Kind, Bytes)> {
        let mut rest = Vec::new();
        while let Some(heard) = self.hear().await {
            let is_last = matches!(heard.0, Kind::CloseSend | Kind::Error);
            rest.push(heard);
            if is_last {
                break;
            }
        }
        rest
    }

    /// Goes away; how the call ended at the other side.
    pub async fn leave(self) -> Result<(), WireError> {
        drop(self.packets);
        self.answering.await.unwrap()
    }

    /// How the call ends at the other side while this one stays.
    pub async fn ended(self) -> Result<(), WireError> {
        let ended = self.answering.await.unwrap();
        drop(self.packets);
        ended
    }
}

/// A unary call from its beginning to its end: the answer, or the error's code and text.
pub async fn called<A: Message + Default>(
    jobs: &Arc<Jobs>,
    rpc: &str,
    request: &impl Message,
) -> Result<A, (u64, String)> {
    let mut caller = Caller::new(jobs);
    caller.invoke(rpc).await;
    caller.send(request).await;
    caller.say(Kind::CloseSend, "").await;
    let heard = caller.rest().await;
    caller.leave().await.unwrap();
    match &heard[..] {
        [(Kind::Message, answer), (Kind::CloseSend, end)] => {
            assert_eq!(end, "");
            Ok(A::decode(answer.clone()).unwrap())
        }
        [(Kind::Error, error)] => Err(error_of(error)),
        heard => panic!("{heard:?}"),
    }
}

/// The code and the text of an error.
pub fn error_of(data: &[u8]) -> (u64, String) {
    let (code, text) = data.split_first_chunk().unwrap();
    let text = String::from_utf8(text.to_vec()).unwrap();
    (u64::from_be_bytes(*code), text)
}
