//! What is recorded of a request with everything that comes of it.

use std::net::IpAddr;

use axum::extract::MatchedPath;
use axum::http::header;
use axum::http::request::Parts;
use chancery_operations::RequestFacts;
use uuid::Uuid;

const USER_AGENT_MAX: usize = 256;

/// What the edge found out about a request; put into its extensions.
#[derive(Clone, Copy, Debug)]
pub struct Arrival {
    /// The request's id.
    pub request_id: Uuid,
    /// Where it came from.
    pub client_address: IpAddr,
}

/// The facts in a request's head.
pub fn of(parts: &Parts) -> RequestFacts {
    let arrival = parts.extensions.get::<Arrival>();
    let nowhere = IpAddr::from([0, 0, 0, 0]);
    let route = parts.extensions.get::<MatchedPath>();
    RequestFacts {
        request_id: arrival.map_or(Uuid::nil(), |arrival| arrival.request_id),
        client_address: arrival.map_or(nowhere, |arrival| arrival.client_address),
        method: parts.method.as_str().to_owned(),
        route: route.map(|route| route.as_str().to_owned()),
        user_agent: parts
            .headers
            .get(header::USER_AGENT)
            .map(|value| bounded(&String::from_utf8_lossy(value.as_bytes()))),
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
