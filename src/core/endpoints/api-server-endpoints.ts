import type { RequiredEndpoint } from '../../contract/routing.ts'

/** The endpoints through which nodes or pods reach the API server, as lists that are omitted if they are empty. */
export type ApiServerAccess = {
  /** The endpoints that the appliance blocks for nodes, and for pods. */
  apiServerOfNodes?: string[]
  apiServerOfPods?: string[]
  /** The endpoints of nodes or pods that no rule is known to allow. */
  apiServerUnproven?: string[]
}

/** A finding about all endpoints hides those without which the cluster loses its API server. */
export function apiServerAccess(
  required: RequiredEndpoint[],
  labelOf: (endpoint: RequiredEndpoint) => string,
): ApiServerAccess {
  const labels = (states: RequiredEndpoint['open'][], conditions: string[]) => [
    ...new Set(
      required
        .filter(({ open, when }) => {
          const reasons = when.split('; ')
          return states.includes(open) && conditions.some((condition) => reasons.includes(condition))
        })
        .map(labelOf),
    ),
  ]
  const [nodes, pods] = ['public API server', 'pods that use the API server']
  const lists = {
    apiServerOfNodes: labels(['blocked'], [nodes]),
    apiServerOfPods: labels(['blocked'], [pods]),
    apiServerUnproven: labels(['notProven', 'notChecked'], [nodes, pods]),
  }
  return Object.fromEntries(Object.entries(lists).filter(([, list]) => list.length > 0))
}
