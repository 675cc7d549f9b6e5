// `node stopped-cli.mjs SIGNAL N pack ...`: the command line, which sends itself the signal when it announces its N-th
// write, before that is done. Says on standard error how many writes there were, and the most memory held, in kilobytes.
import { observeWrites } from '../../dist/io/index.js'

const [signal, number] = process.argv.splice(2, 2)
let writes = 0
observeWrites(() => {
  if (++writes === Number(number)) process.kill(process.pid, signal)
})
process.on('exit', () => {
  process.stderr.write(`writes: ${writes}\npeak: ${process.resourceUsage().maxRSS}\n`)
})
await import('../../dist/cli/cli.js')
