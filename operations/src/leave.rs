//! Leave to act: bound to one action on one thing, and the only way to the ledger.

use chancery_aggregates::{Noun, Refusal};
use chancery_ledger::{Executed, Position, Rests};
use chrono::{DateTime, Utc};

use crate::author::Author;
use crate::failure::Failure;
use crate::policy::{Action, PublicOperation, Resource};
use crate::standing::Standing;
use crate::unit::{Done, Unit};

/// How often it is decided anew when a stream that it rests on changed in between. Of many who change one thing at once, one gets through
/// each time.
pub(crate) const ATTEMPTS: u32 = 24;

/// What leave is asked for: how the policy calls it, and the stream that its commands go to.
pub(crate) trait Thing: Sync {
    /// Its noun.
    type Noun: Noun<Error: Refusal>;

    /// What the policy decides on: what is owners' alone, unless the thing says otherwise.
    fn resource(&self) -> Resource {
        Resource::of_owners::<Self::Noun>()
    }

    /// Its stream.
    fn stream_id(&self) -> String;

    /// The action that a command to its stream is; None: the command concerns another thing of that stream.
    fn action_of(command: &CommandOf<Self>) -> Option<Action>;
}

/// The commands of a thing.
pub(crate) type CommandOf<T> = <<T as Thing>::Noun as Noun>::Command;

/// Why a thing refuses its commands.
pub(crate) type RefusalOf<T> = <<T as Thing>::Noun as Noun>::Error;

/// Leave to do one action to one thing. It records commands of that action on that thing's stream and no others; what they
/// bring about on other streams is recorded with them, in a [`unit`](Self::unit). Where it was given for somebody's roles, nothing
/// is recorded once these are taken.
#[must_use = "leave is what a command is recorded with"]
pub(crate) struct Leave<'a, T: Thing> {
    author: Author,
    action: Action,
    thing: &'a T,
    now: DateTime<Utc>,
    standing: Option<Standing>,
}

impl<'a, T: Thing> Leave<'a, T> {
    /// Given by the policy alone, through [`Caller::may`](crate::Caller).
    pub(crate) fn given(author: Author, action: Action, thing: &'a T) -> Self {
        let now = author.services.clock().now();
        Self {
            author,
            action,
            thing,
            now,
            standing: None,
        }
    }

    /// For as long as the one who asked has the roles that it was given for.
    pub(crate) fn while_standing(mut self, standing: Standing) -> Self {
        self.standing = Some(standing);
        self
    }

    /// For an operation that needs no session.
    pub(crate) fn public(
        _operation: PublicOperation,
        author: Author,
        action: Action,
        thing: &'a T,
    ) -> Self {
        Self::given(author, action, thing)
    }

