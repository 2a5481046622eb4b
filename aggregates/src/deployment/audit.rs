use super::{Deployment, Event};
use crate::audit::{Audited, Entry, Resource};

/// What happens to the deployment comes with an organization and a user, whose entries say it.
impl Audited for Deployment {
    const RESOURCES: &'static [&'static Resource] = &[];

    fn entry(_id: &str, _event: &Event) -> Result<Option<Entry>, uuid::Error> {
        Ok(None)
    }
}
