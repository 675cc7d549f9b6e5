import type { Dataset } from '../../dataset/index.js'
import type { NamedInput } from './review-csv.js'

/** The identities of each input, as a review names them. @throws InputError */
export async function namedInputs(inputs: Dataset[]): Promise<NamedInput[]> {
  const named: NamedInput[] = []
  for (const input of inputs) {
    const { names, images } = await input.identities()
    named.push({ dataset: nameAmong(inputs, input), names, images })
  }
  return named
}

/** Its own name, else that of its folder, else where it lies: the first that no other input has. */
function nameAmong(inputs: Dataset[], input: Dataset): string {
  const forms = [(one: Dataset) => one.name, (one: Dataset) => one.files.name]
  const form = forms.find((of) => inputs.every((other) => other === input || of(other) !== of(input)))
  return form?.(input) ?? input.directory
}
