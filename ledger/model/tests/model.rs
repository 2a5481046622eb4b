//! The protocol holds over all interleavings within bounds, and does not when one of its rules is left out.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::BTreeSet;

use chancery_ledger_model::server::Command::{self, Create, Exchange, Revoke};
use chancery_ledger_model::{Bug, Protocol, Standby};
use stateright::{Checker, HasDiscoveries, Model};

/// One code, exchanged at both servers at once.
const RACE: [&[Command]; 2] = [&[Exchange, Revoke], &[Exchange, Create]];
/// One token, revoked at both servers at once.
const REVOCATIONS: [&[Command]; 2] = [&[Exchange, Revoke], &[Create, Revoke]];

/// Without faults.
fn quiet(plan: [&'static [Command]; 2], standby: Standby) -> Protocol {
    Protocol {
        plan,
        standby,
        crashes: 0,
        failovers: 0,
        kills: 0,
        bug: None,
    }
}

/// With one crash of the primary and one failover.
fn faulty(plan: [&'static [Command]; 2], standby: Standby) -> Protocol {
    Protocol {
        crashes: 1,
        failovers: 1,
        ..quiet(plan, standby)
    }
}

fn holds(protocol: Protocol) {
    let checker = protocol.checker().threads(2).spawn_bfs().join();
    println!("{} states", checker.unique_state_count());
    checker.assert_properties();
}

/// The protocol without one of its rules breaks `property`; the shortest way there is printed.
fn breaks(protocol: &Protocol, bug: Bug, property: &'static str) {
    let wanted = HasDiscoveries::AnyOf(BTreeSet::from([property]));
    let checker = Protocol {
        bug: Some(bug),
        ..protocol.clone()
    }
    .checker()
    .finish_when(wanted)
    .spawn_bfs()
    .join();
    let path = checker.assert_any_discovery(property);
    println!("{:?}", path.into_actions());
}

#[test]
fn a_race_for_a_code_holds_with_a_synchronous_standby() {
    holds(faulty(RACE, Standby::Synchronous));
}

#[test]
fn a_race_for_a_code_holds_with_an_asynchronous_standby() {
    holds(faulty(RACE, Standby::Asynchronous));
}

#[test]
fn a_race_for_a_code_holds_when_a_server_is_killed_too() {
    for standby in [Standby::Synchronous, Standby::Asynchronous] {
        holds(Protocol {
            kills: 1,
            failovers: 0,
            ..faulty(RACE, standby)
        });
    }
}

#[test]
fn two_revocations_hold_with_a_synchronous_standby() {
    holds(faulty(REVOCATIONS, Standby::Synchronous));
}

#[test]
fn two_revocations_hold_with_an_asynchronous_standby() {
    holds(faulty(REVOCATIONS, Standby::Asynchronous));
}

#[test]
fn rows_alone_bring_a_revoked_token_back_after_a_crash() {
    let crash = Protocol {
        crashes: 1,
        ..quiet(RACE, Standby::Asynchronous)
    };
    breaks(&crash, Bug::RowsAlone, "nothing undead");
    breaks(&crash, Bug::RowsAlone, "no false refusal");
    breaks(&crash, Bug::RowsAlone, "recovered");
}

#[test]
fn what_is_visible_without_the_standby_is_lost_by_a_failover() {
    let failover = Protocol {
        failovers: 1,
        ..quiet(RACE, Standby::Synchronous)
    };
    breaks(&failover, Bug::VisibleIsDurable, "nothing lost");
    breaks(&failover, Bug::VisibleIsDurable, "nothing twice");
    breaks(&failover, Bug::VisibleIsDurable, "nothing undead");
}

#[test]
fn memory_that_outlives_a_failover_corrupts_the_read_models() {
    let failover = Protocol {
        failovers: 1,
        ..quiet(RACE, Standby::Asynchronous)
    };
    breaks(&failover, Bug::MemoryIsTheLog, "nothing unequal");
}

#[test]
fn these_three_hold_until_something_fails() {
    for (bug, standby) in [
        (Bug::RowsAlone, Standby::Asynchronous),
        (Bug::VisibleIsDurable, Standby::Synchronous),
        (Bug::MemoryIsTheLog, Standby::Asynchronous),
    ] {
        holds(Protocol {
            bug: Some(bug),
            ..quiet(RACE, standby)
        });
    }
}

#[test]
fn memory_that_is_not_held_against_the_head_misses_the_other_servers_revocation() {
    let protocol = quiet(REVOCATIONS, Standby::Asynchronous);
    breaks(&protocol, Bug::MemoryIsTheHead, "nothing undead");
}

#[test]
fn a_head_that_is_compared_by_position_breaks_the_chain_after_a_failover() {
    let failover = Protocol {
        failovers: 1,
        ..quiet(RACE, Standby::Asynchronous)
    };
    breaks(&failover, Bug::PositionIsTheHead, "no gap");
}

#[test]
fn a_stream_that_is_compared_by_length_takes_what_was_decided_on_lost_history() {
    let failover = Protocol {
        failovers: 1,
        ..quiet(RACE, Standby::Asynchronous)
    };
    breaks(&failover, Bug::LengthIsTheStream, "no false refusal");
}

#[test]
fn nothing_to_do_that_the_standby_has_not_heard_of_is_undone_by_a_failover() {
    let both = Protocol {
        crashes: 1,
        failovers: 1,
        ..quiet(REVOCATIONS, Standby::Synchronous)
    };
    breaks(&both, Bug::NothingNeedsNoStandby, "nothing undead");
}
