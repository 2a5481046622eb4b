//! API keys: sessions and tokens.

mod projection;
mod query;

pub use projection::ApiKeys;
pub use query::{
    ApiKey, KeyUse, NamedToken, expired_ids, find, find_by_name, forget_uses, list,
    list_every_token, note_uses, refused_ids,
};
