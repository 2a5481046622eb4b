//! A way to PostgreSQL that can fail without either side's doing.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sqlx::postgres::PgConnectOptions;
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy};
use tokio::net::{TcpListener, UnixStream};
use tokio::task::{AbortHandle, JoinHandle};

#[derive(Debug, Default)]
struct Connections {
    tasks: Vec<AbortHandle>,
    /// Whether those made since the last [`Proxy::mute`] get no answers any more.
    muted: Arc<AtomicBool>,
}

/// Forwards connections from a port of the loopback address to a cluster's socket.
#[derive(Debug)]
pub struct Proxy {
    options: PgConnectOptions,
    connections: Arc<Mutex<Connections>>,
    task: JoinHandle<()>,
}

impl Proxy {
    /// Forwards to the private socket that `target` names.
    ///
    /// # Panics
    /// When no port can be listened on.
    pub async fn start(target: &PgConnectOptions) -> Self {
        let directory = target
            .get_socket()
            .cloned()
            .unwrap_or_else(|| PathBuf::from(target.get_host()));
        let socket = directory.join(format!(".s.PGSQL.{}", target.get_port()));
        let (listener, port) = match listen().await {
            Ok(listening) => listening,
            Err(reason) => panic!("no proxy: {reason}"),
        };
        let database = target.get_database().unwrap_or(target.get_username());
        let options = PgConnectOptions::new_without_pgpass()
            .host("127.0.0.1")
            .port(port)
            .username(target.get_username())
            .database(database);
        let connections = Arc::<Mutex<Connections>>::default();
        let opened = Arc::clone(&connections);
        let task = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let mut opened = lock(&opened);
                let muted = Arc::clone(&opened.muted);
                let forwarding = tokio::spawn(forward(client, socket.clone(), muted));
                opened.tasks.push(forwarding.abort_handle());
            }
        });
        Self {
            options,
            connections,
            task,
        }
    }

    /// How to connect through it.
    pub fn options(&self) -> PgConnectOptions {
        self.options.clone()
    }

    /// Cuts all connections; new ones can be made.
    pub fn cut(&self) {
        for connection in lock(&self.connections).tasks.drain(..) {
            connection.abort();
        }
    }

    /// From now on the answers on all connections are lost, and neither side is told; new ones can be made.
    pub fn mute(&self) {
        let muted = std::mem::take(&mut lock(&self.connections).muted);
        muted.store(true, Ordering::SeqCst);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
        self.cut();
    }
}

fn lock(connections: &Mutex<Connections>) -> MutexGuard<'_, Connections> {
    connections.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn listen() -> std::io::Result<(TcpListener, u16)> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let port = listener.local_addr()?.port();
    Ok((listener, port))
}

/// Ends when either side closes; what goes wrong is the clients' to notice.
async fn forward(mut client: tokio::net::TcpStream, socket: PathBuf, muted: Arc<AtomicBool>) {
    let Ok(mut server) = UnixStream::connect(socket).await else {
        return;
    };
    let (mut from_client, mut to_client) = client.split();
    let (mut from_server, mut to_server) = server.split();
    let answers = async {
        let mut buffer = [0; 8192];
        while let Ok(count @ 1..) = from_server.read(&mut buffer).await {
            if !muted.load(Ordering::SeqCst) && to_client.write_all(&buffer[..count]).await.is_err()
            {
                return;
            }
        }
    };
    tokio::select! {
        () = answers => {}
        _ = copy(&mut from_client, &mut to_server) => {}
    }
}
