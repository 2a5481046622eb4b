use chancery_fuzz::fuzz;
use chancery_ledger::TilePath;

const WORDS: [&str; 6] = ["entries/", "x000/", "x001/", "/067", ".p/", "255"];

/// C2SP tlog-tiles: a level without leading zeros, elements of three digits, all but the last behind an `x`, a width below 256.
fn is_tile_path(text: &str) -> bool {
    let plain = |text: &str| {
        text.parse::<u64>()
            .is_ok_and(|number| number.to_string() == text)
    };
    let Some((level, place)) = text.split_once('/') else {
        return false;
    };
    let (place, width) = place.split_once(".p/").unwrap_or((place, "1"));
    let elements: Vec<&str> = place.split('/').collect();
    let (last, before) = elements.split_last().unwrap();
    let digits = |text: &str| text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_digit());
    let before: Option<Vec<&str>> = before.iter().map(|one| one.strip_prefix('x')).collect();
    let Some(before) = before else {
        return false;
    };
    (level == "entries" || plain(level) && level.parse::<u64>().unwrap() < 64)
        && plain(width)
        && (1..256).contains(&width.parse::<u64>().unwrap())
        && digits(last)
        && before.iter().all(|one| digits(one))
        && before.first().is_none_or(|first| *first != "000")
        && format!("{}{last}", before.concat()).parse::<i64>().is_ok()
}

#[test]
fn the_path_of_a_tile_is_written_in_one_way() {
    fuzz(include_str!("../../corpus/tile.txt"), &WORDS, |input| {
        let parsed = input.parse::<TilePath>();
        assert_eq!(parsed.is_ok(), is_tile_path(input));
        if let Ok(path) = parsed {
            assert_eq!(path.is_entries(), input.starts_with("entries/"));
        }
    });
}
