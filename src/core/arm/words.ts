import { equalsIgnoringCase } from '../lib/fold-case.ts'

/**
 * Whether ARM's value is this word, name, or id. Letter case does not count: ARM shows `standard` in one API version
 * and `Standard` in another. A value that ARM does not show equals no word.
 */
export function equalsArm(value: string | null | undefined, word: string): boolean {
  return value !== null && value !== undefined && equalsIgnoringCase(value, word)
}

/** The word of the list that ARM's value is, in the spelling of the list; null for a value that the list does not have. */
export function armWord<W extends string>(value: string | null | undefined, words: readonly W[]): W | null {
  return words.find((word) => equalsArm(value, word)) ?? null
}

/** The states in which an operation has ended. Azure Resource Manager knows no others (async-operations). */
export const TERMINAL_STATES = ['Succeeded', 'Failed', 'Canceled']

/**
 * Whether a provisioning state is that of an operation in progress. Services name these states freely (`Updating`,
 * `UpgradingNodeImageVersion`, `RotatingClusterCertificates`), and only the terminal states are fixed
 * (async-operations). So an unknown word is an operation in progress: the service waits instead of writing into it. A
 * resource that shows no state shows no operation either.
 */
export function isInProgress(provisioningState: string | null): boolean {
  return Boolean(provisioningState) && armWord(provisioningState, TERMINAL_STATES) === null
}
