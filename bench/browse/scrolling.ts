import type { Page } from 'playwright-core'

/** What a page did while it was scrolled. */
export interface Scrolling {
  /** Tasks of the main thread of 50 ms or more. */
  longTasks: number
  /** Milliseconds; 0 where there was none. */
  longestTask: number
  /** Elements and texts in the document at most. */
  nodes: number
  frames: number
  /** Milliseconds between two frames: the median, and 99 of 100 are below the other. */
  medianFrame: number
  slowFrame: number
}

/** Runs in the page: notes long tasks, frames and nodes from here on. */
const WATCH = `
globalThis.seen = { tasks: [], frames: [], nodes: 0 }
new PerformanceObserver((list) => {
  for (const { duration } of list.getEntries()) seen.tasks.push(duration)
}).observe({ type: 'longtask' })
let last = performance.now()
let turn = 0
function frame(now) {
  seen.frames.push(now - last)
  last = now
  if (turn++ % 10 === 0) {
    const walker = document.createTreeWalker(document, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT)
    let count = 0
    while (walker.nextNode()) count++
    seen.nodes = Math.max(seen.nodes, count)
  }
  requestAnimationFrame(frame)
}
requestAnimationFrame(frame)`

const WHEEL_STEPS = 150
const JUMPS = 20
const KEYS = 60

/** Scrolls with the wheel, by jumps of the scroll bar, and with keys. */
export async function scrollThrough(page: Page): Promise<Scrolling> {
  await page.evaluate(WATCH)
  await page.mouse.move(600, 500)
  for (let step = 0; step < WHEEL_STEPS; step++) {
    await page.mouse.wheel(0, 120 + 40 * (step % 10))
    await page.waitForTimeout(16)
  }
  for (let jump = 1; jump <= JUMPS; jump++) {
    const part = ((jump * 7) % JUMPS) / JUMPS
    await page.evaluate(`scrollTo(0, ${part} * document.documentElement.scrollHeight)`)
    await page.waitForTimeout(120)
  }
  await page.getByRole('grid').focus()
  for (let key = 0; key < KEYS; key++) await page.keyboard.press(key % 3 === 0 ? 'PageDown' : 'ArrowDown')
  await page.waitForTimeout(500)
  const { tasks, frames, nodes } = (await page.evaluate('seen')) as {
    tasks: number[]
    frames: number[]
    nodes: number
  }
  const sorted = frames.sort((a, b) => a - b)
  return {
    longTasks: tasks.length,
    longestTask: Math.max(0, ...tasks),
    nodes,
    frames: frames.length,
    medianFrame: sorted[sorted.length >> 1] ?? 0,
    slowFrame: sorted[Math.floor(sorted.length * 0.99)] ?? 0,
  }
}
