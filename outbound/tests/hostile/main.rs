//! Servers that mean harm, and what the client makes of them.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on fails"
)]

mod bounds;
mod cache;
mod reach;

use std::collections::VecDeque;
use std::io;
use std::net::IpAddr;
use std::num::NonZeroUsize;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use chancery_outbound::testing::Server;
use chancery_outbound::{FetchError, JsonCache, Limits, Outbound, Resolver, Settings};

/// Resolves every name: to each answer in turn, and to the last one from then on.
#[derive(Clone)]
struct Names(Arc<Mutex<(VecDeque<Vec<IpAddr>>, usize)>>);

impl Names {
    fn answering(answers: &[&[&str]]) -> Self {
        let addresses = |answer: &&[&str]| answer.iter().map(|one| one.parse().unwrap()).collect();
        let answers = answers.iter().map(addresses).collect();
        Self(Arc::new(Mutex::new((answers, 0))))
    }

    /// How often a name was resolved.
    fn asked(&self) -> usize {
        self.0.lock().unwrap().1
    }
}

impl Resolver for Names {
    fn resolve(
        &self,
        _host: String,
    ) -> Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send>> {
        let mut state = self.0.lock().unwrap();
        state.1 += 1;
        let answer = if state.0.len() > 1 {
            state.0.pop_front()
        } else {
            state.0.front().cloned()
        };
        Box::pin(async move { answer.ok_or_else(|| io::Error::other("no such name")) })
    }
}

/// The operator allows this machine.
fn settings(server: &Server) -> Settings {
    Settings {
        allowed_networks: vec!["127.0.0.0/8".parse().unwrap()],
        authorities: Some(server.authority.clone()),
        limits: Limits {
            time: Duration::from_secs(30),
            bytes: 1000,
            at_once: 4,
        },
    }
}

fn client(settings: Settings, names: Names) -> JsonCache {
    let outbound = Outbound::with_resolver(settings, Arc::new(names)).unwrap();
    JsonCache::new(Arc::new(outbound), NonZeroUsize::new(8).unwrap())
}

/// A client for which every name is this machine, and which the operator lets reach it.
fn client_of(server: &Server) -> JsonCache {
    client(settings(server), Names::answering(&[&["127.0.0.1"]]))
}

async fn fetch(client: &JsonCache, url: &str) -> Result<Bytes, FetchError> {
    client
        .get(&url.parse().unwrap(), SystemTime::UNIX_EPOCH)
        .await
}
