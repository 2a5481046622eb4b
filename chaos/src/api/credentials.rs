//! Sessions, codes and tokens.

use reqwest::Method;
use serde_json::json;

use super::{Api, EMAIL, PASSWORD, Reply, Secret, Token, read, text, written};
use crate::history::{Act, Answer, Unclear};

impl Api {
    /// Signs in.
    pub async fn sign_in(&self, server: usize) -> Option<Secret> {
        let label = self.label("session");
        let login = json!({ "email": EMAIL, "password": PASSWORD });
        let request = self
            .request(server, Method::POST, "/api/v2/users/login")
            .json(&login);
        let act = Act::Create {
            thing: label.clone(),
        };
        let reply = self.act(server, act, request, written).await?;
        Some(Secret {
            label,
            text: text(&reply.body, "session_token"),
        })
    }

    /// Signs out.
    pub async fn sign_out(&self, server: usize, session: &Secret) -> bool {
        let request = self
            .request(server, Method::POST, "/api/v2/users/logout")
            .header("Coder-Session-Token", &session.text);
        let act = Act::End {
            thing: session.label.clone(),
        };
        // Somebody whose session is over is signed out.
        let judge = |reply: &Reply| {
            if reply.status == 401 {
                Answer::Gone
            } else {
                written(reply)
            }
        };
        self.act(server, act, request, judge).await.is_some()
    }

    /// Uses a session.
    pub async fn read_session(&self, server: usize, session: &Secret) {
        let request = self
            .request(server, Method::GET, "/api/v2/users/me")
            .header("Coder-Session-Token", &session.text);
        let act = Act::Read {
            thing: session.label.clone(),
        };
        self.act(server, act, request, |reply| read(reply, 401))
            .await;
    }

    /// Gets a code.
    pub async fn authorize(&self, server: usize) -> Option<Secret> {
        let label = self.label("code");
        let query = [
            ("client_id", &*self.client_id),
            ("response_type", "code"),
            ("state", "chaos"),
        ];
        let request = self
            .signed(server, Method::POST, "/oauth2/authorize")
            .query(&query);
        let act = Act::Create {
            thing: label.clone(),
        };
        let reply = self.act(server, act, request, written).await?;
        let location = url::Url::parse(&reply.location).ok()?;
        let code = location
            .query_pairs()
            .find(|(name, _)| name == "code")?
            .1
            .into_owned();
        Some(Secret { label, text: code })
    }

    /// Exchanges a code.
    pub async fn exchange(&self, server: usize, code: &Secret) -> Option<Token> {
        self.spend(
            server,
            code,
            [("grant_type", "authorization_code"), ("code", &code.text)],
        )
        .await
    }

    /// Exchanges a refresh token.
    pub async fn refresh(&self, server: usize, token: &Token) -> Option<Token> {
        let refresh = &token.refresh;
        self.spend(
            server,
            refresh,
            [
                ("grant_type", "refresh_token"),
                ("refresh_token", &refresh.text),
            ],
        )
        .await
    }

    async fn spend(
        &self,
        server: usize,
        secret: &Secret,
        form: [(&str, &str); 2],
    ) -> Option<Token> {
        let (access, refresh) = (self.label("token"), self.label("refresh token"));
        let client = [
            ("client_id", &*self.client_id),
            ("client_secret", &*self.client_secret),
        ];
        let form = [&form[..], &client[..]].concat();
        let request = self
            .request(server, Method::POST, "/oauth2/tokens")
            .form(&form);
        let act = Act::Spend {
            secret: secret.label.clone(),
            thing: access.clone(),
        };
        let body = self.act(server, act, request, written).await?.body;
        self.note(
            Act::Create {
                thing: refresh.clone(),
            },
            Answer::Done,
        );
        Some(Token {
            access: Secret {
                label: access,
                text: text(&body, "access_token"),
            },
            refresh: Secret {
                label: refresh,
                text: text(&body, "refresh_token"),
            },
        })
    }

    /// Notes that a thing may end from now on, though nobody said so: its code or refresh token is used again.
    pub fn may_end(&self, thing: &str) {
        let thing = thing.to_owned();
        self.note(Act::End { thing }, Answer::Unclear(Unclear::Broken));
    }

    /// Revokes a token.
    pub async fn revoke(&self, server: usize, token: &Token) -> bool {
        let form = [
            ("token", &*token.access.text),
            ("client_id", &self.client_id),
            ("client_secret", &self.client_secret),
        ];
        let request = self
            .request(server, Method::POST, "/oauth2/revoke")
            .form(&form);
        let act = Act::End {
            thing: token.access.label.clone(),
        };
        self.act(server, act, request, written).await.is_some()
    }

    /// Uses a token.
    pub async fn read_token(&self, server: usize, token: &Token) {
        let request = self
            .request(server, Method::GET, "/api/v2/users/me")
            .bearer_auth(&token.access.text);
        let act = Act::Read {
            thing: token.access.label.clone(),
        };
        self.act(server, act, request, |reply| read(reply, 401))
            .await;
    }
}
