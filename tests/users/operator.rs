use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, OWNER_EMAIL, PASSWORD, Ran, Server, chancery, chancery_reading};

const NEW_PASSWORD: &str = "Another-Horse-Battery-7";
const CREATE: [&str; 6] = [
    "user",
    "create",
    "--username",
    "ada",
    "--email",
    "ada@example.com",
];

async fn run(server: &Server, arguments: &[&str]) -> Ran {
    chancery(server.setting("CHANCERY_DATABASE_URL"), arguments).await
}

async fn run_given(server: &Server, arguments: &[&str], password: &str) -> Ran {
    let url = server.setting("CHANCERY_DATABASE_URL");
    chancery_reading(url, arguments, &format!("{password}\n")).await
}

async fn login_status(server: &Server, email: &str, password: &str) -> u16 {
    let request = server
        .request(Method::POST, "/api/v2/users/login")
        .json(&json!({ "email": email, "password": password }));
    Answer::to(request).await.status.as_u16()
}

/// Who is recorded to have done what is recorded of this type last.
async fn actor(server: &Server, event_type: &str) -> (String, String) {
    sqlx::query_as(
        "SELECT metadata ->> 'actor_kind', metadata ->> 'actor_name' FROM events \
         WHERE event_type = $1 ORDER BY position DESC LIMIT 1",
    )
    .bind(event_type)
    .fetch_one(server.pool())
    .await
    .unwrap()
}

async fn operator() -> (String, String) {
    let named = tokio::process::Command::new("id").arg("-un").output().await;
    let name = String::from_utf8(named.unwrap().stdout).unwrap();
    ("operator".to_owned(), name.trim().to_owned())
}

#[tokio::test]
async fn an_operator_makes_an_owner_of_a_deployment_that_is_nobodys_yet() {
    let server = Server::start().await;
    let made = run(&server, &[&CREATE[..], &["--owner", "--json"]].concat()).await;
    let made: Value = made.json().remove(0);
    let password = made["password"].as_str().unwrap();
    let ada = server.sign_in("ada@example.com", password).await;
    assert_eq!(made["id"], ada.user_id);
    let roles = ada.get("/api/v2/users/me").await.expect(200).json();
    assert_eq!(roles["roles"][0]["name"], "owner");
    assert_eq!(roles["status"], "active");
    ada.get("/api/v2/organizations/default").await.expect(200);
    server.get("/api/v2/users/first").await.expect(200);
    assert_eq!(actor(&server, "user_created").await, operator().await);
    let recorded: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM events event WHERE event::text LIKE '%' || $1 || '%'",
    )
    .bind(password)
    .fetch_one(server.pool())
    .await
    .unwrap();
    assert_eq!(recorded, 0, "the password is recorded");
}

#[tokio::test]
async fn an_operator_makes_a_member_whether_the_server_runs_or_not() {
    let mut server = Server::start().await;
    server.owner().await;
    server.stop().await;
    let made = run_given(
        &server,
        &[&CREATE[..], &["--password-stdin"]].concat(),
        PASSWORD,
    )
    .await;
    assert!(!made.ok().contains(PASSWORD));
    server.run().await;
    let ada = server.sign_in("ada@example.com", PASSWORD).await;
    let roles = ada.get("/api/v2/users/me").await.expect(200).json();
    assert_eq!(roles["roles"], json!([]));
}

#[tokio::test]
async fn what_is_not_taken_of_a_new_user_is_said_in_one_line() {
    let server = Server::start().await;
    server.owner().await;
    let stdin = [&CREATE[..], &["--password-stdin"]].concat();
    let weak = run_given(&server, &stdin, "password").await;
    weak.fails(2, "password: Password is easily guessed.");
    let taken = [
        "user",
        "create",
        "--username",
        "owner",
        "--email",
        "x@example.com",
    ];
    run(&server, &taken)
        .await
        .fails(2, "username: This value is already in use");
    let bad = ["user", "create", "--username", "-", "--email", "nobody"];
    run(&server, &bad).await.fails(2, "email:");
}

#[tokio::test]
async fn an_operator_lets_a_user_in_again_and_everything_handed_out_before_ends() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let token = owner
        .post(
            "/api/v2/users/me/keys/tokens",
            &json!({ "token_name": "ci" }),
        )
        .await
        .expect(201)
        .member("key");
    for name in ["owner", OWNER_EMAIL, &owner.user_id] {
        let reset = run(&server, &["user", "reset-password", name, "--json"]).await;
        let reset: Value = reset.json().remove(0);
        let password = reset["password"].as_str().unwrap();
        assert_eq!(login_status(&server, OWNER_EMAIL, password).await, 201);
    }
    assert_eq!(login_status(&server, OWNER_EMAIL, PASSWORD).await, 401);
    owner.get("/api/v2/users/me").await.expect(401);
    let request = server
        .request(Method::GET, "/api/v2/users/me")
        .header("Coder-Session-Token", token);
    Answer::to(request).await.expect(401);
    assert_eq!(actor(&server, "password_changed").await, operator().await);
    let given = ["user", "reset-password", "owner", "--password-stdin"];
    run_given(&server, &given, NEW_PASSWORD).await.ok();
    assert_eq!(login_status(&server, OWNER_EMAIL, NEW_PASSWORD).await, 201);
}

#[tokio::test]
async fn a_password_is_not_given_to_nobody_nor_to_one_who_signs_in_another_way() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let organization = owner
        .get("/api/v2/organizations/default")
        .await
        .member("id");
    let robot = json!({
        "username": "robot", "email": "robot@example.com", "login_type": "none", "organization_ids": [organization],
    });
    owner.post("/api/v2/users", &robot).await.expect(201);
    let reset = async |name: &'static str| run(&server, &["user", "reset-password", name]).await;
    reset("nobody").await.fails(4, "there is no such user");
    reset("robot").await.fails(2, "without password login type");
}

#[tokio::test]
async fn where_there_is_no_data_none_is_made() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("data");
    let settings = [("CHANCERY_DATA_DIR", path.to_str().unwrap())];
    let ran = crate::support::chancery_with(&settings, &CREATE).await;
    ran.fails(3, "there is no data");
    assert!(!path.exists());
}
