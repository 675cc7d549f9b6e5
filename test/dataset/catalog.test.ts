import { mkdir, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import {
  datasetsFolder,
  locateDataset,
  resolveDataset,
  resolveOutputDataset,
} from '../../src/dataset/index.js'
import { InputError } from '../../src/errors/index.js'
import { temporaryFolder } from '../temporary-folder.js'

const folder = temporaryFolder()
await mkdir(join(folder, 'umd'))
await mkdir(join(folder, '.versions'))
await writeFile(join(folder, 'umd', 'train.rec'), '')
await writeFile(join(folder, 'lfw.bin'), '')

afterEach(() => vi.unstubAllEnvs())

describe('datasets folder', () => {
  it('is what is given, else $FACEDATA_DATASETS, else ./datasets', () => {
    vi.stubEnv('FACEDATA_DATASETS', '/env')
    expect(datasetsFolder('/given')).toBe('/given')
    expect(datasetsFolder()).toBe('/env')
    vi.stubEnv('FACEDATA_DATASETS', '')
    expect(datasetsFolder()).toBe(resolve('datasets'))
  })
})

describe('a dataset', () => {
  it('is found by name and by path', async () => {
    expect(await resolveDataset('umd', folder)).toBe(join(folder, 'umd'))
    expect(await resolveDataset(join(folder, 'umd'), '/elsewhere')).toBe(join(folder, 'umd'))
    expect(await resolveDataset(join(folder, 'umd', 'train.rec'))).toBe(join(folder, 'umd', 'train.rec'))
  })

  it('of an unknown name is an error that lists the known ones', async () => {
    const error = await resolveDataset('ms1m', folder).catch((cause: unknown) => cause)
    expect(error).toBeInstanceOf(InputError)
    expect((error as InputError).message).toMatch(/there: umd$/)
    await expect(resolveDataset('und', folder)).rejects.toThrow('Did you mean umd?')
  })

  it('that is not made yet is expected in the datasets folder', async () => {
    expect(await locateDataset('later', folder)).toBe(join(folder, 'later'))
    expect(await locateDataset('/data/later', folder)).toBe('/data/later')
  })

  it('is written by name into the datasets folder, by path where the path says', () => {
    expect(resolveOutputDataset('umd+ms1m', folder)).toBe(join(folder, 'umd+ms1m'))
    expect(resolveOutputDataset('./umd', folder)).toBe(resolve('umd'))
  })
})
