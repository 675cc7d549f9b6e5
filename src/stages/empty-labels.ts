/** A label that no image has: its people left, and `--labels-from` keeps it for them. */
export interface EmptyLabel {
  label: number
  /** Missing where the earlier dataset has no name for it. */
  name?: string
}

/** Names shown in one line. */
const NAMES_SHOWN = 10

/** One line for a person. */
export function describeEmpty(empty: EmptyLabel[]): string {
  const labels = empty.map(({ label, name }) => (name === undefined ? `${label}` : `${label} (${name})`))
  const count = empty.length.toLocaleString('en-US')
  const all = empty.length > NAMES_SHOWN ? '. All of them: rows of identities.arrow with 0 records' : ''
  return `${count} ${empty.length === 1 ? 'label stays' : 'labels stay'} empty: ${someOf(labels)}${all}`
}

/** The first of some names, and how many more there are. */
export function someOf(names: string[]): string {
  const more = names.length > NAMES_SHOWN ? `, and ${names.length - NAMES_SHOWN} more` : ''
  return `${names.slice(0, NAMES_SHOWN).join(', ')}${more}`
}
