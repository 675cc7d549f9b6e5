import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'

/** Of Debian's package chromium. */
const EXECUTABLE = '/usr/bin/chromium'

/** What tests need that open pages in a browser, or why they are skipped. */
export const inChromium = existsSync(EXECUTABLE)
  ? { title: 'in Chromium', skip: false }
  : { title: "in Chromium (skipped: needs Debian's package chromium)", skip: true }

export function launchChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: EXECUTABLE, args: ['--no-sandbox'] })
}
