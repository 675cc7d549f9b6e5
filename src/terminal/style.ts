/** What the terminal shows on which lines are printed, or whatever stands in its place. */
export interface TerminalStyle {
  /** Other characters than ASCII. */
  unicode: boolean
  colour: boolean
  /** Characters a line. */
  columns: number
}

/** A stream of the process, as far as it tells of its terminal. */
export interface TerminalStream {
  isTTY?: boolean
  columns?: number
}

type Environment = Readonly<Record<string, string | undefined>>

const USUAL_COLUMNS = 80

/** ASCII, without colour. */
export const plainStyle: TerminalStyle = { unicode: false, colour: false, columns: USUAL_COLUMNS }

/**
 * By the stream and the environment. Colour is for terminals alone, and none where `NO_COLOR` is set (no-color.org) or
 * the terminal is a dumb one; characters beyond ASCII where the locale's are UTF-8.
 */
export function terminalStyle(stream: TerminalStream, environment: Environment): TerminalStyle {
  return {
    unicode: isUtf8(environment),
    colour: isTerminal(stream, environment) && (environment['NO_COLOR'] ?? '') === '',
    // A terminal without a window says 0.
    columns: stream.columns || USUAL_COLUMNS,
  }
}

/** Whether a line can be written over: a terminal that understands more than text. */
export function isTerminal({ isTTY }: TerminalStream, environment: Environment): boolean {
  return isTTY === true && environment['TERM'] !== 'dumb'
}

/** The first of the three that is set decides, as in the C library. Windows Terminal has no locale and shows all. */
function isUtf8(environment: Environment): boolean {
  const locale = environment['LC_ALL'] || environment['LC_CTYPE'] || environment['LANG'] || ''
  return /utf-?8/i.test(locale) || environment['WT_SESSION'] !== undefined
}

const CODES = { bold: [1, 22], dim: [2, 22], red: [31, 39], yellow: [33, 39], cyan: [36, 39] } as const

export type Tone = keyof typeof CODES

/** The text in a tone, where the style has colour. */
export function paint(text: string, tone: Tone, { colour }: Pick<TerminalStyle, 'colour'>): string {
  const [on, off] = CODES[tone]
  return colour ? `\u001b[${on}m${text}\u001b[${off}m` : text
}
