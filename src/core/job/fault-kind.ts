/** The kinds of faults that Resource Manager can answer with; `ArmFault` of the azure room has the same. */
export type ArmFaultKindName =
  | 'not-found'
  | 'precondition-failed'
  | 'conflict'
  | 'throttled'
  | 'denied'
  | 'unauthenticated'
  | 'transient'
  | 'refused'
  | 'unknown'
