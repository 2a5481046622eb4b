use chancery::moment::Moment;
use chancery_fuzz::fuzz;

const WORDS: [&str; 7] = [
    "2026-01-31",
    "T12:00:00Z",
    "+02:00",
    "-00:00",
    "262143-12-31",
    "9223372036854775807",
    ":60",
];

#[test]
fn a_moment_is_read_back_as_it_is_written() {
    fuzz(include_str!("../../corpus/moment.txt"), &WORDS, |input| {
        let written = match input.parse() {
            Ok(Moment::Position(position)) => position.to_string(),
            Ok(Moment::Time(time)) => time.to_rfc3339(),
            Err(_) => return,
        };
        assert_eq!(written.parse::<Moment>(), input.parse());
    });
}
