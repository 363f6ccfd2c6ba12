import { connectArm } from '../../../src/azure/connect/connect-arm.ts'
import type { Json, JsonObject } from '../../../src/contract/json.ts'
import type { AllowListEntry } from '../../../src/core/snapshot/allow-list-facts.ts'
import { armServer, type SeenRequest, SUBSCRIPTION, type Test } from './arm-server.ts'

export const GROUP = `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg-demo/providers`

/** A connection whose Resource Graph has these rows, and whose GETs are answered by their path. */
export async function graphOf(
  t: Test,
  rows: Json[],
  below: Record<string, { status?: number; body: Json }> = {},
) {
  const server = await armServer(t, ({ method, url }: SeenRequest) => {
    if (method === 'POST')
      return { status: 200, body: { totalRecords: rows.length, count: rows.length, data: rows, facets: [] } }
    const found = below[decodeURIComponent(url.split('?')[0] ?? '')]
    return found === undefined
      ? { status: 404, body: { error: { code: 'ResourceNotFound', message: url } } }
      : { status: found.status ?? 200, body: found.body }
  })
  return {
    server,
    arm: connectArm({ endpoint: server.endpoint, simulated: true, retries: { baseDelayMs: 1 } }),
  }
}

/** The entries of the one resource that Resource Graph shows with these columns. */
export async function entriesOfRow(t: Test, type: string, columns: JsonObject): Promise<AllowListEntry[]> {
  const { arm } = await graphOf(t, [{ id: `${GROUP}/${type}/one`, type: type.toLowerCase(), ...columns }])
  const { resources, unread } = await arm.findAllowLists()
  if (unread.length > 0) throw new Error(JSON.stringify(unread))
  return resources[0]?.entries ?? []
}

/** The entries that lie below the one resource of a type, at a path, as ARM shows them there. */
export async function entriesBelow(
  t: Test,
  type: string,
  path: string,
  body: Json,
  columns: JsonObject = {},
): Promise<AllowListEntry[]> {
  const id = `${GROUP}/${type}/one`
  const { arm } = await graphOf(t, [{ id, type: type.toLowerCase(), ...columns }], {
    [`${id}/${path}`]: { body },
  })
  const [below] = (await arm.findAllowLists()).childLists
  if (below === undefined) throw new Error('nothing lies below')
  return (await arm.readChildLists(below))?.entries ?? []
}
