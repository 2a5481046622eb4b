//! What the queries on organizations, members and groups read, on a database with so many rows that an index is worth it.

use chancery_aggregates::group::{GroupId, everyone_of};
use chancery_aggregates::organization::OrganizationId;
use chancery_aggregates::user::UserId;
use chancery_projections::{Projections, all};
use sqlx::Postgres;
use sqlx::postgres::PgArguments;
use sqlx::query::QueryScalar;

use crate::history::History;

const SEED: [&str; 9] = [
    "INSERT INTO users (id, username, email, name, login_type, status, roles, quiet_hours_schedule, search_terms, created_at, updated_at)
     SELECT lpad(to_hex(n), 32, '0')::uuid, 'user-' || n, 'user-' || n || '@example.org', '', 'none', 'active', '{}', '', '{}', now(), now()
     FROM generate_series(1, 100000) AS n",
    "INSERT INTO organizations (id, profile, member_count)
     SELECT ('a' || lpad(to_hex(n), 31, '0'))::uuid, json_build_object('name', 'organization-' || n), 0
     FROM generate_series(1, 5000) AS n",
    "INSERT INTO organization_members (organization_id, user_id, name_key, roles, created_at, updated_at)
     SELECT ('a' || lpad(to_hex(1 + n % 5000), 31, '0'))::uuid, lpad(to_hex(n), 32, '0')::uuid, 'user-' || n, '{}', now(), now()
     FROM generate_series(1, 100000) AS n",
    "INSERT INTO groups (id, organization_id, state, member_count)
     SELECT ('b' || lpad(to_hex(n), 31, '0'))::uuid, ('a' || lpad(to_hex(1 + n % 5000), 31, '0'))::uuid,
            json_build_object('name', 'group-' || n, 'quota_allowance', 1), 40
     FROM generate_series(1, 20000) AS n",
    "INSERT INTO group_members (group_id, user_id, departed, name_key)
     SELECT ('b' || lpad(to_hex(1 + (n * 13 + m) % 20000), 31, '0'))::uuid, lpad(to_hex(n), 32, '0')::uuid, false, 'user-' || n
     FROM generate_series(1, 100000) AS n, generate_series(1, 3) AS m",
    "INSERT INTO member_names (user_id, name_key)
     SELECT lpad(to_hex(n), 32, '0')::uuid, 'user-' || n FROM generate_series(1, 100000) AS n",
    "INSERT INTO user_last_seen (user_id, last_seen_at)
     SELECT lpad(to_hex(n), 32, '0')::uuid, now() FROM generate_series(1, 100000) AS n",
    "ANALYZE users, user_last_seen, organizations, organization_members, member_names",
    "ANALYZE groups, group_members",
];

type Explained<'a> = QueryScalar<'a, Postgres, String, PgArguments>;

/// The plan's lines that read a whole table.
async fn whole_tables(projections: &Projections, explained: Explained<'_>) -> Vec<String> {
    let plan = explained.fetch_all(projections.pool()).await.unwrap();
    plan.into_iter()
        .filter(|line| line.contains("Seq Scan"))
        .collect()
}

macro_rules! explain {
    ($file:literal $(, $argument:expr)* $(,)?) => {
        ($file, sqlx::query_scalar::<_, String>(concat!("EXPLAIN ", include_str!(concat!("../../src/", $file))))
            .persistent(false)
            $(.bind($argument))*)
    };
}

const ORGANIZATION: OrganizationId =
    OrganizationId::from_u128(0xa000_0000_0000_0000_0000_0000_0000_0010);
const GROUP: GroupId = GroupId::from_u128(0xb000_0000_0000_0000_0000_0000_0000_0010);
const USER: UserId = UserId::from_u128(0x10);
const LIMIT: i64 = 25;

async fn seeded() -> History {
    let history = History::new(all()).await;
    for statement in SEED {
        sqlx::query(statement)
            .execute(history.projections.pool())
            .await
            .unwrap();
    }
    history
}

