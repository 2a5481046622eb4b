//! Names become addresses, and the guard sees them before anything connects.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use crate::guard::Guard;

/// Finds the addresses of a name.
pub trait Resolver: Send + Sync {
    /// The addresses of `host`.
    fn resolve(
        &self,
        host: String,
    ) -> Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send>>;
}

/// The resolver of the operating system.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemResolver;

impl Resolver for SystemResolver {
    fn resolve(
        &self,
        host: String,
    ) -> Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send>> {
        Box::pin(async move {
            let found = tokio::net::lookup_host((host, 0)).await?;
            Ok(found.map(|address| address.ip()).collect())
        })
    }
}

/// No address of a name may be connected to.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("the host is not on the public internet")]
pub(crate) struct Forbidden;

/// Hands on the addresses that the guard lets pass. They are the ones that are connected to: a name that is looked up again, and
/// answers otherwise, is looked at again.
pub(crate) struct Guarded {
    pub resolver: Arc<dyn Resolver>,
    pub guard: Arc<Guard>,
}

impl Resolve for Guarded {
    fn resolve(&self, name: Name) -> Resolving {
        let found = self.resolver.resolve(name.as_str().to_owned());
        let guard = Arc::clone(&self.guard);
        Box::pin(async move {
            let mut addresses = found.await?;
            addresses.retain(|address| guard.lets_pass(*address));
            if addresses.is_empty() {
                return Err(Forbidden.into());
            }
            // Port 0: the URL's own.
            let addresses = addresses
                .into_iter()
                .map(|address| SocketAddr::new(address, 0));
            Ok(Box::new(addresses) as Addrs)
        })
    }
}
