use std::sync::atomic::{AtomicU32, Ordering};

use reqwest::header::CONTENT_TYPE;
use serde_json::{Value, json};

use crate::row::Row;
use crate::support::{Answer, OWNER_EMAIL, PASSWORD, Server, Session, claims, license};

/// Somebody who asks.
pub struct Person<'a> {
    /// Everyone but nobody has a session.
    session: Option<Session<'a>>,
    email: String,
}

/// The people of the table's columns, and what they ask for.
pub struct World<'a> {
    server: &'a Server,
    owner: Session<'a>,
    /// In the order of the columns.
    pub people: Vec<Person<'a>>,
    home: Things,
    next: AtomicU32,
}

/// What a request names. Everything but the user is in the organization, and so is the user, where nothing else is said.
struct Things {
    organization: String,
    group: String,
    user: String,
    key_id: String,
    app: String,
    secret_id: String,
    license: String,
    provisioner_key: String,
    grant: String,
}

/// The name of the group and of the user's token.
const STAFF: &str = "staff";
const LAPTOP: &str = "laptop";

/// A licence to be added.
fn signed() -> Value {
    json!({ "license": license(&claims()) })
}

impl<'a> World<'a> {
    /// Makes the people: nobody; a plain member of the default organization; the admin of another organization; the admin of
    /// the default one; an auditor and an owner of the site.
    pub async fn new(server: &'a Server) -> Self {
        let owner = server.owner().await;
        let home = owner.default_organization().await;
        let (foreign, elsewhere) = (
            owner.organization("foreign").await,
            owner.organization("elsewhere").await,
        );
        let mut people = vec![Person {
            session: None,
            email: String::new(),
        }];
        for (name, organization) in [
            ("member", &home),
            ("foreign-admin", &foreign),
            ("admin", &home),
            ("auditor", &elsewhere),
        ] {
            let session = Some(owner.person(name, &[organization]).await);
            people.push(Person {
                session,
                email: format!("{name}@example.com"),
            });
        }
        let session = Some(server.sign_in(OWNER_EMAIL, PASSWORD).await);
        people.push(Person {
            session,
            email: OWNER_EMAIL.to_owned(),
        });
        owner
            .set_member_roles(&foreign, "foreign-admin", &["organization-admin"])
            .await
            .expect(200);
        owner
            .set_member_roles(&home, "admin", &["organization-admin"])
            .await
            .expect(200);
        let auditor = json!({ "roles": ["auditor"] });
        owner
            .put("/api/v2/users/auditor/roles", &auditor)
            .await
            .expect(200);
        let mut world = Self {
            server,
            home: Things {
                organization: home.clone(),
                group: String::new(),
                user: String::new(),
                key_id: String::new(),
                app: String::new(),
                secret_id: String::new(),
                license: String::new(),
                provisioner_key: String::new(),
                grant: String::new(),
            },
            owner,
            people,
            next: AtomicU32::new(0),
        };
        world.home = world.things(home, None).await;
        world
    }

    fn new_name(&self) -> String {
        format!("new-{}", self.next.fetch_add(1, Ordering::Relaxed))
    }

