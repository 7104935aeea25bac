//! Addresses: which server of the guide answers there, with which routes at this step.

use std::ops::Range;

use crate::config::{PortSettings, RouteSettings, ServerSettings};
use crate::finding::{Code, nearest};
use crate::matter::Matter;
use crate::shell::Value;

use super::super::schema::{self, Judge, Problem};
use super::programs::{Call, Part};
use super::{Outcome, Session, said};

/// A URL in parts, each by its bytes in the word.
struct Url {
    host: Range<usize>,
    port: Range<usize>,
    path: Range<usize>,
    secure: bool,
}

impl Url {
    /// The parts of `http://host:port/path`. Without a scheme there must be a port.
    fn of(text: &str) -> Option<Self> {
        let (start, secure) = match text.split_once("://") {
            Some(("http", _)) => (7, false),
            Some(("https", _)) => (8, true),
            Some(_) => return None,
            None => (0, false),
        };
        let end = text[start..]
            .find(['/', '?'])
            .map_or(text.len(), |at| start + at);
        let colon = text[start..end].rfind(':').map(|at| start + at);
        let host = start..colon.unwrap_or(end);
        let port = colon.map_or(end..end, |at| at + 1..end);
        let query = text[end..]
            .find(['?', '#'])
            .map_or(text.len(), |at| end + at);
        let digits = text[port.clone()].bytes().all(|b| b.is_ascii_digit());
        let plain = !host.is_empty()
            && text[host.clone()]
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-'));
        ((start > 0 || (!port.is_empty() && plain)) && digits).then_some(Self {
            host,
            port,
            path: end..query,
            secure,
        })
    }
}

/// A route of a server.
struct Route {
    method: Option<String>,
    path: String,
}

/// JSON that a request sends.
pub(super) struct Sent {
    /// The request's method and path, such as `POST /path`.
    request: String,
    body: Part,
}

impl<'a> Session<'a> {
    /// Holds what the block's requests send against the schemas of those requests.
    pub(super) fn bodies(&mut self, judge: &mut Judge<'a>, outcome: &mut Outcome) {
        for Sent { request, body } in std::mem::take(&mut self.sent) {
            match schema::of_request(self.context, judge, &request, body.text(), outcome) {
                Ok(problems) => {
                    for (range, Problem { message, help, .. }) in problems {
                        self.find(
                            Code::DATA_REFUSED,
                            body.place(range.start, range.end),
                            message,
                            help,
                        );
                    }
                }
                Err(why) => self.unsure(why),
            }
        }
    }
}

