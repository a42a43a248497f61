"""What proofreading finds, in the language of whoever reads it."""

from collections.abc import Mapping
from typing import Final

from bot import Entry, Key, desk_of, lay_over, read_entry
from web.errors import asked_language
from web.i18n import NAMES, sentences
from web.staff.knowing import knowledge


def _(message: str) -> str:
    """Mark `message` for the catalogues; it is translated where it is shown."""
    return message


# code → the heading that it stands under, and the sentence
KINDS: Final[Mapping[str, str]] = {
    "facts": _("Facts written out"),
    "against": _("Texts that contradict each other"),
    "links": _("Links that lead nowhere"),
    "hard": _("Long or hard to read"),
    "english": _("Short English"),
}
WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "copied-fact": (
        "facts",
        _("“%(value)s” is written out. Write %(named)s instead: then it is changed in one place."),
    ),
    "contradicts-fact": ("against", _("Here it says %(value)s, but the fact “%(id)s” says %(fact)s.")),
    "languages-differ": ("against", _("Only this language says %(values)s. The other one does not.")),
    "facts-differ": ("against", _("This fact says %(value)s here and %(other)s in %(layer)s.")),
    "sentences-differ": ("against", _("“%(sentence)s” But the answer “%(other)s” says: “%(said)s”")),
    "dead-link": ("links", _("%(url)s leads to no page here.")),
    "relative-link": ("links", _("The link %(url)s is not whole. Write it from https:// on.")),
    "next-unanswered": ("links", _("“%(id)s”, which is to be asked next, has no answer here.")),
    "hard": ("hard", _("Hard to read: LIX %(lix)s. Shorter sentences and words bring it below %(limit)s.")),
    "very-hard": ("hard", _("Very hard to read: LIX %(lix)s. Shorter sentences and words bring it below %(limit)s.")),
    "long-answer": ("hard", _("%(count)s words. Visitors read at most %(limit)s gladly.")),
    "long-sentence": (
        "hard",
        _("A sentence of %(count)s words: “%(start)s …”. Make two of it; %(limit)s words are enough."),
    ),
    "english-short": ("english", _("%(english)s English words for %(swedish)s Swedish ones. Is something left out?")),
}


def remark(code: str, values: Mapping[str, object]) -> str:
    """Say one finding as a sentence."""
    shown = dict(values)
    if code == "copied-fact":
        shown["named"] = f"{{{{ {values['id']} }}}}"
    return sentences(asked_language())(WORDS[code][1], **shown)


def remarks_on(key: Key, item: Entry) -> list[dict[str, str]]:
    """Return what there is to look at in an answer as it is being written; `tongue` is the language it is about."""
    after = lay_over(knowledge(), {key: item})
    found = read_entry(item, desk_of(after, key.layer))
    return [{"tongue": tongue_of(fault.path), "text": remark(fault.code, fault.values)} for fault in found]


def tongue_of(path: tuple[str | int, ...]) -> str:
    """Name the language that a place in an answer is written in; nothing where it is in none."""
    return next((NAMES[one] for one in NAMES if one in path), "")
