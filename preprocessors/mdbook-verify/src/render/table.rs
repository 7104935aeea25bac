//! Tables of what was computed, each HTML on one line.

/// A table with these heads above its columns and these groups of rows below.
pub(super) fn table(heads: &[String], groups: &[String]) -> String {
    format!(
        "<div class=\"table-wrapper verify-table\"><table><thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>",
        each_in("th", heads),
        groups.join("</tbody><tbody>")
    )
}

/// A row of cells about what its head names.
pub(super) fn row(head: &str, cells: &[String]) -> String {
    let cells = each_in("td", cells);
    format!("<tr><th scope=\"row\">{head}</th>{cells}</tr>")
}

/// Rows, all about what the head above them names; each has a head of its own and cells.
pub(super) fn group(head: &str, rows: &[(String, Vec<String>)]) -> String {
    let columns = rows.iter().map(|(_, cells)| 1 + cells.len()).max();
    let rows: Vec<_> = rows.iter().map(|(head, cells)| row(head, cells)).collect();
    format!(
        "<tr><th colspan=\"{}\" scope=\"rowgroup\">{head}</th></tr>{}",
        columns.unwrap_or(1),
        rows.concat()
    )
}

/// Each part in an element of its own.
fn each_in(element: &str, parts: &[String]) -> String {
    let parts = parts.join(&format!("</{element}><{element}>"));
    format!("<{element}>{parts}</{element}>")
}