    /// The time of what is recorded with it.
    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.now
    }

    /// Records a command on the thing's stream, and waits until it shows.
    pub(crate) async fn record(&self, command: CommandOf<T>) -> Result<Executed<T::Noun>, Failure> {
        let executed = self.record_unseen(command).await?;
        self.wait_until_shown(executed.position).await?;
        Ok(executed)
    }

    /// Like [`record`](Self::record), without waiting: for operations whose answer rests on no read model.
    pub(crate) async fn record_unseen(
        &self,
        command: CommandOf<T>,
    ) -> Result<Executed<T::Noun>, Failure> {
        let executed = self.execute(command).await?;
        executed.map_err(|refusal| Failure::of_refusal(&refusal))
    }

    /// Like [`record`](Self::record), with the domain's refusal apart.
    pub(crate) async fn try_record(
        &self,
        command: CommandOf<T>,
    ) -> Result<Result<Executed<T::Noun>, RefusalOf<T>>, Failure> {
        let executed = self.execute(command).await?;
        if let Ok(executed) = &executed {
            self.wait_until_shown(executed.position).await?;
        }
        Ok(executed)
    }

    /// Like [`record_unseen`](Self::record_unseen), for a decision that rests on other streams besides. When one of them has changed
    /// it fails as a conflict, and is to be made again.
    pub(crate) async fn record_resting(
        &self,
        command: CommandOf<T>,
        rests: &Rests,
    ) -> Result<Executed<T::Noun>, Failure> {
        let executed = self.execute_resting(command, rests).await?;
        executed.map_err(|refusal| Failure::of_refusal(&refusal))
    }

    /// Decides and records a command; again when what the leave rests on has changed, and it stands all the same.
    async fn execute(
        &self,
        command: CommandOf<T>,
    ) -> Result<Result<Executed<T::Noun>, RefusalOf<T>>, Failure> {
        let Some(mut standing) = self.standing.clone() else {
            return self.execute_resting(command, &Rests::default()).await;
        };
        let mut attempt = 1;
        loop {
            let rests = standing.rests();
            match self.execute_resting(command.clone(), &rests).await {
                Err(Failure::Conflict) if attempt < ATTEMPTS => attempt += 1,
                executed => return executed,
            }
            standing = standing.renewed(self.author.services.ledger()).await?;
        }
    }

    async fn execute_resting(
        &self,
        command: CommandOf<T>,
        rests: &Rests,
    ) -> Result<Result<Executed<T::Noun>, RefusalOf<T>>, Failure> {
        self.check(&command)?;
        let ledger = self.author.services.ledger();
        let context = self.author.context(self.now);
        let id = self.thing.stream_id();
        let executed = ledger.execute_resting::<T::Noun>(&id, command, &context, rests);
        match executed.await {
            Ok(executed) => Ok(Ok(executed)),
            Err(error) => Failure::of_command(error).map(Err),
        }
    }

    /// Waits until the thing's event at `position` shows.
    pub(crate) async fn wait_until_shown(&self, position: Option<Position>) -> Result<(), Failure> {
        let types = [<T::Noun as Noun>::TYPE];
        self.author
            .services
            .wait_until_shown(&types, position)
            .await
    }

    /// Records commands on several streams, all or nothing, and waits until they show. `work` decides them and hands the unit back
    /// as [`Unit::done`]; it is asked again when a stream that it looked at has changed in between.
    pub(crate) async fn unit<'l, R, F>(
        &'l self,
        work: impl Fn(Unit<'l, T>) -> F,
    ) -> Result<R, Failure>
    where
        F: Future<Output = Result<Done<'l, T, R>, Failure>>,
    {
        let (result, types, position) = self.decide_unit(work).await?;
        let services = &self.author.services;
        services.wait_until_shown(&types, position).await?;
        Ok(result)
    }

    /// Like [`unit`](Self::unit), without waiting. Returns also the position of the last event.
    pub(crate) async fn unit_unseen<'l, R, F>(
        &'l self,
        work: impl Fn(Unit<'l, T>) -> F,
    ) -> Result<(R, Option<Position>), Failure>
    where
        F: Future<Output = Result<Done<'l, T, R>, Failure>>,
    {
        let (result, _, position) = self.decide_unit(work).await?;
        Ok((result, position))
    }

    async fn decide_unit<'l, R, F>(
        &'l self,
        work: impl Fn(Unit<'l, T>) -> F,
    ) -> Result<(R, Vec<&'static str>, Option<Position>), Failure>
    where
        F: Future<Output = Result<Done<'l, T, R>, Failure>>,
    {
        let mut standing = self.standing.clone();
        let mut attempt = 1;
        loop {
            let mut unit = Unit::begin(self);
            if let Some(standing) = &standing {
                standing.bears(&mut unit)?;
            }
            let Done(unit, result) = work(unit).await?;
            match unit.commit().await {
                Ok((types, position)) => return Ok((result, types, position)),
                Err(Failure::Conflict) if attempt < ATTEMPTS => attempt += 1,
                Err(failure) => return Err(failure),
            }
            if let Some(before) = standing.take() {
                standing = Some(before.renewed(self.author.services.ledger()).await?);
            }
        }
    }

    pub(crate) fn author(&self) -> &Author {
        &self.author
    }

    pub(crate) fn thing(&self) -> &T {
        self.thing
    }

    /// Whether the leave is for what `command` does.
    pub(crate) fn check(&self, command: &CommandOf<T>) -> Result<(), Failure> {
        if T::action_of(command) == Some(self.action) {
            return Ok(());
        }
        let (action, resource) = (self.action, self.thing.resource());
        Err(Failure::Internal(format!(
            "leave to {action:?} {resource:?} does not reach as far as the command"
        )))
    }
}

#[cfg(test)]
mod tests;
