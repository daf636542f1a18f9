// XEP-0092: Software Version
import { text } from '../../base/options.ts'
import { product } from '../../base/product.ts'
import { defineExtension } from '../../host/extension.ts'
import { element } from '../../xml/element.ts'

const namespace = 'jabber:iq:version'

/** Tells name and version of the server; never the operating system, which is nobody's business. */
export const version = defineExtension({
  name: 'version',
  xep: { number: 92, version: '1.1' },
  options: {
    name: text(product.name, 'the name that is told'),
    version: text(product.version, 'the version that is told'),
  },
  setup(host, _apis, options) {
    host.advertise(namespace)
    host.iq.get(namespace, 'query', () =>
      element(
        'query',
        namespace,
        {},
        element('name', namespace, {}, options.name),
        element('version', namespace, {}, options.version),
      ),
    )
  },
})
