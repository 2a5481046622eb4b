//! Progress of long work, for people who wait.

use std::io::IsTerminal;
use std::time::Duration;

use indicatif::style::TemplateError;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A bar on a terminal; nothing elsewhere.
pub fn progress_bar(name: &str) -> Result<ProgressBar, TemplateError> {
    if !std::io::stderr().is_terminal() {
        return Ok(ProgressBar::with_draw_target(
            None,
            ProgressDrawTarget::hidden(),
        ));
    }
    let style = ProgressStyle::with_template(
        "{prefix:<14} {bar:30} {human_pos}/{human_len} {per_sec} {eta}",
    )?;
    let bar = ProgressBar::new(0)
        .with_style(style)
        .with_prefix(name.to_owned());
    bar.enable_steady_tick(Duration::from_millis(200));
    Ok(bar)
}
