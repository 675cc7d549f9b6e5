import type { Failure } from '../api.js'

/** Asks the server. @param path from the folder of this page: its name is another one at each start @throws Error in words that a person can use */
export function get<Found>(path: string, signal?: AbortSignal): Promise<Found> {
  return ask(path, { ...(signal !== undefined && { signal }) })
}

/** @throws Error as `get` */
export function post<Found>(path: string, body: unknown): Promise<Found> {
  return ask(path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  })
}

async function ask<Found>(path: string, request: RequestInit): Promise<Found> {
  let response: Response
  try {
    response = await fetch(path, request)
  } catch (error) {
    if ((error as Error).name === 'AbortError') throw error
    throw new Error(
      'facedata browse does not answer any more. Start it again, and open the address that it prints.',
      { cause: error },
    )
  }
  if (response.status === 401) {
    throw new Error(
      'These pages are of an earlier start of facedata browse. Open the address that it printed last.',
    )
  }
  const type = response.headers.get('Content-Type') ?? ''
  if (!type.startsWith('application/json'))
    throw new Error((await response.text()).trim() || response.statusText)
  const found = (await response.json()) as Found | Failure
  if (!response.ok) throw new Error((found as Failure).error)
  return found as Found
}
