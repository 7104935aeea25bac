//! Names that are written once and look like another one misspelt.

use std::collections::BTreeMap;

use merman_core::{EditorSemanticRole, EditorSemanticSymbol};

use super::Objection;

/// The names below this length are too alike to tell a slip from a choice.
const SHORTEST: usize = 4;

/// How merman describes a name that came to be by being used.
const BY_USE: &[&str] = &[
    "flowchart node",
    "sequence implicit participant",
    "state reference",
    "class relation target",
    "er implicit entity",
];

/// The doubtful names among a diagram's symbols.
pub(super) fn doubts(text: &str, symbols: &[EditorSemanticSymbol]) -> Vec<Objection> {
    let mut uses: BTreeMap<&str, Vec<&EditorSemanticSymbol>> = BTreeMap::new();
    for symbol in symbols {
        if matches!(
            symbol.role,
            EditorSemanticRole::Entity | EditorSemanticRole::Reference
        ) {
            uses.entry(&symbol.name).or_default().push(symbol);
        }
    }
    let mut doubts = Vec::new();
    for (name, symbols) in &uses {
        let [only] = symbols.as_slice() else { continue };
        if !is_bare(text, only) {
            continue;
        }
        // Of two names that are each written once, one may be meant for the other; the later one is
        // at fault, unless the earlier one alone has no label.
        let meant = uses.iter().find(|(other, symbols)| {
            let earlier = symbols[0].selection.start < only.selection.start;
            let surer = symbols.len() > 1 || symbols.iter().any(|symbol| !is_bare(text, symbol));
            looks_like(name, other) && (surer || earlier)
        });
        if let Some((meant, _)) = meant {
            doubts.push(Objection {
                at: only.selection.start..only.selection.end,
                message: format!(
                    "`{name}` is a node of its own here, and looks like `{meant}` misspelt"
                ),
                help: Some(format!(
                    "did you mean `{meant}`? If not, declare `{name}` with a label"
                )),
            });
        }
    }
    doubts
}

/// Whether a name is just used here: neither declared nor given a label.
fn is_bare(text: &str, symbol: &EditorSemanticSymbol) -> bool {
    let by_use = symbol
        .detail
        .as_deref()
        .is_some_and(|detail| BY_USE.contains(&detail));
    let behind = text.get(symbol.selection.end..).unwrap_or_default();
    let mut behind = behind.chars();
    // `id[label]`, `id(label)`, `id{label}`, `id>label]`, `id@{…}`; but `id-->` is an arrow.
    by_use && !matches!(behind.next(), Some('[' | '(' | '{' | '>' | '@'))
}

/// Whether two names differ by one letter, or only by case. Names that differ by a digit are
/// numbered, and one more `s` makes a plural.
fn looks_like(name: &str, other: &str) -> bool {
    let letters = |text: &str| {
        text.chars()
            .filter(|c| !c.is_ascii_digit())
            .collect::<String>()
    };
    let plural = |one: &str, more: &str| more.strip_suffix('s') == Some(one);
    name != other
        && name.len().min(other.len()) >= SHORTEST
        && name.len().abs_diff(other.len()) <= 4
        && letters(name) != letters(other)
        && !plural(name, other)
        && !plural(other, name)
        && (name.eq_ignore_ascii_case(other) || strsim::osa_distance(name, other) == 1)
}
