use chancery_aggregates::{oauth2_app, oauth2_grant};

use super::{at, hash, id, samples};

pub fn oauth2_app() -> Vec<oauth2_app::Event> {
    use oauth2_app::{ClientType, Event, TokenEndpointAuthMethod};
    samples!(Event {
        OAuth2AppCreated {
            name: "app".to_owned(),
            callback_url: "https://app.example.org/callback".to_owned(),
            icon: "/icon.png".to_owned(),
            redirect_uris: vec!["http://localhost/callback".to_owned()],
            client_type: ClientType::Confidential,
            token_endpoint_auth_method: TokenEndpointAuthMethod::ClientSecretPost,
            require_pkce: true,
            allow_multiple_grants: false,
        },
        OAuth2AppUpdated {
            name: "renamed".to_owned(),
            callback_url: "https://app.example.org/callback".to_owned(),
            icon: String::new(),
            redirect_uris: vec![],
        },
        OAuth2AppDeleted {},
        OAuth2AppSecretCreated {
            secret_id: id(5),
            secret_prefix: "prefix0001".to_owned(),
            hashed_secret: hash("client secret"),
            display_secret: "a1b2c3".to_owned(),
            created_at: at(0),
        },
        OAuth2AppSecretDeleted { secret_id: id(5) },
    })
}

pub fn oauth2_grant() -> Vec<oauth2_grant::Event> {
    use oauth2_grant::{Event, ExchangeRefusal, RefreshRefusal, RevocationReason};
    samples!(Event {
        CodeIssued {
            app_id: id(4),
            user_id: id(3),
            hashed_code: hash("code"),
            redirect_uri: Some("http://localhost:9876/callback".to_owned()),
            resource_uri: Some("https://mcp.example.org".to_owned()),
            code_challenge: Some("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM".to_owned()),
            code_challenge_method: Some("S256".to_owned()),
            scope: "all".to_owned(),
            state_hash: Some(hash("state")),
            exclusive: true,
            code_expires_at: at(600),
            issued_at: at(0),
        },
        CodeExchanged {
            app_id: id(4),
            user_id: id(3),
            app_secret_id: Some(id(5)),
            api_key_id: "accesskey0".to_owned(),
            hashed_secret: hash("access token"),
            hashed_refresh_token: hash("refresh token"),
            audience: Some("https://mcp.example.org".to_owned()),
            scope: "all".to_owned(),
            access_token_expires_at: at(86_400),
            refresh_token_expires_at: at(2_592_000),
            exclusive: true,
            exchanged_at: at(30),
        },
        ExchangeRefused { app_id: id(4), user_id: id(3), reason: ExchangeRefusal::WrongVerifier },
        TokenRefreshed {
            app_id: id(4),
            user_id: id(3),
            previous_api_key_id: "accesskey0".to_owned(),
            api_key_id: "accesskey1".to_owned(),
            hashed_secret: hash("access token 1"),
            hashed_refresh_token: hash("refresh token 1"),
            audience: Some("https://mcp.example.org".to_owned()),
            scope: "all".to_owned(),
            access_token_expires_at: at(86_460),
            refresh_token_expires_at: at(2_592_060),
            exclusive: true,
            refreshed_at: at(60),
        },
        RefreshRefused { app_id: id(4), user_id: id(3), reason: RefreshRefusal::RefreshTokenReused },
        GrantRevoked {
            app_id: id(4),
            user_id: id(3),
            api_key_id: Some("accesskey1".to_owned()),
            reason: RevocationReason::RefreshTokenReused,
        },
    })
}
