import { existsSync, readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { ADDON_FILE, readEngineDescription } from './engine-description.js'
import { enginesFolder } from './engines-folder.js'
import { compareVersions } from './version.js'

/** What `facedata engine install tensorflow` built, or a package of npm. */
export type AddonSource = 'installed engine' | '@tensorflow/tfjs-node-gpu' | '@tensorflow/tfjs-node'

/** A native addon that lies on this machine; nothing says yet that it loads. */
export interface AddonCandidate {
  source: AddonSource
  /** Of the addon. */
  path: string
  /** Of the CUDA that it was made for; undefined where it has none or nothing tells. */
  cuda?: string
}

/** The CUDA for which the download of tfjs-node-gpu 4.22, TensorFlow 2.9.1, is made. */
const PACKAGE_CUDA = '11.2'

/** The best first: installed engines, with CUDA and newer ones before others, then the packages. */
export function addonCandidates(folder = enginesFolder()): AddonCandidate[] {
  const gpu = packagedAddon('@tensorflow/tfjs-node-gpu')
  const cpu = packagedAddon('@tensorflow/tfjs-node')
  return [
    ...installedEngines(folder),
    ...(gpu === undefined ? [] : [{ ...gpu, cuda: PACKAGE_CUDA }]),
    ...(cpu === undefined ? [] : [cpu]),
  ]
}

function installedEngines(folder: string): AddonCandidate[] {
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.startsWith('tensorflow-')) : []
  return names
    .flatMap((name) => {
      const description = readEngineDescription(join(folder, name))
      return description === undefined ? [] : [{ description, path: join(folder, name, ADDON_FILE) }]
    })
    .sort(
      (a, b) =>
        Number(b.description.gpu) - Number(a.description.gpu) ||
        compareVersions(b.description.tensorflow, a.description.tensorflow),
    )
    .map(({ description: { cuda }, path }) => ({
      source: 'installed engine',
      path,
      ...(cuda === undefined ? {} : { cuda }),
    }))
}

/** The addon of a package whose install script could fetch or build it. */
function packagedAddon(
  source: '@tensorflow/tfjs-node-gpu' | '@tensorflow/tfjs-node',
): AddonCandidate | undefined {
  const library = packageFolder(source)
  if (library === undefined) return undefined
  for (let napi = Number(process.versions.napi); napi > 0; napi--) {
    const path = join(library, 'lib', `napi-v${napi}`, ADDON_FILE)
    if (existsSync(path)) return { source, path }
  }
  return undefined
}

/** undefined where the package is not installed. */
export function packageFolder(name: string): string | undefined {
  try {
    return dirname(createRequire(import.meta.url).resolve(`${name}/package.json`))
  } catch {
    return undefined
  }
}
