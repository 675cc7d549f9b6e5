import { describe, expect, it } from 'vitest'
import {
  describeFault,
  ExitCode,
  InputError,
  InterruptedError,
  StrictError,
  UsageError,
} from '../../src/errors/index.js'

describe('InputError', () => {
  it('puts file, record, offset, comparison and fix into one line', () => {
    const fault = {
      file: 'train.rec',
      record: 7,
      offset: 4096,
      problem: 'bad magic',
      expected: '0xced7230a',
      actual: '0x0',
      fix: 'Rebuild it.',
    }
    expect(describeFault(fault)).toBe(
      'train.rec: record 7 at offset 4096: bad magic: expected 0xced7230a, found 0x0. Rebuild it.',
    )
    expect(describeFault({ problem: 'empty' })).toBe('empty')
    expect(describeFault({ file: 'a.txt', line: 3, problem: 'bad', actual: 2 })).toBe(
      'a.txt: line 3: bad: found 2',
    )
  })

  it('carries the exit code that the documentation promises', () => {
    expect(new InputError({ problem: 'x' }).exitCode).toBe(ExitCode.inputData)
    expect(new UsageError('x').exitCode).toBe(2)
    expect(new StrictError('x').exitCode).toBe(5)
    expect(new InterruptedError('SIGINT').exitCode).toBe(130)
    expect(new InterruptedError('SIGTERM').exitCode).toBe(143)
  })
})
