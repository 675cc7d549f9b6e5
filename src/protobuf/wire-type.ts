/** How the bytes of a field are delimited. Types 3 and 4, groups, are not used by any message of today. */
export const WireType = { varint: 0, fixed64: 1, delimited: 2, fixed32: 5 } as const
