import { readFileSync } from 'node:fs'
import { symlink } from 'node:fs/promises'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { FacedataError, UsageError } from '../../../errors/index.js'
import { removeTree, writeFileAtomically } from '../../../io/index.js'
import type { Log, Progress } from '../../../progress/progress.js'
import { ADDON_FILE, engineDescriptionFile, readEngineDescription } from '../addon/engine-description.js'
import { enginesFolder } from '../addon/engines-folder.js'
import { type Trial, tryAddon } from '../addon/try-addon.js'
import { releaseNumbers } from '../addon/version.js'
import { addonSourceCode, PACKAGE_FOLDER } from './addon-source.js'
import { compileAddon, findCompiler } from './compile-addon.js'
import { machineName } from './machine-name.js'
import { packageIndex } from './package-index.js'
import { StagedFolder } from './staged-folder.js'
import { unpackWheel } from './unpack-wheel.js'
import { cudaRequirements } from './wheel-choice.js'
import { WheelStore } from './wheel-store.js'

/** With it the engine is tested. */
export const TENSORFLOW_VERSION = '2.20.0'

export interface InstallOptions {
  /** TensorFlow with CUDA, and the NVIDIA libraries that it asks for. */
  gpu?: boolean
  /** Version of TensorFlow; `TENSORFLOW_VERSION` without it. */
  tensorflow?: string
  /** Folder of engines; that of `enginesFolder()` without it. */
  dir?: string
  /** Address of a Python package index; pip's without it. */
  index?: string
  log: Log
  progress: Progress
  signal?: AbortSignal
}

export interface InstalledTensorFlow extends Trial {
  folder: string
  /** Of the CUDA runtime beside it. */
  cuda: string | undefined
  /** False where it was there, and worked. */
  built: boolean
}

/**
 * Builds the addon of tfjs-node against the libtensorflow of a Python wheel, without Python, in a folder that appears
 * whole or not at all. Downloads of a run that was stopped are gone on with.
 * @throws UsageError, FacedataError, InputError, OutputError: each says what was missing and what to do
 */
export async function installTensorFlow(options: InstallOptions): Promise<InstalledTensorFlow> {
  const { gpu = false, tensorflow = TENSORFLOW_VERSION, log, progress, signal } = options
  const machine = machineName()
  if (releaseNumbers(tensorflow)?.length !== 3) {
    throw new UsageError(
      `the version of TensorFlow must be a release such as ${TENSORFLOW_VERSION}, not ${tensorflow}`,
    )
  }
  if (gpu && machine !== 'x86_64') throw new UsageError('TensorFlow has wheels with CUDA for x64 alone')
  const index = packageIndex(options.index)
  const engines = options.dir === undefined ? enginesFolder() : resolve(options.dir)
  const folder = join(engines, `tensorflow-${tensorflow}${gpu ? '-gpu' : ''}`)
  const present = await presentEngine(folder, log, signal)
  if (present !== undefined) return present

  const compiler = await findCompiler()
  const staged = await StagedFolder.create(folder)
  try {
    const source = await addonSourceCode(staged.path, signal)
    const store = new WheelStore({
      folder: join(engines, '.downloads'),
      index,
      machine,
      log,
      progress,
      signal,
    })
    // Linux on arm64 has one package, without CUDA.
    const packageName = gpu || machine !== 'x86_64' ? 'tensorflow' : 'tensorflow-cpu'
    const [wheel] = await store.bring([{ packageName, versions: `==${tensorflow}` }])
    const files = await unpackWheel(wheel!.path, staged.path, isNeeded, signal)
    requireLibraries(files, wheel!.fileName)
    const requirements = gpu ? requirementsOf(staged.path, files, wheel!.fileName) : []
    const cudaWheels = await store.bring(requirements)
    for (const { path } of cudaWheels) await unpackBesideTensorFlow(path, staged.path, signal)

    log.info(`compiling ${source.name} with ${compiler}`)
    const headers = join(staged.path, HEADERS)
    await compileAddon(
      { compiler, source: source.folder, headers, folder: staged.path, file: ADDON_FILE },
      signal,
    )
    const trial = await tryAddon(join(staged.path, ADDON_FILE), signal)
    const used = files.filter((path) => path.endsWith(METADATA)).map(dirname)
    for (const path of [HEADERS, PACKAGE_FOLDER, ...used]) await removeTree(join(staged.path, path))
    const cuda = cudaWheels.find(({ fileName }) => fileName.startsWith('nvidia_cuda_runtime'))?.version
    const wheels = Object.fromEntries(
      [wheel!, ...cudaWheels].map(({ fileName, sha256 }) => [fileName, sha256]),
    )
    const description = { tensorflow: trial.version, gpu, wheels, addon: source.name }
    await writeFileAtomically(
      ...engineDescriptionFile(staged.path, cuda === undefined ? description : { ...description, cuda }),
    )
    await staged.publish()
    await store.remove()
    return { ...trial, folder, cuda, built: true }
  } catch (error) {
    await staged.discard()
    throw error
  }
}

async function presentEngine(
  folder: string,
  log: Log,
  signal: AbortSignal | undefined,
): Promise<InstalledTensorFlow | undefined> {
  const description = readEngineDescription(folder)
  if (description === undefined) return undefined
  try {
    const trial = await tryAddon(join(folder, ADDON_FILE), signal)
    return { ...trial, folder, cuda: description.cuda, built: false }
  } catch (error) {
    signal?.throwIfAborted()
    log.warn(`${(error as Error).message}; it is built anew`)
    return undefined
  }
}

const LIBRARIES = ['tensorflow/libtensorflow_cc.so.2', 'tensorflow/libtensorflow_framework.so.2']
const HEADERS = 'tensorflow/include'
const METADATA = '.dist-info/METADATA'

/** The libraries, the C headers with what they include, and what the wheel says of others that it needs. */
function isNeeded(path: string): boolean {
  const header =
    /^tensorflow\/include\/(tensorflow\/c\/|xla\/tsl\/c\/|tensorflow\/tsl\/|(tensorflow\/core|tsl)\/platform\/ctstring)/
  return LIBRARIES.includes(path) || header.test(path) || path.endsWith(METADATA)
}

function requireLibraries(files: readonly string[], wheel: string): void {
  const missing = LIBRARIES.find((path) => !files.includes(path))
  if (missing === undefined) return
  throw new FacedataError(`${wheel} holds no ${missing}: wheels of TensorFlow 2.12 and later do`)
}

function requirementsOf(folder: string, files: readonly string[], wheel: string) {
  const metadata = files.find((path) => path.endsWith(METADATA))
  const found = metadata === undefined ? [] : cudaRequirements(readFileSync(join(folder, metadata), 'utf8'))
  if (found.length > 0) return found
  throw new FacedataError(
    `${wheel} does not say which NVIDIA packages it needs: wheels of TensorFlow 2.14 and later do`,
  )
}

/**
 * NVIDIA's libraries under their own paths, which some builds of TensorFlow look at, and a link to each beside
 * TensorFlow's, where every build looks.
 */
async function unpackBesideTensorFlow(
  wheel: string,
  folder: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const libraries = await unpackWheel(
    wheel,
    folder,
    (path) => /^nvidia\/[^/]+\/lib\/[^/]+\.so[^/]*$/.test(path),
    signal,
  )
  for (const library of libraries) {
    const beside = join(folder, 'tensorflow')
    await symlink(relative(beside, join(folder, library)), join(beside, basename(library)))
  }
}
