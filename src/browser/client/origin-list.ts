import type { Origin } from '../api.js'
import { element } from './element.js'

/** Where images came from, each source with what it was made from. */
export function originList(origins: Origin[]): HTMLElement {
  return element(
    'ul',
    { class: 'origins' },
    ...origins.map((origin) => element('li', {}, ...originOf(origin))),
  )
}

export function originOf({ kind, name, licence, origin, sources = [] }: Origin): (Node | string)[] {
  const terms = [licence && `licence: ${licence}`, origin && `origin: ${origin}`].filter((term) => !!term)
  return [
    `${kind} `,
    element('b', {}, name),
    ...(terms.length > 0 ? [` (${terms.join(', ')})`] : []),
    ...(sources.length > 0 ? [originList(sources)] : []),
  ]
}
