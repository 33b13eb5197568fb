"""/digest export: an edition for use elsewhere, to the editor alone: as links where it is public, else as a file."""

from __future__ import annotations

from bot import editions
from bot.messages import Ask, Block, Bullets, File, Message, Paragraph, Reply, code, link, plain, say, text
from bot.services import Services
from digests.errors import NotFound
from digests.model import Edition, EditionState
from digests.render import EditionView, Output, render

LATEST, DRAFT = "latest", "draft"

_NAMES = {
    Output.MARKDOWN: "Markdown",
    Output.HTML: "the body of a web page",
    Output.EMAIL: "HTML for a newsletter tool",
    Output.TEXT: "plain text",
    Output.JSON: "JSON",
}
# How the archive names the forms that it has, and how files are named.
_IN_ARCHIVE = {Output.MARKDOWN: "md", Output.EMAIL: "html", Output.TEXT: "txt", Output.JSON: "json"}
_ENDINGS = {**_IN_ARCHIVE, Output.HTML: "html"}

NOT_UNDERSTOOD = say(
    "Which edition, and in which form? Write for example ", code("/digest export 30 md"), ", ",
    code("/digest export draft text"), " or ", code("/digest export email"), " (the latest). The forms are md, html, "
    "email, text and json.",
)  # fmt: skip
NO_DRAFT = say("There is no draft at the moment. ", code("/digest export"), " gives you the latest edition.")


def as_links(view: EditionView, wanted: Output) -> Message:
    """A published edition of a public archive: the form that was asked for first, then the others."""
    order = sorted(_IN_ARCHIVE, key=lambda output: output is not wanted)
    lines = tuple(text(link(_NAMES[output], f"{view.url}.{_IN_ARCHIVE[output]}")) for output in order)
    words = text(f"{view.name} for use elsewhere. ", link("The edition on the web", view.url), ".")
    return Message(plain(words), (Paragraph(words), Bullets(lines)))


def as_file(view: EditionView, wanted: Output, words: str, *, is_public: bool) -> Message:
    """Anything else: the text itself."""
    state = "" if is_public else " as it stands now, not published"
    intro = text(f"{view.name}{state}, as {_NAMES[wanted]}. Only you see this.")
    blocks: tuple[Block, ...] = (Paragraph(intro), File(f"edition-{view.number}.{_ENDINGS[wanted]}", words))
    return Message(plain(intro), blocks)


async def export(ask: Ask, services: Services) -> Reply:
    """/digest export [NUMBER|latest|draft] [md|html|email|text|json], in either order."""
    asked = parse(ask.words)
    if asked is None:
        return Reply((NOT_UNDERSTOOD,))
    which, wanted = asked
    async with services.store.read() as uow:
        if which == DRAFT:
            draft = await editions.open_draft(uow)
            if draft is None:
                return Reply((NO_DRAFT,))
            edition: Edition = draft
        else:
            try:
                edition = await editions.find_edition(uow, None if which == LATEST else int(which))
            except NotFound as missing:
                return Reply((say(missing.sentence),))
    is_public = edition.state is EditionState.PUBLISHED
    url = f"{services.public_url}/editions/{edition.number}" if services.public_url and is_public else ""
    view = EditionView.of(edition, url=url)
    if url and wanted in _IN_ARCHIVE:
        return Reply((as_links(view, wanted),))
    return Reply((as_file(view, wanted, render(wanted, view), is_public=is_public),))


def parse(words: str) -> tuple[str, Output] | None:
    """Which edition and which form is meant; None where that is not clear."""
    which, wanted = "", None
    for word in words.lower().split():
        if word in (LATEST, DRAFT) or (word.isascii() and word.isdigit() and len(word) <= 9):
            if which:
                return None
            which = word
        elif word in list(Output):
            if wanted is not None:
                return None
            wanted = Output(word)
        else:
            return None
    return which or LATEST, wanted or Output.MARKDOWN
