use reqwest::Method;

/// How an operation answers: method, path, a status for each person, then what is sent: a query (`?...`), JSON (`{...}`), a form.
pub struct Row {
    pub method: Method,
    pub path: String,
    pub expected: Vec<u16>,
    pub query: String,
    pub json: Option<String>,
    pub form: Option<String>,
}

impl Row {
    /// Reads a line; None for comments and empty lines.
    pub fn parse(line: &str) -> Option<Self> {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            return None;
        }
        let mut words = line.split_whitespace();
        let method = words.next()?.parse().unwrap();
        let path = words
            .next()
            .unwrap_or_else(|| panic!("no path: {line}"))
            .to_owned();
        let mut row = Self {
            method,
            path,
            expected: Vec::new(),
            query: String::new(),
            json: None,
            form: None,
        };
        for word in words {
            if let Ok(status) = word.parse() {
                row.expected.push(status);
            } else if word.starts_with('?') {
                word.clone_into(&mut row.query);
            } else if word.starts_with('{') {
                row.json = Some(word.to_owned());
            } else {
                row.form = Some(word.to_owned());
            }
        }
        Some(row)
    }

    /// `GET /path`.
    pub fn operation(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    /// Whether it may change something, so that everyone needs something of his own to change.
    pub fn changes(&self) -> bool {
        self.method != Method::GET
    }

    /// Whether any part of the request has this placeholder.
    pub fn names(&self, placeholder: &str) -> bool {
        let sent = [
            Some(&self.path),
            Some(&self.query),
            self.json.as_ref(),
            self.form.as_ref(),
        ];
        sent.into_iter()
            .flatten()
            .any(|text| text.contains(placeholder))
    }

    /// The row with other statuses, as a line of the table.
    pub fn with(&self, answered: &[u16]) -> String {
        let statuses: Vec<String> = answered.iter().map(u16::to_string).collect();
        let sent = self
            .json
            .as_deref()
            .or(self.form.as_deref())
            .unwrap_or_default();
        let line = format!(
            "{:<6} {:<74} {} {}{sent}",
            self.method.as_str(),
            self.path,
            statuses.join(" "),
            self.query
        );
        line.trim_end().to_owned()
    }
}
