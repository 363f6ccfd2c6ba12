import type { Probe } from '../../contract/probe.ts'

/** A finished probe. */
export const EXAMPLE_PROBE: Probe = {
  id: '01990000-0000-7000-8000-000000000009',
  cluster: {
    subscriptionId: '11111111-1111-1111-1111-111111111111',
    resourceGroup: 'rg-demo',
    name: 'udr-byo',
  },
  azure: 'simulated',
  status: 'Succeeded',
  createdBy: 'anonymous',
  createdAt: '2026-09-01T00:00:00.000Z',
  finishedAt: '2026-09-01T00:01:05.000Z',
  nodes: [
    {
      pool: 'system',
      subnetId:
        '/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/rg-demo/providers/Microsoft.Network/virtualNetworks/vnet-udr-byo/subnets/nodes',
      instanceId:
        '/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/MC_rg-demo_udr-byo_eastus/providers/Microsoft.Compute/virtualMachineScaleSets/aks-system-12345678-vmss/virtualMachines/0',
      status: 'completed',
      reason: null,
      isComplete: true,
      dnsServer: '168.63.129.16',
      sourceAddress: '20.81.10.4',
      readings: [
        {
          endpoint: 'mcr.microsoft.com:443',
          origin: 'required',
          need: 'required',
          via: 'direct',
          outcome: 'reached',
          address: '104.16.5.9',
          issuer: 'Microsoft Azure RSA TLS Issuing CA 04',
          httpStatus: 200,
          milliseconds: 123,
        },
        {
          endpoint: 'partner.example.com:443',
          origin: 'requested',
          need: 'required',
          via: 'direct',
          outcome: 'tlsFailed',
          address: '104.16.7.7',
          issuer: null,
          httpStatus: null,
          milliseconds: null,
        },
      ],
    },
  ],
  notes: ['Not probed, because they are not a single HTTP endpoint: ntp.ubuntu.com (UDP 123).'],
}
