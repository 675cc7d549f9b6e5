import { describe, expect, it } from 'vitest'
import { formatCsvRow, parseCsv } from '../../src/csv/index.js'
import { InputError } from '../../src/errors/index.js'

describe('CSV', () => {
  it('reads back every field that it writes', () => {
    const rows = [
      ['plain', 'with, comma', 'with "quotes"', '', ' spaces ', 'two\nlines', 'semi;colon', '"', 'é'],
      ['1', '2.5', 'x', '', '', '', '', '', ''],
    ]
    const text = rows.map(formatCsvRow).join('')
    expect(parseCsv(text, 'x.csv')).toEqual([
      { line: 1, fields: rows[0] },
      { line: 3, fields: rows[1] },
    ])
  })

  it('reads what a spreadsheet makes of it: a byte order mark, semicolons, \\r\\n, empty lines', () => {
    expect(parseCsv('\uFEFFname;score\r\nann;"0,5"\r\n\r\nbob;1', 'x.csv')).toEqual([
      { line: 1, fields: ['name', 'score'] },
      { line: 2, fields: ['ann', '0,5'] },
      { line: 4, fields: ['bob', '1'] },
    ])
  })

  it.each([
    [',a;b', ['', 'a;b']],
    ['a;b,', ['a;b', '']],
    ['"Smith, Ann";3', ['Smith, Ann', '3']],
    ['"a;b","c"', ['a;b', 'c']],
    ['"a ""b, c""";d', ['a "b, c"', 'd']],
  ])('finds the separator of %j', (text, fields) => {
    expect(parseCsv(text, 'x.csv')).toEqual([{ line: 1, fields }])
  })

  it('names the line of a quote that does not close, or closes too early', () => {
    for (const text of ['a,b\nc,"d\n', 'a,b\n"c"d,e\n']) {
      const read = () => parseCsv(text, 'x.csv')
      expect(read).toThrow(InputError)
      expect(read).toThrow(/x\.csv.*2/)
    }
  })
})
