//! Registrations that nobody uses would pile up: clients register anew, and never say that they are done.

use chancery_aggregates::oauth2_app::{Command, OAuth2App};
use chancery_projections::oauth2_app::unused_registrations;
use chrono::TimeDelta;

use crate::failure::Failure;
use crate::{Services, tidying};

/// How long a client that registered itself stays without a grant.
pub const UNUSED_KEPT: TimeDelta = TimeDelta::days(30);

/// Most apps that are looked at in one round.
const APPS_AT_ONCE: i64 = 1000;
/// Most apps that are deleted in one append: others wait for it.
const ENDED_AT_ONCE: usize = 100;

/// One who deletes unused registrations round by round.
#[derive(Debug, Default)]
pub struct RegistrationKeeper {
    /// The last app that was looked at.
    looked_at: String,
}

impl RegistrationKeeper {
    /// One round: deletes those clients among the next apps that registered themselves more than [`UNUSED_KEPT`] ago and have no
    /// grant. A client that comes back registers again.
    pub async fn tidy(&mut self, services: &Services) -> Result<(), Failure> {
        let (pool, now) = (services.pool(), services.clock().now());
        let before = now - UNUSED_KEPT;
        let after = &*self.looked_at;
        let looked = unused_registrations(pool, after, before, now, APPS_AT_ONCE).await?;
        for ids in looked.unused.chunks(ENDED_AT_ONCE) {
            tidying::clear::<OAuth2App>(services, ids, Command::DeleteOAuth2App).await?;
        }
        self.looked_at = looked.until.unwrap_or_default();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use chancery_aggregates::oauth2::client_metadata::PresentedMetadata;
    use chancery_aggregates::oauth2_app::OAuth2AppId;
    use serde_json::json;

    use super::*;
    use crate::oauth2_app::{
        NewOAuth2App, OAuth2AppForm, ShownSecret, authenticate_client, create, find_client,
        register,
    };
    use crate::oauth2_grant::{CodeShown, ConsentedRequest, exchange, issue};
    use crate::oauth2_settings::{self, OAuth2SettingsForm};
    use crate::secret::ExposeSecret as _;
    use crate::testing::World;

    async fn registered(world: &World) -> OAuth2AppId {
        let metadata = json!({
            "redirect_uris": ["http://localhost/callback"], "token_endpoint_auth_method": "none",
        });
        let presented: PresentedMetadata = serde_json::from_value(metadata).unwrap();
        register(&world.guest(), presented).await.unwrap().id
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_registration_without_a_grant_ends_after_a_month_and_others_stay() {
        let world = World::start().await;
        let owner = world.sign_in("owner").await;
        let open = OAuth2SettingsForm {
            dynamic_client_registration_enabled: Some(true),
            ..OAuth2SettingsForm::default()
        };
        oauth2_settings::change(&owner, open).await.unwrap();
        let by_hand = NewOAuth2App {
            form: OAuth2AppForm {
                name: "app".to_owned(),
                callback_url: "https://app.example.com/callback".to_owned(),
                ..OAuth2AppForm::default()
            },
            ..NewOAuth2App::default()
        };
        let by_hand = create(&owner, by_hand).await.unwrap().id;
        let (used, unused) = (registered(&world).await, registered(&world).await);
        let mut keeper = RegistrationKeeper::default();
        let is_there = async |id: OAuth2AppId| {
            let client = find_client(&world.services, id).await.unwrap();
            client.is_some()
        };
        world.clock.advance(UNUSED_KEPT - TimeDelta::hours(1));
        keeper.tidy(&world.services).await.unwrap();
        assert!(is_there(unused).await);

        let owner = world.sign_in("owner").await;
        let client = find_client(&world.services, used).await.unwrap().unwrap();
        let request = ConsentedRequest {
            redirect_uri: None,
            resource: None,
            code_challenge: None,
            scope: chancery_aggregates::oauth2::scope::Scope::default(),
            state_hash: None,
        };
        let owner = owner.into();
        let issued = issue(&owner, used, |_| Ok::<_, Infallible>((request.clone(), ())));
        let Ok((code, ())) = issued.await.unwrap();
        let shown = authenticate_client(world.guest(), client, &ShownSecret::Absent);
        let shown = shown.await.unwrap().unwrap();
        let code = CodeShown {
            code: chancery_aggregates::oauth2::secret_text::PrefixedSecret::parse(
                code.expose_secret(),
            )
            .unwrap(),
            redirect_uri: None,
            code_verifier: None,
            resource: None,
        };
        exchange(&shown, code).await.unwrap();
        world
            .services
            .wait_until_present_shows(&["oauth2_grant"])
            .await
            .unwrap();

        world.clock.advance(TimeDelta::hours(2));
        for _ in 0..2 {
            // The first round may only find the end of the apps.
            keeper.tidy(&world.services).await.unwrap();
        }
        assert!(!is_there(unused).await);
        assert!(is_there(used).await && is_there(by_hand).await);
    }
}
