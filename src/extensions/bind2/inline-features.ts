// XEP-0386 §3.2: what a session can be asked to be from its beginning.
import type { ClientSession } from '../../session/client.ts'
import { carbonsNamespace } from '../../stanza/namespaces.ts'
import type { XmlStream } from '../../stream/stream.ts'
import type { Element } from '../../xml/element.ts'
import type { CarbonsApi } from '../carbons/carbons.ts'
import type { ClientStateApi } from '../client-state/client-state.ts'
import type { StreamManagementApi } from '../stream-management/stream-management.ts'

/** Something that can be asked for together with binding. */
export interface InlineFeature {
  /** As clients are told of it: `urn:xmpp:carbons:2`. */
  readonly name: string
  /** Whether a child of `<bind/>` asks for it. */
  accepts(request: Element): boolean
  /** Does it; what it answers is a child of `<bound/>`. */
  enable(request: Element, session: ClientSession, stream: XmlStream): Element | undefined
}

/** The extensions that bring features, where the host has them. */
export interface FeatureApis {
  readonly streamManagement: StreamManagementApi | undefined
  readonly carbons: CarbonsApi | undefined
  readonly clientState: ClientStateApi | undefined
}

/** The features that the host's extensions bring. */
export function inlineFeatures({ streamManagement, carbons, clientState }: FeatureApis): InlineFeature[] {
  const features: InlineFeature[] = []
  if (carbons) {
    const enable = (_request: Element, session: ClientSession): undefined => void carbons.enable(session)
    features.push({
      name: carbonsNamespace,
      accepts: (request) => request.is('enable', carbonsNamespace),
      enable,
    })
  }
  if (clientState) {
    const name = 'urn:xmpp:csi:0'
    // §3.2: `<active/>` is how a session begins anyway.
    const enable = (request: Element, session: ClientSession): undefined => {
      if (request.name === 'inactive') clientState.deactivate(session)
    }
    features.push({ name, accepts: ({ namespace }) => namespace === name, enable })
  }
  if (streamManagement) {
    const name = 'urn:xmpp:sm:3'
    const enable = (request: Element, _session: ClientSession, stream: XmlStream): Element =>
      streamManagement.enable(request, stream)
    features.push({ name, accepts: (request) => request.is('enable', name), enable })
  }
  return features
}
