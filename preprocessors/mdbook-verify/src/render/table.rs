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

/// Rows of cells, all about what the head above them names.
pub(super) fn group(head: &str, rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(1);
    let rows: Vec<_> = rows.iter().map(|cells| each_in("td", cells)).collect();
    format!(
        "<tr><th colspan=\"{columns}\" scope=\"rowgroup\">{head}</th></tr>{}",
        each_in("tr", &rows)
    )
}

/// Each part in an element of its own.
fn each_in(element: &str, parts: &[String]) -> String {
    let parts = parts.join(&format!("</{element}><{element}>"));
    format!("<{element}>{parts}</{element}>")
}
