use axum::http::HeaderValue;

use super::*;

fn form_headers(content_type: &'static str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers
}

#[test]
fn known_parameters_are_decoded() {
    let parameters =
        Parameters::parse(b"state=a+b%26c&redirect_uri=http%3A%2F%2Fx%2F%C3%A9").unwrap();
    assert_eq!(parameters.get(Parameter::State), Some("a b&c"));
    assert_eq!(parameters.get(Parameter::RedirectUri), Some("http://x/é"));
    assert_eq!(parameters.get(Parameter::Code), None);
}

#[test]
fn unknown_parameters_are_ignored_even_when_repeated() {
    let parameters = Parameters::parse(b"prompt=login&prompt=consent&nonce=1&code=x").unwrap();
    assert_eq!(parameters.get(Parameter::Code), Some("x"));
}

#[test]
fn a_parameter_without_a_value_counts_as_omitted() {
    let parameters = Parameters::parse(b"code=&state&resource=r").unwrap();
    assert_eq!(parameters.get(Parameter::Code), None);
    assert_eq!(parameters.get(Parameter::State), None);
    assert_eq!(parameters.get(Parameter::Resource), Some("r"));
}

#[test]
fn a_known_parameter_given_twice_is_refused_even_when_one_is_empty() {
    for raw in ["code=a&code=b", "code=&code=b", "code=a&co%64e=a"] {
        assert_eq!(
            Parameters::parse(raw.as_bytes()),
            Err(ParametersError::Duplicate(Parameter::Code))
        );
    }
}

#[test]
fn invalid_utf8_and_nul_are_refused_in_names_values_and_unknown_parameters() {
    for raw in [&b"code=%ff"[..], b"code=\xc3", b"%ff=x", b"other=%c3%28"] {
        assert_eq!(
            Parameters::parse(raw),
            Err(ParametersError::NotUtf8),
            "{raw:?}"
        );
    }
    for raw in [&b"code=%00"[..], b"co\0de=x", b"other=a%00b"] {
        assert_eq!(Parameters::parse(raw), Err(ParametersError::Nul), "{raw:?}");
    }
}

#[test]
fn too_many_bytes_are_refused() {
    let raw = vec![b'a'; MAX_LENGTH + 1];
    assert_eq!(Parameters::parse(&raw), Err(ParametersError::TooLong));
}

#[test]
fn debug_shows_no_value() {
    let parameters = Parameters::parse(b"client_secret=hush&code=whisper").unwrap();
    let shown = format!("{parameters:?}");
    assert!(
        shown.contains("ClientSecret") && !shown.contains("hush") && !shown.contains("whisper")
    );
}

#[tokio::test]
async fn only_a_form_body_is_read() {
    for content_type in [
        "application/json",
        "text/plain",
        "application/x-www-form-urlencodedx",
    ] {
        let read = Parameters::from_form(&form_headers(content_type), Body::from("code=x")).await;
        assert_eq!(read, Err(ParametersError::ContentType), "{content_type}");
    }
    let read = Parameters::from_form(&HeaderMap::new(), Body::from("code=x")).await;
    assert_eq!(read, Err(ParametersError::ContentType));
    let headers = form_headers("Application/X-WWW-Form-Urlencoded; charset=UTF-8");
    let parameters = Parameters::from_form(&headers, Body::from("code=x"))
        .await
        .unwrap();
    assert_eq!(parameters.get(Parameter::Code), Some("x"));
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused_without_reading_it_all() {
    let endless = futures::stream::repeat_with(|| Ok::<_, std::io::Error>(vec![b'a'; 1024]));
    let read =
        Parameters::from_form(&form_headers(FORM_MEDIA_TYPE), Body::from_stream(endless)).await;
    assert_eq!(read, Err(ParametersError::TooLong));
}
