use crate::CALLBACK;
use crate::proof;
use crate::support::{App, Server, Tokens};

/// Answers of two exchanges of `code` that were sent at once.
async fn race(server: &Server, app: &App, code: &str) -> [u16; 2] {
    let form = app.exchange(code);
    let (one, other) = tokio::join!(server.token(&form), server.token(&form));
    for answer in [&one, &other] {
        if answer.status != 200 {
            assert_eq!(answer.member("error"), "invalid_grant", "{answer:#?}");
        }
    }
    [one.status.as_u16(), other.status.as_u16()]
}

#[tokio::test]
async fn of_two_exchanges_of_one_code_exactly_one_succeeds_a_thousand_times() {
    const RACES: usize = 1000;
    const AT_ONCE: usize = 10;
    let server = Server::start().await;
    let owner = server.owner().await;
    let app = owner.shared_app("app", CALLBACK).await;
    for _ in 0..RACES / AT_ONCE {
        let codes = futures::future::join_all(
            (0..AT_ONCE).map(|_| async { owner.code(&app.authorization()).await }),
        );
        let races = codes.await;
        let races = races.iter().map(|code| race(&server, &app, code));
        for mut statuses in futures::future::join_all(races).await {
            statuses.sort_unstable();
            assert_eq!(statuses, [200, 400]);
        }
    }
    proof::of_the_ledger(&server).await;
}

#[tokio::test]
async fn the_loser_of_a_race_ends_what_the_winner_got() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let app = owner.app("app", CALLBACK).await;
    let code = owner.code(&app.authorization()).await;
    let tokens = Tokens::of(&server, &app.exchange(&code)).await;
    assert_eq!(tokens.status(&server).await, 200);
    server.token(&app.exchange(&code)).await.expect(400);
    assert_eq!(tokens.status(&server).await, 401);
}

#[tokio::test]
async fn a_hundred_refreshes_of_one_token_at_once_leave_one_live_family() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let app = owner.app("app", CALLBACK).await;
    let first = app.tokens(&owner).await;
    let form = app.refresh(&first.refresh_token);
    let answers = futures::future::join_all((0..100).map(|_| server.token(&form))).await;
    let (fresh, refused): (Vec<_>, Vec<_>) =
        answers.into_iter().partition(|answer| answer.status == 200);
    assert_eq!((fresh.len(), refused.len()), (1, 99));
    for answer in &refused {
        assert_eq!(answer.member("error"), "invalid_grant");
    }
    let next: Tokens = serde_json::from_value(fresh[0].json()).unwrap();
    assert_eq!(next.status(&server).await, 200);
    Tokens::of(&server, &app.refresh(&next.refresh_token)).await;
}
