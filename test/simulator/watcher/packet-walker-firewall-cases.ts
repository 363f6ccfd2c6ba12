import {
  firewall,
  gatewayWithRoutes,
  hubFirewall,
  type NetworkBody,
  natGateway,
  peering,
  routeTable,
  securedHub,
  virtualNetwork,
} from '../../support/network-bodies.ts'
import type { Case } from './packet-walker-cases.ts'

/** Networks with Azure Firewalls, and the source address of their packets. */

export const FIREWALL = '10.250.0.4'
export const FIREWALL_BODY = firewall('fw', FIREWALL, 'hub', ['fw-1', 'fw-2'])
export const PEERED = { network: { virtualNetworkPeerings: [peering('hub')] } }
export const BEHIND_FIREWALL = ['VirtualAppliance', 'firewall', '20.70.0.3', '20.70.0.4'] as [
  string,
  string,
  ...string[],
]

const TO_FIREWALL = { ...PEERED, routes: { '0.0.0.0/0': FIREWALL } }
/** Peered with the network of each firewall, so that the address is in two of them. */
const TWICE_PEERED = { virtualNetworkPeerings: [peering('hub'), peering('elsewhere')] }
const TWINS = [FIREWALL_BODY, firewall('twin', FIREWALL, 'elsewhere', ['fw-2'])]
const [HUB_CONNECTION] = securedHub('vnet', 'fw')
const [OTHER_CONNECTION] = securedHub('elsewhere', 'fw')

export const FIREWALLS: Case[] = [
  {
    name: 'the public IPs of Azure Firewall',
    ...TO_FIREWALL,
    bodies: [FIREWALL_BODY],
    leaves: BEHIND_FIREWALL,
  },
  {
    name: 'the NAT gateway of AzureFirewallSubnet before the public IPs of the firewall',
    ...TO_FIREWALL,
    bodies: [
      FIREWALL_BODY,
      natGateway('nat', { v4: ['nat-v4'] }),
      virtualNetwork('hub', '10.250.0.0/16', { AzureFirewallSubnet: { natGateway: 'nat' } }),
    ],
    leaves: ['VirtualAppliance', 'firewall', '20.70.0.2'],
  },
  {
    name: 'the public addresses of a firewall in a secured hub',
    routes: { '0.0.0.0/0': '10.9.0.132' },
    bodies: [hubFirewall('fw', '10.9.0.132', ['20.70.9.1']), HUB_CONNECTION as NetworkBody],
    leaves: ['VirtualAppliance', 'firewall', '20.70.9.1'],
  },
  {
    name: 'a firewall in a secured hub that only another network is connected to is unknown',
    routes: { '0.0.0.0/0': '10.9.0.132' },
    bodies: [hubFirewall('fw', '10.9.0.132', ['20.70.9.1']), OTHER_CONNECTION as NetworkBody],
    leaves: ['VirtualAppliance', 'unknown'],
  },
  {
    name: 'a firewall in a network that is not peered is unknown',
    ...TO_FIREWALL,
    network: {},
    bodies: [FIREWALL_BODY],
    leaves: ['VirtualAppliance', 'unknown'],
  },
  {
    name: 'a firewall behind two peerings is unknown',
    ...TO_FIREWALL,
    network: { virtualNetworkPeerings: [peering('elsewhere')] },
    bodies: [
      FIREWALL_BODY,
      virtualNetwork('elsewhere', '10.9.0.0/16', {}, { virtualNetworkPeerings: [peering('hub')] }),
    ],
    leaves: ['VirtualAppliance', 'unknown'],
  },
  {
    name: 'a firewall behind a peering that only one side has created is unknown',
    ...TO_FIREWALL,
    network: { virtualNetworkPeerings: [peering('hub', { peeringState: 'Initiated' })] },
    bodies: [FIREWALL_BODY],
    leaves: ['VirtualAppliance', 'unknown'],
  },
  { name: 'any other appliance is unknown', ...TO_FIREWALL, leaves: ['VirtualAppliance', 'unknown'] },
  {
    name: 'a firewall with forced tunneling is unknown',
    ...TO_FIREWALL,
    bodies: [
      FIREWALL_BODY,
      virtualNetwork('hub', '10.250.0.0/16', { AzureFirewallSubnet: { routeTable: 'rt-fw' } }),
      routeTable('rt-fw', { '0.0.0.0/0': 'VirtualNetworkGateway' }),
    ],
    leaves: ['VirtualAppliance', 'unknown'],
  },
  {
    name: 'a firewall whose subnet learns a default route is unknown',
    ...TO_FIREWALL,
    bodies: [FIREWALL_BODY, ...gatewayWithRoutes('gw', 'hub', ['0.0.0.0/0'])],
    leaves: ['VirtualAppliance', 'unknown'],
  },
  {
    name: 'a firewall whose subnet overrides the learned default route',
    ...TO_FIREWALL,
    bodies: [
      FIREWALL_BODY,
      ...gatewayWithRoutes('gw', 'hub', ['0.0.0.0/0']),
      virtualNetwork('hub', '10.250.0.0/16', { AzureFirewallSubnet: { routeTable: 'rt-fw' } }),
      routeTable('rt-fw', { '0.0.0.0/0': 'Internet' }),
    ],
    leaves: BEHIND_FIREWALL,
  },
  {
    name: 'two firewalls with one address in peered networks are unknown',
    ...TO_FIREWALL,
    network: TWICE_PEERED,
    bodies: TWINS,
    leaves: ['VirtualAppliance', 'unknown'],
  },
  {
    name: 'of two firewalls with one address, the one in a peered network',
    ...TO_FIREWALL,
    bodies: TWINS,
    leaves: BEHIND_FIREWALL,
  },
]
