"""The site of the documents, made by ``make docs``: the Markdown files where they stand, the README among them."""

project = "Convenor"
copyright = "the authors of Convenor, under the MIT licence"
root_doc = "docs/index"
extensions = ["myst_parser"]
include_patterns = ["docs/**", "*.md", "tests/README.md"]
exclude_patterns = ["**/node_modules", ".*", "**/.*", "build", "var", "adapters", "bot", "digests", "config"]
# Links to headings work as they do where the files are read on the web.
myst_heading_anchors = 4
myst_links_external_new_tab = False
suppress_warnings = ["misc.highlighting_failure"]
html_theme = "furo"
html_title = "Convenor"
html_copy_source = False
html_extra_path = ["site"]
html_show_sphinx = False
# Nothing is fetched from anywhere else by whoever reads it.
html_theme_options = {"footer_icons": []}
