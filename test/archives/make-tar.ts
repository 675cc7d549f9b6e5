/** A member of a tar under test. What is not given is what a truthful tool writes. */
export interface TarFile {
  name: string | Buffer
  content?: Uint8Array
  /** `0` file, `5` folder, `1` hard link, `2` symbolic link, `L` long name, `x` pax header ... */
  type?: string
  linkName?: string
  prefix?: string
  /** In the header: lies. */
  size?: number
  /** Base-256, as GNU tar writes sizes above 8 GiB. */
  binarySize?: boolean
  /** `ustar\0` + `00`, GNU's `ustar  \0`, or none, as before POSIX. */
  magic?: 'ustar' | 'gnu' | 'none'
  /** Added to the checksum. */
  checksumError?: number
}

const BLOCK = 512
const MAGICS = { ustar: 'ustar\x0000', gnu: 'ustar  \0', none: '' }

export function makeTarMember(file: TarFile): Buffer {
  const content = Buffer.from(file.content ?? Buffer.alloc(0))
  const header = Buffer.alloc(BLOCK)
  Buffer.from(file.name as string).copy(header, 0, 0, 100)
  header.write('0000644\0', 100)
  header.write('0000000\0', 108)
  header.write('0000000\0', 116)
  const size = file.size ?? content.length
  if (file.binarySize) {
    header[124] = 0x80
    header.writeBigUInt64BE(BigInt(size), 128)
  } else header.write(`${size.toString(8).padStart(11, '0')}\0`, 124)
  header.write('00000000000\0', 136)
  header.write(file.type ?? '0', 156)
  header.write(file.linkName ?? '', 157)
  header.write(MAGICS[file.magic ?? 'ustar'], 257)
  header.write(file.prefix ?? '', 345)
  header.fill(' ', 148, 156)
  const sum = header.reduce((total, byte) => total + byte, 0) + (file.checksumError ?? 0)
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  const padding = Buffer.alloc((BLOCK - (content.length % BLOCK)) % BLOCK)
  return Buffer.concat([header, content, padding])
}

/** The bytes of a tar, written by hand from POSIX.1-2017, pax, "ustar Interchange Format". */
export function makeTar(files: TarFile[], { end = true } = {}): Buffer {
  return Buffer.concat([...files.map(makeTarMember), Buffer.alloc(end ? 2 * BLOCK : 0)])
}

/** A pax header for the member that follows it. */
export function paxHeader(records: Record<string, string>, type = 'x'): TarFile {
  const content = Buffer.concat(
    Object.entries(records).map(([key, value]) => {
      const record = Buffer.from(` ${key}=${value}\n`)
      let length = record.length + 1
      while (`${length}`.length + record.length !== length) length = `${length}`.length + record.length
      return Buffer.concat([Buffer.from(`${length}`), record])
    }),
  )
  return { name: 'PaxHeaders/x', type, content }
}
