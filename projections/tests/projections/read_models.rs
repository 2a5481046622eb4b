use chancery_aggregates::api_key::{ApiKey, DeletionReason, Origin, Scope};
use chancery_aggregates::login_type::LoginType;
use chancery_aggregates::oauth2::redirect_uri::RedirectUri;
use chancery_aggregates::oauth2_app::{OAuth2App, OAuth2AppId};
use chancery_aggregates::organization::{Organization, OrganizationId};
use chancery_aggregates::user::UserId;
use chancery_projections::api_key::KeyUse;
use chancery_projections::oauth2_grant::Status;
use chancery_projections::registry::{Page, Shown, View, ended};
use chancery_projections::user::UserRef;
use chancery_projections::{all, api_key, oauth2_app, oauth2_grant, organization, user};
use chrono::TimeDelta;
use sqlx::PgPool;

use crate::history::{History, VERIFIER};

async fn with_user() -> History {
    let history = History::new(all()).await;
    history.first_user().await;
    history
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_is_found_by_id_name_and_email_without_regard_to_case() {
    let history = with_user().await;
    history.settle().await;
    let pool = history.projections.pool();
    let found = user::find(pool, UserRef::Id(history.user_id()))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (found.username.as_str(), found.status.as_str()),
        ("Ada", "dormant")
    );
    assert_eq!(found.roles, ["owner"]);
    assert_eq!(
        found.organization_ids,
        [*history.organization.get().unwrap()]
    );
    for reference in [UserRef::Username("aDA"), UserRef::Email("ADA@Example.org")] {
        assert_eq!(
            user::find(pool, reference).await.unwrap().as_ref(),
            Some(&found)
        );
    }
    assert_eq!(
        user::find(pool, UserRef::Username("nobody")).await.unwrap(),
        None
    );
    history.activate().await;
    history.settle().await;
    assert_eq!(
        user::find(pool, UserRef::Username("ada"))
            .await
            .unwrap()
            .unwrap()
            .status
            .as_str(),
        "active"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_organization_is_found_by_id_and_name_without_regard_to_case() {
    let history = with_user().await;
    history.settle().await;
    let pool = history.projections.pool();
    let view = View::Now(pool);
    let found: Shown<Organization, OrganizationId> =
        view.by_name(None, "chancery").await.unwrap().unwrap();
    assert_eq!(found.thing.profile.name.as_str(), "Chancery");
    let by_id = view.get(found.id).await.unwrap();
    assert_eq!(by_id.as_ref(), Some(&found));
    let listed = view.list(None, Page::default()).await.unwrap();
    assert_eq!(listed, std::slice::from_ref(&found));
    let count = organization::member_count(pool, found.id).await.unwrap();
    assert_eq!(count, 1);
    let members = organization::list_members(pool, found.id, None, 0)
        .await
        .unwrap();
    assert_eq!(
        members
            .iter()
            .map(|member| member.user_id)
            .collect::<Vec<_>>(),
        [history.user_id()]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_api_key_is_found_until_it_is_deleted() {
    let history = with_user().await;
    let session = history.key(Origin::Login, None).await;
    let token = history.key(Origin::Token, Some("ci")).await;
    history.extend_key(&session).await;
    history.settle().await;
    let pool = history.projections.pool();
    let found = async |id: &str| {
        let user_id = history.user_id();
        api_key::find(pool, user_id, id).await.unwrap()
    };
    let key = found(&session).await.unwrap();
    assert_eq!(key.last_used_at, None);
    let thing = &key.key.thing;
    assert_eq!(
        (thing.origin, thing.login_type, thing.scope),
        (Origin::Login, LoginType::Password, Scope::All)
    );
    assert!(thing.expires_at - key.key.created_at > TimeDelta::days(1));

    let listed = api_key::list(pool, history.user_id()).await.unwrap();
    assert_eq!(
        listed.iter().map(|key| &key.key.id).collect::<Vec<_>>(),
        [&session, &token]
    );
    let by_name = async |name| {
        let named = api_key::find_by_name(pool, history.user_id(), name);
        named.await.unwrap()
    };
    let token = found(&token).await;
    assert_eq!(by_name("ci").await, token);
    assert_eq!(by_name("").await, None, "a session has no name");
    let of_all = api_key::list_every_token(pool).await.unwrap();
    assert_eq!(of_all, [(token.unwrap(), "Ada".to_owned())]);
    assert_eq!(
        api_key::find(pool, UserId::default(), &session)
            .await
            .unwrap(),
        None
    );
    let late = history.world.now() + TimeDelta::days(400);
    let ended = ended::<ApiKey>(pool, late, 1).await.unwrap();
    assert_eq!(ended, [listed[1].key.id.as_str()]);

    history.delete_key(&session, DeletionReason::Logout).await;
    history.settle().await;
    assert_eq!(found(&session).await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_use_is_noted_at_most_hourly() {
    let history = with_user().await;
    let key = history.key(Origin::Login, None).await;
    history.settle().await;
    let pool = history.projections.pool();
    let used = history.world.now();
    let noted = async |at| {
        let key_use = KeyUse {
            key_id: key.clone(),
            user_id: history.user_id(),
            used_at: at,
        };
        api_key::note_uses(pool, &[key_use]).await.unwrap();
        let found = api_key::find(pool, history.user_id(), &key).await;
        found.unwrap().unwrap()
    };
    assert_eq!(noted(used).await.last_used_at, Some(used));
    let found = noted(used + TimeDelta::minutes(59)).await;
    assert_eq!(found.last_used_at, Some(used));
    let later = used + TimeDelta::hours(1);
    assert_eq!(noted(later).await.last_used_at, Some(later));
    let seen = user::find(pool, UserRef::Id(history.user_id()))
        .await
        .unwrap()
        .unwrap()
        .last_seen_at;
    assert_eq!(seen, Some(later));
}

async fn listed_apps(pool: &PgPool) -> Vec<Shown<OAuth2App, OAuth2AppId>> {
    let listed = View::Now(pool).list(None, Page::default()).await;
    listed.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn apps_are_listed_by_name_without_regard_to_case_then_id() {
    let history = with_user().await;
    for name in ["beta", "Alpha", "alpha", "Gamma"] {
        history.app(name, false).await;
    }
    history.settle().await;
    let pool = history.projections.pool();
    let apps = listed_apps(pool).await;
    assert_eq!(
        apps.iter()
            .map(|client| client.thing.settings.name.as_str())
            .collect::<Vec<_>>(),
        ["Alpha", "alpha", "beta", "Gamma"]
    );
    history.rename_app(apps[2].id, "zeta").await;
    history.delete_app(apps[0].id).await;
    history.settle().await;
    let apps = listed_apps(pool).await;
    assert_eq!(
        apps.iter()
            .map(|client| client.thing.settings.name.as_str())
            .collect::<Vec<_>>(),
        ["alpha", "Gamma", "zeta"]
    );
    let other = RedirectUri::parse("http://localhost:9876/other").unwrap();
    assert_eq!(apps[2].thing.settings.redirect_uris, [other]);
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_are_listed_in_order_of_creation_and_found_by_prefix() {
    let history = with_user().await;
    let app = history.app("app", false).await;
    let (first, second) = (history.secret(app).await, history.secret(app).await);
    history.settle().await;
    let pool = history.projections.pool();
    let used = history.world.now();
    oauth2_app::touch_secret(pool, second, used).await.unwrap();
    let client = listed_apps(pool).await.remove(0);
    let secrets = oauth2_app::secrets(pool, &client.thing).await.unwrap();
    assert_eq!(
        secrets
            .iter()
            .map(|s| (s.id, s.last_used_at))
            .collect::<Vec<_>>(),
        [(first, None), (second, Some(used))]
    );

    assert_eq!(
        oauth2_app::app_of_secret(pool, second).await.unwrap(),
        Some(app)
    );

    history.delete_app(app).await;
    history.settle().await;
    assert_eq!(oauth2_app::app_of_secret(pool, second).await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_exclusive_grant_takes_the_place_of_the_codes_and_tokens_of_the_same_user_and_app()
{
    let history = with_user().await;
    let (user, other_user) = (history.user_id(), history.second_user().await);
    let (app, other_app) = (
        history.app("app", false).await,
        history.app("other", false).await,
    );
    let pool = history.projections.pool();
    let status = async |grant: &str| {
        history.settle().await;
        oauth2_grant::find(pool, grant)
            .await
            .unwrap()
            .unwrap()
            .status
    };

    let first = history.code(app, user, true).await;
    let bystanders = [
        history.code(app, other_user, true).await,
        history.code(other_app, user, true).await,
    ];
    let second = history.code(app, user, true).await;
    assert_eq!(status(&first).await, Status::Superseded);
    history.exchange(&second, app, None, VERIFIER).await;
    let third = history.code(app, user, true).await;
    assert_eq!(status(&second).await, Status::Exchanged);
    history.exchange(&third, app, None, VERIFIER).await;
    assert_eq!(status(&second).await, Status::Superseded);
    assert_eq!(status(&third).await, Status::Exchanged);
    for bystander in bystanders {
        assert_eq!(status(&bystander).await, Status::CodeIssued);
    }
    let live = oauth2_grant::list_live(pool, user, app).await.unwrap();
    assert_eq!(
        live.iter().map(|grant| &grant.id).collect::<Vec<_>>(),
        [&third]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn grants_that_are_not_exclusive_live_side_by_side() {
    let history = with_user().await;
    let app = history.app("app", true).await;
    let grants = [
        history.code(app, history.user_id(), false).await,
        history.code(app, history.user_id(), false).await,
    ];
    for grant in &grants {
        history.exchange(grant, app, None, VERIFIER).await;
    }
    history.settle().await;
    for grant in &grants {
        let found = oauth2_grant::find(history.projections.pool(), grant).await;
        assert_eq!(found.unwrap().unwrap().status, Status::Exchanged);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn deleting_a_secret_ends_the_grants_made_with_it_even_those_recorded_later() {
    let history = with_user().await;
    let app = history.app("app", true).await;
    let (leaked, lasting) = (history.secret(app).await, history.secret(app).await);
    let user = history.user_id();
    let (ended, kept, late) = (
        history.code(app, user, false).await,
        history.code(app, user, false).await,
        history.code(app, user, false).await,
    );
    let ended_key = history.exchange(&ended, app, Some(leaked), VERIFIER).await;
    history.exchange(&kept, app, Some(lasting), VERIFIER).await;
    history.delete_secret(app, leaked).await;
    history.refresh(&ended, app, &ended_key).await;
    history.exchange(&late, app, Some(leaked), VERIFIER).await;
    history.settle().await;
    let pool = history.projections.pool();
    for gone in [ended, late] {
        assert_eq!(oauth2_grant::find(pool, &gone).await.unwrap(), None);
    }
    assert!(oauth2_grant::find(pool, &kept).await.unwrap().is_some());
    crate::world::assert_verified(&history.projections).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_is_listed_the_apps_for_which_it_holds_live_tokens() {
    let history = with_user().await;
    let user = history.user_id();
    let (app, unused) = (
        history.app("used", false).await,
        history.app("unused", false).await,
    );
    history.code(unused, user, true).await;
    let grant = history.code(app, user, true).await;
    history.exchange(&grant, app, None, VERIFIER).await;
    history.settle().await;
    let pool = history.projections.pool();
    let now = history.world.now();
    let listed = async |user, now| -> Vec<OAuth2AppId> {
        oauth2_app::ids_of_user(pool, user, now).await.unwrap()
    };
    assert_eq!(listed(user, now).await, [app]);
    assert_eq!(
        listed(user, now + TimeDelta::days(31)).await,
        Vec::<OAuth2AppId>::new()
    );
    assert_eq!(
        listed(history.second_user().await, now).await,
        Vec::<OAuth2AppId>::new()
    );
    history.delete_app(app).await;
    history.settle().await;
    assert_eq!(listed(user, now).await, Vec::<OAuth2AppId>::new());
    assert_eq!(oauth2_grant::list_live(pool, user, app).await.unwrap(), []);
}
