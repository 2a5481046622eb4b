//! What is true of every noun, from one declaration of each: one of it is created, changed and deleted over HTTP, as its answers,
//! the past, the trail and the policy's table say. That each event has its example, and that a read model is what its log
//! replays, is proved of every noun without a declaration (`aggregates/tests/fixtures.rs`, `projections/tests/projections/registry.rs`).
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on fails"
)]

#[path = "../policy_matrix/row.rs"]
#[allow(dead_code, reason = "only the statuses are read")]
mod row;
#[path = "../support/mod.rs"]
mod support;

mod declared;
mod round;

use std::collections::BTreeSet;

use chancery_aggregates::nouns::EVENT_TYPES;

use declared::WITHOUT_A_LIFE_OF_THEIR_OWN;
use round::Round;
use row::Row;
use support::Server;

#[tokio::test]
async fn one_of_each_noun_is_created_changed_and_deleted_and_shown_so_now_then_and_in_the_trail() {
    let server = Server::start().await;
    let owner = server.owner().await;
    for noun in declared::all() {
        let mut round = Round::begin(&server, &owner, &noun).await;
        round.change().await;
        round.look_back().await;
        round.end().await;
        round.check_trail().await;
    }
}

#[test]
fn every_operation_of_a_noun_is_in_the_policys_table_with_its_status_and_nobodys_refusal() {
    let matrix = include_str!("../policy_matrix/matrix.txt");
    let rows: Vec<Row> = matrix.lines().filter_map(Row::parse).collect();
    for noun in declared::all() {
        for (operation, status) in Round::operations(&noun) {
            let row = rows.iter().find(|row| row.operation() == operation);
            let row = row.unwrap_or_else(|| panic!("not in matrix.txt: {operation}"));
            let (nobody, owner) = (row.expected.first(), row.expected.last());
            assert_eq!((nobody, owner), (Some(&401), Some(&status)), "{operation}");
        }
    }
}

#[test]
fn every_noun_is_declared_or_named_as_one_without_a_life_of_its_own() {
    let known: BTreeSet<&str> = EVENT_TYPES.iter().map(|(name, _)| *name).collect();
    let declared = declared::all();
    let mut named: Vec<&str> = declared.iter().map(|noun| noun.noun_type).collect();
    named.extend(WITHOUT_A_LIFE_OF_THEIR_OWN);
    assert_eq!(named.len(), known.len());
    assert_eq!(named.into_iter().collect::<BTreeSet<_>>(), known);
}
