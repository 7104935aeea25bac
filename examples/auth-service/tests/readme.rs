//! The README's tables of differences: each row has a reason, and each has a test.

mod common;

use std::fs;
use std::path::Path;

use common::readme::rows;

/// The tests of the calls that `common/cases.rs` lists.
const CALLS: Test = (
    "tests/beside_go.rs",
    "both_services_answer_alike_but_for_what_the_readme_says",
);
/// And those of its requests.
const REQUESTS: Test = (
    "tests/beside_go.rs",
    "openim_api_answers_alike_through_either_and_the_front_as_it_does",
);

/// A file and a function in it.
type Test = (&'static str, &'static str);

/// Which test shows what a row says.
const SHOWN: &[(&str, Test)] = &[
    ("error of a handler", CALLS),
    ("the same, through `openim-api`", REQUESTS),
    ("panic of a handler", beside("a_panic_is_the_end_of_go")),
    ("health, reflection", CALLS),
    (
        "spaces in `grpc-message`",
        beside("messages_have_spaces_and_stack_frames_from_go"),
    ),
    ("a message that is no protobuf", CALLS),
    ("a field of another type", CALLS),
    ("a message cut short", CALLS),
    ("a call without a message", CALLS),
    ("compressed messages", CALLS),
    (
        "deadline passed in a handler",
        beside("a_handler_whose_caller_is_gone_runs_on_in_go_alone"),
    ),
    ("a deadline that has passed already", CALLS),
    ("a deadline that is none", CALLS),
    ("no POST, or no gRPC by its content type", CALLS),
    ("binary metadata that is no base64", CALLS),
    ("content type `application/grpc+proto`", CALLS),
    (
        "`%` in `:authority`, as OpenIM's callers send it",
        (
            "tests/wire.rs",
            "an_authority_as_openims_callers_send_it_is_taken",
        ),
    ),
    ("long headers", CALLS),
    (
        "long headers of HTTP",
        ("tests/limits.rs", "a_request_with_long_headers_is_refused"),
    ),
    (
        "connections",
        (
            "tests/wire.rs",
            "more_connections_than_the_system_permits_wait",
        ),
    ),
    (
        "connections of HTTP",
        ("tests/limits.rs", "requests_beyond_the_last_place_wait"),
    ),
    (
        "calls under way",
        ("tests/limits.rs", "a_connection_may_have_so_many_calls"),
    ),
    (
        "messages under way",
        (
            "tests/wire.rs",
            "messages_that_never_end_take_no_more_memory_than_there_is_room_for",
        ),
    ),
    (
        "a request that does not arrive as a whole",
        (
            "src/layers/arrival.rs",
            "a_request_that_comes_drop_by_drop_is_ended",
        ),
    ),
    (
        "headers of HTTP that do not arrive as a whole",
        (
            "tests/limits.rs",
            "a_request_whose_headers_do_not_end_is_dropped",
        ),
    ),
    (
        "a body of HTTP that does not arrive as a whole",
        (
            "src/front.rs",
            "a_body_that_does_not_arrive_is_not_waited_for",
        ),
    ),
    (
        "an answer that is not taken",
        (
            "src/server/answers.rs",
            "a_caller_that_takes_nothing_is_not_waited_for",
        ),
    ),
    (
        "an answer of HTTP that is not taken",
        (
            "tests/limits.rs",
            "an_answer_over_http_that_is_not_taken_ends_its_connection",
        ),
    ),
    (
        "a connection that does not begin",
        (
            "tests/limits.rs",
            "a_connection_that_does_not_begin_is_closed",
        ),
    ),
    (
        "a connection that is silent",
        (
            "tests/limits.rs",
            "a_connection_that_is_silent_is_asked_and_closed",
        ),
    ),
    (
        "token",
        beside("the_api_asks_for_a_token_takes_long_bodies_and_compresses_answers"),
    ),
    ("malformed JSON", REQUESTS),
    ("unknown fields nested deeply", REQUESTS),
    ("an operation ID that is not printable ASCII", REQUESTS),
    (
        "`X-Http-Id` header",
        beside("the_api_asks_for_a_token_takes_long_bodies_and_compresses_answers"),
    ),
    (
        "compression of answers",
        beside("the_api_asks_for_a_token_takes_long_bodies_and_compresses_answers"),
    ),
    ("`Allow` header where a path takes POST alone", REQUESTS),
    (
        "body over 4 MiB",
        beside("the_api_asks_for_a_token_takes_long_bodies_and_compresses_answers"),
    ),
    (
        "unknown key in the own file",
        beside("the_go_service_passes_over_what_is_wrong_in_its_file"),
    ),
    (
        "value of another type, in any file",
        beside("go_turns_values_into_what_it_wants_where_it_can"),
    ),
    (
        "anchors, merge keys and a second document in a file",
        beside("yaml_that_refers_to_itself_or_begins_again_is_taken_by_go_alone"),
    ),
    (
        "environment",
        beside("a_variable_counts_here_where_its_key_is_not_in_the_file"),
    ),
    (
        "`-c` and `CONFIG_PATH`",
        beside("the_flag_comes_before_the_variable"),
    ),
    ("configuration centre", beside("files_in_etcd_are_not_read")),
    (
        "address of etcd that begins with `https://`",
        beside("etcd_over_tls_is_known_to_go_alone"),
    ),
    (
        "`rateLimiter`, `circuitBreaker`",
        (
            "src/config/tests.rs",
            "the_keys_of_mains_file_are_known_and_not_obeyed_in_silence",
        ),
    ),
    (
        "`rpcMaxBodySize` in `share.yml`",
        (
            "tests/openim.rs",
            "a_message_may_be_as_long_as_share_yml_says",
        ),
    ),
    (
        "`prometheus.enable: false`",
        beside("metrics_listen_where_calls_do_and_only_if_they_are_enabled"),
    ),
    (
        "metrics listen on",
        beside("metrics_listen_where_calls_do_and_only_if_they_are_enabled"),
    ),
    (
        "`rpc.listenIP` that is a name",
        beside("a_name_to_listen_at_is_taken_by_go_alone"),
    ),
    (
        "blank `registerIP`",
        beside("a_blank_address_is_registered_by_go_alone"),
    ),
    ("`autoSetPorts`", beside("ports_are_found_here_alone")),
    (
        "`isSimplify`",
        beside("the_log_is_a_file_of_its_own_with_a_line_for_each_call_and_without_messages"),
    ),
    (
        "`rotationTime`",
        ("src/logs.rs", "a_file_is_of_a_day_or_of_an_hour"),
    ),
    (
        "log file",
        beside("the_log_is_a_file_of_its_own_with_a_line_for_each_call_and_without_messages"),
    ),
    (
        "log lines",
        beside("the_log_is_a_file_of_its_own_with_a_line_for_each_call_and_without_messages"),
    ),
    (
        "etcd away at start",
        beside("go_waits_for_etcd_without_a_word_and_answers_nobody"),
    ),
    (
        "wrong etcd password",
        beside("go_ends_where_etcd_refuses_the_password"),
    ),
    ("lost lease", beside("go_is_lost_with_its_lease")),
    (
        "Prometheus' key",
        (
            "tests/openim.rs",
            "prometheus_key_is_renewed_and_removed_as_the_other",
        ),
    ),
    (
        "`enable: kubernetes`",
        ("tests/openim.rs", "kubernetes_needs_to_be_told_nothing"),
    ),
    (
        "code of an error in `rpc_count`",
        beside("metrics_listen_where_calls_do_and_only_if_they_are_enabled"),
    ),
    (
        "metrics of the libraries",
        beside("metrics_listen_where_calls_do_and_only_if_they_are_enabled"),
    ),
    (
        "SIGTERM",
        beside("the_key_of_a_service_that_was_stopped_is_left_by_go_alone"),
    ),
    (
        "SIGINT",
        beside("an_interrupt_is_a_stop_here_and_the_end_of_go"),
    ),
    (
        "calls cut off at the end",
        beside("calls_that_are_cut_off_are_told_of"),
    ),
];

