/** `warn`: it works, with a drawback. `fail`: something that facedata needs does not work. */
export type CheckStatus = 'ok' | 'warn' | 'fail'

export interface Check {
  name: string
  status: CheckStatus
  /** What was found, in words. */
  found: string
  /** What to do about it; present where the status is not ok. */
  fix?: string
}

export function ok(name: string, found: string): Check {
  return { name, status: 'ok', found }
}

/** Runs a check of something that is needed: where it throws, its error and the fix become a failed check. */
export async function tryCheck(name: string, fix: string, check: () => Promise<Check>): Promise<Check> {
  try {
    return await check()
  } catch (error) {
    const reason = (error instanceof Error ? error.message : String(error)).split('\n', 1)[0]!
    return { name, status: 'fail', found: reason, fix }
  }
}
