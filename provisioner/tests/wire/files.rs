use bytes::Bytes;
use chancery_provisioner::drpc::Kind;
use chancery_provisioner::proto::provisioner::file_upload::Type;
use chancery_provisioner::proto::provisioner::{ChunkPiece, DataUpload, FileUpload};
use chancery_provisioner::proto::provisionerd::FileRequest;
use prost::Message as _;
use sha2::{Digest as _, Sha256};

use crate::support::{Caller, Jobs, Said, error_of, modules};

fn announced(content: &[u8], chunks: i32) -> FileUpload {
    let file = DataUpload {
        upload_type: 1,
        data_hash: Sha256::digest(content).to_vec().into(),
        file_size: i64::try_from(content.len()).unwrap(),
        chunks,
    };
    FileUpload {
        r#type: Some(Type::DataUpload(file)),
    }
}

fn piece(content: &[u8], index: i32, data: &[u8]) -> FileUpload {
    let piece = ChunkPiece {
        data: Bytes::copy_from_slice(data),
        full_data_hash: Sha256::digest(content).to_vec().into(),
        piece_index: index,
    };
    FileUpload {
        r#type: Some(Type::ChunkPiece(piece)),
    }
}

#[tokio::test]
async fn a_file_is_taken_when_all_of_it_is_there() {
    let (jobs, mut heard) = Jobs::new();
    let mut caller = Caller::new(&jobs);
    caller.invoke("UploadFile").await;
    caller.send(&announced(b"abc", 2)).await;
    caller.send(&piece(b"abc", 0, b"ab")).await;
    assert!(heard.try_recv().is_err());
    caller.send(&piece(b"abc", 1, b"c")).await;
    let kinds = caller.rest().await.into_iter().map(|(kind, _)| kind);
    assert!(kinds.eq([Kind::Message, Kind::CloseSend]));
    let whole = Said::Uploaded(Bytes::from_static(b"abc"));
    assert_eq!(heard.recv().await, Some(whole));
}

#[tokio::test]
async fn a_file_that_is_not_as_announced_is_refused() {
    let (jobs, mut heard) = Jobs::new();
    let nothing = FileUpload { r#type: None };
    for (messages, words) in [
        (
            vec![piece(b"abc", 0, b"abc")],
            "a file is announced before its pieces",
        ),
        (vec![nothing], "a file is announced before its pieces"),
        (
            vec![announced(b"abc", 1), announced(b"abc", 1)],
            "a piece of the file is expected",
        ),
        (
            vec![announced(b"abc", 1), piece(b"abc", 1, b"abc")],
            "piece 0 is expected, not 1",
        ),
        (
            vec![announced(b"abc", 1), piece(b"abc", 0, b"abd")],
            "the file is not the one that was announced",
        ),
        (vec![announced(b"abc", 1)], "the message is missing"),
    ] {
        let mut caller = Caller::new(&jobs);
        caller.invoke("UploadFile").await;
        for message in &messages {
            caller.send(message).await;
        }
        caller.say(Kind::CloseSend, "").await;
        let [(Kind::Error, error)] = &caller.rest().await[..] else {
            panic!("{messages:?} were taken");
        };
        assert_eq!(error_of(error).1, words);
        assert!(heard.try_recv().is_err());
    }
}

#[tokio::test]
async fn who_is_refused_hears_it_although_more_was_on_its_way() {
    let (jobs, _) = Jobs::new();
    let mut caller = Caller::new(&jobs);
    caller.invoke("UploadFile").await;
    let content = vec![7; 1 << 20];
    caller.send(&announced(&content, 2)).await;
    // More than the pipe holds, none of which is wanted.
    for _ in 0..3 {
        caller.send(&piece(&content, 1, &content)).await;
    }
    let (kind, error) = caller.hear().await.unwrap();
    assert_eq!(kind, Kind::Error);
    assert_eq!(error_of(&error).1, "piece 0 is expected, not 1");
    caller.leave().await.unwrap();
}

#[tokio::test]
async fn a_file_is_sent_in_pieces_that_fit() {
    let (jobs, _) = Jobs::new();
    let mut caller = Caller::new(&jobs);
    caller.invoke("DownloadFile").await;
    let request = FileRequest {
        file_id: "modules".to_owned(),
        upload_type: 1,
    };
    caller.send(&request).await;
    let heard = caller.rest().await;
    let (end, messages) = heard.split_last().unwrap();
    assert_eq!(end.0, Kind::CloseSend);
    let mut content = Vec::new();
    for (kind, message) in messages {
        assert_eq!(*kind, Kind::Message);
        match FileUpload::decode(message.clone()).unwrap().r#type {
            Some(Type::DataUpload(file)) => assert_eq!(file.chunks, 3),
            Some(Type::ChunkPiece(piece)) => content.extend(piece.data),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(content, modules());
}

#[tokio::test]
async fn a_file_that_cannot_be_sent_is_told_twice() {
    let (jobs, _) = Jobs::new();
    let mut caller = Caller::new(&jobs);
    caller.invoke("DownloadFile").await;
    caller.send(&FileRequest::default()).await;
    let heard = caller.rest().await;
    let [(Kind::Message, told), (Kind::Error, error)] = &heard[..] else {
        panic!("{heard:?}");
    };
    let Some(Type::Error(told)) = FileUpload::decode(told.clone()).unwrap().r#type else {
        panic!("no error");
    };
    assert_eq!(told.error, "it is not a modules file");
    assert_eq!(error_of(error), (0, told.error));
}
