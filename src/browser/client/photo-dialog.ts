import type { PhotoRow } from '../api.js'
import { fieldList } from './dataset-notes.js'
import { element } from './element.js'
import { photoName } from './photo-tile.js'
import { photo } from './picture.js'
import { count, measure } from './words.js'

/** One photo, large, with all that is known of it. Arrow keys go to the next one; Escape closes. */
export class PhotoDialog {
  readonly element: HTMLDialogElement
  readonly #dataset: number
  readonly #step: (by: number) => void

  /** @param step is asked for the photo before (-1) or behind (1) */
  constructor(dataset: number, step: (by: number) => void) {
    this.#dataset = dataset
    this.#step = step
    this.element = element('dialog', {
      class: 'photo-dialog',
      'aria-label': 'Photo',
      onkeydown: (event) => this.#key(event as KeyboardEvent),
      onclick: (event) => {
        if (event.target === this.element) this.element.close()
      },
    })
  }

  show(row: PhotoRow, index: number, total: number): void {
    const name = photoName(row)
    const step = (by: number, text: string, disabled: boolean) =>
      element('button', { type: 'button', disabled, onclick: () => this.#step(by) }, text)
    const picture = element('img', { src: photo(this.#dataset, row.position), alt: name })
    const frame = element('div', { class: 'frame' }, picture)
    picture.addEventListener('error', () => frame.classList.add('damaged'))
    this.element.replaceChildren(
      element(
        'div',
        { class: 'sheet' },
        frame,
        element(
          'div',
          { class: 'about' },
          element('h2', {}, name),
          ...(row.fault === undefined ? [] : [element('p', { class: 'notice' }, row.fault)]),
          ...row.findings.map(({ rule, value, also }) =>
            element(
              'p',
              { class: 'finding' },
              element('b', {}, rule),
              value === undefined ? '' : ` ${value}`,
              also === undefined ? '' : `; ${also}`,
            ),
          ),
          fieldList(fieldsOf(row)),
        ),
        element(
          'div',
          { class: 'steps' },
          step(-1, 'Previous', index === 0),
          element('span', {}, `${count(index + 1)} of ${count(total)}`),
          step(1, 'Next', index === total - 1),
          element('button', { type: 'button', class: 'last', onclick: () => this.element.close() }, 'Close'),
        ),
      ),
    )
    if (!this.element.open) this.element.showModal()
  }

  #key(event: KeyboardEvent): void {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key]
    if (by === undefined) return
    event.preventDefault()
    this.#step(by)
  }
}

function fieldsOf(row: PhotoRow): [string, Node | string][] {
  const { key, label, source, path, format, width, height, bytes, offset, length, xxh64, similarity } = row
  const code = (text: string) => element('code', {}, text)
  return [
    ['Key', String(key)],
    ['Label', String(label)],
    ...(source === undefined ? [] : [['Source', source] as [string, string]]),
    ...(path === undefined ? [] : [['Path', code(path)] as [string, Node]]),
    ...(format === undefined ? [] : [['Image', `${format}, ${width}×${height}`] as [string, string]]),
    ...(bytes === undefined ? [] : [['File', `${count(bytes)} bytes`] as [string, string]]),
    ['Record', `${count(length)} bytes at offset ${count(offset)}`],
    ...(xxh64 === undefined ? [] : [['xxHash64', code(xxh64)] as [string, Node]]),
    ...(similarity === undefined
      ? []
      : [['Likeness', `${measure(similarity)} to the centre of this person`] as [string, string]]),
  ]
}
