//! A signed-in person, as the API sees one.

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use super::{Answer, App, Params, Server};

/// A session token and the calls made with it (header `Coder-Session-Token`).
pub struct Session<'a> {
    /// The server.
    pub server: &'a Server,
    /// The session token or API token.
    pub token: String,
    /// The signed-in user's id.
    pub user_id: String,
}

impl<'a> Session<'a> {
    /// The session of the user to whom `token` belongs.
    pub async fn of(server: &'a Server, token: String) -> Self {
        let request = server
            .request(Method::GET, "/api/v2/users/me")
            .header("Coder-Session-Token", &token);
        let user_id = Answer::to(request).await.expect(200).member("id");
        Self {
            server,
            token,
            user_id,
        }
    }

    /// A request with the session header.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.server
            .request(method, path)
            .header("Coder-Session-Token", &self.token)
    }

    /// GETs `path`.
    pub async fn get(&self, path: &str) -> Answer {
        Answer::to(self.request(Method::GET, path)).await
    }

    /// DELETEs `path`.
    pub async fn delete(&self, path: &str) -> Answer {
        Answer::to(self.request(Method::DELETE, path)).await
    }

    /// POSTs JSON.
    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        Answer::to(self.request(Method::POST, path).json(body)).await
    }

    /// PUTs JSON.
    pub async fn put(&self, path: &str, body: &Value) -> Answer {
        Answer::to(self.request(Method::PUT, path).json(body)).await
    }

    /// Creates an OAuth2 app with this callback URL.
    pub async fn create_app(&self, name: &str, callback_url: &str) -> Answer {
        let body = json!({ "name": name, "callback_url": callback_url });
        self.post("/api/v2/oauth2-provider/apps", &body).await
    }

    /// Creates an app and a secret for it.
    pub async fn app(&self, name: &str, callback_url: &str) -> App {
        let created = self.create_app(name, callback_url).await.expect(201);
        self.with_secret(&created.member("id"), name, callback_url)
            .await
    }

    /// Creates an app that lets a user hold several grants at once, and a secret for it.
    pub async fn shared_app(&self, name: &str, callback_url: &str) -> App {
        let body =
            json!({ "name": name, "callback_url": callback_url, "allow_multiple_grants": true });
        let created = self.post("/api/v2/oauth2-provider/apps", &body).await;
        self.with_secret(&created.expect(201).member("id"), name, callback_url)
            .await
    }

    async fn with_secret(&self, id: &str, name: &str, callback_url: &str) -> App {
        let path = format!("/api/v2/oauth2-provider/apps/{id}/secrets");
        let secret = self.post(&path, &json!({})).await.expect(201);
        App {
            id: id.to_owned(),
            name: name.to_owned(),
            secret_id: secret.member("id"),
            secret: secret.member("client_secret_full"),
            callback_url: callback_url.to_owned(),
        }
    }

    /// Allows an authorization: POST `/oauth2/authorize` with this query.
    pub async fn authorize(&self, query: &Params) -> Answer {
        let request = self.request(Method::POST, "/oauth2/authorize");
        Answer::to(request.query(query.pairs())).await
    }

    /// Opens the consent page: GET `/oauth2/authorize` with this query.
    pub async fn consent_page(&self, query: &Params) -> Answer {
        let request = self.request(Method::GET, "/oauth2/authorize");
        Answer::to(request.query(query.pairs())).await
    }

    /// Allows an authorization and returns the code.
    pub async fn code(&self, query: &Params) -> String {
        let answer = self.authorize(query).await.expect(302);
        answer.redirected("code").expect("a code")
    }
}
