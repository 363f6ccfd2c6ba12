/** Why a write is not to be sent. */
export type Reason =
  | { kind: 'stale'; detail: string }
  | { kind: 'nothingToChange' }
  /** What the write would make stands there already; the read-back decides whether it is as wanted. */
  | { kind: 'alreadyThere'; because: string }
  | { kind: 'busy'; what: string; state: string }

/** Thrown out of `beforeSend`: nothing leaves the process. */
export class NotSent extends Error {
  readonly why: Reason

  constructor(why: Reason) {
    super(why.kind)
    this.name = 'NotSent'
    this.why = why
  }
}
