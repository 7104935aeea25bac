//! Where things of a descriptor stand in the text.
//!
//! A descriptor's source info counts lines and columns from 0, and columns in bytes.

use std::ops::Range;

use prost_types::source_code_info::Location;
use prost_types::{DescriptorProto, FileDescriptorProto};

/// The path of the `syntax` statement in a file's descriptor.
pub(super) const SYNTAX: [i32; 1] = [12];
/// The path of the `package` statement.
pub(super) const PACKAGE: [i32; 1] = [2];
/// The path of `option go_package`.
pub(super) const GO_PACKAGE: [i32; 2] = [8, 11];
/// The first number of the paths of services and their methods.
const SERVICE: i32 = 6;
/// The first number of the paths of messages.
const MESSAGE: i32 = 4;
/// Within a message: its fields.
const FIELD: i32 = 2;
/// Within a message: the messages in it.
const NESTED: i32 = 3;
/// Within a field: the name of its type.
const TYPE_NAME: i32 = 6;

/// The path of an import.
pub(super) fn import(index: usize) -> [i32; 2] {
    [3, i32::try_from(index).unwrap_or(i32::MAX)]
}

/// The bytes of the element at `path`.
pub(super) fn of(
    text: &str,
    descriptor: &FileDescriptorProto,
    path: &[i32],
) -> Option<Range<usize>> {
    let locations = &descriptor.source_code_info.as_ref()?.location;
    let location = locations.iter().find(|location| location.path == path)?;
    bytes(text, &location.span)
}

/// The bytes of `value` in the statement at `path`; of the whole statement if the value is not
/// written there as it is, and the start of the file if the statement has no place.
pub(super) fn of_value(
    text: &str,
    descriptor: &FileDescriptorProto,
    path: &[i32],
    value: &str,
) -> Range<usize> {
    let statement = of(text, descriptor, path).unwrap_or(0..0);
    // From the end: `package pack;` holds the value twice.
    match text[statement.clone()].rfind(value) {
        Some(at) if !value.is_empty() => statement.start + at..statement.start + at + value.len(),
        _ => statement,
    }
}

/// Whether these bytes belong to a service.
pub(super) fn is_in_service(
    text: &str,
    descriptor: &FileDescriptorProto,
    range: &Range<usize>,
) -> bool {
    let locations = descriptor
        .source_code_info
        .iter()
        .flat_map(|info| &info.location);
    locations
        .filter(|location| matches!(*location.path, [SERVICE, _]))
        .filter_map(|location| bytes(text, &location.span))
        .any(|service| service.start <= range.start && range.end <= service.end)
}

/// Adds the places of the types of map values, of which the parser notes none.
///
/// `map<string, A> b` becomes a message `BEntry` with a field `value` of type `A`. It is that field
/// whose type an error is about, and only `b` has a place.
pub(super) fn add_map_types(text: &str, descriptor: &mut FileDescriptorProto) {
    let mut locations = Vec::new();
    for (index, message) in (0..).zip(&descriptor.message_type) {
        map_types(text, descriptor, message, &[MESSAGE, index], &mut locations);
    }
    if let Some(info) = &mut descriptor.source_code_info {
        info.location.extend(locations);
    }
}

fn map_types(
    text: &str,
    file: &FileDescriptorProto,
    message: &DescriptorProto,
    path: &[i32],
    found: &mut Vec<Location>,
) {
    for (index, nested) in (0..).zip(&message.nested_type) {
        let path = [path, &[NESTED, index]].concat();
        map_types(text, file, nested, &path, found);
        let is_map = nested
            .options
            .as_ref()
            .is_some_and(prost_types::MessageOptions::map_entry);
        let field = (0..)
            .zip(&message.field)
            .find(|(_, field)| field.type_name() == nested.name());
        if let (true, Some((field, _)), [_, value]) = (is_map, field, nested.field.as_slice()) {
            let map = [&path[..path.len() - 2], &[FIELD, field, TYPE_NAME]].concat();
            let span = value_span(text, file, &map, value.type_name());
            found.extend(span.map(|span| Location {
                path: [&path[..], &[FIELD, 1, TYPE_NAME]].concat(),
                span,
                ..Location::default()
            }));
        }
    }
}

/// The span of a type's name within the `map<…>` at `path`.
fn value_span(
    text: &str,
    file: &FileDescriptorProto,
    path: &[i32],
    name: &str,
) -> Option<Vec<i32>> {
    let at = text[of(text, file, path)?].rfind(name)?;
    let locations = &file.source_code_info.as_ref()?.location;
    let map = &locations
        .iter()
        .find(|location| location.path == path)?
        .span;
    // One that is spread over lines is marked whole.
    let &[line, start, _] = map.as_slice() else {
        return Some(map.clone());
    };
    let start = start + i32::try_from(at).ok()?;
    Some(vec![line, start, start + i32::try_from(name.len()).ok()?])
}

fn bytes(text: &str, span: &[i32]) -> Option<Range<usize>> {
    let (start, end) = match *span {
        [line, start, end] => ((line, start), (line, end)),
        [line, start, end_line, end] => ((line, start), (end_line, end)),
        _ => return None,
    };
    let range = offset(text, start)?..offset(text, end)?;
    text.get(range.clone()).map(|_| range)
}

fn offset(text: &str, (line, column): (i32, i32)) -> Option<usize> {
    let start = match usize::try_from(line).ok()? {
        0 => 0,
        line => text.match_indices('\n').nth(line - 1)?.0 + 1,
    };
    Some(start + usize::try_from(column).ok()?)
}
