//! Records what no endpoint can bring about on demand: further users, and things that happened in the past.

use std::time::Duration;

use chancery_aggregates::email::Email;
use chancery_aggregates::login_type::LoginType;
use chancery_aggregates::name::{Name, RealName, TokenName};
use chancery_aggregates::oauth2::scope::Scope;
use chancery_aggregates::oauth2::secret_text::{HashedSecret, PrefixedSecret};
use chancery_aggregates::user::UserId;
use chancery_aggregates::{Noun, api_key, oauth2_grant, user};
use chancery_ledger::{CommandContext, EventMetadata, Ledger, LedgerConfig};
use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgPool;
use uuid::Uuid;

use super::{App, Server, Session, Tokens};

const WAIT_LIMIT: Duration = Duration::from_secs(10);
const POLL: Duration = Duration::from_millis(5);

/// A second appender on the server's ledger, as another replica would be.
pub struct Recorder<'a> {
    server: &'a Server,
    ledger: Ledger,
}

/// A grant whose refresh token was rotated.
pub struct Rotated {
    /// The refresh token that was exchanged.
    pub rotated_refresh_token: String,
    /// What it was exchanged for.
    pub current: Tokens,
}

/// A fresh secret of the test's own, with the hash that stands for it.
struct Fresh {
    text: String,
    hash: HashedSecret,
}

impl<'a> Recorder<'a> {
    /// Opens the ledger of `server`.
    pub async fn open(server: &'a Server) -> Self {
        let types = chancery_projections::stream_types();
        let options = server.database().options();
        let ledger = Ledger::open(
            options,
            server.pool().clone(),
            types,
            LedgerConfig::default(),
        )
        .await;
        Self {
            server,
            ledger: ledger.expect("the server's ledger should open"),
        }
    }

    /// Makes a user without any role, and a session for it.
    pub async fn member(&self, username: &str) -> Session<'a> {
        let user_id = UserId::new(self.uuid().await);
        let now = self.now().await;
        let create = user::Command::CreateUser {
            username: Name::username(username).unwrap(),
            email: Email::parse(&format!("{username}@example.com")).unwrap(),
            name: RealName::default(),
            login_type: LoginType::None,
            status: user::Status::Active,
            roles: Vec::new(),
            hashed_password: None,
        };
        self.record::<user::User>(&user_id.to_string(), create, now)
            .await;

