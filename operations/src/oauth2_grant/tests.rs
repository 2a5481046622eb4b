use super::*;
use crate::Failure;
use crate::oauth2_app::{self, NewOAuth2App, OAuth2AppForm, find_client};
use crate::testing::World;
use crate::user::sign_out;

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_ended_after_it_was_looked_at_gives_no_code() {
    let world = World::start().await;
    let caller = world.sign_in("owner").await;
    let new = NewOAuth2App {
        form: OAuth2AppForm {
            name: "app".to_owned(),
            callback_url: "https://app.example.com/callback".to_owned(),
            ..OAuth2AppForm::default()
        },
        ..NewOAuth2App::default()
    };
    let app = oauth2_app::create(&caller, new).await.unwrap();
    let client = find_client(&world.services, app.id).await.unwrap().unwrap();
    let request = ConsentedRequest {
        redirect_uri: None,
        resource: None,
        code_challenge: None,
        scope: chancery_aggregates::oauth2::scope::Scope::default(),
        state_hash: None,
    };
    issue(&caller, &client, request.clone()).await.unwrap();
    sign_out(&caller).await.unwrap();
    let refused = issue(&caller, &client, request).await;
    assert!(
        matches!(refused, Err(Failure::Unauthenticated(_))),
        "{refused:?}"
    );
    world.stop().await;
}
