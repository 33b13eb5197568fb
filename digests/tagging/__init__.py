"""Says whether an item is relevant and what it is about, and why: the relevance gate first, then the topics.

Everything here is pure. The rules themselves are read from a file by ``config.topics``; ``docs/topics.md`` tells people
how to write them.
"""

from digests.tagging.language import RuleError
from digests.tagging.near import NearField, NearRules, SignRules
from digests.tagging.tagger import Gate, Tagger, Taxonomy, TopicRules

__all__ = ["Gate", "NearField", "NearRules", "RuleError", "SignRules", "Tagger", "Taxonomy", "TopicRules"]
