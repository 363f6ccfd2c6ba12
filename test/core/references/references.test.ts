import t from 'tap'
import { PAGE_KEYS, pageTitle, pageUrl } from '../../../src/core/references/pages.ts'
import { documented, errorCode, inferred, linkSources } from '../../../src/core/references/references.ts'
import { RULES } from '../../../src/core/rules/index.ts'

t.test('joins references into one text with the titles of the pages', async (t) => {
  t.strictSame(documented('egress-outboundtype, support matrix'), {
    confidence: 'documented',
    text: 'Customize cluster egress with outbound types in Azure Kubernetes Service (AKS), support matrix',
  })
  const { text } = inferred('nat-sku', 'Azure/AKS issue 5634', errorCode('NotExist'), { text: 'a remark' })
  t.equal(
    text,
    'Azure NAT Gateway SKUs; Azure/AKS issue 5634; NotExist, error code of the AKS resource provider; a remark',
  )
})

t.test('links a source to its page, and leaves a source without a page unlinked', async (t) => {
  const learn = 'https://learn.microsoft.com/en-us'
  const linked = [
    [documented('egress-outboundtype, support matrix').text, `${learn}/azure/aks/egress-outboundtype`],
    [documented('nat-gateway').text, `${learn}/azure/aks/nat-gateway`],
    [documented('node-disruption-policy').text, `${learn}/azure/aks/node-disruption-policy`],
    [documented('use-node-disruption-policy').text, `${learn}/azure/aks/use-node-disruption-policy`],
    [`not mentioned in "${pageTitle('nat-sku')}"`, `${learn}/azure/nat-gateway/nat-sku`],
    ['AKS release notes 2023-07-30', 'https://github.com/Azure/AKS/blob/master/CHANGELOG.md'],
    ['Azure/AKS issues 621 and 3291', 'https://github.com/Azure/AKS/issues/621'],
    ['azure-docs issue 95631', 'https://github.com/MicrosoftDocs/azure-docs/issues/95631'],
    [
      documented('operationnotallowed-publicipcountlimitreached-error').text,
      `${learn}/troubleshoot/azure/azure-kubernetes/error-codes/operationnotallowed-publicipcountlimitreached-error`,
    ],
    ['this service', null],
  ]
  for (const [text, url] of linked) t.strictSame(linkSources(text ?? ''), [{ text, url }], text ?? '')
  t.equal(linkSources(documented('nat-sku', 'this service').text).length, 2, 'one link per source')
})

t.test('gives every page a complete URL or none', async (t) => {
  for (const key of PAGE_KEYS) t.match(pageUrl(key) ?? 'https://x', /^https:\/\/.*[^/]$/, key)
})

t.test('gives every page its own title, without the separator of sources', async (t) => {
  const titles = PAGE_KEYS.map(pageTitle)
  t.equal(new Set(titles).size, titles.length)
  for (const title of titles) t.notMatch(title, /;|\]/)
})

t.test('cites only sources that readers can find, by title', async (t) => {
  const slugs = PAGE_KEYS.filter((key) => key !== pageTitle(key))
  for (const { code, source } of RULES) {
    t.notMatch(source, /\brulebook\b|\([A-Z]{2,4}\d\)/, code)
    for (const text of source.split('; '))
      t.notOk(
        slugs.some((slug) => text === slug),
        `${code}: ${text}`,
      )
  }
})
