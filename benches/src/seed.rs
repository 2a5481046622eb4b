//! What a log holds before it is measured on: the virtual clients' users with a session each, then a history of more users
//! and their exchanges. The same events every time but for the deployment's own ids.

use std::fmt::Display;

use anyhow::Context;
use chancery_aggregates::login_type::LoginType;
use chancery_aggregates::name::TokenName;
use chancery_aggregates::oauth2::secret_text::HashedSecret;
use chancery_aggregates::oauth2_app::{AppSecretId, OAuth2AppId};
use chancery_aggregates::oauth2_grant::{ExchangeRefusal, Exclusive, OAuth2Grant};
use chancery_aggregates::organization::OrganizationId;
use chancery_aggregates::organization_member::OrganizationMember;
use chancery_aggregates::user::{User, UserId};
use chancery_aggregates::{Personal, api_key, oauth2_grant, organization_member, user};
use chancery_ledger::EventMetadata;
use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgConnection;

use crate::deployment::Deployment;
use crate::journal::{self, Journal};
use crate::names;
use crate::plan::MOST_CLIENTS;

const EXCHANGES_PER_USER: usize = 10;
const REFRESHED_EVERY: usize = 4;
const REFUSED_EVERY: usize = 20;
const SESSION_SECONDS: i64 = 24 * 3600;
const RESOURCE: &str = "https://mcp.example.com/mcp";

/// Adds the virtual clients' users, then history until the log holds `events`. Returns the clients' session tokens.
pub async fn seed(
    connection: &mut PgConnection,
    deployment: &Deployment,
    events: i64,
) -> anyhow::Result<Vec<String>> {
    let history = History {
        app: deployment
            .app
            .client_id
            .parse()
            .context("the app's id is no UUID")?,
        secret: deployment
            .secret_id
            .parse()
            .context("the secret's id is no UUID")?,
        organization: deployment
            .organization_id
            .parse()
            .context("the organization's id is no UUID")?,
    };
    let mut users = 0;
    journal::append(connection, |journal| {
        if users >= MOST_CLIENTS && journal.position() >= events {
            return Ok(false);
        }
        history.user(journal, users)?;
        if users >= MOST_CLIENTS {
            for exchange in 0..EXCHANGES_PER_USER {
                history.exchange(journal, users, exchange)?;
            }
        }
        users += 1;
        Ok(true)
    })
    .await?;
    Ok((0..MOST_CLIENTS).map(session_token).collect())
}

/// A user who has joined the organization, in one append.
pub fn record_user(
    journal: &mut Journal,
    organization_id: OrganizationId,
    number: usize,
    login_type: LoginType,
    by: &EventMetadata,
) -> anyhow::Result<()> {
    let user_id = user_id(number);
    let created = user::Event::UserCreated {
        username: Personal::new(format!("user-{number}")),
        email: Personal::new(format!("user-{number}@bench.example")),
        name: Personal::new(format!("User Number {number}")),
        login_type,
        status: user::Status::Active,
        roles: Vec::new(),
        hashed_password: None,
    };
    let added = organization_member::Event::OrganizationMemberAdded {
        organization_id,
        user_id,
        roles: Vec::new(),
    };
    let append = names::uuid("append of user", number);
    journal.next_append();
    journal.record::<User>(append, &user_id.to_string(), 1, &created, by)?;
    let member = format!("{organization_id}:{user_id}");
    journal.record::<OrganizationMember>(append, &member, 1, &added, by)
}

struct History {
    app: OAuth2AppId,
    secret: AppSecretId,
    organization: OrganizationId,
}

