//! Clients that do what clients do, each on its own things.

use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use futures::future::join_all;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::api::{Api, Group, Secret, Token};

/// Clients at once.
const CLIENTS: u64 = 8;
/// After something went wrong a client waits so long, as clients should.
const PAUSE: Duration = Duration::from_millis(20);
/// Look-ups at once when everything is looked at in the end.
const LAST_AT_ONCE: usize = 8;

/// What the clients may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Everything.
    All,
    /// Look-ups alone.
    Reads,
    /// Come to an end.
    Stop,
}

/// The clients, which run or wait.
pub struct Load {
    mode: watch::Sender<Mode>,
    running: Vec<JoinHandle<Client>>,
    waiting: Vec<Client>,
}

/// One client, with what it made.
struct Client {
    api: Arc<Api>,
    random: StdRng,
    tokens: Things<Token>,
    groups: Things<Group>,
    sessions: Things<Secret>,
}

struct Things<T> {
    live: Vec<T>,
    /// Ended, or perhaps ended.
    over: Vec<T>,
}

impl<T> Default for Things<T> {
    fn default() -> Self {
        Self {
            live: Vec::new(),
            over: Vec::new(),
        }
    }
}

impl<T: Clone> Things<T> {
    fn one(&self, random: &mut StdRng) -> Option<&T> {
        pick(&self.live, random)
    }

    fn take(&mut self, random: &mut StdRng) -> Option<T> {
        (!self.live.is_empty()).then(|| {
            let thing = self
                .live
                .swap_remove(random.random_range(0..self.live.len()));
            self.over.push(thing.clone());
            thing
        })
    }

    fn any(&self, random: &mut StdRng) -> Option<&T> {
        if random.random_bool(0.5) {
            pick(&self.live, random)
        } else {
            pick(&self.over, random)
        }
    }
}

fn pick<'a, T>(things: &'a [T], random: &mut StdRng) -> Option<&'a T> {
    (!things.is_empty()).then(|| &things[random.random_range(0..things.len())])
}

impl Load {
    /// Clients that wait; equal seeds make equal choices.
    pub fn new(api: &Arc<Api>, seed: u64) -> Self {
        let clients = (0..CLIENTS).map(|number| Client {
            api: Arc::clone(api),
            random: StdRng::seed_from_u64(seed.wrapping_mul(CLIENTS).wrapping_add(number)),
            tokens: Things::default(),
            groups: Things::default(),
            sessions: Things::default(),
        });
        Self {
            mode: watch::Sender::new(Mode::All),
            running: Vec::new(),
            waiting: clients.collect(),
        }
    }

    /// Lets the clients run, each with what it has.
    pub fn run(&mut self) {
        self.set(Mode::All);
        let waiting = self.waiting.drain(..);
        let running = waiting.map(|client| tokio::spawn(client.run(self.mode.subscribe())));
        self.running.extend(running);
    }

    /// Says what the clients may do from their next step on.
    pub fn set(&self, mode: Mode) {
        self.mode.send_replace(mode);
    }

    /// Lets the clients finish what they are at, and then looks at everything they ever had.
    pub async fn rest(&mut self, random: &mut StdRng) -> anyhow::Result<()> {
        self.set(Mode::Stop);
        for client in join_all(self.running.drain(..)).await {
            self.waiting.push(client?);
        }
        for client in &self.waiting {
            client.api.set_last(true);
            client.look_at_everything(random).await;
            client.api.set_last(false);
        }
        Ok(())
    }
}

impl Client {
    async fn run(mut self, modes: watch::Receiver<Mode>) -> Self {
        loop {
            let mode = *modes.borrow();
            let went_well = match mode {
                Mode::All => self.step().await,
                Mode::Reads => {
                    self.look().await;
                    true
                }
                Mode::Stop => return self,
            };
            if !went_well {
                tokio::time::sleep(PAUSE).await;
            }
        }
    }

    fn server(&mut self) -> usize {
        self.random.random_range(0..self.api.servers())
    }

