//! The guide teaches what it set out to teach: `outline.toml` ties each section of the outline to a
//! chapter and to the blocks and words that serve it.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use guide_tests::{report_of, root};

fn chapters() -> Vec<String> {
    guide_tests::chapters(&root().join("src"))
}

/// The chapters that a reader works through. Those about the verifier and those that are made with
/// the book are in folders of their own.
fn lessons() -> impl Iterator<Item = String> {
    let is_lesson = |chapter: &String| !chapter.contains('/') || chapter.starts_with("rust/");
    chapters().into_iter().filter(is_lesson)
}

fn text(chapter: &str) -> String {
    fs::read_to_string(root().join("src").join(chapter)).unwrap()
}

fn outline() -> toml::Table {
    let text = fs::read_to_string(root().join("tests/outline.toml")).unwrap();
    text.parse().unwrap()
}

fn texts(value: Option<&toml::Value>) -> Vec<&str> {
    let values = value
        .and_then(toml::Value::as_array)
        .map_or(&[][..], Vec::as_slice);
    values.iter().map(|value| value.as_str().unwrap()).collect()
}

/// A block of the book, as one of its editions has it.
struct Block {
    chapter: String,
    edition: String,
    /// What the outline may call it.
    names: Vec<String>,
}

/// The blocks as the verifier lists them, and the names of the editions.
fn blocks() -> (Vec<Block>, BTreeSet<String>) {
    let (_, report) = report_of(&root(), &["--quick"]);
    let of = |block: &serde_json::Value, key: &str| block[key].as_str().unwrap_or("").to_owned();
    let mut trees: BTreeMap<(String, String), usize> = BTreeMap::new();
    let mut blocks = Vec::new();
    for block in report["blocks"].as_array().unwrap() {
        let file = of(block, "file");
        let chapter = file.trim_start_matches("src/").to_owned();
        // What a step prints serves what the step serves.
        if of(block, "role") == "output" {
            continue;
        }
        let edition = of(block, "edition");
        let (id, role, language) = (of(block, "id"), of(block, "role"), of(block, "language"));
        let mut names = vec![id, format!("{role} {}", of(block, "target"))];
        match (role.as_str(), language.as_str()) {
            ("tree", _) => {
                let tree = trees.entry((chapter.clone(), edition.clone())).or_default();
                *tree += 1;
                names.push(format!("tree {tree}"));
            }
            ("plain", "gomod") => names.push("plain go.mod".into()),
            ("plain", "mermaid") => names.push("plain mermaid".into()),
            ("plain", _) => {
                let line = usize::try_from(block["line"].as_u64().unwrap()).unwrap();
                let chapter = text(&chapter);
                let claims = chapter.lines().nth(line - 1).unwrap().split("as=\"").nth(1);
                names
                    .extend(claims.map(|claims| format!("plain {}", claims.trim_end_matches('"'))));
            }
            _ => {}
        }
        blocks.push(Block {
            chapter,
            edition,
            names,
        });
    }
    let editions = report["editions"].as_array().unwrap();
    let editions = editions.iter().map(|edition| of(edition, "name"));
    (blocks, editions.collect())
}

