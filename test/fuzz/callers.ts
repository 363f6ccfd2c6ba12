import { OPERATIONS, type Operation } from './document/operations.ts'

const APPROVE = 'Egress.Approve'
const READ = 'Egress.Read'

/** The grants of the document, as its security says them: `api://…/Egress.Read` is `Egress.Read`. */
const GRANTS = [...new Set(OPERATIONS.flatMap((each) => each.scopes))]

/**
 * A caller with a valid token: what it grants, and on which clusters the policy of the run allows actions.
 */
export interface Person {
  name: string
  oid: string
  grants: string[]
  actions: string[]
  clusters: string
}

const oid = (digit: string) =>
  `${digit.repeat(8)}-${digit.repeat(4)}-${digit.repeat(4)}-${digit.repeat(4)}-${digit.repeat(12)}`

/** Who makes a plan cannot approve it, so there are two who do everything between them, and two who may less. */
export const PEOPLE: readonly Person[] = [
  {
    name: 'maker',
    oid: oid('a'),
    grants: GRANTS.filter((each) => each !== APPROVE),
    actions: ['plan', 'execute', 'audit'],
    clusters: '*',
  },
  { name: 'checker', oid: oid('b'), grants: [READ, APPROVE], actions: ['approve'], clusters: '*' },
  { name: 'reader', oid: oid('c'), grants: [READ], actions: ['read'], clusters: '*' },
  {
    name: 'stranger',
    oid: oid('d'),
    grants: GRANTS,
    actions: ['plan', 'execute', 'approve', 'audit'],
    clusters: 'nat-*',
  },
]

/** Those without a sound token. */
export const UNPROVEN = ['nobody', 'expired', 'unsigned', 'garbled'] as const

export const CALLERS: readonly string[] = [...PEOPLE.map(({ name }) => name), ...UNPROVEN]

/** Callers that may execute an operation, by its security. */
export function callerOf({ id, scopes }: Operation): string {
  const found = PEOPLE.find(({ grants }) => scopes.every((each) => grants.includes(each)))
  if (found === undefined) throw new Error(`nobody of the fuzz run is granted what ${id} asks for`)
  return found.name
}

/** Approvals are asked for on some clusters, so that there are jobs with and without. */
export function policyOf(subscriptionId: string): object {
  const on = (clusterName: string) => [{ subscriptionId, resourceGroup: '*', clusterName }]
  return {
    version: 1,
    grants: PEOPLE.map((each) => ({ to: [{ oid: each.oid }], actions: each.actions, on: on(each.clusters) })),
    approvals: [{ on: on('nat-*'), requireApproval: true }],
  }
}
