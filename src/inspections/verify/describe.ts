import type { DatasetVerification } from './verification.js'

/** The lines of a verification for the console; the faults have been printed before. */
export function describeVerification(found: DatasetVerification): string[] {
  const decoded = found.decoded === undefined ? '' : `, ${number(found.decoded)} decoded`
  const kinds = Object.entries(found.faultsByKind).map(([kind, count]) => `${kind} ${number(count)}`)
  return [
    `${found.name}: ${number(found.images)} images of ${number(found.identities)} identities in ${number(found.records)} records, ${number(found.bytes)} bytes${decoded}`,
    ...found.notChecked.map((reason) => `  not checked: ${reason}`),
    found.faultCount === 0
      ? '  no faults'
      : `  ${number(found.faultCount)} ${found.faultCount === 1 ? 'fault' : 'faults'}: ${kinds.join(', ')}`,
    ...(found.faultsByKind.index === undefined && found.faultsByKind.structure === undefined
      ? []
      : ['  facedata reindex makes an index of all records that can be read']),
  ]
}

function number(value: number): string {
  return value.toLocaleString('en-US')
}
