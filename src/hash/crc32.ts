import * as zlib from 'node:zlib'
import { reflectedCrc } from './reflected-crc.js'

export const crc32ByTable = reflectedCrc(0xedb88320)

/** CRC-32 of ISO 3309, as zip and PNG have it. Node has had its own since 20.15; before that a table does. */
export const crc32: (bytes: Uint8Array) => number = zlib.crc32 ?? crc32ByTable
