"""What is served over HTTP: the server with its health, and the public pages."""

from adapters.web.pages import Page, add_public_pages
from adapters.web.server import MAX_BODY_BYTES, WebServer

__all__ = ["MAX_BODY_BYTES", "Page", "WebServer", "add_public_pages"]
