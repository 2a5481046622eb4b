use reqwest::Method;
use serde_json::{Value, json};

use crate::path;
use crate::support::{Answer, Server, Session, UNKNOWN};

async fn entries(owner: &Session<'_>, query: &str, replaced: &[(&str, &str)]) -> Vec<Value> {
    let entries = owner.audit(query).await;
    let shown = entries.iter().rev().map(|entry| {
        let shown = json!({
            "action": entry["action"], "status_code": entry["status_code"], "target": entry["resource_target"],
            "by": entry["user"]["username"], "diff": entry["diff"],
        });
        let text = replaced
            .iter()
            .fold(shown.to_string(), |text, (value, name)| text.replace(value, name));
        serde_json::from_str(&text).unwrap()
    });
    shown.collect()
}

#[tokio::test]
async fn every_change_of_an_organization_is_in_the_trail_with_its_difference() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let id = owner.organization("acme").await;
    let change = json!({ "name": "apex", "description": "We make it" });
    owner.patch(&path(&id), &change).await.expect(200);
    owner.patch(&path(&id), &change).await.expect(200);
    owner.delete(&path(&id)).await.expect(200);
    let query = format!("resource_type:organization resource_id:{id}");
    insta::assert_json_snapshot!("audit_of_an_organization", entries(&owner, &query, &[]).await, {
        "[].diff.updated_at.*" => "[time]",
    });
}

#[tokio::test]
async fn every_change_of_a_membership_is_in_the_trail_with_its_difference() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let home = owner.default_organization().await;
    let ada = owner
        .create_person("ada", &[&home])
        .await
        .expect(201)
        .member("id");
    owner.organization("other").await;
    owner
        .post(&path("other/members/ada"), &json!({}))
        .await
        .expect(200);
    owner
        .set_member_roles("other", "ada", &["organization-auditor"])
        .await
        .expect(200);
    owner.delete(&path("other/members/ada")).await.expect(204);
    let query = "resource_type:organization_member organization:other resource_target:ada";
    let found = entries(&owner, query, &[(&ada, "[ada]")]).await;
    insta::assert_json_snapshot!("audit_of_a_membership", found, {
        "[].diff.created_at.*" => "[time]", "[].diff.updated_at.*" => "[time]",
    });
}

/// A page of the trail.
async fn page(session: &Session<'_>, query: &[(&str, &str)]) -> Answer {
    let request = session.request(Method::GET, "/api/v2/audit");
    Answer::to(request.query(query)).await
}

/// The ids of the entries that match, and how many there are said to be.
async fn found(session: &Session<'_>, query: &str) -> (Vec<String>, i64) {
    let answer = page(session, &[("q", query)]).await.expect(200).json();
    let entries = answer["audit_logs"].as_array().unwrap();
    let ids = entries.iter().map(|entry| entry["id"].as_str().unwrap());
    (
        ids.map(str::to_owned).collect(),
        answer["count"].as_i64().unwrap(),
    )
}

/// Two organizations with a trail each, and a person of `acme` and of `other` with a role in the first alone.
async fn auditor_of_acme<'a>(owner: &Session<'a>, role: &str) -> Session<'a> {
    let (acme, other) = (
        owner.organization("acme").await,
        owner.organization("other").await,
    );
    let ada = owner.person("ada", &[&acme, &other]).await;
    let roles = owner.set_member_roles("acme", "ada", &[role]).await;
    roles.expect(200);
    owner.group("acme", "staff").await;
    owner.group("other", "crew").await;
    ada
}

