use chancery_aggregates::oauth2::scope::Scope;
use chancery_aggregates::oauth2::secret_text::HashedSecret;
use chancery_aggregates::oauth2_grant::IssueCode;
use chancery_aggregates::password_hash::PasswordHash;
use chrono::TimeDelta;

use super::*;
use crate::http::in_process::{InProcess, parts};
use crate::policy::{self, PublicOperation};
use crate::secret::Secret;

#[tokio::test(flavor = "multi_thread")]
async fn a_code_that_is_issued_while_the_password_changes_ends_with_it() {
    let server = InProcess::start().await;
    let state = server.state();
    let (_, session) = server.session().await;
    let facts = RequestFacts::of(&parts());
    let permit = policy::public(PublicOperation::Login);
    let ender = Ender {
        state,
        session: &session,
        facts: &facts,
        permit: &permit,
    };
    let hashed = state
        .passwords
        .hash(Secret::new("Another-Horse-Battery-7".to_owned()));
    let ending = Ending {
        user_id: session.user_id(),
        command: Command::ChangePassword {
            hashed_password: PasswordHash::from_phc(hashed.await.unwrap()).unwrap(),
        },
        leaves: false,
        key: DeletionReason::PasswordChanged,
        grant: RevocationReason::PasswordChanged,
    };
    let pool = server.database.pool().await;
    let mut blocker = pool.begin().await.unwrap();
    sqlx::query("LOCK TABLE projection_oauth2_grant.oauth2_grants IN ACCESS EXCLUSIVE MODE")
        .execute(&mut *blocker)
        .await
        .unwrap();
    let issue_meanwhile = async {
        // The change has begun: it waits to read which grants there are.
        while sqlx::query_scalar::<_, i64>(
            "SELECT count(*) FROM pg_locks WHERE NOT granted \
             AND relation = 'projection_oauth2_grant.oauth2_grants'::regclass",
        )
        .fetch_one(&pool)
        .await
        .unwrap()
            == 0
        {}
        server.clock.advance(TimeDelta::seconds(1));
        let now = server.clock.now();
        let code = GrantCommand::IssueCode(IssueCode {
            app_id: Uuid::from_u128(1),
            user_id: session.user_id(),
            hashed_code: HashedSecret::of("secret"),
            redirect_uri: None,
            resource_uri: None,
            code_challenge: None,
            scope: Scope::default(),
            state_hash: None,
            exclusive: false,
            code_expires_at: now + TimeDelta::minutes(10),
            issued_at: now,
        });
        let context = facts.command(state, &session.actor());
        state
            .ledger
            .execute_new::<OAuth2Grant>("meanwhile0", code, &context)
            .await
            .unwrap();
        blocker.rollback().await.unwrap();
    };
    let (outcome, ()) = futures::join!(ender.end(&ending), issue_meanwhile);
    outcome.unwrap();
    let revocations: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM events WHERE event_type = 'grant_revoked' AND aggregate_id = 'meanwhile0'",
    )
    .fetch_one(&pool)
    .await
    .unwrap();
    assert_eq!(revocations, 1);
    server.app.stop().await.unwrap();
}
