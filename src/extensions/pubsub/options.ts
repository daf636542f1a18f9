// What an operator can set for nodes: limits, and who may make them.
import { z } from 'zod'
import { flag, integer, type OptionValues, oneOf, text, texts } from '../../base/options.ts'

/** Bounds of the nodes at one address. */
export const nodeLimits = {
  items: integer(256, 'items that a node may be set to keep', { min: 1 }),
  payloadBytes: integer(131_072, 'bytes of one payload', { min: 1 }),
  subscriptionsPerNode: integer(10_000, 'subscriptions to one node', { min: 1 }),
  affiliationsPerNode: integer(10_000, 'addresses with an affiliation to one node', { min: 1 }),
  nameBytes: integer(1023, 'bytes of a node’s name', { min: 1, max: 1023 }),
  itemIdBytes: integer(1023, 'bytes of an item’s id', { min: 1, max: 1023 }),
  pageSize: integer(256, 'items in one answer; a client pages through more', { min: 1 }),
  pageBytes: integer(200_000, 'bytes of payloads in one answer', { min: 1 }),
  itemsPerRequest: integer(100, 'items asked for, or changes made, in one request', { min: 1 }),
} as const

export type NodeLimits = OptionValues<typeof nodeLimits>

/** What new nodes begin with, by form field, as a form would submit it. */
export const nodeDefaults = z
  .record(z.string(), z.union([z.string(), z.array(z.string())]))
  .default({})
  .describe('settings of new nodes by form field, as a form would submit them: {"pubsub#max_items": "10"}')

/** How forms with the settings of nodes look. */
export const nodeForms = {
  hiddenSettings: texts(
    [],
    'settings that forms do not show, by form field; who knows of them can set them nevertheless',
  ),
  labels: z
    .record(z.string(), z.string())
    .default({})
    .describe('what settings are called in forms, by form field, instead of in English; "" for nothing'),
} as const

export type NodeForms = OptionValues<typeof nodeForms>

/** Options of `pubsub`. */
export const pubsubOptions = {
  name: text('Publishing', 'what the service is called in service discovery'),
  create: oneOf(
    ['admins', 'local', 'anyone'],
    'admins',
    'who may make nodes: admins of the service; accounts of the domain that the service is a subdomain of; anyone',
  ),
  exposePublisher: flag(
    true,
    'whether items say who published them, even where the node does not ask for it',
  ),
  defaults: nodeDefaults,
  nodes: integer(10_000, 'nodes of the service', { min: 1 }),
  nodesPerAccount: integer(1000, 'nodes made by one account', { min: 1 }),
  nodesInMemory: integer(1000, 'nodes that are kept in memory with their lists', { min: 1 }),
  ...nodeLimits,
  ...nodeForms,
} as const

export type PubSubOptions = OptionValues<typeof pubsubOptions>
