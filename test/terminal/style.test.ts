import { describe, expect, it } from 'vitest'
import { isTerminal, paint, terminalStyle } from '../../src/terminal/index.js'

const terminal = { isTTY: true, columns: 120 }

describe('the style of a terminal', () => {
  it.each([
    [{ LANG: 'de_DE.UTF-8' }, true],
    [{ LANG: 'C.utf8' }, true],
    [{ LANG: 'en_US.UTF-8', LC_ALL: 'C' }, false],
    [{ LANG: 'C', LC_CTYPE: 'en_US.UTF-8' }, true],
    [{ LANG: 'en_US.UTF-8', LC_ALL: '' }, true],
    [{ LANG: 'en_US.ISO-8859-1' }, false],
    [{}, false],
    [{ WT_SESSION: '1' }, true],
  ])('has characters beyond ASCII by the locale: %o', (environment, unicode) => {
    expect(terminalStyle(terminal, environment).unicode).toBe(unicode)
  })

  it.each([
    [terminal, {}, true],
    [terminal, { NO_COLOR: '1' }, false],
    [terminal, { NO_COLOR: '' }, true],
    [terminal, { TERM: 'dumb' }, false],
    [{}, {}, false],
  ])('has colour on a terminal, unless it is not wanted: %o, %o', (stream, environment, colour) => {
    expect(terminalStyle(stream, environment).colour).toBe(colour)
  })

  it('is as wide as the window, else as usual', () => {
    expect(terminalStyle(terminal, {}).columns).toBe(120)
    expect(terminalStyle({}, {}).columns).toBe(80)
    expect(terminalStyle({ isTTY: true, columns: 0 }, {}).columns).toBe(80)
  })

  it('knows where a line can be written over', () => {
    expect([terminal, {}].map((stream) => isTerminal(stream, { TERM: 'xterm' }))).toEqual([true, false])
    expect(isTerminal(terminal, { TERM: 'dumb' })).toBe(false)
  })

  it('paints with colour alone', () => {
    expect(paint('x', 'bold', { colour: false })).toBe('x')
    expect(paint('x', 'bold', { colour: true })).toBe('\u001b[1mx\u001b[22m')
  })
})
