//! Commands on several streams that are recorded together or not at all.

use chancery_aggregates::{Life, Noun, Refusal};
use chancery_ledger::{Position, Seen, UnitOfWork};

use crate::failure::Failure;
use crate::leave::{CommandOf, Leave, RefusalOf, Thing};

/// A unit of work under a leave. Each command sees what earlier ones of the unit decided.
pub(crate) struct Unit<'a, T: Thing> {
    leave: &'a Leave<'a, T>,
    work: UnitOfWork,
}

/// A unit whose commands are all decided, and what came of them.
pub(crate) struct Done<'a, T: Thing, R>(pub Unit<'a, T>, pub R);

impl<'a, T: Thing> Unit<'a, T> {
    /// Everything is decided: the unit may be recorded.
    #[expect(clippy::unnecessary_wraps, reason = "it ends work that may fail")]
    pub(crate) fn done<R>(self, result: R) -> Result<Done<'a, T, R>, Failure> {
        Ok(Done(self, result))
    }

    pub(crate) fn begin(leave: &'a Leave<'a, T>) -> Self {
        let author = leave.author();
        let context = author.context(leave.now());
        Self {
            leave,
            work: author.services.ledger().unit_of_work(&context),
        }
    }

    /// The command that leave was given for, on the thing's own stream.
    pub(crate) async fn record(&mut self, command: CommandOf<T>) -> Result<Life<T::Noun>, Failure> {
        self.leave.check(&command)?;
        let id = self.leave.thing().stream_id();
        self.also::<T::Noun>(&id, command).await
    }

    /// Like [`record`](Self::record), with the domain's refusal apart.
    pub(crate) async fn try_record(
        &mut self,
        command: CommandOf<T>,
    ) -> Result<Result<Life<T::Noun>, RefusalOf<T>>, Failure> {
        self.leave.check(&command)?;
        let id = self.leave.thing().stream_id();
        self.try_also::<T::Noun>(&id, command).await
    }

    /// Like [`record`](Self::record), for a thing whose id was just drawn.
    pub(crate) async fn record_new(
        &mut self,
        command: CommandOf<T>,
    ) -> Result<Life<T::Noun>, Failure> {
        self.leave.check(&command)?;
        let id = self.leave.thing().stream_id();
        self.also_new::<T::Noun>(&id, command).await
    }

    /// What the thing's command brings about on another stream, or asks of it.
    pub(crate) async fn also<N>(
        &mut self,
        id: &str,
        command: N::Command,
    ) -> Result<Life<N>, Failure>
    where
        N: Noun<Error: Refusal>,
    {
        Ok(self.work.execute::<N>(id, command).await?)
    }

    /// Like [`also`](Self::also), for a stream that is believed to be new.
    pub(crate) async fn also_new<N>(
        &mut self,
        id: &str,
        command: N::Command,
    ) -> Result<Life<N>, Failure>
    where
        N: Noun<Error: Refusal>,
    {
        Ok(self.work.execute_new::<N>(id, command).await?)
    }

    /// Like [`also`](Self::also), with the domain's refusal apart.
    pub(crate) async fn try_also<N>(
        &mut self,
        id: &str,
        command: N::Command,
    ) -> Result<Result<Life<N>, N::Error>, Failure>
    where
        N: Noun<Error: Refusal>,
    {
        match self.work.execute::<N>(id, command).await {
            Ok(state) => Ok(Ok(state)),
            Err(error) => Failure::of_command(error).map(Err),
        }
    }

    /// Names a stream that the unit rests on, as it was seen: should it have changed, the unit is not recorded.
    pub(crate) fn rests_on<N: Noun>(&mut self, id: &str, seen: &Seen<N>) -> Result<(), Failure> {
        self.work
            .rests_on(id, seen)
            .map_err(|error| Failure::internal(&error))
    }

    /// A live thing that the unit rests on. That there is none is so now.
    pub(crate) async fn live<N: Noun>(&mut self, id: &str) -> Result<N, Failure> {
        let ledger = self.leave.author().services.ledger();
        let mut seen = ledger.so_far().state::<N>(id).await?;
        if seen.state.life.live().is_none() {
            seen = ledger.now().await?.state::<N>(id).await?;
        }
        let live = seen.state.life.live().cloned();
        let live = live.ok_or(Failure::NotFound)?;
        self.rests_on(id, &seen)?;
        Ok(live)
    }

    /// The thing as it is recorded now. Asked after the unit's command on it: should it change later, the unit is not recorded.
    pub(crate) async fn present(&self) -> Result<Life<T::Noun>, Failure> {
        let ledger = self.leave.author().services.ledger();
        let id = self.leave.thing().stream_id();
        Ok(ledger.load::<T::Noun>(&id).await?.0)
    }

    /// Records it. Returns the types of the streams that got events, and the position of the last.
    pub(crate) async fn commit(self) -> Result<(Vec<&'static str>, Option<Position>), Failure> {
        let types = self.work.written_types();
        Ok((types, self.work.commit().await?))
    }
}
