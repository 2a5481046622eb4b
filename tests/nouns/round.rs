use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::{Value, json};

use crate::declared::{Declared, Read};
use crate::support::{Answer, Server, Session};

/// One thing of a noun, from its creation to its end.
pub struct Round<'a> {
    server: &'a Server,
    owner: &'a Session<'a>,
    noun: &'a Declared,
    home: String,
    collection: String,
    /// The last position before it was made.
    before: i64,
    /// The thing as it was made.
    made: Value,
    /// How it was shown at which positions.
    shown: Vec<(i64, Value)>,
    /// What was done, and with which status it was answered.
    done: Vec<(&'static str, u16)>,
}

impl<'a> Round<'a> {
    /// Makes one.
    pub async fn begin(server: &'a Server, owner: &'a Session<'a>, noun: &'a Declared) -> Self {
        let home = owner.default_organization().await;
        let collection = noun.collection.replace("{organization}", &home);
        let before = head(server).await;
        let new = (noun.new)();
        let mut made = owner.post(&collection, &new).await.expect(201).json();
        if noun.hands_out_a_secret {
            let listed = owner.get(&collection).await.expect(200).json();
            let mut listed = listed.as_array().unwrap().iter();
            let named = listed.find(|one| one[noun.named_by] == new[noun.named_by]);
            made = named.expect("what was just made is listed").clone();
        }
        let mut round = Self {
            server,
            owner,
            noun,
            home,
            collection,
            before,
            made,
            shown: Vec::new(),
            done: vec![("create", 201)],
        };
        round.note().await;
        assert_eq!(round.shown[0].1, round.made, "{}", noun.noun_type);
        round
    }

    /// Changes it, where that can be done.
    pub async fn change(&mut self) {
        let Some((method, change)) = &self.noun.change else {
            return;
        };
        let request = self.owner.request(method.clone(), &self.one());
        Answer::to(request.json(change)).await.expect(200);
        self.done.push(("write", 200));
        self.note().await;
        let (_, shown) = self.shown.last().unwrap();
        for (name, value) in change.as_object().unwrap() {
            assert_eq!(&shown[name], value, "{}: {name}", self.noun.noun_type);
        }
    }

    /// Looks back: each earlier position shows it as it was shown then, and none shows it before it was made.
    pub async fn look_back(&self) {
        for (position, shown) in &self.shown {
            let then = self.read(&format!("?as_of={position}")).await;
            assert_eq!(then.as_ref(), Some(shown), "{}", self.noun.noun_type);
        }
        let before = self.read(&format!("?as_of={}", self.before)).await;
        assert_eq!(before, None, "{}", self.noun.noun_type);
    }

    /// Deletes it.
    pub async fn end(&mut self) {
        let deleted = self.noun.deleted;
        self.owner.delete(&self.one()).await.expect(deleted);
        self.done.push(("delete", deleted));
        assert_eq!(self.read("").await, None, "{}", self.noun.noun_type);
        self.owner.delete(&self.one()).await.expect(404);
    }

    /// Holds the trail against what was done.
    pub async fn check_trail(&self) {
        let resource = self.noun.resource;
        let id = text(&self.made[self.noun.audited_by]);
        let query = format!("resource_type:{} resource_id:{id}", resource.name);
        let mut entries = self.owner.audit(&query).await;
        entries.reverse();
        let expected: Vec<Value> = self
            .done
            .iter()
            .map(|(action, status)| json!([action, status, "owner", true]))
            .collect();
        let said: Vec<Value> = entries
            .iter()
            .map(|entry| {
                let by = &entry["user"]["username"];
                json!([
                    entry["action"],
                    entry["status_code"],
                    by,
                    entry["is_deleted"]
                ])
            })
            .collect();
        assert_eq!(said, expected, "{}", resource.name);
        let tracked: BTreeSet<&str> = resource.fields.iter().map(|field| field.name).collect();
        for entry in &entries {
            let diff = entry["diff"].as_object().unwrap();
            assert!(!diff.is_empty(), "{entry}");
            assert!(diff.keys().all(|name| tracked.contains(&**name)), "{entry}");
        }
    }

    /// The operations of the noun, with the status that an owner is answered.
    pub fn operations(noun: &Declared) -> Vec<(String, u16)> {
        let read = match noun.read {
            Read::One => noun.one,
            Read::Collection => noun.collection,
        };
        let mut operations = vec![
            (format!("POST {}", noun.collection), 201),
            (format!("GET {read}"), 200),
            (format!("DELETE {}", noun.one), noun.deleted),
        ];
        if let Some((method, _)) = &noun.change {
            operations.push((format!("{method} {}", noun.one), 200));
        }
        operations
    }

    fn one(&self) -> String {
        let (folder, _) = self.noun.one.rsplit_once('/').unwrap();
        let folder = folder.replace("{organization}", &self.home);
        format!("{folder}/{}", text(&self.made[self.noun.named_by]))
    }

    /// Notes how it is shown, and at which position.
    async fn note(&mut self) {
        let position = head(self.server).await;
        let shown = self
            .read("")
            .await
            .expect("what was just recorded is shown");
        self.shown.push((position, shown));
    }

    /// How it is shown; None: it is not.
    async fn read(&self, query: &str) -> Option<Value> {
        let path = match self.noun.read {
            Read::One => self.one(),
            Read::Collection => self.collection.clone(),
        };
        let request = self.owner.request(Method::GET, &format!("{path}{query}"));
        let answer = Answer::to(request).await;
        if self.noun.read == Read::One && answer.status == 404 {
            return None;
        }
        let shown = answer.expect(200).json();
        match self.noun.read {
            Read::One => Some(shown),
            Read::Collection => {
                let mut all = shown.as_array().unwrap().iter();
                all.find(|one| one["id"] == self.made["id"]).cloned()
            }
        }
    }
}

/// The last position.
async fn head(server: &Server) -> i64 {
    let head = sqlx::query_scalar("SELECT max(position) FROM events");
    head.fetch_one(server.pool()).await.unwrap()
}

/// A text or number as it stands in a path.
fn text(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}
