//! An account: opened under a unique name, paid into and out of, renamed, and holder of tickets.

use chancery_ledger::StreamTypes;
use chancery_noun::{Life, Noun, UniqueKey, domain_event};
use cqrs_es::persist::{EventUpcaster, SemanticVersionEventUpcaster};
use serde::{Deserialize, Serialize};
use strum::{IntoStaticStr, VariantNames};

/// With a snapshot every so many events, 0 for none, and so the version of its state.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Account<const SNAPSHOT_EVERY: usize = 0, const STATE_VERSION: u32 = 1> {
    pub name: Option<String>,
    pub balance: i64,
    pub notes: u32,
}

#[derive(Clone, Debug)]
pub enum AccountCommand {
    Open { name: String },
    Deposit { amount: i64 },
    Withdraw { amount: i64 },
    Rename { name: String },
    SeizeTicket { ticket: String },
    SpendTicket { ticket: String },
    Note { text: String },
    Measure { value: f64 },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, IntoStaticStr, VariantNames)]
#[serde(tag = "type", rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum AccountEvent {
    Opened { name: String },
    Deposited { amount: i64 },
    Withdrawn { amount: i64 },
    Renamed { from: String, to: String },
    TicketSeized { ticket: String },
    TicketSpent { ticket: String },
    Noted { text: String },
    Measured { value: f64 },
}

#[derive(Debug, PartialEq, thiserror::Error)]
pub enum AccountError {
    #[error("the account is open already")]
    AlreadyOpen,
    #[error("the balance is {balance}")]
    Insufficient { balance: i64 },
}

domain_event!(AccountEvent, Account);

impl<const SNAPSHOT_EVERY: usize, const STATE_VERSION: u32> Noun
    for Account<SNAPSHOT_EVERY, STATE_VERSION>
{
    const TYPE: &'static str = "account";
    const STATE_VERSION: u32 = STATE_VERSION;
    const SNAPSHOT_EVERY: Option<usize> = match SNAPSHOT_EVERY {
        0 => None,
        every => Some(every),
    };
    type Command = AccountCommand;
    type Event = AccountEvent;
    type Error = AccountError;

    fn decide(
        state: &Life<Self>,
        command: AccountCommand,
    ) -> Result<Vec<AccountEvent>, AccountError> {
        let account = state.live().cloned().unwrap_or_default();
        let event = match command {
            AccountCommand::Open { .. } if account.name.is_some() => {
                return Err(AccountError::AlreadyOpen);
            }
            AccountCommand::Open { name } => AccountEvent::Opened { name },
            AccountCommand::Deposit { amount: 0 } => return Ok(Vec::new()),
            AccountCommand::Deposit { amount } => AccountEvent::Deposited { amount },
            AccountCommand::Withdraw { amount } if amount > account.balance => {
                return Err(AccountError::Insufficient {
                    balance: account.balance,
                });
            }
            AccountCommand::Withdraw { amount } => AccountEvent::Withdrawn { amount },
            AccountCommand::Rename { name } => AccountEvent::Renamed {
                from: account.name.unwrap_or_default(),
                to: name,
            },
            AccountCommand::SeizeTicket { ticket } => AccountEvent::TicketSeized { ticket },
            AccountCommand::SpendTicket { ticket } => AccountEvent::TicketSpent { ticket },
            AccountCommand::Note { text } => AccountEvent::Noted { text },
            AccountCommand::Measure { value } => AccountEvent::Measured { value },
        };
        Ok(vec![event])
    }

    fn evolve(state: &mut Life<Self>, event: AccountEvent) {
        let mut account = std::mem::take(state).into_live().unwrap_or_default();
        match event {
            AccountEvent::Opened { name } | AccountEvent::Renamed { to: name, .. } => {
                account.name = Some(name);
            }
            AccountEvent::Deposited { amount } => account.balance += amount,
            AccountEvent::Withdrawn { amount } => account.balance -= amount,
            AccountEvent::Noted { .. } => account.notes += 1,
            AccountEvent::TicketSeized { .. }
            | AccountEvent::TicketSpent { .. }
            | AccountEvent::Measured { .. } => {}
        }
        *state = Life::Live(account);
    }

    fn keys(_id: &str, event: &AccountEvent) -> Vec<UniqueKey> {
        let name_key = |name: &str| format!("account_name:{name}");
        let ticket_key = |ticket: &str| format!("ticket:{ticket}");
        match event {
            AccountEvent::Opened { name } => vec![UniqueKey::Take(name_key(name))],
            AccountEvent::Renamed { from, to } => vec![
                UniqueKey::Free(name_key(from)),
                UniqueKey::Take(name_key(to)),
            ],
            AccountEvent::TicketSeized { ticket } => vec![UniqueKey::Seize(ticket_key(ticket))],
            AccountEvent::TicketSpent { ticket } => vec![
                UniqueKey::Require(ticket_key(ticket)),
                UniqueKey::Free(ticket_key(ticket)),
            ],
            _ => Vec::new(),
        }
    }

    fn event_version(event: &AccountEvent) -> &'static str {
        match event {
            AccountEvent::Deposited { .. } => "2.0",
            _ => "1.0",
        }
    }

    /// Version 1 of `deposited` called its amount `sum`.
    fn upcasters() -> Vec<Box<dyn EventUpcaster>> {
        vec![Box::new(SemanticVersionEventUpcaster::new(
            "deposited",
            "2.0",
            Box::new(|mut payload| {
                payload["amount"] = payload["sum"].take();
                payload
            }),
        ))]
    }
}

/// The balance of an account that exists.
pub fn balance<const SNAPSHOT_EVERY: usize, const STATE_VERSION: u32>(
    state: &Life<Account<SNAPSHOT_EVERY, STATE_VERSION>>,
) -> i64 {
    state.live().unwrap().balance
}

pub fn types() -> StreamTypes {
    StreamTypes::new().with::<Account>()
}

pub fn open(name: &str) -> AccountCommand {
    AccountCommand::Open {
        name: name.to_owned(),
    }
}

pub fn deposit(amount: i64) -> AccountCommand {
    AccountCommand::Deposit { amount }
}

pub fn withdraw(amount: i64) -> AccountCommand {
    AccountCommand::Withdraw { amount }
}

pub fn rename(name: &str) -> AccountCommand {
    AccountCommand::Rename {
        name: name.to_owned(),
    }
}

pub fn seize(ticket: &str) -> AccountCommand {
    AccountCommand::SeizeTicket {
        ticket: ticket.to_owned(),
    }
}

pub fn spend(ticket: &str) -> AccountCommand {
    AccountCommand::SpendTicket {
        ticket: ticket.to_owned(),
    }
}

pub fn note(text: &str) -> AccountCommand {
    AccountCommand::Note {
        text: text.to_owned(),
    }
}
