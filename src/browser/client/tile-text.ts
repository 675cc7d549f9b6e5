import { element } from './element.js'

/** What stands below the picture of a tile: a name and a note, each on a line, in one text: nodes cost time. */
export class TileText<Name extends 'a' | 'span'> {
  readonly element: HTMLElementTagNameMap[Name]
  readonly #text = document.createTextNode('')

  /** @param name of the element: a link reaches over the whole tile */
  constructor(name: Name) {
    this.element = element(name, { class: 'text' }, this.#text)
  }

  show(name = '', note = ''): void {
    this.#text.data = `${name.replace(/\s+/g, ' ')}\n${note}`
  }
}