/// A test that runs both services.
const fn beside(name: &'static str) -> Test {
    ("tests/differences.rs", name)
}

#[test]
fn each_row_is_whole() {
    for row in rows() {
        for cell in [&row.name, &row.go, &row.here, &row.why] {
            assert!(!cell.is_empty(), "{}: an empty cell", row.name);
        }
    }
}

#[test]
fn each_row_has_a_test() {
    let named: Vec<String> = rows().into_iter().map(|row| row.name).collect();
    let shown: Vec<&str> = SHOWN.iter().map(|(row, _)| *row).collect();
    assert_eq!(named, shown);
    for (row, (file, test)) in SHOWN {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
        let text = fs::read_to_string(path).expect("a file of tests");
        assert!(has_test(&text, test), "{row}: {file} has no test {test}");
    }
}

/// Whether a text has a test of this name, and one that is run.
fn has_test(text: &str, name: &str) -> bool {
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let beginnings = ["fn", "async fn"].map(|function| format!("{function} {name}("));
    let is_it = |line: &&str| beginnings.iter().any(|start| line.starts_with(start));
    let Some(at) = lines.iter().position(is_it) else {
        return false;
    };
    let above = lines[..at].iter().rev();
    let attributes: Vec<&&str> = above.take_while(|line| line.starts_with("#[")).collect();
    let is_test = |line: &&str| *line == "#[test]" || line.starts_with("#[tokio::test");
    attributes.iter().any(|line| is_test(line))
        && attributes.iter().all(|line| !line.contains("ignore"))
}

#[test]
fn only_a_test_that_is_run_counts() {
    for (text, counts) in [
        ("#[test]\nfn it() {", true),
        (
            "    #[tokio::test(start_paused = true)]\n    async fn it() {",
            true,
        ),
        (
            "#[tokio::test]\n#[cfg(target_os = \"linux\")]\nasync fn it() {",
            true,
        ),
        ("fn it() {", false),
        ("#[must_use]\nfn it() {", false),
        ("#[test]\nfn other() {}\n\nfn it() {", false),
        ("#[test]\n#[ignore]\nfn it() {", false),
        ("#[ignore = \"slow\"]\n#[test]\nfn it() {", false),
        ("#[test]\n#[cfg_attr(windows, ignore)]\nfn it() {", false),
        ("// #[test]\n// fn it() {", false),
        ("#[test]\nfn it_too() {", false),
    ] {
        assert_eq!(has_test(text, "it"), counts, "{text}");
    }
}
