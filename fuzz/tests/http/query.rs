use chancery::http::base::pagination::{Limit, Offset};
use chancery::http::base::query::{parse, uuid};
use chancery_fuzz::fuzz;
use serde::Deserialize;
use url::form_urlencoded;
use uuid::Uuid;

const WORDS: [&str; 7] = [
    "limit=",
    "offset=",
    "after_id=5eed0000-0000-4000-8000-000000000000",
    "9223372036854775808",
    "10001",
    "-1",
    "&",
];

#[derive(Default, Deserialize)]
#[serde(default)]
struct Page {
    limit: Limit,
    offset: Offset,
    #[serde(deserialize_with = "uuid")]
    after_id: Option<Uuid>,
}

#[test]
fn a_page_is_asked_for_once_and_within_bounds() {
    fuzz(include_str!("../../corpus/query.txt"), &WORDS, |input| {
        let given = |wanted: &str| {
            let pairs = form_urlencoded::parse(input.as_bytes());
            let of_name = pairs.filter(|(name, value)| name == wanted && !value.is_empty());
            of_name
                .map(|(_, value)| value.into_owned())
                .collect::<Vec<_>>()
        };
        let names = ["limit", "offset", "after_id"];
        match parse::<Page>(input) {
            Ok(page) => {
                let [limit, offset, after_id] = names.map(given);
                assert!((0..=10_000).contains(&page.limit.number()) && page.offset.number() >= 0);
                let number = |texts: &[String]| match texts {
                    [] => 0,
                    [text] => text.parse().unwrap(),
                    _ => panic!("read though given twice: {texts:?}"),
                };
                assert_eq!(page.limit.number(), number(&limit));
                assert_eq!(page.offset.number(), number(&offset));
                let mut ids = after_id.iter().map(|text| Uuid::try_parse(text).unwrap());
                assert_eq!(page.after_id, ids.next_back());
            }
            Err(invalid) => {
                assert!(!invalid.is_empty());
                for one in invalid {
                    assert!(names.contains(&&*one.field), "{one:?}");
                    assert!(!given(&one.field).is_empty());
                }
            }
        }
    });
}
