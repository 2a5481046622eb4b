use serde_json::{Value, json};

use super::*;
use crate::oauth2::client_id_url::ClientIdUrl;
use crate::oauth2::redirect_uri::InvalidRedirectUri;

const CALLBACK: &str = "https://app.example/callback";

fn registered(sent: Value) -> Result<ClientMetadata, InvalidClientMetadata> {
    let presented: PresentedMetadata = serde_json::from_value(sent).unwrap();
    presented.of_registration()
}

/// A registration with one more member.
fn with(member: &str, value: Value) -> Result<ClientMetadata, InvalidClientMetadata> {
    let mut sent = json!({ "redirect_uris": [CALLBACK] });
    sent[member] = value;
    registered(sent)
}

fn of_document(id: &str, document: Value) -> Result<ClientMetadata, InvalidClientMetadata> {
    let presented: PresentedMetadata = serde_json::from_value(document).unwrap();
    presented.of_document(&ClientIdUrl::parse(id).unwrap())
}

fn document(id: &str) -> Value {
    json!({ "client_id": id, "client_name": "Agent", "redirect_uris": ["http://localhost/callback"] })
}

#[test]
fn what_a_client_leaves_out_is_filled_in() {
    let metadata = registered(json!({ "redirect_uris": [CALLBACK] })).unwrap();
    assert_eq!(
        serde_json::to_value(&metadata).unwrap(),
        json!({
            "client_name": "Dynamically Registered Client",
            "redirect_uris": [CALLBACK],
            "token_endpoint_auth_method": "client_secret_basic",
            "grant_types": ["authorization_code", "refresh_token"],
            "response_types": ["code"],
        })
    );
    assert!(!metadata.is_public() && !metadata.is_loopback_only());
}

#[test]
fn null_and_empty_members_count_as_absent() {
    let bare = registered(json!({ "redirect_uris": [CALLBACK] })).unwrap();
    for nothing in [Value::Null, json!("")] {
        for member in [
            "client_name",
            "client_uri",
            "logo_uri",
            "jwks_uri",
            "scope",
            "software_id",
            "token_endpoint_auth_method",
            "application_type",
            "client_id",
        ] {
            assert_eq!(with(member, nothing.clone()).unwrap(), bare, "{member}");
        }
    }
    for nothing in [Value::Null, json!([])] {
        for member in ["grant_types", "response_types", "contacts"] {
            assert_eq!(with(member, nothing.clone()).unwrap(), bare, "{member}");
        }
    }
    assert_eq!(with("jwks", json!({ "keys": [] })).unwrap(), bare);
    assert_eq!(
        with("require_pushed_authorization_requests", json!(true)).unwrap(),
        bare
    );
}

#[test]
fn every_member_is_kept_as_it_was_sent() {
    let sent = json!({
        "client_name": "Ägent (laptop)",
        "redirect_uris": [CALLBACK, "http://localhost:8080/callback", "custom-scheme://app/callback"],
        "token_endpoint_auth_method": "client_secret_post",
        "grant_types": ["authorization_code"],
        "response_types": ["code"],
        "scope": "mcp:tools mcp:read",
        "application_type": "native",
        "client_uri": "https://app.example",
        "logo_uri": "https://app.example/logo.png",
        "tos_uri": "https://app.example/terms",
        "policy_uri": "https://app.example/privacy",
        "jwks_uri": "https://app.example/keys",
        "contacts": ["ada@app.example"],
        "software_id": "agent",
        "software_version": "1.2.3",
    });
    let metadata = registered(sent.clone()).unwrap();
    assert_eq!(serde_json::to_value(&metadata).unwrap(), sent);
    assert_eq!(
        serde_json::from_value::<ClientMetadata>(sent).unwrap(),
        metadata
    );
}

