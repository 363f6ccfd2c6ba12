import { existsSync, globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { parse } from 'yaml'
import { ROLES } from '../scripts/roles.ts'

/*
 * No compiler for Bicep is available to the tests. They check the symbols of each template, and the places where a
 * template refers to something else in this repository.
 */
const FOLDER = fileURLToPath(new URL('../deploy/', import.meta.url))
const readTemplate = (name: string) => readFileSync(`${FOLDER}azure/${name}`, 'utf8')

t.test('the templates refer only to files that exist', async (t) => {
  const templates = globSync('*.bicep', { cwd: `${FOLDER}azure` })
  t.equal(templates.length, 3)
  for (const name of templates)
    for (const [, file] of readTemplate(name).matchAll(/'([\w./-]+\.(?:json|bicep))'/g))
      t.ok(existsSync(`${FOLDER}azure/${file}`), `${name}: ${file}`)
})

/** The functions of Bicep that the templates may call, and its decorators. */
const FUNCTIONS = new Set([
  ...['allowed', 'description', 'maxValue', 'minValue'],
  ...['guid', 'loadJsonContent', 'resourceGroup', 'subscription', 'tenant', 'uniqueString'],
])

/** The code of a template without comments, where each string consists of the expressions that it contains. */
function codeOf(name: string): string {
  return readTemplate(name).replaceAll(/\/\/.*$|'((?:[^'\\\n]|\\.)*)'/gm, (_, text = '') =>
    [...text.matchAll(/\$\{([^}]*)\}/g)].map(([, expression]) => ` ${expression} `).join(''),
  )
}

const namesIn = (code: string, pattern: RegExp) => [...code.matchAll(pattern)].map(([, name = '']) => name)

t.test('a template refers to every symbol that it declares, and to no other', async (t) => {
  for (const name of globSync('*.bicep', { cwd: `${FOLDER}azure` })) {
    const code = codeOf(name)
    const declared = namesIn(code, /^(?:param|var|resource|module) (\w+)/gm)
    t.equal(new Set(declared).size, declared.length, `${name} declares no symbol twice`)
    const loops = namesIn(code, /\bfor (\w+) in\b/g)
    const body = code
      .replaceAll(/^targetScope = $/gm, '')
      .replaceAll(/^(?:param|output) \w+ \w+|^(?:var|resource|module) \w+/gm, '')
      .replaceAll(/\bfor \w+ in (\w+):/g, '$1')
    const used = namesIn(body, /(?<![.\w])([a-zA-Z_]\w*)\b(?!\s*[:(])/g)
    const modules = namesIn(code, /^(?:module|output) (\w+)/gm)
    const results = namesIn(code, /^resource (\w+)/gm)
    t.strictSame(
      used.filter((symbol) => ![...declared, ...loops].includes(symbol)),
      [],
      `${name} refers only to declared symbols`,
    )
    t.strictSame(
      declared.filter((symbol) => ![...used, ...modules, ...results].includes(symbol)),
      [],
      `${name} uses its parameters and variables`,
    )
    const called = namesIn(code, /(?<![.\w])([a-zA-Z_]\w*)\(/g)
    t.strictSame(
      called.filter((symbol) => !FUNCTIONS.has(symbol)),
      [],
      `${name} calls known functions`,
    )
    for (const [open = '', close = ''] of ['{}', '[]', '()'].map((pair) => [...pair]))
      t.equal(code.split(open).length, code.split(close).length, `${name} closes each ${open}`)
  }
})

t.test('a module gets every parameter that its template declares', async (t) => {
  const wanted = namesIn(codeOf('executor-assignment.bicep'), /^param (\w+)/gm).sort()
  const given = [...codeOf('subscription.bicep').matchAll(/params: \{([^}]*)\}/g)]
  t.equal(given.length, 2)
  for (const [, params = ''] of given) t.strictSame(namesIn(params, /(\w+):/g).sort(), wanted)
})

t.test('the templates use only members that the roles have', async (t) => {
  const members = [
    ...readTemplate('subscription.bicep').matchAll(/(?<!\/)\b(planner|executor|prober)\.(\w+)/g),
  ]
  t.ok(members.length > 10)
  for (const [, role, member = ''] of members)
    t.ok(Object.hasOwn(ROLES[role as keyof typeof ROLES], member), `${role}.${member}`)
})

t.test('the identity trusts the service account of the manifests', async (t) => {
  const account = parse(readFileSync(`${FOLDER}kubernetes/base/service-account.yaml`, 'utf8'))
  const { namespace } = parse(readFileSync(`${FOLDER}kubernetes/base/kustomization.yaml`, 'utf8'))
  t.ok(
    readTemplate('main.bicep').includes(
      `param serviceAccount string = '${namespace}:${account.metadata.name}'`,
    ),
  )
})
