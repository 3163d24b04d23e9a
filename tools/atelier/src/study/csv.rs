//! Tables as text, commas between cells (RFC 4180): what the page writes and the key is kept in.

/// One line of a table; cells with commas, quotes or line ends are quoted.
pub fn line<T: AsRef<str>>(cells: &[T]) -> String {
    let cell = |cell: &T| {
        let cell = cell.as_ref();
        if cell.contains([',', '"', '\n', '\r']) {
            format!("\"{}\"", cell.replace('"', "\"\""))
        } else {
            cell.to_owned()
        }
    };
    let cells: Vec<String> = cells.iter().map(cell).collect();
    cells.join(",") + "\r\n"
}

/// The rows of a text, each with the number of the line where it begins; empty lines are left out.
///
/// A mark of the byte order is skipped. Semicolons are taken for commas where they follow the first
/// word, `study`: some spreadsheets write them so.
///
/// # Errors
/// A quote that never ends, with its line.
pub fn rows(text: &str) -> Result<Vec<(usize, Vec<String>)>, String> {
    let text = text.trim_start_matches('\u{feff}');
    let between = if text.starts_with("study;") { ';' } else { ',' };
    let (mut rows, mut row, mut cell) = (Vec::new(), Vec::new(), String::new());
    let (mut number, mut begun, mut quoted) = (1, 1, None);
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        number += usize::from(letter == '\n');
        match (letter, quoted) {
            ('"', Some(_)) if letters.peek() == Some(&'"') => {
                letters.next();
                cell.push('"');
            }
            ('"', Some(_)) => quoted = None,
            (_, Some(_)) => cell.push(letter),
            ('"', None) if cell.is_empty() => quoted = Some(number),
            ('\r', None) => {}
            ('\n', None) => {
                row.push(std::mem::take(&mut cell));
                rows.push((begun, std::mem::take(&mut row)));
                begun = number;
            }
            (_, None) if letter == between => row.push(std::mem::take(&mut cell)),
            (_, None) => cell.push(letter),
        }
    }
    if let Some(line) = quoted {
        return Err(format!("line {line}: a quote is opened and never closed"));
    }
    if !cell.is_empty() || !row.is_empty() {
        row.push(cell);
        rows.push((begun, row));
    }
    rows.retain(|(_, row)| row.iter().any(|cell| !cell.is_empty()));
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn quotes_and_line_ends_are_read_as_the_standard_says() {
        let read = rows("\u{feff}a,b\r\n\r\n\"x,\"\"y\"\"\nz\",2\nlast").unwrap();
        let cells: Vec<Vec<&str>> = read
            .iter()
            .map(|(_, row)| row.iter().map(String::as_str).collect())
            .collect();
        assert_eq!(
            cells,
            [vec!["a", "b"], vec!["x,\"y\"\nz", "2"], vec!["last"]]
        );
        assert_eq!(read.iter().map(|row| row.0).collect::<Vec<_>>(), [1, 3, 5]);
        assert_eq!(rows("study;b\n1;2").unwrap()[1].1, ["1", "2"]);
        assert!(rows("a,b\n1,\"2").unwrap_err().contains("line 2"));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(cells in proptest::collection::vec("[a-z,\"\n;]{1,6}", 2..5)) {
            let read = rows(&line(&cells)).unwrap();
            prop_assert_eq!(&read[0].1, &cells);
        }
    }
}