impl History {
    /// A user who has joined the organization and signed in.
    fn user(&self, journal: &mut Journal, number: usize) -> anyhow::Result<()> {
        let user_id = user_id(number);
        let by = metadata("user", self.app, "/api/v2/users", number);
        record_user(journal, self.organization, number, LoginType::Password, &by)?;

        let now = journal.next_append();
        let session = api_key::Event::ApiKeyCreated(api_key::ApiKey {
            user_id,
            credential_generation: 0,
            origin: api_key::Origin::Login,
            login_type: LoginType::Password,
            scope: api_key::Scope::All,
            token_name: TokenName::default(),
            hashed_secret: HashedSecret::of(&names::text("session secret", number, 22)),
            lifetime_seconds: SESSION_SECONDS,
            expires_at: now + TimeDelta::seconds(SESSION_SECONDS),
        });
        let append = names::uuid("append of session", number);
        let id = names::text("session", number, 10);
        let metadata = metadata_of_user(user_id, "/api/v2/users/login", number);
        journal.record::<api_key::ApiKey>(append, &id, 1, &session, &metadata)
    }

    /// An authorization of the user with this number, exchanged; some are refused first, some refreshed afterwards.
    fn exchange(&self, journal: &mut Journal, user: usize, exchange: usize) -> anyhow::Result<()> {
        let number = user * EXCHANGES_PER_USER + exchange;
        let user_id = user_id(user);
        let id = names::text("grant", number, 10);
        let mut stream = Stream {
            journal,
            id: &id,
            number,
            sequence: 0,
        };
        let by_user = metadata_of_user(user_id, "/oauth2/authorize", number);
        let by_app = metadata("oauth2_app", self.app, "/oauth2/tokens", number);

        stream.record(&by_user, |now| self.code_issued(user_id, number, now))?;
        if number.is_multiple_of(REFUSED_EVERY) {
            stream.record(&by_app, |_| oauth2_grant::Event::ExchangeRefused {
                app_id: self.app,
                user_id,
                reason: ExchangeRefusal::WrongVerifier,
            })?;
        }
        stream.record(&by_app, |now| self.code_exchanged(user_id, number, now))?;
        if number.is_multiple_of(REFRESHED_EVERY) {
            stream.record(&by_app, |now| self.token_refreshed(user_id, number, now))?;
        }
        Ok(())
    }

    fn code_issued(
        &self,
        user_id: UserId,
        number: usize,
        now: DateTime<Utc>,
    ) -> oauth2_grant::Event {
        oauth2_grant::Event::CodeIssued {
            app_id: self.app,
            user_id,
            credential_generation: 0,
            hashed_code: HashedSecret::of(&names::text("code", number, 40)),
            redirect_uri: Some("http://127.0.0.1:9876/callback".to_owned()),
            resource_uri: Some(RESOURCE.to_owned()),
            code_challenge: Some(names::text("challenge", number, 43)),
            code_challenge_method: Some("S256".to_owned()),
            scope: String::new(),
            state_hash: Some(HashedSecret::of(&names::text("state", number, 43))),
            exclusive: Exclusive::PerResource,
            code_expires_at: now + TimeDelta::minutes(10),
            issued_at: now,
        }
    }

    fn code_exchanged(
        &self,
        user_id: UserId,
        number: usize,
        now: DateTime<Utc>,
    ) -> oauth2_grant::Event {
        oauth2_grant::Event::CodeExchanged {
            app_id: self.app,
            user_id,
            app_secret_id: Some(self.secret),
            hashed_secret: HashedSecret::of(&names::text("token secret", number, 22)),
            hashed_refresh_token: HashedSecret::of(&names::text("refresh token", number, 40)),
            audience: Some(RESOURCE.to_owned()),
            scope: String::new(),
            access_token_expires_at: now + TimeDelta::hours(1),
            refresh_token_expires_at: now + TimeDelta::days(30),
            exclusive: Exclusive::PerResource,
            exchanged_at: now,
        }
    }

    fn token_refreshed(
        &self,
        user_id: UserId,
        number: usize,
        now: DateTime<Utc>,
    ) -> oauth2_grant::Event {
        oauth2_grant::Event::TokenRefreshed {
            app_id: self.app,
            user_id,
            hashed_secret: HashedSecret::of(&names::text("refreshed token secret", number, 22)),
            hashed_refresh_token: HashedSecret::of(&names::text(
                "rotated refresh token",
                number,
                40,
            )),
            audience: Some(RESOURCE.to_owned()),
            scope: String::new(),
            access_token_expires_at: now + TimeDelta::hours(1),
            refresh_token_expires_at: now + TimeDelta::days(30),
            exclusive: Exclusive::PerResource,
            refreshed_at: now,
        }
    }
}

