use axum::extract::FromRequestParts as _;
use axum::http::{Request, StatusCode, Uri};
use chancery::http::base::Query;
use chancery::http::base::pagination::{LIMIT_MAX, Pagination};
use chancery_fuzz::fuzz;
use futures::executor::block_on;
use serde::Deserialize;
use url::form_urlencoded;

const WORDS: [&str; 7] = [
    "limit=",
    "offset=",
    "after_id=5eed0000-0000-4000-8000-000000000000",
    "9223372036854775808",
    "10001",
    "-1",
    "&",
];

#[derive(Deserialize)]
struct Page {
    limit: Option<String>,
    offset: Option<String>,
    after_id: Option<String>,
}

#[test]
fn a_page_is_asked_for_once_and_within_bounds() {
    fuzz(include_str!("../../corpus/query.txt"), &WORDS, |input| {
        let Ok(uri) = format!("/users?{input}").parse::<Uri>() else {
            return;
        };
        let query = uri.query().unwrap_or_default().to_owned();
        let mut parts = Request::builder().uri(uri).body(()).unwrap().into_parts().0;
        let given = |name: &str| {
            let pairs = form_urlencoded::parse(query.as_bytes());
            let of_name = pairs.filter(|(given, _)| given == name);
            of_name
                .map(|(_, value)| value.into_owned())
                .collect::<Vec<_>>()
        };
        let names = ["limit", "offset", "after_id"];
        let page = match block_on(Query::<Page>::from_request_parts(&mut parts, &())) {
            Ok(Query(page)) => page,
            Err(error) => {
                assert_eq!(error.status, StatusCode::BAD_REQUEST);
                assert!(names.iter().any(|name| given(name).len() > 1));
                return;
            }
        };
        let values = [&page.limit, &page.offset, &page.after_id];
        for (name, value) in names.iter().zip(values) {
            assert_eq!(given(name), Vec::from_iter(value.clone()));
        }
        let [limit, offset, after_id] = values.map(Option::as_deref);
        if let Ok(read) = Pagination::parse(limit, offset, after_id) {
            assert!((0..=LIMIT_MAX).contains(&read.limit) && read.offset >= 0);
            let number = |text: Option<&str>| text.unwrap_or_default().parse().unwrap_or(0);
            assert_eq!((read.limit, read.offset), (number(limit), number(offset)));
        }
    });
}
