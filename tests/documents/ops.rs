//! What operators import: it names metrics that the server has, and alerts that are explained.

use std::collections::BTreeSet;

use reqwest::Method;

use crate::read;
use crate::support::{Answer, PASSWORD, Server};

/// The names of metrics in a text, without the suffixes that a histogram's parts have.
fn metrics_in(text: &str) -> BTreeSet<String> {
    let is_of_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let words = text.split(|c| !is_of_name(c));
    words
        .filter(|word| word.starts_with("chancery_") || word.starts_with("process_"))
        .map(|word| {
            let base = ["_bucket", "_sum", "_count"]
                .iter()
                .find_map(|suffix| word.strip_suffix(suffix));
            base.unwrap_or(word).to_owned()
        })
        .collect()
}

#[tokio::test]
async fn dashboard_and_alerts_name_metrics_that_are_there() {
    let server = Server::start().await;
    let owner = server.owner().await;
    owner.get("/api/v2/users/me").await.expect(200);
    let wrong = serde_json::json!({ "email": "nobody@example.com", "password": PASSWORD });
    let request = server.request(Method::POST, "/api/v2/users/login");
    Answer::to(request.json(&wrong)).await.expect(401);
    let there = metrics_in(&server.metrics().await);
    for file in [
        "ops/alerts.yaml",
        "ops/grafana-dashboard.json",
        "ops/alerts.test.yaml",
    ] {
        let named = metrics_in(&read(file));
        assert!(named.len() > 5, "{file}");
        let missing: Vec<_> = named.difference(&there).collect();
        assert!(missing.is_empty(), "{file} names {missing:?}");
    }
}

#[test]
fn every_alert_is_explained_and_every_explanation_has_its_alert() {
    let rules = read("ops/alerts.yaml");
    let alerts: BTreeSet<&str> = rules
        .lines()
        .filter_map(|line| line.trim().strip_prefix("- alert: "))
        .collect();
    let page = read("docs/alerts.md");
    let explained: BTreeSet<&str> = page
        .lines()
        .filter_map(|line| line.strip_prefix("## "))
        .collect();
    assert_eq!(alerts, explained);
    for alert in alerts {
        let runbook = format!("runbook: docs/alerts.md#{}", alert.to_lowercase());
        assert!(rules.contains(&runbook), "{alert} has no runbook");
    }
}

#[test]
fn the_dashboard_is_json_with_a_query_in_every_panel() {
    let dashboard: serde_json::Value =
        serde_json::from_str(&read("ops/grafana-dashboard.json")).unwrap();
    let panels = dashboard["panels"].as_array().unwrap();
    let of_queries = panels.iter().filter(|panel| panel["type"] != "row");
    for panel in of_queries {
        let expression = panel["targets"][0]["expr"].as_str().unwrap_or_default();
        assert!(
            expression.contains("chancery") || expression.contains("$job"),
            "{}",
            panel["title"]
        );
    }
}
