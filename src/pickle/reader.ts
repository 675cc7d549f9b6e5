import { bytesGlobals } from './bytes-globals.js'
import { decodeRawUnicodeEscape, unquoteBytes } from './escapes.js'
import { decodeLong, parseFloatText, parseInteger } from './numbers.js'
import { numpyGlobals } from './numpy.js'
import { Opcode } from './opcodes.js'
import { PickleInput } from './pickle-input.js'
import { PickleMemory } from './pickle-memory.js'
import { PickleStack } from './pickle-stack.js'
import {
  PickleDict,
  PickleFault,
  PickleGlobal,
  type PickleGlobals,
  PickleObject,
  type PickleValue,
} from './values.js'

export interface ReadPickleOptions {
  /** The allow-list. Default: bytes as old protocols write them, numpy arrays and scalars. */
  globals?: PickleGlobals
  /** What stands for an object outside the pickle; without it persistent ids are refused. It throws PickleFault. */
  persistent?: (id: PickleValue) => PickleValue
  /** Named in errors. */
  file?: string
  /** What to do about a pickle that asks for more than is interpreted. */
  fix?: string
}

const MAKE_PLAIN = 'Load it where it was made and write plain lists of bytes and bool'

export const defaultGlobals: PickleGlobals = new Map([...bytesGlobals, ...numpyGlobals])

const LATEST_PROTOCOL = 5
/** Longest `module.name` that is looked up. */
const LONGEST_NAME = 256
const VALUE_COST = 16
const VIEW_COST = 128
const CONTAINER_COST = 64
const HASHED_COST = 256

/**
 * Reads one pickle of protocol 0 to 5 and executes nothing: a global that is not on the allow-list is an error, as are
 * the opcodes that make instances. Images and other bytes are views of `bytes`.
 * Source: CPython, Lib/pickle.py and Lib/pickletools.py. @throws InputError with opcode and offset
 */
export function readPickle(bytes: Uint8Array, options: ReadPickleOptions = {}): PickleValue {
  const input = new PickleInput(bytes, options.file)
  const machine = new PickleMachine(input, options)
  try {
    return machine.run()
  } catch (error) {
    throw error instanceof PickleFault ? input.fault(error.message) : error
  }
}

class PickleMachine {
  readonly #input: PickleInput
  readonly #globals: PickleGlobals
  readonly #persistent: ReadPickleOptions['persistent']
  readonly #fix: string
  readonly #stack: PickleStack
  readonly #memo = new Map<number, PickleValue>()
  readonly #memory: PickleMemory

  constructor(input: PickleInput, { globals, persistent, fix }: ReadPickleOptions) {
    this.#input = input
    this.#memory = new PickleMemory(input)
    this.#globals = globals ?? defaultGlobals
    this.#persistent = persistent
    this.#fix = fix ?? MAKE_PLAIN
    this.#stack = new PickleStack(input)
  }

  run(): PickleValue {
    for (;;) {
      const opcode = this.#input.opcode()
      if (opcode === Opcode.STOP) return this.#stack.pop()
      const done =
        this.#scalar(opcode) ||
        this.#bytesOrText(opcode) ||
        this.#container(opcode) ||
        this.#machinery(opcode)
      if (!done) {
        throw this.#input.fault('is not interpreted', `Nothing in this file was executed. ${this.#fix}`)
      }
    }
  }

