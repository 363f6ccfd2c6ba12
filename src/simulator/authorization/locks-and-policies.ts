import { gatewayError } from '../arm/arm-error.ts'
import { appliesTo, scopeOf, typeOf } from '../arm/arm-path.ts'
import { type ArmHandler, assertResourceGroup, assertSubscription } from '../arm/arm-request.ts'
import { type JsonObject, listAt, textAt } from '../lib/json.ts'

const BUILT_IN_POLICIES: JsonObject[] = [
  builtInPolicy('6c112d4e-5bc7-47ae-a041-ea2d9dccd749', 'Not allowed resource types', 'All', {
    parameters: {
      listOfResourceTypesNotAllowed: { type: 'Array' },
      effect: { type: 'string', defaultValue: 'Deny', allowedValues: ['Audit', 'Deny', 'Disabled'] },
    },
    policyRule: ifThen(
      {
        allOf: [
          { field: 'type', in: "[parameters('listOfResourceTypesNotAllowed')]" },
          { value: "[field('type')]", exists: true },
        ],
      },
      "[parameters('effect')]",
    ),
  }),
  builtInPolicy('a08ec900-254a-4555-9bf5-e42af04b5c5c', 'Allowed resource types', 'Indexed', {
    parameters: { listOfResourceTypesAllowed: { type: 'Array' } },
    policyRule: ifThen({ not: { field: 'type', in: "[parameters('listOfResourceTypesAllowed')]" } }, 'deny'),
  }),
]

/** GET of a policy or initiative at any scope: resources of a test, and two built-in resources. */
export const getPolicy: ArmHandler = (world, { path }) => {
  const type = path.types[0] ?? ''
  const id = `${path.scope ?? ''}/providers/Microsoft.Authorization/${type}/${path.names[0]}`
  const builtIn = BUILT_IN_POLICIES.find((body) => String(body.id).toLowerCase() === id.toLowerCase())
  const body = world.get(id) ?? builtIn
  if (body !== undefined) return { status: 200, body }
  const what = typeOf(path).endsWith('policydefinitions') ? 'PolicyDefinition' : 'PolicySetDefinition'
  throw gatewayError(404, `${what}NotFound`, `The policy '${path.names[0]}' could not be found.`)
}

function builtInPolicy(name: string, displayName: string, mode: string, rest: JsonObject): JsonObject {
  return {
    id: `/providers/Microsoft.Authorization/policyDefinitions/${name}`,
    type: 'Microsoft.Authorization/policyDefinitions',
    name,
    properties: { displayName, policyType: 'BuiltIn', mode, ...rest },
  }
}

function ifThen(condition: JsonObject, effect: string): JsonObject {
  return Object.fromEntries([
    ['if', condition],
    ['then', { effect }],
  ])
}

/**
 * Lists of locks, policy assignments, exemptions and custom definitions of a subscription: resources in the
 * subscription, and for policies also resources on management groups. They exist only if a test has created them.
 */
export const listAuthorization: ArmHandler = (world, { path }) => {
  assertSubscription(world, path)
  const subscription = `/subscriptions/${path.subscription}`
  const isSeen = (body: JsonObject) => {
    const scope = scopeOf(textAt(body, 'id') ?? '')
    return appliesTo(subscription, scope) || (scope !== '' && appliesTo(scope, subscription))
  }
  return { status: 200, body: { value: world.list(typeOf(path)).filter(isSeen) } }
}

const EVERYTHING: JsonObject = { actions: ['*'], notActions: [], dataActions: [], notDataActions: [] }

/**
 * The permissions of the caller at a scope: everything, unless a test has created resources of type
 * `Microsoft.Authorization/permissions`
 * (`{ id: '{scope}/providers/Microsoft.Authorization/permissions/x', actions, notActions }`): then only the permissions
 * in these resources.
 */
export const listPermissions: ArmHandler = (world, { path }) => {
  if (path.resourceGroup === undefined) assertSubscription(world, path)
  else assertResourceGroup(world, path)
  const given = world.list('microsoft.authorization/permissions')
  const value = given
    .filter((body) => appliesTo(scopeOf(textAt(body, 'id') ?? ''), path.scope ?? ''))
    .map((body) => ({
      actions: listAt(body, 'actions'),
      notActions: listAt(body, 'notActions'),
      dataActions: [],
      notDataActions: [],
    }))
  return { status: 200, body: { value: given.length === 0 ? [EVERYTHING] : value } }
}
