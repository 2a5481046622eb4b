//! Users and their keys: what every event does to the read model, and which indexes its queries use.

use chancery_aggregates::api_key::Origin;
use chancery_aggregates::email::Email;
use chancery_aggregates::login_type::LoginType;
use chancery_aggregates::name::{Name, RealName};
use chancery_aggregates::password_hash::PasswordHash;
use chancery_aggregates::quiet_hours::QuietHoursSchedule;
use chancery_aggregates::user::{Command, Status, User};
use chancery_projections::user::{UserFilter, UserPage, UserRef};
use chancery_projections::{all, api_key, credential, user};
use sqlx::PgPool;
use uuid::Uuid;

use crate::history::History;
use crate::world::assert_verified;

async fn create(history: &History, username: &str, status: Status) -> Uuid {
    let id = history.world.id();
    let command = Command::CreateUser {
        username: Name::username(username).unwrap(),
        email: Email::parse(&format!("{username}@example.org")).unwrap(),
        name: RealName::default(),
        login_type: LoginType::None,
        status,
        roles: Vec::new(),
        hashed_password: None,
    };
    history
        .world
        .execute::<User>(&id.to_string(), command)
        .await;
    id
}

async fn change(history: &History, id: Uuid, command: Command) {
    history
        .world
        .execute::<User>(&id.to_string(), command)
        .await;
}

fn profile(username: &str) -> Command {
    Command::UpdateProfile {
        username: Name::username(username).unwrap(),
        name: RealName::parse("Renamed").unwrap(),
    }
}

async fn counted(pool: &PgPool) -> (i64, i64) {
    let everyone = UserFilter::default();
    let named = UserFilter {
        search: Some("@".to_owned()),
        ..UserFilter::default()
    };
    let counted = user::count(pool, &everyone).await.unwrap();
    (counted, user::count(pool, &named).await.unwrap())
}

