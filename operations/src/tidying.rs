//! What is over ends by the server's own hand. Any replica may do it: of two that meet on one thing, one finds that it is gone.

use std::marker::PhantomData;

use chancery_aggregates::{Noun, Refusal, RefusalClass};

use crate::Services;
use crate::author::Author;
use crate::failure::Failure;
use crate::leave::{Leave, Thing};
use crate::policy::{Action, PublicOperation};

/// Things that are over, whoever's they are. They are many streams, which the unit names one by one.
struct Over<N>(PhantomData<fn(N)>);

impl<N: Noun<Error: Refusal>> Thing for Over<N> {
    type Noun = N;

    fn stream_id(&self) -> String {
        String::new()
    }

    fn action_of(_command: &N::Command) -> Option<Action> {
        None
    }
}

/// Asks the same of several things in one append, and waits until it shows; one that is gone is passed over. False: there was
/// nothing to record, or another replica is at it.
pub(crate) async fn clear<N>(
    services: &Services,
    ids: &[String],
    command: N::Command,
) -> Result<bool, Failure>
where
    N: Noun<Error: Refusal, Command: Sync>,
{
    let (author, over) = (Author::server(services), Over::<N>(PhantomData));
    let leave = Leave::public(PublicOperation::Server, author, Action::Delete, &over);
    let command = &command;
    let cleared = leave
        .unit_unseen(|mut unit| async move {
            for id in ids {
                match unit.try_also::<N>(id, command.clone()).await? {
                    Err(refused) if refused.class() != RefusalClass::NotFound => {
                        return Err(Failure::of_refusal(&refused));
                    }
                    Ok(_) | Err(_) => {}
                }
            }
            unit.done(())
        })
        .await;
    match cleared {
        Ok(((), Some(position))) => {
            services
                .wait_until_shown(&[N::TYPE], Some(position))
                .await?;
            Ok(true)
        }
        Ok(((), None)) | Err(Failure::Conflict) => Ok(false),
        Err(failure) => Err(failure),
    }
}
