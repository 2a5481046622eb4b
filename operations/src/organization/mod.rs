//! Organizations (contract core 5).

mod found;

pub(crate) use found::found;