impl Session<'_> {
    pub(super) fn curl(&mut self, call: &Call) {
        let method = call.values(&["-X", "--request"]).next();
        if let Some(part) = method
            && !METHODS.contains(&part.text())
        {
            let near = nearest(part.text(), METHODS).map(|near| format!("did you mean {near}?"));
            self.find(
                Code::ARGUMENT_WRONG,
                part.all(),
                format!("`{}` is no method of HTTP", part.text()),
                near,
            );
        }
        let data = ["-d", "--data", "--data-raw", "--data-binary", "--json"];
        let body: Vec<_> = call.values(&data).cloned().collect();
        for part in call.values(&["-H", "--header"]) {
            let text = part.text();
            if part.word.is_known() && !text.starts_with('@') {
                self.header(part);
            }
        }
        for part in call.values(&["-o", "--output"]) {
            self.writes(&part.word_of());
        }
        let sends = if body.is_empty() { "GET" } else { "POST" };
        let sends = if call.has(&["-I", "--head"]) {
            "HEAD"
        } else {
            sends
        };
        let method = method.map_or(sends, Part::text).to_owned();
        for url in &call.operands {
            self.address(url, Some(&method));
        }
        let request = match call.operands.as_slice() {
            [url] => Url::of(&url.text).map(|parts| format!("{method} {}", &url.text[parts.path])),
            _ => None,
        };
        for part in &body {
            self.body(part, request.as_deref());
        }
    }

    /// A header: what nobody knows but is almost a known one is misspelt.
    fn header(&mut self, part: &Part) {
        let text = part.text();
        let Some((name, value)) = text.split_once(':') else {
            let message = "a header is written `Name: value`";
            return self.find(Code::ARGUMENT_WRONG, part.all(), message, None);
        };
        let same = |known: &&str| known.eq_ignore_ascii_case(name);
        if let Some(near) = nearest(name, HEADERS).filter(|_| !HEADERS.iter().any(same)) {
            let message = format!("no header is called `{name}`");
            self.find(
                Code::ARGUMENT_WRONG,
                part.place(0, name.len()),
                message,
                Some(format!("did you mean `{near}`?")),
            );
        }
        let media = value.split(';').next().unwrap_or_default().trim();
        let describes = ["content-type", "accept"].contains(&name.to_ascii_lowercase().as_str());
        if let Some(near) = nearest(media, MEDIA).filter(|near| describes && *near != media) {
            let start = name.len() + 1 + value.find(media).unwrap_or(0);
            let message = format!("there is no media type `{media}`");
            self.find(
                Code::ARGUMENT_WRONG,
                part.place(start, start + media.len()),
                message,
                Some(format!("did you mean `{near}`?")),
            );
        }
    }

    /// What is sent, as far as it can be told without a schema.
    fn body(&mut self, part: &Part, request: Option<&str>) {
        let text = part.text();
        if let Some(file) = text.strip_prefix('@') {
            if file != "-" {
                self.exists(&part.word.from(part.from + 1));
            }
            return;
        }
        if !text.trim_start().starts_with(['{', '[']) {
            return;
        }
        if !part.word.is_known() {
            return self.unsure("what a request sends is not known before a run");
        }
        if let Err(error) = super::super::data::parse(Matter::Json, text) {
            let (start, end) = error.range(text);
            let message = format!("this is no valid JSON: {}", error.message);
            self.find(Code::BODY_SYNTAX, part.place(start, end), message, None);
        } else if let Some(request) = request {
            self.sent.push(Sent {
                request: request.to_owned(),
                body: part.clone(),
            });
        }
    }

    /// The host of an address.
    pub(super) fn host(text: &str) -> Option<&str> {
        Url::of(text).map(|url| &text[url.host])
    }

    /// An address that commands speak to; with a method, a request.
    pub(super) fn address(&mut self, word: &Value, method: Option<&str>) {
        let text = word.text.as_str();
        if !word.is_known() {
            if method.is_some() {
                self.unsure(format!("only a run can tell what {} is", said(word)));
            }
            return;
        }
        let Some(url) = Url::of(text) else {
            if method.is_some() && !text.is_empty() {
                let message = format!("{} is no address of a server", said(word));
                self.find(
                    Code::URL_UNKNOWN,
                    word.at.clone(),
                    message,
                    Some("write http://HOST:PORT/PATH".into()),
                );
            }
            return;
        };
        if self
            .settings
            .urls
            .iter()
            .any(|known| text.starts_with(known.as_str()))
        {
            return;
        }
        if self.settings.server.is_empty() {
            return self.unsure(format!(
                "book.toml names no server at {}, so nothing could be looked up",
                &text[url.host.start..url.path.start]
            ));
        }
        let host = &text[url.host.clone()];
        let hosts = self
            .settings
            .server
            .iter()
            .flat_map(|server| &server.hosts)
            .map(String::as_str);
        if !hosts.clone().any(|known| known == host) {
            let help = match nearest(host, hosts) {
                Some(near) => format!("did you mean {near}?"),
                None => "name it in book.toml: [preprocessor.verify.shell] urls".into(),
            };
            let message = format!("no server of the guide is at {host}");
            return self.find(
                Code::URL_UNKNOWN,
                word.place(url.host.clone()),
                message,
                Some(help),
            );
        }
        let port: Option<u16> = match &text[url.port.clone()] {
            "" => Some(if url.secure { 443 } else { 80 }),
            port => port.parse().ok(),
        };
        let mut listening = Vec::new();
        let mut found = None;
        for server in &self.settings.server {
            match self.port(server) {
                Ok(listens)
                    if Some(listens) == port && server.hosts.iter().any(|known| known == host) =>
                {
                    found = Some(server);
                }
                Ok(listens) => listening.push(format!("{} at {listens}", server.name)),
                Err(why) => listening.push(why),
            }
        }
        let Some(server) = found else {
            let at = if url.port.is_empty() {
                url.host
            } else {
                url.port
            };
            let message = format!(
                "at this step no server of the guide listens at {host}:{}",
                port.unwrap_or(0)
            );
            let help = format!("there are: {}", listening.join(", "));
            return self.find(Code::URL_UNKNOWN, word.place(at), message, Some(help));
        };
        if let Some(method) = method {
            self.route(word, &url, server, method);
        }
    }

    /// The port of a server at this step.
    fn port(&self, server: &ServerSettings) -> Result<u16, String> {
        match &server.port {
            PortSettings::Number(port) => Ok(*port),
            PortSettings::InFile { file, pattern } => {
                let text = self.text_of(self.base_or(server.base.as_ref()), file);
                let text =
                    text.ok_or_else(|| format!("{} by {file}, which is not there", server.name))?;
                let found = pattern
                    .0
                    .captures(&text)
                    .and_then(|found| found.get(1)?.as_str().parse().ok());
                found.ok_or_else(|| format!("{} by {file}, which has no such port", server.name))
            }
        }
    }

    pub(super) fn base_or<'s>(&'s self, base: Option<&'s String>) -> &'s str {
        base.map_or_else(|| self.context.edition.default_base(), String::as_str)
    }

    fn route(&mut self, word: &Value, url: &Url, server: &ServerSettings, method: &str) {
        let path = &word.text[url.path.clone()];
        let path = if path.is_empty() { "/" } else { path };
        if server.paths.iter().any(|known| known == path) {
            return;
        }
        let Some(settings) = &server.routes else {
            if server.paths.is_empty() {
                self.unsure(format!(
                    "book.toml does not say which paths {} answers",
                    server.name
                ));
                return;
            }
            let known = server.paths.iter().map(String::as_str);
            return self.no_route(word, url, &server.name, path, known);
        };
        let Some(text) = self.text_of(self.base_or(server.base.as_ref()), &settings.file) else {
            let message = format!(
                "at this step there is no {}, which has the routes of {}",
                settings.file, server.name
            );
            return self.find(
                Code::URL_UNKNOWN,
                word.place(url.path.clone()),
                message,
                None,
            );
        };
        let routes = routes(&text, settings);
        let same: Vec<_> = routes
            .iter()
            .filter(|route| fits(&route.path, path))
            .collect();
        if same.is_empty() {
            let known = routes
                .iter()
                .map(|route| route.path.as_str())
                .chain(server.paths.iter().map(String::as_str));
            return self.no_route(word, url, &server.name, path, known);
        }
        let takes = |route: &&&Route| {
            let known = route.method.as_deref();
            known.is_none_or(|known| {
                known.eq_ignore_ascii_case(method) || matches!(known, "Any" | "ANY")
            })
        };
        if !same.iter().any(|route| takes(&route)) {
            let known: Vec<_> = same
                .iter()
                .filter_map(|route| route.method.clone())
                .collect();
            let message = format!(
                "{} answers {path} to {}, and this is {method}",
                server.name,
                known.join(", ")
            );
            let at = word.place(url.path.clone());
            self.find(
                Code::URL_UNKNOWN,
                at,
                message,
                Some("-X METHOD says which; -d makes it POST".into()),
            );
        }
    }

    fn no_route<'r>(
        &mut self,
        word: &Value,
        url: &Url,
        server: &str,
        path: &str,
        known: impl Iterator<Item = &'r str>,
    ) {
        let help = nearest(path, known).map(|near| format!("did you mean {near}?"));
        let at = if url.path.is_empty() {
            word.at.clone()
        } else {
            word.place(url.path.clone())
        };
        self.find(
            Code::URL_UNKNOWN,
            at,
            format!("at this step {server} has no route {path}"),
            help,
        );
    }
}

