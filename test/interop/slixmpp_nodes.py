"""Publishes and reads what clients keep in nodes, with slixmpp: port, certificate, password, on stdout what it found."""

import asyncio
import json
import sys
from xml.etree import ElementTree

import slixmpp
from slixmpp.plugins.xep_0048 import stanza as bookmarks

port, certificate, password = sys.argv[1:]
OMEMO = "urn:xmpp:omemo:2"
JULIET = "juliet@localhost"


class Nurse(slixmpp.ClientXMPP):
    def __init__(self):
        super().__init__("nurse@localhost/slixmpp", password)
        self.ca_certs = certificate
        for plugin in ("xep_0030", "xep_0049", "xep_0048", "xep_0060", "xep_0084", "xep_0163"):
            self.register_plugin(plugin)
        self.found = {}
        self.add_event_handler("session_start", self.start)

    async def start(self, _):
        try:
            await self.use()
        except Exception as error:  # Told to the test, which knows what to make of it.
            self.found["error"] = repr(error)
        self.disconnect()

    async def use(self):
        self.send_presence()
        options = self["xep_0004"].make_form(ftype="submit")
        options.add_field(
            var="FORM_TYPE", ftype="hidden", value="http://jabber.org/protocol/pubsub#publish-options"
        )
        options.add_field(var="pubsub#access_model", value="open")
        avatar = self["xep_0084"]
        picture = b"the nurse's picture"
        identity = avatar.generate_id(picture)
        await avatar.publish_avatar(picture, options=options)
        metadata = {"id": identity, "type": "image/png", "bytes": len(picture)}
        await avatar.publish_avatar_metadata([metadata], options=options)
        devices = ElementTree.Element(f"{{{OMEMO}}}devices")
        ElementTree.SubElement(devices, f"{{{OMEMO}}}device", {"id": "77"})
        await self["xep_0060"].publish(None, f"{OMEMO}:devices", id="current", payload=devices, options=options)
        storage = bookmarks.Bookmarks()
        storage.add_conference("attic@rooms.localhost", "Nurse", name="Attic", autojoin=True)
        await self["xep_0048"].set_bookmarks(storage, method="xep_0049")

        metadata = await self["xep_0060"].get_items(JULIET, "urn:xmpp:avatar:metadata")
        info = next(metadata.xml.iter("{urn:xmpp:avatar:metadata}info"))
        hash_of_juliet = info.get("id")
        data = await avatar.retrieve_avatar(JULIET, hash_of_juliet)
        self.found["picture"] = data["pubsub"]["items"]["substanzas"][0]["avatar_data"]["value"].decode()
        listed = await self["xep_0060"].get_items(JULIET, f"{OMEMO}:devices")
        self.found["devices"] = [
            device.get("id") for device in listed.xml.iter(f"{{{OMEMO}}}device")
        ]
        own = await self["xep_0060"].get_items(None, "urn:xmpp:bookmarks:1")
        self.found["bookmarks"] = [item["id"] for item in own["pubsub"]["items"]["substanzas"]]
        try:
            await self["xep_0060"].get_items(JULIET, "urn:xmpp:bookmarks:1")
        except slixmpp.exceptions.IqError as error:
            self.found["refusal"] = error.condition


async def main():
    nurse = Nurse()
    nurse.connect(("127.0.0.1", int(port)))
    await asyncio.wait_for(nurse.disconnected, 30)
    print("found " + json.dumps(nurse.found))


asyncio.get_event_loop_policy().get_event_loop().run_until_complete(main())
