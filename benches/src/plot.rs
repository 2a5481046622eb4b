//! The kept runs drawn as SVG: ratios from run to run, a panel for each floor.

use std::fmt::{self, Write};

use crate::history::Entry;

/// Where the drawing of this repository is.
pub const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/history.svg");

const PANELS: [Panel; 2] = [
    Panel {
        title: "beside commits of an event-shaped row",
        lines: &[
            "exchange, 1 client",
            "exchange, 16 clients",
            "exchange, 64 clients",
            "contended exchange, 64 clients",
            "refresh, 64 clients",
        ],
    },
    Panel {
        title: "beside a bare handler",
        lines: &["token validation, 64 clients", "introspection, 64 clients"],
    },
];
const COLOURS: [&str; 5] = ["#1f77b4", "#ff7f0e", "#2ca02c", "#d62728", "#9467bd"];

const WIDTH: f64 = 760.0;
const PANEL_HEIGHT: f64 = 260.0;
const LEFT: f64 = 50.0;
const RIGHT: f64 = 210.0;
const ABOVE: f64 = 34.0;
const BELOW: f64 = 40.0;
/// Horizontal lines of a panel, zero left out.
const GRID: u8 = 4;
/// The most commits that are named below a panel.
const NAMED: usize = 10;

struct Panel {
    title: &'static str,
    lines: &'static [&'static str],
}

/// Draws the runs in their order.
pub fn draw(entries: &[Entry]) -> Result<String, fmt::Error> {
    let mut svg = String::new();
    let height = PANEL_HEIGHT * PANELS.len() as f64;
    writeln!(
        svg,
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="sans-serif" font-size="11">"#
    )?;
    writeln!(
        svg,
        r##"<rect width="{WIDTH}" height="{height}" fill="#fff"/>"##
    )?;
    for (index, panel) in PANELS.iter().enumerate() {
        writeln!(
            svg,
            r#"<g transform="translate(0 {})">"#,
            PANEL_HEIGHT * index as f64
        )?;
        panel.draw(&mut svg, entries)?;
        writeln!(svg, "</g>")?;
    }
    writeln!(svg, "</svg>")?;
    Ok(svg)
}

