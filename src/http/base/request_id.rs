//! The id by which one request is known in logs, in answers and in the trail.

use axum::http::{HeaderMap, HeaderName};
use uuid::Uuid;

use crate::randomness::Randomness;

/// Carries the id, in and out.
pub const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// The client's own id when it is a UUID, else a new one.
pub fn of(headers: &HeaderMap, randomness: &Randomness) -> Uuid {
    headers
        .get(HEADER)
        .and_then(|value| Uuid::try_parse_ascii(value.as_bytes()).ok())
        .unwrap_or_else(|| randomness.uuid())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_uuid_is_taken_from_the_client() {
        let mut headers = HeaderMap::new();
        let id = Uuid::from_u128(7);
        headers.insert(HEADER, id.to_string().parse().unwrap());
        assert_eq!(of(&headers, &Randomness), id);
        headers.insert(HEADER, "drop table".parse().unwrap());
        assert_eq!(of(&headers, &Randomness).get_version_num(), 4);
    }
}
