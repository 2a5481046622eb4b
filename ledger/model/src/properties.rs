//! What must hold in every state, and what must be reachable lest the model prove nothing.

use stateright::Property;

use crate::Protocol;
use crate::database::{Event, Grant, Kind};
use crate::protocol::State;
use crate::server::{Step, follows};

/// All properties.
pub(crate) fn all() -> Vec<Property<Protocol>> {
    vec![
        Property::always("nothing lost", |_, state: &State| {
            let log = &state.database.visible.log;
            let has = |append: &u8| log.iter().any(|event| event.append == *append);
            state.told.made.iter().all(has)
        }),
        Property::always("nothing twice", |_, state: &State| {
            let log = &state.database.visible.log;
            let exchanges = log.iter().filter(|event| event.kind == Kind::Exchanged);
            exchanges.count() <= 1 && !state.told.twice
        }),
        Property::always("nothing undead", |protocol: &Protocol, state: &State| {
            !state.told.revoked || answers(protocol, state).all(|live| !live)
        }),
        Property::always("no false refusal", |protocol: &Protocol, state: &State| {
            state.told.revoking || answers(protocol, state).all(|live| live)
        }),
        Property::always("no gap", |_, state: &State| {
            let log = &state.database.visible.log;
            (0..log.len()).all(|at| follows(&log[..at], log[at]))
        }),
        Property::always("nothing unequal", |_, state: &State| {
            let (log, row) = (&state.database.visible.log, state.database.visible.row);
            let shown: Option<&[Event]> = log.get(..usize::from(row.checkpoint));
            shown.is_some_and(|shown| row.grant == Grant::after(shown))
        }),
        Property::always("recovered", |protocol: &Protocol, state: &State| {
            let mut progress = Vec::new();
            protocol.progress(state, &mut progress);
            !progress.is_empty() || at_rest(state)
        }),
        Property::sometimes("a revocation is answered", |_, state: &State| {
            state.told.revoked
        }),
        Property::sometimes(
            "everything is done",
            |protocol: &Protocol, state: &State| {
                let done = |number: usize| {
                    usize::from(state.servers[number].begun) == protocol.plan[number].len()
                };
                done(0) && done(1) && at_rest(state)
            },
        ),
    ]
}

/// What each server says of the token that a client was given, if one was.
fn answers<'a>(protocol: &'a Protocol, state: &'a State) -> impl Iterator<Item = bool> + 'a {
    let token = state.told.token.into_iter();
    token.flat_map(move |token| {
        let servers = state.servers.iter();
        servers.map(move |server| server.look_up(protocol, &state.database.visible, token))
    })
}

/// Nobody waits, and the read model shows the whole log.
fn at_rest(state: &State) -> bool {
    let idle = |step: &Step| *step == Step::Idle;
    let visible = &state.database.visible;
    state.servers.iter().all(|server| idle(&server.step))
        && usize::from(visible.row.checkpoint) == visible.log.len()
}
