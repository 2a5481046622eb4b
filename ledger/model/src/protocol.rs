//! The steps that servers and machines may take.

use stateright::{Model, Property};

use crate::database::{Database, Event, Grant};
use crate::server::{Command, Server, Step};
use crate::{Bug, Protocol, Standby, properties};

/// What clients were told. A failover of an asynchronous standby voids what it lost: nobody can keep that.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Told {
    /// The appends whose success was answered.
    pub made: Vec<u8>,
    /// The token that an exchange was answered with.
    pub token: Option<u8>,
    /// Whether somebody began to revoke it.
    pub revoking: bool,
    /// Whether a revocation of it was answered.
    pub revoked: bool,
    /// Whether a second exchange of the code was answered with a token.
    pub twice: bool,
}

impl Told {
    /// Voids what rests on events that are not in `log`.
    fn keep(&mut self, log: &[Event]) {
        let has = |append| log.iter().any(|event| event.append == append);
        self.made.retain(|append| has(*append));
        if !self.token.is_some_and(has) {
            self.token = None;
            self.revoking = false;
        }
        self.revoked &= self.token.is_some() && Grant::after(log).revoked;
    }
}

/// Everything at one moment.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct State {
    /// The primary and its standby.
    pub database: Database,
    /// The servers.
    pub servers: [Server; 2],
    /// What clients were told.
    pub told: Told,
    crashes: u8,
    failovers: u8,
    kills: u8,
}

/// One step. The number is the server's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// A client's next command arrives.
    Begin(usize),
    /// The command is decided on what is remembered.
    Decide(usize),
    /// The database executes the append that was sent.
    Append(usize),
    /// The answer of a made append reaches who waits for it.
    Answer(usize),
    /// The answer does not come in time, or the connection breaks.
    LoseAnswer(usize),
    /// A new session ends the old one and looks the append up by its id.
    Resolve(usize),
    /// The client is told that the outcome is unknown.
    GiveUp(usize),
    /// The standby has what the answer rests on.
    Confirm(usize),
    /// What is remembered is brought up to the database's head, or dropped where it differs.
    Learn(usize),
    /// What is remembered is evicted.
    Forget(usize),
    /// The follower applies the next event.
    Follow(usize),
    /// Rows that nobody waited for reach the disk.
    Flush,
    /// The standby receives what is on the primary's disk.
    Ship,
    /// The primary dies and recovers.
    Crash,
    /// The primary dies and the standby is promoted.
    FailOver,
    /// The server dies and is started again.
    Kill(usize),
}

impl Model for Protocol {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        vec![State::default()]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        self.progress(state, actions);
        for number in 0..2 {
            if let Step::Waiting | Step::Appended(_) = state.servers[number].step {
                actions.push(Action::LoseAnswer(number));
            }
            if let Step::Unknown = state.servers[number].step {
                actions.push(Action::GiveUp(number));
            }
            if !state.servers[number].memory.is_empty() {
                actions.push(Action::Forget(number));
            }
            if state.kills < self.kills {
                actions.push(Action::Kill(number));
            }
        }
        if state.crashes < self.crashes {
            actions.push(Action::Crash);
        }
        if state.failovers < self.failovers {
            actions.push(Action::FailOver);
        }
    }

    fn next_state(&self, state: &State, action: Action) -> Option<State> {
        let mut state = state.clone();
        match action {
            Action::Begin(number) => self.begin(&mut state, number),
            Action::Decide(number) => self.decide(&mut state, number),
            Action::Append(number) => self.append(&mut state, number),
            Action::Answer(number) => self.answer(&mut state, number),
            Action::LoseAnswer(number) => state.lose_session(number),
            Action::Resolve(number) => self.resolve(&mut state, number),
            Action::GiveUp(number) => state.servers[number].step = Step::Idle,
            Action::Confirm(number) => self.confirm(&mut state, number),
            Action::Learn(number) => {
                let memory = &mut state.servers[number].memory;
                memory.clone_from(&state.database.visible.log);
            }
            Action::Forget(number) => state.servers[number].memory.clear(),
            Action::Follow(number) => self.follow(&mut state, number),
            Action::Flush => state.database.flush(None),
            Action::Ship => state.ship(),
            Action::Crash => {
                state.crashes += 1;
                state.database.crash();
                state.lose_sessions();
            }
            Action::FailOver => {
                state.failovers += 1;
                state.database.fail_over();
                state.lose_sessions();
                if self.standby == Standby::Asynchronous {
                    state.told.keep(&state.database.visible.log);
                }
            }
            Action::Kill(number) => {
                state.kills += 1;
                state.lose_session(number);
                state.servers[number] = Server {
                    begun: state.servers[number].begun,
                    ..Server::default()
                };
            }
        }
        Some(state)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        properties::all()
    }
}

impl Protocol {
    /// What brings the work forward, without faults.
    pub(crate) fn progress(&self, state: &State, actions: &mut Vec<Action>) {
        let database = &state.database;
        for (number, server) in state.servers.iter().enumerate() {
            let step = match &server.step {
                Step::Idle => match self.plan[number].get(usize::from(server.begun)) {
                    Some(Command::Revoke) if state.told.token.is_none() => None,
                    Some(_) => Some(Action::Begin(number)),
                    None => None,
                },
                Step::Deciding => Some(Action::Decide(number)),
                // A commit that waits for the standby holds the lock on the head.
                Step::Sent(_) => database.pending.is_none().then_some(Action::Append(number)),
                Step::Waiting => None,
                Step::Appended(event) => {
                    let shown = !self.has(Bug::RowsAlone) || server.mark >= event.position;
                    shown.then_some(Action::Answer(number))
                }
                Step::Unknown => Some(Action::Resolve(number)),
                Step::Confirming(history, _) => {
                    let confirmed = database.standby.log.starts_with(history);
                    let gone = !database.visible.log.starts_with(history);
                    (confirmed || gone).then_some(Action::Confirm(number))
                }
            };
            actions.extend(step);
            if self.learns(state, number) {
                actions.push(Action::Learn(number));
            }
            if self.follows(state, number) {
                actions.push(Action::Follow(number));
            }
        }
        if database.disk.row != database.visible.row {
            actions.push(Action::Flush);
        }
        if database.standby != database.disk {
            actions.push(Action::Ship);
        }
    }
}