#[test]
fn grant_types_that_are_not_offered_are_left_out_and_unknown_ones_refused() {
    let editor = json!([
        "authorization_code",
        "refresh_token",
        "urn:ietf:params:oauth:grant-type:device_code"
    ]);
    let metadata = with("grant_types", editor).unwrap();
    assert_eq!(
        metadata.details.grant_types,
        [GrantType::AuthorizationCode, GrantType::RefreshToken]
    );
    assert_eq!(
        with("grant_types", json!(["authorization_code", "magic"])),
        Err(InvalidClientMetadata::GrantType("magic".to_owned()))
    );
    for without_a_code in [json!(["refresh_token"]), json!(["client_credentials"])] {
        assert_eq!(
            with("grant_types", without_a_code),
            Err(InvalidClientMetadata::NoAuthorizationCode)
        );
    }
}

#[test]
fn other_response_types_and_authentication_methods_are_refused() {
    for other in ["token", "id_token", "code token"] {
        assert_eq!(
            with("response_types", json!(["code", other])),
            Err(InvalidClientMetadata::ResponseType(other.to_owned()))
        );
    }
    for other in ["private_key_jwt", "client_secret_jwt", "magic"] {
        assert_eq!(
            with("token_endpoint_auth_method", json!(other)),
            Err(InvalidClientMetadata::AuthMethod(other.to_owned()))
        );
    }
    assert!(
        with("token_endpoint_auth_method", json!("none"))
            .unwrap()
            .is_public()
    );
}

#[test]
fn plain_http_is_for_loopback_redirects_only() {
    let redirect = |uri: &str| registered(json!({ "redirect_uris": [CALLBACK, uri] }));
    for uri in [
        "http://localhost/callback",
        "http://localhost:33418/",
        "http://127.0.0.1:1/cb",
        "http://[::1]/cb",
        "cursor://anysphere.cursor-mcp/oauth/callback",
    ] {
        assert_eq!(redirect(uri).unwrap().redirect_uris[1].as_str(), uri);
    }
    for (uri, reason) in [
        ("http://app.example/cb", InvalidRedirectUri::PlainHttp),
        (
            "http://localhost.evil.example/cb",
            InvalidRedirectUri::PlainHttp,
        ),
        (
            "http://localhost@evil.example/cb",
            InvalidRedirectUri::PlainHttp,
        ),
        ("not-a-url", InvalidRedirectUri::NotAbsolute),
        ("https://app.example/cb#", InvalidRedirectUri::Fragment),
        ("https://app.example/cb#part", InvalidRedirectUri::Fragment),
        ("javascript:alert(1)", InvalidRedirectUri::BlockedScheme),
        ("data:text/html,x", InvalidRedirectUri::BlockedScheme),
    ] {
        let uri_refused = InvalidClientMetadata::RedirectUri {
            uri: uri.to_owned(),
            reason,
        };
        assert_eq!(redirect(uri), Err(uri_refused));
    }
    assert_eq!(
        registered(json!({})),
        Err(InvalidClientMetadata::NoRedirectUri)
    );
}

#[test]
fn texts_and_lists_are_bounded() {
    let uris: Vec<String> = (0..33)
        .map(|n| format!("https://app.example/{n}"))
        .collect();
    let scopes = vec!["s"; 101].join(" ");
    let many = |member, most| Err(InvalidClientMetadata::TooMany { member, most });
    let long = |member, most| Err(InvalidClientMetadata::TooLong { member, most });
    assert_eq!(
        registered(json!({ "redirect_uris": uris })),
        many("redirect_uris", 32)
    );
    assert_eq!(with("scope", json!(scopes)), many("scope", 100));
    assert_eq!(with("contacts", json!(vec!["a"; 11])), many("contacts", 10));
    assert_eq!(
        with("software_id", json!("x".repeat(256))),
        long("software_id", 255)
    );
    let uri = format!("https://app.example/{}", "x".repeat(2048));
    assert_eq!(with("logo_uri", json!(uri)), long("logo_uri", 2048));
    assert!(matches!(
        with("scope", json!("a\"b")),
        Err(InvalidClientMetadata::Scope(_))
    ));
}

#[test]
fn a_long_name_is_cut_and_told_apart_by_its_hash() {
    let name_of = |name: String| {
        let metadata = with("client_name", json!(name)).unwrap();
        String::from(metadata.client_name)
    };
    let fits = "x".repeat(64);
    assert_eq!(name_of(fits.clone()), fits);
    let (one, other) = (name_of("x".repeat(65)), name_of("x".repeat(66)));
    assert_eq!((one.len(), other.len()), (64, 64));
    assert!(one.starts_with(&"x".repeat(55)) && one != other);
    assert_eq!(name_of("ä".repeat(65)).chars().count(), 64);
}

