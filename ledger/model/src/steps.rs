//! What each step does.

use crate::database::{Event, Pending};
use crate::protocol::State;
use crate::server::{Command, Server, Step, last_of_stream, next};
use crate::{Bug, Protocol, Standby};

impl State {
    /// The standby receives what is on the primary's disk, and with it the commit that waits for that.
    pub(crate) fn ship(&mut self) {
        self.database.standby = self.database.disk.clone();
        if let Some(Pending {
            event,
            session: Some(number),
        }) = self.database.pending
        {
            self.servers[number].step = Step::Appended(event);
        }
        self.database.finish_pending();
    }

    /// A server waits no more for its commit, which goes on all the same.
    pub(crate) fn lose_session(&mut self, number: usize) {
        self.servers[number].step = Step::Unknown;
        if let Some(pending) = &mut self.database.pending
            && pending.session == Some(number)
        {
            pending.session = None;
        }
    }

    /// Everybody's connections break. An answer that has arrived stays one.
    pub(crate) fn lose_sessions(&mut self) {
        for server in &mut self.servers {
            if let Step::Sent(_) | Step::Waiting = server.step {
                server.step = Step::Unknown;
            }
        }
    }
}

impl Protocol {
    /// The command that a server is busy with.
    fn command(&self, state: &State, number: usize) -> Command {
        self.plan[number][usize::from(state.servers[number].begun) - 1]
    }

    pub(crate) fn begin(&self, state: &mut State, number: usize) {
        let server = &mut state.servers[number];
        server.begun += 1;
        server.step = Step::Deciding;
        server.token = None;
        if self.command(state, number) == Command::Revoke {
            state.servers[number].token = state.told.token;
            state.told.revoking = true;
        }
    }

    pub(crate) fn decide(&self, state: &mut State, number: usize) {
        let command = self.command(state, number);
        let visible = &state.database.visible;
        let server = &mut state.servers[number];
        let row_says_ended = self.has(Bug::RowsAlone)
            && command == Command::Revoke
            && !server.look_up(self, visible, server.token.unwrap_or_default());
        if !row_says_ended && command.records(&server.memory, server.token) {
            server.step = Step::Sent(server.memory.clone());
            return;
        }
        // A decision that records nothing is never taken from memory.
        server.memory.clone_from(&visible.log);
        if !row_says_ended && command.records(&server.memory, server.token) {
            server.step = Step::Sent(server.memory.clone());
        } else if self.standby == Standby::Synchronous
            && command == Command::Revoke
            && !self.has(Bug::NothingNeedsNoStandby)
        {
            server.step = Step::Confirming(server.memory.clone(), None);
        } else {
            self.succeed(state, number, None);
        }
    }

    pub(crate) fn append(&self, state: &mut State, number: usize) {
        let kind = self.command(state, number).kind();
        let server = &mut state.servers[number];
        let Step::Sent(known) = &server.step else {
            return;
        };
        let log = &state.database.visible.log;
        let is_head = if self.has(Bug::PositionIsTheHead) {
            known.len() == log.len()
        } else {
            known == log
        };
        let event = if is_head {
            next(known, append_id(number, server), kind)
        } else {
            // Under the lock: the streams that the append was decided on, as they are now.
            let (expected, found) = (last_of_stream(known, kind), last_of_stream(log, kind));
            let holds = if self.has(Bug::LengthIsTheStream) {
                expected.map(|(length, _)| length) == found.map(|(length, _)| length)
            } else {
                expected == found
            };
            if !holds {
                server.memory.clone_from(log);
                server.step = Step::Deciding;
                return;
            }
            next(log, append_id(number, server), kind)
        };
        state.database.flush(Some(event));
        state.database.pending = Some(Pending {
            event,
            session: Some(number),
        });
        match self.standby {
            Standby::Synchronous => server.step = Step::Waiting,
            Standby::Asynchronous => {
                state.database.finish_pending();
                server.step = Step::Appended(event);
            }
        }
    }

