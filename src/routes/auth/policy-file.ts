import { readFile } from 'node:fs/promises'
import type { AccessPolicy } from '../../core/access/access-policy.ts'
import { parseAccessPolicy } from '../../core/access/parse-access-policy.ts'

/** An invalid access policy file; each error is a sentence for its author. */
export class PolicyFileError extends Error {
  readonly faults: string[]

  constructor(path: string, faults: string[]) {
    const located = faults.map((fault) => `ACCESS_POLICY_FILE ${path}: ${fault}`)
    super(located.join('\n'))
    this.name = 'PolicyFileError'
    this.faults = located
  }
}

/** Reads an access policy file; rejects with a `PolicyFileError` that reports every error. */
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
      `The file cannot be read (${code}). Check the path and that this process has permission to read the file.`,
    ])
  }
}

function parseContent(path: string, content: string): unknown {
  try {
    return JSON.parse(content)
  } catch (error) {
    throw new PolicyFileError(path, [
      `The file is not valid JSON: ${(error as Error).message}. Fix the syntax; JSON allows neither comments nor trailing commas.`,
    ])
  }
}
