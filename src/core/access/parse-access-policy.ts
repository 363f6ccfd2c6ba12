import { isObject } from '../../contract/json.ts'
import { ACTIONS, type Action } from '../../contract/me.ts'
import { type ClusterPattern, MAX_WILDCARDS } from '../../contract/webhook.ts'
import { countWildcards } from '../lib/wildcard.ts'
import type { ResourceGroupPattern } from '../request/plan-request.ts'
import type { AccessPolicy, Principal } from './access-policy.ts'

/** The policy, or every error in it: its location (a JSON pointer), what is wrong, and what to do. */
export type AccessPolicyResult = { policy: AccessPolicy } | { faults: string[] }

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
/** The characters that ARM allows in names, and the star. */
const GROUP_PATTERN = /^[-a-zA-Z0-9_().*\u00aa-\uffdc]{1,90}$/
const CLUSTER_PATTERN = /^[a-zA-Z0-9_*-]{1,63}$/
const PRINCIPAL_FIELDS = ['oid', 'appId', 'groupId'] as const

/** Reads the value of an access policy file. Unknown fields are rejected because they may be misspelled permissions. */
export function parseAccessPolicy(value: unknown): AccessPolicyResult {
  const faults: string[] = []
  const policy = new Reader(faults).policy(value)
  return faults.length > 0 ? { faults } : { policy }
}

class Reader {
  readonly #faults: string[]

  constructor(faults: string[]) {
    this.#faults = faults
  }

