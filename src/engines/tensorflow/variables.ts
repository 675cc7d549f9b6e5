import type { NetworkParts, StateEntry } from '../state-layout.js'
import { deviceShape, type FilterForm, filterForms, fromDevice, toDevice } from './filter-form.js'
import type { Graph, Value } from './graph.js'

/** A tensor of the state on the device, or the rows of one that a step works with. */
export interface StateVariable {
  /** As it was before the step. */
  value: Value
  /** The variable itself; a step that works with some rows of it has only those. */
  handle: Value | undefined
  /** Gives it another value; the node that does. */
  assign(next: Value): string
}

/**
 * The training state as resource variables, which keep their values from one run of the session to the next. Trained
 * weights and what the optimizer keeps lie in the form of `filter-form.ts`; PyTorch's layout is outside.
 */
export class Variables {
  readonly #graph: Graph
  readonly #entries: ReadonlyMap<string, StateEntry>
  readonly #forms: ReadonlyMap<string, FilterForm>
  readonly #handles = new Map<string, Value>()
  readonly #ofStep = new Map<string, StateVariable>()
  /** Positions of the class centres that a step works with; every one without it. */
  readonly #centres: Value | undefined

  constructor(graph: Graph, parts: NetworkParts, entries: readonly StateEntry[], centres?: Value) {
    this.#graph = graph
    this.#entries = new Map(entries.map((entry) => [entry.name, entry]))
    this.#forms = filterForms(parts.backbone)
    this.#centres = centres
    for (const [name, entry] of this.#entries) {
      const attributes = {
        dtype: { type: 'float32' },
        shape: { shape: this.#shapeOf(entry) },
        shared_name: name,
        container: '',
      } as const
      const [handle] = graph.node('VarHandleOp', [], attributes, [{ type: 'resource', shape: [] }], { name })
      this.#handles.set(name, handle!)
    }
  }

  /** What a step sees of a tensor. */
  ofStep(name: string): StateVariable {
    const known = this.#ofStep.get(name)
    if (known !== undefined) return known
    const variable = this.#makeOfStep(name)
    this.#ofStep.set(name, variable)
    return variable
  }

  /** The signature `load`: each tensor by its name in the state and PyTorch's layout; the outputs say that it is there. */
  addLoad(): void {
    const graph = this.#graph
    const inputs: Record<string, Value> = {}
    const outputs: Record<string, Value> = {}
    for (const [name, { parameter }] of this.#entries) {
      const given = graph.input(`load/${name}`, 'float32', parameter.shape)
      // What is fed is the caller's memory, which a variable would keep and write to.
      const copy = graph.operator('DeepCopy', [given], given.shape)
      const form = this.#forms.get(parameter.name)
      const value = form === undefined ? copy : toDevice(graph, copy, form)
      const handle = this.#handles.get(name)!
      const assigned = graph.effect('AssignVariableOp', [handle, value], { dtype: { type: 'float32' } })
      inputs[name] = given
      outputs[name] = graph.done([assigned])
    }
    graph.signature('load', inputs, outputs)
  }

  /** The signature `state`: each tensor by its name, in PyTorch's layout. */
  addState(): void {
    const graph = this.#graph
    const outputs: Record<string, Value> = {}
    for (const [name, entry] of this.#entries) {
      outputs[name] = this.fromDevice(name, this.#read(this.#handles.get(name)!, this.#shapeOf(entry)))
    }
    graph.signature('state', {}, outputs)
  }

  /** A value that lies as this tensor does, in PyTorch's layout. */
  fromDevice(name: string, value: Value): Value {
    const form = this.#forms.get(this.#entries.get(name)!.parameter.name)
    return form === undefined ? value : fromDevice(this.#graph, value, form)
  }

  #makeOfStep(name: string): StateVariable {
    const entry = this.#entries.get(name)!
    const handle = this.#handles.get(name)!
    const centres = this.#centres
    if (centres === undefined || !entry.parameter.perClass) {
      return {
        value: this.#read(handle, this.#shapeOf(entry)),
        handle,
        assign: (next) =>
          this.#graph.effect('AssignVariableOp', [handle, next], { dtype: { type: 'float32' } }),
      }
    }
    const attributes = { dtype: { type: 'float32' }, Tindices: { type: 'int32' } } as const
    const shape = [centres.shape[0]!, ...entry.parameter.shape.slice(1)]
    const [value] = this.#graph.node('ResourceGather', [handle, centres], attributes, [
      { type: 'float32', shape },
    ])
    return {
      value: value!,
      handle: undefined,
      assign: (next) => this.#graph.effect('ResourceScatterUpdate', [handle, centres, next], attributes),
    }
  }

  #read(handle: Value, shape: readonly number[]): Value {
    const type = 'float32'
    return this.#graph.node('ReadVariableOp', [handle], { dtype: { type } }, [{ type, shape }])[0]!
  }

  #shapeOf({ parameter }: StateEntry): readonly number[] {
    const form = this.#forms.get(parameter.name)
    return form === undefined ? parameter.shape : deviceShape(form)
  }
}
