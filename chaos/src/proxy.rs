//! A way to PostgreSQL that can go wrong in every way that a network does.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio::sync::watch;
use tokio::task::{AbortHandle, JoinHandle};

/// What happens to traffic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weather {
    /// It passes.
    Fair,
    /// Connections are closed as soon as they say something.
    Refused,
    /// Everything takes so much longer, each way.
    Slow(Duration),
    /// Nothing passes; what waits passes later.
    Still,
    /// What the server answers is lost for good, and so is the rest of that connection.
    HalfOpen,
}

/// Listens on a loopback port and forwards to a socket.
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    target: Arc<Mutex<PathBuf>>,
    weather: watch::Sender<Weather>,
    connections: Arc<Mutex<Vec<AbortHandle>>>,
    task: JoinHandle<()>,
}

impl Proxy {
    /// Forwards to the socket `target`.
    pub async fn start(target: PathBuf) -> anyhow::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let target = Arc::new(Mutex::new(target));
        let connections: Arc<Mutex<Vec<AbortHandle>>> = Arc::default();
        let (weather, forecast) = watch::channel(Weather::Fair);
        let task = tokio::spawn({
            let (target, connections) = (Arc::clone(&target), Arc::clone(&connections));
            async move {
                while let Ok((client, _)) = listener.accept().await {
                    let socket = lock(&target).clone();
                    let connection = tokio::spawn(forward(client, socket, forecast.clone()));
                    let mut connections = lock(&connections);
                    connections.retain(|connection| !connection.is_finished());
                    connections.push(connection.abort_handle());
                }
            }
        });
        Ok(Self {
            address,
            target,
            weather,
            connections,
            task,
        })
    }

    /// The port it listens on.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// Changes the weather for old and new connections.
    pub fn set(&self, weather: Weather) {
        self.weather.send_replace(weather);
    }

    /// Cuts every connection.
    pub fn cut(&self) {
        for connection in lock(&self.connections).drain(..) {
            connection.abort();
        }
    }

    /// Forwards new connections to another socket, and cuts the old ones.
    pub fn redirect(&self, target: PathBuf) {
        *lock(&self.target) = target;
        self.cut();
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
        self.cut();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn forward(client: TcpStream, socket: PathBuf, weather: watch::Receiver<Weather>) {
    let Ok(server) = UnixStream::connect(socket).await else {
        return;
    };
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    tokio::select! {
        () = copy(from_client, to_server, weather.clone(), false) => {}
        () = copy(from_server, to_client, weather, true) => {}
    }
}

async fn copy(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    mut weather: watch::Receiver<Weather>,
    answers: bool,
) {
    let mut buffer = vec![0; 64 * 1024];
    let mut lost = false;
    while let Ok(length @ 1..) = from.read(&mut buffer).await {
        let now = *weather.borrow_and_update();
        match now {
            Weather::Fair => {}
            Weather::Refused => return,
            Weather::Slow(delay) => tokio::time::sleep(delay).await,
            Weather::Still => {
                if weather
                    .wait_for(|now| *now != Weather::Still)
                    .await
                    .is_err()
                {
                    return;
                }
            }
            Weather::HalfOpen => lost |= answers,
        }
        if !lost && to.write_all(&buffer[..length]).await.is_err() {
            return;
        }
    }
}
