import { expect, it } from 'vitest'
import { paint, visibleText } from '../../src/terminal/index.js'

it('shows what would move the cursor or rename the window', () => {
  expect(visibleText('a\u001b[2Jb\u001b]0;x\u0007c\rd\u009b1mé')).toBe(
    'a\\x1b[2Jb\\x1b]0;x\\x07c\\x0dd\\x9b1mé',
  )
})

it('leaves lines, tabs and our own colours', () => {
  const text = `a\tb\n${paint('warning:', 'yellow', { colour: true })} ünïcode → ▁`
  expect(visibleText(text)).toBe(text)
})
