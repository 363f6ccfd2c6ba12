import t from 'tap'
import type { Resolve } from '../../src/webhooks/deps.ts'
import { resolveName, resolveReceiver } from '../../src/webhooks/receiver.ts'

const names: Record<string, string[]> = {
  'public.example': ['20.10.0.4', '2606:4700:4700::1111'],
  'inside.example': ['10.20.0.4'],
  'mixed.example': ['20.10.0.4', '10.0.0.1'],
  'loop.example': ['127.0.0.1'],
}
const resolve: Resolve = async (hostname) => {
  const found = names[hostname]
  if (found === undefined) throw new Error('ENOTFOUND')
  return found
}

const judged = async (url: string, allowed: string[] = []) => {
  const found = await resolveReceiver(url, allowed, resolve)
  return typeof found === 'string' ? found : found.addresses
}

t.test('a public https URL is sent to at the addresses that were judged', async (t) => {
  t.strictSame(await judged('https://public.example/hook?token=1'), names['public.example'])
  t.strictSame(await judged('https://20.10.0.4:8443/'), ['20.10.0.4'])
  t.strictSame(await judged('https://[2606:4700:4700::1111]/'), ['2606:4700:4700::1111'])
})

t.test('rejects an internal address in every notation', async (t) => {
  const inside = [
    'https://loop.example/',
    'https://inside.example/',
    'https://mixed.example/',
    'https://127.0.0.1/',
    'https://127.1/',
    'https://2130706433/',
    'https://0x7f.0.0.1/',
    'https://0177.0.0.1/',
    'https://0/',
    'https://[::1]/',
    'https://[::ffff:127.0.0.1]/',
    'https://[::ffff:7f00:1]/',
    'https://[fd00::1]/',
    'https://169.254.169.254/metadata/identity/oauth2/token',
    'https://168.63.129.16/',
    'https://１２７.0.0.1/',
  ]
  for (const url of inside) t.equal(await judged(url), 'ADDRESS_REFUSED', url)
})

t.test('distinguishes the reasons why a receiver URL is invalid', async (t) => {
  t.equal(await judged('nowhere'), 'NOT_A_URL')
  t.equal(await judged('ftp://public.example/'), 'NOT_A_URL')
  t.equal(await judged('file:///etc/passwd'), 'NOT_A_URL')
  t.equal(await judged('https://user:secret@public.example/'), 'CREDENTIALS')
  t.equal(await judged('https://user@public.example/'), 'CREDENTIALS')
  t.equal(await judged('https://missing.example/'), 'NAME_UNKNOWN')
  t.equal(await judged('http://public.example/'), 'NOT_HTTPS')
})

t.test('an operator can allow receivers inside, without TLS too', async (t) => {
  t.strictSame(await judged('http://inside.example/', ['10.20.0.0/16']), ['10.20.0.4'])
  t.strictSame(await judged('https://inside.example/', ['10.20.0.0/16']), ['10.20.0.4'])
  t.equal(await judged('http://loop.example/', ['10.20.0.0/16']), 'ADDRESS_REFUSED')
  t.equal(await judged('http://public.example/', ['10.20.0.0/16']), 'NOT_HTTPS', 'only inside')
})

t.test('names are resolved as the system does, all addresses of them', async (t) => {
  const found = await resolveName('localhost')
  t.ok(found.every((each) => each === '127.0.0.1' || each === '::1'))
  t.ok(found.length > 0)
})
