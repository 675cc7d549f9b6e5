/** Where bytes go: a file, or one that hashes on the way. Takes no memory of the pieces once settled. */
export interface ByteSink {
  write(...pieces: Uint8Array[]): Promise<void>
}
