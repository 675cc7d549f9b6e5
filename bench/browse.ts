/**
 * The pages of `facedata browse` with many people, in Debian's Chromium:
 * `npm run bench:browse -- [--people 100000] [--images 10] [--folder DIR]`
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { chromium, type Page } from 'playwright-core'
import { startBrowse } from './browse/browse-process.js'
import { writeCrowd } from './browse/crowd.js'
import { scrollThrough } from './browse/scrolling.js'

const ROUNDS = 5

/** Runs in the page: settled once a face of the grid is there. */
const FACE_SHOWN = `new Promise((done) => {
  function look() {
    const faces = [...document.querySelectorAll('.tile img')]
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
  },
})

const folder = await mkdtemp(join(values.folder, 'facedata-browse-'))
try {
  const dataset = join(folder, 'crowd')
  await writeCrowd(dataset, Number(values.people), Number(values.images))
  const server = await startBrowse(dataset)
  const browser = await chromium.launch({ executablePath: values.executable, args: ['--no-sandbox'] })
  try {
    const started = await server.memory()
    const paints: Paints[] = []
    for (let round = 0; round < ROUNDS; round++) {
      const page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
      await page.goto(server.url)
      paints.push(await paintsOf(page))
      await page.close()
    }
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
    await page.goto(server.url)
    await paintsOf(page)
    const scrolling = await scrollThrough(page)
    const { now, most } = await server.memory()
    const median = (of: (paint: Paints) => number) => paints.map(of).sort((a, b) => a - b)[ROUNDS >> 1]!
    const megabytes = (bytes: number) => `${Math.round(bytes / 1e6)} MB`
    const rows: [string, string][] = [
      ['people, images', `${values.people}, ${Number(values.people) * Number(values.images)}`],
      ['start of the server', `${server.seconds.toFixed(2)} s`],
      ['first paint, median of 5', `${median(({ first }) => first).toFixed(0)} ms`],
      ['first faces, median of 5', `${median(({ faces }) => faces).toFixed(0)} ms`],
      [
        'tasks of 50 ms or more while scrolling',
        `${scrolling.longTasks} (longest ${scrolling.longestTask.toFixed(0)} ms)`,
      ],
      ['nodes in the document, at most', String(scrolling.nodes)],
      [
        'frames while scrolling',
        `${scrolling.frames}, median ${scrolling.medianFrame.toFixed(1)} ms, 99 % below ${scrolling.slowFrame.toFixed(1)} ms`,
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
