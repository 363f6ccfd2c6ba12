import t from 'tap'
import { applicationRules } from '../../support/a-firewall.ts'
import { planFor } from '../../support/a-plan.ts'
import { behindFirewall } from '../../support/rule-cases.ts'
import { testTopic } from '../../support/test-topic.ts'
import { CASES } from './firewall-path-cases.ts'

testTopic('firewall-path', CASES)

t.test('names the blocked endpoints through which nodes and pods reach the API server', async (t) => {
  const blockedWith = (fqdns: string[]) => {
    const collections = [applicationRules([{ fqdns }])]
    const { findings } = planFor(behindFirewall({ collections }), 'userDefinedRouting')
    const facts = findings.find(({ code }) => code === 'UDR_FIREWALL_RULES')?.facts
    return [facts?.apiServerOfNodes, facts?.apiServerOfPods]
  }
  t.strictSame(blockedWith(['*.microsoft.com']), [
    ['*.hcp.eastus.azmk8s.io:443'],
    ['AzureCloud.eastus:443 (TCP)'],
  ])
  t.strictSame(blockedWith(['*.azmk8s.io']), [undefined, ['AzureCloud.eastus:443 (TCP)']])
  const { snapshot } = CASES.UDR_FIREWALL_RULES!
  const unchecked = planFor(snapshot, 'userDefinedRouting').findings.find(
    ({ code }) => code === 'UDR_FIREWALL_RULES',
  )
  t.strictSame(unchecked?.facts.apiServerUnproven, [
    '*.hcp.eastus.azmk8s.io:443',
    'AzureCloud.eastus:443 (TCP)',
  ])
})