    /// Things of an organization. With a row: only those that it names.
    async fn things(&self, organization: String, row: Option<&Row>) -> Things {
        let owner = &self.owner;
        let named = |placeholder| row.is_none_or(|row| row.names(placeholder));
        let mut things = Things {
            group: String::new(),
            user: String::new(),
            key_id: String::new(),
            app: String::new(),
            secret_id: String::new(),
            license: String::new(),
            provisioner_key: String::new(),
            grant: String::new(),
            organization,
        };
        if named("{group}") {
            things.group = owner.group(&things.organization, STAFF).await;
        }
        if named("{user}") {
            // Only who is not in the organization can be added to it.
            let joins = row.is_some_and(|row| {
                row.operation().ends_with("/members/{user}") && row.method == "POST"
            });
            let belongs = if joins {
                &self.home.organization
            } else {
                &things.organization
            };
            let name = self.new_name();
            things.user = owner
                .create_person(&name, &[belongs])
                .await
                .expect(201)
                .member("id");
        }
        if named("{grant}") {
            let name = self.new_name();
            let made = owner.create_person(&name, &[&things.organization]).await;
            things.user = made.expect(201).member("id");
            let email = format!("{name}@example.com");
            let person = self.server.sign_in(&email, PASSWORD).await;
            let callback = "https://app.example.com/callback";
            let tokens = owner.app(&name, callback).await.tokens(&person).await;
            tokens.access_token[..10].clone_into(&mut things.grant);
        }
        if named("{keyid}") || named("{keyname}") {
            let path = format!("/api/v2/users/{}/keys/tokens", things.user);
            let key = owner
                .post(&path, &json!({ "token_name": LAPTOP }))
                .await
                .expect(201)
                .member("key");
            key.split_once('-')
                .unwrap()
                .0
                .clone_into(&mut things.key_id);
        }
        if named("{app}") || named("{client_id}") {
            let app = owner
                .app(&self.new_name(), "https://app.example.com/callback")
                .await;
            (things.app, things.secret_id) = (app.id, app.secret_id);
        }
        if named("{license}") {
            let added = owner.post("/api/v2/licenses", &signed()).await.expect(201);
            things.license = added.json()["id"].to_string();
        }
        if named("{provisionerkey}") {
            let organization = &things.organization;
            let keys = format!("/api/v2/organizations/{organization}/provisionerkeys");
            let name = self.new_name();
            let new = json!({ "name": name });
            owner.post(&keys, &new).await.expect(201);
            things.provisioner_key = name;
        }
        things
    }

    /// An organization like the default one: the member and the admin are in it as they are there.
    async fn organization(&self) -> String {
        let id = self.owner.organization(&self.new_name()).await;
        for name in ["member", "admin"] {
            let path = format!("/api/v2/organizations/{id}/members/{name}");
            self.owner.post(&path, &json!({})).await.expect(200);
        }
        self.owner
            .set_member_roles(&id, "admin", &["organization-admin"])
            .await
            .expect(200);
        id
    }

    /// Asks for an operation, and returns the status of the answer.
    pub async fn ask(&self, row: &Row, person: &Person<'_>) -> u16 {
        let fresh;
        let things = if row.changes() {
            let organization = if row.names("{organization}") || row.names("{group}") {
                self.organization().await
            } else {
                self.home.organization.clone()
            };
            fresh = self.things(organization, Some(row)).await;
            &fresh
        } else {
            &self.home
        };
        let name = self.new_name();
        let filled = |text: &str| {
            text.replace("{organization}", &things.organization)
                .replace("{organizationname}", "default")
                .replace("{group}", &things.group)
                .replace("{groupName}", STAFF)
                .replace("{position}", "1")
                .replace("{type}/{id}", "deployment/deployment")
                .replace("{user}", &things.user)
                .replace("{keyid}", &things.key_id)
                .replace("{keyname}", LAPTOP)
                .replace("{app}", &things.app)
                .replace("{client_id}", &things.app)
                .replace("{secret_id}", &things.secret_id)
                .replace("{license}", &things.license)
                .replace("{provisionerkey}", &things.provisioner_key)
                .replace("{grant}", &things.grant)
                .replace("{signed}", signed()["license"].as_str().unwrap())
                .replace("{home}", &self.home.organization)
                .replace("{new}", &name)
        };
        let path = filled(&row.path) + &filled(&row.query);
        let own;
        let session = if row.path.ends_with("/logout") && person.session.is_some() {
            own = self.server.sign_in(&person.email, PASSWORD).await;
            Some(&own)
        } else {
            person.session.as_ref()
        };
        let mut request = match session {
            Some(session) => session.request(row.method.clone(), &path),
            None => self.server.request(row.method.clone(), &path),
        };
        if let Some(json) = &row.json {
            request = request
                .header(CONTENT_TYPE, "application/json")
                .body(filled(json));
        }
        if let Some(form) = &row.form {
            let form = filled(form);
            request = request
                .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
                .body(form);
        }
        Answer::to(request).await.status.as_u16()
    }
}
