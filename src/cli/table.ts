/** Columns for people: each as wide as its widest cell, two spaces between, nothing behind the last. */

export function table(rows: readonly (readonly string[])[]): readonly string[] {
  const columns = Math.max(...rows.map(row => row.length));
  const widths = Array.from({ length: columns }, (_, i) =>
    Math.max(...rows.map(row => (row[i] ?? '').length)),
  );
  return rows.map(row =>
    row
      .map((cell, i) => cell.padEnd(widths[i]!))
      .join('  ')
      .trimEnd(),
  );
}
