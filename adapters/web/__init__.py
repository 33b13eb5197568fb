"""What is served over HTTP: the server with its health, and the public archive."""

from adapters.web.pages import About, framed
from adapters.web.server import MAX_BODY_BYTES, WebServer
from adapters.web.site import Article, PublicArchive, Site

__all__ = ["MAX_BODY_BYTES", "About", "Article", "PublicArchive", "Site", "WebServer", "framed"]
