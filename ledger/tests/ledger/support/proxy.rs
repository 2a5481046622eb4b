//! A way to PostgreSQL that can be cut without either side's doing.

pub use chancery_postgres::testing::Proxy;
