/**
 * The kinds of faults that a job can meet: those that Resource Manager answers with (`ArmFault` of the azure
 * room has the same), and `internal` for a fault of this service itself.
 */
export type FaultKind =
  | 'not-found'
  | 'precondition-failed'
  | 'conflict'
  | 'throttled'
  | 'denied'
  | 'unauthenticated'
  | 'transient'
  | 'refused'
  | 'unknown'
  | 'internal'
