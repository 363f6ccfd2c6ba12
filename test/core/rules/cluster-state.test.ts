import { testTopic } from '../../support/test-topic.ts'
import { CASES } from './cluster-state-cases.ts'

testTopic('cluster-state', CASES)
