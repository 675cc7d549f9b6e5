import type { DifferenceCounts, IdentityChange, ImageChange } from './difference.js'

/** How much differs, for the console. */
export function describeCounts({ from, to, identities, images }: DifferenceCounts): string[] {
  return [
    `${from.name} → ${to.name}`,
    `  identities: ${number(identities.added)} added, ${number(identities.removed)} removed, ${number(identities.kept)} kept, ${number(identities.relabelled)} of them with another label`,
    `  images: ${number(images.added)} added, ${number(images.removed)} removed, ${number(images.moved)} moved, ${number(images.changed)} changed, ${number(images.unchanged)} unchanged`,
  ]
}

export function describeIdentityChange({ kind, name, fromLabel, toLabel }: IdentityChange): string {
  const labels = kind === 'relabelled' ? `: label ${fromLabel} → ${toLabel}` : ''
  return `identity ${kind}: ${name}${labels}`
}

export function describeImageChange({ kind, identity, toIdentity, path, key }: ImageChange): string {
  const name = toIdentity === undefined ? identity : `${identity} → ${toIdentity}`
  return `image ${kind}: ${name}: ${path === '' ? `record ${key}` : path}`
}

function number(value: number): string {
  return value.toLocaleString('en-US')
}
