use chancery_aggregates::oauth2::scope::Scope;
use chancery_aggregates::oauth2::secret_text::HashedSecret;
use chancery_aggregates::oauth2_app::OAuth2AppId;
use chancery_aggregates::oauth2_grant::IssueCode;
use chrono::TimeDelta;

use super::*;
use crate::author::Author;
use crate::secret::Secret;
use crate::testing::{PASSWORD, World};
use crate::user::{self, change_password};

#[tokio::test(flavor = "multi_thread")]
async fn a_code_that_is_issued_while_the_password_changes_ends_with_it() {
    let world = World::start().await;
    let caller = world.sign_in("owner").await;
    let owner = user::find(&caller, "me").await.unwrap();
    let pool = world.database.pool().await;
    let mut blocker = pool.begin().await.unwrap();
    sqlx::query("LOCK TABLE projection_oauth2_grant.oauth2_grants IN ACCESS EXCLUSIVE MODE")
        .execute(&mut *blocker)
        .await
        .unwrap();
    let change = change_password(
        &caller,
        &owner,
        Secret::from(PASSWORD),
        Secret::from("Another-Horse-Battery-7"),
    );
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
        world.clock.advance(TimeDelta::seconds(1));
        let now = world.clock.now();
        let code = GrantCommand::IssueCode(IssueCode {
            app_id: OAuth2AppId::from_u128(1),
            user_id: caller.user_id(),
            credential_generation: 0,
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
        let context = Author::server(&world.services).context(now);
        world
            .services
            .ledger()
            .execute_new::<OAuth2Grant>("meanwhile0", code, &context)
            .await
            .unwrap();
        blocker.rollback().await.unwrap();
    };
    let (outcome, ()) = futures::join!(change, issue_meanwhile);
    outcome.unwrap();
    let revocations: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM events WHERE event_type = 'grant_revoked' AND aggregate_id = 'meanwhile0'",
    )
    .fetch_one(&pool)
    .await
    .unwrap();
    assert_eq!(revocations, 1);
    world.stop().await;
}
