//! Defects: a token spelt wrong, as fingers do it.

use crate::class::Class;

/// A number that depends on nothing but these texts: the choices of one run are those of the next.
pub(crate) fn seed(parts: &[&str]) -> u64 {
    let mut hasher = blake3::Hasher::new();
    for part in parts {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    let mut first = [0; 8];
    hasher.finalize_xof().fill(&mut first);
    u64::from_le_bytes(first)
}

/// The token with one defect. It is never what it was.
pub(crate) fn broken(class: Class, token: &str, seed: u64) -> String {
    match class {
        Class::Brace => String::new(),
        Class::Number | Class::FieldNumber => digit(token, seed),
        // Without its shaft no arrow is left; with one dash fewer it may be another one.
        Class::Arrow => token.trim_start_matches(['-', '=', '.', '<']).to_owned(),
        _ => letters(token, seed),
    }
}

/// Another digit in the place of one.
fn digit(token: &str, seed: u64) -> String {
    let digits: Vec<_> = token.match_indices(|c: char| c.is_ascii_digit()).collect();
    let Some((at, digit)) = pick(&digits, seed) else {
        return letters(token, seed);
    };
    let other = match digit {
        "9" => "8",
        digit => &(digit.parse::<u8>().unwrap_or_default() + 1).to_string(),
    };
    replaced(token, at, digit.len(), other)
}

/// Two neighbours swapped. Where all are alike one is left out; of one letter, its successor.
fn letters(token: &str, seed: u64) -> String {
    let bytes = token.as_bytes();
    let plain = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_alphanumeric);
    let pairs: Vec<usize> = (0..bytes.len())
        .filter(|at| plain(*at) && plain(at + 1) && bytes[*at] != bytes[at + 1])
        .collect();
    if let Some(at) = pick(&pairs, seed) {
        let (first, second) = (&token[at..=at], &token[at + 1..at + 2]);
        return replaced(token, at, 2, &format!("{second}{first}"));
    }
    let singles: Vec<usize> = (0..bytes.len()).filter(|at| plain(*at)).collect();
    match pick(&singles, seed) {
        Some(at) if singles.len() == 1 => {
            let other = match bytes[at] {
                b'z' => 'a',
                b'Z' => 'A',
                b'9' => '8',
                byte => char::from(byte + 1),
            };
            replaced(token, at, 1, &other.to_string())
        }
        Some(at) => replaced(token, at, 1, ""),
        None => {
            let mut rest = token.chars();
            rest.next_back();
            rest.as_str().to_owned()
        }
    }
}

fn pick<T: Copy>(candidates: &[T], seed: u64) -> Option<T> {
    let count = u64::try_from(candidates.len()).ok()?;
    let index = usize::try_from(seed.checked_rem(count)?).ok()?;
    candidates.get(index).copied()
}

fn replaced(token: &str, at: usize, length: usize, other: &str) -> String {
    format!("{}{other}{}", &token[..at], &token[at + length..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defects_are_those_of_fingers() {
        assert_eq!(broken(Class::Identifier, "ab", 0), "ba");
        assert_eq!(broken(Class::Type, "abb", 7), "bab");
        assert_eq!(broken(Class::Value, "aaa", 0), "aa");
        assert_eq!(broken(Class::Flag, "-p", 0), "-q");
        assert_eq!(broken(Class::Flag, "-z", 0), "-a");
        assert_eq!(broken(Class::Context, "}", 0), "");
        assert_eq!(broken(Class::Number, "10", 0), "20");
        assert_eq!(broken(Class::Number, "9", 0), "8");
        assert_eq!(broken(Class::FieldNumber, "1", 0), "2");
        assert_eq!(broken(Class::Brace, "{", 0), "");
        assert_eq!(broken(Class::Arrow, "-->>", 0), ">>");
        assert_eq!(broken(Class::Arrow, "=>", 0), ">");
        assert_eq!(broken(Class::Arrow, "---", 0), "");
        assert_eq!(broken(Class::Path, "é/ü", 0), "é/");
    }

    #[test]
    fn a_defect_is_never_nothing() {
        let tokens = [
            "a", "Z", "z", "9", "0", "aa", "aZ", "é", "--", "}", "x y", "10", "1.2", "->>", "-->",
            "=>", "==>", "<-->", "---", "a-a", "1_0", "{", "]",
        ];
        let classes = [
            Class::Identifier,
            Class::Number,
            Class::Brace,
            Class::Arrow,
            Class::Flag,
        ];
        for token in tokens {
            for class in classes {
                for seed in 0..20 {
                    let other = broken(class, token, seed);
                    let same_arrow = class == Class::Arrow && !token.starts_with(['-', '=', '<']);
                    assert!(other != token || same_arrow, "{class} {token} {seed}");
                    assert!(!other.contains('\n'));
                }
            }
        }
    }

    #[test]
    fn the_seed_depends_on_where_parts_end() {
        assert_ne!(seed(&["ab", "c"]), seed(&["a", "bc"]));
        assert_eq!(seed(&["ab", "c"]), seed(&["ab", "c"]));
    }
}
