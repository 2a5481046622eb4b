//! What a command is told of the request it comes from: it becomes the metadata of every event.

use std::convert::Infallible;
use std::net::IpAddr;

use axum::extract::{FromRequestParts, MatchedPath};
use axum::http::request::Parts;
use axum::http::{Method, header};
use chancery_ledger::{CommandContext, EventMetadata};
use uuid::Uuid;

use super::state::AppState;
use crate::version::BUILD_VERSION;

const USER_AGENT_MAX: usize = 256;

/// What the edge found out about a request; put into its extensions.
#[derive(Clone, Copy, Debug)]
pub struct Origin {
    /// The request's id.
    pub request_id: Uuid,
    /// Where it came from.
    pub client_address: IpAddr,
}

/// Who acts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// `user`, `oauth2_app`, `anonymous` or `system`.
    pub kind: &'static str,
    /// The user's or app's id.
    pub id: Option<String>,
    /// The user's or app's name.
    pub name: Option<String>,
    /// The user for whom an OAuth2 app acts.
    pub on_behalf_of: Option<String>,
}

impl Actor {
    /// A user.
    pub fn user(id: Uuid, name: impl Into<String>) -> Self {
        Self {
            kind: "user",
            id: Some(id.to_string()),
            name: Some(name.into()),
            on_behalf_of: None,
        }
    }

    /// An OAuth2 app, for itself or for a user.
    pub fn oauth2_app(id: Uuid, name: impl Into<String>, on_behalf_of: Option<Uuid>) -> Self {
        Self {
            kind: "oauth2_app",
            id: Some(id.to_string()),
            name: Some(name.into()),
            on_behalf_of: on_behalf_of.map(|id| id.to_string()),
        }
    }

    /// Someone who has not said who he is.
    pub fn anonymous() -> Self {
        Self::bare("anonymous")
    }

    /// The server itself.
    pub fn system() -> Self {
        Self::bare("system")
    }

    fn bare(kind: &'static str) -> Self {
        Self {
            kind,
            id: None,
            name: None,
            on_behalf_of: None,
        }
    }
}

/// What a handler may want to know of its request beside its input. An extractor.
#[derive(Clone, Debug)]
pub struct RequestFacts {
    /// The request's id.
    pub request_id: Uuid,
    /// Where it came from.
    pub client_address: IpAddr,
    method: Method,
    route: Option<MatchedPath>,
    user_agent: Option<String>,
}

impl RequestFacts {
    /// The facts in a request's head.
    pub fn of(parts: &Parts) -> Self {
        let origin = parts.extensions.get::<Origin>();
        Self {
            request_id: origin.map_or(Uuid::nil(), |origin| origin.request_id),
            client_address: origin
                .map_or(IpAddr::from([0, 0, 0, 0]), |origin| origin.client_address),
            method: parts.method.clone(),
            route: parts.extensions.get::<MatchedPath>().cloned(),
            user_agent: parts
                .headers
                .get(header::USER_AGENT)
                .map(|value| bounded(&String::from_utf8_lossy(value.as_bytes()))),
        }
    }

    /// The context of a command that `actor` gives through this request.
    pub fn command(&self, state: &AppState, actor: &Actor) -> CommandContext {
        let request_id = self.request_id.to_string();
        let now = state.clock.now();
        CommandContext {
            metadata: EventMetadata {
                correlation_id: Some(request_id.clone()),
                request_id: Some(request_id),
                client_address: Some(self.client_address.to_string()),
                user_agent: self.user_agent.clone(),
                http_method: Some(self.method.as_str().to_owned()),
                http_route: self.route.as_ref().map(|route| route.as_str().to_owned()),
                ..metadata_of(actor)
            },
            now,
            append_id: state.randomness.uuid_at(now),
        }
    }
}

/// The metadata that says who acts, and which server took it.
pub fn metadata_of(actor: &Actor) -> EventMetadata {
    EventMetadata {
        actor_kind: Some(actor.kind.to_owned()),
        actor_id: actor.id.clone(),
        actor_name: actor.name.clone(),
        on_behalf_of: actor.on_behalf_of.clone(),
        server_version: Some(BUILD_VERSION.to_owned()),
        ..EventMetadata::default()
    }
}

fn bounded(text: &str) -> String {
    text.chars()
        .map(|character| {
            if character.is_control() {
                '?'
            } else {
                character
            }
        })
        .take(USER_AGENT_MAX)
        .collect()
}

impl<S: Send + Sync> FromRequestParts<S> for RequestFacts {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Self::Rejection> {
        Ok(Self::of(parts))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_agent_is_cut_and_cleaned() {
        assert_eq!(bounded("curl/8\n\u{0}x"), "curl/8??x");
        assert_eq!(
            bounded(&"\u{e9}".repeat(1000)).chars().count(),
            USER_AGENT_MAX
        );
    }
}
