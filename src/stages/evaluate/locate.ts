import { stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { datasetsFolder } from '../../dataset/index.js'
import { InputError } from '../../errors/index.js'

/** The model of a file or of a run. Absolute. @throws InputError */
export async function locateModel(modelOrRun: string): Promise<string> {
  const path = resolve(modelOrRun)
  const found = await stat(path).catch(() => undefined)
  if (found === undefined)
    throw new InputError({ file: modelOrRun, problem: 'there is no such model or run' })
  if (!found.isDirectory()) return path
  const model = join(path, 'model.onnx')
  if ((await stat(model).catch(() => undefined)) !== undefined) return model
  throw new InputError({
    file: modelOrRun,
    problem: 'the run holds no model.onnx',
    fix: `Write it with facedata export ${modelOrRun} -o ${join(modelOrRun, 'model.onnx')}`,
  })
}

/** Where a bin is looked for, in this order: as a path, then in the datasets folder; as written, then with `.bin`. */
export function binPlaces(name: string, datasets: string | undefined): string[] {
  const forms = name.endsWith('.bin') ? [name] : [name, `${name}.bin`]
  return [resolve(), datasetsFolder(datasets)].flatMap((folder) => forms.map((form) => resolve(folder, form)))
}

/** Absolute. @throws InputError that lists where it was looked for */
export async function locateBin(name: string, datasets: string | undefined): Promise<string> {
  const places = [...new Set(binPlaces(name, datasets))]
  for (const place of places) {
    if ((await stat(place).catch(() => undefined))?.isFile()) return place
  }
  throw new InputError({
    file: name,
    problem: `there is no such bin. Looked for ${places.join(', ')}`,
  })
}
