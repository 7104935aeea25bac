//! The service in Rust keeps to the guide's contract, and to what the service in Go was recorded to
//! answer.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use guide_tests::root;

/// The lines of all files of a folder whose names begin so.
fn lines(folder: &Path, start: &str) -> BTreeSet<String> {
    let mut lines = BTreeSet::new();
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        if entry.file_name().to_string_lossy().starts_with(start) {
            let text = fs::read_to_string(entry.path()).unwrap();
            lines.extend(text.lines().map(str::to_owned));
        }
    }
    lines
}

/// The service's own tests hold these files against what it answers.
#[test]
fn the_service_answers_as_openim_api_of_main_was_recorded_to_answer() {
    let ours = lines(&root().join("examples/auth-service/tests/answers"), "");
    let recorded = lines(&root().join("src/answers/main"), "request-");
    assert_eq!(ours, recorded);
}

#[test]
fn the_services_contract_is_the_guides() {
    let file = "authservice/authservice.proto";
    let chapter = fs::read_to_string(root().join("src/proto.md")).unwrap();
    let fence = format!("```protobuf file={file} base=protocol\n");
    let guides = chapter.split(&fence).nth(1).unwrap();
    let guides = guides.split("```").next().unwrap();
    let service = root().join("examples/auth-service/proto").join(file);
    let services = fs::read_to_string(service).unwrap();
    assert!(services.starts_with(guides), "{services}");
}
