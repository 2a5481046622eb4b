//! How results are printed: tables for people, JSON lines and CSV for programs.

use anstyle::{AnsiColor, Style};
use clap::{Args, ValueEnum};

use crate::cli::terminal;

/// Flags that shape the output.
#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub struct OutputArguments {
    /// How results are printed [default: lists as a table on a terminal, else json; all else as text]
    #[arg(long, global = true, value_enum)]
    format: Option<Format>,

    /// Print JSON: the same as --format json
    #[arg(long, global = true, conflicts_with = "format")]
    json: bool,

    /// Whether tables are coloured; `NO_COLOR` is respected
    #[arg(long, global = true, value_enum, default_value = "auto")]
    color: Color,
}

/// How results are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    Table,
    /// One JSON object a line.
    Json,
    /// Comma-separated values with a header line; for lists.
    Csv,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Color {
    /// On a terminal, unless `NO_COLOR` is set.
    Auto,
    /// Yes.
    Always,
    /// No.
    Never,
}

impl OutputArguments {
    /// The format asked for, or the one that suits where the output goes.
    pub fn format(&self) -> Format {
        match self.format {
            _ if self.json => Format::Json,
            Some(format) => format,
            None if terminal::is_terminal() => Format::Table,
            None => Format::Json,
        }
    }

    /// As [`format`](Self::format), for what is no list and so has no CSV. For people unless asked otherwise.
    pub fn is_json(&self) -> bool {
        self.json || self.format == Some(Format::Json)
    }

    /// The colours.
    pub fn paint(&self) -> Paint {
        Paint(match self.color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => {
                let refused =
                    |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
                let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
                terminal::is_terminal() && !refused("NO_COLOR") && !dumb
            }
        })
    }
}

/// Colours, or none.
#[derive(Clone, Copy, Debug)]
pub struct Paint(bool);

impl Paint {
    /// No colours.
    #[cfg(test)]
    pub fn none() -> Self {
        Self(false)
    }

    fn style(self, text: &str, style: Style) -> String {
        if self.0 {
            format!("{}{text}{}", style.render(), style.render_reset())
        } else {
            text.to_owned()
        }
    }

    fn color(self, text: &str, color: AnsiColor) -> String {
        self.style(text, Style::new().fg_color(Some(color.into())))
    }

    /// What stands out.
    pub fn bold(self, text: &str) -> String {
        self.style(text, Style::new().bold())
    }

    /// What stands back.
    pub fn dim(self, text: &str) -> String {
        self.style(text, Style::new().dimmed())
    }

    /// What was, or is bad.
    pub fn red(self, text: &str) -> String {
        self.color(text, AnsiColor::Red)
    }

    /// What is, or is good.
    pub fn green(self, text: &str) -> String {
        self.color(text, AnsiColor::Green)
    }

    /// Positions.
    pub fn yellow(self, text: &str) -> String {
        self.color(text, AnsiColor::Yellow)
    }

    /// Headings.
    pub fn cyan(self, text: &str) -> String {
        self.color(text, AnsiColor::Cyan)
    }
}
