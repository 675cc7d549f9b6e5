import { element } from './element.js'

/** What stands below the picture of a tile: a name and a note, each on a line, in one text: nodes cost time. */
export class TileText {
  readonly element: HTMLElement
  readonly #text = document.createTextNode('')

  constructor() {
    this.element = element('span', { class: 'text' }, this.#text)
  }

  show(name = '', note = ''): void {
    this.#text.data = `${name.replace(/\s+/g, ' ')}\n${note}`
  }
}
