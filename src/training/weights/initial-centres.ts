import type { State, StateTensor } from '../../engines/index.js'
import { InputError } from '../../errors/index.js'
import type { Backbone } from '../../network/index.js'
import type { Log } from '../../progress/progress.js'
import { hasNames, type IdentityNames } from '../checkpoints/identity-names.js'
import { carryByName, carryRows } from '../resume/carried-classes.js'
import { floatsOf } from './backbone-state.js'
import type { NamedTensors } from './named-tensors.js'
import type { WeightsFile } from './weights-file.js'

const CENTRES = 'weight'

/**
 * The class centres that training begins with: by name where both sides have names, else by label where there are as
 * many as identities; undefined where all start at random. The log says which.
 * @throws InputError for centres of another size, or damaged ones
 */
export async function readInitialCentres(
  { head, names: earlier = [] }: WeightsFile,
  initial: { backbone: Backbone; names: IdentityNames; initialState(): Promise<State> },
  log: Log,
): Promise<StateTensor | undefined> {
  const { names, initialState } = initial
  if (head === undefined || !head.entries.has(CENTRES)) {
    log.info('init: no class centres there; they start at random')
    return undefined
  }
  const rows = rowsOf(head, initial.backbone)
  if (hasNames(earlier) && hasNames(names)) {
    requireNameEach(earlier, rows, head)
    const carried = carryByName(earlier, names)
    log.info(
      `init: ${carried.carried} people keep their class centres, by name; ${carried.added} are new and start at ` +
        `random; ${carried.left} are not in the dataset`,
    )
    if (carried.carried === 0) return undefined
    const into = (await initialState()).get(`head.${CENTRES}`)!
    carryRows(await readRows(head), into, carried)
    return into
  }
  if (rows !== names.length) {
    log.info(
      `init: the class centres are not taken: there are ${rows}, the dataset has ${names.length} identities. They ` +
        'start at random. (A checkpoint of one GPU of several holds its share of the classes.)',
    )
    return undefined
  }
  log.info(`init: ${rows} class centres, by label: identity N of the dataset takes row N`)
  return readRows(head)
}

/** Number of class centres. */
function rowsOf({ entries, path }: NamedTensors, { embeddingSize }: Backbone): number {
  const { shape } = entries.get(CENTRES)!
  const [rows, size] = shape
  if (shape.length === 2 && size === embeddingSize) return rows!
  throw new InputError({
    file: path,
    problem: 'the class centres have another shape',
    expected: `[identities, ${embeddingSize}]`,
    actual: `[${shape.join(', ')}]`,
  })
}

function requireNameEach(names: IdentityNames, rows: number, { path }: NamedTensors): void {
  if (names.length === rows) return
  throw new InputError({
    file: path,
    problem: 'there are not as many class centres as names of identities beside them',
    expected: names.length,
    actual: rows,
  })
}

async function readRows(head: NamedTensors): Promise<StateTensor> {
  const tensor = await head.read(CENTRES)
  return { shape: tensor.shape, data: floatsOf(tensor, CENTRES, head.path) }
}
