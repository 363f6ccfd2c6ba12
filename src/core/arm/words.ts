/**
 * Whether ARM's value is this word, name, or id. Letter case does not count: ARM shows `standard` in one API version
 * and `Standard` in another. A value that ARM does not show equals no word.
 */
export function equalsArm(value: string | null | undefined, word: string): boolean {
  return value?.toLowerCase() === word.toLowerCase()
}

/** The word of the list that ARM's value is, in the spelling of the list; null for a value that the list does not have. */
export function armWord<W extends string>(value: string | null | undefined, words: readonly W[]): W | null {
  return words.find((word) => equalsArm(value, word)) ?? null
}

/** Whether a provisioning state is that of an operation in progress, such as `Updating`, `Deleting`, or `Scaling`. */
export function isInProgress(provisioningState: string): boolean {
  return /ing$/i.test(provisioningState)
}