#[tokio::test]
async fn admins_and_auditors_of_an_organization_read_its_entries_and_no_others() {
    for role in ["organization-admin", "organization-auditor"] {
        let server = Server::start().await;
        let owner = server.owner().await;
        let ada = auditor_of_acme(&owner, role).await;
        let of_acme = found(&owner, "organization:acme").await;
        assert!(of_acme.1 >= 4, "{of_acme:?}");
        assert_eq!(found(&ada, "").await, of_acme, "{role}");
        assert_eq!(found(&ada, "organization:acme").await, of_acme);
        // A member knows that the other organization exists, and sees nothing of its trail.
        let nothing = (Vec::new(), 0);
        for query in [
            "organization:other",
            "resource_type:api_key",
            "resource_type:user",
            "resource_target:crew",
        ] {
            assert!(found(&owner, query).await.1 > 0, "{query}");
            assert_eq!(found(&ada, query).await, nothing, "{role}: {query}");
        }
        let staff = "resource_type:group resource_target:staff";
        assert_eq!(found(&ada, staff).await, found(&owner, staff).await);
    }
}

#[tokio::test]
async fn who_audits_two_organizations_reads_the_entries_of_both() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let ada = auditor_of_acme(&owner, "organization-auditor").await;
    let roles = owner.set_member_roles("other", "ada", &["organization-admin"]);
    roles.await.expect(200);
    let (of_acme, acme) = found(&owner, "organization:acme").await;
    let (of_other, other) = found(&owner, "organization:other").await;
    let (both, count) = found(&ada, "").await;
    assert_eq!(count, acme + other);
    assert_eq!(both.len(), of_acme.len() + of_other.len());
    for id in of_acme.iter().chain(&of_other) {
        assert!(both.contains(id));
    }
}

#[tokio::test]
async fn what_is_not_the_callers_to_see_answers_like_what_does_not_exist() {
    let server = Server::start().await;
    let owner = server.owner().await;
    owner.organization("secret").await;
    let ada = auditor_of_acme(&owner, "organization-auditor").await;
    let asked = async |organization: &str| {
        let query = format!("organization:{organization}");
        let answer = page(&ada, &[("q", &query)]).await.expect(400);
        answer.text.replace(organization, "[name]")
    };
    assert_eq!(asked("secret").await, asked("nowhere").await);
    // Whether an entry of another organization exists, and where its place is, shows nowhere.
    let (others, _) = found(&owner, "organization:other").await;
    for id in [others[0].as_str(), UNKNOWN] {
        let answer = page(&ada, &[("after_id", id)]).await.expect(200).json();
        assert_eq!(answer["audit_logs"], json!([]), "{id}");
    }
    // Who acts in one organization is not shown as a member of those that the caller does not know.
    let of = async |user: &str| {
        let path = format!("/api/v2/users/{user}");
        owner.get(&path).await.expect(200).json()["organization_ids"].clone()
    };
    let (owners, adas) = (of("me").await, of("ada").await);
    let known: Vec<_> = owners
        .as_array()
        .unwrap()
        .iter()
        .filter(|id| adas.as_array().unwrap().contains(id))
        .collect();
    assert_eq!((owners.as_array().unwrap().len(), known.len()), (4, 2));
    for entry in ada.audit("").await {
        assert_eq!(entry["user"]["username"], "owner");
        assert_eq!(entry["user"]["organization_ids"], json!(known));
    }
}

#[tokio::test]
async fn other_roles_of_an_organization_read_no_trail() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let ada = auditor_of_acme(&owner, "organization-auditor").await;
    page(&ada, &[]).await.expect(200);
    for roles in [
        &[][..],
        &["organization-user-admin"],
        &["organization-template-admin"],
    ] {
        let given = owner.set_member_roles("acme", "ada", roles).await;
        given.expect(200);
        page(&ada, &[]).await.expect(403);
        page(&ada, &[("q", "organization:acme")]).await.expect(403);
    }
}

#[tokio::test]
async fn what_belonged_to_a_deleted_organization_is_shown_as_deleted() {
    let server = Server::start().await;
    let owner = server.owner().await;
    owner.organization("acme").await;
    owner.group("acme", "staff").await;
    let query = "resource_type:group resource_target:staff";
    assert_eq!(owner.audit(query).await[0]["is_deleted"], false);
    owner.delete(&path("acme")).await.expect(200);
    assert_eq!(owner.audit(query).await[0]["is_deleted"], true);
}