        let (id, secret) = (self.text(10).await, self.secret(22).await);
        let create = api_key::ApiKey {
            user_id,
            credential_generation: 0,
            origin: api_key::Origin::Login,
            login_type: LoginType::Password,
            scope: api_key::Scope::All,
            token_name: TokenName::default(),
            hashed_secret: secret.hash,
            lifetime_seconds: 24 * 3600,
            expires_at: now + TimeDelta::days(1),
        };
        self.record::<api_key::ApiKey>(&id, api_key::Command::CreateApiKey(create), now)
            .await;
        Session::of(self.server, format!("{id}-{}", secret.text)).await
    }

    /// A code that expired a minute ago.
    pub async fn expired_code(&self, app: &App, user: &Session<'_>) -> String {
        let issued_at = self.now().await - TimeDelta::minutes(11);
        let (id, code) = self.issue(app, user, issued_at).await;
        PrefixedSecret::text(&id, &code.text)
    }

    /// Tokens issued forty days ago, both expired.
    pub async fn expired_tokens(&self, app: &App, user: &Session<'_>) -> Tokens {
        let issued_at = self.now().await - TimeDelta::days(40);
        self.exchange(app, user, issued_at).await.1
    }

    /// A grant whose refresh token was rotated a minute ago.
    pub async fn rotated_a_minute_ago(&self, app: &App, user: &Session<'_>) -> Rotated {
        let refreshed_at = self.now().await - TimeDelta::minutes(1);
        let (id, first) = self
            .exchange(app, user, refreshed_at - TimeDelta::minutes(1))
            .await;
        let (access, refresh) = (self.secret(22).await, self.secret(40).await);
        let command = oauth2_grant::Refresh {
            presented_refresh_token: PrefixedSecret::parse(&first.refresh_token).unwrap().hash,
            app_id: app.id.parse().unwrap(),
            resource: None,
            hashed_secret: access.hash,
            hashed_refresh_token: refresh.hash,
            access_token_expires_at: refreshed_at + TimeDelta::days(1),
            refresh_token_expires_at: refreshed_at + TimeDelta::days(30),
            now: refreshed_at,
        };
        let command = oauth2_grant::Command::Refresh(command);
        self.record::<oauth2_grant::OAuth2Grant>(&id, command, refreshed_at)
            .await;
        Rotated {
            rotated_refresh_token: first.refresh_token,
            current: tokens(&id, &access.text, &refresh.text),
        }
    }

    async fn issue(
        &self,
        app: &App,
        user: &Session<'_>,
        issued_at: DateTime<Utc>,
    ) -> (String, Fresh) {
        let (id, code) = (self.text(10).await, self.secret(40).await);
        let command = oauth2_grant::IssueCode {
            app_id: app.id.parse().unwrap(),
            user_id: user.user_id.parse().unwrap(),
            credential_generation: 0,
            hashed_code: code.hash.clone(),
            redirect_uri: None,
            resource_uri: None,
            code_challenge: None,
            scope: Scope::default(),
            state_hash: None,
            exclusive: true,
            code_expires_at: issued_at + TimeDelta::minutes(10),
            issued_at,
        };
        let command = oauth2_grant::Command::IssueCode(command);
        self.record::<oauth2_grant::OAuth2Grant>(&id, command, issued_at)
            .await;
        (id, code)
    }

    async fn exchange(&self, app: &App, user: &Session<'_>, at: DateTime<Utc>) -> (String, Tokens) {
        let (id, code) = self.issue(app, user, at).await;
        let (access, refresh) = (self.secret(22).await, self.secret(40).await);
        let command = oauth2_grant::Exchange {
            presented_code: code.hash,
            app_id: app.id.parse().unwrap(),
            app_secret_id: Some(app.secret_id.parse().unwrap()),
            redirect_uri: None,
            code_verifier: None,
            resource: None,
            hashed_secret: access.hash,
            hashed_refresh_token: refresh.hash,
            access_token_expires_at: at + TimeDelta::days(1),
            refresh_token_expires_at: at + TimeDelta::days(30),
            now: at,
        };
        let command = oauth2_grant::Command::Exchange(command);
        self.record::<oauth2_grant::OAuth2Grant>(&id, command, at)
            .await;
        let tokens = tokens(&id, &access.text, &refresh.text);
        (id, tokens)
    }

    /// Carries out a command and waits until the server's read models know of it.
    async fn record<A: Noun>(&self, id: &str, command: A::Command, now: DateTime<Utc>)
    where
        A::Error: std::fmt::Debug,
    {
        let context = CommandContext {
            metadata: EventMetadata::default(),
            now,
            append_id: self.uuid().await,
        };
        let executed = self.ledger.execute::<A>(id, command, &context).await;
        let position = executed
            .expect("the command should be carried out")
            .position;
        let position = position.expect("the command should record something").0;
        tokio::time::timeout(WAIT_LIMIT, reached(self.server.pool(), A::TYPE, position))
            .await
            .expect("the read models should catch up");
    }

    async fn now(&self) -> DateTime<Utc> {
        let now = sqlx::query_scalar("SELECT now()").fetch_one(self.server.pool());
        now.await.expect("the time")
    }

    async fn uuid(&self) -> Uuid {
        let uuid = sqlx::query_scalar("SELECT gen_random_uuid()").fetch_one(self.server.pool());
        uuid.await.expect("a random UUID")
    }

    /// Random alphanumeric text of up to 64 characters.
    async fn text(&self, length: usize) -> String {
        let mut text =
            self.uuid().await.simple().to_string() + &self.uuid().await.simple().to_string();
        text.truncate(length);
        text
    }

    async fn secret(&self, length: usize) -> Fresh {
        let text = self.text(length).await;
        Fresh {
            hash: HashedSecret::of(&text),
            text,
        }
    }
}

fn tokens(grant_id: &str, access: &str, refresh: &str) -> Tokens {
    Tokens {
        access_token: format!("{grant_id}-{access}"),
        refresh_token: PrefixedSecret::text(grant_id, refresh),
        token_type: "Bearer".to_owned(),
        expires_in: 0,
    }
}

/// Returns when the projection named like the aggregate, and the audit trail, have applied the events up to `position`.
async fn reached(pool: &PgPool, aggregate_type: &str, position: i64) {
    loop {
        let slowest: Option<i64> = sqlx::query_scalar(
            "SELECT min(position) FROM public.projection_checkpoints WHERE slot = 'live' AND name IN ($1, 'audit')",
        )
        .bind(aggregate_type)
        .fetch_one(pool)
        .await
        .expect("the checkpoints");
        if slowest.is_some_and(|slowest| slowest >= position) {
            return;
        }
        tokio::time::sleep(POLL).await;
    }
}