#[test]
fn each_section_is_served_and_each_block_serves_one() {
    let outline = outline();
    let sections = outline["section"].as_array().unwrap();
    let tied: Vec<_> = sections
        .iter()
        .map(|section| section["chapter"].as_str().unwrap())
        .collect();
    assert_eq!(tied, chapters(), "each chapter is a section, in this order");

    let (blocks, editions) = blocks();
    let mut serving = BTreeSet::new();
    let mut missing = Vec::new();
    for section in sections {
        let chapter = section["chapter"].as_str().unwrap();
        let said = text(chapter);
        for item in section["teaches"].as_array().unwrap() {
            let what = item["what"].as_str().unwrap();
            let says = texts(item.get("says"));
            for words in says.iter().filter(|words| !said.contains(**words)) {
                missing.push(format!("{chapter}, {what}: does not say {words:?}"));
            }
            let named = texts(item.get("blocks"));
            assert!(!named.is_empty() || !says.is_empty(), "{chapter}: {what}");
            let mut served = BTreeSet::new();
            for name in &named {
                let mut found = false;
                for (index, block) in blocks.iter().enumerate() {
                    if block.chapter == chapter && block.names.iter().any(|own| own == name) {
                        found = true;
                        serving.insert(index);
                        served.insert(block.edition.clone());
                    }
                }
                if !found {
                    missing.push(format!("{chapter}, {what}: has no block {name:?}"));
                }
            }
            let about = match item.get("editions") {
                None => editions.clone(),
                some => texts(some).into_iter().map(str::to_owned).collect(),
            };
            if !named.is_empty() && served != about {
                missing.push(format!("{chapter}, {what}: serves only {served:?}"));
            }
        }
    }
    let idle = blocks.iter().enumerate();
    let idle = idle.filter(|(index, _)| !serving.contains(index));
    missing.extend(idle.map(|(_, block)| {
        format!(
            "{}: the outline does not say what {:?} is for",
            block.chapter, block.names
        )
    }));
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

#[test]
fn wrong_advice_is_corrected_where_readers_arrive_with_it() {
    let outline = outline();
    for wrong in outline["wrong"].as_array().unwrap() {
        let advice = &wrong["advice"];
        for (chapter, words) in wrong["found"].as_table().unwrap() {
            let words = words.as_str().unwrap();
            assert!(
                text(chapter).contains(words),
                "{chapter}, {advice}: {words}"
            );
        }
    }
}

#[test]
fn chapters_begin_with_their_end_and_end_with_a_proof() {
    for chapter in lessons() {
        let text = text(&chapter);
        let mut paragraphs = text.split("\n\n");
        assert!(paragraphs.next().unwrap().starts_with("# "), "{chapter}");
        let first = paragraphs.next().unwrap();
        assert!(
            first.starts_with("At the end of this chapter "),
            "{chapter}: {first}"
        );
        let last = text.rsplit("\n## ").next().unwrap();
        assert!(
            last.starts_with("See that it worked\n"),
            "{chapter}: {last}"
        );
        // What runs in the guide's own repository is no step in OpenIM's, and is not performed.
        let shown = if chapter.starts_with("rust/") {
            last.contains("\n```bash\n")
        } else {
            last.contains("\n```bash step ") && last.contains("\n```text output of=")
        };
        assert!(shown, "{chapter}: {last}");
    }
}

#[test]
fn diagrams_are_told_in_words() {
    let mut diagrams = 0;
    for chapter in chapters() {
        let text = text(&chapter);
        for diagram in text.split("```mermaid").skip(1) {
            diagrams += 1;
            let after = diagram.split("\n```\n\n").nth(1).unwrap();
            assert!(after.starts_with("In words: "), "{chapter}: {diagram}");
        }
    }
    assert_eq!(diagrams, 5);
}

/// The introduction's table of files is what the blocks touch, edition by edition.
#[test]
fn the_introduction_lists_the_files_that_are_touched() {
    let introduction = text("introduction.md");
    let mut told = BTreeSet::new();
    let rows = introduction.lines().filter(|line| line.starts_with("| `"));
    for row in rows.filter(|row| row.matches('|').count() == 4) {
        let cells: Vec<_> = row.split('|').map(str::trim).collect();
        let path = cells[1].split('`').nth(1).unwrap();
        let (how, on) = cells[2].split_once(" on ").unwrap_or((cells[2], "all"));
        let editions: &[&str] = match on {
            "all" => &["main", "patch.16", "v3.8.3-module"],
            "`main`" => &["main"],
            "the releases" => &["patch.16", "v3.8.3-module"],
            other => panic!("{other}"),
        };
        told.extend(
            editions
                .iter()
                .map(|edition| format!("{edition}: {how} {path}")),
        );
    }
    let (blocks, _) = blocks();
    let mut done = BTreeSet::new();
    for block in &blocks {
        for name in &block.names {
            for (role, how) in [("create ", "new"), ("diff ", "edited")] {
                if let Some(path) = name.strip_prefix(role) {
                    done.insert(format!("{}: {how} {path}", block.edition));
                }
            }
        }
    }
    // A mistake is shown in a file that is new.
    let created: Vec<_> = done
        .iter()
        .filter(|line| line.contains(": new "))
        .map(|line| line.replace(": new ", ": edited "))
        .collect();
    for line in created {
        done.remove(&line);
    }
    assert_eq!(told, done);
}

/// Each key of the service's YAML has a row that explains it, or is part of one that has.
#[test]
fn each_key_of_the_configuration_is_explained() {
    let chapter = text("configuration.md");
    let explained: BTreeSet<_> = chapter
        .lines()
        .filter(|line| line.starts_with("| `"))
        .flat_map(|row| row.split('|').nth(1).unwrap().split('`').skip(1).step_by(2))
        .collect();
    let mut keys = BTreeSet::new();
    let files = chapter.split("```yaml file=config/openim-rpc-auth-service.yml ");
    for file in files.skip(1) {
        let file = file.split_once('\n').unwrap().1;
        let mut part = "";
        for line in file.split("\n```").next().unwrap().lines() {
            let Some((key, _)) = line.split_once(':') else {
                continue;
            };
            match key.trim_start() {
                comment if comment.starts_with('#') => {}
                whole if whole == key => part = whole,
                of_part => {
                    keys.insert((part, of_part));
                }
            }
        }
    }
    assert!(keys.contains(&("rpc", "autoSetPorts")), "{keys:?}");
    let missing: Vec<_> = keys
        .into_iter()
        .map(|(part, key)| (part, format!("{part}.{key}")))
        .filter(|(part, key)| !explained.contains(part) && !explained.contains(key.as_str()))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}
