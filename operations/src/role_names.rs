//! Roles as they are asked for: by name.

use crate::failure::{Failure, InvalidField, Refused};

/// Roles of one kind, and what they are called.
pub(crate) struct RoleNames<R> {
    /// The role that everyone has; it is never recorded.
    pub implicit: &'static str,
    /// One of them, with its article.
    pub one: &'static str,
    /// Several.
    pub several: &'static str,
    pub from_name: fn(&str) -> Option<R>,
}

impl<R> RoleNames<R> {
    /// The roles of these names, as often as they are named, without the implicit one.
    pub fn known(&self, names: &[String]) -> Result<Vec<R>, Failure> {
        let mut roles = Vec::new();
        let mut unknown = Vec::new();
        for name in names.iter().filter(|name| *name != self.implicit) {
            if let Some(role) = (self.from_name)(name) {
                roles.push(role);
            } else {
                let detail = format!("\"{name}\" is not {}", self.one);
                unknown.push(InvalidField::new("roles", detail));
            }
        }
        if unknown.is_empty() {
            return Ok(roles);
        }
        let text = format!("One or more roles are not {}.", self.several);
        Err(Refused::fields("roles", text, unknown).into())
    }
}