#[test]
fn a_name_that_hides_or_turns_text_is_refused() {
    for name in [
        "Cl\u{200b}aude",
        "\u{202e}edualC",
        "a\nb",
        "\0",
        "  ",
        "\u{2066}x",
    ] {
        assert_eq!(
            with("client_name", json!(name)),
            Err(InvalidClientMetadata::Unseen("client_name")),
            "{name:?}"
        );
    }
}

#[test]
fn uris_that_are_shown_are_of_the_web() {
    for member in [
        "client_uri",
        "logo_uri",
        "tos_uri",
        "policy_uri",
        "jwks_uri",
    ] {
        for uri in [
            "javascript:alert(1)",
            "/logo.png",
            "https://",
            "https://a b",
            "ftp://x/y",
        ] {
            assert_eq!(
                with(member, json!(uri)),
                Err(InvalidClientMetadata::NotAWebUri(member)),
                "{uri}"
            );
        }
    }
}

#[test]
fn a_software_statement_is_refused_clearly() {
    assert_eq!(
        with("software_statement", json!("eyJ.eyJ.sig")),
        Err(InvalidClientMetadata::SoftwareStatement)
    );
    assert!(with("software_statement", Value::Null).is_ok());
}

#[test]
fn a_document_names_its_own_url() {
    let id = "https://client.example/agent.json";
    assert!(of_document(id, document(id)).is_ok());
    for other in [
        "https://client.example/other.json",
        "https://client.example/agent.json/",
        "",
    ] {
        let refused = of_document(id, document(other));
        assert_eq!(
            refused,
            Err(InvalidClientMetadata::ClientIdMismatch),
            "{other}"
        );
    }
}

#[test]
fn documents_of_clients_in_the_field_are_accepted() {
    let id = "https://claude.ai/oauth/claude-code-client-metadata";
    let terminal = of_document(
        id,
        json!({
            "client_id": id,
            "client_name": "Claude Code",
            "client_uri": "https://claude.ai",
            "redirect_uris": ["http://localhost/callback", "http://127.0.0.1/callback"],
            "grant_types": ["authorization_code", "refresh_token"],
            "response_types": ["code"],
            "token_endpoint_auth_method": "none",
        }),
    )
    .unwrap();
    assert!(terminal.is_public() && terminal.is_loopback_only());
    let id = "https://vscode.dev/oauth/client-metadata.json";
    let editor = of_document(
        id,
        json!({
            "client_id": id,
            "client_name": "Visual Studio Code",
            "redirect_uris": ["http://127.0.0.1:33418/", "https://vscode.dev/redirect"],
            "grant_types": ["authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:device_code"],
            "response_types": ["code"],
            "token_endpoint_auth_method": "none",
            "application_type": "native",
        }),
    )
    .unwrap();
    assert!(!editor.is_loopback_only());
}

#[test]
fn a_document_has_a_name_and_neither_a_secret_nor_a_method_that_needs_one() {
    let id = "https://client.example/agent.json";
    let changed = |member: &str, value: Value| {
        let mut document = document(id);
        document[member] = value;
        of_document(id, document)
    };
    assert_eq!(
        changed("client_name", Value::Null),
        Err(InvalidClientMetadata::NoName)
    );
    for member in ["client_secret", "client_secret_expires_at"] {
        assert_eq!(
            changed(member, json!(0)),
            Err(InvalidClientMetadata::SecretInDocument)
        );
    }
    for method in [
        "client_secret_basic",
        "client_secret_post",
        "client_secret_jwt",
        "private_key_jwt",
    ] {
        assert_eq!(
            changed("token_endpoint_auth_method", json!(method)),
            Err(InvalidClientMetadata::AuthMethod(method.to_owned()))
        );
    }
    assert_eq!(
        changed("redirect_uris", json!([])),
        Err(InvalidClientMetadata::NoRedirectUri)
    );
}
