//! A deployment with a user, and what happens to its apps, grants and keys.

use std::sync::{Arc, OnceLock};

use chancery_aggregates::api_key::{self, ApiKey, DeletionReason, Origin};
use chancery_aggregates::email::Email;
use chancery_aggregates::login_refusal::{self, LoginRefusal};
use chancery_aggregates::login_type::LoginType;
use chancery_aggregates::name::{DisplayName, Name, RealName, TokenName};
use chancery_aggregates::oauth2::pkce::{CodeChallenge, CodeVerifier, challenge_of};
use chancery_aggregates::oauth2::redirect_uri::RedirectUri;
use chancery_aggregates::oauth2::resource::Resource;
use chancery_aggregates::oauth2::scope::Scope;
use chancery_aggregates::oauth2::secret_text::HashedSecret;
use chancery_aggregates::oauth2_app::{
    self, AppSecret, AppSecretId, ClientType, OAuth2App, OAuth2AppId, Settings,
    TokenEndpointAuthMethod,
};
use chancery_aggregates::oauth2_grant::{
    self, Exchange, IssueCode, OAuth2Grant, Refresh, RevocationReason,
};
use chancery_aggregates::organization::{self, Organization, OrganizationId, Profile};
use chancery_aggregates::organization_member::{self, OrganizationMember};
use chancery_aggregates::password_hash::PasswordHash;
use chancery_aggregates::text::FreeText;
use chancery_aggregates::user::{self, Status, User, UserId};
use chancery_ledger::{CommandContext, Position};
use chancery_projections::{Projection, Projections};
use chrono::TimeDelta;

use crate::world::World;

pub const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub const RESOURCE: &str = "https://mcp.example.org/";

fn app_settings(name: &str, redirect_uris: Vec<RedirectUri>) -> Settings {
    Settings {
        name: Name::oauth2_app(name).unwrap(),
        callback_url: RedirectUri::parse("http://localhost:9876/callback").unwrap(),
        icon: FreeText::parse("/app.png").unwrap(),
        redirect_uris,
    }
}

pub struct History {
    pub world: World,
    pub projections: Projections,
    pub user: OnceLock<UserId>,
    pub organization: OnceLock<OrganizationId>,
}

impl History {
    pub async fn new(projections: Vec<Arc<dyn Projection>>) -> Self {
        Self::of(World::new().await, projections).await
    }

    pub async fn of(world: World, projections: Vec<Arc<dyn Projection>>) -> Self {
        let projections = world.start(projections).await;
        Self::with(world, projections)
    }

    pub fn with(world: World, projections: Projections) -> Self {
        Self {
            world,
            projections,
            user: OnceLock::new(),
            organization: OnceLock::new(),
        }
    }

    /// Waits until everything recorded is reflected by every projection.
    pub async fn settle(&self) {
        let names: Vec<_> = self.projections.names().collect();
        self.projections
            .wait_for_all(&names, self.world.ledger.head())
            .await
            .unwrap();
    }

    pub fn user_id(&self) -> UserId {
        *self.user.get().unwrap()
    }

    /// A context in which the first user acts.
    pub fn by_user(&self) -> CommandContext {
        let mut context = self.world.context();
        context.metadata.actor_kind = Some("user".to_owned());
        context.metadata.actor_id = Some(self.user_id().to_string());
        context.metadata.actor_name = Some("Ada".to_owned());
        context
    }

    /// An id of ten characters.
    pub fn short_id(&self) -> String {
        format!("{:010}", self.world.uuid().as_u128() & 0xffff_ffff)
    }