impl Panel {
    fn draw(&self, svg: &mut String, entries: &[Entry]) -> fmt::Result {
        text(
            svg,
            (LEFT, 18.0),
            "start",
            &format!("Ratio {}, from run to run", self.title),
        )?;
        let top = self.top(entries);
        let digits = if top < 0.5 { 2 } else { 1 };
        for step in 0..=GRID {
            let value = top * f64::from(step) / f64::from(GRID);
            let y = height_of(value, top);
            writeln!(
                svg,
                r##"<line x1="{LEFT}" y1="{y:.1}" x2="{:.1}" y2="{y:.1}" stroke="#ddd"/>"##,
                WIDTH - RIGHT
            )?;
            text(
                svg,
                (LEFT - 6.0, y + 4.0),
                "end",
                &format!("{value:.digits$}"),
            )?;
        }
        if entries.is_empty() {
            let middle = (LEFT.midpoint(WIDTH - RIGHT), PANEL_HEIGHT / 2.0);
            text(svg, middle, "middle", "no run is recorded yet")?;
        }
        let every = entries.len().div_ceil(NAMED).max(1);
        for (index, entry) in entries.iter().enumerate().step_by(every) {
            let commit: String = entry.commit.chars().take(7).collect();
            let place = (place_of(index, entries.len()), PANEL_HEIGHT - BELOW + 16.0);
            text(svg, place, "middle", &commit)?;
        }
        for ((row, title), colour) in self.lines.iter().enumerate().zip(COLOURS) {
            let legend = ABOVE + 8.0 + 16.0 * row as f64;
            let x = WIDTH - RIGHT + 12.0;
            writeln!(svg, r#"<g fill="{colour}">"#)?;
            text(svg, (x, legend), "start", title)?;
            draw_line(svg, entries, title, top, colour)?;
            writeln!(svg, "</g>")?;
        }
        Ok(())
    }

    /// The upper end of the scale: a round number that no ratio exceeds.
    fn top(&self, entries: &[Entry]) -> f64 {
        let ratios = entries.iter().flat_map(|entry| {
            let kept = self
                .lines
                .iter()
                .filter_map(|title| entry.figures.get(*title));
            kept.map(|kept| kept.ratio)
        });
        let most = ratios.fold(0.0, f64::max);
        let steps = [0.04, 0.08, 0.12, 0.2, 0.4, 0.8, 1.2, 2.0];
        steps
            .into_iter()
            .find(|step| most <= *step)
            .unwrap_or_else(|| most.ceil())
    }
}

fn draw_line(
    svg: &mut String,
    entries: &[Entry],
    title: &str,
    top: f64,
    colour: &str,
) -> fmt::Result {
    let mut points = String::new();
    for (index, entry) in entries.iter().enumerate() {
        let Some(kept) = entry.figures.get(title) else {
            continue;
        };
        let (x, y) = (place_of(index, entries.len()), height_of(kept.ratio, top));
        write!(points, "{x:.1},{y:.1} ")?;
        // What was measured beside other work is hollow.
        let fill = if kept.noisy { "#fff" } else { colour };
        writeln!(
            svg,
            r#"<circle cx="{x:.1}" cy="{y:.1}" r="3" fill="{fill}" stroke="{colour}"/>"#
        )?;
    }
    writeln!(
        svg,
        r#"<polyline points="{}" fill="none" stroke="{colour}"/>"#,
        points.trim_end()
    )
}

fn place_of(index: usize, count: usize) -> f64 {
    let width = WIDTH - LEFT - RIGHT;
    LEFT + width * (index as f64 + 0.5) / count as f64
}

fn height_of(value: f64, top: f64) -> f64 {
    let height = PANEL_HEIGHT - ABOVE - BELOW;
    ABOVE + height * (1.0 - value / top)
}

fn text(svg: &mut String, (x, y): (f64, f64), anchor: &str, words: &str) -> fmt::Result {
    let words = words.replace('&', "&amp;").replace('<', "&lt;");
    writeln!(
        svg,
        r#"<text x="{x:.1}" y="{y:.1}" text-anchor="{anchor}">{words}</text>"#
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::Kept;
    use crate::plan::Extent;

    fn entry(commit: &str, ratio: f64, noisy: bool) -> Entry {
        let kept = Kept {
            rate: 1.0,
            ratio,
            p50_ms: None,
            p99_ms: None,
            noisy,
        };
        Entry {
            commit: commit.to_owned(),
            date: String::new(),
            machine: String::new(),
            extent: Extent::Quick,
            figures: [("exchange, 1 client".to_owned(), kept)].into(),
        }
    }

    #[test]
    fn a_run_is_a_point_and_a_noisy_one_is_hollow() {
        let entries = [entry("0123456789ab", 0.1, false), entry("<b>", 0.05, true)];
        let svg = draw(&entries).unwrap();
        assert_eq!(svg.matches("<circle").count(), 2);
        assert_eq!(svg.matches(r##"fill="#fff" stroke"##).count(), 1);
        assert!(svg.contains(">0123456<") && svg.contains("&lt;b>"));
    }

    #[test]
    fn greater_ratios_stand_higher_and_within_the_panel() {
        assert!(height_of(0.2, 0.2) < height_of(0.1, 0.2));
        assert!((height_of(0.2, 0.2) - ABOVE).abs() < 1e-9);
        assert!((height_of(0.0, 0.2) - (PANEL_HEIGHT - BELOW)).abs() < 1e-9);
        assert!(PANELS[0].top(&[entry("a", 0.13, false)]) >= 0.13);
        assert!(PANELS[0].top(&[entry("a", 7.5, false)]) >= 7.5);
    }

    #[test]
    fn without_a_run_the_drawing_says_so() {
        let svg = draw(&[]).unwrap();
        assert!(svg.contains("no run is recorded yet") && svg.ends_with("</svg>\n"));
    }
}
