import { writeFileSync } from 'node:fs'
import { isMainThread } from 'node:worker_threads'

// Loaded before a program: tells the largest resident set of its process, in kB, when it ends.
if (isMainThread) {
  process.on('exit', () => {
    writeFileSync(process.env['FACEDATA_PEAK_FILE']!, String(process.resourceUsage().maxRSS))
  })
}
