import { Type } from 'typebox'
import { enumOf, ref } from '../../contract/fields.ts'
import type { Transition } from '../../contract/outbound-type.ts'
import { SUPPORTS, TransitionSchema, TYPE_KEYS, VNET_KINDS } from '../../contract/outbound-type.ts'
import { pageOf } from '../../contract/parameters.ts'
import { EDITION_NAMES } from '../../core/support-matrix/editions.ts'
import { documentedResponses } from '../openapi/documented-responses.ts'
import type { App, AppDeps } from '../server/app-deps.ts'

const path = '/v1/transitions'

const schema = {
  operationId: 'listTransitions',
  tags: ['Transitions'],
  summary: 'Which outbound type can become which',
  description:
    'The whole support matrix of AKS, as dated editions: for each kind of virtual network every ordered pair of types, whether it is supported, whether there is a way back, and why. Not paged.',
  querystring: Type.Object(
    {
      vnet: Type.Optional(
        enumOf(VNET_KINDS, { description: '`managed`: AKS owns the virtual network. `byo`: the user does.' }),
      ),
      from: Type.Optional(enumOf(TYPE_KEYS, { description: 'Only from this type.' })),
      to: Type.Optional(enumOf(TYPE_KEYS, { description: 'Only to this type.' })),
      support: Type.Optional(enumOf(SUPPORTS, { description: 'Only pairs with this support.' })),
      edition: Type.Optional(
        enumOf(EDITION_NAMES, { description: 'Only the cells of this edition, with its verdict alone.' }),
      ),
    },
    { additionalProperties: false },
  ),
  response: documentedResponses(
    {
      200: {
        description: 'The pairs.',
        schema: pageOf(ref(TransitionSchema)),
        example: 'transitions',
      },
    },
    ['INVALID_REQUEST'],
  ),
}

export function listTransitions(app: App, { transitions }: AppDeps): void {
  app.get(path, { schema, config: { operation: schema.operationId } }, async ({ query }) => {
    const { vnet, from, to, support, edition } = query
    const items = transitions().filter(
      (row) =>
        (vnet ?? row.vnet) === row.vnet &&
        (from ?? row.from) === row.from &&
        (to ?? row.to) === row.to &&
        (support ?? row.support) === row.support,
    )
    return { items: edition === undefined ? items : rowsOfEdition(edition, items), next: null }
  })
}

/** The rows that an edition's tables have, each with that edition's verdict alone. */
function rowsOfEdition(edition: string, rows: readonly Transition[]): Transition[] {
  return rows
    .map((row) => ({ ...row, editions: row.editions.filter((each) => each.edition === edition) }))
    .filter((row) => row.editions.some((each) => each.verdict !== 'absent'))
}
