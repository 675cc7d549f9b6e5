import type { DatasetOverview } from '../api.js'
import { element } from './element.js'
import { originList } from './origin-list.js'
import { count, counted } from './words.js'

/** What a dataset holds, in one line. */
export function datasetLine({ images, identities, width, height, emptyIdentities }: DatasetOverview): string {
  return [
    `${counted(images, 'photo')} of ${counted(identities, 'person', 'people')}`,
    ...(width > 0 ? [`${width}×${height}`] : []),
    ...(emptyIdentities > 0 ? [`${count(emptyIdentities)} without photos`] : []),
  ].join(' · ')
}

/** Where it lies, what it was made from, and what cannot be had of it; closed until it is asked for. */
export function datasetNotes({
  folder,
  dialect,
  madeBy,
  sources,
  notices,
  missingSorts,
}: DatasetOverview): HTMLElement {
  const rows: [string, Node | string][] = [
    ['Folder', element('code', {}, folder)],
    ['Layout', dialect],
    ...(madeBy === undefined ? [] : [['Made by', madeBy] as [string, string]]),
    ...(sources.length === 0 ? [] : [['Sources', originList(sources)] as [string, Node]]),
    ...missingSorts.map(({ sort, why }): [string, string] => [`Order by ${sort}`, why]),
  ]
  return element(
    'details',
    { class: 'notes' },
    element('summary', {}, 'About this dataset'),
    ...notices.map((notice) => element('p', { class: 'notice' }, notice)),
    fieldList(rows),
  )
}

export function fieldList(rows: [string, Node | string][]): HTMLElement {
  return element(
    'dl',
    { class: 'fields' },
    ...rows.flatMap(([term, value]) => [element('dt', {}, term), element('dd', {}, value)]),
  )
}
