//! What searches of the audit trail read, among so many entries that an index is worth it.

use chancery_projections::all;
use sqlx::PgPool;

use crate::history::History;

/// Codes and tokens of a thousand users and twenty apps, a login in ten, a group of one of twenty organizations in a thousand.
const SEED: [&str; 4] = [
    "INSERT INTO audit_entries (position, facet, user_id, request_id, kind, facet_of)
     SELECT n, md5('app' || n % 20)::uuid, md5('user' || n / 2 % 1000)::uuid, md5('request' || n)::uuid,
            CASE WHEN n % 10 = 0 THEN 3 ELSE 1 + n % 2 END, 0
     FROM generate_series(1, 200000) AS n WHERE n % 1000 <> 1",
    "INSERT INTO audit_entries (position, facet, user_id, request_id, kind, facet_of)
     SELECT n, md5('user' || n / 2 % 1000)::uuid, md5('user' || n / 2 % 1000)::uuid, md5('request' || n)::uuid, 3, 1
     FROM generate_series(10, 200000, 10) AS n",
    "INSERT INTO audit_entries (position, facet, user_id, request_id, kind, facet_of)
     SELECT n, md5(of || n / 1000 % 20)::uuid, md5('user1')::uuid, md5('request' || n)::uuid, 4, facet_of
     FROM generate_series(1, 200000, 1000) AS n,
          (VALUES ('name', 0), ('group', 1), ('organization', 2)) AS f (of, facet_of)",
    "ANALYZE audit_entries",
];

const ANY: [&str; 11] = [
    "'{1,2,3,4,5,6,7,8}'",
    "0",
    "NULL",
    "NULL",
    "NULL",
    "0",
    "9000000000000000000",
    "NULL",
    "NULL",
    "NULL",
    "100",
];

/// By number, what is given in place of [`ANY`].
type Parameters = &'static [(usize, &'static str)];

/// The plan of a search with these parameters.
async fn plan(pool: &PgPool, parameters: Parameters) -> String {
    let mut text = include_str!("../../src/audit/sql/search.sql").to_owned();
    for (index, any) in ANY.iter().enumerate().rev() {
        let given = parameters.iter().find(|(number, _)| *number == index + 1);
        let value = given.map_or(*any, |(_, value)| value);
        text = text.replace(&format!("${}", index + 1), value);
    }
    let rows: Vec<String> = sqlx::query_scalar(&format!("EXPLAIN {text}"))
        .fetch_all(pool)
        .await
        .unwrap();
    rows.join("\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn every_filter_of_the_trail_has_its_index() {
    const APP: &str = "md5('app7')::uuid";
    const NAME: &str = "md5('name7')::uuid";
    const USER: &str = "md5('user7')::uuid";
    const ORGANIZATION: &str = "md5('organization7')::uuid";
    const REQUEST: &str = "md5('request777')::uuid";
    let history = History::new(all()).await;
    history.settle().await;
    let pool = history.projections.pool();
    for statement in SEED {
        sqlx::query(statement).execute(pool).await.unwrap();
    }
    let cases: [(&str, &str, Parameters); 11] = [
        ("nothing", "audit_entries_pkey", &[]),
        ("type and action", "audit_entries_pkey", &[(1, "'{4}'")]),
        ("time", "audit_entries_pkey", &[(6, "70000"), (7, "80000")]),
        ("after an entry", "audit_entries_pkey", &[(7, "80000")]),
        ("target", "audit_entries_facet", &[(3, APP)]),
        ("resource", "audit_entries_facet", &[(2, "1"), (3, USER)]),
        (
            "organization",
            "audit_entries_facet",
            &[(2, "2"), (3, ORGANIZATION)],
        ),
        (
            "organization and target",
            "audit_entries_facet",
            &[(3, NAME), (10, ORGANIZATION)],
        ),
        ("user", "audit_entries_user", &[(4, USER)]),
        (
            "user and action",
            "audit_entries_user",
            &[(1, "'{3}'"), (4, USER)],
        ),
        ("request", "audit_entries_request", &[(5, REQUEST)]),
    ];
    for (what, index, parameters) in cases {
        let planned = plan(pool, parameters).await;
        assert!(planned.contains(index), "{what}: {planned}");
        assert!(!planned.contains("Seq Scan"), "{what}: {planned}");
        // The newest come in order: there is one sort, of what all kinds together give.
        assert!(
            planned.matches("Sort Key").count() <= 2,
            "{what}: {planned}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn names_and_states_are_found_by_their_keys() {
    let history = History::new(all()).await;
    history.settle().await;
    let pool = history.projections.pool();
    for statement in [
        "INSERT INTO audit_names (resource_type, resource_id, since, name, icon)
         SELECT 'user', md5(n::text)::uuid, n, 'name' || n, '' FROM generate_series(1, 20000) AS n",
        "INSERT INTO audit_states (aggregate_type, aggregate_id, sequence, state, created_at, updated_at)
         SELECT 'group', 'group' || n % 100, 200 * (1 + n / 100), '{}', '2020-01-01', '2020-01-01'
         FROM generate_series(1, 20000) AS n",
        "ANALYZE audit_names, audit_states",
    ] {
        for statement in statement.split(';') {
            sqlx::query(statement).execute(pool).await.unwrap();
        }
    }
    for (sql, index) in [
        (
            include_str!("../../src/audit/sql/find_names.sql"),
            "audit_names_pkey",
        ),
        (
            include_str!("../../src/audit/sql/find_states.sql"),
            "audit_states_pkey",
        ),
    ] {
        let text = sql
            .replace("$1", "'{user,group}'")
            .replace("$2::uuid[]", "ARRAY[md5('1'), md5('2')]::uuid[]")
            .replace("$2", "'{group1,group2}'")
            .replace("$3", "'{5000,6000}'");
        let rows: Vec<String> = sqlx::query_scalar(&format!("EXPLAIN {text}"))
            .fetch_all(pool)
            .await
            .unwrap();
        let planned = rows.join("\n");
        assert!(planned.contains(index), "{planned}");
        assert!(!planned.contains("Seq Scan"), "{planned}");
    }
}