const METHODS: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

const HEADERS: [&str; 7] = [
    "Accept",
    "Authorization",
    "Content-Type",
    "Cookie",
    "Host",
    "Origin",
    "User-Agent",
];

const MEDIA: [&str; 8] = [
    "*/*",
    "application/grpc",
    "application/json",
    "application/octet-stream",
    "application/x-protobuf",
    "application/x-www-form-urlencoded",
    "multipart/form-data",
    "text/plain",
];

/// The routes in a source file. A group's prefix is that of the last group of this name above.
fn routes(text: &str, settings: &RouteSettings) -> Vec<Route> {
    let mut groups: Vec<(usize, String, String)> = Vec::new();
    let prefix =
        |groups: &[(usize, String, String)], on: Option<regex_lite::Match<'_>>, at: usize| {
            let on = on.map_or("", |on| on.as_str());
            let group = groups
                .iter()
                .rev()
                .find(|(start, name, _)| *start < at && name == on);
            group.map_or(String::new(), |(_, _, prefix)| prefix.clone())
        };
    if let Some(group) = &settings.group {
        for found in group.0.captures_iter(text) {
            let at = found.get(0).map_or(0, |all| all.start());
            let own = found.name("path").map_or("", |path| path.as_str());
            let full = joined(&prefix(&groups, found.name("on"), at), own);
            let name = found.name("name").map_or("", |name| name.as_str());
            groups.push((at, name.to_owned(), full));
        }
    }
    let found = settings.route.0.captures_iter(text).map(|found| {
        let at = found.get(0).map_or(0, |all| all.start());
        let own = found.name("path").map_or("", |path| path.as_str());
        Route {
            method: found
                .name("method")
                .map(|method| method.as_str().to_owned()),
            path: joined(&prefix(&groups, found.name("on"), at), own),
        }
    });
    found.collect()
}

