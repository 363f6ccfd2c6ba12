import fc from 'fast-check'
import t from 'tap'
import { matchesAction, permitsAction, scopeCovers } from '../../../src/core/preflight/permissions.ts'
import { propertyRuns } from '../../support/property-runs.ts'

const word = fc.stringMatching(/^[A-Za-z.]{1,6}$/)
const action = fc.array(word, { minLength: 2, maxLength: 5 }).map((words) => words.join('/'))
/** A pattern in which parts of an action are stars, and the action. */
const starred = fc.tuple(action, fc.infiniteStream(fc.boolean())).map(([text, stars]) => {
  const pattern = text
    .split('/')
    .map((part) => (stars.next().value ? '*' : part))
    .join('/')
  return { text, pattern }
})
/** What the documentation says of `*`, in other words. */
function byRegularExpression(pattern: string, text: string): boolean {
  const parts = pattern.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^${parts.join('.*')}$`, 'is').test(text)
}

t.test('an action matches itself in any letter case', async (t) => {
  fc.assert(fc.property(action, (text) => matchesAction(text.toUpperCase(), text.toLowerCase())))
  t.pass()
})

t.test('a star matches any text, including slashes, at any position', async (t) => {
  fc.assert(fc.property(starred, ({ text, pattern }) => matchesAction(pattern, text)))
  fc.assert(fc.property(action, (text) => matchesAction('*', text)))
  fc.assert(fc.property(action, word, (text, more) => matchesAction(`${text}/*`, `${text}/${more}/${more}`)))
  t.pass()
})

t.test('matches the same texts as a regular expression', async (t) => {
  const letters = fc.stringMatching(/^[ab/*.]{0,8}$/)
  const text = fc.stringMatching(/^[abAB/.]{0,8}$/)
  fc.assert(
    fc.property(letters, text, (pattern, given) => {
      return matchesAction(pattern, given) === byRegularExpression(pattern, given)
    }),
    { numRuns: propertyRuns(2) },
  )
  t.pass()
})

t.test('an action that one role excludes by notActions can be granted by another role', async (t) => {
  fc.assert(
    fc.property(action, (text) => {
      const taken = { actions: ['*'], notActions: [text] }
      return (
        !permitsAction([taken], text) && permitsAction([taken, { actions: [text], notActions: [] }], text)
      )
    }),
  )
  t.equal(permitsAction([], 'Microsoft.Network/x/read'), false)
})

t.test('evaluates real role definitions as Azure does', async (t) => {
  const write = 'Microsoft.ContainerService/managedClusters/write'
  const join = 'Microsoft.Network/virtualNetworks/subnets/join/action'
  const can = (actions: string[], wanted: string, notActions: string[] = []) =>
    permitsAction([{ actions, notActions }], wanted)
  t.equal(can(['*/read'], write), false, 'Reader writes nothing')
  t.equal(can(['*/read'], 'Microsoft.Network/virtualNetworks/subnets/read'), true)
  t.equal(can(['*'], write, ['Microsoft.Authorization/*/Write']), true, 'Contributor')
  t.equal(can(['Microsoft.Network/*'], join), true, 'Network Contributor')
  t.equal(can(['microsoft.network/virtualnetworks/*/ACTION'], join), true)
  t.equal(can(['Microsoft.Network/virtualNetworks/join/action'], join), false)
})

t.test('a scope includes the scopes below it, and no sibling', async (t) => {
  const group = '/subscriptions/S/resourceGroups/rg'
  t.ok(scopeCovers('/', group))
  t.ok(scopeCovers('/providers/Microsoft.Management/managementGroups/top', group))
  t.ok(scopeCovers('/subscriptions/s', group))
  t.ok(scopeCovers('/subscriptions/s/resourcegroups/RG/', group))
  t.notOk(scopeCovers('/subscriptions/s/resourceGroups/r', group), 'no name is a part of another')
  t.notOk(scopeCovers('/subscriptions/s/resourceGroups/rg2', group))
  t.notOk(scopeCovers(`${group}/providers/Microsoft.Network/virtualNetworks/v`, group), 'not from below')
  const subnet = `${group}/providers/Microsoft.Network/virtualNetworks/v/subnets/s`
  t.ok(scopeCovers(`${group}/providers/Microsoft.Network/virtualNetworks/v`, subnet))
})
