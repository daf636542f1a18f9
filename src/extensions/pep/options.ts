// What an operator can set for the nodes of accounts.
import { flag, integer, type OptionValues } from '../../base/options.ts'
import { nodeDefaults, nodeForms, nodeLimits } from '../pubsub/pubsub.ts'

/** Options of `pep`. */
export const pepOptions = {
  exposePublisher: flag(
    false,
    'whether items say who published them, even where the node does not ask for it',
  ),
  defaults: nodeDefaults,
  nodesPerAccount: integer(100, 'nodes of one account', { min: 1 }),
  bytesPerAccount: integer(10_485_760, 'bytes of all payloads that one account keeps', { min: 1 }),
  clientsFollowed: integer(1000, 'clients of contacts that one account knows to have been told', { min: 1 }),
  ...nodeLimits,
  ...nodeForms,
} as const

export type PepOptions = OptionValues<typeof pepOptions>
