//! What may be changed of a noun, and a change of it.

/// Declares both with one list of fields: a struct of what may be changed, and one of what changes, where `None` stays.
macro_rules! changeable {
    (
        $(#[$attribute:meta])*
        pub struct $whole:ident, changed by $patch:ident {
            $($(#[$doc:meta])* $field:ident: $type:ty,)+
        }
    ) => {
        $(#[$attribute])*
        #[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
        pub struct $whole {
            $($(#[$doc])* pub $field: $type,)+
        }

        #[doc = concat!("What changes of [`", stringify!($whole), "`]. What is `None` stays.")]
        #[derive(Debug, Clone, Default, PartialEq, Eq)]
        pub struct $patch {
            $($(#[$doc])* pub $field: Option<$type>,)+
        }

        impl $patch {
            /// What there is with the changes.
            #[must_use]
            pub fn onto(self, present: $whole) -> $whole {
                $whole {
                    $($field: self.$field.unwrap_or(present.$field),)+
                }
            }
        }
    };
}

pub(crate) use changeable;
