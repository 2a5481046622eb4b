//! What the events of a token request mean for its answer. Total, so that a transport maps every case.

use super::{Event, ExchangeRefusal, RefreshRefusal};

/// The outcome of [`super::Command::Exchange`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExchangeOutcome {
    /// The tokens of the command are valid.
    Exchanged,
    /// Refused and recorded.
    Refused(ExchangeRefusal),
    /// Refused without a record, because enough were recorded: the grant was revoked before.
    RefusedUnrecorded,
}

impl ExchangeOutcome {
    /// The outcome that the command's events tell.
    pub fn of(events: &[Event]) -> Self {
        events
            .iter()
            .find_map(|event| match event {
                Event::CodeExchanged { .. } => Some(Self::Exchanged),
                Event::ExchangeRefused { reason, .. } => Some(Self::Refused(*reason)),
                Event::CodeIssued { .. }
                | Event::TokenRefreshed { .. }
                | Event::RefreshRefused { .. }
                | Event::GrantRevoked { .. } => None,
            })
            .unwrap_or(Self::RefusedUnrecorded)
    }
}

/// The outcome of [`super::Command::Refresh`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefreshOutcome {
    /// The tokens of the command are valid; the earlier ones are not.
    Refreshed,
    /// Refused and recorded.
    Refused(RefreshRefusal),
    /// Refused without a record, because enough were recorded: the grant was revoked before, or a refresh token was
    /// presented again and again within its grace period.
    RefusedUnrecorded,
}

impl RefreshOutcome {
    /// The outcome that the command's events tell.
    pub fn of(events: &[Event]) -> Self {
        events
            .iter()
            .find_map(|event| match event {
                Event::TokenRefreshed { .. } => Some(Self::Refreshed),
                Event::RefreshRefused { reason, .. } => Some(Self::Refused(*reason)),
                Event::CodeIssued { .. }
                | Event::CodeExchanged { .. }
                | Event::ExchangeRefused { .. }
                | Event::GrantRevoked { .. } => None,
            })
            .unwrap_or(Self::RefusedUnrecorded)
    }
}
