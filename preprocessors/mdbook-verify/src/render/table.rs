//! Tables of what was computed, each HTML on one line.

/// A table with these heads above its columns. Between groups of rows it has a line for each.
pub(super) fn table(heads: &[String], groups: &[String]) -> String {
    let heads: String = heads
        .iter()
        .map(|head| format!("<th>{head}</th>"))
        .collect();
    format!(
        "<div class=\"table-wrapper verify-table\"><table><thead><tr>{heads}</tr></thead><tbody>{}</tbody></table></div>",
        groups.join("</tbody><tbody>")
    )
}

/// A row of cells about what its head names.
pub(super) fn row(head: &str, cells: &[String]) -> String {
    format!("<tr><th scope=\"row\">{head}</th>{}</tr>", joined(cells))
}

/// Rows of cells, all about the same.
pub(super) fn group(head: &str, rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(1);
    let rows = rows
        .iter()
        .map(|cells| format!("<tr>{}</tr>", joined(cells)));
    format!(
        "<tr><th colspan=\"{columns}\" scope=\"rowgroup\">{head}</th></tr>{}",
        rows.collect::<String>()
    )
}

fn joined(cells: &[String]) -> String {
    cells
        .iter()
        .map(|cell| format!("<td>{cell}</td>"))
        .collect()
}