    async fn step(&mut self) -> bool {
        let server = self.server();
        let api = Arc::clone(&self.api);
        match self.random.random_range(0..100) {
            0..22 => self.exchange(server).await,
            22..30 => {
                let Some(token) = self.tokens.take(&mut self.random) else {
                    return true;
                };
                // Its access token may end with its refresh token.
                api.may_end(&token.access.label);
                let fresh = api.refresh(server, &token).await;
                let refreshed = fresh.is_some();
                self.tokens.live.extend(fresh);
                refreshed
            }
            30..42 => match self.tokens.take(&mut self.random) {
                Some(token) => {
                    let revoked = api.revoke(server, &token).await;
                    let elsewhere = self.server();
                    api.read_token(elsewhere, &token).await;
                    revoked
                }
                None => true,
            },
            42..52 => {
                let group = api.create_group(server).await;
                let created = group.is_some();
                self.groups.live.extend(group);
                created
            }
            52..58 => match self.groups.one(&mut self.random) {
                Some(group) => api.change_group(server, group).await,
                None => true,
            },
            58..63 => match self.groups.take(&mut self.random) {
                Some(group) => api.delete_group(server, &group).await,
                None => true,
            },
            63 => {
                let session = api.sign_in(server).await;
                let signed_in = session.is_some();
                self.sessions.live.extend(session);
                signed_in
            }
            64 => match self.sessions.take(&mut self.random) {
                Some(session) => api.sign_out(server, &session).await,
                None => true,
            },
            _ => {
                self.look().await;
                true
            }
        }
    }

    /// Gets a code and exchanges it, now and then twice at once.
    async fn exchange(&mut self, server: usize) -> bool {
        let api = Arc::clone(&self.api);
        let Some(code) = api.authorize(server).await else {
            return false;
        };
        let (here, there) = (self.server(), self.server());
        if self.random.random_bool(0.15) {
            let both = tokio::join!(api.exchange(here, &code), api.exchange(there, &code));
            for token in [both.0, both.1].into_iter().flatten() {
                // Who comes second ends what the first one got.
                api.may_end(&token.access.label);
                self.tokens.over.push(token);
            }
            return true;
        }
        let token = api.exchange(here, &code).await;
        let exchanged = token.is_some();
        if let Some(token) = &token {
            api.read_token(there, token).await;
        }
        self.tokens.live.extend(token);
        exchanged
    }

    async fn look(&mut self) {
        let server = self.server();
        match self.random.random_range(0..8) {
            0..5 => match self.tokens.any(&mut self.random) {
                Some(token) => self.api.read_token(server, token).await,
                None => tokio::task::yield_now().await,
            },
            5..7 => match self.groups.any(&mut self.random) {
                Some(group) => self.api.read_group(server, group).await,
                None => tokio::task::yield_now().await,
            },
            _ => match self.sessions.any(&mut self.random) {
                Some(session) => self.api.read_session(server, session).await,
                None => tokio::task::yield_now().await,
            },
        }
    }

    async fn look_at_everything(&self, random: &mut StdRng) {
        let mut server = || random.random_range(0..self.api.servers());
        let tokens = self.tokens.live.iter().chain(&self.tokens.over);
        let tokens: Vec<_> = tokens.map(|token| (server(), token)).collect();
        let groups = self.groups.live.iter().chain(&self.groups.over);
        let groups: Vec<_> = groups.map(|group| (server(), group)).collect();
        let sessions = self.sessions.live.iter().chain(&self.sessions.over);
        let sessions: Vec<_> = sessions.map(|session| (server(), session)).collect();
        let api = &self.api;
        futures::stream::iter(tokens)
            .for_each_concurrent(LAST_AT_ONCE, |(server, token)| {
                api.read_token(server, token)
            })
            .await;
        futures::stream::iter(groups)
            .for_each_concurrent(LAST_AT_ONCE, |(server, group)| {
                api.read_group(server, group)
            })
            .await;
        futures::stream::iter(sessions)
            .for_each_concurrent(LAST_AT_ONCE, |(server, session)| {
                api.read_session(server, session)
            })
            .await;
    }
}
