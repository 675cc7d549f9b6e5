import { reflectedCrc } from './reflected-crc.js'

/** CRC-32C (Castagnoli), as iSCSI (RFC 3720) and TFRecord have it. */
export const crc32c = reflectedCrc(0x82f63b78)
