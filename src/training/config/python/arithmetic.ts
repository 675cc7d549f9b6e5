import { PythonFault } from './python-fault.js'
import { kindOf, type PythonValue } from './python-value.js'

/** `+ - * / //` on numbers, and `+` on two strings or two lists, as Python has them. @throws PythonFault */
export function operate(operator: string, left: PythonValue, right: PythonValue, line: number): PythonValue {
  if (operator === '+' && typeof left === 'string' && typeof right === 'string') return left + right
  if (operator === '+' && Array.isArray(left) && Array.isArray(right)) return [...left, ...right]
  if (typeof left !== 'number' || typeof right !== 'number') {
    throw new PythonFault(
      line,
      `${kindOf(left)} ${operator} ${kindOf(right)} is not read: numbers are expected`,
    )
  }
  if (right === 0 && operator.startsWith('/')) throw new PythonFault(line, 'division by zero')
  return exactly(compute(operator, left, right), line)
}

/** Whole numbers have no limit in Python; here they end where they would lose their last digits. */
export function exactly(value: number, line: number): number {
  if (Number.isInteger(value) && !Number.isSafeInteger(value)) {
    throw new PythonFault(line, `${value} is too large to be kept exactly`)
  }
  return value
}

function compute(operator: string, left: number, right: number): number {
  switch (operator) {
    case '+':
      return left + right
    case '-':
      return left - right
    case '*':
      return left * right
    case '/':
      return left / right
    default:
      return floorDivide(left, right)
  }
}

/** By way of the remainder, which is exact: `1 // 0.1` is 9, though `1 / 0.1` is 10. Source: CPython's `float_floor_div`. */
function floorDivide(left: number, right: number): number {
  let remainder = left % right
  if (remainder !== 0 && remainder < 0 !== right < 0) remainder += right
  return Math.round((left - remainder) / right)
}
