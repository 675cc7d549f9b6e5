/** What the addon of tfjs-node offers that facedata uses: tensors by number, and sessions on SavedModels. */
export interface TensorflowBinding {
  /** Takes elements in row-major order; the number of the tensor, which must be deleted. */
  createTensor(shape: number[], type: number, data: Float32Array | Int32Array | Uint8Array): number
  deleteTensor(tensor: number): void
  /** A copy. */
  tensorDataSync(tensor: number): Float32Array | Int32Array | Uint8Array
  /** A session on a folder's graph; `tags` are joined by commas. */
  loadSavedModel(folder: string, tags: string): number
  deleteSavedModel(session: number): void
  /** Feeds and fetches `node:output`, names joined by commas. Blocks until it is done. */
  runSavedModel(
    session: number,
    inputs: number[],
    inputNames: string,
    outputNames: string,
  ): { id: number; shape: number[]; dtype: number }[]
}
