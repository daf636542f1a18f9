"""Somebody who uses slixmpp: does what JSON lines on stdin say, and tells by JSON lines on stdout what came of it."""

import asyncio
import json
import sys

import slixmpp
from slixmpp.exceptions import IqError, PresenceError


def tell(**event):
    print(json.dumps(event), flush=True)


class Person(slixmpp.ClientXMPP):
    def __init__(self, jid, password, certificate):
        super().__init__(jid, password)
        self.ca_certs = certificate
        for plugin in ("xep_0045", "xep_0059", "xep_0198", "xep_0313"):
            self.register_plugin(plugin)
        self.add_event_handler("session_start", self.start_session)
        self.add_event_handler("failed_auth", lambda _: tell(event="refused"))
        self.add_event_handler("session_resumed", lambda _: tell(event="resumed"))
        self.add_event_handler("disconnected", self.on_disconnected)
        self.add_event_handler("message", self.on_any_message)
        self.add_event_handler("groupchat_message", self.on_message)
        self.add_event_handler("groupchat_presence", self.on_presence)
        self.add_event_handler("groupchat_invite", self.on_invite)

    async def start_session(self, _):
        await self.get_roster()
        self.send_presence()
        tell(event="online", jid=self.boundjid.full)

    def on_disconnected(self, _):
        # slixmpp leaves it to who uses it to connect again; its plugin then resumes.
        if self["xep_0198"].sm_id:
            self.connect(self.address)

    def on_any_message(self, message):
        if message["type"] != "groupchat":
            self.on_message(message)

    def on_message(self, message):
        tell(event="message", source=str(message["from"]), body=message["body"])

    def on_presence(self, presence):
        muc = presence["muc"]
        tell(
            event="presence",
            source=str(presence["from"]),
            type=presence["type"],
            role=muc["role"],
            affiliation=muc["affiliation"],
            codes=sorted(muc["status_codes"]),
        )

    def on_invite(self, message):
        tell(event="invite", source=str(message["from"]))

    async def join(self, room, nick, password=None):
        result = await self["xep_0045"].join_muc_wait(room, nick, password=password, timeout=30)
        return sorted(result[0]["muc"]["status_codes"])

    async def say(self, to, body, type="groupchat"):
        self.send_message(mto=to, mbody=body, mtype=type)

    async def configure(self, room, fields):
        form = await self["xep_0045"].get_room_config(room)
        form["type"] = "submit"
        for name, value in fields.items():
            form.get_fields()[name]["value"] = value
        await self["xep_0045"].set_room_config(room, form)

    async def role(self, room, nick, role):
        await self["xep_0045"].set_role(room, nick, role)

    async def affiliation(self, room, jid, affiliation):
        await self["xep_0045"].set_affiliation(room, affiliation, jid=jid)

    async def archive(self, room, page):
        bodies = []
        async for message in self["xep_0313"].iterate(jid=room, rsm={"max": page}):
            bodies.append(message["mam_result"]["forwarded"]["stanza"]["body"])
        return bodies

    async def obey(self, number, name, words):
        try:
            tell(event="done", number=number, result=await getattr(self, name)(*words))
        except (IqError, PresenceError) as error:
            source = error.iq if isinstance(error, IqError) else error.presence
            tell(event="done", number=number, error=source["error"]["condition"])


async def main(jid, password, port, certificate):
    person = Person(jid, password, certificate)
    person.default_port = int(port)
    person.connect(("localhost", int(port)))
    reader = asyncio.StreamReader()
    await person.loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        number, name, words = json.loads(line)
        asyncio.ensure_future(person.obey(number, name, words))
    await person.disconnect()


asyncio.get_event_loop().run_until_complete(main(*sys.argv[1:]))
