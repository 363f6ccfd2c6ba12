import { existsSync, globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { parse } from 'yaml'
import { ROLES } from '../scripts/roles.ts'

/*
 * No compiler for Bicep is available to the tests. They check the places where a template refers to something else in
 * this repository.
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