    pub async fn first_user(&self) -> UserId {
        let world = &self.world;
        let user_id: UserId = world.id();
        let organization_id: OrganizationId = world.id();
        let create = organization::Command::CreateOrganization(Organization {
            profile: Profile {
                name: Name::organization("Chancery").unwrap(),
                display_name: DisplayName::parse("The Chancery").unwrap(),
                description: FreeText::parse("keeps the rolls").unwrap(),
                icon: FreeText::parse("/icon.png").unwrap(),
            },
            is_default: true,
        });
        world
            .execute::<Organization>(&organization_id.to_string(), create)
            .await;
        let create = user::Command::CreateUser {
            username: Name::username("Ada").unwrap(),
            email: Email::parse("Ada@example.org").unwrap(),
            name: RealName::parse("Ada Lovelace").unwrap(),
            login_type: LoginType::Password,
            status: Status::Dormant,
            roles: vec!["owner".to_owned()],
            hashed_password: Some(PasswordHash::from_phc("$argon2id$v=19$x".to_owned()).unwrap()),
        };
        world.execute::<User>(&user_id.to_string(), create).await;
        let add = organization_member::Command::AddOrganizationMember {
            organization_id,
            user_id,
            roles: Vec::new(),
        };
        world
            .execute::<OrganizationMember>(&format!("{organization_id}:{user_id}"), add)
            .await;
        self.user.set(user_id).unwrap();
        self.organization.set(organization_id).unwrap();
        user_id
    }

    pub async fn second_user(&self) -> UserId {
        let user_id: UserId = self.world.id();
        let create = user::Command::CreateUser {
            username: Name::username("grace").unwrap(),
            email: Email::parse("grace@example.org").unwrap(),
            name: RealName::parse("").unwrap(),
            login_type: LoginType::None,
            status: Status::Active,
            roles: Vec::new(),
            hashed_password: None,
        };
        self.world
            .execute::<User>(&user_id.to_string(), create)
            .await;
        user_id
    }

    pub async fn activate(&self) {
        let user = self.user_id().to_string();
        self.world
            .execute::<User>(&user, user::Command::ActivateUser)
            .await;
    }

    pub async fn change_password(&self) {
        let hashed_password = PasswordHash::from_phc("$argon2id$v=19$y".to_owned()).unwrap();
        let change = user::Command::ChangePassword { hashed_password };
        self.world
            .execute_by::<User>(&self.by_user(), &self.user_id().to_string(), change)
            .await;
    }

    pub async fn refused_login(&self, user_id: Option<UserId>, reason: login_refusal::Reason) {
        let command = login_refusal::Command::RefuseLogin {
            email: "Ada@example.org".to_owned().into(),
            user_id,
            reason,
        };
        self.world
            .execute::<LoginRefusal>(&self.world.id::<LoginRefusal>().to_string(), command)
            .await;
    }

    pub async fn key(&self, origin: Origin, token_name: Option<&str>) -> String {
        self.key_of_generation(origin, token_name, 0).await
    }

    /// A key made after the password was changed so many times.
    pub async fn key_of_generation(
        &self,
        origin: Origin,
        token_name: Option<&str>,
        credential_generation: u32,
    ) -> String {
        let id = self.short_id();
        let create = ApiKey {
            user_id: self.user_id(),
            credential_generation,
            origin,
            login_type: match origin {
                Origin::Login => LoginType::Password,
                Origin::Token => LoginType::Token,
            },
            scope: api_key::Scope::All,
            token_name: token_name
                .map_or_else(TokenName::default, |name| TokenName::parse(name).unwrap()),
            hashed_secret: HashedSecret::of(&id),
            lifetime_seconds: 86_400,
            expires_at: self.world.now() + TimeDelta::days(1),
        };
        self.world
            .execute::<ApiKey>(&id, api_key::Command::CreateApiKey(create))
            .await;
        id
    }

    pub async fn extend_key(&self, id: &str) {
        let now = self.world.now();
        let extend = api_key::Command::ExtendApiKey {
            expires_at: now + TimeDelta::days(2),
            now,
        };
        self.world.execute::<ApiKey>(id, extend).await;
    }

    pub async fn delete_key(&self, id: &str, reason: DeletionReason) -> Position {
        self.world
            .execute_by::<ApiKey>(
                &self.by_user(),
                id,
                api_key::Command::DeleteApiKey { reason },
            )
            .await
    }

