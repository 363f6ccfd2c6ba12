import { movingOf } from '../allow-lists/allow-lists-plan.ts'
import { isConcerned } from '../allow-lists/consumers.ts'
import { finding } from '../findings/catalogue.ts'
import type { Check } from './check.ts'

/** Whom to tell of those that the request named: all who know an address that goes (EXTERNAL_ALLOWLISTS). */
export const consumers: Check = (context) => {
  const moving = movingOf(context)
  const names = context.allowLists.consumers
    .filter((each) => isConcerned(each, moving))
    .map(({ name }) => name)
  return names.length === 0 ? [] : [finding('CONSUMERS_TO_TELL', { names })]
}
