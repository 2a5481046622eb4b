//! A minute of `scripts/chaos`: what clients are told stays true when machines break.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on fails"
)]

use std::time::Duration;

use chancery_chaos::check::Column;
use chancery_chaos::deployment::{Deployment, Programs};
use chancery_chaos::report::heading;
use chancery_chaos::round::recovered;
use chancery_chaos::{Campaign, Fault};

const PROGRAM: &str = env!("CARGO_BIN_EXE_chancery");

/// Faults of every kind that are over soon, and how many servers bring most to light: two for races, one where a server misleads
/// itself by what it remembers.
const FAULTS: [(Fault, usize); 8] = [
    (Fault::KillServer, 2),
    (Fault::KillBoth, 2),
    (Fault::EndAppender, 2),
    (Fault::QuietCrash, 1),
    (Fault::KillDuringRebuild, 2),
    (Fault::NetworkHalfOpen, 1),
    (Fault::FailOver, 2),
    (Fault::FailOverLagging, 1),
];

#[tokio::test(flavor = "multi_thread")]
async fn no_answer_is_contradicted_by_what_is_true_after_a_fault() {
    for (fault, servers) in FAULTS {
        let campaign = Campaign {
            programs: Programs::only(PROGRAM),
            servers,
            rounds: 1,
            faults: 1,
            seed: 1,
            keep: None,
        };
        let line = campaign.run(fault).await.unwrap();
        assert!(line.is_clean(), "{}\n{line}", heading());
    }
}

/// What is planted in the database, or does not come back, is found; `chaos/tests/self_check.rs` plants in histories.
#[tokio::test(flavor = "multi_thread")]
async fn a_gap_a_changed_row_and_a_server_that_stays_away_are_found() {
    let mut deployment = Deployment::start(&Programs::only(PROGRAM), 1, Fault::KillServer.needs())
        .await
        .unwrap();
    assert!(
        recovered(&mut deployment, Duration::from_mins(1))
            .await
            .unwrap()
    );
    assert!(deployment.verify().await.unwrap().is_empty());
    for column in [Column::Unequal, Column::Gap] {
        deployment.plant(column).await.unwrap();
        let found = deployment.verify().await.unwrap();
        assert!(
            found.iter().any(|found| found.column == column),
            "{found:?}"
        );
    }
    deployment.servers[0].kill().await.unwrap();
    assert!(!recovered(&mut deployment, Duration::ZERO).await.unwrap());
}
