//! What the command line says of itself to shells and to `man`.

use std::io;
use std::path::PathBuf;

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use super::{Cli, terminal};

/// Flags of `completions`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  chancery completions bash > /etc/bash_completion.d/chancery\n  chancery completions zsh > ~/.zfunc/_chancery\n  source <(chancery completions bash)"
)]
pub struct CompletionsArguments {
    /// The shell
    shell: Shell,
}

/// Flags of `man`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  chancery man /usr/local/share/man/man1\n  chancery man . && man ./chancery-audit.1"
)]
pub struct ManArguments {
    /// The directory, which has to be there
    #[arg(value_name = "DIR")]
    directory: PathBuf,
}

/// Prints what a shell needs to complete commands and flags.
pub fn completions(arguments: &CompletionsArguments) {
    let mut out = Vec::new();
    clap_complete::generate(arguments.shell, &mut Cli::command(), "chancery", &mut out);
    // Who reads no further has enough.
    drop(io::Write::write_all(&mut terminal::stdout(), &out));
}

/// Writes a page for each command.
pub fn man(arguments: &ManArguments) -> anyhow::Result<()> {
    Ok(clap_mangen::generate_to(
        Cli::command(),
        &arguments.directory,
    )?)
}
