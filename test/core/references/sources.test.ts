import t from 'tap'
import { PAGES } from '../../../src/core/references/pages.ts'
import { expandSources, linkSources } from '../../../src/core/references/sources.ts'
import { RULES } from '../../../src/core/rules/index.ts'

t.test('sources are spelled as a reader knows them', (t) => {
  const spelled = [
    ['AR; nat-sku (NSKU)', 'api-server-authorized-ip-ranges; nat-sku'],
    ['egress-outboundtype, support matrix (EO)', 'egress-outboundtype, support matrix'],
    ['EO is silent', 'egress-outboundtype is silent'],
    ['NotExist (RPERR)', 'NotExist, error code of the AKS resource provider'],
    ['Azure/AKS issue 5634', 'Azure/AKS issue 5634'],
  ]
  for (const [source, text] of spelled) t.equal(expandSources(source ?? ''), text)
  t.end()
})

t.test('a source leads to the page that it names, and one without a page nowhere', (t) => {
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
  t.end()
})

t.test('no finding names a source by a key, or one that a reader cannot have', (t) => {
  const key = new RegExp(`\\b(${Object.keys(PAGES).join('|')}|rulebook)\\b`)
  for (const { code, source } of RULES) t.notMatch(expandSources(source), key, code)
  t.end()
})
