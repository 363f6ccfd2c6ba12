import t from 'tap'
import type { Json } from '../../../src/contract/json.ts'
import type {
  PolicyAssignmentFacts,
  PolicyDefinitionFacts,
  PolicyFacts,
} from '../../../src/core/snapshot/authorization-facts.ts'
import { aSnapshot } from '../../support/a-cluster.ts'
import { planFor } from '../../support/a-plan.ts'
import {
  anAssignment,
  aPolicy,
  aPolicyRoom,
  denied,
  NODE_GROUP_ID,
  SUBSCRIPTION_ID,
  withRights,
} from '../../support/permissions.ts'

const IP = 'Microsoft.Network/publicIPAddresses'
const BUILT_IN = '/providers/Microsoft.Authorization/policyDefinitions'
const TOP = '/providers/Microsoft.Management/managementGroups/top'
const TAGS = { env: 'demo' }

function planned(policies: Partial<PolicyFacts>) {
  const surroundings = withRights({ policies: aPolicyRoom(policies) })
  return planFor(aSnapshot({ cluster: { tags: TAGS }, surroundings }), 'managedNATGateway')
}

/** `denies`, `notDecided`, or `free` when it is not even mentioned. */
function verdict(
  definition: Partial<PolicyDefinitionFacts>,
  assignment: Partial<PolicyAssignmentFacts> = {},
  rest: Partial<PolicyFacts> = {},
): string {
  const policies = planned({
    assignments: { facts: [anAssignment(assignment)] },
    customDefinitions: { facts: [aPolicy(definition)] },
    ...rest,
  }).preflight.policies
  return policies[0]?.verdict ?? 'free'
}

const condition = (json: Json, parameters: Record<string, Json> = {}) =>
  verdict({ condition: json }, { parameters })

t.test('evaluates a policy rule for a public IP', async (t) => {
  t.equal(condition({ field: 'type', equals: IP.toUpperCase() }), 'denies')
  t.equal(condition({ field: 'type', in: ['a', IP] }), 'denies')
  t.equal(condition({ field: 'type', like: 'Microsoft.Network/*' }), 'denies')
  t.equal(condition({ field: 'type', like: 'Microsoft.Compute/*' }), 'free')
  t.equal(condition({ field: 'type', notEquals: IP }), 'free')
  t.equal(condition({ field: 'location', notIn: ['westeurope'] }), 'denies')
  t.equal(condition({ field: 'location', notIn: ['EastUS'] }), 'free')
  t.equal(condition({ value: "[field('type')]", exists: true }), 'denies')
  t.equal(condition({ field: `${IP}/sku.name`, notEquals: 'Standard' }), 'free')
  t.equal(condition({ field: 'tags.env', exists: 'false' }), 'free', 'AKS copies the tags of the cluster')
  t.equal(condition({ field: "tags['env']", notEquals: 'prod' }), 'denies')
  t.equal(condition({ NOT: { Field: 'type', Equals: 'x' } }), 'denies', 'in any case')
})

t.test('unknown conditions leave the decision to the other conditions', async (t) => {
  const odd = { count: { field: `${IP}/ipTags[*]` }, less: 1 }
  const isIp = { field: 'type', equals: IP }
  const isNot = { field: 'type', equals: 'x' }
  t.equal(condition(odd), 'notDecided')
  t.equal(condition({ allOf: [isIp, odd] }), 'notDecided')
  t.equal(condition({ allOf: [isNot, odd] }), 'free')
  t.equal(condition({ anyOf: [isIp, odd] }), 'denies')
  t.equal(condition({ anyOf: [isNot, odd] }), 'notDecided')
  t.equal(condition({ not: odd }), 'notDecided')
  t.equal(condition({ field: 'name', like: 'pip-*' }), 'notDecided', 'AKS chooses the name')
  t.equal(condition({ field: 'tags.cost', exists: false }), 'notDecided', 'a policy may add it')
  t.equal(condition({ value: '[utcNow()]', equals: 'x' }), 'notDecided')
  t.equal(condition({ field: 'type', match: '##' }), 'notDecided')
  t.equal(condition('nonsense'), 'notDecided')
})

t.test('parameters come from the assignment, else from the definition', async (t) => {
  const rule = { condition: { field: 'type', in: "[parameters('types')]" }, effect: "[parameters('Effect')]" }
  const defaults = { effect: 'Audit', types: [IP] }
  t.equal(verdict({ ...rule, defaults }), 'free')
  t.equal(verdict({ ...rule, defaults }, { parameters: { EFFECT: 'Deny' } }), 'denies')
  t.equal(verdict({ ...rule, defaults }, { parameters: { effect: 'Deny', types: ['x'] } }), 'free')
  t.equal(verdict({ ...rule, defaults: { types: [IP] } }), 'notDecided', 'no effect is given')
  t.equal(verdict({ ...rule, defaults: { effect: 'Deny' } }), 'notDecided', 'no types are given')
  const tag = { field: "[concat('tags[', parameters('tagName'), ']')]", exists: false }
  t.equal(condition(tag, { tagName: 'env' }), 'free')
  t.equal(condition(tag, { tagName: 'cost' }), 'notDecided')
})