    pub async fn app(&self, name: &str, allow_multiple_grants: bool) -> OAuth2AppId {
        let id: OAuth2AppId = self.world.id();
        let create = OAuth2App {
            settings: app_settings(name, Vec::new()),
            client_type: ClientType::Confidential,
            token_endpoint_auth_method: TokenEndpointAuthMethod::ClientSecretPost,
            require_pkce: false,
            allow_multiple_grants,
            registration: None,
            secrets: Vec::new(),
        };
        let command = oauth2_app::Command::CreateOAuth2App(create);
        self.world
            .execute_by::<OAuth2App>(&self.by_user(), &id.to_string(), command)
            .await;
        id
    }

    pub async fn rename_app(&self, id: OAuth2AppId, name: &str) {
        let other = RedirectUri::parse("http://localhost:9876/other").unwrap();
        let update = oauth2_app::Command::UpdateOAuth2App(app_settings(name, vec![other]));
        self.world
            .execute_by::<OAuth2App>(&self.by_user(), &id.to_string(), update)
            .await;
    }

    pub async fn delete_app(&self, id: OAuth2AppId) -> Position {
        let command = oauth2_app::Command::DeleteOAuth2App;
        self.world
            .execute_by::<OAuth2App>(&self.by_user(), &id.to_string(), command)
            .await
    }

    pub async fn secret(&self, app_id: OAuth2AppId) -> AppSecretId {
        let secret_id = self.world.id();
        let create = oauth2_app::Command::CreateOAuth2AppSecret(AppSecret {
            secret_id,
            secret_prefix: self.short_id(),
            hashed_secret: HashedSecret::of(&secret_id.to_string()),
            display_secret: "abcdef".to_owned(),
            created_at: self.world.now(),
        });
        self.world
            .execute_by::<OAuth2App>(&self.by_user(), &app_id.to_string(), create)
            .await;
        secret_id
    }

    pub async fn delete_secret(&self, app_id: OAuth2AppId, secret_id: AppSecretId) -> Position {
        let command = oauth2_app::Command::DeleteOAuth2AppSecret { secret_id };
        self.world
            .execute_by::<OAuth2App>(&self.by_user(), &app_id.to_string(), command)
            .await
    }

    pub async fn code(&self, app_id: OAuth2AppId, user_id: UserId, exclusive: bool) -> String {
        let id = self.short_id();
        let now = self.world.now();
        let challenge = challenge_of(VERIFIER);
        let issue = IssueCode {
            app_id,
            user_id,
            credential_generation: 0,
            hashed_code: HashedSecret::of(&id),
            redirect_uri: None,
            resource_uri: Some(Resource::parse(RESOURCE).unwrap()),
            code_challenge: CodeChallenge::from_parameters(Some(&challenge), Some("S256")).unwrap(),
            scope: Scope::parse("all").unwrap(),
            state_hash: None,
            exclusive,
            code_expires_at: now + TimeDelta::minutes(10),
            issued_at: now,
        };
        let command = oauth2_grant::Command::IssueCode(issue);
        self.world
            .execute_by::<OAuth2Grant>(&self.by_user(), &id, command)
            .await;
        id
    }

    /// Exchanges a code with this verifier; returns the id of the access token that a right one gives.
    pub async fn exchange(
        &self,
        grant: &str,
        app_id: OAuth2AppId,
        secret_id: Option<AppSecretId>,
        verifier: &str,
    ) -> String {
        let now = self.world.now();
        let api_key_id = self.short_id();
        let exchange = Exchange {
            presented_code: HashedSecret::of(grant),
            app_id,
            app_secret_id: secret_id,
            redirect_uri: None,
            code_verifier: Some(CodeVerifier::new(verifier)),
            resource: Some(RESOURCE.to_owned()),
            hashed_secret: HashedSecret::of(&api_key_id),
            hashed_refresh_token: HashedSecret::of(&format!("{api_key_id}-refresh")),
            access_token_expires_at: now + TimeDelta::days(1),
            refresh_token_expires_at: now + TimeDelta::days(30),
            now,
        };
        let command = oauth2_grant::Command::Exchange(exchange);
        self.world
            .execute_by::<OAuth2Grant>(&self.by_app(app_id), grant, command)
            .await;
        api_key_id
    }

