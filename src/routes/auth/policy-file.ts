import { readFile } from 'node:fs/promises'
import type { AccessPolicy } from '../../core/access/access-policy.ts'
import { parseAccessPolicy } from '../../core/access/parse-access-policy.ts'

/** An access policy file that cannot be used, in sentences for the person who wrote it. */
export class PolicyFileError extends Error {
  readonly faults: string[]

  constructor(path: string, faults: string[]) {
    const named = faults.map((fault) => `ACCESS_POLICY_FILE ${path}: ${fault}`)
    super(named.join('\n'))
    this.name = 'PolicyFileError'
    this.faults = named
  }
}

/** Reads an access policy file; rejects with a `PolicyFileError` that names every fault at once. */
export async function readPolicyFile(path: string): Promise<AccessPolicy> {
  const outcome = parseAccessPolicy(parseContent(path, await readContent(path)))
  if ('faults' in outcome) throw new PolicyFileError(path, outcome.faults)
  return outcome.policy
}

async function readContent(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    const { code = 'an error' } = error as NodeJS.ErrnoException
    throw new PolicyFileError(path, [
      `The file cannot be read (${code}). Check the path, and that this process may read it.`,
    ])
  }
}

function parseContent(path: string, content: string): unknown {
  try {
    return JSON.parse(content)
  } catch (error) {
    throw new PolicyFileError(path, [
      `The file is not JSON: ${(error as Error).message}. Mend it; comments and trailing commas are not JSON.`,
    ])
  }
}
