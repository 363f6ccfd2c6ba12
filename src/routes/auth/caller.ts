/** Who calls, as far as it is proven. */
export interface Caller {
  /** What is written down as the actor: the user's name, or the application's id. */
  name: string
  /** App roles and delegated scopes that the token grants. */
  grants: ReadonlySet<string>
}

/** Proves who calls from the `Authorization` header; rejects with a `Refusal`. */
export type Authenticate = (authorization: string | undefined) => Promise<Caller>

/** What a caller must be granted for an operation: an app role or a delegated scope of this name. */
export type Grant = 'Egress.Read' | 'Egress.Plan' | 'Egress.Execute'

/** The caller of a service that checks nobody: allowed on loopback with simulated Azure only. */
export const UNCHECKED_CALLER: Caller = {
  name: 'anonymous',
  grants: new Set<Grant>(['Egress.Read', 'Egress.Plan', 'Egress.Execute']),
}
