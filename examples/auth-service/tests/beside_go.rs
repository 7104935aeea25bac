//! The service beside its model: the guide's service in Go and the real openim-api, both built from
//! what the guide's blocks make of OpenIM v3.8.3, with OpenIM's own configuration files.

mod common;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use common::cases::{Alike, CASES, Case, Ours, plain};
use common::etcd::Etcd;
use common::openim::{Configuration, registered};
use common::{Wire, readme, request, soon, until, until_within};

/// The name that the guide registers the service under in this edition.
const NAME: &str = "authService";

#[tokio::test]
async fn both_services_answer_alike_but_for_what_the_readme_says() {
    let etcd = Etcd::started().await;
    let go = Configuration::new(&etcd);
    let rust = Configuration::new(&etcd);
    let _go = go.go().await;
    let _rust = rust.rust().await;
    let (mut compared, mut wrong) = (0, Vec::new());
    for Case { name, direct, .. } in CASES {
        let Some(direct) = direct else { continue };
        compared += 1;
        direct.row().into_iter().for_each(readme::states);
        // A connection for each: some cases end it.
        let theirs = direct.send(&mut Wire::connect(&go.at()).await).await;
        let ours = direct.send(&mut Wire::connect(&rust.at()).await).await;
        wrong.extend(direct.judge(name, &theirs, &ours));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(compared > 0, "there was nothing to compare");
}

/// What openim-api or the front answers.
#[derive(Clone, Debug, PartialEq)]
struct Envelope {
    status: u16,
    /// Without those that say when and how long.
    headers: BTreeMap<String, String>,
    code: Option<u64>,
    /// What a person reads of `errMsg` and `errDlt`, or of a body that is no envelope.
    text: String,
    data: Option<serde_json::Value>,
}

impl Envelope {
    /// What is wrong with our answer beside this one, if anything is.
    fn judge(&self, ours: &Self, alike: Alike) -> Option<String> {
        let mut expected = self.clone();
        if let Alike::But(_, differences) = alike {
            for difference in differences {
                let before = expected.clone();
                expected.differ(*difference);
                if expected == before {
                    return Some(format!("{difference:?} is Go's as well: {self:?}"));
                }
            }
        }
        (*ours != expected).then(|| format!("{ours:?} instead of {expected:?}"))
    }

    fn differ(&mut self, difference: Ours) {
        match difference {
            Ours::Code(code) => self.code = Some(code),
            Ours::Text(text) => self.text = plain(text),
            Ours::Echo(message) => {
                self.code = Some(0);
                self.text.clear();
                self.data = Some(serde_json::json!({ "message": message }));
            }
            Ours::Header(name, value) => {
                self.headers.insert(name.to_owned(), value.to_owned());
            }
        }
    }
}

/// Asks one of them.
async fn ask(at: &str, head: &str, body: &str) -> Envelope {
    let response = request(at, head, body).await;
    let headers = response.headers().iter().map(|(name, value)| {
        let value = value.to_str().expect("text").to_owned();
        (name.as_str().to_owned(), value)
    });
    let mut headers: BTreeMap<_, _> = headers.collect();
    for name in ["date", "content-length", "transfer-encoding"] {
        headers.remove(name);
    }
    let status = response.status().as_u16();
    let answer = String::from_utf8_lossy(response.body());
    match serde_json::from_str::<serde_json::Value>(&answer) {
        Ok(json) if json.is_object() => Envelope {
            status,
            headers,
            code: json["errCode"].as_u64(),
            text: said(&json),
            data: json.get("data").cloned(),
        },
        _ => Envelope {
            status,
            headers,
            code: None,
            text: answer.into_owned(),
            data: None,
        },
    }
}

/// The release line says an error's name and its cause in `errMsg`, `errDlt`, or in both of them;
/// main the name in the one and the cause in the other.
fn said(json: &serde_json::Value) -> String {
    let text = |key: &str| plain(json[key].as_str().unwrap_or_default());
    let (name, cause) = (text("errMsg"), text("errDlt"));
    if cause.is_empty() || name == cause {
        name
    } else if cause.starts_with(&name) {
        cause
    } else {
        format!("{name}: {cause}")
    }
}

const HELLO: &str = r#"{"message":"hello"}"#;
const POST_ECHO: &str = "POST /authservice/echo\noperationID: t1";

#[tokio::test]
async fn openim_api_answers_alike_through_either_and_the_front_as_it_does() {
    let cases = || {
        CASES
            .iter()
            .filter_map(|case| Some((case.name, case.http?)))
    };
    let etcd = Etcd::started().await;
    let configuration = Configuration::new(&etcd);
    let mut go = configuration.go().await;
    registered(&etcd, 1).await;
    let _api = configuration.api().await;
    let api = configuration.api_at();
    let mut through_go = Vec::new();
    for (_, http) in cases() {
        through_go.push(ask(&api, http.head, &http.json()).await);
    }
    go.signal("-TERM");
    go.ended().await;

    // The Go service leaves its key behind; ours takes the same address and so the same key.
    let _rust = configuration.rust().await;
    let found = async || ask(&api, POST_ECHO, HELLO).await.code == Some(0);
    until("openim-api to find the Rust service", found).await;
    let alone = common::Alone::start().await;
    let (mut compared, mut wrong) = (0, Vec::new());
    for ((name, http), theirs) in cases().zip(through_go) {
        for (way, at, alike) in [
            ("through", &api, http.through),
            ("the front", &alone.http, http.front),
        ] {
            alike.row().into_iter().for_each(readme::states);
            let ours = ask(at, http.head, &http.json()).await;
            let mistake = theirs.judge(&ours, alike);
            wrong.extend(mistake.map(|mistake| format!("{name}, {way}: {mistake}")));
            compared += 1;
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(compared > 0, "there was nothing to compare");
    let answered = async || configuration.answered() > 0;
    until("the Rust service to have been asked", answered).await;
}

#[tokio::test]
async fn openim_api_follows_instances_that_come_and_go_and_loses_no_call() {
    const INSTANCES: usize = 3;
    let etcd = Etcd::started().await;
    let folders: Vec<Configuration> = (0..INSTANCES).map(|_| Configuration::new(&etcd)).collect();
    let mut instances = Vec::new();
    for folder in &folders {
        instances.push(folder.rust().await);
    }
    registered(&etcd, INSTANCES).await;
    let _api = folders[0].api().await;

    let api = folders[0].api_at();
    let done = Arc::new(AtomicBool::new(false));
    let calls = Arc::new(AtomicUsize::new(0));
    let callers: Vec<_> = (0..4)
        .map(|_| {
            let (api, done, calls) = (api.clone(), done.clone(), calls.clone());
            tokio::spawn(async move {
                let mut lost = Vec::new();
                while !done.load(Ordering::SeqCst) {
                    let answer = ask(&api, POST_ECHO, HELLO).await;
                    calls.fetch_add(1, Ordering::SeqCst);
                    if answer.code != Some(0) {
                        lost.push(answer);
                    }
                }
                lost
            })
        })
        .collect();

    // Calls are spread over all, before and after each was restarted.
    spread(&folders).await;
    for (folder, instance) in folders.iter().zip(&mut instances) {
        instance.signal("-TERM");
        assert_eq!(instance.ended().await.code(), Some(0));
        registered(&etcd, INSTANCES - 1).await;
        *instance = folder.rust().await;
        registered(&etcd, INSTANCES).await;
        spread(&folders).await;
    }
    done.store(true, Ordering::SeqCst);
    for caller in callers {
        let lost = soon("a caller", caller).await.expect("no panic");
        assert!(lost.is_empty(), "of {calls:?}: {lost:?}");
    }

    // One that is killed says nothing; its key goes with the lease, and nobody calls it meanwhile.
    let mut killed = instances.pop().expect("an instance");
    killed.signal("-KILL");
    killed.ended().await;
    let hello = async || ask(&api, POST_ECHO, HELLO).await;
    // A call may be on its way while openim-api learns that the connection has ended.
    let noticed = async || {
        let mut answered = 0;
        while answered < INSTANCES && hello().await.code == Some(0) {
            answered += 1;
        }
        answered == INSTANCES
    };
    until("openim-api to notice", noticed).await;
    for _ in 0..20 {
        let answer = hello().await;
        assert_eq!(answer.code, Some(0), "{answer:?}");
    }
    // A lease of 30 seconds, which etcd may end a little late.
    let (limit, pause) = (Duration::from_mins(1), Duration::from_millis(200));
    let gone = async || etcd.keys().await.len() == INSTANCES - 1;
    until_within(limit, pause, "the key of the killed one to go", gone).await;
    let left = format!("openim/{NAME}/{}", folders[INSTANCES - 1].at());
    assert!(!etcd.keys().await.contains(&left));
}

/// Every instance answers calls from now on.
async fn spread(folders: &[Configuration]) {
    for folder in folders {
        let before = folder.answered();
        let more = async || folder.answered() > before;
        until("calls to every instance", more).await;
    }
}