  #scalar(opcode: number): boolean {
    const input = this.#input
    switch (opcode) {
      case Opcode.NONE:
        return this.#push(null)
      case Opcode.NEWTRUE:
        return this.#push(true)
      case Opcode.NEWFALSE:
        return this.#push(false)
      case Opcode.INT:
        return this.#push(parseInteger(input.textLine(), true))
      case Opcode.LONG:
        return this.#push(parseInteger(input.textLine(), false))
      case Opcode.BININT:
        return this.#push(input.int32())
      case Opcode.BININT1:
        return this.#push(input.uint8())
      case Opcode.BININT2:
        return this.#push(input.uint16())
      case Opcode.LONG1:
        return this.#push(decodeLong(input.take(input.uint8())))
      case Opcode.LONG4:
        return this.#push(decodeLong(input.take(input.int32())))
      case Opcode.FLOAT:
        return this.#push(parseFloatText(input.textLine()))
      case Opcode.BINFLOAT:
        return this.#push(input.float64())
      default:
        return false
    }
  }

  #bytesOrText(opcode: number): boolean {
    const input = this.#input
    switch (opcode) {
      case Opcode.STRING:
        return this.#pushBytes(unquoteBytes(this.#charged(input.line())))
      case Opcode.BINSTRING:
        return this.#pushBytes(input.take(input.int32()))
      case Opcode.SHORT_BINSTRING:
      case Opcode.SHORT_BINBYTES:
        return this.#pushBytes(input.take(input.uint8()))
      case Opcode.BINBYTES:
        return this.#pushBytes(input.take(input.uint32()))
      case Opcode.BINBYTES8:
      case Opcode.BYTEARRAY8:
        return this.#pushBytes(input.take(input.uint64()))
      case Opcode.UNICODE:
        return this.#push(decodeRawUnicodeEscape(this.#charged(input.line())))
      case Opcode.SHORT_BINUNICODE:
        return this.#pushText(input.take(input.uint8()))
      case Opcode.BINUNICODE:
        return this.#pushText(input.take(input.uint32()))
      case Opcode.BINUNICODE8:
        return this.#pushText(input.take(input.uint64()))
      default:
        return false
    }
  }

  #container(opcode: number): boolean {
    const stack = this.#stack
    switch (opcode) {
      case Opcode.EMPTY_LIST:
      case Opcode.EMPTY_TUPLE:
        return this.#pushArray([])
      case Opcode.LIST:
      case Opcode.TUPLE:
        return this.#pushArray(stack.takeToMark())
      case Opcode.TUPLE1:
        return this.#pushArray(stack.take(1))
      case Opcode.TUPLE2:
        return this.#pushArray(stack.take(2))
      case Opcode.TUPLE3:
        return this.#pushArray(stack.take(3))
      case Opcode.APPEND:
        return this.#append(stack.take(1))
      case Opcode.APPENDS:
        return this.#append(stack.takeToMark())
      case Opcode.EMPTY_DICT:
        return this.#push(new Map(), HASHED_COST)
      case Opcode.DICT:
        return this.#push(this.#setItems(new Map(), stack.takeToMark()), HASHED_COST)
      case Opcode.SETITEM: {
        const items = stack.take(2)
        this.#setItems(stack.top(), items)
        return true
      }
      case Opcode.SETITEMS: {
        const items = stack.takeToMark()
        this.#setItems(stack.top(), items)
        return true
      }
      case Opcode.EMPTY_SET:
        return this.#push(new Set(), HASHED_COST)
      case Opcode.FROZENSET:
        return this.#push(this.#addItems(new Set(), stack.takeToMark()), HASHED_COST)
      case Opcode.ADDITEMS: {
        const items = stack.takeToMark()
        this.#addItems(stack.top(), items)
        return true
      }
      default:
        return false
    }
  }

  #machinery(opcode: number): boolean {
    const input = this.#input
    const stack = this.#stack
    switch (opcode) {
      case Opcode.PROTO: {
        const protocol = input.uint8()
        if (protocol > LATEST_PROTOCOL) throw input.fault(`protocol ${protocol} is not known`)
        return true
      }
      case Opcode.FRAME: {
        // A frame only says how much to read ahead.
        input.uint64()
        return true
      }
      case Opcode.MARK:
        stack.mark()
        return true
      case Opcode.POP:
        stack.popValueOrMark()
        return true
      case Opcode.POP_MARK:
        stack.takeToMark()
        return true
      case Opcode.DUP:
        return this.#push(stack.top())
      case Opcode.PUT:
        return this.#memoize(Number(parseInteger(input.textLine(), false)))
      case Opcode.BINPUT:
        return this.#memoize(input.uint8())
      case Opcode.LONG_BINPUT:
        return this.#memoize(input.uint32())
      case Opcode.MEMOIZE:
        return this.#memoize(this.#memo.size)
      case Opcode.GET:
        return this.#recall(Number(parseInteger(input.textLine(), false)))
      case Opcode.BINGET:
        return this.#recall(input.uint8())
      case Opcode.LONG_BINGET:
        return this.#recall(input.uint32())
      case Opcode.GLOBAL:
        return this.#pushGlobal(input.textLine(), input.textLine())
      case Opcode.STACK_GLOBAL: {
        const [module, name] = stack.take(2)
        if (typeof module !== 'string' || typeof name !== 'string') {
          throw input.fault('module and name of a global are not text')
        }
        return this.#pushGlobal(module, name)
      }
      case Opcode.REDUCE: {
        const [global, parameters] = stack.take(2)
        if (!(global instanceof PickleGlobal)) throw input.fault('what is called is not a global')
        if (!Array.isArray(parameters)) throw input.fault(`the arguments of ${global.name} are not a tuple`)
        // A call makes at most one view or dict and, of a text, as many bytes as that has characters.
        for (const parameter of parameters) if (typeof parameter === 'string') this.#charge(parameter.length)
        return this.#push(global.call(parameters), HASHED_COST)
      }
      case Opcode.BINPERSID: {
        if (this.#persistent === undefined) return false
        return this.#push(this.#persistent(stack.pop()), VIEW_COST)
      }
      case Opcode.BUILD: {
        const state = stack.pop()
        const object = stack.top()
        if (object instanceof PickleDict) return true
        if (!(object instanceof PickleObject)) throw input.fault('a state is given to what takes none')
        object.setState(state)
        return true
      }
      default:
        return false
    }
  }

  #push(value: PickleValue, cost = 0): true {
    this.#charge(cost + VALUE_COST)
    this.#stack.push(value)
    return true
  }

  #pushBytes(bytes: Uint8Array): true {
    return this.#push(bytes, VIEW_COST)
  }

  #pushText(bytes: Uint8Array): true {
    this.#charged(bytes)
    return this.#push(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8'))
  }

  #pushArray(values: PickleValue[]): true {
    return this.#push(values, CONTAINER_COST + values.length * VALUE_COST)
  }

  #append(values: PickleValue[]): true {
    const list = this.#stack.top()
    if (!Array.isArray(list)) throw this.#input.fault('what is appended to is not a list')
    this.#charge(values.length * VALUE_COST)
    for (const value of values) list.push(value)
    return true
  }

  #setItems(dictionary: PickleValue, items: PickleValue[]): PickleValue {
    if (!(dictionary instanceof Map)) throw this.#input.fault('what items are set in is not a dict')
    if (items.length % 2 !== 0) throw this.#input.fault('a key of a dict has no value')
    this.#charge(items.length * CONTAINER_COST)
    for (let i = 0; i < items.length; i += 2) dictionary.set(items[i]!, items[i + 1]!)
    return dictionary
  }

  #addItems(set: PickleValue, items: PickleValue[]): PickleValue {
    if (!(set instanceof Set)) throw this.#input.fault('what items are added to is not a set')
    this.#charge(items.length * CONTAINER_COST)
    for (const item of items) set.add(item)
    return set
  }

  #memoize(key: number): true {
    this.#charge(CONTAINER_COST)
    this.#memo.set(key, this.#stack.top())
    return true
  }

  #recall(key: number): true {
    const value = this.#memo.get(key)
    if (value === undefined) throw this.#input.fault(`nothing is memoized under ${key}`)
    return this.#push(value)
  }

  #pushGlobal(module: string, name: string): true {
    if (module.length + name.length > LONGEST_NAME)
      throw this.#input.fault('the name of a global is too long')
    const global = this.#globals.get(`${module}.${name}`)
    if (global === undefined) {
      throw this.#input.fault(
        `it names ${JSON.stringify(`${module}.${name}`)}, which is not interpreted`,
        `Nothing in this file was executed. ${this.#fix}`,
      )
    }
    return this.#push(global)
  }

  #charged(bytes: Uint8Array): Uint8Array {
    this.#charge(2 * bytes.length)
    return bytes
  }

  #charge(cost: number): void {
    this.#memory.charge(cost)
  }
}
