import { type TSchema, Type } from 'typebox'
import { nullable } from './plain.ts'

export function listOf<T extends TSchema>(item: T) {
  return Type.Object({
    items: Type.Array(item),
    next: nullable(Type.String(), {
      description: 'Give it as `cursor` to read on; null on the last page.',
    }),
  })
}

export const PAGE_PARAMETERS = {
  limit: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 100, default: 20, description: 'Entries of a page, 1 to 100.' }),
  ),
  cursor: Type.Optional(
    Type.String({ minLength: 1, maxLength: 2048, description: 'The `next` of the page before.' }),
  ),
  cluster: Type.Optional(
    Type.String({ minLength: 1, maxLength: 1000, description: 'Only this cluster, by its ARM id.' }),
  ),
}
