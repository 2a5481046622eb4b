use chancery_aggregates::api_key::{DeletionReason, Origin};
use chancery_aggregates::login_refusal::Reason;
use chancery_projections::all;
use chancery_projections::audit::{AuditEntries, AuditEntry, AuditFilter, AuditPage, list};
use serde_json::{Value, json};

use crate::history::{History, VERIFIER};

async fn with_user() -> History {
    let history = History::new(all()).await;
    history.first_user().await;
    history
}

fn page(limit: i64, offset: i64) -> AuditPage {
    AuditPage {
        after_id: None,
        limit,
        offset,
    }
}

/// The entries of a page, and how many match.
async fn found(history: &History, filter: &AuditFilter, page: AuditPage) -> AuditEntries {
    let reader = history.world.ledger.reader();
    list(history.projections.pool(), &reader, filter, page)
        .await
        .unwrap()
}

/// All entries, oldest first, as far as they do not depend on random ids.
async fn trail(history: &History) -> Value {
    history.settle().await;
    let mut entries = found(history, &AuditFilter::default(), page(1000, 0))
        .await
        .entries;
    entries.reverse();
    entries.iter().map(shown).collect()
}

fn shown(entry: &AuditEntry) -> Value {
    json!({
        "what": format!("{} {} {:?}", entry.action, entry.resource_type, entry.resource_target),
        "refused": entry.refusal.map(|refusal| format!("{refusal:?}")),
        "who": entry.user.as_ref().map(|user| &user.username),
        "actor": entry.actor_kind,
        "organization": entry.organization.as_ref().map(|organization| &organization.name),
        "diff": entry.diff,
        "additional_fields": entry.additional_fields,
        "is_deleted": entry.is_deleted,
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn the_trail_of_identity_shows_who_did_what_and_no_secret() {
    let history = with_user().await;
    history
        .refused_login(Some(history.user_id()), Reason::WrongPassword)
        .await;
    history.activate().await;
    let session = history.key(Origin::Login, None).await;
    history.extend_key(&session).await;
    history.key(Origin::Token, Some("ci")).await;
    history.change_password().await;
    history.delete_key(&session, DeletionReason::Logout).await;
    let trail = trail(&history).await;
    assert!(!trail.to_string().contains("argon2id"));
    insta::assert_json_snapshot!(trail);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_trail_of_a_grant_shows_every_oauth2_field_and_every_refusal() {
    let history = with_user().await;
    let app = history.app("mcp", false).await;
    let secret = history.secret(app).await;
    let grant = history.code(app, history.user_id(), true).await;
    history.exchange(&grant, app, Some(secret), "wrong").await;
    let key = history.exchange(&grant, app, Some(secret), VERIFIER).await;
    history.refresh(&grant, app, &key).await;
    history.rename_app(app, "mcp-2").await;
    history.exchange(&grant, app, Some(secret), VERIFIER).await;
    let unused = history.code(app, history.user_id(), true).await;
    history.revoke(&unused).await;
    history.delete_secret(app, secret).await;
    history.delete_app(app).await;
    insta::assert_json_snapshot!(trail(&history).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_says_from_where_and_in_which_request() {
    let history = with_user().await;
    let context = history.by_user();
    let change = chancery_aggregates::user::Command::ActivateUser;
    let id = history.user_id().to_string();
    let position = history
        .world
        .execute_by::<chancery_aggregates::user::User>(&context, &id, change)
        .await;
    history.settle().await;
    let entry = &found(&history, &AuditFilter::default(), page(1, 0))
        .await
        .entries[0];
    assert_eq!(entry.position, position.0);
    assert_eq!(
        entry.request_id.map(|id| id.to_string()),
        context.metadata.request_id
    );
    assert_eq!(
        (entry.ip.as_str(), entry.user_agent.as_str()),
        ("192.0.2.7", "curl/8")
    );
    assert_eq!(entry.actor_name.as_deref(), Some("Ada"));
    assert_eq!(entry.time, context.now);
    assert_eq!(entry.resource_id, history.user_id().uuid());
}

/// Whether a filter made from the second entry keeps the first.
type Keeps = fn(&AuditEntry, &AuditEntry) -> bool;

#[tokio::test(flavor = "multi_thread")]
#[expect(clippy::too_many_lines, reason = "a table of filters")]
async fn filters_select_and_pages_are_newest_first() {
    let history = with_user().await;
    let app = history.app("mcp", false).await;
    history.secret(app).await;
    let grant = history.code(app, history.user_id(), true).await;
    history.exchange(&grant, app, None, VERIFIER).await;
    history.refused_login(None, Reason::UnknownUser).await;
    history.settle().await;
    let all = found(&history, &AuditFilter::default(), page(1000, 0)).await;
    let everything = all.entries;
    assert!(
        everything
            .windows(2)
            .all(|pair| pair[0].position > pair[1].position)
    );
    assert_eq!(all.count, i64::try_from(everything.len()).unwrap());
    let second = found(&history, &AuditFilter::default(), page(2, 1)).await;
    assert_eq!(second.entries, everything[1..3]);
    let after = AuditPage {
        after_id: Some(everything[1].id),
        ..page(2, 0)
    };
    let next = found(&history, &AuditFilter::default(), after).await;
    assert_eq!(next.entries, everything[2..4]);
    assert_eq!((second.count, next.count), (all.count, all.count));

    let some = |text: &str| Some(text.to_owned());
    let code = everything
        .iter()
        .find(|entry| entry.resource_type == "oauth2_provider_app_code")
        .unwrap();
    let none = AuditFilter::default;
    let cases: [(&str, AuditFilter, Keeps); 11] = [
        (
            "type",
            AuditFilter {
                resource_type: some("oauth2_provider_app"),
                ..none()
            },
            |e, _| e.resource_type == "oauth2_provider_app",
        ),
        (
            "id",
            AuditFilter {
                resource_id: Some(code.resource_id),
                ..none()
            },
            |e, code| e.resource_id == code.resource_id,
        ),
        (
            "target",
            AuditFilter {
                resource_target: some("mcp"),
                ..none()
            },
            |e, _| e.resource_target == "mcp",
        ),
        (
            "user",
            AuditFilter {
                user_id: Some(history.user_id()),
                ..none()
            },
            |e, _| e.user.is_some(),
        ),
        (
            "username",
            AuditFilter {
                username: some("ada"),
                ..none()
            },
            |e, _| e.user.is_some(),
        ),
        (
            "email",
            AuditFilter {
                email: some("ADA@example.org"),
                ..none()
            },
            |e, _| e.user.is_some(),
        ),
        (
            "from",
            AuditFilter {
                date_from: Some(code.time),
                ..none()
            },
            |e, code| e.time >= code.time,
        ),
        (
            "to",
            AuditFilter {
                date_to: Some(code.time),
                ..none()
            },
            |e, code| e.time <= code.time,
        ),
        (
            "organization",
            AuditFilter {
                organization_id: history.organization.get().copied(),
                ..none()
            },
            |e, _| e.organization.is_some(),
        ),
        (
            "action",
            AuditFilter {
                action: some("login"),
                ..none()
            },
            |e, _| e.action == "login",
        ),
        (
            "request",
            AuditFilter {
                request_id: code.request_id,
                ..none()
            },
            |e, code| e.request_id == code.request_id,
        ),
    ];
    for (name, filter, keeps) in cases {
        let expected: Vec<i64> = everything
            .iter()
            .filter(|e| keeps(e, code))
            .map(|e| e.position)
            .collect();
        let matching = found(&history, &filter, page(1000, 0)).await;
        let positions: Vec<i64> = matching.entries.iter().map(|e| e.position).collect();
        assert_eq!(positions, expected, "{name}");
        assert!(
            !expected.is_empty() && expected.len() < everything.len(),
            "{name}"
        );
        assert_eq!(
            matching.count,
            i64::try_from(expected.len()).unwrap(),
            "{name}"
        );
    }
    let nobody = AuditFilter {
        username: some("nobody"),
        ..none()
    };
    let nothing = found(&history, &nobody, page(10, 0)).await;
    assert_eq!((nothing.entries, nothing.count), (vec![], 0));
}
