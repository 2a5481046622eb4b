use chancery_aggregates::Id;
use chancery_aggregates::group_sync::{GroupSync, Groups};
use chancery_aggregates::idp_sync::{Claims, RegexFilter, Rule};
use chancery_aggregates::text::FreeText;
use chancery_fuzz::fuzz;
use serde_json::Value;

const WORDS: [&str; 8] = [
    "devs",
    "ops",
    "^d",
    "[a-z]+",
    "\"devs\",",
    "null",
    "Everyone",
    "(?i)",
];

/// By a claim `groups` that may have any value, and a filter that may be any text.
#[test]
fn whatever_a_claim_and_a_filter_are_each_value_is_ruled_on_once_or_the_reason_is_said() {
    let organization = Id::from_u128(1);
    let named = [("devs", 2), ("ops", 3)].map(|(name, id)| (name.to_owned(), Id::from_u128(id)));
    let groups = Groups::new(organization, named);
    let present = [Id::from_u128(3)].into();
    fuzz(include_str!("../../corpus/claims.txt"), &WORDS, |input| {
        let (claim, filter) = input.split_once('|').unwrap_or((input, ""));
        let settings = GroupSync {
            field: FreeText::parse("groups").unwrap(),
            regex_filter: RegexFilter::parse(filter).ok(),
            auto_create_missing_groups: true,
            ..GroupSync::default()
        };
        let claim = serde_json::from_str(claim).unwrap_or_else(|_| Value::from(claim));
        let claims = Claims::from_iter([("groups".to_owned(), claim.clone())]);
        let outcome = settings
            .rules()
            .evaluate(&claims, &groups, &present)
            .unwrap();
        let Ok(ruled) = outcome.ruled else {
            assert!(!claim.is_null());
            return;
        };
        let values = ruled.rulings.iter().map(|ruling| &ruling.value);
        let mut values: Vec<&str> = values
            .flatten()
            .map(|value| value.expose().as_str())
            .collect();
        let count = values.len();
        values.sort_unstable();
        values.dedup();
        assert_eq!(values.len(), count);
        for ruling in &ruled.rulings {
            assert_eq!(
                ruling.rule.gives(),
                matches!(ruling.rule, Rule::ByName | Rule::Created)
            );
        }
    });
}
