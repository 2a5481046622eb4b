//! What the queries on users and their keys read, on a database with so many rows that an index is worth it.

use chancery_projections::all;
use sqlx::PgPool;

use crate::history::History;

const ID: &str = "'00000000-0000-4000-8000-000000000007'";

async fn seeded() -> History {
    let history = History::new(all()).await;
    history.settle().await;
    for statement in include_str!("users_seed.sql").split(';') {
        sqlx::query(statement)
            .execute(history.projections.pool())
            .await
            .unwrap();
    }
    history
}

/// The plan of a query with its parameters written into it, as PostgreSQL makes it for given values.
pub async fn plan(pool: &PgPool, sql: &str, parameters: &[&str]) -> String {
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
async fn no_list_of_users_reads_a_whole_table() {
    let history = seeded().await;
    let pool = history.projections.pool();
    let list = include_str!("../../src/user/sql/list.sql");
    let count = include_str!("../../src/user/sql/count.sql");
    let ids = "ARRAY['00000000-0000-4000-8000-000000000007'::uuid]";
    // $1 to $10 of both, and $11 to $13 of the list.
    let filtered = |at: usize, value: &'static str| {
        let mut parameters = ["NULL"; 10].map(str::to_owned);
        value.clone_into(&mut parameters[at]);
        parameters
    };
    let mut searched = filtered(0, "'name77'");
    "ARRAY['nam', 'ame', 'me7', 'e77']".clone_into(&mut searched[1]);
    let mut found_by_one = filtered(0, "'#'");
    "ARRAY['#']".clone_into(&mut found_by_one[1]);
    let filters = [
        (filtered(2, "ARRAY['suspended']"), "users_status"),
        (filtered(3, "ARRAY['auditor']"), "users_roles"),
        (filtered(4, "ARRAY['github']"), "users_login_type"),
        (filtered(7, "'2020-01-01T00:10:00Z'"), "users_created_at"),
        (filtered(9, ids), "users_pkey"),
        (searched, "users_search_terms"),
        (found_by_one, "users_search_terms"),
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
    let late = "'2020-01-14T22:15:00Z'";
    for (sql, parameters) in [
        (
            include_str!("../../src/user/sql/count_seen_after.sql"),
            vec![late],
        ),
        (
            include_str!("../../src/user/sql/ids_seen_after.sql"),
            vec![late, "1001"],
        ),
        (
            include_str!("../../src/user/sql/count_term.sql"),
            vec!["'#'"],
        ),
    ] {
        let planned = plan(pool, sql, &parameters).await;
        assert!(!planned.contains("Seq Scan"), "{planned}");
    }
    let mut found_in_all = filtered(0, "'e'");
    "ARRAY['e']".clone_into(&mut found_in_all[1]);
    // Filters that many users match are answered in order of the names, as far as the page goes.
    for broad in [
        filtered(5, "'2030-01-01T00:00:00Z'"),
        filtered(6, "'2020-01-02T00:00:00Z'"),
        found_in_all,
    ] {
        let mut parameters: Vec<&str> = broad.iter().map(String::as_str).collect();
        parameters.extend(["NULL", "25", "0"]);
        let listed = plan(pool, list, &parameters).await;
        assert!(listed.contains("users_username"), "{listed}");
        assert!(!listed.contains("Seq Scan"), "{listed}");
    }
    for after in ["NULL", ID] {
        let parameters = [vec!["NULL"; 10], vec![after, "25", "100"]].concat();
        let listed = plan(pool, list, &parameters).await;
        assert!(listed.contains("users_username"), "{listed}");
        assert!(!listed.contains("Seq Scan"), "{listed}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_look_up_of_users_or_keys_reads_a_whole_table() {
    let history = seeded().await;
    let pool = history.projections.pool();
    let by_key = [
        include_str!("../../src/user/sql/find_by_id.sql"),
        include_str!("../../src/user/sql/organization_roles.sql"),
        include_str!("../../src/user/sql/quiet_hours_schedule.sql"),
        include_str!("../../src/api_key/sql/refused_ids.sql"),
        include_str!("../../src/oauth2_grant/sql/live_ids_until.sql"),
    ];
    for sql in by_key {
        let bounded = sql
            .replace("issued_at <= $2", "issued_at <= '2020-01-01'")
            .replace("LIMIT $3", "LIMIT 5");
        let planned = plan(pool, &bounded.replace("LIMIT $2", "LIMIT 5"), &[ID]).await;
        assert!(!planned.contains("Seq Scan on users"), "{sql}: {planned}");
        assert!(!planned.contains("Seq Scan on states"), "{sql}: {planned}");
    }
    let tokens = include_str!("../../src/api_key/sql/list_every_token.sql");
    let uses = include_str!("../../src/api_key/sql/last_used.sql");
    for (sql, parameters) in [(tokens, &[][..]), (uses, &["ARRAY['key7']"])] {
        let planned = plan(pool, sql, parameters).await;
        assert!(!planned.contains("Seq Scan on states"), "{planned}");
        assert!(!planned.contains("Seq Scan on api_key"), "{planned}");
    }
    for sql in [
        include_str!("../../src/user/sql/find_by_username.sql"),
        include_str!("../../src/user/sql/find_by_email.sql"),
    ] {
        let planned = plan(pool, sql, &["'name77'"]).await;
        assert!(!planned.contains("Seq Scan on users"), "{planned}");
    }
}
