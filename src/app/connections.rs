//! How many connections are open, in all and from one address. At a limit the connection that has been without a request longest makes
//! room for the new one, so that connections which only hold a place cannot shut anybody out.

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// Files that the program needs besides its clients' connections: the database's, its own, and some to spare.
const OTHER_FILES: u64 = 256;
/// So many connections at most may be closing to make room; then nobody new is let in until one is closed, or there would be no files.
const CLOSING: usize = 64;
/// At most once in this time the log says that a limit is reached.
const SAID_EVERY: Duration = Duration::from_mins(1);

/// How many connections may be open.
#[derive(Clone, Copy, Debug)]
pub struct ConnectionLimits {
    /// In all.
    pub total: usize,
    /// From one address; trusted proxies are excepted.
    pub per_address: usize,
}

impl ConnectionLimits {
    /// The same, as far as the system lets this process open files; an address gets half of all at most.
    #[must_use]
    pub fn within_file_limit(self) -> Self {
        let files = rustix::process::getrlimit(rustix::process::Resource::Nofile).current;
        self.within(files)
    }

    fn within(self, files: Option<u64>) -> Self {
        let room = files.map_or(usize::MAX, |files| {
            let room = files.saturating_sub(OTHER_FILES).max(files / 2);
            usize::try_from(room).unwrap_or(usize::MAX)
        });
        let total = self.total.min(room).max(1);
        Self {
            total,
            per_address: self.per_address.min(total.div_ceil(2)).max(1),
        }
    }
}

/// The open connections. Clones share them.
#[derive(Clone, Debug)]
pub struct Connections {
    limits: ConnectionLimits,
    open: Arc<Mutex<Open>>,
    closed: Arc<Notify>,
}

#[derive(Debug, Default)]
struct Open {
    by_host: HashMap<IpAddr, BTreeMap<u64, Connection>>,
    count: usize,
    /// Connections that were told to make room and are not closed yet.
    closing: usize,
    /// Orders connections by when they came, and by when they became idle.
    sequence: u64,
    cut: u64,
    said: Option<Instant>,
}

#[derive(Debug)]
struct Connection {
    /// When the last request ended; None while there is one.
    idle_since: Option<u64>,
    cut: CancellationToken,
}

/// The place of one connection, free again when it is dropped.
#[derive(Debug)]
pub struct Place {
    connections: Connections,
    host: IpAddr,
    id: u64,
    cut: CancellationToken,
}

/// While it lives, the connection has a request and is not closed to make room.
#[derive(Debug)]
pub struct Busy(Arc<Place>);

impl Connections {
    /// None yet.
    pub fn new(limits: ConnectionLimits) -> Self {
        Self {
            limits,
            open: Arc::default(),
            closed: Arc::default(),
        }
    }

    /// Waits while many connections that were told to make room are not closed yet. To be asked before another is accepted.
    pub async fn settle(&self) {
        while self.open().closing >= CLOSING {
            // One that is closed in between has left its permit.
            self.closed.notified().await;
        }
    }

    /// A place for a connection from `host`, which `is_proxy` exempts from the limit of one address. None when every connection that
    /// could make room has a request.
    pub fn admit(&self, host: IpAddr, is_proxy: bool) -> Option<Arc<Place>> {
        let mut open = self.open();
        let of_host = open.by_host.get(&host).map_or(0, BTreeMap::len);
        let crowded = if open.count >= self.limits.total {
            open.fullest()
        } else {
            (!is_proxy && of_host >= self.limits.per_address).then_some(host)
        };
        if let Some(crowded) = crowded {
            let has_room = open.cut_longest_idle(crowded);
            open.say(self.limits, crowded);
            if !has_room {
                return None;
            }
        }
        let id = open.next();
        let cut = CancellationToken::new();
        let connection = Connection {
            idle_since: Some(id),
            cut: cut.clone(),
        };
        open.by_host.entry(host).or_default().insert(id, connection);
        open.count += 1;
        drop(open);
        Some(Arc::new(Place {
            connections: self.clone(),
            host,
            id,
            cut,
        }))
    }

