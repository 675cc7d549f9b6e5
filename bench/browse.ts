/**
 * The pages of `facedata browse` with many people, in Debian's Chromium:
 * `npm run bench:browse -- [--people 100000] [--images 10] [--folder DIR] [--flags='--disable-gpu']`
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { chromium, type Page } from 'playwright-core'
import { startBrowse } from './browse/browse-process.js'
import { writeCrowd } from './browse/crowd.js'
import { mainThreadTasks, type Task } from './browse/main-thread.js'
import { type Scrolling, scrollThrough } from './browse/scrolling.js'

const ROUNDS = 5

const SCROLLS = 3

const LONG_MS = 50

/** Runs in the page: settled once a face of the grid is there. */
const FACE_SHOWN = `new Promise((done) => {
  function look() {
    const faces = [...document.querySelectorAll('.strip')]
    if (faces.some((face) => face.complete && face.naturalWidth > 0)) done()
    else requestAnimationFrame(look)
  }
  look()
})`

const { values } = parseArgs({
  options: {
    people: { type: 'string', default: '100000' },
    images: { type: 'string', default: '10' },
    folder: { type: 'string', default: tmpdir() },
    executable: { type: 'string', default: '/usr/bin/chromium' },
    flags: { type: 'string', default: '' },
  },
})

const folder = await mkdtemp(join(values.folder, 'facedata-browse-'))
try {
  const dataset = join(folder, 'crowd')
  await writeCrowd(dataset, Number(values.people), Number(values.images))
  const server = await startBrowse(dataset)
  const flags = values.flags.split(' ').filter((flag) => flag !== '')
  const browser = await chromium.launch({
    executablePath: values.executable,
    args: ['--no-sandbox', ...flags],
  })
  try {
    const started = await server.memory()
    const paints: Paints[] = []
    for (let round = 0; round < ROUNDS; round++) {
      const page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
      await page.goto(server.url)
      paints.push(await paintsOf(page))
      await page.close()
    }
    const opened = async () => {
      const page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
      await page.goto(server.url)
      await paintsOf(page)
      return page
    }
    const scrolls: Scrolling[] = []
    for (let round = 0; round < SCROLLS; round++) {
      const page = await opened()
      scrolls.push(await scrollThrough(page))
      await page.close()
    }
    // Once more, since tracing takes time itself.
    const traced = await opened()
    const tasks = await mainThreadTasks(browser, () => scrollThrough(traced))
    const { now, most } = await server.memory()
    const median = (of: (paint: Paints) => number) => paints.map(of).sort((a, b) => a - b)[ROUNDS >> 1]!
    const worst = (of: (scroll: Scrolling) => number) => Math.max(...scrolls.map(of)).toFixed(1)
    const megabytes = (bytes: number) => `${Math.round(bytes / 1e6)} MB`
    const rows: [string, string][] = [
      ['people, images', `${values.people}, ${Number(values.people) * Number(values.images)}`],
      ['start of the server', `${server.seconds.toFixed(2)} s`],
      ['first paint, median of 5', `${median(({ first }) => first).toFixed(0)} ms`],
      ['first faces, median of 5', `${median(({ faces }) => faces).toFixed(0)} ms`],
      [
        'tasks of 50 ms or more, in each of 3 scrolls',
        scrolls
          .map(
            (one) =>
              `${one.longTasks}${one.longTasks > 0 ? ` (longest ${one.longestTask.toFixed(0)} ms)` : ''}`,
          )
          .join(', '),
      ],
      ['the same by processor time, in a scroll under a trace', longestOf(tasks)],
      ['nodes in the document, at most', String(Math.max(...scrolls.map(({ nodes }) => nodes)))],
      [
        'frames while scrolling, median and 99 % below, the worst of 3',
        `${worst(({ medianFrame }) => medianFrame)} ms, ${worst(({ slowFrame }) => slowFrame)} ms`,
      ],
      [
        'memory of the server: at its start, then, at most',
        [started.now, now, most].map(megabytes).join(', '),
      ],
      [
        'machine',
        `${cpus()[0]?.model}, ${availableParallelism()} cores, load ${loadavg()[0]!.toFixed(1)}; Chromium ${browser.version()}`,
      ],
    ]
    process.stdout.write(rows.map(([what, value]) => `| ${what} | ${value} |\n`).join(''))
  } finally {
    await browser.close()
    await server.stop()
  }
} finally {
  await rm(folder, { recursive: true })
}

/** Those of 50 ms or more, and the longest ones with the time that they waited for a core. */
function longestOf(tasks: Task[]): string {
  const sorted = tasks.toSorted((a, b) => b.processor - a.processor)
  const long = sorted.filter(({ processor }) => processor >= LONG_MS).length
  const longest = sorted
    .slice(0, 5)
    .map(({ processor, wall }) => `${processor.toFixed(0)} of ${wall.toFixed(0)} ms`)
  return `${long} (longest ${longest.join(', ')})`
}

interface Paints {
  /** Milliseconds from the navigation to the first content, and to the first face that is shown. */
  first: number
  faces: number
}

async function paintsOf(page: Page): Promise<Paints> {
  await page.evaluate(FACE_SHOWN)
  return (await page.evaluate(
    '({ first: performance.getEntriesByName("first-contentful-paint")[0].startTime, faces: performance.now() })',
  )) as Paints
}