/// Fails the test when one of the statements reads a whole table.
async fn check(queries: Vec<(&str, Explained<'_>)>) {
    let history = seeded().await;
    let mut wrong = Vec::new();
    for (file, explained) in queries {
        for line in whole_tables(&history.projections, explained).await {
            wrong.push(format!("{file}: {line}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_query_on_organizations_groups_and_members_reads_a_whole_table() {
    let (groups, users) = (vec![GROUP, everyone_of(ORGANIZATION)], vec![USER]);
    check(vec![
        explain!("organization/sql/member_count.sql", ORGANIZATION),
        explain!(
            "organization/sql/list_members.sql",
            ORGANIZATION,
            Some(LIMIT),
            0_i64
        ),
        explain!(
            "organization/sql/list_members.sql",
            ORGANIZATION,
            None::<i64>,
            0_i64
        ),
        explain!(
            "organization/sql/insert_members.sql",
            vec![ORGANIZATION],
            vec![USER],
            vec![serde_json::json!([])],
            vec![chrono::DateTime::UNIX_EPOCH]
        ),
        explain!(
            "organization/sql/name_users.sql",
            vec![USER],
            vec!["user-7"]
        ),
        explain!("organization/sql/delete_name.sql", USER),
        explain!("organization/sql/find_member.sql", ORGANIZATION, USER),
        explain!(
            "organization/sql/find_member_ids.sql",
            ORGANIZATION,
            users.clone()
        ),
        explain!(
            "organization/sql/find_member_names.sql",
            ORGANIZATION,
            vec!["user-7".to_owned()]
        ),
        explain!("organization/sql/delete_member.sql", ORGANIZATION, USER),
        explain!("organization/sql/delete_user.sql", USER),
        // A page of one group's members; the first of several groups'; all of one; one of several.
        explain!(
            "group/sql/members.sql",
            vec![GROUP],
            None::<UserId>,
            Some(LIMIT),
            1_000_i64
        ),
        explain!(
            "group/sql/members.sql",
            groups.clone(),
            None::<UserId>,
            Some(LIMIT),
            0_i64
        ),
        explain!(
            "group/sql/members.sql",
            vec![everyone_of(ORGANIZATION)],
            None::<UserId>,
            None::<i64>,
            0_i64
        ),
        explain!(
            "group/sql/members.sql",
            groups.clone(),
            Some(USER),
            None::<i64>,
            0_i64
        ),
        explain!("group/sql/state.sql", GROUP),
        explain!(
            "group/sql/write.sql",
            GROUP,
            ORGANIZATION,
            serde_json::json!({})
        ),
        explain!("group/sql/delete.sql", Some(GROUP), None::<OrganizationId>),
        explain!("group/sql/delete.sql", None::<GroupId>, Some(ORGANIZATION)),
        explain!("group/sql/ids_of_user.sql", ORGANIZATION, USER),
        explain!("group/sql/quota_budget.sql", ORGANIZATION, USER),
        explain!("group/sql/add_members.sql", GROUP, users.clone()),
        explain!("group/sql/remove_members.sql", GROUP, users.clone()),
        explain!("group/sql/depart.sql", ORGANIZATION, USER),
        explain!("group/sql/delete_user.sql", USER),
    ])
    .await;
}

/// Of which organization, of which name, which of them, with which member; who reads: nobody in particular, or one who sees all
/// groups of some organizations and those that he is in.
type Case = (
    Option<OrganizationId>,
    Option<&'static str>,
    Option<Vec<GroupId>>,
    Option<UserId>,
    Option<UserId>,
    Option<Vec<OrganizationId>>,
);

#[tokio::test(flavor = "multi_thread")]
async fn no_list_of_groups_reads_a_whole_table() {
    let groups = vec![GROUP, everyone_of(ORGANIZATION)];
    let organizations = vec![ORGANIZATION];
    let ordinary = (Some(USER), Some(Vec::new()));
    let manager = (Some(USER), Some(organizations));
    let mut cases: Vec<Case> = Vec::new();
    for (user, seen) in [(None, None), ordinary, manager] {
        for (organization, name, some, member) in [
            (None, None, None, None),
            (Some(ORGANIZATION), None, None, None),
            (Some(ORGANIZATION), Some("group-7"), None, None),
            (None, None, Some(vec![GROUP]), None),
            (None, None, Some(groups.clone()), None),
            (None, None, None, Some(USER)),
            (Some(ORGANIZATION), None, Some(groups.clone()), Some(USER)),
        ] {
            cases.push((organization, name, some, member, user, seen.clone()));
        }
    }
    let mut queries = Vec::new();
    for (organization, name, some, member, user, seen) in cases {
        for offset in [0_i64, 1_000] {
            queries.push(explain!(
                "group/sql/list.sql",
                organization,
                name,
                some.clone(),
                member,
                user,
                seen.clone(),
                Some(LIMIT),
                offset
            ));
        }
    }
    check(queries).await;
}
