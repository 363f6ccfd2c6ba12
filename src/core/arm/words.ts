import { equalsIgnoringCase } from '../lib/fold-case.ts'

/**
 * Whether a value from ARM equals this word, name, or ID, ignoring case: ARM shows `standard` in one API version and
 * `Standard` in another. A missing value equals no word.
 */
export function equalsArm(value: string | null | undefined, word: string): boolean {
  return value !== null && value !== undefined && equalsIgnoringCase(value, word)
}

/** The word of the list that equals a value from ARM, in the spelling of the list; null if the list does not contain it. */
export function armWord<W extends string>(value: string | null | undefined, words: readonly W[]): W | null {
  return words.find((word) => equalsArm(value, word)) ?? null
}

/** The states in which an operation has ended. Azure Resource Manager knows no others (async-operations). */
export const TERMINAL_STATES = ['Succeeded', 'Failed', 'Canceled']

/**
 * Whether a provisioning state means that an operation is in progress. Services name these states freely (`Updating`,
 * `UpgradingNodeImageVersion`, `RotatingClusterCertificates`), and only the terminal states are fixed
 * (async-operations). So an unknown state counts as an operation in progress: the service waits instead of writing. A
 * resource without a state has no operation in progress.
 */
export function isInProgress(provisioningState: string | null): boolean {
  return Boolean(provisioningState) && armWord(provisioningState, TERMINAL_STATES) === null
}
