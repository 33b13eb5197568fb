"""What somebody needs, out of how they ask for it: "someone who knows about NHS data" is "NHS data"."""

from __future__ import annotations

import re

from digests.search import terms

# What people write around what they need.
_ASKING = re.compile(
    r"\b(?:i(?: am|['’]m|['’]d| would|['’]ve| have)?|we(?: are|['’]re|['’]d| would)?|please|hi|hello|thanks?(?: you)?"
    r"|(?:looking|hoping) (?:for|to)|look(?:ing)? to|(?:want|need|wish|like|love|keen|hope|trying)(?:ing|ed)?(?: to)?"
    r"|(?:be )?(?:introduced?|connected|put (?:me|us) in touch|put in touch)(?: me| us)?(?: to| with)?"
    r"|an? (?:introduction|intro|chat|conversation|contact)"
    r"(?: to| with)?|(?:some|any)(?:one|body)(?: else)?|a person|people|who(?:m|se)?|that|which"
    r"|(?:know|knows|knowing|knowledge|understand|understands|work|works|working|worked|experience|experienced|expert"
    r"|experts|expertise|specialis(?:es|t|ts)|specializ(?:es|ed)|background|insight|advice|help|helps)"
    r"(?: about| on| in| of| with| at| for)?"
    r"|can|could|might|may|has|have|had|is|are|was|does|do|did|speak|talk|discuss|meet|ask|tell|me|us|my|our|about)\b",
    re.IGNORECASE,
)
# Words that say nothing of what somebody knows.
_EMPTY = frozenset(
    terms(
        "how what why when where there here it its them they their his her he she you your this these those "
        "if so not no nor than then too very much many more most less other another same such only own just "
        "also even still yet ever never now soon today week month year next last before after again between "
        "into out up down over under off through during against because while until without within get got "
        "getting make made use used using give given take taken go going come put set say said see seen think "
        "thing good well best right new near like mean means meant what's one two some any all both each "
        "every few either neither would should shall will must been being doing nobody anything something "
        "nothing please expert specialist contact brief talk prepare ask answer explain need want us we i me "
        "my our who whom whose can could may might has have had do does did about know look whether"
    )
)
# Words that say in what way somebody is busy with a thing, or how big it is, but not with what.
_FAINT = frozenset(
    terms(
        "research researcher study academic campaign campaigner advise adviser advisor advocate lead follow "
        "run manage write explain teach train trainer build design analyse investigate policy issue large "
        "small big local tool company organisation team project group system technology public view case"
    )
)


def needed(request: str) -> str:
    """The request without what people write around it."""
    return _ASKING.sub(" ", request)


def telling(words: tuple[str, ...]) -> tuple[str, ...]:
    """The terms that say something of what is needed, in their order."""
    return tuple(term for term in words if term not in _EMPTY)


def faint(term: str) -> bool:
    """Whether a term says how somebody is busy rather than with what, so that alone it finds nobody."""
    return term in _FAINT
