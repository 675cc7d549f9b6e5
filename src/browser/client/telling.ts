import { byId } from './element.js'

/** Tells those who listen to the page and do not see it. */
export function tell(text: string): void {
  byId('status').textContent = text
}

/** Shows what went wrong, until `calm`. */
export function alarm(error: unknown): void {
  if ((error as Error).name === 'AbortError') return
  const place = byId('alert')
  place.textContent = (error as Error).message
  place.hidden = false
}

export function calm(): void {
  const place = byId('alert')
  place.textContent = ''
  place.hidden = true
}
