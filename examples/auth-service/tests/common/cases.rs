//! The one table of parity: what is asked, and how the answers compare. Each case has up to two
//! columns, sent directly as gRPC and sent as HTTP, and each column what edition main was recorded
//! to answer, where it was.

use std::time::Duration;

use auth_service::contract::GetConfigReq;
use auth_service::layers::MESSAGE_LIMIT;
use http_body_util::Full;
use tokio::time::timeout;

use super::{Answer, Reply, Wire, echo, frame};

/// One thing that a caller may do.
#[derive(Clone, Copy)]
pub(crate) struct Case {
    pub(crate) name: &'static str,
    /// Over gRPC, to the Go service and to this one.
    pub(crate) direct: Option<Direct>,
    /// Over HTTP, to openim-api before either service and to this service's own front.
    pub(crate) http: Option<Http>,
}

/// A call as it is sent, and how the answers to it compare.
#[derive(Clone, Copy)]
pub(crate) struct Direct {
    method: &'static str,
    path: &'static str,
    headers: &'static [(&'static str, &'static str)],
    body: Body,
    pub(crate) answers: Answers,
    /// Main's code, message and details.
    pub(crate) main: Option<(u32, &'static str, &'static str)>,
}

/// A request as it is sent, and how the answers to it compare.
#[derive(Clone, Copy)]
pub(crate) struct Http {
    pub(crate) head: &'static str,
    body: Body,
    /// How openim-api's answer with this service behind it compares to that with Go's.
    pub(crate) through: Alike,
    /// The same of the front's answer.
    pub(crate) front: Alike,
    /// Main's status and body; of malformed JSON, without the stack frames.
    pub(crate) main: Option<(u16, &'static str)>,
}

/// How our answer to a request compares to openim-api's with the Go service behind it.
#[derive(Clone, Copy)]
pub(crate) enum Alike {
    /// It is the same to the letter.
    Same,
    /// It is the same but for these. The README's row of this name says why.
    But(&'static str, &'static [Ours]),
}

/// What is ours of an answer, in the place of what is Go's.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Ours {
    Code(u64),
    Text(&'static str),
    /// It is no error, and has this message.
    Echo(&'static str),
    Header(&'static str, &'static str),
}

impl Alike {
    /// The README's row that says why the answers are not the same.
    pub(crate) fn row(self) -> Option<&'static str> {
        match self {
            Self::Same => None,
            Self::But(row, _) => Some(row),
        }
    }
}

/// What a request carries.
#[derive(Clone, Copy)]
pub(crate) enum Body {
    /// A text to echo.
    Echo(&'static str),
    /// A text of so many letters to echo.
    Letters(usize),
    /// A key to look up.
    Key(&'static str),
    /// These bytes, whatever they mean.
    Bytes(&'static [u8]),
    /// Nothing.
    Nothing,
}

impl Body {
    /// As gRPC has it.
    fn framed(self) -> Vec<u8> {
        match self {
            Self::Echo(text) => frame(&echo(text)),
            Self::Letters(count) => frame(&echo(&"x".repeat(count))),
            Self::Key(key) => frame(&GetConfigReq {
                key: key.to_owned(),
            }),
            Self::Bytes(bytes) => bytes.to_vec(),
            Self::Nothing => Vec::new(),
        }
    }

    /// As OpenIM's API has it.
    fn json(self) -> String {
        match self {
            Self::Echo(text) => serde_json::json!({ "message": text }).to_string(),
            Self::Letters(count) => serde_json::json!({ "message": "x".repeat(count) }).to_string(),
            Self::Key(key) => serde_json::json!({ "key": key }).to_string(),
            Self::Bytes(bytes) => String::from_utf8(bytes.to_vec()).expect("text"),
            Self::Nothing => String::new(),
        }
    }
}

/// How two answers compare, the Go service's and ours.
#[derive(Clone, Copy)]
pub(crate) enum Answers {
    /// They are the same to the letter.
    Same,
    /// They have this code, and ours has these words and Go's has others. The README's row of this
    /// name says why.
    SameCode(&'static str, u32, &'static str),
    /// They are the same but for their content types, the Go service's first. The README's row of
    /// this name says why.
    Kinds(&'static str, [&'static str; 2]),
    /// They end otherwise, the Go service's first. The README's row of this name says why.
    Differ(&'static str, End, End),
    /// The Go service's code is now one of these, now the other; ours is always the first. The
    /// README's row of this name says why.
    Wavers(&'static str, [u32; 2]),
}

/// How a call ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// With a code of gRPC.
    Code(u32),
    /// With an HTTP status that is none of gRPC's, and a code or none.
    Status(u16, Option<u32>),
    /// Not at all, for as long as was waited.
    Silence,
    /// With the connection.
    Broken,
}

/// What came of a call.
#[derive(Debug)]
pub(crate) enum Outcome {
    Answered(Reply),
    Silence,
    Broken,
}

impl Outcome {
    fn end(&self) -> End {
        match self {
            Self::Answered(Reply {
                status: 200,
                answer,
            }) => match answer {
                Some(answer) => End::Code(answer.code),
                None => End::Status(200, None),
            },
            Self::Answered(Reply { status, answer }) => {
                End::Status(*status, answer.as_ref().map(|answer| answer.code))
            }
            Self::Silence => End::Silence,
            Self::Broken => End::Broken,
        }
    }

    /// The answer, if gRPC's.
    fn answer(&self) -> Option<&Answer> {
        match self {
            Self::Answered(Reply { answer, .. }) => answer.as_ref(),
            _ => None,
        }
    }
}

/// A message without what the release line adds to it: stack frames, and the word Error and the code
/// before each of its parts. Main adds neither.
pub(crate) fn plain(message: &str) -> String {
    let text = message.split(" | ->").next().unwrap_or_default();
    let words: Vec<&str> = text
        .split(' ')
        .filter(|word| *word != "Error:" && word.parse::<u32>().is_err())
        .collect();
    words.join(" ")
}

/// What a person reads of an answer. On main, and so in ours, the cause is in the details only; in
/// the release line it is in the message, and the details repeat that.
fn text(answer: &Answer) -> String {
    let details = base64::Engine::decode(
        &base64::engine::general_purpose::STANDARD_NO_PAD,
        &answer.details,
    );
    let error = auth_service::wire::Error::of_details(&details.unwrap_or_default());
    match error {
        Some(error) if error.cause != error.name => format!("{}: {}", error.name, error.cause),
        _ => plain(&answer.message),
    }
}

fn alike<T: PartialEq>(both: &[T; 2]) -> bool {
    both[0] == both[1]
}

/// How long a call that ought not to be answered is waited for.
const SILENCE: Duration = Duration::from_secs(2);

impl Direct {
    /// Sends it on this connection.
    pub(crate) async fn send(&self, wire: &mut Wire) -> Outcome {
        let mut request = http::Request::builder()
            .method(self.method)
            .uri(format!("http://{}{}", wire.at, self.path))
            .header("te", "trailers");
        if !self.headers.iter().any(|(name, _)| *name == "content-type") {
            request = request.header("content-type", "application/grpc");
        }
        for (name, value) in self.headers {
            request = request.header(*name, *value);
        }
        let body = Full::from(self.body.framed());
        let reply = wire.ask(request.body(body).expect("a request"));
        let silence = match self.answers {
            Answers::Differ(_, End::Silence, _) => SILENCE,
            _ => super::LIMIT,
        };
        match timeout(silence, reply).await {
            Ok(Ok(reply)) => Outcome::Answered(reply),
            Ok(Err(_)) => Outcome::Broken,
            Err(_) => Outcome::Silence,
        }
    }

    /// The answer to it, which there has to be.
    pub(crate) async fn answer(&self, wire: &mut Wire) -> Answer {
        match self.send(wire).await {
            Outcome::Answered(Reply {
                answer: Some(answer),
                ..
            }) => answer,
            other => panic!("no answer: {other:?}"),
        }
    }

    /// What is wrong with the two answers, if anything is.
    pub(crate) fn judge(&self, name: &str, theirs: &Outcome, ours: &Outcome) -> Option<String> {
        let both = [theirs, ours];
        let same = alike(&both.map(Outcome::end))
            && alike(&both.map(|one| one.answer().map(|answer| &answer.data)));
        let texts = both.map(|one| one.answer().map(text));
        let kinds = both.map(|one| one.answer().map(|answer| answer.kind.as_str()));
        let fits = match self.answers {
            Answers::Same => same && alike(&texts) && alike(&kinds),
            Answers::SameCode(_, code, words) => {
                same && ours.end() == End::Code(code)
                    && texts[1].as_deref() == Some(words)
                    && !alike(&texts)
            }
            Answers::Kinds(_, expected) => same && alike(&texts) && kinds == expected.map(Some),
            Answers::Differ(_, go, rust) => (theirs.end(), ours.end()) == (go, rust),
            Answers::Wavers(_, codes) => {
                ours.end() == End::Code(codes[0]) && codes.map(End::Code).contains(&theirs.end())
            }
        };
        (!fits).then(|| format!("{name}: {theirs:?} and {ours:?}"))
    }

    /// The README's row that says why the answers are not the same.
    pub(crate) fn row(&self) -> Option<&'static str> {
        match self.answers {
            Answers::Same => None,
            Answers::SameCode(row, ..)
            | Answers::Kinds(row, _)
            | Answers::Differ(row, ..)
            | Answers::Wavers(row, _) => Some(row),
        }
    }
}

const ECHO: &str = "/openim.authservice.AuthService/Echo";
const GET_CONFIG: &str = "/openim.authservice.AuthService/GetConfig";
const ID: (&str, &str) = ("operationid", "t1");
const POST_ECHO: &str = "POST /authservice/echo\noperationID: t1";
const POST_GET_CONFIG: &str = "POST /authservice/get_config\noperationID: t1";

/// Recorded of main: the details of the status that answers an empty message.
const MESSAGE_REQUIRED: &str = "COkHEglBcmdzRXJyb3IaQwotdHlwZS5nb29nbGVhcGlzLmNvbS9vcGVuaW0ucHJvdG9idWYuRXJyb3JJbmZvEhIiEG1lc3NhZ2UgcmVxdWlyZWQ";
/// Recorded of main, and shown in the guide.
const HELLO: &str = include_str!("../answers/hello.json").trim_ascii_end();
const VALUE: &str = include_str!("../answers/value.json").trim_ascii_end();
const REQUIRED: &str = include_str!("../answers/empty.json").trim_ascii_end();
const NO_ID: &str = include_str!("../answers/no-operation-id.json").trim_ascii_end();
/// What is left of main's answers to malformed JSON without the stack frames in them.
const ENDED: &str = r#"{"errCode":1001,"errMsg":"unexpected end of JSON input","errDlt":""}"#;
const NUMBER: &str = r#"{"errCode":1001,"errMsg":"json: cannot unmarshal number into Go struct field EchoReq.message of type string","errDlt":""}"#;
const NOT_FOUND: &str = "404 page not found";

/// The row of the README about what the release line's openim-api makes of an error.
const ERROR: &str = "the same, through `openim-api`";
/// Rows about what no client of gRPC sends.
const NO_GRPC: &str = "no POST, or no gRPC by its content type";
/// The row about a header that the front alone has.
const ALLOW: &str = "`Allow` header where a path takes POST alone";
const ALLOWED: &[Ours] = &[Ours::Header("allow", "POST")];
/// What is left of a handler's error where the release line's openim-api asked for it.
const NAME_ALONE: &[Ours] = &[Ours::Text("ArgsError")];

impl Case {
    const fn new(name: &'static str) -> Self {
        let (direct, http) = (None, None);
        Self { name, direct, http }
    }

    const fn direct(self, direct: Direct) -> Self {
        let direct = Some(direct);
        Self { direct, ..self }
    }

    const fn http(self, http: Http) -> Self {
        let http = Some(http);
        Self { http, ..self }
    }
}

impl Direct {
    /// A well-formed call to echo this, which both services answer the same.
    const fn echo(body: Body) -> Self {
        Self {
            method: "POST",
            path: ECHO,
            headers: &[ID],
            body,
            answers: Answers::Same,
            main: None,
        }
    }

    const fn by(self, method: &'static str) -> Self {
        Self { method, ..self }
    }

    const fn to(self, path: &'static str) -> Self {
        Self { path, ..self }
    }

    const fn with(self, headers: &'static [(&'static str, &'static str)]) -> Self {
        Self { headers, ..self }
    }

    /// Main answers so.
    const fn main(self, code: u32, message: &'static str, details: &'static str) -> Self {
        let main = Some((code, message, details));
        Self { main, ..self }
    }

    const fn same_code(self, row: &'static str, code: u32, words: &'static str) -> Self {
        let answers = Answers::SameCode(row, code, words);
        Self { answers, ..self }
    }

    const fn kinds(self, row: &'static str, kinds: [&'static str; 2]) -> Self {
        let answers = Answers::Kinds(row, kinds);
        Self { answers, ..self }
    }

    const fn wavers(self, row: &'static str, codes: [u32; 2]) -> Self {
        let answers = Answers::Wavers(row, codes);
        Self { answers, ..self }
    }

    const fn differ(self, row: &'static str, go: End, here: End) -> Self {
        let answers = Answers::Differ(row, go, here);
        Self { answers, ..self }
    }
}

impl Http {
    /// A request with these first lines that is answered the same by all.
    const fn to(head: &'static str, body: Body) -> Self {
        Self {
            head,
            body,
            through: Alike::Same,
            front: Alike::Same,
            main: None,
        }
    }

