/** Attempts that one process makes at a time to one webhook: a receiver that hangs must not hold up those of others. */
const MOST_AT_A_TIME = 2

/** Which webhooks are being sent to at the moment, by this process. */
export class Turns {
  readonly #running = new Map<string, number>()

  /** Whether it may be sent to now; then `give` has to follow. */
  take(webhookId: string): boolean {
    const running = this.#running.get(webhookId) ?? 0
    if (running >= MOST_AT_A_TIME) return false
    this.#running.set(webhookId, running + 1)
    return true
  }

  give(webhookId: string): void {
    const left = (this.#running.get(webhookId) ?? 1) - 1
    if (left === 0) this.#running.delete(webhookId)
    else this.#running.set(webhookId, left)
  }
}
