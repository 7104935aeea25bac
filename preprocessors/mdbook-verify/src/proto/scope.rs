//! Which types a file sees, and which it probably meant.

use std::fs;
use std::path::Path;

use prost_types::{DescriptorProto, FileDescriptorProto};
use protox::file::File;
use protox::prost_reflect::DescriptorPool;
use walkdir::WalkDir;

use super::compile::{Source, Sources};
use crate::finding::nearest;

const SCALARS: &[&str] = &[
    "double", "float", "sint64", "sint32", "sfixed64", "sfixed32", "fixed64", "fixed32", "uint64",
    "uint32", "int64", "int32", "bool", "bytes", "string",
];

/// A file among the others.
pub(super) struct Scope<'a> {
    pub(super) tree: &'a Path,
    pub(super) sources: &'a Sources,
    pub(super) source: &'a Source,
}

impl Scope<'_> {
    /// What to do about a type that is not known. In a service only messages can be meant.
    pub(super) fn suggest(&self, written: &str, in_service: bool) -> Option<String> {
        let package = self.source.descriptor.package();
        let possible = possible_names(written, package);
        let visible = self.visible(!in_service);
        if let Some(full) = possible.iter().find(|name| visible.contains(name)) {
            // Another package nearer by begins like it, and hides it.
            return Some(format!("write `.{full}`, from the outermost package on"));
        }
        if let Some(file) = self.not_imported(&possible) {
            return Some(format!(
                "it is defined in `{file}`; add `import \"{file}\";`"
            ));
        }
        let scalars = if in_service { &[] } else { SCALARS };
        let types = visible.iter().map(|name| relative(name, package));
        let name = nearest(written, scalars.iter().copied().chain(types))?;
        Some(format!("did you mean `{name}`?"))
    }

    /// The full names of the messages and, if wanted, enums that the file sees.
    fn visible(&self, enums: bool) -> Vec<String> {
        let mut files = vec![&self.source.descriptor];
        for import in &self.source.descriptor.dependency {
            self.with_public_imports(import, &mut files);
        }
        files
            .into_iter()
            .flat_map(|file| type_names(file, enums))
            .collect()
    }

    fn with_public_imports<'a>(&'a self, name: &str, files: &mut Vec<&'a FileDescriptorProto>) {
        let Some(source) = self.sources.get(name) else {
            return;
        };
        files.push(&source.descriptor);
        for &index in &source.descriptor.public_dependency {
            let import = usize::try_from(index)
                .ok()
                .and_then(|index| source.descriptor.dependency.get(index));
            if let Some(import) = import {
                self.with_public_imports(import, files);
            }
        }
    }

    /// The file that defines a type of one of these names, and only lacks an import.
    fn not_imported(&self, names: &[String]) -> Option<String> {
        let well_known = DescriptorPool::global();
        let known = names
            .iter()
            .find_map(|name| well_known.get_message_by_name(name));
        if let Some(message) = known {
            return Some(message.parent_file().name().to_owned());
        }
        let defines = |file: &String| {
            let text = fs::read_to_string(self.tree.join(file)).unwrap_or_default();
            let types = File::from_source(file, &text)
                .map(|file| type_names(file.file_descriptor_proto(), true));
            types.is_ok_and(|types| types.iter().any(|name| names.contains(name)))
        };
        let others = proto_files(self.tree)
            .into_iter()
            .filter(|file| *file != self.source.name);
        others.into_iter().find(defines)
    }
}

/// The nearest .proto file's path, for a path that is wrong.
pub(super) fn nearest_file(tree: &Path, name: &str) -> Option<String> {
    let files = proto_files(tree);
    let found = nearest(name, files.iter().map(String::as_str))?;
    Some(format!("did you mean `{found}`?"))
}

/// The .proto files of a tree. Suggestions are all that they are for: what cannot be read is left out.
fn proto_files(tree: &Path) -> Vec<String> {
    let entries = WalkDir::new(tree)
        .sort_by_file_name()
        .into_iter()
        .filter_map(Result::ok);
    let paths = entries
        .filter(|entry| entry.file_type().is_file())
        .filter_map(|entry| {
            let path = entry.path().strip_prefix(tree).ok()?;
            let parts: Option<Vec<_>> = path.iter().map(|part| part.to_str()).collect();
            parts.map(|parts| parts.join("/"))
        });
    paths
        .filter(|path| {
            Path::new(path)
                .extension()
                .is_some_and(|extension| extension == "proto")
        })
        .collect()
}

/// The full names of a file's messages and, if wanted, enums.
fn type_names(file: &FileDescriptorProto, enums: bool) -> Vec<String> {
    let mut names = Vec::new();
    for message in &file.message_type {
        nested_names(message, file.package(), enums, &mut names);
    }
    if enums {
        names.extend(
            file.enum_type
                .iter()
                .map(|kind| join(file.package(), kind.name())),
        );
    }
    names
}

fn nested_names(message: &DescriptorProto, scope: &str, enums: bool, names: &mut Vec<String>) {
    // The entry type of a map field cannot be named.
    if message
        .options
        .as_ref()
        .is_some_and(prost_types::MessageOptions::map_entry)
    {
        return;
    }
    let name = join(scope, message.name());
    for nested in &message.nested_type {
        nested_names(nested, &name, enums, names);
    }
    if enums {
        names.extend(
            message
                .enum_type
                .iter()
                .map(|kind| join(&name, kind.name())),
        );
    }
    names.push(name);
}

fn join(scope: &str, name: &str) -> String {
    if scope.is_empty() {
        name.to_owned()
    } else {
        format!("{scope}.{name}")
    }
}

/// A full name without the packages that it shares with `package`.
fn relative<'a>(name: &'a str, package: &str) -> &'a str {
    let shared = package
        .split('.')
        .zip(name.split('.'))
        .take_while(|(a, b)| a == b);
    let length: usize = shared.map(|(part, _)| part.len() + 1).sum();
    &name[length.min(name.len())..]
}

/// The full names that a name can mean in `package`, innermost first.
fn possible_names(written: &str, package: &str) -> Vec<String> {
    if let Some(full) = written.strip_prefix('.') {
        return vec![full.to_owned()];
    }
    let mut names = vec![join(package, written)];
    let mut scope = package;
    while let Some((outer, _)) = scope.rsplit_once('.') {
        names.push(join(outer, written));
        scope = outer;
    }
    names.push(written.to_owned());
    names
}
