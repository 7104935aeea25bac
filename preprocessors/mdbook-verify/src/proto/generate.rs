//! Runs protoc's plugins, as protoc does: a request on stdin, a response on stdout.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use prost::Message;
use prost::encoding::{WireType, encode_key, encode_varint};
use prost_types::compiler::code_generator_response::File;
use prost_types::compiler::{CodeGeneratorRequest, CodeGeneratorResponse, Version};
use protox::prost_reflect::FileDescriptor;

use super::{Compiled, Kind, Problem, stays_inside};
use crate::tool::Call;

/// Plugins answer in milliseconds; one that does not has lost its way.
const LIMIT: Duration = Duration::from_secs(60);

/// The number of `proto_file` in a request.
const PROTO_FILE: u32 = 15;

/// Why no code was generated.
#[derive(Debug)]
pub enum GenerateError {
    /// The plugin could not be run to its end, which says nothing about the file.
    Tool(String),
    /// The plugin refused the file, or answered what cannot be used.
    Refused(Problem),
}

/// The files that a plugin generates from a compiled file: their paths in the tree, and their texts.
///
/// # Errors
/// When the plugin could not be run to its end, refused the file, or answered what cannot be used.
pub fn generate(
    compiled: &Compiled,
    file: &str,
    plugin: &Path,
    parameter: &str,
    cwd: &Path,
) -> Result<Vec<(String, String)>, GenerateError> {
    let name = plugin
        .file_name()
        .unwrap_or(plugin.as_os_str())
        .to_string_lossy();
    let refused = |message| {
        GenerateError::Refused(Problem {
            file: file.to_owned(),
            range: 0..0,
            kind: Kind::Generate,
            message,
            help: None,
        })
    };
    let request = request(compiled, file, parameter).ok_or_else(|| {
        refused(format!(
            "`{file}` was not compiled, so no code can be generated from it"
        ))
    })?;
    let answer = Call::new(plugin, cwd)
        .stdin(request)
        .limit(LIMIT)
        .run()
        .map_err(|error| GenerateError::Tool(error.to_string()))?;
    match answer.status {
        Some(0) => {
            read_response(&answer.stdout).map_err(|refusal| refused(refusal.sentence(&name)))
        }
        Some(_) => Err(refused(format!(
            "{name} failed with {}",
            answer.complaint()
        ))),
        None => Err(GenerateError::Tool(format!(
            "{name} was {}",
            answer.complaint()
        ))),
    }
}

/// Removes `,omitempty` where it ends a JSON tag of generated Go, as `sed 's/,omitempty"`/"`/g'` does.
#[must_use]
pub fn strip_omitempty(text: &str) -> String {
    text.replace(",omitempty\"`", "\"`")
}

/// The request for one file, as bytes; none if it was not compiled.
///
/// The descriptors are spliced in as the pool encodes them: prost's own types drop what they do
/// not know, and a custom option is just that.
pub(super) fn request(compiled: &Compiled, file: &str, parameter: &str) -> Option<Vec<u8>> {
    let root = compiled.pool.get_file_by_name(file)?;
    let request = CodeGeneratorRequest {
        file_to_generate: vec![file.to_owned()],
        parameter: (!parameter.is_empty()).then(|| parameter.to_owned()),
        proto_file: Vec::new(),
        // Plugins write it into what they generate; upstream's tools are of this time.
        compiler_version: Some(Version {
            major: Some(3),
            minor: Some(21),
            patch: Some(12),
            suffix: Some(String::new()),
        }),
    };
    let mut bytes = request.encode_to_vec();
    let mut files = Vec::new();
    imports_first(&root, &mut BTreeSet::new(), &mut files);
    for file in files {
        let descriptor = file.encode_to_vec();
        encode_key(PROTO_FILE, WireType::LengthDelimited, &mut bytes);
        encode_varint(descriptor.len() as u64, &mut bytes);
        bytes.extend(descriptor);
    }
    Some(bytes)
}

/// The file and all that it imports, each after its own imports, as plugins expect it.
fn imports_first(
    file: &FileDescriptor,
    seen: &mut BTreeSet<String>,
    files: &mut Vec<FileDescriptor>,
) {
    if !seen.insert(file.name().to_owned()) {
        return;
    }
    for import in file.dependencies() {
        imports_first(&import, seen, files);
    }
    files.push(file.clone());
}

/// Why a response cannot be used.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// It is no response, or a part of one.
    Unreadable,
    /// The plugin says that the file is wrong.
    Error(String),
    /// It names a file outside of the tree.
    Outside(String),
    /// It names a file twice.
    Twice(String),
    /// It wants to insert text into what another plugin generated.
    Insertion(String),
}

impl Refusal {
    fn sentence(&self, plugin: &str) -> String {
        match self {
            Self::Unreadable => {
                format!("{plugin} gave an answer that is not one of a protoc plugin")
            }
            Self::Error(error) => format!("{plugin} refused the file: {error}"),
            Self::Outside(path) => {
                format!("{plugin} wants to write `{path}`, which is not a path inside the tree")
            }
            Self::Twice(path) => format!("{plugin} wants to write `{path}` twice"),
            Self::Insertion(path) => {
                format!("{plugin} wants to insert text into `{path}`, which is not supported")
            }
        }
    }
}

/// The files of a response.
pub(super) fn read_response(bytes: &[u8]) -> Result<Vec<(String, String)>, Refusal> {
    let response = CodeGeneratorResponse::decode(bytes).map_err(|_| Refusal::Unreadable)?;
    if let Some(error) = response.error {
        return Err(Refusal::Error(error));
    }
    let mut files: Vec<(String, String)> = Vec::new();
    for file in response.file {
        if let Some(path) = new_path(&file, &files)? {
            files.push((path, file.content.unwrap_or_default()));
        } else {
            let (_, text) = files.last_mut().ok_or(Refusal::Unreadable)?;
            text.push_str(file.content());
        }
    }
    Ok(files)
}

/// The path of a file in a response; none if it continues the one before, as long files may.
fn new_path(file: &File, before: &[(String, String)]) -> Result<Option<String>, Refusal> {
    let path = file.name();
    if !file.insertion_point().is_empty() {
        return Err(Refusal::Insertion(path.to_owned()));
    }
    if path.is_empty() {
        return Ok(None);
    }
    if !stays_inside(path) {
        return Err(Refusal::Outside(path.to_owned()));
    }
    if before.iter().any(|(other, _)| other == path) {
        return Err(Refusal::Twice(path.to_owned()));
    }
    Ok(Some(path.to_owned()))
}
