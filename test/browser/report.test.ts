import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runStage } from '../../src/cluster/local.js'
import { report } from '../../src/stages/report/report.js'
import { localRun } from '../cluster/local-run.js'
import { temporaryFolder } from '../temporary-folder.js'
import { accessFaults } from './axe.js'
import { inChromium, launchChromium } from './chromium.js'
import { publishFaces } from './face-dataset.js'
import { IS_WIDE, watchedPage } from './watched-page.js'

const HOSTILE = '<img src=x onerror="document.title=1"><script>document.title=2</script>'

describe.skipIf(inChromium.skip)(`the page of facedata report, ${inChromium.title}`, async () => {
  const folder = inChromium.skip ? '' : temporaryFolder()
  const output = join(folder, 'report.html')
  let browser: Browser

  beforeAll(async () => {
    const datasets = join(folder, 'datasets')
    await publishFaces(datasets, 'faces', [
      { name: 'ann', identity: 0, images: 4 },
      { name: HOSTILE, identity: 1, images: 2 },
      { name: `a-name-of-one-word-${'x'.repeat(200)}`, identity: 2, images: 1 },
    ])
    const run = join(folder, 'runs', 'a-run')
    await mkdir(run, { recursive: true })
    await writeFile(join(run, 'config.yaml'), `dataset: faces\nval_targets: []\noutput: ${run}\n`)
    const lines = Array.from({ length: 40 }, (_, i) =>
      JSON.stringify({
        step: i + 1,
        epoch: 0,
        loss: 40 / (i + 1),
        learning_rate: 0.1,
        images_per_second: 20,
      }),
    )
    await writeFile(join(run, 'log.jsonl'), `${lines.join('\n')}\n`)
    await runStage(report, report.options.parse({ inputs: ['faces', run], output, datasets }), localRun())
    browser = await launchChromium()
  })

  afterAll(() => browser?.close())

  it.each([
    ['on a desk, light', { viewport: { width: 1280, height: 800 }, colorScheme: 'light' }],
    ['on a desk, dark', { viewport: { width: 1280, height: 800 }, colorScheme: 'dark' }],
    ['on a phone', { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true }],
  ] as const)(
    'is whole %s: it asks for nothing, complains of nothing, fits and is open to everybody',
    async (_, options) => {
      const address = pathToFileURL(output).href
      const { page, complaints, elsewhere, close } = await watchedPage(browser, address, options)
      await page.goto(address)
      await page.getByRole('heading', { level: 1 }).waitFor()
      expect(await page.evaluate(IS_WIDE)).toBe(false)
      expect(await page.locator('svg').count()).toBeGreaterThan(2)
      expect(await page.getByText(HOSTILE).count()).toBeGreaterThan(0)
      expect(await page.title()).not.toMatch(/^[12]$/)
      expect(await accessFaults(page)).toEqual([])
      expect(complaints).toEqual([])
      expect(elsewhere.filter((request) => !request.startsWith('data:'))).toEqual([])
      await close()
    },
  )

  it('shows on paper the tables that are closed on a screen', async () => {
    const address = pathToFileURL(output).href
    const { page, close } = await watchedPage(browser, address, {})
    await page.goto(address)
    const tables = page.locator('details table')
    const visible = () =>
      tables.evaluateAll(
        (all) => all.filter((table) => table.checkVisibility() && table.clientHeight > 0).length,
      )
    expect(await tables.count()).toBeGreaterThan(4)
    expect(await visible()).toBe(0)
    await page.emulateMedia({ media: 'print' })
    expect(await visible()).toBe(await tables.count())
    expect(await page.getByText('Table', { exact: true }).first().isVisible()).toBe(false)
    const frames = page.locator('details .frame')
    const cut = await frames.evaluateAll(
      (all) => all.filter((one) => one.scrollHeight > one.clientHeight + 1).length,
    )
    expect(cut).toBe(0)
    await close()
  })
})
