use super::*;

const ID: &str = "0b6f7a2e-3c1d-4e5f-8a9b-0c1d2e3f4a5b";
const SECRET: &str = "coder_AbCdEfGhIj_0123456789012345678901234567890123456789";

fn basic(credentials: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let value = format!("Basic {}", STANDARD.encode(credentials));
    headers.insert(
        header::AUTHORIZATION,
        HeaderValue::from_str(&value).unwrap(),
    );
    headers
}

fn form(raw: &str) -> Parameters {
    Parameters::parse(raw.as_bytes()).unwrap()
}

fn read(
    query: &str,
    body: &str,
    headers: &HeaderMap,
) -> Result<PresentedClient, PresentedClientError> {
    PresentedClient::read(&form(query), &form(body), headers)
}

fn assert_shows_secret(client: &PresentedClient) {
    match &client.secret {
        ShownSecret::Given(secret) => {
            assert_eq!(secret, &PrefixedSecret::parse(SECRET).unwrap());
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn basic_is_read_plain_and_form_encoded() {
    let encoded_id = ID.replace('-', "%2D");
    let encoded_secret = SECRET.replace('_', "%5F");
    for credentials in [
        format!("{ID}:{SECRET}"),
        format!("{encoded_id}:{encoded_secret}"),
    ] {
        let client = read("", "", &basic(&credentials)).unwrap();
        assert_eq!(client.client_id.to_string(), ID);
        assert_shows_secret(&client);
    }
}

#[test]
fn a_secret_in_the_form_is_read() {
    let client = read(
        "",
        &format!("client_id={ID}&client_secret={SECRET}"),
        &HeaderMap::new(),
    )
    .unwrap();
    assert_shows_secret(&client);
}

#[test]
fn a_secret_in_the_query_is_not_read() {
    let client = read(
        &format!("client_id={ID}&client_secret={SECRET}"),
        "",
        &HeaderMap::new(),
    )
    .unwrap();
    assert!(matches!(client.secret, ShownSecret::Absent));
}

#[test]
fn the_same_client_id_in_form_query_and_header_is_accepted() {
    let parameter = format!("client_id={ID}");
    let encoded = basic(&format!("{}:{SECRET}", ID.replace('-', "%2D")));
    for headers in [basic(&format!("{ID}:{SECRET}")), encoded] {
        assert_shows_secret(&read(&parameter, &parameter, &headers).unwrap());
    }
}

#[test]
fn disagreeing_ids_or_secrets_conflict() {
    let other = "client_id=11111111-2222-4333-8444-555555555555";
    let own = format!("client_id={ID}");
    let headers = basic(&format!("{ID}:{SECRET}"));
    let wrong_secret = format!("{own}&client_secret={}", SECRET.replace('9', "8"));
    for (query, body, headers) in [
        ("", other, &headers),
        (other, "", &headers),
        (other, own.as_str(), &HeaderMap::new()),
        ("", wrong_secret.as_str(), &headers),
    ] {
        assert_eq!(
            read(query, body, headers).unwrap_err(),
            PresentedClientError::Conflict,
            "{query} {body}"
        );
    }
}

#[test]
fn two_authorization_headers_conflict() {
    let mut headers = basic(&format!("{ID}:{SECRET}"));
    headers.append(header::AUTHORIZATION, HeaderValue::from_static("Bearer x"));
    assert_eq!(
        read("", "", &headers).unwrap_err(),
        PresentedClientError::Conflict
    );
}

#[test]
fn a_public_client_shows_no_secret() {
    for headers in [HeaderMap::new(), basic(&format!("{ID}:"))] {
        let client = read("", &format!("client_id={ID}&client_secret="), &headers).unwrap();
        assert!(matches!(client.secret, ShownSecret::Absent));
    }
}

#[test]
fn what_is_no_uuid_or_no_basic_pair_is_invalid() {
    assert_eq!(
        read("", "client_id=nonsense", &HeaderMap::new()).unwrap_err(),
        PresentedClientError::Invalid
    );
    assert_eq!(
        read("", "", &basic("no colon")).unwrap_err(),
        PresentedClientError::Invalid
    );
    let mut headers = HeaderMap::new();
    headers.insert(header::AUTHORIZATION, HeaderValue::from_static("Basic !!!"));
    assert_eq!(
        read("", "", &headers).unwrap_err(),
        PresentedClientError::Invalid
    );
}

#[test]
fn no_client_id_anywhere_is_missing() {
    assert_eq!(
        read("", "", &HeaderMap::new()).unwrap_err(),
        PresentedClientError::Missing
    );
    let mut headers = HeaderMap::new();
    headers.insert(
        header::AUTHORIZATION,
        HeaderValue::from_static("Bearer token"),
    );
    assert_eq!(
        read("", "", &headers).unwrap_err(),
        PresentedClientError::Missing
    );
}

#[test]
fn a_secret_of_another_shape_is_malformed() {
    for secret in [
        "1234",
        "coder_x_",
        "wrong_AbCdEfGhIj_0123456789012345678901234567890123456789",
    ] {
        let client = read(
            "",
            &format!("client_id={ID}&client_secret={secret}"),
            &HeaderMap::new(),
        )
        .unwrap();
        assert!(matches!(client.secret, ShownSecret::Malformed), "{secret}");
    }
}
