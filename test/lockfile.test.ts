import { execFileSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import t from 'tap'

interface Entry {
  dev?: boolean
  version?: string
  resolved?: string
  optionalDependencies?: Record<string, string>
}

type Packages = Record<string, Entry>

for (const file of ['package-lock.json', 'contract/package-lock.json']) {
  const { packages } = JSON.parse(await readFile(new URL(`../${file}`, import.meta.url), 'utf8')) as {
    packages: Packages
  }

  t.test(`${file} names no address that a package came from`, async (t) => {
    t.strictSame(
      Object.entries(packages)
        .filter(([, entry]) => entry.resolved !== undefined)
        .map(([path]) => path),
      [],
    )
  })

  t.test(`${file} contains the packages of every platform, as npm ci requires`, async (t) => {
    const missing = Object.entries(packages).flatMap(([path, { optionalDependencies }]) =>
      Object.keys(optionalDependencies ?? {}).filter((name) => !isLocked(packages, path, name)),
    )
    t.strictSame(missing, [])
  })
}

/** Node's own way to look: beside the package, then in each folder above it. */
function isLocked(packages: Packages, path: string, name: string): boolean {
  const folders = path.split('/node_modules/')
  return (
    folders.some((_, index) => {
      const above = folders.slice(0, folders.length - index).join('/node_modules/')
      return packages[`${above}/node_modules/${name}`] !== undefined
    }) || packages[`node_modules/${name}`] !== undefined
  )
}

t.test('`npm run sbom` tells the packages that the service needs from those for development', async (t) => {
  const root = new URL('../', import.meta.url)
  const { packages } = JSON.parse(await readFile(new URL('package-lock.json', root), 'utf8')) as {
    packages: Packages
  }
  const bom = JSON.parse(
    execFileSync('npm', ['run', '--silent', 'sbom'], { cwd: root, encoding: 'utf8' }),
  ) as {
    bomFormat: string
    components: { name: string; version: string; properties: { name: string }[] }[]
  }
  t.equal(bom.bomFormat, 'CycloneDX')
  const listed = bom.components
    .filter(({ properties }) => !properties.some(({ name }) => name === 'cdx:npm:package:development'))
    .map(({ name, version }) => `${name}@${version}`)
  const needed = Object.entries(packages)
    .filter(([path, { dev }]) => path !== '' && dev !== true)
    .map(([path, { version }]) => `${path.split('node_modules/').at(-1)}@${version}`)
  t.strictSame([...new Set(listed)].sort(), [...new Set(needed)].sort())
})
