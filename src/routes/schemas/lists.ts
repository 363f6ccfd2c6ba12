import { type TSchema, Type } from 'typebox'
import { TYPE_KEYS } from '../../core/outbound-type.ts'
import { nullable, words } from './plain.ts'

export function listOf<T extends TSchema>(item: T) {
  return Type.Object({
    items: Type.Array(item),
    next: nullable(Type.String(), {
      description: 'Give it as `cursor`, with the same filters, to read on; null on the last page.',
    }),
  })
}

export const PAGE_PARAMETERS = {
  limit: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 100, default: 20, description: 'Entries of a page, 1 to 100.' }),
  ),
  cursor: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 2048,
      description: 'The `next` of the page before; it holds for this list with the same filters only.',
    }),
  ),
  cluster: Type.Optional(
    Type.String({ minLength: 1, maxLength: 1000, description: 'Only this cluster, by its ARM id.' }),
  ),
}

/** What plans and jobs can be filtered by alike, beside their status. */
export const FILTER_PARAMETERS = {
  from: Type.Optional(
    words(TYPE_KEYS, { description: 'Only plans, or jobs on plans, from this outbound type.' }),
  ),
  to: Type.Optional(
    words(TYPE_KEYS, { description: 'Only plans, or jobs on plans, to this outbound type.' }),
  ),
  createdBy: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 200,
      pattern: '^[^\\u0000-\\u001f\\u007f]*$',
      description: 'Only what this actor made, by id or by the name in `createdBy`.',
    }),
  ),
  createdAfter: Type.Optional(
    Type.String({ maxLength: 40, description: 'Only what was made at this time or later (RFC 3339).' }),
  ),
  createdBefore: Type.Optional(
    Type.String({ maxLength: 40, description: 'Only what was made before this time (RFC 3339).' }),
  ),
}
