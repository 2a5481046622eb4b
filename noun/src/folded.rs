use chrono::{DateTime, Utc};

use crate::{Life, Noun};

/// A noun's state with the times that the event store gave its events.
#[derive(Debug, Clone, PartialEq)]
pub struct Folded<N: Noun> {
    /// The state.
    pub life: Life<N>,
    /// When the event was recorded that brought the thing to life.
    pub created_at: DateTime<Utc>,
    /// When the last event was recorded.
    pub updated_at: DateTime<Utc>,
}

impl<N: Noun> Default for Folded<N> {
    fn default() -> Self {
        Self {
            life: Life::Unknown,
            created_at: DateTime::UNIX_EPOCH,
            updated_at: DateTime::UNIX_EPOCH,
        }
    }
}

impl<N: Noun> Folded<N> {
    /// Takes in the stream's next event.
    pub fn evolve(&mut self, event: N::Event, recorded_at: DateTime<Utc>) {
        let was_live = self.life.live().is_some();
        N::evolve(&mut self.life, event);
        if !was_live && self.life.live().is_some() {
            self.created_at = recorded_at;
        }
        self.updated_at = recorded_at;
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use cqrs_es::test::TestFramework;
    use serde::{Deserialize, Serialize};
    use strum::{IntoStaticStr, VariantNames};

    use super::*;
    use crate::{Stream, domain_event};

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    struct Light {
        bright: bool,
    }

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, IntoStaticStr, VariantNames)]
    #[strum(serialize_all = "snake_case")]
    enum Event {
        Lit,
        Dimmed,
        PutOut,
    }

    domain_event!(Event, Light);

    impl Noun for Light {
        const TYPE: &'static str = "light";
        const STATE_VERSION: u32 = 1;
        type Command = Event;
        type Event = Event;
        type Error = Infallible;

        fn decide(state: &Life<Self>, event: Event) -> Result<Vec<Event>, Infallible> {
            let dims = event == Event::Dimmed && state.live().is_none();
            Ok(if dims { Vec::new() } else { vec![event] })
        }

        fn evolve(state: &mut Life<Self>, event: Event) {
            match (event, state) {
                (Event::Lit, state) => *state = Life::Live(Self { bright: true }),
                (Event::PutOut, state) => *state = Life::Deleted,
                (Event::Dimmed, Life::Live(light)) => light.bright = false,
                (Event::Dimmed, Life::Unknown | Life::Deleted) => {}
            }
        }
    }

    #[test]
    fn what_comes_to_life_again_is_as_old_as_its_new_life() {
        let at = |seconds| DateTime::from_timestamp(seconds, 0).unwrap_or_default();
        let mut light = Folded::<Light>::default();
        for (second, event, (created, updated)) in [
            (1, Event::Lit, (1, 1)),
            (2, Event::Dimmed, (1, 2)),
            (3, Event::PutOut, (1, 3)),
            (4, Event::Lit, (4, 4)),
        ] {
            light.evolve(event, at(second));
            assert_eq!(
                (light.created_at, light.updated_at),
                (at(created), at(updated))
            );
        }
        assert_eq!(light.life, Life::Live(Light { bright: true }));
    }

    #[test]
    fn a_stream_decides_for_cqrs_es_and_is_stored_as_its_state() {
        let given = |events| TestFramework::<Stream<Light>>::with(()).given(events);
        given(vec![]).when(Event::Dimmed).then_expect_events(vec![]);
        given(vec![Event::Lit])
            .when(Event::Dimmed)
            .then_expect_events(vec![Event::Dimmed]);
        let stream = Stream(Life::Live(Light { bright: true }));
        let json = r#"{"Live":{"bright":true}}"#;
        assert_eq!(serde_json::to_string(&stream).unwrap(), json);
        assert_eq!(serde_json::from_str::<Stream<Light>>(json).unwrap(), stream);
    }
}