fn joined(prefix: &str, path: &str) -> String {
    match (prefix.trim_end_matches('/'), path.trim_start_matches('/')) {
        ("", path) => format!("/{path}"),
        (prefix, "") => prefix.to_owned(),
        (prefix, path) => format!("{prefix}/{path}"),
    }
}

/// Whether a path is one of a route, in which `:name`, `*name` and `{name}` stand for anything.
fn fits(route: &str, path: &str) -> bool {
    let mut wanted = route.split('/');
    let mut parts = path.split('/');
    loop {
        match (wanted.next(), parts.next()) {
            (None, None) => return true,
            (Some(wanted), _) if wanted.starts_with('*') => return true,
            (Some(wanted), Some(part)) if wanted == part => {}
            (Some(wanted), Some(part)) if wanted.starts_with([':', '{']) && !part.is_empty() => {}
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Expression;

    #[test]
    fn routes_of_groups() {
        let text = "a := r.Group(\"/a\")\na.POST(\"/x\", f)\nb := a.Group(\"b\")\n{\n\tb.GET(\"/y/:id\", f)\n}\na = r.Group(\"/c\")\na.GET(\"\", f)\nr.GET(\"/z\", f)\n";
        let pattern = |text: &str| Expression::try_from(text.to_owned()).unwrap();
        let settings = RouteSettings {
            file: String::new(),
            group: Some(pattern(
                r#"(?<name>\w+) :?= (?<on>\w+)\.Group\("(?<path>[^"]*)"\)"#,
            )),
            route: pattern(r#"(?<on>\w+)\.(?<method>GET|POST)\("(?<path>[^"]*)""#),
        };
        let routes: Vec<_> = routes(text, &settings)
            .into_iter()
            .map(|route| format!("{} {}", route.method.unwrap(), route.path))
            .collect();
        assert_eq!(routes, ["POST /a/x", "GET /a/b/y/:id", "GET /c", "GET /z"]);
        assert!(
            fits("/a/b/y/:id", "/a/b/y/7")
                && !fits("/a/b/y/:id", "/a/b/y")
                && fits("/s/*rest", "/s/a/b")
        );
    }

    #[test]
    fn addresses_in_parts() {
        let parts = |text: &str| {
            Url::of(text).map(|url| [&text[url.host], &text[url.port], &text[url.path]].join("|"))
        };
        assert_eq!(
            parts("http://localhost:80/a/b?c=d").as_deref(),
            Some("localhost|80|/a/b")
        );
        assert_eq!(parts("localhost:80").as_deref(), Some("localhost|80|"));
        assert_eq!(
            parts("https://example.com/x").as_deref(),
            Some("example.com||/x")
        );
        for none in [
            "a/b:1",
            "x",
            "A: b",
            "git@host:x/y",
            "ssh://a:1",
            "a:b",
            ":80",
        ] {
            assert_eq!(parts(none), None, "{none}");
        }
    }
}
