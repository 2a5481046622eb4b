use cqrs_es::Aggregate;
use cqrs_es::event_sink::EventSink;
use serde::{Deserialize, Serialize};

use crate::{Life, Noun};

/// A noun as cqrs-es sees it: the state of one stream. Serialises as the state.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent, bound = "")]
pub struct Stream<N: Noun>(pub Life<N>);

impl<N: Noun> Default for Stream<N> {
    fn default() -> Self {
        Self(Life::Unknown)
    }
}

impl<N: Noun> Aggregate for Stream<N> {
    const TYPE: &'static str = N::TYPE;
    type Command = N::Command;
    type Event = N::Event;
    type Error = N::Error;
    type Services = ();

    async fn handle(
        &mut self,
        command: N::Command,
        (): &(),
        sink: &EventSink<Self>,
    ) -> Result<(), N::Error> {
        for event in N::decide(&self.0, command)? {
            sink.write(event, self).await;
        }
        Ok(())
    }

    fn apply(&mut self, event: N::Event) {
        N::evolve(&mut self.0, event);
    }
}
