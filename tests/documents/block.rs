//! Fenced blocks of a Markdown document, and the commands in them.

/// How a block is to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Commands that have to end well, whatever they print.
    Sh,
    /// Commands after `$`, and what each prints.
    Console,
}

/// A block of commands.
#[derive(Debug)]
pub struct Block {
    pub kind: Kind,
    /// What it needs that is not everywhere.
    pub needs: Option<String>,
    /// The line of the fence, from 1.
    pub line: usize,
    lines: Vec<String>,
}

/// Something to be run at once.
#[derive(Debug)]
pub struct Step {
    pub kind: Kind,
    pub line: usize,
    pub command: String,
    /// What it prints; of `Kind::Console` only.
    pub expected: String,
}

/// The blocks of commands in `text`.
pub fn of(text: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open: Option<Option<Block>> = None;
    for (number, line) in text.lines().enumerate() {
        let fence = line.trim_start().strip_prefix("```");
        match (&mut open, fence) {
            (Some(_), Some(_)) => blocks.extend(open.take().flatten()),
            (Some(Some(block)), None) => block.lines.push(line.to_owned()),
            (Some(None) | None, None) => {}
            (None, Some(info)) => open = Some(begun(info, number + 1)),
        }
    }
    blocks
}

fn begun(info: &str, line: usize) -> Option<Block> {
    let mut words = info.split_whitespace();
    let kind = match words.next()? {
        "sh" => Kind::Sh,
        "console" => Kind::Console,
        _ => return None,
    };
    let needs = words.find_map(|word| word.strip_prefix("needs="));
    Some(Block {
        kind,
        needs: needs.map(str::to_owned),
        line,
        lines: Vec::new(),
    })
}

impl Block {
    /// What is to be run, in order.
    pub fn steps(&self) -> Vec<Step> {
        match self.kind {
            Kind::Sh => vec![Step {
                kind: self.kind,
                line: self.line,
                command: self.lines.join("\n"),
                expected: String::new(),
            }],
            Kind::Console => self.console(),
        }
    }

    fn console(&self) -> Vec<Step> {
        let mut steps: Vec<Step> = Vec::new();
        let mut continues = false;
        for (offset, line) in self.lines.iter().enumerate() {
            if let Some(command) = line.strip_prefix("$ ") {
                steps.push(Step {
                    kind: self.kind,
                    line: self.line + 1 + offset,
                    command: command.to_owned(),
                    expected: String::new(),
                });
                continues = command.ends_with('\\');
            } else if let Some(step) = steps.last_mut() {
                let into = if continues {
                    &mut step.command
                } else {
                    &mut step.expected
                };
                into.push('\n');
                into.push_str(line);
                continues = continues && line.ends_with('\\');
            }
        }
        steps
    }
}

#[test]
fn blocks_and_their_commands_are_found() {
    let text = "a\n```sh needs=root\nrm x\n```\n```json\n$ no\n```\n```console\n$ echo \\\n  a b\na b\n\n$ true\n```\n";
    let blocks = of(text);
    assert_eq!(blocks.len(), 2);
    assert_eq!(blocks[0].needs.as_deref(), Some("root"));
    let steps = blocks[1].steps();
    assert_eq!(steps.len(), 2);
    assert_eq!(
        (&*steps[0].command, &*steps[0].expected),
        ("echo \\\n  a b", "\na b\n")
    );
    assert_eq!((&*steps[1].command, &*steps[1].expected), ("true", ""));
}
