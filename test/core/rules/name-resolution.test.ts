import { testTopic } from '../../support/test-topic.ts'
import { CASES } from './name-resolution-cases.ts'

testTopic('name-resolution', CASES)
