import type { ClusterRef } from '../../contract/cluster.ts'
import type { ProbeRequest } from '../../contract/probe.ts'
import type { Fault } from '../../contract/problem.ts'
import { rejectedProbeUrl } from '../../core/probe/probe-targets.ts'
import { Problem } from '../problems/problems.ts'
import { parseClusterId } from './resource-ids.ts'
import { checkRules, type Rule, rulesOf } from './rules.ts'

const isRejected = (value: unknown) => typeof value === 'string' && rejectedProbeUrl(value) !== null
const message = 'Only https URLs with a public DNS name are probed: no IP address, no local name, no query.'

/** Rules for the URLs that nodes call; `at` is the object that contains them. */
export function probeUrlRules(at: string): readonly Rule[] {
  const rule = rulesOf('PARAMETER_OUT_OF_RANGE')
  return [
    rule(`${at}/endpoints/[]`, message, isRejected),
    rule(`${at}/sourceAddressUrl`, message, isRejected),
  ]
}

/** Rules of a probe request that a schema cannot express. */
export function probeRequestErrors(body: unknown): Fault[] {
  return checkRules('body', probeUrlRules(''), body)
}

/** The cluster of a validated request. */
export function toProbedCluster({ cluster }: Pick<ProbeRequest, 'cluster'>): ClusterRef {
  if (!('id' in cluster)) return cluster
  const found = parseClusterId(cluster.id)
  if (found === null) throw new Problem('RESOURCE_ID_INVALID')
  return found
}
