/** A change that facedata made to a file system, in the order in which it was asked for. */
export type WriteEvent =
  | { kind: 'create'; path: string }
  | { kind: 'write'; path: string; offset: number; bytes: Uint8Array }
  | { kind: 'sync'; path: string }
  | { kind: 'rename'; path: string; to: string }
  | { kind: 'hard-link'; path: string; to: string }
  | { kind: 'link'; path: string; target: string }
  | { kind: 'directory'; path: string }
  | { kind: 'remove'; path: string }
  | { kind: 'remove-empty'; path: string }
  | { kind: 'sync-directory'; path: string }

type WriteListener = (event: WriteEvent) => void

const listeners = new Set<WriteListener>()

/**
 * Calls `listener` for every write, fsync and rename of this thread, before it is done, so that a test can rebuild
 * the state of the disk after a crash at any point. Returns a function that stops it.
 */
export function observeWrites(listener: WriteListener): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export function announceWrite(event: WriteEvent): void {
  for (const listener of listeners) listener(event)
}
