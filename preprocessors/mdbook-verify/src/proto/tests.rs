use std::fs;

use prost::Message;
use prost_types::FileDescriptorProto;
use prost_types::compiler::code_generator_response::File;
use prost_types::compiler::{CodeGeneratorRequest, CodeGeneratorResponse};
use prost_types::source_code_info::Location;
use tempfile::TempDir;

use super::generate::{GenerateError, Refusal, read_response, request};
use super::*;
use crate::config::ProtoRules;

/// A good file, and the parts that tests spoil.
const GREETER: &str = r#"syntax = "proto3";
package acme.greeter;
option go_package = "example.com/protocol/greeter";

import "common/common.proto";

// Greets.
service Greeter {
  rpc Greet(GreetReq) returns (GreetResp);
}
message GreetReq {
  string name = 1;
  common.Page page = 2;
}
message GreetResp {
  string text = 1;
}
"#;

const COMMON: &str = r#"syntax = "proto3";
package acme.common;
option go_package = "example.com/protocol/common";
message Page { int32 number = 1; }
"#;

fn tree(files: &[(&str, &str)]) -> TempDir {
    let tree = TempDir::new().unwrap();
    for (path, text) in files {
        let path = tree.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    tree
}

/// Compiles all of the files.
fn compile_all(files: &[(&str, &str)]) -> Result<Compiled, Vec<Problem>> {
    let names: Vec<_> = files.iter().map(|(path, _)| (*path).to_owned()).collect();
    compile(tree(files).path(), &names)
}

/// Each problem of a file beside `common/common.proto`: the marked text, the message, the help.
fn problems(text: &str) -> Vec<(String, String, String)> {
    let name = "greeter/greeter.proto";
    let tree = tree(&[(name, text), ("common/common.proto", COMMON)]);
    let problems = compile(tree.path(), &[name.to_owned()]).expect_err("problems");
    problems
        .into_iter()
        .map(|problem| {
            assert_eq!(
                (problem.file.as_str(), problem.kind),
                (name, Kind::Syntax),
                "{problem:?}"
            );
            (
                text[problem.range].to_owned(),
                problem.message,
                problem.help.unwrap_or_default(),
            )
        })
        .collect()
}

/// The only problem of a file.
fn problem(text: &str) -> (String, String, String) {
    let mut problems = problems(text);
    assert_eq!(problems.len(), 1, "{problems:?}");
    problems.remove(0)
}

fn spoilt(good: &str, bad: &str) -> String {
    assert_eq!(GREETER.matches(good).count(), 1, "{good}");
    GREETER.replace(good, bad)
}

fn is(problem: &(String, String, String), place: &str, message: &str, help: &str) {
    assert_eq!(
        (problem.0.as_str(), problem.1.as_str(), problem.2.as_str()),
        (place, message, help)
    );
}

mod compiling {
    use super::*;

    #[test]
    fn a_good_file_compiles_with_its_imports() {
        let text = spoilt(
            "import",
            "import \"google/protobuf/timestamp.proto\";\nimport",
        );
        compile_all(&[
            ("greeter/greeter.proto", &text),
            ("common/common.proto", COMMON),
        ])
        .unwrap();
    }

    #[test]
    fn an_unknown_scalar_type() {
        let problem = problem(&spoilt("string name", "strng name"));
        is(
            &problem,
            "strng",
            "the type `strng` is not defined",
            "did you mean `string`?",
        );
    }

    #[test]
    fn an_unknown_message_of_a_service() {
        // `GreetResp` is as near, but `string` could not stand here at all.
        let found = problem(&spoilt("(GreetReq)", "(GreetRequest)"));
        is(
            &found,
            "GreetRequest",
            "the type `GreetRequest` is not defined",
            "did you mean `GreetReq`?",
        );
        let found = problem(&spoilt("(GreetReq)", "(strng)"));
        is(&found, "strng", "the type `strng` is not defined", "");
    }

    #[test]
    fn an_unknown_type_of_an_imported_package() {
        let problem = problem(&spoilt("common.Page", "common.Pages"));
        is(
            &problem,
            "common.Pages",
            "the type `common.Pages` is not defined",
            "did you mean `common.Page`?",
        );
    }

    #[test]
    fn an_unknown_type_in_a_map() {
        let problem = problem(&spoilt("string text", "map<string, GreetRep> text"));
        is(
            &problem,
            "GreetRep",
            "the type `GreetRep` is not defined",
            "did you mean `GreetResp`?",
        );
    }

    #[test]
    fn unknown_types_in_maps_and_fields_of_nested_messages() {
        let text = spoilt(
            "string text = 1;",
            "message A {\n    map<string, .B> b = 1;\n  }\n  C c = 1; map<int32, D> d = 2;",
        );
        let places: Vec<_> = problems(&text)
            .into_iter()
            .map(|(place, ..)| place)
            .collect();
        assert_eq!(places, [".B", "C", "D"]);
    }

    #[test]
    fn a_type_hidden_by_a_nearer_package() {
        // `common` is looked for in `acme.greeter` first.
        let near = "syntax = \"proto3\"; package acme.greeter.common; message Other {}";
        let text = spoilt("import", "import \"near.proto\";\nimport");
        let files = [
            ("near.proto", near),
            ("greeter.proto", &text),
            ("common/common.proto", COMMON),
        ];
        let problems = compile_all(&files).unwrap_err();
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert_eq!(problems[0].message, "the type `common.Page` is not defined");
        assert_eq!(
            problems[0].help.as_deref(),
            Some("write `.acme.common.Page`, from the outermost package on")
        );
    }

    #[test]
    fn a_type_whose_file_is_not_imported() {
        let text = spoilt("import \"common/common.proto\";", "");
        let help = "it is defined in `common/common.proto`; add `import \"common/common.proto\";`";
        is(
            &problem(&text),
            "common.Page",
            "the type `common.Page` is not defined",
            help,
        );
        let text = spoilt("string name", "google.protobuf.Timestamp name");
        let help = "it is defined in `google/protobuf/timestamp.proto`; add `import \"google/protobuf/timestamp.proto\";`";
        is(
            &problem(&text),
            "google.protobuf.Timestamp",
            "the type `google.protobuf.Timestamp` is not defined",
            help,
        );
    }

    #[test]
    fn every_unknown_type_is_reported() {
        let text = spoilt("string name", "strng name").replace("string text", "Txt text");
        let places: Vec<_> = problems(&text)
            .into_iter()
            .map(|(place, ..)| place)
            .collect();
        assert_eq!(places, ["strng", "Txt"]);
    }

    #[test]
    fn a_misspelt_keyword() {
        let found = problem(&spoilt("message GreetReq", "mesage GreetReq"));
        assert_eq!(
            (found.0.as_str(), found.2.as_str()),
            ("mesage", "did you mean `message`?")
        );
        let found = problem(&spoilt("option ", "optoin "));
        assert_eq!(
            (found.0.as_str(), found.2.as_str()),
            ("optoin", "did you mean `option`?")
        );
        let found = problem(&spoilt("returns", "retuns"));
        is(
            &found,
            "retuns",
            "expected 'returns', but found 'retuns'",
            "did you mean `returns`?",
        );
    }

    #[test]
    fn a_keyword_with_letters_changed() {
        let found = problem(&spoilt("rpc", "rcp"));
        assert_eq!(
            (found.0.as_str(), found.2.as_str()),
            ("rcp", "did you mean `rpc`?")
        );
    }

    #[test]
    fn a_misspelt_label() {
        let found = problem(&spoilt("string name", "repeatd string name"));
        let help = "did you mean `repeated` where it says `repeatd`?";
        is(&found, "name", "expected '=', but found 'name'", help);
    }

    #[test]
    fn a_misspelt_option() {
        let found = problem(&spoilt("go_package", "go_pakage"));
        assert_eq!(
            found.0,
            "option go_pakage = \"example.com/protocol/greeter\";"
        );
        assert_eq!(
            (found.1.as_str(), found.2.as_str()),
            (
                "the option `go_pakage` is not defined",
                "did you mean `go_package`?"
            )
        );
    }

    #[test]
    fn two_syntax_errors_in_one_file() {
        let text = spoilt("rpc", "rcp").replace("message GreetResp", "mesage GreetResp");
        let places: Vec<_> = problems(&text)
            .into_iter()
            .map(|(place, ..)| place)
            .collect();
        assert_eq!(places, ["rcp", "mesage"]);
    }

    #[test]
    fn a_missing_semicolon() {
        let problem = problem(&spoilt("string name = 1;", "string name = 1"));
        assert_eq!(
            (problem.0.as_str(), problem.2.as_str()),
            ("common", "is a `;` missing after `string name = 1`?")
        );
    }

    #[test]
    fn a_text_that_ends_too_early() {
        let problem = problem("syntax = \"proto3\";\nmessage A {\n  string name = 1;\n\n");
        assert_eq!(problem.0, "1;");
        assert!(
            problem.1.ends_with("but reached end of file"),
            "{}",
            problem.1
        );
    }

    #[test]
    fn a_duplicate_field_number() {
        let problem = problem(&spoilt("page = 2", "page = 1"));
        is(
            &problem,
            "1",
            "field number '1' is already used",
            "it collides with `string name = 1;`",
        );
    }

    #[test]
    fn a_reserved_field_number() {
        let problem = problem(&spoilt(
            "common.Page page = 2;",
            "reserved 2 to 5;\n  common.Page page = 3;",
        ));
        let message = "field number '3' conflicts with reserved range '2 to 5'";
        is(
            &problem,
            "3",
            message,
            "it collides with `reserved 2 to 5;`",
        );
    }

    #[test]
    fn a_message_defined_twice() {
        let problem = problem(&spoilt("message GreetResp", "message GreetReq"));
        assert_eq!(
            (problem.0.as_str(), problem.2.as_str()),
            ("GreetReq", "it collides with `message GreetReq {`")
        );
    }

    #[test]
    fn a_field_defined_twice_is_one_problem() {
        let problem = problem(&spoilt("page = 2", "name = 2"));
        is(
            &problem,
            "name",
            "name 'acme.greeter.GreetReq.name' is defined twice",
            "it collides with `string name = 1;`",
        );
    }

    #[test]
    fn a_package_given_twice() {
        let problem = problem(&spoilt("// Greets.", "package acme.other;"));
        assert_eq!(
            (problem.0.as_str(), problem.2.as_str()),
            (
                "package acme.other;",
                "it collides with `package acme.greeter;`"
            )
        );
    }

    #[test]
    fn a_missing_import() {
        let found = problem(&spoilt("common/common.proto", "common/comon.proto"));
        let message = "the imported file `common/comon.proto` does not exist";
        is(
            &found,
            "common/comon.proto",
            message,
            "did you mean `common/common.proto`?",
        );
        let found = problem(&spoilt("\"common/common.proto\"", "\"x/y.proto\""));
        let help = "an import is a path from the root of the tree, such as `folder/file.proto`";
        is(
            &found,
            "x/y.proto",
            "the imported file `x/y.proto` does not exist",
            help,
        );
    }

    #[test]
    fn an_import_that_leaves_the_tree() {
        let problem = problem(&spoilt("common/common.proto", "../common.proto"));
        assert_eq!(
            (problem.0.as_str(), problem.1.as_str()),
            ("\"../common.proto\"", "this path cannot be imported")
        );
    }

    #[test]
    fn a_file_outside_of_the_tree_is_not_read() {
        let outer = tree(&[("outside.proto", COMMON), ("tree/a.proto", COMMON)]);
        let problems =
            compile(&outer.path().join("tree"), &["../outside.proto".to_owned()]).unwrap_err();
        assert_eq!(
            problems[0].message,
            "there is no file `../outside.proto` in the tree"
        );
    }

    #[test]
    fn an_import_given_twice() {
        let problem = problem(&spoilt("// Greets.", "import \"common/common.proto\";"));
        is(
            &problem,
            "common/common.proto",
            "`common/common.proto` is imported twice",
            "",
        );
    }

    #[test]
    fn a_circle_of_imports() {
        let a = "syntax = \"proto3\"; import \"b.proto\";";
        let b = "syntax = \"proto3\"; import \"a.proto\";";
        let problems = compile_all(&[("a.proto", a), ("b.proto", b)]).unwrap_err();
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert_eq!(
            (problems[0].file.as_str(), &b[problems[0].range.clone()]),
            ("b.proto", "a.proto")
        );
    }

    #[test]
    fn a_file_that_does_not_exist() {
        let problems = compile(
            tree(&[("greeter.proto", GREETER)]).path(),
            &["greter.proto".to_owned()],
        )
        .unwrap_err();
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert_eq!(
            problems[0].message,
            "there is no file `greter.proto` in the tree"
        );
        assert_eq!(
            problems[0].help.as_deref(),
            Some("did you mean `greeter.proto`?")
        );
    }

    #[test]
    fn a_file_that_is_not_utf8() {
        let tree = tree(&[]);
        fs::write(tree.path().join("a.proto"), b"// \xff").unwrap();
        let problems = compile(tree.path(), &["a.proto".to_owned()]).unwrap_err();
        assert_eq!((problems.len(), problems[0].range.clone()), (1, 3..4));
    }

    #[test]
    fn a_byte_order_mark_is_allowed_and_moves_nothing() {
        compile_all(&[("a.proto", &format!("\u{feff}{COMMON}"))]).unwrap();
        assert_eq!(
            problem(&format!("\u{feff}{}", spoilt("string name", "strng name"))).0,
            "strng"
        );
    }

    #[test]
    fn carriage_returns_move_nothing() {
        let text = spoilt("string name", "strng name").replace('\n', "\r\n");
        is(
            &problem(&text),
            "strng",
            "the type `strng` is not defined",
            "did you mean `string`?",
        );
        let text = spoilt("common/common.proto", "common/comon.proto").replace('\n', "\r\n");
        assert_eq!(problem(&text).0, "common/comon.proto");
        let text = spoilt("page = 2", "page = 1").replace('\n', "\r\n");
        let help = "it collides with `string name = 1;`";
        is(
            &problem(&text),
            "1",
            "field number '1' is already used",
            help,
        );
    }

    #[test]
    fn characters_of_several_bytes_move_nothing() {
        let text = spoilt("string name", "/* größer 日本 */ strng name")
            .replace("// Greets.", "// Grüße 👋");
        assert_eq!(problem(&text).0, "strng");
        let text = spoilt("rpc", "/* größer 日本 */ rcp");
        assert_eq!(problem(&text).0, "rcp");
        let text =
            spoilt("import", "/* größer 日本 */ import").replace("common.proto", "comon.proto");
        assert_eq!(problem(&text).0, "common/comon.proto");
        let text = spoilt("string name", "strüng name");
        assert!(problem(&text).0.contains('ü'));
    }

    #[test]
    fn two_files_with_an_error_each() {
        let a = "syntax = \"proto3\"; message A { strng a = 1; }";
        let b = "syntax = \"proto3\"; mesage B { string b = 1; }";
        let problems = compile_all(&[("b.proto", b), ("a.proto", a)]).unwrap_err();
        let places: Vec<_> = problems
            .iter()
            .map(|problem| problem.file.as_str())
            .collect();
        assert_eq!(places, ["a.proto", "b.proto"]);
        assert_eq!(
            (&a[problems[0].range.clone()], &b[problems[1].range.clone()]),
            ("strng", "mesage")
        );
    }

    #[test]
    fn an_error_in_an_imported_file_is_reported_there_and_once() {
        let common = COMMON.replace("int32", "itn32");
        let tree = tree(&[
            ("greeter.proto", GREETER),
            ("other.proto", GREETER),
            ("common/common.proto", &common),
        ]);
        let problems = compile(
            tree.path(),
            &["greeter.proto".to_owned(), "other.proto".to_owned()],
        )
        .unwrap_err();
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert_eq!(
            (
                problems[0].file.as_str(),
                &common[problems[0].range.clone()]
            ),
            ("common/common.proto", "itn32")
        );
    }
}

mod rules {
    use super::*;

    fn rules() -> ProtoRules {
        ProtoRules {
            layout: Some("{name}/{name}.proto".to_owned()),
            package: Some("acme.{name}".to_owned()),
            go_package: Some("example.com/protocol/{name}".to_owned()),
            strip_omitempty: false,
        }
    }

    /// Each problem: the marked text, the message, the help.
    fn check_at(file: &str, text: &str) -> Vec<(String, String, String)> {
        let compiled = compile_all(&[(file, text), ("common/common.proto", COMMON)]).unwrap();
        let problems = check_rules(&compiled, file, text, &rules());
        problems
            .into_iter()
            .map(|problem| {
                assert_eq!(
                    (problem.file.as_str(), problem.kind),
                    (file, Kind::Rule),
                    "{problem:?}"
                );
                (
                    text[problem.range].to_owned(),
                    problem.message,
                    problem.help.unwrap_or_default(),
                )
            })
            .collect()
    }

    fn check(text: &str) -> (String, String, String) {
        let mut problems = check_at("greeter/greeter.proto", text);
        assert_eq!(problems.len(), 1, "{problems:?}");
        problems.remove(0)
    }

    #[test]
    fn a_good_file_and_no_rules() {
        assert_eq!(check_at("greeter/greeter.proto", GREETER), []);
        let compiled = compile_all(&[("a.proto", COMMON)]).unwrap();
        assert_eq!(
            check_rules(&compiled, "a.proto", COMMON, &ProtoRules::default()),
            []
        );
    }

    #[test]
    fn a_wrong_go_package() {
        let found = check(&spoilt(
            "example.com/protocol/greeter",
            "example.com/protocol/greet",
        ));
        let message = "go_package is `example.com/protocol/greet`, the rules of its repository ask for `example.com/protocol/greeter`";
        let help = "write `option go_package = \"example.com/protocol/greeter\";`";
        is(&found, "example.com/protocol/greet", message, help);
    }

    #[test]
    fn an_alias_in_go_package() {
        let found = check(&spoilt(
            "example.com/protocol/greeter",
            "example.com/protocol/greeter;greet",
        ));
        let message =
            "go_package ends with the alias `;greet`, the rules of its repository allow none";
        let help = "write `option go_package = \"example.com/protocol/greeter\";`";
        is(&found, "example.com/protocol/greeter;greet", message, help);
    }

    #[test]
    fn no_go_package() {
        let found = check(&spoilt(
            "option go_package = \"example.com/protocol/greeter\";",
            "",
        ));
        let help = "write `option go_package = \"example.com/protocol/greeter\";`";
        is(
            &found,
            "syntax = \"proto3\";",
            "the file has no `option go_package`",
            help,
        );
    }

    #[test]
    fn a_wrong_file_name() {
        let found = check_at("greeter/greet.proto", GREETER);
        let message = "the file is `greeter/greet.proto`, the rules of its repository ask for `greeter/greeter.proto`";
        assert_eq!(found.len(), 1, "{found:?}");
        is(&found[0], "", message, "name it `greeter/greeter.proto`");
    }

    #[test]
    fn a_file_in_the_folder_of_another_name() {
        // Two of three agree, so the third is wrong, though it is well-formed.
        let found = check_at("other/other.proto", GREETER);
        let message = "the file is `other/other.proto`, the rules of its repository ask for `greeter/greeter.proto`";
        assert_eq!(found.len(), 1, "{found:?}");
        is(&found[0], "", message, "name it `greeter/greeter.proto`");
    }

    #[test]
    fn a_package_with_a_capital() {
        let found = check(
            &spoilt("acme.greeter", "acme.Greeter").replace("common.Page", "acme.common.Page"),
        );
        let message =
            "the package is `acme.Greeter`, the rules of its repository ask for `acme.greeter`";
        is(
            &found,
            "acme.Greeter",
            message,
            "write `package acme.greeter;`",
        );
    }

    #[test]
    fn a_name_that_is_no_word_anywhere() {
        let text = GREETER
            .replace("acme.greeter", "acme.Greeter")
            .replace("protocol/greeter", "protocol/Greeter");
        let found = check_at("Greeter/Greeter.proto", &text);
        assert_eq!(found.len(), 3, "{found:?}");
        let word =
            "; `{name}` is one word of lower-case letters, digits and `_`, the same everywhere";
        assert_eq!(found[1].2, format!("write `package acme.{{name}};`{word}"));
    }

    #[test]
    fn no_package() {
        let text = spoilt("package acme.greeter;", "").replace("common.Page", "acme.common.Page");
        let found = check(&text);
        is(
            &found,
            "syntax = \"proto3\";",
            "the file has no `package` statement",
            "write `package acme.greeter;`",
        );
    }

    #[test]
    fn places_behind_characters_of_several_bytes_and_carriage_returns() {
        let text =
            spoilt("package acme.greeter", "/* größer */ package acme.greet").replace('\n', "\r\n");
        assert_eq!(check(&text).0, "acme.greet");
    }

    #[test]
    fn a_file_that_was_not_compiled_is_not_passed_over() {
        let compiled = compile_all(&[("a.proto", COMMON)]).unwrap();
        assert_eq!(check_rules(&compiled, "b.proto", COMMON, &rules()).len(), 1);
    }
}

mod generating {
    use super::*;

    fn compiled() -> Compiled {
        compile_all(&[
            ("greeter/greeter.proto", GREETER),
            ("common/common.proto", COMMON),
        ])
        .unwrap()
    }

    fn file(name: &str, content: &str) -> File {
        File {
            name: Some(name.to_owned()),
            content: Some(content.to_owned()),
            ..File::default()
        }
    }

    fn response(files: &[File]) -> Vec<u8> {
        CodeGeneratorResponse {
            file: files.to_vec(),
            ..CodeGeneratorResponse::default()
        }
        .encode_to_vec()
    }

    #[test]
    fn a_request_holds_the_imports_first_and_comments() {
        let request = request(&compiled(), "greeter/greeter.proto", "a=b").unwrap();
        let request = CodeGeneratorRequest::decode(&*request).unwrap();
        let names: Vec<_> = request
            .proto_file
            .iter()
            .map(FileDescriptorProto::name)
            .collect();
        assert_eq!(names, ["common/common.proto", "greeter/greeter.proto"]);
        assert_eq!(
            (request.file_to_generate, request.parameter.as_deref()),
            (vec!["greeter/greeter.proto".to_owned()], Some("a=b"))
        );
        let version = request.compiler_version.unwrap();
        assert_eq!(
            (version.major(), version.minor(), version.patch()),
            (3, 21, 12)
        );
        let comments = request.proto_file[1]
            .source_code_info
            .as_ref()
            .unwrap()
            .location
            .iter();
        assert!(
            comments
                .map(Location::leading_comments)
                .any(|comment| comment == " Greets.\n")
        );
    }

    #[test]
    fn a_request_holds_only_what_its_file_needs() {
        let request = request(&compiled(), "common/common.proto", "").unwrap();
        let request = CodeGeneratorRequest::decode(&*request).unwrap();
        assert_eq!((request.proto_file.len(), request.parameter), (1, None));
    }

    #[test]
    fn a_request_keeps_custom_options() {
        let text = "syntax = \"proto3\";\nimport \"google/protobuf/descriptor.proto\";\n\
            extend google.protobuf.MessageOptions { string owner = 50001; }\n\
            message A { option (owner) = \"somebody\"; }\n";
        let compiled = compile_all(&[("a.proto", text)]).unwrap();
        let request = request(&compiled, "a.proto", "").unwrap();
        // Field 50001 of wire type 2, and eight bytes.
        let option = b"\x8a\xb5\x18\x08somebody";
        assert!(request.windows(option.len()).any(|window| window == option));
    }

    #[test]
    fn a_response_with_files() {
        let files = read_response(&response(&[
            file("a/a.pb.go", "package"),
            file("", " a"),
            file("b.go", "b"),
        ]));
        let expected = [("a/a.pb.go", "package a"), ("b.go", "b")];
        assert_eq!(
            files.unwrap(),
            expected.map(|(path, text)| (path.to_owned(), text.to_owned()))
        );
        assert_eq!(read_response(b""), Ok(Vec::new()));
    }

    #[test]
    fn a_response_with_an_error() {
        let response = CodeGeneratorResponse {
            error: Some("no".to_owned()),
            ..CodeGeneratorResponse::default()
        };
        assert_eq!(
            read_response(&response.encode_to_vec()),
            Err(Refusal::Error("no".to_owned()))
        );
    }

    #[test]
    fn a_response_that_leaves_the_tree() {
        for path in [
            "../a.go",
            "a/../../a.go",
            "/a.go",
            "a//b.go",
            "./a.go",
            "a\\b.go",
            "a/..",
        ] {
            let files = read_response(&response(&[file(path, "")]));
            assert_eq!(files, Err(Refusal::Outside(path.to_owned())));
        }
    }

    #[test]
    fn a_response_that_cannot_be_used() {
        assert_eq!(read_response(b"/not protobuf"), Err(Refusal::Unreadable));
        assert_eq!(
            read_response(&response(&[file("", "a")])),
            Err(Refusal::Unreadable)
        );
        let twice = response(&[file("a.go", ""), file("a.go", "")]);
        assert_eq!(
            read_response(&twice),
            Err(Refusal::Twice("a.go".to_owned()))
        );
        let insertion = File {
            insertion_point: Some("x".to_owned()),
            ..file("a.go", "")
        };
        assert_eq!(
            read_response(&response(&[insertion])),
            Err(Refusal::Insertion("a.go".to_owned()))
        );
    }

    /// The sentence about a run that brings no files.
    #[cfg(unix)]
    fn failure(program: &str) -> Problem {
        let program = crate::tool::find(program, None).unwrap_or_else(|| program.into());
        let error = generate(
            &compiled(),
            "greeter/greeter.proto",
            &program,
            "",
            Path::new("/"),
        )
        .expect_err("an error");
        let GenerateError::Refused(problem) = error else {
            panic!("{error:?}")
        };
        assert_eq!(
            (problem.kind, problem.range.clone()),
            (Kind::Generate, 0..0)
        );
        problem
    }

    #[cfg(unix)]
    #[test]
    fn plugins_that_do_not_do_their_work() {
        assert_eq!(failure("false").message, "false failed with exit status 1");
        // It prints a path, and no message of protobuf begins with a slash.
        assert_eq!(
            failure("pwd").message,
            "pwd gave an answer that is not one of a protoc plugin"
        );
        // It gives the request back, whose first field is, in a response, the error.
        assert_eq!(
            failure("cat").message,
            "cat refused the file: greeter/greeter.proto"
        );
    }

    #[cfg(unix)]
    #[test]
    fn plugins_that_do_not_come_to_their_end_say_nothing_of_the_file() {
        let run = |program: &Path| {
            generate(
                &compiled(),
                "greeter/greeter.proto",
                program,
                "",
                Path::new("/"),
            )
        };
        let missing = run(Path::new("/no/such/protoc-gen-go"));
        assert!(
            matches!(missing, Err(GenerateError::Tool(why)) if why == "/no/such/protoc-gen-go is not installed")
        );
        let folder = tempfile::tempdir().unwrap();
        let killed = folder.path().join("killed");
        std::fs::write(&killed, "#!/bin/sh\nkill -9 $$\n").unwrap();
        std::fs::set_permissions(&killed, std::os::unix::fs::PermissionsExt::from_mode(0o755))
            .unwrap();
        let killed = run(&killed);
        assert!(
            matches!(&killed, Err(GenerateError::Tool(why)) if why == "killed was ended by a signal"),
            "{killed:?}"
        );
    }

    #[cfg(unix)]
    #[test]
    fn a_plugin_with_nothing_to_say() {
        let plugin = crate::tool::find("true", None).unwrap();
        let files = generate(
            &compiled(),
            "greeter/greeter.proto",
            &plugin,
            "",
            Path::new("/"),
        );
        assert_eq!(files.unwrap(), Vec::new());
    }

    #[test]
    fn a_file_that_was_not_compiled() {
        let error = generate(&compiled(), "b.proto", Path::new("x"), "", Path::new("/"));
        let Err(GenerateError::Refused(problem)) = error else {
            panic!("{error:?}")
        };
        assert_eq!(
            problem.message,
            "`b.proto` was not compiled, so no code can be generated from it"
        );
    }

    #[test]
    fn omitempty_goes_only_from_the_end_of_a_tag() {
        let text = "A `protobuf:\"x,json=a\" json:\"a,omitempty\"`\nB `json:\"b,omitempty,string\"`\n\",omitempty\"\n";
        let stripped = "A `protobuf:\"x,json=a\" json:\"a\"`\nB `json:\"b,omitempty,string\"`\n\",omitempty\"\n";
        assert_eq!(strip_omitempty(text), stripped);
    }
}
