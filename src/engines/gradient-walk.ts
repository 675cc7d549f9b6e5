/** What the walk reads of a node that was lowered. */
interface WalkedStep {
  node: {
    name: string
    inputs: readonly string[]
    parameters: readonly { name: string; role?: string }[]
  }
}

/** Gradients of a node's inputs, in their order (undefined where none passes), and of its parameters. */
export interface BackwardResult<Value> {
  inputs: readonly (Value | undefined)[]
  parameters?: ReadonlyMap<string, Value>
}

/** How an engine takes one step back. */
export interface BackwardEngine<Step, Value> {
  /** `gradient` is that of the loss by the node's output, as the nodes that read it left it. */
  backward(step: Step, gradient: Value): BackwardResult<Value>
  /** The gradient of a value that another node reads too; in the form of the first. */
  add(first: Value, other: Value): Value
}

/** By name: gradients of the network's inputs, and of its trained parameters; frozen ones have none. */
export interface Gradients<Value> {
  inputs: ReadonlyMap<string, Value>
  parameters: ReadonlyMap<string, Value>
}

/** Walks lowered nodes back from the gradient of the last one's output. */
export function walkBack<Step extends WalkedStep, Value>(
  steps: readonly Step[],
  gradient: Value,
  engine: BackwardEngine<Step, Value>,
): Gradients<Value> {
  const gradients = new Map([[steps.at(-1)!.node.name, gradient]])
  const parameters = new Map<string, Value>()
  for (const step of steps.toReversed()) {
    const { name, inputs, parameters: all } = step.node
    const arriving = gradients.get(name)
    if (arriving === undefined) continue
    gradients.delete(name)
    const result = engine.backward(step, arriving)
    const frozen = all.filter(({ role }) => role === 'frozen').map((parameter) => parameter.name)
    for (const [parameter, value] of result.parameters ?? []) {
      if (!frozen.includes(parameter)) parameters.set(parameter, value)
    }
    result.inputs.forEach((value, index) => {
      if (value === undefined) return
      const input = inputs[index]!
      const other = gradients.get(input)
      gradients.set(input, other === undefined ? value : engine.add(other, value))
    })
  }
  return { inputs: gradients, parameters }
}