    /// The body as it is sent.
    pub(crate) fn json(&self) -> String {
        self.body.json()
    }

    const fn main(self, status: u16, body: &'static str) -> Self {
        let main = Some((status, body));
        Self { main, ..self }
    }

    const fn through_differs(self, row: &'static str, ours: &'static [Ours]) -> Self {
        let through = Alike::But(row, ours);
        Self { through, ..self }
    }

    const fn front_differs(self, row: &'static str, ours: &'static [Ours]) -> Self {
        let front = Alike::But(row, ours);
        Self { front, ..self }
    }
}

/// All cases: what is answered, what is refused, and what nobody should send.
pub(crate) const CASES: &[Case] = &[
    Case::new("good")
        .direct(Direct::echo(Body::Echo("hello")).main(0, "", ""))
        .http(Http::to(POST_ECHO, Body::Echo("hello")).main(200, HELLO)),
    Case::new("the other method")
        .direct(Direct::echo(Body::Key("theme")).to(GET_CONFIG))
        .http(Http::to(POST_GET_CONFIG, Body::Key("theme")).main(200, VALUE)),
    Case::new("long")
        .direct(Direct::echo(Body::Letters(500_000)))
        .http(Http::to(POST_ECHO, Body::Letters(500_000))),
    Case::new("as long as it may be").direct(Direct::echo(Body::Letters(MESSAGE_LIMIT - 5))),
    Case::new("unicode")
        .direct(Direct::echo(Body::Echo("Grüße, 世界 👋")))
        .http(Http::to(POST_ECHO, Body::Echo("Grüße, 世界 👋"))),
    Case::new("what HTML knows")
        .direct(Direct::echo(Body::Echo("<a> & b")))
        .http(Http::to(POST_ECHO, Body::Echo("<a> & b"))),
    // The field 99 holds the number 7.
    Case::new("an unknown field")
        .direct(Direct::echo(Body::Bytes(
            b"\0\0\0\0\x0a\x0a\x05hello\x98\x06\x07",
        )))
        .http(
            Http::to(
                POST_ECHO,
                Body::Bytes(br#"{"MESSAGE":"hello","extra":[1]}"#),
            )
            .main(200, HELLO),
        ),
    Case::new("another content type").http(
        Http::to(
            "POST /authservice/echo\noperationID: t1\nContent-Type: text/plain",
            Body::Echo("hello"),
        )
        .main(200, HELLO),
    ),
    Case::new("an announced header").direct(Direct::echo(Body::Echo("hello")).with(&[
        ID,
        ("customheader", "x"),
        ("x", "1"),
    ])),
    Case::new("who is calling").direct(Direct::echo(Body::Echo("hello")).with(&[
        ID,
        ("opuserid", "u"),
        ("platform", "Admin"),
    ])),
    Case::new("empty")
        .direct(Direct::echo(Body::Echo("")).main(1001, "ArgsError", MESSAGE_REQUIRED))
        .http(
            Http::to(POST_ECHO, Body::Echo(""))
                .main(200, REQUIRED)
                .through_differs(ERROR, NAME_ALONE),
        ),
    Case::new("a field with nothing in it")
        .direct(Direct::echo(Body::Bytes(&[0, 0, 0, 0, 2, 0x0a, 0])))
        .http(
            Http::to(POST_ECHO, Body::Bytes(br#"{"message":null}"#))
                .main(200, REQUIRED)
                .through_differs(ERROR, NAME_ALONE),
        ),
    Case::new("no field")
        .direct(Direct::echo(Body::Bytes(&[0; 5])))
        .http(
            Http::to(POST_ECHO, Body::Bytes(b"{}"))
                .main(200, REQUIRED)
                .through_differs(ERROR, NAME_ALONE),
        ),
    Case::new("null").http(
        Http::to(POST_ECHO, Body::Bytes(b"null"))
            .main(200, REQUIRED)
            .through_differs(ERROR, NAME_ALONE),
    ),
    Case::new("too long").direct(Direct::echo(Body::Letters(MESSAGE_LIMIT))),
    Case::new("no operation ID")
        .direct(
            Direct::echo(Body::Echo("hello"))
                .with(&[])
                .main(3, "operationID error", ""),
        )
        .http(Http::to("POST /authservice/echo", Body::Echo("hello")).main(200, NO_ID)),
    Case::new("an empty operation ID")
        .direct(
            Direct::echo(Body::Echo("hello"))
                .with(&[("operationid", "")])
                .main(0, "", ""),
        )
        .http(
            Http::to("POST /authservice/echo\noperationID:", Body::Echo("hello")).main(200, NO_ID),
        ),
    Case::new("two operation IDs")
        .direct(
            Direct::echo(Body::Echo("hello"))
                .with(&[ID, ID])
                .main(3, "operationID error", ""),
        )
        .http(Http::to(
            "POST /authservice/echo\noperationID: t1\noperationID: t2",
            Body::Echo("hello"),
        )),
    Case::new("an announced header that is not there").direct(
        Direct::echo(Body::Echo("hello"))
            .with(&[ID, ("customheader", "x")])
            .main(3, "missing metadata key x", ""),
    ),
    Case::new("an unknown method")
        .direct(
            Direct::echo(Body::Nothing)
                .to("/openim.authservice.AuthService/Nope")
                .main(
                    12,
                    "unknown method Nope for service openim.authservice.AuthService",
                    "",
                ),
        )
        .http(
            Http::to(
                "POST /authservice/nope\noperationID: t1",
                Body::Bytes(b"{}"),
            )
            .main(404, NOT_FOUND),
        ),
    Case::new("an unknown service")
        .direct(Direct::echo(Body::Nothing).to("/openim.nope.Nope/Echo")),
    Case::new("no service").direct(Direct::echo(Body::Nothing).to("/Echo")),
    Case::new("another method of HTTP")
        .direct(Direct::echo(Body::Nothing).by("GET").differ(
            NO_GRPC,
            End::Status(405, Some(13)),
            End::Code(13),
        ))
        .http(
            Http::to("GET /authservice/echo\noperationID: t1", Body::Nothing)
                .main(404, NOT_FOUND)
                .front_differs(ALLOW, ALLOWED),
        ),
    Case::new("a browser that asks first").http(
        Http::to("OPTIONS /authservice/echo", Body::Nothing)
            .main(200, "\"Options Request!\"")
            .front_differs(ALLOW, ALLOWED),
    ),
    Case::new("no gRPC").direct(
        Direct::echo(Body::Echo("hello"))
            .with(&[ID, ("content-type", "application/json")])
            .differ(NO_GRPC, End::Status(415, Some(3)), End::Code(0)),
    ),
    Case::new("nothing")
        .direct(Direct::echo(Body::Nothing).differ(
            "a call without a message",
            End::Silence,
            End::Code(13),
        ))
        .http(Http::to(POST_ECHO, Body::Nothing).main(200, ENDED)),
    Case::new("cut short")
        .direct(Direct::echo(Body::Bytes(&[0, 0, 0, 0, 9, 1])).differ(
            "a message cut short",
            End::Code(2),
            End::Code(13),
        ))
        .http(Http::to(POST_ECHO, Body::Bytes(br#"{"message":"hel"#)).main(200, ENDED)),
    Case::new("another type")
        // The field 1 holds a number.
        .direct(Direct::echo(Body::Bytes(&[0, 0, 0, 0, 2, 0x08, 7])).differ(
            "a field of another type",
            End::Code(1001),
            End::Code(13),
        ))
        .http(Http::to(POST_ECHO, Body::Bytes(br#"{"message":7}"#)).main(200, NUMBER)),
    Case::new("a list").http(Http::to(POST_ECHO, Body::Bytes(b"[]"))),
    Case::new("garbage")
        .direct(
            Direct::echo(Body::Bytes(&[0, 0, 0, 0, 2, 0x0a, 0xff]))
                .same_code("a message that is no protobuf", 13, "failed to decode Protobuf message: EchoReq.message: invalid varint"),
        )
        .http(Http::to(POST_ECHO, Body::Bytes(b"{x}")).front_differs("malformed JSON", &[Ours::Text("invalid JSON: key must be a string at line 1 column 2")])),
    Case::new("not UTF-8").direct(
        Direct::echo(Body::Bytes(&[0, 0, 0, 0, 3, 0x0a, 1, 0xff]))
            .same_code("a message that is no protobuf", 13, "failed to decode Protobuf message: EchoReq.message: invalid string value: data is not UTF-8 encoded"),
    ),
    Case::new("compressed as nobody said").direct(
        Direct::echo(Body::Bytes(&[1, 0, 0, 0, 1, 0])).same_code("compressed messages", 13, "protocol error: received message with compressed-flag but no grpc-encoding was specified"),
    ),
    Case::new("compressed as said").direct(
        Direct::echo(Body::Bytes(&[1, 0, 0, 0, 1, 0]))
            .with(&[ID, ("grpc-encoding", "gzip")])
            .same_code("compressed messages", 12, "Content is compressed with `gzip` which isn't supported"),
    ),
    Case::new("a deadline that has passed").direct(
        Direct::echo(Body::Echo("hello"))
            .with(&[ID, ("grpc-timeout", "1n")])
            .wavers("a deadline that has passed already", [4, 0]),
    ),
    Case::new("a deadline that is none").direct(
        Direct::echo(Body::Echo("hello"))
            .with(&[ID, ("grpc-timeout", "soon")])
            .differ(
                "a deadline that is none",
                End::Status(400, Some(13)),
                End::Code(13),
            ),
    ),
    Case::new("long headers").direct(
        Direct::echo(Body::Echo("hello"))
            .with(&[ID, ("x", LONG_VALUE), ("y", LONG_VALUE)])
            .differ("long headers", End::Code(0), End::Status(431, None)),
    ),
    // All that is asked for is the method's name.
    Case::new("a query")
        .direct(
            Direct::echo(Body::Echo("hello")).to("/openim.authservice.AuthService/Echo?x=1"),
        )
        .http(Http::to(
            "POST /authservice/echo?x=1\noperationID: t1",
            Body::Echo("hello"),
        )),
    Case::new("binary metadata that is none").direct(
        Direct::echo(Body::Echo("hello"))
            .with(&[ID, ("x-bin", "%%%")])
            .differ(
                "binary metadata that is no base64",
                End::Status(400, Some(13)),
                End::Code(0),
            ),
    ),
    Case::new("binary metadata").direct(
        Direct::echo(Body::Echo("hello")).with(&[ID, ("x-bin", "AAEC")]),
    ),
    Case::new("gRPC by its longer name").direct(
        Direct::echo(Body::Echo("hello"))
            .with(&[ID, ("content-type", "application/grpc+proto")])
            .kinds(
                "content type `application/grpc+proto`",
                ["application/grpc+proto", "application/grpc"],
            ),
    ),
    Case::new("an unknown number beyond all numbers").http(Http::to(
        POST_ECHO,
        Body::Bytes(br#"{"extra":1e999,"message":"hello"}"#),
    )),
    Case::new("an unknown list in lists").http(Http::to(POST_ECHO, Body::Bytes(DEEP))),
    Case::new("as many lists in lists as Go takes")
        .http(Http::to(POST_ECHO, Body::Bytes(DEEPEST))),
    Case::new("more lists in lists").http(
        Http::to(POST_ECHO, Body::Bytes(TOO_DEEP))
            .front_differs("unknown fields nested deeply", &[Ours::Echo("hello")]),
    ),
    Case::new("half of a surrogate pair").http(Http::to(
        POST_ECHO,
        Body::Bytes(br#"{"message":"a\ud800b\udc00","\ud800":"\ud800"}"#),
    )),
    Case::new("two fields, of which the first is another type").http(Http::to(
        POST_ECHO,
        Body::Bytes(br#"{"message":7,"message":"a"}"#),
    )),
    Case::new("another type, and cut short")
        .http(Http::to(POST_ECHO, Body::Bytes(br#"{"message":7,"#))),
    Case::new("an operation ID that cannot be printed").http(
        Http::to(
            "POST /authservice/echo\noperationID: a\tb",
            Body::Echo("hello"),
        )
        .front_differs(
            "an operation ID that is not printable ASCII",
            &[
                Ours::Code(500),
                Ours::Text(
                    r#"ServerInternalError: rpc error: code = Internal desc = header key "operationid" contains value with non-printable ASCII characters"#,
                ),
            ],
        ),
    ),
    Case::new("a path that is percent-encoded").http(Http::to(
        "POST /authservice/%65cho\noperationID: t1",
        Body::Echo("hello"),
    )),
    Case::new("a path that is percent-encoded and wrong").http(Http::to(
        "POST /authservice/%zz\noperationID: t1",
        Body::Echo("hello"),
    )),
    Case::new("a slash too many").http(Http::to(
        "POST /authservice/echo/?x=1\noperationID: t1",
        Body::Echo("hello"),
    )),
    Case::new("a slash too many, and no operation ID").http(Http::to(
        "POST /authservice/%65cho/",
        Body::Echo("hello"),
    )),
    Case::new("two slashes too many").http(Http::to(
        "POST /authservice/echo//\noperationID: t1",
        Body::Echo("hello"),
    )),
    Case::new("a slash too many, by another method").http(Http::to(
        "GET /authservice/echo/",
        Body::Nothing,
    )),
    Case::new("health").direct(
        Direct::echo(Body::Bytes(&[0; 5]))
            .to("/grpc.health.v1.Health/Check")
            .differ("health, reflection", End::Code(12), End::Code(0)),
    ),
    Case::new("reflection").direct(
        Direct::echo(Body::Nothing)
            .to("/grpc.reflection.v1.ServerReflection/ServerReflectionInfo")
            .differ("health, reflection", End::Code(12), End::Code(0)),
    ),
];

/// What comes before an unknown field that is a list in lists.
const BEFORE_LISTS: &[u8] = br#"{"message":"hello","extra":"#;

/// A body with so many lists in one another, and their beginnings and ends.
const fn nested<const LENGTH: usize>() -> [u8; LENGTH] {
    let mut all = [b']'; LENGTH];
    let (before, lists) = all.split_at_mut(BEFORE_LISTS.len());
    before.copy_from_slice(BEFORE_LISTS);
    let last = lists.len() - 1;
    lists[last] = b'}';
    let mut at = 0;
    while at < last / 2 {
        lists[at] = b'[';
        at += 1;
    }
    all
}

/// How long such a body is.
const fn nested_length(depth: usize) -> usize {
    BEFORE_LISTS.len() + 2 * depth + 1
}

/// Deeper than a reader follows that calls itself for each.
const DEEP: &[u8] = &nested::<{ nested_length(200) }>();
/// As deep as Go takes, within the object; and deeper.
const DEEPEST: &[u8] = &nested::<{ nested_length(9_999) }>();
const TOO_DEEP: &[u8] = &nested::<{ nested_length(10_000) }>();

/// Two of these are longer than all headers of a call may be together.
const LONG_VALUE: &str = {
    const BYTES: [u8; 9_000] = [b'x'; 9_000];
    match str::from_utf8(&BYTES) {
        Ok(text) => text,
        Err(_) => unreachable!(),
    }
};
