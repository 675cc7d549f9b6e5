import type { CleanItem, MatchItem, PhotoRow, ReviewSide } from '../api.js'
import { fieldList } from './dataset-notes.js'
import { element } from './element.js'
import { photoName } from './photo-tile.js'
import { Picture, photo, thumbnail } from './picture.js'
import { addressOf } from './route.js'
import { count, counted, measure, nameOf } from './words.js'

/** Two people side by side. */
export function matchCase({ sides, score, reason, suggested }: MatchItem): HTMLElement {
  const [a, b] = sides
  const facts = [
    ...(score === undefined ? [] : [`${measure(score)} alike`]),
    ...(reason === '' ? [] : [reason]),
    ...(suggested === '' ? [] : [`the dry run would ${suggested}`]),
  ]
  return element(
    'div',
    { class: 'pair' },
    personSide(a, 'First'),
    personSide(b, 'Second'),
    element('p', { class: 'facts' }, facts.join(' · ')),
  )
}

/** A photo that rules found, beside what it is like, or beside the others of its person. */
export function cleanCase(item: CleanItem): HTMLElement {
  const { photo: found, person, like, dataset, rule, value, threshold, also } = item
  const measured = value === '' ? '' : ` ${value}${threshold === '' ? '' : ` (threshold ${threshold})`}`
  return element(
    'div',
    { class: 'pair' },
    element(
      'section',
      { class: 'side', 'aria-label': 'Photo' },
      element('h2', {}, photoName(found)),
      large(dataset, found),
      photoFields(found),
    ),
    like === undefined
      ? personSide(person, 'Person')
      : element(
          'section',
          { class: 'side', 'aria-label': 'The image that it is compared with' },
          element('h2', {}, photoName(like.photo)),
          large(dataset, like.photo),
          fieldList([
            ['Person', like.name ?? `label ${like.photo.label}`],
            ['Key', String(like.photo.key)],
          ]),
        ),
    element('p', { class: 'facts' }, element('b', {}, rule), measured, also === '' ? '' : ` · ${also}`),
    ...(like === undefined ? [] : [personSide(person, 'Person')]),
  )
}

function personSide(side: ReviewSide, what: string): HTMLElement {
  const { dataset, datasetName, label, images, photos } = side
  const address = addressOf({ page: 'person', dataset, label, sort: 'file' })
  return element(
    'section',
    { class: 'side', 'aria-label': what },
    element('h2', {}, element('a', { href: address }, nameOf(side))),
    element('p', { class: 'found' }, `${datasetName} · label ${label} · ${counted(images, 'photo')}`),
    element('div', { class: 'faces' }, ...photos.map((position) => face(dataset, position, nameOf(side)))),
    photos.length < images
      ? element('p', { class: 'found' }, `${count(photos.length)} of ${count(images)} are shown`)
      : undefined,
  )
}

function face(dataset: number, position: number, name: string): HTMLElement {
  const picture = new Picture(`Photo of ${name}`)
  const frame = element('div', { class: 'face' }, picture.element)
  picture.show(thumbnail(dataset, position))
  return frame
}

function large(dataset: number, row: PhotoRow): HTMLElement {
  const picture = new Picture(photoName(row))
  const frame = element('div', { class: 'face large' }, picture.element)
  picture.show(photo(dataset, row.position))
  return frame
}

function photoFields({ key, path, fault, width, height, bytes }: PhotoRow): HTMLElement {
  return fieldList([
    ['Key', String(key)],
    ...(path === undefined ? [] : [['Path', element('code', {}, path)] as [string, Node]]),
    ...(width === undefined || bytes === undefined
      ? []
      : [['Image', `${width}×${height}, ${count(bytes)} bytes`] as [string, string]]),
    ...(fault === undefined ? [] : [['Fault', fault] as [string, string]]),
  ])
}