  policy(value: unknown): AccessPolicy {
    const file = this.#object(value, '', ['version', 'grants', 'approvals'])
    if (file.version !== 1)
      this.#fault('/version', 'must be 1', 'Set "version": 1, the only supported version.')
    return {
      grants: this.#list(file.grants, '/grants').map((item, index) => this.#grant(item, `/grants/${index}`)),
      approvals: this.#list(file.approvals ?? [], '/approvals', 0).map((item, index) =>
        this.#approval(item, `/approvals/${index}`),
      ),
    }
  }

  #grant(value: unknown, at: string): AccessPolicy['grants'][number] {
    const grant = this.#object(value, at, ['name', 'to', 'actions', 'on', 'prepareIn'])
    this.#name(grant.name, at)
    return {
      to: this.#list(grant.to, `${at}/to`).map((item, index) => this.#principal(item, `${at}/to/${index}`)),
      actions: this.#list(grant.actions, `${at}/actions`).map((item, index) =>
        this.#action(item, `${at}/actions/${index}`),
      ),
      on: this.#patterns(grant.on, `${at}/on`),
      ...(grant.prepareIn === undefined
        ? {}
        : { prepareIn: this.#groupPatterns(grant.prepareIn, `${at}/prepareIn`) }),
    }
  }

  #approval(value: unknown, at: string): AccessPolicy['approvals'][number] {
    const rule = this.#object(value, at, ['name', 'on', 'requireApproval'])
    this.#name(rule.name, at)
    if (typeof rule.requireApproval !== 'boolean')
      this.#fault(
        `${at}/requireApproval`,
        'must be true or false',
        'Set true to require approval by a second person.',
      )
    return { on: this.#patterns(rule.on, `${at}/on`), requireApproval: rule.requireApproval === true }
  }

  #principal(value: unknown, at: string): Principal {
    const principal = this.#object(value, at, ['name', ...PRINCIPAL_FIELDS])
    this.#name(principal.name, at)
    const kinds = PRINCIPAL_FIELDS.filter((kind) => principal[kind] !== undefined)
    const [kind] = kinds
    if (kind === undefined || kinds.length > 1) {
      this.#fault(at, 'must identify one principal', `Set exactly one of ${PRINCIPAL_FIELDS.join(', ')}.`)
      return { oid: '' }
    }
    const id = principal[kind]
    if (typeof id !== 'string' || !GUID.test(id))
      this.#fault(
        `${at}/${kind}`,
        'must be a GUID',
        'Copy the ID from the Microsoft Entra admin center; names can change, IDs cannot.',
      )
    return { [kind]: String(id) } as Principal
  }

  #action(value: unknown, at: string): Action {
    const action = ACTIONS.find((action) => action === value)
    if (action === undefined) this.#fault(at, 'must be an action', `Use one of ${ACTIONS.join(', ')}.`)
    return action ?? 'read'
  }

  #patterns(value: unknown, at: string): ClusterPattern[] {
    return this.#list(value, at).map((item, index) => this.#pattern(item, `${at}/${index}`))
  }

  #groupPatterns(value: unknown, at: string): ResourceGroupPattern[] {
    return this.#list(value, at).map((item, index) => this.#groupPattern(item, `${at}/${index}`))
  }

  #pattern(value: unknown, at: string): ClusterPattern {
    const pattern = this.#object(value, at, ['subscriptionId', 'resourceGroup', 'clusterName'])
    const { clusterName = '*' } = pattern
    const group = this.#groupFields(pattern, at)
    this.#wildcard(clusterName, `${at}/clusterName`, CLUSTER_PATTERN, 'cluster')
    return { ...group, clusterName: String(clusterName) }
  }

  #groupPattern(value: unknown, at: string): ResourceGroupPattern {
    return this.#groupFields(this.#object(value, at, ['subscriptionId', 'resourceGroup']), at)
  }

  #groupFields(
    { subscriptionId, resourceGroup = '*' }: Record<string, unknown>,
    at: string,
  ): ResourceGroupPattern {
    if (subscriptionId !== '*' && !isLike(subscriptionId, GUID))
      this.#fault(
        `${at}/subscriptionId`,
        'must be a subscription ID',
        'Use the GUID of the subscription, or "*" for all subscriptions.',
      )
    this.#wildcard(resourceGroup, `${at}/resourceGroup`, GROUP_PATTERN, 'resource group')
    return { subscriptionId: String(subscriptionId), resourceGroup: String(resourceGroup) }
  }

  #wildcard(value: unknown, at: string, shape: RegExp, kind: string): void {
    if (!isLike(value, shape))
      this.#fault(
        at,
        `must be the name of a ${kind}`,
        `Use the name, with * for any characters, or omit the field for all ${kind}s.`,
      )
    if (typeof value === 'string' && countWildcards(value) > MAX_WILDCARDS)
      this.#fault(
        at,
        `must contain at most ${MAX_WILDCARDS} wildcards`,
        'Replace runs of * by a single *, or list several patterns.',
      )
  }

  /** A name is only for readers of the file. */
  #name(value: unknown, at: string): void {
    if (value !== undefined && typeof value !== 'string')
      this.#fault(`${at}/name`, 'must be text', 'Use a string, or omit the field.')
  }

  #object(value: unknown, at: string, known: readonly string[]): Record<string, unknown> {
    if (!isObject(value)) {
      this.#fault(at, 'must be a JSON object', `Use an object with ${known.join(', ')}.`)
      return {}
    }
    for (const key of Object.keys(value).filter((item) => !known.includes(item)))
      this.#fault(`${at}/${escaped(key)}`, 'is not an allowed field', `Use only ${known.join(', ')}.`)
    return value
  }

  #list(value: unknown, at: string, least = 1): unknown[] {
    if (Array.isArray(value) && value.length >= least) return value
    this.#fault(at, 'must be a list with entries', 'Use a list with at least one entry.')
    return []
  }

  #fault(at: string, requirement: string, remedy: string): void {
    this.#faults.push(`${at === '' ? 'The file' : at} ${requirement}. ${remedy}`)
  }
}

function isLike(value: unknown, shape: RegExp): boolean {
  return typeof value === 'string' && shape.test(value)
}

/** JSON pointer escaping, RFC 6901. */
function escaped(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1')
}
