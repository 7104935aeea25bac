//! The README leads to files that exist.

use std::fs;
use std::path::Path;

#[test]
fn every_relative_link_leads_somewhere() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let text = fs::read_to_string(root.join("README.md")).expect("a README");

    let targets: Vec<&str> = text
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split_once(')'))
        .map(|(target, _)| target)
        .filter(|target| !target.contains("://"))
        .collect();
    assert!(!targets.is_empty(), "the README has links");

    let broken: Vec<&str> = targets
        .into_iter()
        .filter(|target| !root.join(target).exists())
        .collect();
    assert!(broken.is_empty(), "these lead nowhere: {broken:?}");
}
