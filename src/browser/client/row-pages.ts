/** Rows that are asked for together. */
const PAGE_ROWS = 120

/** Pages of rows that stay in memory. */
const KEPT_PAGES = 60

/** Requests at a time: those for what is scrolled past are not sent. */
const REQUESTS_AT_ONCE = 3

export interface LoadedRows<Row> {
  total: number
  rows: Row[]
}

/** Rows of a long list, loaded where they are looked at. */
export class RowPages<Row> {
  readonly #load: (from: number, count: number, signal: AbortSignal) => Promise<LoadedRows<Row>>
  readonly #loaded: (first: boolean) => void
  readonly #failed: (error: unknown) => void
  readonly #pages = new Map<number, Row[]>()
  readonly #loading = new Set<number>()
  readonly #stop = new AbortController()
  /** Pages that the last look needs. */
  #wanted: number[] = []
  #total: number | undefined

  /** @param loaded is told of each page, and whether it is the first: the total is known from then on */
  constructor(
    load: (from: number, count: number, signal: AbortSignal) => Promise<LoadedRows<Row>>,
    loaded: (first: boolean) => void,
    failed: (error: unknown) => void,
  ) {
    this.#load = load
    this.#loaded = loaded
    this.#failed = failed
  }

  /** Undefined until the first page is there. */
  get total(): number | undefined {
    return this.#total
  }

  /** Undefined where it is not loaded. */
  at(index: number): Row | undefined {
    return this.#pages.get(Math.floor(index / PAGE_ROWS))?.[index % PAGE_ROWS]
  }

  /** Loads the rows between two indices; what was wanted before, and is not asked for yet, is not any more. */
  want(from: number, end: number): void {
    this.#wanted = []
    for (let page = Math.floor(from / PAGE_ROWS); page * PAGE_ROWS < end; page++) {
      const known = this.#pages.get(page)
      if (known === undefined) this.#wanted.push(page)
      else {
        this.#pages.delete(page)
        this.#pages.set(page, known)
      }
    }
    this.#next()
  }

  close(): void {
    this.#stop.abort()
  }

  #next(): void {
    for (const page of this.#wanted) {
      if (this.#loading.size >= REQUESTS_AT_ONCE) return
      if (!this.#loading.has(page) && !this.#pages.has(page)) void this.#loadPage(page)
    }
  }

  async #loadPage(page: number): Promise<void> {
    this.#loading.add(page)
    try {
      const { total, rows } = await this.#load(page * PAGE_ROWS, PAGE_ROWS, this.#stop.signal)
      if (this.#stop.signal.aborted) return
      const first = this.#total === undefined
      this.#total = total
      this.#pages.set(page, rows)
      if (this.#pages.size > KEPT_PAGES) this.#pages.delete(this.#pages.keys().next().value!)
      this.#loaded(first)
    } catch (error) {
      this.#wanted = []
      this.#failed(error)
    } finally {
      this.#loading.delete(page)
      this.#next()
    }
  }
}
