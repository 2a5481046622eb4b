use super::{Event, ProvisionerDaemon};
use crate::audit::{Audited, Entry, Resource};

/// Programs come and go by themselves: that is in the log, and nobody's action.
impl Audited for ProvisionerDaemon {
    const RESOURCES: &'static [&'static Resource] = &[];

    fn entry(_id: &str, _event: &Event) -> Result<Option<Entry>, uuid::Error> {
        Ok(None)
    }
}
