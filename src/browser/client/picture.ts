/** Shows an image of a dataset, or nothing yet; where it cannot be decoded, the tile says so by its class. */
export function showPicture(picture: HTMLImageElement, source: string | undefined): void {
  if (picture.getAttribute('src') === (source ?? null)) return
  picture.parentElement?.classList.remove('damaged')
  if (source === undefined) picture.removeAttribute('src')
  else picture.src = source
}

/** An image that is filled by `showPicture`; what it shows is told by the text beside it. */
export function makePicture(): HTMLImageElement {
  const picture = document.createElement('img')
  picture.alt = ''
  picture.decoding = 'async'
  picture.draggable = false
  picture.addEventListener('error', () => picture.parentElement?.classList.add('damaged'))
  return picture
}

export function thumbnail(dataset: number, position: number): string {
  return `/thumbnails/${dataset}/${position}`
}

export function photo(dataset: number, position: number): string {
  return `/photos/${dataset}/${position}`
}
