use std::convert::Infallible;

use chancery_aggregates::oauth2::pkce::CodeVerifier;
use chancery_aggregates::oauth2::scope::Scope as OAuth2Scope;
use chancery_aggregates::oauth2::secret_text::{PrefixedSecret, PresentedApiKey};

use super::*;
use crate::Caller;
use crate::api_key::{NewToken, create_token};
use crate::authenticate::{Unauthenticated, authenticate};
use crate::oauth2_app::{
    self, AuthenticatedClient, Client, NewOAuth2App, OAuth2AppForm, ShownSecret,
    authenticate_client, find_client,
};
use crate::oauth2_grant::{
    CodeShown, ConsentedRequest, RefreshTokenShown, RevokedToken, Tokens, exchange, issue, refresh,
    revoke,
};
use crate::secret::{ExposeSecret as _, Secret};
use crate::testing::{PASSWORD, World};
use crate::user::{self, change_password, sign_out};

/// An app with a secret, as it asks for tokens.
async fn app(world: &World, owner: &Caller) -> (Client, AuthenticatedClient) {
    let new = NewOAuth2App {
        form: OAuth2AppForm {
            name: "app".to_owned(),
            callback_url: "https://app.example.com/callback".to_owned(),
            ..OAuth2AppForm::default()
        },
        ..NewOAuth2App::default()
    };
    let app = oauth2_app::create(owner, new).await.unwrap();
    let secret = oauth2_app::create_secret(owner, &app).await.unwrap();
    let secret = PrefixedSecret::parse(secret.text.expose_secret()).unwrap();
    let client = find_client(&world.services, app.id).await.unwrap().unwrap();
    let client = authenticate_client(world.guest(), client, &ShownSecret::Given(secret)).await;
    (app, client.unwrap().unwrap())
}

async fn tokens(user: &Caller, client: &AuthenticatedClient) -> Tokens {
    let request = ConsentedRequest {
        redirect_uri: None,
        resource: None,
        code_challenge: None,
        scope: OAuth2Scope::default(),
        state_hash: None,
    };
    let user = user.clone().into();
    let issued = issue(&user, client.client.id, |_| {
        Ok::<_, Infallible>((request.clone(), ()))
    });
    let Ok((code, ())) = issued.await.unwrap();
    let shown = CodeShown {
        code: PrefixedSecret::parse(code.expose_secret()).unwrap(),
        redirect_uri: None,
        code_verifier: None::<CodeVerifier>,
        resource: None,
    };
    exchange(client, shown).await.unwrap()
}

/// How a token is taken at every replica, at once.
async fn taken(worlds: &[&World], token: &Secret) -> Result<(), Failure> {
    let mut answers = Vec::new();
    for world in worlds {
        answers.push(authenticate(&world.guest(), token).await.map(drop));
    }
    let first = answers.remove(0);
    for other in answers {
        assert_eq!(format!("{other:?}"), format!("{first:?}"));
    }
    first
}

fn has_ended(answer: &Result<(), Failure>) -> bool {
    matches!(
        answer,
        Err(Failure::Unauthenticated(
            Unauthenticated::Ended | Unauthenticated::WrongSecret
        ))
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_ends_a_token_ends_it_at_every_replica_before_it_is_answered() {
    let here = World::start().await;
    let there = here.replica().await;
    let both = [&here, &there];
    let owner = here.sign_in("owner").await;
    let (_, client) = app(&here, &owner).await;

    let first = tokens(&owner, &client).await;
    taken(&both, &first.access_token).await.unwrap();
    // A newer grant of the same user and app takes its place.
    let second = tokens(&owner, &client).await;
    assert!(has_ended(&taken(&both, &first.access_token).await));
    // A refresh: the token before it is another's secret by then.
    let shown = RefreshTokenShown {
        refresh_token: PrefixedSecret::parse(second.refresh_token.expose_secret()).unwrap(),
        resource: None,
    };
    let third = refresh(&client, shown).await.unwrap();
    assert!(has_ended(&taken(&both, &second.access_token).await));
    taken(&both, &third.access_token).await.unwrap();
    // A revocation.
    let presented = PresentedApiKey::parse(third.access_token.expose_secret()).unwrap();
    revoke(&client, RevokedToken::Access(presented))
        .await
        .unwrap();
    assert!(has_ended(&taken(&both, &third.access_token).await));
    there.stop().await;
    here.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_ends_with_the_secret_and_the_app_that_it_was_made_with() {
    let here = World::start().await;
    let there = here.replica().await;
    let both = [&here, &there];
    let owner = here.sign_in("owner").await;
    let (app, client) = app(&here, &owner).await;
    let given = tokens(&owner, &client).await;
    taken(&both, &given.access_token).await.unwrap();
    let secret_id = client.secret_id.unwrap();
    oauth2_app::delete_secret(&owner, &app, secret_id)
        .await
        .unwrap();
    assert!(has_ended(&taken(&both, &given.access_token).await));
    let shown = RefreshTokenShown {
        refresh_token: PrefixedSecret::parse(given.refresh_token.expose_secret()).unwrap(),
        resource: None,
    };
    refresh(&client, shown).await.unwrap_err();
    there.stop().await;
    here.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_password_ends_all_that_was_handed_out_before_and_nothing_after() {
    let here = World::start().await;
    let there = here.replica().await;
    let both = [&here, &there];
    let owner = here.sign_in("owner").await;
    let ann = here.person(&owner, "ann").await;
    let by_ann = here.sign_in("ann").await;
    let token = create_token(&by_ann, &ann, NewToken::default())
        .await
        .unwrap();
    let (_, client) = app(&here, &owner).await;
    let given = tokens(&by_ann, &client).await;
    taken(&both, &token).await.unwrap();
    let (old, new) = (
        Secret::from(PASSWORD),
        Secret::from("Another-Horse-Battery-9"),
    );
    change_password(&by_ann, &ann, old, new.clone())
        .await
        .unwrap();
    assert!(has_ended(&taken(&both, &token).await));
    assert!(has_ended(&taken(&both, &given.access_token).await));
    let guest = there.guest();
    let session = user::sign_in(&guest, "ann@example.com", new).await.unwrap();
    taken(&both, &session).await.unwrap();
    there.stop().await;
    here.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_user_is_in_its_organizations_is_known_with_the_token() {
    let world = World::start().await;
    let owner = world.sign_in("owner").await;
    world.person(&owner, "ann").await;
    let ann = world.sign_in("ann").await;
    let default = world.services.deployment().default_organization_id;
    assert_eq!(ann.credential().user.organization_ids, [default]);
    assert_eq!(ann.credential().user.username, "ann");
    sign_out(&ann).await.unwrap();
    ann.confirm().await.unwrap_err();
    world.stop().await;
}