async fn found(pool: &PgPool, search: &str) -> Vec<String> {
    let filter = UserFilter {
        search: Some(search.to_owned()),
        ..UserFilter::default()
    };
    let users = user::list(pool, &filter, UserPage::default()).await;
    users
        .unwrap()
        .into_iter()
        .map(|user| user.username)
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_event_of_a_user_shows_and_a_rebuild_comes_to_the_same() {
    let history = History::new(all()).await;
    history.first_user().await;
    let (bert, carl) = (
        create(&history, "bert", Status::Active).await,
        create(&history, "carl", Status::Dormant).await,
    );
    change(&history, bert, Command::SuspendUser).await;
    change(&history, bert, profile("Albert")).await;
    let roles = vec!["user-admin".to_owned(), "auditor".to_owned()];
    change(&history, bert, Command::ChangeRoles { roles }).await;
    let schedule = QuietHoursSchedule::parse("0 5 * * *").unwrap();
    change(&history, bert, Command::SetQuietHoursSchedule { schedule }).await;
    change(&history, carl, Command::DeleteUser).await;
    let again = create(&history, "carl", Status::Active).await;
    history.settle().await;

    let pool = history.projections.pool();
    let albert = user::find(pool, UserRef::Id(bert)).await.unwrap().unwrap();
    assert_eq!(
        (albert.username.as_str(), albert.status.as_str()),
        ("Albert", "suspended")
    );
    assert_eq!(
        (albert.name.as_str(), albert.email.as_str()),
        ("Renamed", "bert@example.org")
    );
    assert_eq!(albert.roles, ["auditor", "user-admin"]);
    assert!(albert.updated_at > albert.created_at);
    let schedule = user::quiet_hours_schedule(pool, bert).await.unwrap();
    assert_eq!(schedule.as_deref(), Some("CRON_TZ=UTC 0 5 * * *"));
    assert_eq!(user::find(pool, UserRef::Id(carl)).await.unwrap(), None);
    let found_again = user::find(pool, UserRef::Username("CARL")).await.unwrap();
    assert_eq!(found_again.unwrap().id, again);
    assert_eq!(counted(pool).await, (3, 3));
    assert_verified(&history.projections).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renamed_user_is_found_by_parts_of_its_present_names_only() {
    let history = History::new(all()).await;
    let id = create(&history, "lovelace", Status::Active).await;
    change(&history, id, profile("countess")).await;
    history.settle().await;
    let pool = history.projections.pool();
    assert_eq!(found(pool, "COUNT").await, ["countess"]);
    // The e-mail address has it still.
    assert_eq!(found(pool, "love").await, ["countess"]);
    assert_eq!(found(pool, "ce@ex").await, ["countess"]);
    // Its terms are all there, and it is not.
    assert_eq!(found(pool, "lovelovelace").await, [""; 0]);
    assert_eq!(found(pool, "t").await, ["countess"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_made_before_the_password_changed_is_no_credential_and_one_made_after_is() {
    let history = History::new(all()).await;
    let user_id = history.first_user().await;
    let before = history.key(Origin::Token, Some("before")).await;
    let hashed_password = PasswordHash::from_phc("$argon2id$v=19$y".to_owned()).unwrap();
    change(
        &history,
        user_id,
        Command::ChangePassword { hashed_password },
    )
    .await;
    let after = history.key(Origin::Token, Some("after")).await;
    history.settle().await;
    let pool = history.projections.pool();
    assert_eq!(credential::find(pool, &before).await.unwrap(), None);
    assert!(credential::find(pool, &after).await.unwrap().is_some());
    let refused = async || api_key::refused_ids(pool, user_id, 10).await.unwrap();
    assert_eq!(refused().await, [before.as_str()]);
    change(&history, user_id, Command::DeleteUser).await;
    history.settle().await;
    assert_eq!(credential::find(pool, &after).await.unwrap(), None);
    assert_eq!(refused().await, [before, after]);
}

/// The plan of a query with its parameters written into it, as PostgreSQL makes it for given values.
async fn plan(pool: &PgPool, sql: &str, parameters: &[&str]) -> String {
    let mut text = sql.to_owned();
    for (index, value) in parameters.iter().enumerate().rev() {
        text = text.replace(&format!("${}", index + 1), value);
    }
    let rows: Vec<String> = sqlx::query_scalar(&format!("EXPLAIN {text}"))
        .fetch_all(pool)
        .await
        .unwrap();
    rows.join("\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn no_query_of_users_or_keys_reads_a_whole_table() {
    let history = History::new(all()).await;
    history.settle().await;
    let pool = history.projections.pool();
    for statement in include_str!("users_seed.sql").split(';') {
        sqlx::query(statement).execute(pool).await.unwrap();
    }
    let list = include_str!("../../src/user/sql/list.sql");
    let count = include_str!("../../src/user/sql/count.sql");
    let id = "'00000000-0000-4000-8000-000000000007'";
    // $1 to $10 of both, and $11 to $13 of the list.
    let filtered = |at: usize, value: &'static str| {
        let mut parameters = ["NULL"; 10].map(str::to_owned);
        value.clone_into(&mut parameters[at]);
        parameters
    };
    let mut searched = filtered(0, "'name77'");
    "ARRAY['nam', 'ame', 'me7', 'e77']".clone_into(&mut searched[1]);
    let filters = [
        (filtered(2, "ARRAY['suspended']"), "users_status"),
        (filtered(3, "ARRAY['auditor']"), "users_roles"),
        (filtered(4, "ARRAY['github']"), "users_login_type"),
        (filtered(7, "'2020-01-01T00:10:00Z'"), "users_created_at"),
        (filtered(9, id), "users_pkey"),
        (searched, "users_search_terms"),
    ];
    for (filter, index) in &filters {
        let parameters: Vec<&str> = filter.iter().map(String::as_str).collect();
        let counted = plan(pool, count, &parameters).await;
        assert!(counted.contains(index), "{index}: {counted}");
        assert!(!counted.contains("Seq Scan on users"), "{index}: {counted}");
        let parameters = [parameters, vec!["NULL", "25", "0"]].concat();
        let listed = plan(pool, list, &parameters).await;
        assert!(!listed.contains("Seq Scan"), "{index}: {listed}");
    }
    for after in ["NULL", id] {
        let parameters = [vec!["NULL"; 10], vec![after, "25", "100"]].concat();
        let listed = plan(pool, list, &parameters).await;
        assert!(listed.contains("users_username"), "{listed}");
        assert!(!listed.contains("Seq Scan"), "{listed}");
    }
    let by_key = [
        include_str!("../../src/user/sql/find_by_id.sql"),
        include_str!("../../src/user/sql/organization_roles.sql"),
        include_str!("../../src/user/sql/quiet_hours_schedule.sql"),
        include_str!("../../src/api_key/sql/list.sql"),
        include_str!("../../src/api_key/sql/refused_ids.sql"),
        include_str!("../../src/oauth2_grant/sql/live_ids_until.sql"),
    ];
    for sql in by_key {
        let bounded = sql
            .replace("issued_at <= $2", "issued_at <= '2020-01-01'")
            .replace("LIMIT $3", "LIMIT 5");
        let planned = plan(pool, &bounded.replace("LIMIT $2", "LIMIT 5"), &[id]).await;
        assert!(!planned.contains("Seq Scan on users"), "{sql}: {planned}");
        assert!(
            !planned.contains("Seq Scan on api_keys"),
            "{sql}: {planned}"
        );
    }
    for sql in [
        include_str!("../../src/user/sql/find_by_username.sql"),
        include_str!("../../src/user/sql/find_by_email.sql"),
    ] {
        let planned = plan(pool, sql, &["'name77'"]).await;
        assert!(!planned.contains("Seq Scan on users"), "{planned}");
    }
    let credential = plan(
        pool,
        include_str!("../../src/credential/sql/find.sql"),
        &["ARRAY['key7', 'key8']"],
    )
    .await;
    assert!(!credential.contains("Seq Scan on users"), "{credential}");
    assert!(!credential.contains("Seq Scan on api_keys"), "{credential}");
}
