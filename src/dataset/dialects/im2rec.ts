import type { Dialect } from './dialect.js'

/** What MXNet's im2rec writes and MXNet, DALI and upstream read: images alone, keys from 0, in any order. */
export const im2rec: Dialect = {
  name: 'im2rec',
  firstKey: 0,
  grouped: false,
  recordLimit: { count: 2 ** 32, reason: 'keys have 32 bits in the manifest' },
  *trailer() {},
}
