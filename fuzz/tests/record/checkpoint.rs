use chancery_fuzz::fuzz;
use chancery_ledger::{Checkpoint, PublicKey};

const WORDS: [&str; 6] = [
    "\n\n",
    "\u{2014} chancery/5eed0000-0000-4000-8000-000000000000 ",
    "\n3\n",
    "0",
    "AAAA",
    "==",
];

/// By which the corpus' first checkpoint is signed.
const KEY: &str = "chancery/bb558a6b48c85a94adb34aca951967fc+41b82d22+AXFjozguqd0ByVZmEkwLepsBlZXWLiusbzgTczc3rzhZ";

#[test]
fn a_checkpoint_is_read_back_as_it_is_written_and_only_as_it_was_signed() {
    let corpus = include_str!("../../corpus/checkpoint.txt");
    let genuine: String = serde_json::from_str(corpus.lines().next().unwrap()).unwrap();
    let key: PublicKey = KEY.parse().unwrap();
    let is_genuine = |note: &str| {
        let read: Checkpoint = note.parse().unwrap();
        read.is_signed_by(&key) == Some(true)
    };
    assert!(is_genuine(&genuine));
    fuzz(corpus, &WORDS, |input| {
        let Ok(read) = input.parse::<Checkpoint>() else {
            return;
        };
        assert_eq!(
            read.to_string().parse::<Checkpoint>().unwrap().to_string(),
            read.to_string()
        );
        assert!(read.position.0 > 0);
        if is_genuine(input) {
            let text = |note: &str| note.rsplit_once("\n\n").map(|(text, _)| text.to_owned());
            assert_eq!(text(input), text(&genuine));
        }
    });
}