    /// Refreshes with the refresh token that came with an access token; returns the id of the access token that it
    /// gives.
    pub async fn refresh(&self, grant: &str, app_id: OAuth2AppId, previous: &str) -> String {
        let now = self.world.now();
        let api_key_id = self.short_id();
        let refresh = Refresh {
            presented_refresh_token: HashedSecret::of(&format!("{previous}-refresh")),
            app_id,
            resource: None,
            hashed_secret: HashedSecret::of(&api_key_id),
            hashed_refresh_token: HashedSecret::of(&format!("{api_key_id}-refresh")),
            access_token_expires_at: now + TimeDelta::days(1),
            refresh_token_expires_at: now + TimeDelta::days(30),
            now,
        };
        let command = oauth2_grant::Command::Refresh(refresh);
        self.world
            .execute_by::<OAuth2Grant>(&self.by_app(app_id), grant, command)
            .await;
        api_key_id
    }

    pub async fn revoke(&self, grant: &str) -> Position {
        let command = oauth2_grant::Command::Revoke {
            reason: RevocationReason::UserRequest,
        };
        self.world
            .execute_by::<OAuth2Grant>(&self.by_user(), grant, command)
            .await
    }

    fn by_app(&self, app_id: OAuth2AppId) -> CommandContext {
        let mut context = self.world.context();
        context.metadata.actor_kind = Some("oauth2_app".to_owned());
        context.metadata.actor_id = Some(app_id.to_string());
        context
    }

    /// Everything that can happen to an app, its secrets and grants, and to some keys.
    pub async fn lifetime_of_an_app(&self) -> Position {
        let user = self.user_id();
        let session = self.key(Origin::Login, None).await;
        self.extend_key(&session).await;
        let token = self
            .key(Origin::Token, Some(&format!("token-{}", self.short_id())))
            .await;
        let (kept, deleted) = (
            self.app("kept", false).await,
            self.app("deleted", true).await,
        );
        let (lasting, leaked) = (self.secret(kept).await, self.secret(kept).await);
        self.rename_app(kept, "renamed").await;

        let superseded = self.code(kept, user, true).await;
        let first = self.code(kept, user, true).await;
        self.exchange(&first, kept, Some(lasting), "wrong").await;
        let first_key = self.exchange(&first, kept, Some(lasting), VERIFIER).await;
        self.refresh(&first, kept, &first_key).await;
        let second = self.code(kept, user, true).await;
        self.exchange(&second, kept, Some(leaked), VERIFIER).await;
        let third = self.code(kept, user, true).await;
        self.exchange(&third, kept, Some(lasting), VERIFIER).await;
        self.exchange(&third, kept, Some(lasting), VERIFIER).await;
        self.revoke(&superseded).await;

        let parallel = [
            self.code(deleted, user, false).await,
            self.code(deleted, user, false).await,
        ];
        for grant in &parallel {
            let key = self.exchange(grant, deleted, None, VERIFIER).await;
            self.refresh(grant, deleted, &key).await;
        }
        self.revoke(&parallel[0]).await;
        self.delete_secret(kept, leaked).await;
        self.delete_app(deleted).await;
        // Recorded at the same time as the deletion, as far as the streams can tell.
        let ghost = self.code(deleted, user, false).await;
        self.exchange(&ghost, deleted, None, VERIFIER).await;
        self.delete_key(&session, DeletionReason::Logout).await;
        self.delete_key(&token, DeletionReason::Deleted).await
    }
}
