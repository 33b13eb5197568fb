"""An outsider is introduced by one mail to both, and hears by mail on their date, against a real SMTP server."""

from __future__ import annotations

from adapters.mail import MailCourier
from bot.members.profile import Contact
from config.mail import Mailbox
from tests.fakes.network import CAROL, DAN, Network, words_of
from tests.fakes.smtp import Mails, mail_server
from tests.unit.test_introductions_journey import NEED, card, coordinator_asks, days_pass, press

SENDER = Mailbox("convenor@example.org", "Example Network")
HEIDI = {
    "name": "Heidi",
    "organisation": "Office of an MP",
    "email": "heidi@example.org",
    "need": NEED,
    "blurb": "I work for an MP.",
    "consent": "Agreed on the phone on 23 January to be introduced by e-mail.",
}


async def test_both_get_one_mail_that_they_can_answer() -> None:
    mails = Mails()
    async with mail_server(mails) as server:
        network = await Network.make(can_mail=True)
        network.courier_for("mail", MailCourier(server, SENDER, network.clock))
        await network.joins(CAROL, organisation="Patients Trust", contacts=(Contact.EMAIL,), email="carol@example.org")
        await network.send(DAN, (await network.say(DAN, "/intro outsider")).form, **HEIDI)
        await coordinator_asks(network)
        assert mails.mails == []
        await network.press(CAROL, press(network.courier.to("carol")[0], "Yes"))
        (mail,), (envelope,) = mails.mails, mails.envelopes
        assert envelope.rcpt_tos == ["heidi@example.org", "carol@example.org"]
        assert mail["Subject"] == "Heidi, meet Carol"
        assert mail["Reply-To"] == "heidi@example.org, carol@example.org"
        body = mail.get_body(("plain",))
        assert body is not None
        assert "Please reply to all, which leaves me out." in body.get_content()
        assert "They have been introduced." in words_of(card(network))


async def test_a_mail_that_may_have_arrived_is_for_coordinators_and_goes_out_no_second_time() -> None:
    mails = Mails()
    mails.vanishes = True
    async with mail_server(mails) as server:
        network = await Network.make(can_mail=True)
        network.courier_for("mail", MailCourier(server, SENDER, network.clock))
        await network.joins(CAROL, contacts=(Contact.EMAIL,), email="carol@example.org")
        await network.send(DAN, (await network.say(DAN, "/intro outsider")).form, **HEIDI)
        await coordinator_asks(network)
        await network.press(CAROL, press(network.courier.to("carol")[0], "Yes"))
        await network.sends()
        assert len(mails.mails) == 1
        (stuck,) = [m for m in network.courier.in_channel("coordinators") if m.summary.startswith("Did this arrive?")]
        assert "the mailboxes heidi@example.org and carol@example.org" in words_of(stuck)
        await network.press(DAN, press(stuck, "It is there"))
        assert "They have been introduced." in words_of(card(network))
        assert len(mails.mails) == 1


async def test_an_outsider_hears_on_their_date_that_there_is_no_introduction() -> None:
    mails = Mails()
    async with mail_server(mails) as server:
        network = await Network.make(can_mail=True)
        network.courier_for("mail", MailCourier(server, SENDER, network.clock))
        await network.send(DAN, (await network.say(DAN, "/intro outsider")).form, **HEIDI)
        await days_pass(network, 30)
        (mail,), (envelope,) = mails.mails, mails.envelopes
        assert envelope.rcpt_tos == ["heidi@example.org"]
        assert mail["Subject"] == "There is no introduction this time."
