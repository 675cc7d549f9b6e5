/**
 * An image that shows one photo after another. Without a source, browsers make another kind of box of it, and lay that
 * out; so an image that is not to be seen any more keeps its source, and is only moved out of its frame.
 */
export class Picture {
  readonly element: HTMLImageElement
  /** What is to be seen, and what the element was given last. */
  #wanted: string | undefined
  #given: string | undefined

  /** @param alt empty where the text beside it tells what it shows */
  constructor(alt = '') {
    this.element = document.createElement('img')
    this.element.className = 'blank'
    this.element.alt = alt
    this.element.decoding = 'async'
    this.element.draggable = false
    this.element.addEventListener('load', () => this.#loaded())
    this.element.addEventListener('error', () => this.#failed())
  }

  show(source: string): void {
    if (this.#wanted === source) return
    this.clear()
    this.#wanted = source
    if (this.#given !== source) {
      this.#given = source
      this.element.src = source
    } else if (this.element.complete) this.#loaded()
  }

  clear(): void {
    if (this.#wanted === undefined) return
    this.#wanted = undefined
    this.element.classList.add('blank')
    this.element.parentElement?.classList.remove('damaged')
  }

  #loaded(): void {
    if (this.#wanted === this.#given) this.element.classList.remove('blank')
  }

  /** Where it cannot be decoded, what it stands in says so by its class. */
  #failed(): void {
    this.#given = undefined
    if (this.#wanted !== undefined) this.element.parentElement?.classList.add('damaged')
  }
}

export function thumbnail(dataset: number, position: number): string {
  return `thumbnails/${dataset}/${position}`
}

/** Photos side by side. @param positions -1 leaves a cell empty @param side of each, pixels of the screen */
export function strip(dataset: number, positions: readonly number[], side: number): string {
  return `strips/${dataset}?side=${side}&at=${positions.join(',')}`
}

export function photo(dataset: number, position: number): string {
  return `photos/${dataset}/${position}`
}
