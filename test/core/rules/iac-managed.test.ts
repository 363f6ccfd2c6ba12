import t from 'tap'
import { aSnapshot } from '../../support/a-cluster.ts'
import { has, planFor } from '../../support/a-plan.ts'
import { testTopic } from '../../support/test-topic.ts'
import { CASES } from './iac-managed-cases.ts'

testTopic('iac-managed', CASES)

t.test('ordinary tags do not indicate infrastructure as code', async (t) => {
  const isManaged = (tags: Record<string, string>) =>
    has('IAC_DRIFT', aSnapshot({ cluster: { tags } }), 'managedNATGateway')
  const ordinary: Record<string, string>[] = [
    {},
    { environment: 'terraform' },
    { 'managed-by': 'platform team' },
    { createdBy: 'alarm' },
    { team: 'bicep lovers' },
  ]
  for (const tags of ordinary) t.notOk(isManaged(tags), JSON.stringify(tags))
  const conclusive: Record<string, string>[] = [
    { provisioner: 'Terraform' },
    { createdBy: 'ARM' },
    { 'azd-env-name': 'prod' },
    { CreatedWith: 'Bicep' },
    { 'sigs.k8s.io_cluster-api-provider-azure_cluster_x': 'owned' },
  ]
  for (const tags of conclusive) t.ok(isManaged(tags), JSON.stringify(tags))
})

t.test('names the settings that replace the cluster in the tool of the tags', async (t) => {
  const remedyFor = (tag: string) => {
    const plan = planFor(aSnapshot({ cluster: { tags: { 'managed-by': tag } } }), 'managedNATGateway')
    return plan.findings.find(({ code }) => code === 'IAC_DRIFT')?.remedy
  }
  t.match(remedyFor('pulumi'), /`pulumi refresh` after the job: Pulumi azure-native recreates the cluster/)
  t.match(remedyFor('terraform'), /azurerm provider recreates the cluster/)
  t.notMatch(remedyFor('bicep'), /recreates/)
})
