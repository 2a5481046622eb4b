//! A crash between an answer and the disk, that no later write makes good.

use std::time::Duration;

use futures::future::join_all;
use tokio::time::{Instant, sleep};

use crate::deployment::Deployment;
use crate::load::{Load, Mode};

const TOKENS: usize = 8;
/// Writes under way when the clients are told to look only come to an end within so long.
const WRITES_END: Duration = Duration::from_millis(300);
/// How long everybody only looks, once somebody is answered again.
const WATCH: Duration = Duration::from_secs(3);
/// PostgreSQL recovers within so long.
const PATIENCE: Duration = Duration::from_secs(30);

/// Makes tokens, revokes half of them, kills all of PostgreSQL at once, and looks at them while nobody writes.
pub(crate) async fn inject(deployment: &Deployment, load: &Load) {
    let api = &deployment.api;
    let server = |number: usize| number % api.servers();
    load.set(Mode::Reads);
    sleep(WRITES_END).await;
    let tokens = join_all((0..TOKENS).map(|number| async move {
        let code = api.authorize(server(number)).await?;
        api.exchange(server(number), &code).await
    }));
    let tokens: Vec<_> = tokens.await.into_iter().flatten().collect();
    let (revoked, _) = tokens.split_at(tokens.len() / 2);
    join_all(
        revoked
            .iter()
            .enumerate()
            .map(|(number, token)| api.revoke(server(number), token)),
    )
    .await;
    deployment.database.kill_all();
    let deadline = Instant::now() + PATIENCE;
    while deployment.database.connect().await.is_err() && Instant::now() < deadline {
        sleep(Duration::from_millis(20)).await;
    }
    let watched = Instant::now() + WATCH;
    while Instant::now() < watched {
        let looks = tokens.iter().enumerate();
        join_all(looks.map(|(number, token)| api.read_token(server(number), token))).await;
    }
    load.set(Mode::All);
}