    pub(crate) fn answer(&self, state: &mut State, number: usize) {
        if let Step::Appended(event) = state.servers[number].step {
            self.succeed(state, number, Some(event));
        }
    }

    pub(crate) fn resolve(&self, state: &mut State, number: usize) {
        let server = &mut state.servers[number];
        let append = append_id(number, server);
        // Ending a session that waits for the standby makes its commit visible.
        if let Some(pending) = state.database.pending
            && pending.event.append == append
        {
            state.database.finish_pending();
        }
        let log = &state.database.visible.log;
        server.step = match log.iter().position(|event| event.append == append) {
            None => Step::Deciding,
            Some(at)
                if self.standby == Standby::Synchronous && !self.has(Bug::VisibleIsDurable) =>
            {
                Step::Confirming(log[..=at].to_vec(), Some(log[at]))
            }
            Some(at) => Step::Appended(log[at]),
        };
    }

    pub(crate) fn confirm(&self, state: &mut State, number: usize) {
        let Step::Confirming(history, event) = &state.servers[number].step else {
            return;
        };
        let event = *event;
        if state.database.visible.log.starts_with(history) {
            self.succeed(state, number, event);
        } else if event.is_some() {
            state.servers[number].step = Step::Unknown;
        } else {
            state.servers[number].step = Step::Deciding;
        }
    }

    /// The command is done, and its client is told so; `event` is what it recorded.
    fn succeed(&self, state: &mut State, number: usize, event: Option<Event>) {
        let command = self.command(state, number);
        let server = &mut state.servers[number];
        server.step = Step::Idle;
        let told = &mut state.told;
        if let Some(event) = event {
            server.remember(event);
            let lost = !state.database.visible.log.contains(&event);
            if lost && self.standby == Standby::Asynchronous {
                return;
            }
            told.made.push(event.append);
        }
        match command {
            Command::Exchange => {
                if let Some(event) = event {
                    told.twice |= told.token.is_some();
                    told.token = Some(event.append);
                }
            }
            Command::Revoke => told.revoked |= server.token == told.token,
            Command::Create => {}
        }
    }

    /// Whether a server can notice that the database's head is not the one it remembers.
    pub(crate) fn learns(&self, state: &State, number: usize) -> bool {
        let log = &state.database.visible.log;
        let memory = &state.servers[number].memory;
        memory != log && (!self.has(Bug::MemoryIsTheLog) || log.starts_with(memory))
    }

    /// Whether a server's follower has something to do.
    pub(crate) fn follows(&self, state: &State, number: usize) -> bool {
        let server = &state.servers[number];
        if self.has(Bug::RowsAlone) {
            return usize::from(server.mark) < server.memory.len();
        }
        self.to_apply(state, number).is_some()
    }

    /// The event after the row's checkpoint. What is remembered serves if the log has it, by its hash; the statement that moves the
    /// checkpoint sees to that.
    fn to_apply(&self, state: &State, number: usize) -> Option<Event> {
        let image = &state.database.visible;
        let at = usize::from(image.row.checkpoint);
        let remembered = state.servers[number].memory.get(at);
        if self.has(Bug::MemoryIsTheLog) && remembered.is_some() {
            return remembered.copied();
        }
        image.log.get(at).copied()
    }

    pub(crate) fn follow(&self, state: &mut State, number: usize) {
        let row = state.database.visible.row;
        if self.has(Bug::RowsAlone) {
            let moved = row.checkpoint != state.servers[number].mark;
            state.servers[number].mark = row.checkpoint;
            if moved {
                return;
            }
        }
        let Some(event) = self.to_apply(state, number) else {
            return;
        };
        let row = &mut state.database.visible.row;
        row.grant = row.grant.apply(event);
        row.checkpoint += 1;
        if self.has(Bug::RowsAlone) {
            state.servers[number].mark = row.checkpoint;
        }
    }
}

/// The id of a server's current append: the same each time that it is sent.
fn append_id(number: usize, server: &Server) -> u8 {
    server.begun * 2 + u8::from(number == 1)
}
