import { FacedataError } from '../../../errors/index.js'
import { compareVersions, releaseNumbers } from '../addon/version.js'
import type { ListedWheel } from './wheel-listing.js'

/** A package and the versions of it that will do: the clauses of PEP 440 with `==`, `!=`, `<`, `<=`, `>` and `>=`. */
export interface Requirement {
  packageName: string
  /** `>=12.5.3.2,<13.0`; empty for any. */
  versions: string
}

export interface ChosenWheel extends ListedWheel {
  version: string
}

/**
 * The newest release that meets the requirement and is made for Linux on this processor. Which Python it is for does
 * not matter: none of it is used.
 * @param machine as in names of wheels: `x86_64`, `aarch64`
 * @throws FacedataError that lists what there is
 */
export function chooseWheel(
  wheels: readonly ListedWheel[],
  { packageName, versions }: Requirement,
  machine: string,
): ChosenWheel {
  const fitting = wheels
    .flatMap((wheel) => {
      // NAME-VERSION(-BUILD)?-PYTHON-ABI-PLATFORM.whl; the platform can be several, joined by dots.
      const parts = wheel.fileName.slice(0, -'.whl'.length).split('-')
      const platforms = parts.at(-1)!.split('.')
      const runs = platforms.some(
        (platform) => /^(manylinux|linux)/.test(platform) && platform.endsWith(machine),
      )
      return runs ? [{ ...wheel, version: parts[1]! }] : []
    })
    .filter(({ version }) => releaseNumbers(version) !== undefined)
  const chosen = fitting
    .filter(({ version }) => meets(version, versions))
    .sort((a, b) => compareVersions(b.version, a.version) || (a.fileName < b.fileName ? -1 : 1))[0]
  if (chosen !== undefined) return chosen
  const known = [...new Set(fitting.map(({ version }) => version))].sort((a, b) => compareVersions(b, a))
  throw new FacedataError(
    `the index has no wheel of ${packageName} ${versions || '(any version)'} for Linux on ${machine}; ` +
      (known.length === 0 ? 'it has none for it at all' : `it has ${known.slice(0, 8).join(', ')}`),
  )
}

function meets(version: string, clauses: string): boolean {
  return clauses
    .split(',')
    .filter((clause) => clause.trim() !== '')
    .every((clause) => {
      const [, operator, bound] = /^\s*(==|!=|<=|>=|<|>)\s*([0-9.]+)\s*$/.exec(clause) ?? []
      // A clause of another form, such as `~=`, is in none of the wheels that are read here.
      if (operator === undefined) return false
      const order = compareVersions(version, bound!)
      if (operator === '==') return order === 0
      if (operator === '!=') return order !== 0
      if (operator === '<') return order < 0
      if (operator === '<=') return order <= 0
      return operator === '>' ? order > 0 : order >= 0
    })
}

/** Programs and no library, which XLA alone calls. */
const COMPILER = /^nvidia-cuda-nvcc/

/** The NVIDIA packages whose libraries a TensorFlow wheel asks for with CUDA, from its METADATA. */
export function cudaRequirements(metadata: string): Requirement[] {
  return [...metadata.matchAll(/^Requires-Dist:\s*(nvidia-[a-z0-9-]+)\s*\(?([^;)\n]*)\)?\s*;(.*)$/gm)]
    .filter(([, , , marker]) => /extra\s*==\s*["']and-cuda["']/.test(marker!))
    .map(([, packageName, versions]) => ({ packageName: packageName!, versions: versions!.trim() }))
    .filter(({ packageName }) => !COMPILER.test(packageName))
}