    /// How many are open.
    pub fn open_count(&self) -> usize {
        self.open().count
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Open {
    fn next(&mut self) -> u64 {
        self.sequence += 1;
        self.sequence
    }

    fn fullest(&self) -> Option<IpAddr> {
        let hosts = self.by_host.iter();
        hosts
            .max_by_key(|(_, connections)| connections.len())
            .map(|(host, _)| *host)
    }

    fn cut_longest_idle(&mut self, host: IpAddr) -> bool {
        let connections = self.by_host.get(&host).into_iter().flatten();
        let longest = connections
            .filter_map(|(id, connection)| Some((connection.idle_since?, *id)))
            .min();
        let Some((_, id)) = longest else {
            return false;
        };
        if let Some(connection) = self.remove(host, id) {
            connection.cut.cancel();
            self.cut += 1;
            self.closing += 1;
        }
        true
    }

    fn remove(&mut self, host: IpAddr, id: u64) -> Option<Connection> {
        let connections = self.by_host.get_mut(&host)?;
        let removed = connections.remove(&id)?;
        if connections.is_empty() {
            self.by_host.remove(&host);
        }
        self.count -= 1;
        Some(removed)
    }

    fn say(&mut self, limits: ConnectionLimits, host: IpAddr) {
        if self.said.is_some_and(|said| said.elapsed() < SAID_EVERY) {
            return;
        }
        self.said = Some(Instant::now());
        let of_host = self.by_host.get(&host).map_or(0, BTreeMap::len);
        tracing::warn!(
            open = self.count,
            max = limits.total,
            %host,
            of_host,
            max_of_host = limits.per_address,
            closed = std::mem::take(&mut self.cut),
            "connections are at their limit; those longest without a request are closed for new ones"
        );
    }
}

impl Place {
    /// Done when the connection has to make room for another.
    pub async fn cut(&self) {
        self.cut.cancelled().await;
    }

    /// Marks the connection as having a request.
    pub fn begin(self: &Arc<Self>) -> Busy {
        self.set_idle(false);
        Busy(Arc::clone(self))
    }

    fn set_idle(&self, is_idle: bool) {
        let mut open = self.connections.open();
        let since = is_idle.then(|| open.next());
        let connections = open.by_host.get_mut(&self.host);
        if let Some(connection) = connections.and_then(|of_host| of_host.get_mut(&self.id)) {
            connection.idle_since = since;
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.connections.open();
        if open.remove(self.host, self.id).is_none() {
            open.closing -= 1;
            self.connections.closed.notify_one();
        }
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.set_idle(true);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(last: u8) -> IpAddr {
        IpAddr::from([192, 0, 2, last])
    }

    fn connections(total: usize, per_address: usize) -> Connections {
        Connections::new(ConnectionLimits { total, per_address })
    }

    #[test]
    fn the_connection_longest_without_a_request_makes_room() {
        let connections = connections(10, 2);
        let first = connections.admit(host(1), false).unwrap();
        let second = connections.admit(host(1), false).unwrap();
        drop(first.begin());
        let _third = connections.admit(host(1), false).unwrap();
        assert!(second.cut.is_cancelled() && !first.cut.is_cancelled());
    }

    #[test]
    fn connections_with_a_request_are_not_closed_for_new_ones() {
        let connections = connections(10, 1);
        let only = connections.admit(host(1), false).unwrap();
        let busy = only.begin();
        assert!(connections.admit(host(1), false).is_none());
        assert!(connections.admit(host(1), true).is_some());
        drop(busy);
        assert!(connections.admit(host(1), false).is_some());
    }

    #[test]
    fn when_all_places_are_taken_the_fullest_address_gives_one_up() {
        let connections = connections(3, 3);
        let few = connections.admit(host(1), false).unwrap();
        let many = [2, 2].map(|last| connections.admit(host(last), false).unwrap());
        let _new = connections.admit(host(3), false).unwrap();
        assert!(many[0].cut.is_cancelled() && !few.cut.is_cancelled());
        assert_eq!(connections.open().count, 3);
    }

    #[tokio::test]
    async fn nobody_is_let_in_before_those_who_make_room_are_gone() {
        let connections = connections(1, 1);
        let mut places: Vec<_> = (0..=CLOSING)
            .map(|_| connections.admit(host(1), false).unwrap())
            .collect();
        let settled = connections.settle();
        let mut settled = std::pin::pin!(settled);
        assert!(futures::poll!(&mut settled).is_pending());
        drop(places.swap_remove(0));
        settled.await;
        drop(places);
        assert_eq!(connections.open().closing, 0);
    }

    #[test]
    fn places_are_free_again_after_use() {
        let connections = connections(2, 2);
        drop(connections.admit(host(1), false));
        assert_eq!(connections.open().count, 0);
        assert!(connections.open().by_host.is_empty());
    }

    #[test]
    fn limits_leave_files_for_the_rest_of_the_program() {
        let limits = ConnectionLimits {
            total: 10_000,
            per_address: 1_000,
        };
        let within = |files| {
            let limits = limits.within(files);
            (limits.total, limits.per_address)
        };
        assert_eq!(within(None), (10_000, 1_000));
        assert_eq!(within(Some(1_024)), (768, 384));
        assert_eq!(within(Some(256)), (128, 64));
    }
}
