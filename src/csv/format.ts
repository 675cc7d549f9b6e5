/** Characters that a field is quoted for; a field with spaces at its ends keeps them in quotes. */
const QUOTED = /[",\r\n]|^\s|\s$/

/** One line of a CSV file, with its line end. Source: RFC 4180, with \n as line end. */
export function formatCsvRow(fields: readonly (string | number | undefined)[]): string {
  return `${fields.map((field) => formatField(String(field ?? ''))).join(',')}\n`
}

function formatField(text: string): string {
  return QUOTED.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