t.test('only the effect deny denies', async (t) => {
  for (const effect of ['audit', 'AuditIfNotExists', 'Disabled', 'modify', 'deployIfNotExists', 'append'])
    t.equal(verdict({ effect }), 'free', effect)
  t.equal(verdict({ effect: "[if(true(), 'deny', 'audit')]" }), 'notDecided')
  t.equal(verdict({ mode: 'Microsoft.Kubernetes.Data' }), 'free', 'a mode for what is inside of resources')
  t.equal(verdict({ mode: 'Indexed' }), 'denies')
})

t.test('an assignment applies if it is enforced and the scope is not excluded', async (t) => {
  for (const scope of [TOP, SUBSCRIPTION_ID, NODE_GROUP_ID.toUpperCase()])
    t.equal(verdict({}, { scope }), 'denies', scope)
  t.equal(
    verdict({}, { scope: `${SUBSCRIPTION_ID}/resourceGroups/rg-demo` }),
    'free',
    'not in the node group',
  )
  t.equal(verdict({}, { isEnforced: false }), 'free')
  t.equal(verdict({}, { notScopes: [NODE_GROUP_ID] }), 'free')
  t.equal(verdict({}, { notScopes: [`${NODE_GROUP_ID}2`] }), 'denies')
  t.equal(verdict({}, { isSelective: true }), 'notDecided')
})

t.test('an exemption frees until it expires', async (t) => {
  const exemption = {
    assignmentId: anAssignment().id.toUpperCase(),
    scope: SUBSCRIPTION_ID,
    expiresOn: null,
    referenceIds: [],
  }
  const exempt = (given: Partial<Omit<typeof exemption, 'expiresOn'>> & { expiresOn?: string }) =>
    verdict({}, {}, { exemptions: { facts: [{ ...exemption, ...given }] } })
  t.equal(exempt({}), 'free')
  t.equal(exempt({ expiresOn: '2026-09-01T00:00:01Z' }), 'free')
  t.equal(exempt({ expiresOn: '2026-09-01T00:00:00Z' }), 'denies')
  t.equal(exempt({ assignmentId: '/other' }), 'denies')
  t.equal(exempt({ scope: `${SUBSCRIPTION_ID}/resourceGroups/rg-demo` }), 'denies')
  t.equal(verdict({}, {}, { exemptions: denied('exemptions') }), 'notDecided', 'nobody knows')
})

t.test('looks into initiatives, and is not alarmed by members that only audit', async (t) => {
  const initiativeId = `${TOP}/providers/Microsoft.Authorization/policySetDefinitions/base`
  const inside = (
    member: { definitionId: string; parameters?: Record<string, Json> },
    given: Partial<PolicyFacts> = {},
    parameters: Record<string, Json> = {},
  ) => {
    const members = [{ referenceId: 'one', parameters: {}, ...member }]
    const facts = { id: initiativeId, displayName: 'Base', defaults: { ipEffect: 'Deny' }, members }
    const initiatives = { [initiativeId.toLowerCase()]: { facts } }
    return verdict({}, { definitionId: initiativeId, parameters }, { initiatives, ...given })
  }
  const effect = { effect: "[parameters('ipEffect')]" }
  const types = { listOfResourceTypesNotAllowed: [IP] }
  t.equal(inside({ definitionId: aPolicy().id }), 'denies')
  t.equal(inside({ definitionId: `${BUILT_IN}/unknown` }), 'notDecided')
  t.equal(inside({ definitionId: `${BUILT_IN}/unknown`, parameters: effect }), 'notDecided')
  t.equal(
    inside({ definitionId: `${BUILT_IN}/unknown`, parameters: effect }, {}, { ipEffect: 'Audit' }),
    'free',
  )
  const known = `${BUILT_IN}/6c112d4e-5bc7-47ae-a041-ea2d9dccd749`
  t.equal(inside({ definitionId: known, parameters: types }), 'denies', 'known by heart')
  t.equal(
    inside({ definitionId: known, parameters: { ...types, ...effect } }, {}, { ipEffect: 'Audit' }),
    'free',
  )
  const allowed = `${BUILT_IN}/a08ec900-254a-4555-9bf5-e42af04b5c5c`
  t.equal(inside({ definitionId: allowed, parameters: { listOfResourceTypesAllowed: [IP] } }), 'free')
  t.equal(inside({ definitionId: allowed, parameters: { listOfResourceTypesAllowed: ['x'] } }), 'denies')
  const exemption = {
    assignmentId: anAssignment().id,
    scope: NODE_GROUP_ID,
    expiresOn: null,
    referenceIds: ['ONE'],
  }
  t.equal(inside({ definitionId: aPolicy().id }, { exemptions: { facts: [exemption] } }), 'free')
  const other = { facts: [{ ...exemption, referenceIds: ['two'] }] }
  t.equal(inside({ definitionId: aPolicy().id }, { exemptions: other }), 'denies')
  const unread = { initiatives: { [initiativeId.toLowerCase()]: denied('initiative') } }
  t.equal(inside({ definitionId: aPolicy().id }, unread), 'notDecided')
})

t.test('a definition that could not be read leaves it open, and so do assignments', async (t) => {
  t.equal(verdict({}, { definitionId: '/x/policyDefinitions/y' }), 'notDecided')
  const made = planned({ assignments: denied('the policy assignments') })
  t.strictSame(made.preflight.policies, [])
  const said = made.findings.find(({ code }) => code === 'POLICY_MAY_DENY_PIP')
  t.match(said, { severity: 'warning', facts: { unread: ['the policy assignments'] } })
})
