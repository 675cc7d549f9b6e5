import type { Browser, BrowserContextOptions, Page } from 'playwright-core'

/** A page of a fresh browser profile, with all that it complains of and asks for. */
export interface WatchedPage {
  page: Page
  /** Errors in its console, exceptions, and requests that failed. */
  complaints: string[]
  /** Addresses that it asked for elsewhere than at this origin. */
  elsewhere: string[]
  close(): Promise<void>
}

export async function watchedPage(
  browser: Browser,
  origin: string,
  options: BrowserContextOptions = {},
): Promise<WatchedPage> {
  const context = await browser.newContext(options)
  context.setDefaultTimeout(60_000)
  const page = await context.newPage()
  const complaints: string[] = []
  const elsewhere: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('request', (request) => {
    if (!request.url().startsWith(origin)) elsewhere.push(request.url())
  })
  return { page, complaints, elsewhere, close: () => context.close() }
}

/** Elements and texts in the document. */
export const NODES = `(() => {
  const walker = document.createTreeWalker(document, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT)
  let count = 0
  while (walker.nextNode()) count++
  return count
})()`

/** Whether a page is wider than its window. */
export const IS_WIDE = 'document.documentElement.scrollWidth > document.documentElement.clientWidth'
