/**
 * What a pickle holds, in JavaScript's types: None is null; int is a number where it is safe and a bigint beyond;
 * str (Python 3) is a string; bytes, bytearray and Python 2's str are Uint8Array, a view of the pickle where it stands
 * there as it is; list and tuple are arrays; dict is a Map, set and frozenset are Sets, both by identity of their keys.
 * A list can hold itself, so that whoever walks a value must not trust that it ends.
 */
export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | PickleValue[]
  | Map<PickleValue, PickleValue>
  | Set<PickleValue>
  | PickleObject
  | PickleGlobal

/** An object that a global made. BUILD hands it its state. */
export abstract class PickleObject {
  /** @throws PickleFault where the state is not what the class expects */
  abstract setState(state: PickleValue): void
}

/** A dict of a class of its own, such as `collections.OrderedDict`. Attributes that BUILD gives it are not kept. */
export class PickleDict extends Map<PickleValue, PickleValue> {}

/** A module's function or class that a pickle may name: what a call of it gives. Nothing else of the module exists. */
export class PickleGlobal {
  readonly name: string
  readonly #call: (parameters: PickleValue[]) => PickleValue

  /** `call` throws PickleFault where it does not take the arguments. */
  constructor(name: string, call: (parameters: PickleValue[]) => PickleValue) {
    this.name = name
    this.#call = call
  }

  call(parameters: PickleValue[]): PickleValue {
    return this.#call(parameters)
  }
}

/** The allow-list: `module.name` to what stands for it here. */
export type PickleGlobals = ReadonlyMap<string, PickleGlobal>

/** What is wrong with a value, in words; the reader adds opcode and offset. Never leaves `readPickle`. */
export class PickleFault extends Error {}
