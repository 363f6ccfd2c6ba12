/** One rule of a network security group, the default ones included. */
export interface SecurityRuleFacts {
  name: string
  direction: 'Inbound' | 'Outbound'
  access: 'Allow' | 'Deny'
  /** The smallest decides first; default rules are at 65000 and above. */
  priority: number
  /** `Tcp`, `Udp`, `Icmp`, `Esp`, `Ah` or `*`. */
  protocol: string
  /** CIDRs, addresses, service tags or `*`. */
  sources: string[]
  destinations: string[]
  /** `443`, `1-1024` or `*`. */
  destinationPorts: string[]
  /** Also names application security groups, whose members are not read. */
  usesApplicationGroups: boolean
}

export interface NetworkSecurityGroupFacts {
  id: string
  subnetIds: string[]
  rules: SecurityRuleFacts[]
}
