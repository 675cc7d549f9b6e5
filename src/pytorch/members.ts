import type { ArchiveListing, EntryLocation } from '../archives/index.js'
import { InputError } from '../errors/index.js'

const STORED = 0

/**
 * Members by their name below the folder that all of them lie in, which has the name of the file when it was saved.
 * @throws InputError where the zip is not one of `torch.save`
 */
export function memberTable(entries: ArchiveListing['entries'], path: string): Map<string, EntryLocation> {
  const members = new Map<string, EntryLocation>()
  for (let row = 0; row < entries.size; row++) {
    const name = entries.path(row)
    const member = name.slice(name.indexOf('/') + 1)
    const location = entries.location(row)
    const problem =
      entries.problem(row) ??
      (location.method === STORED ? undefined : 'it is compressed, which PyTorch never does') ??
      (members.has(member) ? 'there are two of that name' : undefined)
    if (problem !== undefined) {
      throw new InputError({
        file: path,
        offset: location.offset,
        problem: `member ${JSON.stringify(name)}: ${problem}`,
        fix: 'Copy the file again, or write it anew with torch.save.',
      })
    }
    members.set(member, location)
  }
  if (members.has('constants.pkl')) {
    throw new InputError({
      file: path,
      problem: 'is a TorchScript program, not saved tensors',
      fix: 'Save its tensors: torch.save(torch.jit.load(f).state_dict(), "model.pt")',
    })
  }
  if (!members.has('data.pkl')) {
    throw new InputError({
      file: path,
      problem: 'is a zip, but not one of torch.save',
      expected: 'a member data.pkl',
      actual: entries.size === 0 ? 'no members' : `first member ${JSON.stringify(entries.path(0))}`,
    })
  }
  return members
}
