/** An item, and the way to the one after it. */
export interface Followed<Item> {
  item: Item
  /** Asks for the next item while this one is in use, and shows it to `look` as soon as it is there, before its turn. */
  whenNext(look: (next: Item) => void): void
}

/** The items in order. What goes wrong with one is thrown in its turn, also where it was asked for before. */
export async function* lookAhead<Item>(items: AsyncIterable<Item>): AsyncGenerator<Followed<Item>> {
  const iterator = items[Symbol.asyncIterator]()
  try {
    let due = await iterator.next()
    while (!due.done) {
      let asked: Promise<IteratorResult<Item>> | undefined
      yield {
        item: due.value,
        whenNext(look) {
          asked = iterator.next().then((result) => {
            if (!result.done) look(result.value)
            return result
          })
          // Until its turn a failure must not count as unhandled.
          asked.catch(() => {})
        },
      }
      due = await (asked ?? iterator.next())
    }
  } finally {
    await iterator.return?.()
  }
}
