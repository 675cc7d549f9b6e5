export { formatCsvRow } from './format.js'
export { type CsvRow, parseCsv } from './parse.js'
