//! A way to PostgreSQL that can be cut without either side's doing.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use sqlx::postgres::PgConnectOptions;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, UnixStream};
use tokio::task::{AbortHandle, JoinHandle};

pub struct Proxy {
    options: PgConnectOptions,
    connections: Arc<Mutex<Vec<AbortHandle>>>,
    task: JoinHandle<()>,
}

impl Proxy {
    /// Forwards to the private socket that `target` names.
    pub async fn start(target: &PgConnectOptions) -> Self {
        let directory = target
            .get_socket()
            .cloned()
            .unwrap_or_else(|| PathBuf::from(target.get_host()));
        let socket = directory.join(format!(".s.PGSQL.{}", target.get_port()));
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let options = PgConnectOptions::new_without_pgpass()
            .host("127.0.0.1")
            .port(listener.local_addr().unwrap().port())
            .username(target.get_username())
            .database(target.get_database().unwrap());
        let connections = Arc::new(Mutex::new(Vec::new()));
        let opened = Arc::clone(&connections);
        let task = tokio::spawn(async move {
            loop {
                let (mut client, _) = listener.accept().await.unwrap();
                let socket = socket.clone();
                let connection = tokio::spawn(async move {
                    let mut server = UnixStream::connect(socket).await.unwrap();
                    drop(copy_bidirectional(&mut client, &mut server).await);
                });
                opened.lock().unwrap().push(connection.abort_handle());
            }
        });
        Self {
            options,
            connections,
            task,
        }
    }

    pub fn options(&self) -> PgConnectOptions {
        self.options.clone()
    }

    /// Cuts all connections; new ones can be made.
    pub fn cut(&self) {
        for connection in self.connections.lock().unwrap().drain(..) {
            connection.abort();
        }
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}
