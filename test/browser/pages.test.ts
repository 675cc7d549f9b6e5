import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { runStage } from '../../src/cluster/local.js'
import { merge } from '../../src/stages/merge/merge.js'
import { localRun } from '../cluster/local-run.js'
import { temporaryFolder } from '../temporary-folder.js'
import { accessFaults } from './axe.js'
import { inChromium, launchChromium } from './chromium.js'
import { type FacePerson, publishFaces } from './face-dataset.js'
import { type Started, startBrowse } from './started.js'
import { IS_WIDE, NODES, type WatchedPage, watchedPage } from './watched-page.js'

const HOSTILE = '<img src=x onerror="document.title=1"><script>document.title=2</script>'
const PHONE = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true }

describe.skipIf(inChromium.skip)(`the pages of facedata browse, ${inChromium.title}`, async () => {
  const folder = inChromium.skip ? '' : temporaryFolder()
  const datasets = join(folder, 'datasets')
  const answers = join(datasets, 'crowd+more.matches.answers.csv')
  let browser: Browser
  let server: Started
  let opened: WatchedPage | undefined

  beforeAll(async () => {
    const crowd: FacePerson[] = Array.from({ length: 400 }, (_, i) => ({
      name: `person ${String(i).padStart(3, '0')}`,
      identity: i % 7,
      images: i % 50 === 7 ? 40 : 1,
    }))
    crowd[3]!.name = HOSTILE
    await publishFaces(datasets, 'crowd', crowd)
    const broken = Buffer.from('this is no image')
    await publishFaces(datasets, 'more', [
      { name: 'Person-000', identity: 0, images: 3 },
      { name: 'person 001', identity: 1, images: 2 },
      { name: HOSTILE, identity: 3, images: 1 },
      { name: 'with a broken photo', identity: 4, images: 2, first: broken },
    ])
    const options = { inputs: ['crowd', 'more'], identities: 'by-name', 'dry-run': true, datasets }
    await runStage(merge, merge.options.parse(options), localRun())
    server = await startBrowse(['crowd', '--review', 'datasets/crowd+more.matches.csv'], folder)
    browser = await launchChromium()
  })

  afterEach(async () => {
    await opened?.close()
    opened = undefined
  })

  afterAll(async () => {
    await browser?.close()
    expect(await server?.stop()).toBe(0)
  })

  async function open(hash = '', options = {}) {
    opened = await watchedPage(browser, new URL(server.url).origin, options)
    await opened.page.goto(server.url + hash)
    return opened
  }

  function expectQuiet({ complaints, elsewhere }: WatchedPage): void {
    expect(complaints).toEqual([])
    expect(elsewhere).toEqual([])
  }

  it('show people in a grid of few nodes, to its very end', async () => {
    const watched = await open()
    const { page } = watched
    await page.getByRole('gridcell', { name: 'person 000, 1 photo, label 0' }).waitFor()
    const columns = Number(await page.getByRole('grid').getAttribute('aria-colcount'))
    const pictures = '(({ naturalWidth, naturalHeight }) => [naturalWidth, naturalHeight])'
    await soon(() => page.evaluate(`${pictures}(document.querySelector(".strip"))`)).toEqual([
      112 * columns,
      112,
    ])
    expect(page.url()).not.toContain('token')
    expect(await page.getByRole('grid').getAttribute('aria-rowcount')).toMatch(/^\d+$/)
    await page.evaluate('scrollTo(0, document.documentElement.scrollHeight)')
    await page.getByRole('gridcell', { name: 'person 399, 1 photo, label 399' }).waitFor()
    expect(await page.evaluate(NODES)).toBeLessThanOrEqual(500)
    expect(await page.getByRole('gridcell', { name: 'person 000, 1 photo, label 0' }).count()).toBe(0)
    expectQuiet(watched)
  })

  it('find people by name and label, and say where there is nobody', async () => {
    const watched = await open()
    const { page } = watched
    await page.getByRole('grid').waitFor()
    await page.keyboard.press('/')
    await page.keyboard.type('person 12')
    await page.getByText('10 of 400 people').waitFor()
    await page.getByRole('gridcell', { name: 'person 120' }).waitFor()
    await page.getByRole('searchbox').fill('#399')
    await page.getByText('1 of 400 people').waitFor()
    await page.getByRole('gridcell', { name: 'person 399' }).waitFor()
    await page.getByRole('searchbox').fill('nobody at all')
    await page.getByText('Nobody’s name or label matches “nobody at all”.').waitFor()
    await page.getByRole('searchbox').fill('')
    await page.getByRole('combobox').selectOption('most')
    await page.getByRole('gridcell', { name: 'person 007, 40 photos, label 7' }).waitFor()
    const missing = await page.getByRole('option', { name: 'Least alike first' }).textContent()
    expect(missing).toContain('not computed')
    expectQuiet(watched)
  })

  it('are walked through by keys: grid, person, photo and back', async () => {
    const watched = await open('#/datasets/0?sort=most')
    const { page } = watched
    const grid = page.getByRole('grid')
    await grid.waitFor()
    await grid.focus()
    const activeName = () =>
      page.evaluate(
        'document.getElementById(document.querySelector("[role=grid]").getAttribute("aria-activedescendant"))?.ariaLabel',
      )
    await soon(activeName).toContain('person 007')
    await page.keyboard.press('ArrowRight')
    await soon(activeName).toContain('person 057')
    await page.keyboard.press('Control+End')
    await soon(() => page.evaluate('scrollY')).toBeGreaterThan(1000)
    await soon(activeName).toContain('label 399')
    await page.keyboard.press('Control+Home')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'person 007' }).waitFor()
    expect(await page.getByText('folder photos (licence: CC0), as “person 007”').count()).toBe(1)
    await page.getByRole('grid', { name: 'Photos of person 007' }).focus()
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('Enter')
    const dialog = page.getByRole('dialog')
    await dialog.getByText('person 007/1.jpg').waitFor()
    expect(await dialog.locator('dd').allTextContents()).toContain('photos')
    await page.keyboard.press('ArrowRight')
    await dialog.getByText('person 007/2.jpg').waitFor()
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'hidden' })
    await page.keyboard.press('Escape')
    await page.getByRole('grid', { name: 'People of crowd' }).waitFor()
    expect(page.url()).toContain('sort=most')
    expectQuiet(watched)
  })

  it('take no name for markup', async () => {
    const watched = await open('#/datasets/0?search=script')
    const { page } = watched
    await page.getByRole('gridcell', { name: HOSTILE }).click()
    await page.getByRole('heading', { name: HOSTILE }).waitFor()
    expect(await page.evaluate('document.querySelectorAll("main script, img[src=x]").length')).toBe(0)
    await page.goto(`${server.url}#/reviews/0/3`)
    await page.getByText('Case 3 of 3').waitFor()
    expect(await page.getByRole('link', { name: HOSTILE }).count()).toBe(2)
    expect(await page.title()).toBe('Review crowd+more · facedata')
    expectQuiet(watched)
  })

  it('review pairs by keys: each answer is in the file before the next pair is shown, and can be undone', async () => {
    const watched = await open('#/reviews/0')
    const { page } = watched
    const rows = async () => {
      const text = await readFile(answers, 'utf8').catch(() => '')
      return text
        .trim()
        .split('\n')
        .slice(1)
        .map((line) => line.split(',', 1)[0])
    }
    const at = (number: number) => page.getByText(`Case ${number} of 3`).waitFor()
    await at(1)
    expect(await page.getByRole('region').count()).toBe(2)
    await page.keyboard.press('m')
    await at(2)
    expect(await rows()).toEqual(['merge'])
    await page.keyboard.press('d')
    await at(3)
    expect(await rows()).toEqual(['merge', 'keep'])
    await page.keyboard.press('u')
    await at(2)
    expect(await rows()).toEqual(['merge'])
    await page.keyboard.press('Control+z')
    await at(1)
    expect(await rows()).toEqual([])
    await page.keyboard.press('s')
    await at(2)
    await page.keyboard.press('d')
    await at(3)
    await page.getByRole('button', { name: 'Merge' }).click()
    await page.getByText('This is the end. 1 case was skipped').first().waitFor()
    expect(await rows()).toEqual(['keep', 'merge'])
    await page.getByRole('button', { name: 'Go through them' }).click()
    await at(1)
    await page.keyboard.press('m')
    await page.getByText('Every case is answered.').first().waitFor()
    expect(await rows()).toEqual(['merge', 'keep', 'merge'])
    expect(await page.locator('pre').textContent()).toContain('facedata merge crowd more --identities')
    await page.keyboard.press('u')
    await at(1)
    expect(await page.getByRole('status').textContent()).toBe('Undone.')
    expect(await rows()).toEqual(['keep', 'merge'])
    expectQuiet(watched)
  })

  it('show a placeholder and the reason for an image that is none', async () => {
    const watched = await open('#/datasets/1/people/3')
    const { page } = watched
    await page.getByRole('gridcell', { name: '0.jpg, damaged' }).click()
    await page.getByRole('dialog').getByText('not an image of a known format').waitFor()
    expect(watched.elsewhere).toEqual([])
  })

  it('say in words that they do not hold the token', async () => {
    const watched = await watchedPage(browser, new URL(server.url).origin)
    opened = watched
    const { origin } = new URL(server.url)
    await watched.page.goto(origin)
    expect(await watched.page.textContent('body')).toContain('Open the address that facedata browse printed')
  })

  it('give nothing to a page of another port of this machine', async () => {
    const { page } = await open()
    await page.getByRole('grid').waitFor()
    const other = await startBrowse(['more'], folder)
    try {
      await page.goto(other.url)
      await page.getByRole('grid').waitFor()
      const asked = await page.evaluate(
        `fetch('${new URL('api/overview', server.url)}', { credentials: 'include' }).then(() => 'read', () => 'refused')`,
      )
      expect(asked).toBe('refused')
    } finally {
      await other.stop()
    }
  })

  it('do not send the token to another server of this machine', async () => {
    const { page } = await open()
    await page.getByRole('grid').waitFor()
    const cookies: (string | undefined)[] = []
    const other = createServer(({ headers }, response) => {
      cookies.push(headers.cookie)
      response.end('another server')
    }).listen(0, '127.0.0.1')
    try {
      await once(other, 'listening')
      const { port } = other.address() as AddressInfo
      await page.goto(`http://127.0.0.1:${port}/`)
      expect(await page.textContent('body')).toBe('another server')
      expect(cookies.filter((cookie) => cookie !== undefined)).toEqual([])
      expect(cookies.length).toBeGreaterThan(0)
    } finally {
      other.close()
    }
  })

  it('fit a phone, and are open to everybody, light and dark', async () => {
    for (const colorScheme of ['light', 'dark'] as const) {
      for (const hash of ['', '#/datasets/0/people/7', '#/reviews/0/1']) {
        const watched = await open(hash, { ...PHONE, colorScheme })
        const { page } = watched
        await page.locator('.strip, .face img').first().waitFor()
        expect(await page.evaluate(IS_WIDE), `${colorScheme} ${hash}`).toBe(false)
        const [text, background] = (await page.evaluate(
          '[getComputedStyle(document.body).color, getComputedStyle(document.body).backgroundColor]',
        )) as [string, string]
        const isDark = brightness(background) < brightness(text)
        expect(isDark).toBe(colorScheme === 'dark')
        expect(await accessFaults(page), `${colorScheme} ${hash}`).toEqual([])
        expectQuiet(watched)
        await watched.close()
      }
    }
  })

  it('say so when the server is gone', async () => {
    const own = await startBrowse(['more'], folder)
    const watched = await watchedPage(browser, new URL(own.url).origin)
    opened = watched
    await watched.page.goto(own.url)
    await watched.page.getByRole('grid').waitFor()
    await own.stop()
    await watched.page.getByRole('gridcell').first().click()
    await watched.page.getByRole('alert').getByText('does not answer any more').waitFor()
  })
})

/** What a page shows in time, however busy the machine is. */
function soon<T>(ask: () => Promise<T>) {
  return expect.poll(ask, { timeout: 60_000 })
}

/** Of a colour `rgb(r, g, b)`. */
function brightness(colour: string): number {
  return (colour.match(/\d+/g) ?? []).slice(0, 3).reduce((sum, part) => sum + Number(part), 0)
}