/// One grant's stream on its way into the journal, an append for each event.
struct Stream<'a> {
    journal: &'a mut Journal,
    id: &'a str,
    number: usize,
    sequence: i64,
}

impl Stream<'_> {
    fn record(
        &mut self,
        metadata: &EventMetadata,
        event: impl FnOnce(DateTime<Utc>) -> oauth2_grant::Event,
    ) -> anyhow::Result<()> {
        self.sequence += 1;
        let append = names::uuid(&format!("append {} of grant", self.sequence), self.number);
        let event = event(self.journal.next_append());
        self.journal
            .record::<OAuth2Grant>(append, self.id, self.sequence, &event, metadata)
    }
}

/// The id of the user with this number.
pub fn user_id(number: usize) -> UserId {
    names::uuid("user", number).into()
}

fn session_token(number: usize) -> String {
    let id = names::text("session", number, 10);
    format!("{id}-{}", names::text("session secret", number, 22))
}

fn metadata_of_user(user_id: UserId, route: &str, number: usize) -> EventMetadata {
    metadata("user", user_id, route, number)
}

/// What is recorded of a request: the same every time.
pub fn metadata(
    actor_kind: &str,
    actor_id: impl Display,
    route: &str,
    number: usize,
) -> EventMetadata {
    EventMetadata {
        actor_kind: Some(actor_kind.to_owned()),
        actor_id: Some(actor_id.to_string()),
        actor_name: Some("benchmark".to_owned()),
        request_id: Some(names::uuid(route, number).to_string()),
        client_address: Some("127.0.0.1".to_owned()),
        user_agent: Some("chancery-bench".to_owned()),
        http_method: Some("POST".to_owned()),
        http_route: Some(route.to_owned()),
        server_version: Some(env!("CARGO_PKG_VERSION").to_owned()),
        ..EventMetadata::default()
    }
}

#[cfg(test)]
mod tests {
    use chancery_aggregates::oauth2_grant::Command;
    use chancery_ledger::{CommandContext, Ledger, LedgerConfig, Position};
    use chancery_projections::streams::stream_types;
    use sqlx::Connection;

    use super::*;
    use crate::profile;

    #[tokio::test]
    async fn the_ledger_verifies_loads_and_extends_a_seeded_log() {
        let database = chancery_postgres::testing::database().await;
        let pool = database.pool().await;
        Ledger::migrate(&pool).await.unwrap();
        let mut connection = PgConnection::connect_with(&database.options())
            .await
            .unwrap();
        let sessions = seed(&mut connection, &Deployment::unserved(), 1_000)
            .await
            .unwrap();
        assert_eq!(sessions.len(), 64);
        let ledger = Ledger::open(
            database.options(),
            pool,
            stream_types(),
            LedgerConfig::default(),
        )
        .await
        .unwrap();
        assert!(ledger.head() >= Position(1_000));
        let whole = Position::START..=ledger.head();
        let verified = ledger.verify(whole, |_| ()).await.unwrap();
        assert_eq!(verified.last, ledger.head());
        let first_grant = names::text("grant", 64 * EXCHANGES_PER_USER, 10);
        let (_, sequence) = ledger.load::<OAuth2Grant>(&first_grant).await.unwrap();
        assert!(sequence >= 2);

        let now = sqlx::query_scalar("SELECT now()")
            .fetch_one(&mut connection)
            .await
            .unwrap();
        let command = Command::IssueCode(profile::issue_code(now).unwrap());
        let context = CommandContext {
            metadata: EventMetadata::default(),
            now,
            append_id: names::uuid("append", 0),
        };
        let new_grant = "newGrant01";
        ledger
            .execute_new::<OAuth2Grant>(new_grant, command, &context)
            .await
            .unwrap();
        let whole = Position::START..=ledger.head();
        assert_eq!(
            ledger.verify(whole, |_| ()).await.unwrap().last,
            ledger.head()
        );
        ledger.close().await;
    }
}
