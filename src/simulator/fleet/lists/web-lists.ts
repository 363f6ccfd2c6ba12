import type { World } from '../../world/world.ts'
import { LOCATION } from '../place.ts'
import { demoId, egressOf, rangeAround } from './egress-of.ts'

/** A web app with access restrictions, and an API Management service that filters by address. */
export function addWebLists(world: World): void {
  const [address = ''] = egressOf(world, 'lb-managed')
  world.put({
    id: demoId('Microsoft.Web', 'sites/app-demo-shop'),
    name: 'app-demo-shop',
    type: 'Microsoft.Web/sites',
    kind: 'app,linux',
    location: LOCATION,
    properties: { state: 'Running', enabled: true, publicNetworkAccess: 'Enabled', siteConfig: null },
  })
  world.put({
    id: demoId('Microsoft.Web', 'sites/app-demo-shop/config/web'),
    name: 'app-demo-shop',
    type: 'Microsoft.Web/sites/config',
    location: LOCATION,
    properties: {
      ipSecurityRestrictions: [
        { ipAddress: `${address}/32`, action: 'Allow', tag: 'Default', priority: 100, name: 'aks' },
        { ipAddress: 'Any', action: 'Deny', priority: 2_147_483_647, name: 'Deny all' },
      ],
      scmIpSecurityRestrictions: [
        { ipAddress: 'Any', action: 'Allow', priority: 2_147_483_647, name: 'Allow all' },
      ],
      scmIpSecurityRestrictionsUseMain: false,
    },
  })
  world.put({
    id: demoId('Microsoft.ApiManagement', 'service/apim-demo'),
    name: 'apim-demo',
    type: 'Microsoft.ApiManagement/service',
    location: LOCATION,
    sku: { name: 'Developer', capacity: 1 },
    properties: { provisioningState: 'Succeeded', publicNetworkAccess: 'Enabled' },
  })
  const [from, to] = rangeAround(address)
  world.put({
    id: demoId('Microsoft.ApiManagement', 'service/apim-demo/policies/policy'),
    type: 'Microsoft.ApiManagement/service/policies',
    name: 'policy',
    properties: {
      format: 'xml',
      value: [
        '<policies>',
        '  <inbound>',
        '    <ip-filter action="allow">',
        `      <address>${address}</address>`,
        `      <address-range from="${from}" to="${to}" />`,
        '    </ip-filter>',
        '  </inbound>',
        '</policies>',
      ].join('\r\n'),
    },
  })
}
