//! Users and their keys: what every event does to the read model, and which indexes its queries use.

use chancery_aggregates::api_key::Origin;
use chancery_aggregates::email::Email;
use chancery_aggregates::login_type::LoginType;
use chancery_aggregates::name::{Name, RealName};
use chancery_aggregates::password_hash::PasswordHash;
use chancery_aggregates::quiet_hours::QuietHoursSchedule;
use chancery_aggregates::user::{Command, Status, User, UserId};
use chancery_projections::user::{UserFilter, UserPage, UserRef};
use chancery_projections::{all, api_key, user};
use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgPool;

use crate::history::History;
use crate::world::{World, assert_verified};

async fn create(history: &History, username: &str, status: Status) -> UserId {
    let id: UserId = history.world.id();
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

async fn change(history: &History, id: UserId, command: Command) {
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
    for (part, users) in [("t", 1), ("LO", 1), ("#", 0), ("es", 1), ("zz", 0)] {
        assert_eq!(counted_by(pool, part).await, users, "{part}");
        assert_eq!(
            found(pool, part).await.len(),
            usize::try_from(users).unwrap()
        );
    }
    change(&history, id, profile("lovelace")).await;
    change(&history, id, Command::DeleteUser).await;
    history.settle().await;
    for part in ["t", "lo", "es"] {
        assert_eq!(counted_by(pool, part).await, 0, "{part}");
    }
    assert_verified(&history.projections).await;
}

async fn counted_by(pool: &PgPool, search: &str) -> i64 {
    let filter = UserFilter {
        search: Some(search.to_owned()),
        ..UserFilter::default()
    };
    user::count(pool, &filter).await.unwrap()
}

/// Those last seen between two times, and that as many are counted.
async fn seen(
    pool: &PgPool,
    after: Option<DateTime<Utc>>,
    before: Option<DateTime<Utc>>,
) -> Vec<String> {
    let filter = UserFilter {
        last_seen_after: after,
        last_seen_before: before,
        ..UserFilter::default()
    };
    let users = user::list(pool, &filter, UserPage::default())
        .await
        .unwrap();
    let counted = user::count(pool, &filter).await.unwrap();
    assert_eq!(usize::try_from(counted).unwrap(), users.len());
    // Another filter beside it that everyone passes: counted one by one.
    let filter = UserFilter {
        search: Some("@".to_owned()),
        ..filter
    };
    assert_eq!(user::count(pool, &filter).await.unwrap(), counted);
    users.into_iter().map(|user| user.username).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn users_are_found_by_when_they_were_last_seen_or_made_and_deleted_ones_do_not_count() {
    let history = History::new(all()).await;
    let mut ids = Vec::new();
    for name in ["ann", "ben", "cyd", "dan"] {
        ids.push(create(&history, name, Status::Active).await);
    }
    history.settle().await;
    let pool = history.projections.pool();
    let made = user::find(pool, UserRef::Id(ids[3]))
        .await
        .unwrap()
        .unwrap();
    let day = |days: i64| made.created_at + TimeDelta::days(days);
    for (id, days) in [(ids[0], 1), (ids[1], 2), (ids[3], 3)] {
        sqlx::query("INSERT INTO user_last_seen (user_id, last_seen_at) VALUES ($1, $2)")
            .bind(id)
            .bind(day(days))
            .execute(pool)
            .await
            .unwrap();
    }
    change(&history, ids[3], Command::DeleteUser).await;
    history.settle().await;
    let all = ["ann", "ben", "cyd"];
    assert_eq!(seen(pool, Some(day(-1)), None).await, all);
    assert_eq!(seen(pool, None, Some(day(-1))).await, [""; 0]);
    assert_eq!(seen(pool, Some(day(0)), None).await, ["ann", "ben"]);
    assert_eq!(seen(pool, None, Some(day(1))).await, ["cyd"]);
    assert_eq!(seen(pool, Some(day(1)), None).await, ["ben"]);
    assert_eq!(seen(pool, Some(day(0)), Some(day(2))).await, ["ann"]);
    assert_eq!(seen(pool, None, Some(day(9))).await, all);
    assert_eq!(seen(pool, Some(day(2)), Some(day(1))).await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_of_an_earlier_generation_of_credentials_is_to_be_ended_and_so_are_all_of_a_deleted_user()
 {
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
    let after = history
        .key_of_generation(Origin::Token, Some("after"), 1)
        .await;
    history.settle().await;
    let pool = history.projections.pool();
    let refused = async || api_key::refused_ids(pool, user_id, 10).await.unwrap();
    assert_eq!(refused().await, [before.as_str()]);
    change(&history, user_id, Command::DeleteUser).await;
    history.settle().await;
    assert_eq!(refused().await, [before, after]);
}

/// Every new user changes some sixty counts. Each change makes room for the next on its row's page and touches no index, so
/// neither the table nor its index grows with users.
#[tokio::test(flavor = "multi_thread")]
async fn counts_of_search_terms_take_no_more_room_for_many_users_than_for_some() {
    const COUNT: &str = include_str!("../../src/user/sql/add_term_counts.sql");
    const PAGES: &str = "SELECT pg_relation_size('user_term_counts') / 8192, pg_relation_size('user_term_counts_pkey') / 8192";
    // Nothing else is done in this database: whoever reads keeps old rows.
    let world = World::new().await;
    let pool = &world.database.pool().await;
    sqlx::raw_sql(include_str!("../../src/user/tables.sql"))
        .execute(pool)
        .await
        .unwrap();
    let letters = || 'a'..='z';
    let terms: Vec<String> = letters()
        .flat_map(|one| letters().map(move |other| format!("{one}{other}")))
        .collect();
    let mut pages = Vec::new();
    for users in [100, 1_000] {
        for user in 0..users {
            let of_user: Vec<&String> = terms.iter().skip(user % 11).step_by(11).collect();
            sqlx::query(COUNT)
                .bind(&of_user)
                .bind(vec![1_i64; of_user.len()])
                .execute(pool)
                .await
                .unwrap();
        }
        let taken: (i64, i64) = sqlx::query_as(PAGES).fetch_one(pool).await.unwrap();
        pages.push(taken);
    }
    // Ten times as many users would else take ten times as many pages.
    let [(rows, index), (rows_later, index_later)] = pages[..] else {
        unreachable!("two sizes were taken");
    };
    assert!(
        rows_later < 3 * rows && index_later < 3 * index,
        "{pages:?}"
    );
}
