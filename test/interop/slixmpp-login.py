# Logs in with slixmpp and says by which mechanism, on one line: port, password.
import asyncio
import ssl
import sys

import slixmpp


class Visitor(slixmpp.ClientXMPP):
    def __init__(self, password):
        super().__init__('juliet@localhost', password)
        self.failures = []
        self.said = ''
        self.ssl_context.check_hostname = False
        self.ssl_context.verify_mode = ssl.CERT_NONE
        self.add_event_handler('session_start', self.started)
        self.add_event_handler('failed_auth', lambda failure: self.failures.append(failure['condition']))
        self.add_event_handler('failed_all_auth', lambda _: self.say('refused'))

    def say(self, what):
        self.said = ' '.join([what, *self.failures])
        self.disconnect()

    async def started(self, _):
        await self['xep_0199'].ping('localhost', timeout=10)
        self.say(self['feature_mechanisms'].mech.name)


async def main():
    visitor = Visitor(sys.argv[2])
    visitor.register_plugin('xep_0199')
    visitor.connect(('127.0.0.1', int(sys.argv[1])))
    await asyncio.wait_for(visitor.disconnected, 20)
    print(visitor.said)


asyncio.get_event_loop_policy().get_event_loop().run_until_complete(main())
