import t from 'tap'
import {
  documented,
  errorCode,
  inferred,
  linkSources,
  PAGES,
  pageUrl,
} from '../../../src/core/references/references.ts'
import { RULES } from '../../../src/core/rules/index.ts'

t.test('references become one text', async (t) => {
  t.strictSame(documented('egress-outboundtype, support matrix'), {
    confidence: 'documented',
    text: 'egress-outboundtype, support matrix',
  })
  const { text } = inferred('nat-sku', 'Azure/AKS issue 5634', errorCode('NotExist'), { text: 'a remark' })
  t.equal(text, 'nat-sku; Azure/AKS issue 5634; NotExist, error code of the AKS resource provider; a remark')
})

t.test('a source leads to the page that it names, and one without a page nowhere', async (t) => {
  const learn = 'https://learn.microsoft.com/en-us'
  const linked = [
    ['egress-outboundtype, support matrix', `${learn}/azure/aks/egress-outboundtype`],
    ['nat-gateway', `${learn}/azure/aks/nat-gateway`],
    ['nat-gateway-resource', `${learn}/azure/nat-gateway/nat-gateway-resource`],
    ['AKS release notes 2023-07-30', 'https://github.com/Azure/AKS/blob/master/CHANGELOG.md'],
    ['Azure/AKS issues 621 and 3291', 'https://github.com/Azure/AKS/issues/621'],
    ['azure-docs issue 95631', 'https://github.com/MicrosoftDocs/azure-docs/issues/95631'],
    [
      'operationnotallowed-publicipcountlimitreached-error',
      `${learn}/troubleshoot/azure/azure-kubernetes/error-codes/operationnotallowed-publicipcountlimitreached-error`,
    ],
    ['this service', null],
  ]
  for (const [text, url] of linked) t.strictSame(linkSources(text ?? ''), [{ text, url }], text ?? '')
  t.equal(linkSources('egress-outboundtype; this service').length, 2, 'each for itself')
})

t.test('a page has a whole URL, or none', async (t) => {
  for (const title of Object.keys(PAGES)) t.match(pageUrl(title) ?? 'https://x', /^https:\/\/.*[^/]$/, title)
})

t.test('no finding names a source that readers do not have', async (t) => {
  for (const { code, source } of RULES) t.notMatch(source, /\brulebook\b|\((?!DOA|block)[A-Z]/, code)
})
