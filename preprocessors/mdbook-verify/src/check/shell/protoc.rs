//! protoc: its inputs, the plugins behind `--NAME_out`, and the files that they leave.

use crate::check::PLUGINS;
use crate::finding::{Code, nearest};

use super::Session;
use super::programs::{Call, Part};
use super::world::{Location, Root};

impl Session<'_> {
    pub(super) fn protoc(&mut self, call: &Call) {
        let mut roots = Vec::new();
        for part in call.values(&["-I", "--proto_path"]) {
            let folder = part.word_of();
            self.exists(&folder);
            roots.push(self.view().resolve(&self.cwd, &folder.text));
        }
        if roots.is_empty() {
            roots.push(self.cwd.clone());
        }
        // protoc makes files, but not the folders that it is told to put them into.
        let outs = call.flags.iter().filter(|(flag, _)| flag.ends_with("_out"));
        // The folder stands behind the last colon, where options stand before it.
        for out in outs.filter_map(|(_, value)| value.as_ref()) {
            let from = out.text().rfind(':').map_or(0, |colon| colon + 1);
            self.exists(&out.word.from(out.from + from));
        }
        for input in call.operands.iter().filter(|input| !input.pattern) {
            let found = roots.iter().find_map(|root| {
                let at = self.view().resolve(root, &input.text);
                (self.view().what(&at) == super::There::File).then_some(at)
            });
            let from_here = self.view().resolve(&self.cwd, &input.text);
            let at = found.unwrap_or(from_here);
            if self.view().what(&at) == super::There::Nothing {
                self.absent(
                    input,
                    format!("at this step there is no {}", super::said(input)),
                );
            } else {
                self.generated(call, &at, &input.text);
            }
        }
        let patterns: Vec<_> = call
            .operands
            .iter()
            .filter(|input| input.pattern)
            .cloned()
            .collect();
        for pattern in &patterns {
            self.matching(pattern);
        }
    }

    /// A flag that protoc hands to a plugin: `--go_out`, `--go_opt`. None if it is not of that form.
    pub(super) fn plugin_flag(&mut self, word: &crate::shell::Value) -> Option<()> {
        let flag = word.text.split('=').next().unwrap_or_default();
        let rest = flag.strip_prefix("--")?;
        let name = rest
            .strip_suffix("_out")
            .or_else(|| rest.strip_suffix("_opt"))?
            .to_owned();
        let program = format!("protoc-gen-{name}");
        let known = PLUGINS.contains(&program.as_str()) || self.state.installed.contains(&program);
        if !known {
            let plugins = PLUGINS
                .iter()
                .copied()
                .chain(self.state.installed.iter().map(String::as_str));
            let near = nearest(&program, plugins).and_then(|near| near.strip_prefix("protoc-gen-"));
            let ending = &rest[name.len()..];
            let help = near.map(|near| format!("did you mean `--{near}{ending}`?"));
            let message = format!("protoc has no flag `{flag}`, and there is no plugin {program}");
            self.find(Code::FLAG_UNKNOWN, word.place(0..flag.len()), message, help);
        } else if !word.text.contains('=') {
            self.find(
                Code::FLAG_VALUE,
                word.at.clone(),
                format!("`{flag}` of protoc needs a value"),
                None,
            );
        }
        Some(())
    }

    /// An option of a Go plugin, which refuses a file that `module=` does not fit.
    fn option(&mut self, option: &Part, package: &str) {
        const KNOWN: [&str; 5] = [
            "module",
            "paths",
            "default_api_level",
            "require_unimplemented_servers",
            "use_generic_streams_experimental",
        ];
        let text = option.text();
        let (name, value) = text.split_once('=').unwrap_or((text, ""));
        if !KNOWN.contains(&name) && !name.starts_with('M') {
            let help = nearest(name, KNOWN).map(|near| format!("did you mean `{near}`?"));
            let message = format!("Go's plugins of protoc have no option `{name}`");
            return self.find(
                Code::ARGUMENT_WRONG,
                option.place(0, name.len()),
                message,
                help,
            );
        }
        let wrong = match name {
            "module" => (!package.starts_with(value))
                .then(|| format!("the file's go_package is {package}, which is not in {value}")),
            "paths" => (!["import", "source_relative"].contains(&value))
                .then(|| format!("`{value}` is not `import` or `source_relative`")),
            _ => None,
        };
        if let Some(message) = wrong {
            let at = option.place(name.len() + 1, text.len());
            self.find(Code::ARGUMENT_WRONG, at, message, None);
        }
    }

    /// The files that the Go plugins make of an input.
    fn generated(&mut self, call: &Call, at: &Location, input: &str) {
        let Root::Base(base) = &at.root else { return };
        let base = base.clone();
        let Some(text) = self.text_of(&base, &at.path.join("/")) else {
            return;
        };
        let package = go_package(&text).unwrap_or_default();
        let stem = input.trim_end_matches(".proto");
        let name = stem.rsplit('/').next().unwrap_or(stem);
        for (plugin, ending) in [("go", ".pb.go"), ("go-grpc", "_grpc.pb.go")] {
            let out = format!("--{plugin}_out");
            let options = format!("--{plugin}_opt");
            let (out, options) = ([out.as_str()], [options.as_str()]);
            let Some(out) = call.values(&out).next() else {
                continue;
            };
            for option in call.values(&options) {
                self.option(option, package);
            }
            let options: Vec<_> = call.values(&options).map(Part::text).collect();
            let module = options
                .iter()
                .find_map(|option| option.strip_prefix("module="));
            let relative = options.contains(&"paths=source_relative");
            let inside = match module {
                _ if relative => format!("{stem}{ending}"),
                Some(module) => format!(
                    "{}/{name}{ending}",
                    package.strip_prefix(module).unwrap_or(package)
                ),
                None => format!("{package}/{name}{ending}"),
            };
            let folder = self.view().resolve(&self.cwd, out.text());
            let made = self.view().resolve(&folder, inside.trim_start_matches('/'));
            self.state.world.file(made);
        }
    }
}

fn go_package(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once("go_package")?;
    let (_, rest) = rest.split_once('"')?;
    let (path, _) = rest.split_once('"')?;
    Some(path.split(';').next().unwrap_or(path))
}
