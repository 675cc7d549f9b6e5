import { PythonFault } from './python-fault.js'
import { nameOf, type Token } from './token.js'

/** Tokens one after another, statement by statement. */
export class TokenReader {
  readonly #tokens: readonly Token[]
  #position = 0

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens
  }

  get done(): boolean {
    return this.#position >= this.#tokens.length
  }

  get next(): Token {
    return this.#tokens[this.#position] ?? this.#tokens.at(-1)!
  }

  /** The next token. The end of a statement is passed by `skipStatement` alone. */
  shift(): Token {
    const token = this.next
    if (token.kind !== 'newline') this.#position += 1
    return token
  }

  /** Whether one of these operators comes next. */
  at(...operators: string[]): boolean {
    return this.next.kind === 'operator' && operators.includes(this.next.text)
  }

  take(...operators: string[]): Token | undefined {
    return this.at(...operators) ? this.shift() : undefined
  }

  /** The value of a string, where one comes next. */
  takeString(): string | undefined {
    return this.next.kind === 'string' ? this.shift().text : undefined
  }

  /** `name` of `name=value`, where that comes next; the equals sign is passed too. */
  takeKeyword(): Token | undefined {
    const equals = this.#tokens[this.#position + 1]
    if (this.next.kind !== 'name' || equals?.kind !== 'operator' || equals.text !== '=') return undefined
    const name = this.shift()
    this.shift()
    return name
  }

  /** @throws PythonFault where another token comes */
  expect(operator: string): void {
    if (this.take(operator)) return
    throw new PythonFault(this.next.line, `expected '${operator}', found ${nameOf(this.next)}`)
  }

  /** @throws PythonFault where another token comes */
  expectName(): string {
    if (this.next.kind === 'name') return this.shift().text
    throw new PythonFault(this.next.line, `expected a name, found ${nameOf(this.next)}`)
  }

  /** Passes the rest of the statement. */
  skipStatement(): void {
    while (this.shift().kind !== 'newline');
    this.#position += 1
  }
}
