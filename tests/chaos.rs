//! A minute of `scripts/chaos`: what clients are told stays true when machines break.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on fails"
)]

use std::path::Path;
use std::time::Duration;

use chancery_chaos::check::Column;
use chancery_chaos::deployment::Deployment;
use chancery_chaos::round::recovered;
use chancery_chaos::{Campaign, Fault};

const PROGRAM: &str = env!("CARGO_BIN_EXE_chancery");

/// A round of each of these faults with two servers.
async fn holds(faults: &[Fault]) {
    let campaign = Campaign {
        program: PROGRAM.into(),
        servers: 2,
        rounds: 1,
        seed: 1,
        keep: None,
    };
    for fault in faults {
        let line = campaign.run(*fault).await.unwrap();
        assert!(line.is_clean(), "{line}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_answer_is_contradicted_when_processes_die() {
    holds(&[
        Fault::KillServer,
        Fault::KillBoth,
        Fault::EndAppender,
        Fault::QuietCrash,
        Fault::KillDuringRebuild,
    ])
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_answer_is_contradicted_when_the_network_breaks() {
    holds(&[Fault::NetworkCut, Fault::NetworkHalfOpen]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_answer_is_contradicted_when_a_standby_takes_over() {
    holds(&[Fault::FailOver, Fault::FailOverLagging]).await;
}

/// What is planted in the database, or does not come back, is found; `chaos/tests/self_check.rs` plants in histories.
#[tokio::test(flavor = "multi_thread")]
async fn a_gap_a_changed_row_and_a_server_that_stays_away_are_found() {
    let mut deployment = Deployment::start(Path::new(PROGRAM), 1, Fault::KillServer.needs())
        .await
        .unwrap();
    assert!(deployment.verify().await.unwrap().is_empty());
    for column in [Column::Unequal, Column::Gap] {
        deployment.plant(column).await.unwrap();
        let found = deployment.verify().await.unwrap();
        assert!(
            found.iter().any(|found| found.column == column),
            "{found:?}"
        );
    }
    assert!(
        recovered(&mut deployment, Duration::from_mins(1))
            .await
            .unwrap()
    );
    deployment.servers[0].kill().await.unwrap();
    assert!(!recovered(&mut deployment, Duration::ZERO).await.unwrap());
}
