// `node stopped-cli.mjs SIGNAL N pack ...`: the command line, which sends itself the signal when it announces its N-th
// write, before that is done. Says on standard error how many writes there were.
import { observeWrites } from '../../dist/io/index.js'

const [signal, number] = process.argv.splice(2, 2)
let writes = 0
observeWrites(() => {
  if (++writes === Number(number)) process.kill(process.pid, signal)
})
process.on('exit', () => process.stderr.write(`writes: ${writes}\n`))
await import('../../dist/cli/cli.js')
