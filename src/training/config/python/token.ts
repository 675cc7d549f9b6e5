/** A word of Python. Lines count from 1; a token's is the one in which it begins. */
export type Token =
  | { kind: 'name'; text: string; line: number }
  | { kind: 'number'; text: string; line: number }
  /** `text` is the value, its escapes undone. */
  | { kind: 'string'; text: string; line: number }
  | { kind: 'operator'; text: string; line: number }
  /** The space that a statement begins with: it is part of a block. */
  | { kind: 'indent'; text: string; line: number }
  /** The end of a statement. */
  | { kind: 'newline'; text: string; line: number }
  /** What is Python and is not read; `text` says what. */
  | { kind: 'refused'; text: string; line: number }

/** How a token is named in an error. */
export function nameOf(token: Token): string {
  switch (token.kind) {
    case 'newline':
      return 'the end of the line'
    case 'string':
      return 'a string'
    case 'indent':
      return 'an indented line'
    default:
      return `'${token.text}'`
  }
}
