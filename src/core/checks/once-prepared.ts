import type { Check } from './check.ts'

/** Asks a check about the network as it will be when the plan's own preparation is done. */
export function oncePrepared(check: Check): Check {
  return (context) => check({ ...context, snapshot: context.prepared })
}
