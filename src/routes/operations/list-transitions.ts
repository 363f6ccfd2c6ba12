import { Type } from 'typebox'
import { EDITION_NAMES } from '../../core/matrix-editions.ts'
import { TYPE_KEYS, VNET_KINDS } from '../../core/outbound-type.ts'
import { SUPPORTS } from '../../core/plan.ts'
import type { TransitionRow } from '../../core/transitions.ts'
import { answers } from '../answers.ts'
import type { App, AppDeps } from '../deps.ts'
import { listOf } from '../schemas/lists.ts'
import { ref, words } from '../schemas/plain.ts'
import { TransitionSchema } from '../schemas/transition.ts'

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
        words(VNET_KINDS, { description: '`managed`: AKS owns the virtual network. `byo`: the user does.' }),
      ),
      from: Type.Optional(words(TYPE_KEYS, { description: 'Only from this type.' })),
      to: Type.Optional(words(TYPE_KEYS, { description: 'Only to this type.' })),
      support: Type.Optional(words(SUPPORTS, { description: 'Only pairs with this support.' })),
      edition: Type.Optional(
        words(EDITION_NAMES, { description: 'Only the cells of this edition, with its verdict alone.' }),
      ),
    },
    { additionalProperties: false },
  ),
  response: answers(
    {
      200: {
        description: 'The pairs.',
        schema: listOf(ref(TransitionSchema)),
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
    return { items: edition === undefined ? items : cellsOf(edition, items), next: null }
  })
}

/** The rows that an edition's tables have, each with that edition's verdict alone. */
function cellsOf(edition: string, rows: readonly TransitionRow[]): TransitionRow[] {
  return rows
    .map((row) => ({ ...row, editions: row.editions.filter((each) => each.edition === edition) }))
    .filter((row) => row.editions.some((each) => each.verdict !== 'absent'))
}
