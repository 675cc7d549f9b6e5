/**
 * What the promises come to, once all of them have ended: unlike `Promise.all`, nothing goes on behind an error, so that
 * files may then be closed and removed. @throws the first error
 */
export async function allEnded<Results extends readonly unknown[]>(
  promises: readonly [...{ [I in keyof Results]: Promise<Results[I]> }],
): Promise<Results> {
  await Promise.allSettled(promises)
  return (await Promise.all(promises)) as unknown as Results
}
