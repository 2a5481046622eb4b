//! An account: opened under a unique name, paid into and out of, renamed, and holder of tickets.

use chancery_ledger::{StreamType, StreamTypes, UniqueKeyChange};
use cqrs_es::event_sink::EventSink;
use cqrs_es::persist::{EventUpcaster, SemanticVersionEventUpcaster};
use cqrs_es::{Aggregate, DomainEvent};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Account {
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

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
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

impl DomainEvent for AccountEvent {
    fn event_type(&self) -> String {
        match self {
            Self::Opened { .. } => "opened",
            Self::Deposited { .. } => "deposited",
            Self::Withdrawn { .. } => "withdrawn",
            Self::Renamed { .. } => "renamed",
            Self::TicketSeized { .. } => "ticket_seized",
            Self::TicketSpent { .. } => "ticket_spent",
            Self::Noted { .. } => "noted",
            Self::Measured { .. } => "measured",
        }
        .to_owned()
    }

    fn event_version(&self) -> String {
        match self {
            Self::Deposited { .. } => "2.0",
            _ => "1.0",
        }
        .to_owned()
    }
}

impl Aggregate for Account {
    const TYPE: &'static str = "account";
    type Command = AccountCommand;
    type Event = AccountEvent;
    type Error = AccountError;
    type Services = ();

    async fn handle(
        &mut self,
        command: AccountCommand,
        (): &(),
        sink: &EventSink<Self>,
    ) -> Result<(), AccountError> {
        let event = match command {
            AccountCommand::Open { .. } if self.name.is_some() => {
                return Err(AccountError::AlreadyOpen);
            }
            AccountCommand::Open { name } => AccountEvent::Opened { name },
            AccountCommand::Deposit { amount: 0 } => return Ok(()),
            AccountCommand::Deposit { amount } => AccountEvent::Deposited { amount },
            AccountCommand::Withdraw { amount } if amount > self.balance => {
                return Err(AccountError::Insufficient {
                    balance: self.balance,
                });
            }
            AccountCommand::Withdraw { amount } => AccountEvent::Withdrawn { amount },
            AccountCommand::Rename { name } => AccountEvent::Renamed {
                from: self.name.clone().unwrap_or_default(),
                to: name,
            },
            AccountCommand::SeizeTicket { ticket } => AccountEvent::TicketSeized { ticket },
            AccountCommand::SpendTicket { ticket } => AccountEvent::TicketSpent { ticket },
            AccountCommand::Note { text } => AccountEvent::Noted { text },
            AccountCommand::Measure { value } => AccountEvent::Measured { value },
        };
        sink.write(event, self).await;
        Ok(())
    }

    fn apply(&mut self, event: AccountEvent) {
        match event {
            AccountEvent::Opened { name } | AccountEvent::Renamed { to: name, .. } => {
                self.name = Some(name);
            }
            AccountEvent::Deposited { amount } => self.balance += amount,
            AccountEvent::Withdrawn { amount } => self.balance -= amount,
            AccountEvent::Noted { .. } => self.notes += 1,
            AccountEvent::TicketSeized { .. }
            | AccountEvent::TicketSpent { .. }
            | AccountEvent::Measured { .. } => {}
        }
    }
}

fn unique_keys(_id: &str, event: &AccountEvent) -> Vec<UniqueKeyChange> {
    let name_key = |name: &str| format!("account_name:{name}");
    let ticket_key = |ticket: &str| format!("ticket:{ticket}");
    match event {
        AccountEvent::Opened { name } => vec![UniqueKeyChange::Take(name_key(name))],
        AccountEvent::Renamed { from, to } => vec![
            UniqueKeyChange::Free(name_key(from)),
            UniqueKeyChange::Take(name_key(to)),
        ],
        AccountEvent::TicketSeized { ticket } => vec![UniqueKeyChange::Seize(ticket_key(ticket))],
        AccountEvent::TicketSpent { ticket } => vec![
            UniqueKeyChange::Require(ticket_key(ticket)),
            UniqueKeyChange::Free(ticket_key(ticket)),
        ],
        _ => Vec::new(),
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

pub fn stream_type() -> StreamType<Account> {
    StreamType {
        snapshot_every: None,
        snapshot_version: 1,
        unique_keys: Some(unique_keys),
        upcasters,
    }
}

pub fn types() -> StreamTypes {
    StreamTypes::new().with(stream_type())
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
