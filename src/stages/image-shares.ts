/** Images of one of several inputs: those at the positions `[first, end)`, in file order. */
export interface ImageShare {
  input: number
  first: number
  end: number
}

/**
 * Cuts the images of all inputs, one input after the other, into as many shards, of the same number of images but for
 * one; fewer where there are fewer images. A shard may end one input and begin the next.
 */
export function cutImages(counts: number[], wished: number): ImageShare[][] {
  const total = counts.reduce((sum, count) => sum + count, 0)
  const shards = Math.max(1, Math.min(wished, total))
  return Array.from({ length: shards }, (_, shard) => {
    const [first, end] = [0, 1].map((step) => Math.floor((total * (shard + step)) / shards)) as [
      number,
      number,
    ]
    const shares: ImageShare[] = []
    let before = 0
    for (const [input, count] of counts.entries()) {
      const share = { input, first: Math.max(0, first - before), end: Math.min(count, end - before) }
      if (share.first < share.end) shares.push(share)
      before += count
    }
    return shares
  })
}
