//! The one place that says how an event enum names and versions its events.

/// Implements `cqrs_es::DomainEvent` and the `TYPES` list for an event enum whose variants all have named fields.
/// The match is exhaustive: a variant without a name and version does not compile.
macro_rules! domain_event {
    ($event:ident { $($variant:ident => $name:literal @ $version:literal),+ $(,)? }) => {
        impl $event {
            /// The `event_type` of every variant, in order of declaration.
            pub const TYPES: &'static [&'static str] = &[$($name),+];
        }

        impl cqrs_es::DomainEvent for $event {
            fn event_type(&self) -> String {
                match self {
                    $(Self::$variant { .. } => $name,)+
                }
                .to_owned()
            }

            fn event_version(&self) -> String {
                match self {
                    $(Self::$variant { .. } => $version,)+
                }
                .to_owned()
            }
        }
    };
}
