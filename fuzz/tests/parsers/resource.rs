use chancery_aggregates::oauth2::resource::{Resource, audience_matches, normalise_audience, same};
use chancery_fuzz::fuzz;
use url::Url;

const WORDS: [&str; 10] = [
    "https://",
    "http://",
    "urn:",
    "api.example.com",
    ":443",
    ":80",
    "/mcp",
    "/./",
    "/../",
    "?x=/",
];

#[test]
fn a_resource_is_an_absolute_uri_without_a_fragment() {
    fuzz(include_str!("../../corpus/resource.txt"), &WORDS, |input| {
        let Ok(resource) = Resource::parse(input) else {
            return;
        };
        assert_eq!(resource.as_str(), input);
        assert!(input.len() <= 2048);
        assert!(!input.contains(|c: char| c == '#' || c.is_whitespace() || c.is_control()));
        assert_eq!(Url::parse(input).unwrap().fragment(), None);
        assert!(same(input, input));
    });
}

#[test]
fn the_form_of_an_audience_is_its_own_form_and_names_the_same_host() {
    fuzz(include_str!("../../corpus/resource.txt"), &WORDS, |input| {
        // An audience is compared with the server's own URL, which has a host.
        if Resource::parse(input).is_err() || !Url::parse(input).unwrap().has_host() {
            return;
        }
        let normal = normalise_audience(input).unwrap();
        assert_eq!(normalise_audience(&normal).as_deref(), Some(&*normal));
        assert!(audience_matches(input, &normal));
        let (before, after) = (Url::parse(input).unwrap(), Url::parse(&normal).unwrap());
        assert_eq!(
            before.origin().ascii_serialization(),
            after.origin().ascii_serialization()
        );
        assert_eq!(before.query(), after.query());
    });
}

/// The corpus' inputs may hold two resources, with a space between them.
#[test]
fn resources_that_are_the_same_are_the_same_to_a_browser() {
    fuzz(
        include_str!("../../corpus/resource_pair.txt"),
        &WORDS,
        |input| {
            let (one, other) = input.split_once(' ').unwrap_or((input, input));
            assert_eq!(same(one, other), same(other, one));
            assert_eq!(audience_matches(one, other), audience_matches(other, one));
            if same(one, other)
                && let Ok(url) = Url::parse(one)
            {
                assert_eq!(Url::parse(other), Ok(url));
            }
        },
    );
}
