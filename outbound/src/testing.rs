//! For tests: an https server that answers whatever a test tells it to.
#![allow(
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "a test helper that cannot go on fails the test"
)]

use std::sync::{Arc, Mutex};
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

/// The host that the server has a certificate for.
pub const HOST: &str = "client.example";

/// What becomes of a request.
pub enum Answer {
    /// These bytes, and the end of the connection.
    Bytes(Vec<u8>),
    /// These bytes, after a while.
    Later(Vec<u8>),
    /// These bytes, and then the same few over and over.
    Endless(Vec<u8>, &'static [u8]),
    /// These bytes, and then nothing.
    Silence(Vec<u8>),
}

/// A status line, headers and a body, which says its length.
pub fn answer(status: &str, headers: &[&str], body: &str) -> Answer {
    Answer::Bytes(bytes(status, headers, body))
}

fn bytes(status: &str, headers: &[&str], body: &str) -> Vec<u8> {
    let length = format!("content-length: {}", body.len());
    let headers: String = headers
        .iter()
        .chain([&length.as_str()])
        .flat_map(|header| [header, "\r\n"])
        .collect();
    format!("HTTP/1.1 {status}\r\n{headers}\r\n{body}").into_bytes()
}

/// A document.
pub fn json(headers: &[&str], body: &str) -> Answer {
    let headers = [&["content-type: application/json"], headers].concat();
    answer("200 OK", &headers, body)
}

/// A document, as it goes over the wire.
pub fn json_bytes(body: &str) -> Vec<u8> {
    bytes("200 OK", &["content-type: application/json"], body)
}

/// Requests that are not answered yet, and the most there were at once.
type UnderWay = Arc<Mutex<(usize, usize)>>;

/// The server. It stops with the test's runtime.
pub struct Server {
    /// Where it listens, on loopback.
    pub port: u16,
    /// The certificate, in PEM, of the authority that vouches for it.
    pub authority: Vec<u8>,
    heads: Arc<Mutex<Vec<String>>>,
    under_way: UnderWay,
}

impl Server {
    /// Starts a server that answers the head of each request by `script`.
    pub async fn start(script: impl Fn(&str) -> Answer + Send + Sync + 'static) -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let key = KeyPair::generate().unwrap();
        let names = vec![HOST.to_owned(), "localhost".to_owned()];
        let certificate = CertificateParams::new(names).unwrap();
        let certificate = certificate.signed_by(&key, &authority).unwrap();
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)
            .unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = Self {
            port: listener.local_addr().unwrap().port(),
            authority: authority.pem().into_bytes(),
            heads: Arc::default(),
            under_way: UnderWay::default(),
        };
        let (script, heads) = (Arc::new(script), Arc::clone(&server.heads));
        let under_way = Arc::clone(&server.under_way);
        let acceptor = TlsAcceptor::from(Arc::new(config));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (acceptor, script) = (acceptor.clone(), Arc::clone(&script));
                let (heads, under_way) = (Arc::clone(&heads), Arc::clone(&under_way));
                tokio::spawn(serve(acceptor, stream, script, heads, under_way));
            }
        });
        server
    }

    /// The URL of a path.
    pub fn url(&self, path: &str) -> String {
        format!("https://{HOST}:{}{path}", self.port)
    }

    /// The heads of the requests so far.
    pub fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }

    /// The most requests that were under way at once.
    pub fn most_at_once(&self) -> usize {
        self.under_way.lock().unwrap().1
    }
}

async fn serve(
    acceptor: TlsAcceptor,
    stream: TcpStream,
    script: Arc<impl Fn(&str) -> Answer>,
    heads: Arc<Mutex<Vec<String>>>,
    under_way: UnderWay,
) {
    // A client that goes away ends the connection, and nothing else.
    let Ok(mut stream) = acceptor.accept(stream).await else {
        return;
    };
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => return,
        }
    }
    let head = String::from_utf8(head).unwrap();
    let answer = script(&head);
    heads.lock().unwrap().push(head);
    match answer {
        Answer::Bytes(bytes) => {
            let _ = stream.write_all(&bytes).await;
            let _ = stream.shutdown().await;
        }
        Answer::Later(bytes) => {
            {
                let mut under_way = under_way.lock().unwrap();
                under_way.0 += 1;
                under_way.1 = under_way.1.max(under_way.0);
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
            under_way.lock().unwrap().0 -= 1;
            let _ = stream.write_all(&bytes).await;
            let _ = stream.shutdown().await;
        }
        Answer::Endless(bytes, again) => {
            let mut more = stream.write_all(&bytes).await;
            while more.is_ok() && stream.flush().await.is_ok() {
                tokio::time::sleep(Duration::from_millis(1)).await;
                more = stream.write_all(again).await;
            }
        }
        Answer::Silence(bytes) => {
            let _ = stream.write_all(&bytes).await;
            let _ = stream.flush().await;
            let _ = stream.read_u8().await;
        }
    }
}
