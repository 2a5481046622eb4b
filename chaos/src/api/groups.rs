//! Groups.

use reqwest::Method;
use serde_json::json;

use super::{Api, GROUPS, Group, Reply, read, text, written};
use crate::history::{Act, Answer};

impl Api {
    /// Creates a group.
    pub async fn create_group(&self, server: usize) -> Option<Group> {
        let label = self.label("group");
        let body = json!({ "name": label.replace(' ', "-") });
        let request = self.signed(server, Method::POST, GROUPS).json(&body);
        let act = Act::Create {
            thing: label.clone(),
        };
        let reply = self.act(server, act, request, written).await?;
        Some(Group {
            label,
            id: text(&reply.body, "id"),
        })
    }

    /// Changes a group's display name.
    pub async fn change_group(&self, server: usize, group: &Group) -> bool {
        let value = self.label("value");
        let path = format!("/api/v2/groups/{}", group.id);
        let request = self
            .signed(server, Method::PATCH, &path)
            .json(&json!({ "display_name": value }));
        let act = Act::Change {
            thing: group.label.clone(),
            value,
        };
        self.act(server, act, request, written).await.is_some()
    }

    /// Deletes a group.
    pub async fn delete_group(&self, server: usize, group: &Group) -> bool {
        let request = self.signed(
            server,
            Method::DELETE,
            &format!("/api/v2/groups/{}", group.id),
        );
        let act = Act::End {
            thing: group.label.clone(),
        };
        self.act(server, act, request, written).await.is_some()
    }

    /// Reads a group.
    pub async fn read_group(&self, server: usize, group: &Group) {
        let request = self.signed(server, Method::GET, &format!("/api/v2/groups/{}", group.id));
        let act = Act::Read {
            thing: group.label.clone(),
        };
        let judge = |reply: &Reply| match read(reply, 404) {
            Answer::Shows(_) => Answer::Shows(Some(text(&reply.body, "display_name"))),
            other => other,
        };
        self.act(server, act, request, judge).await;
    }
}
