//! Registers the aggregates with the ledger, which knows none.

use chancery_aggregates::{
    Recorded, UniqueKey, api_key, deployment, group, login_refusal, oauth2_app, oauth2_grant,
    organization, organization_member, user,
};
use chancery_ledger::{EventSourced, StreamType, StreamTypes, UniqueKeyChange};

/// Every aggregate's streams, for `Ledger::open`.
pub fn stream_types() -> StreamTypes {
    StreamTypes::new()
        .with(stream_type::<api_key::ApiKey>())
        .with(stream_type::<deployment::Deployment>())
        .with(stream_type::<group::Group>())
        .with(stream_type::<login_refusal::LoginRefusal>())
        .with(stream_type::<oauth2_app::OAuth2App>())
        .with(stream_type::<oauth2_grant::OAuth2Grant>())
        .with(stream_type::<organization::Organization>())
        .with(stream_type::<organization_member::OrganizationMember>())
        .with(stream_type::<user::User>())
}

fn stream_type<A: Recorded + EventSourced>() -> StreamType<A> {
    StreamType {
        snapshot_every: A::SNAPSHOT_EVERY,
        snapshot_version: A::SNAPSHOT_VERSION,
        unique_keys: Some(|id, event| A::unique_keys(id, event).into_iter().map(change).collect()),
        upcasters: A::upcasters,
    }
}

fn change(key: UniqueKey) -> UniqueKeyChange {
    match key {
        UniqueKey::Take(key) => UniqueKeyChange::Take(key),
        UniqueKey::Free(key) => UniqueKeyChange::Free(key),
        UniqueKey::Seize(key) => UniqueKeyChange::Seize(key),
        UniqueKey::Require(key) => UniqueKeyChange::Require(key),
    }
}
