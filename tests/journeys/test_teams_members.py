"""Members and editors in Teams: following, suggesting, searching, a profile, one's own data, and sources."""

from __future__ import annotations

from pathlib import Path

from bot import schedule
from tests.builders import a_tagged_item
from tests.fakes.teams_record import ALICE, BOB, CAROL, DAN, Shown, words_on
from tests.journeys.teams_world import TeamsWorld, account, teams_world

SAW_NOTHING = "I have answered you in our chat."


async def test_a_member_follows_searches_and_suggests_and_only_they_see_it(tmp_path: Path) -> None:
    async with teams_world(tmp_path) as there:
        (form,) = await there.says(ALICE, "topics follow guidance")
        await there.presses(ALICE, form, "Follow", soon="now")
        assert form.words(ALICE) == "You follow anything with “guidance” now, and hear of it at once."
        await _something_new(there)
        (alert,) = await there.news(ALICE)
        assert alert.words().startswith(
            "New in what you follow, Thursday 23 January 2025\n"
            "Guidance on artificial intelligence, part 1 (Department of Examples)\n"
        )
        await there.presses(ALICE, alert, "Stop: anything with “guidance”")
        (stopped,) = await there.news(ALICE)
        assert stopped.words().startswith("Stopped. You no longer follow anything with “guidance”.")
        # By words: in a channel, where the answer is for nobody else.
        (found,) = await there.says(ALICE, "digest search guidance", "digest")
        assert found.words().startswith(
            "In #digest you wrote: digest search guidance\n"
            "1 found: guidance\n•\xa0Guidance on artificial intelligence, part 1 (Department"
        )
        assert [shown.words() for shown in there.posts("digest")][-1] == SAW_NOTHING
        # By the message extension.
        outcome = await there.teams.people.query(ALICE, "guidance")
        (result,) = outcome.body["composeExtension"]["attachments"]
        assert words_on(result["content"]).startswith("Guidance on artificial intelligence, part 1\n")
        (thanks,) = await there.says(ALICE, "digest suggest https://example.org/a-page It is good.")
        assert thanks.words().startswith("Thank you: A page is with the editors for the next edition")
        assert {shown.words() for shown in there.posts("editors")} == {SAW_NOTHING}


async def test_a_link_is_suggested_from_somebody_elses_message_and_taken_up_by_an_editor(tmp_path: Path) -> None:
    async with teams_world(tmp_path) as there:
        chat = there.channel("digest")
        theirs = Shown("77", chat, "", {"text": "Look"}, BOB)
        there.teams.service.shown.append(theirs)
        html = '<p>Look: <a href="https://example.org/b-page">this</a></p>'
        opened = (await there.teams.people.act_on(ALICE, theirs, "suggest", html=html)).dialog
        assert opened is not None
        assert opened.words.startswith("The editors see your name and what you write; readers do not.\nAddress\n")
        done = (await there.fills(opened, why="It is short.")).dialog
        assert done is not None
        assert done.words.startswith("Thank you: B page is with the editors for the next edition")
        await there.network.has_a_draft()
        shown = next(post for post in there.posts("editors") if "B page" in post.words())
        assert "Alice Example: “It is short.”" in shown.words()
        await there.presses(CAROL, shown, "Add")
        (told,) = await there.news(ALICE)
        assert told.words().startswith("B page, which you suggested, was added to the draft of Data Policy")


async def test_a_profile_is_filled_read_agreed_to_and_let_in(tmp_path: Path) -> None:
    async with teams_world(tmp_path) as there:
        (page,) = await there.says(ALICE, "profile")
        assert page.words().startswith("Your profile\nYou are not in the directory.")
        form = (await there.presses(ALICE, page, "Fill in my profile")).dialog
        wrong = await there.fills(form, can_help="How to read an impact assessment", contacts="email", email="nonsense")
        assert wrong.dialog is not None
        assert wrong.dialog.words.startswith("Not sent yet.\n•\xa0E-mail address: This does not look like an e-mail")
        # What was typed is still there.
        await there.fills(wrong.dialog, email="alice@example.org")
        (preview,) = await there.news(ALICE)
        assert preview.words().startswith("Nothing has changed yet. Please read this, and say yes if it is right.")
        coordinator, _, rest = preview.words().partition("What somebody sees once you have said yes to them")
        assert "Can help with: How to read an impact assessment" in coordinator
        assert "alice@example.org" not in coordinator
        assert "Can be reached: by e-mail to alice@example.org" in rest
        await there.presses(ALICE, preview, "Yes, I agree")
        assert (await there.news(ALICE))[0].words().startswith("Thank you. Your yes is recorded")
        waiting = there.posts("coordinators")[-1]
        assert waiting.words().startswith("Somebody asks to join the directory\n•\xa0Alice Example\n")
        await there.presses(DAN, waiting, "Let them in")
        (let_in,) = await there.news(ALICE)
        assert let_in.words().startswith("You are in the directory now, exactly as you had agreed.")


async def test_whoever_asks_sees_what_is_held_has_it_and_is_erased_and_nobody_else_hears_of_it(tmp_path: Path) -> None:
    async with teams_world(tmp_path) as there:
        await there.network.joins(account(ALICE), organisation="Example Trust")
        before = {name: len(there.posts(name)) for name in ("editors", "digest", "coordinators")}
        (notice,) = await there.says(ALICE, "privacy")
        assert notice.words().startswith("What Convenor holds about you\n•\xa0To know who you are: 1 record of you")
        await there.presses(ALICE, notice, "Export")
        first, file = await there.news(ALICE)
        assert first.words() == "This is everything that Convenor holds about you, as JSON. Only you see this."
        assert '"organisation": "Example Trust"' in str(file.card())
        await there.presses(ALICE, notice, "Erase …")
        (asked,) = await there.news(ALICE)
        assert asked.words().startswith("Erase what is held about you\nNothing has been erased yet.")
        await there.presses(ALICE, asked, "Erase me", nth=1)
        (told,) = await there.news(ALICE)
        assert told.words().startswith(
            "You will be erased on Thursday 6 February 2025, 10:00. From now on you are treated"
        )
        there.network.clock.advance(days=15)
        await schedule.privacy_tick(there.network.services)
        (gone,) = await there.says(ALICE, "privacy")
        assert "Convenor holds nothing about you: no account, no profile, nothing that you wrote." in gone.words()
        assert {name: len(there.posts(name)) for name in before} == before


async def test_an_editor_adds_a_source_and_a_member_cannot(tmp_path: Path) -> None:
    async with teams_world(tmp_path) as there:
        there.network.finder.has("https://example.org/blog", "https://example.org/blog/feed")
        (refused,) = await there.says(ALICE, "sources add https://example.org/blog")
        assert refused.words().startswith("That is for an administrator or an editor, and you are not one here")
        (found,) = await there.says(CAROL, "sources add https://example.org/blog", "editors")
        assert found.words().startswith(
            "In #editors you wrote: sources add https://example.org/blog\n"
            "The example blog\nI found a feed at https://example.org/blog/feed."
        )
        await there.presses(CAROL, found, "Add")
        (added,) = await there.news(CAROL)
        assert added.words().startswith("Added: The example blog, with the id example-org")
        (listed,) = await there.says(BOB, "sources all")
        assert "The example blog" in listed.words()


async def _something_new(there: TeamsWorld) -> None:
    now = there.network.clock.now()
    await there.network.receives(a_tagged_item(1, received_at=now, published_at=now))
    there.network.clock.advance(minutes=5)
    await schedule.alert_tick(there.network.services)
