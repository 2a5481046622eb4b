use std::convert::Infallible;

use chancery_aggregates::oauth2::scope::Scope;

use super::*;
use crate::Failure;
use crate::authenticate::{Presumed, authenticate, presume};
use crate::oauth2_app::{self, NewOAuth2App, OAuth2AppForm, find_client};
use crate::secret::Secret;
use crate::testing::{PASSWORD, World};
use crate::user::{sign_in, sign_out};
use crate::{Caller, oauth2_app::Client};

async fn client(world: &World, caller: &Caller) -> Client {
    let new = NewOAuth2App {
        form: OAuth2AppForm {
            name: "app".to_owned(),
            callback_url: "https://app.example.com/callback".to_owned(),
            ..OAuth2AppForm::default()
        },
        ..NewOAuth2App::default()
    };
    let app = oauth2_app::create(caller, new).await.unwrap();
    find_client(&world.services, app.id).await.unwrap().unwrap()
}

fn request() -> ConsentedRequest {
    ConsentedRequest {
        redirect_uri: None,
        resource: None,
        code_challenge: None,
        scope: Scope::default(),
        state_hash: None,
    }
}

async fn code(presumed: &Presumed, client: &Client) -> Result<Secret, Failure> {
    let issued = issue(presumed, client.id, |_| {
        Ok::<_, Infallible>((request(), ()))
    })
    .await?;
    let Ok((code, ())) = issued;
    Ok(code)
}

fn assert_signed_out(refused: &Result<Secret, Failure>) {
    assert!(
        matches!(refused, Err(Failure::Unauthenticated(_))),
        "{refused:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_ended_after_it_was_looked_at_gives_no_code() {
    let world = World::start().await;
    let caller = world.sign_in("owner").await;
    let client = client(&world, &caller).await;
    code(&caller.clone().into(), &client).await.unwrap();
    sign_out(&caller).await.unwrap();
    assert_signed_out(&code(&caller.into(), &client).await);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_ended_at_another_server_is_presumed_good_and_gives_no_code() {
    let world = World::start().await;
    let guest = world.guest();
    let token = sign_in(&guest, "owner@example.com", Secret::from(PASSWORD))
        .await
        .unwrap();
    let here = authenticate(&guest, &token).await.unwrap();
    let client = client(&world, &here).await;
    let elsewhere = world.replica().await;
    let there = authenticate(&elsewhere.guest(), &token).await.unwrap();
    sign_out(&here).await.unwrap();
    // The other server may not have read of it yet: whether or not it has, no code is given.
    match presume(&elsewhere.guest(), &token).await {
        Ok(presumed) => assert_signed_out(&code(&presumed, &client).await),
        Err(failure) => assert!(matches!(failure, Failure::Unauthenticated(_))),
    }
    assert_signed_out(&code(&there.into(), &client).await);
    elsewhere.stop().await;
    world.stop().await;
}
