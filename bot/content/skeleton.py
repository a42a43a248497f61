"""A municipality to start from: files that hold every topic, the text it inherits as a form to fill in, and notes."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from rapidfuzz import process

from bot.content.formatting import formatted
from bot.content.layers import SAFETY, View
from bot.content.loading import Knowledge
from bot.content.rules import RESERVED_MUNICIPALITIES
from bot.errors import StartError
from bot.fields import ID
from bot.models import Entry, Municipality, Topic
from bot.values import LANGUAGES, Localized

LONGEST_ID = 64
OWN_WORDS = ("s", "x", "z")  # Swedish adds no s to names that end so: Vännäs kommun
OUTSIDE = "bot"  # topics about the chat itself are the same everywhere


def start(
    knowledge: Knowledge, name: str, called: str, groups: Sequence[str] = (), code: str | None = None
) -> Municipality:
    """Return the municipality of the id `name` that is to be begun; raises StartError with every reason against it."""
    reasons = [*_faults_of_id(knowledge, name), *_unknown_groups(knowledge, groups)]
    if not called.strip():
        reasons.append("the name is empty; give what people call the municipality, such as --name Vindeln")
    if code is not None and not (len(code) == 4 and code.isascii() and code.isdigit()):
        reasons.append(f"{code!r} is not a municipality's code: Statistics Sweden gives each four digits")
    if reasons:
        raise StartError(reasons)
    both = Localized(called.strip(), called.strip())
    return Municipality(name, both, code, tuple(dict.fromkeys(groups)), switchboard="switchboard")


def skeleton(knowledge: Knowledge, begun: Municipality) -> dict[str, str]:
    """Return the files of `begun` by name: what it inherits as a form, and what is to be filled in."""
    known = replace(knowledge, municipalities={**knowledge.municipalities, begun.id: begun})
    view = known.view(begun.id)
    about = {topic.id: topic for topic in knowledge.topics}
    files = {"municipality.yaml": _municipality(begun), "contacts.yaml": _contacts(begun)}
    files |= {"facts.yaml": _facts(knowledge), "places.yaml": PLACES}
    for heading, ids in knowledge.headings.items():
        topics = [about[topic] for topic in ids if about[topic].layer != OUTSIDE and topic in view.entries]
        if topics:
            files[f"{heading}.yaml"] = _entries(heading, topics, view)
    return {name: formatted(text, name) for name, text in files.items()}


def _faults_of_id(knowledge: Knowledge, name: str) -> Iterator[str]:
    if len(name) > LONGEST_ID or not ID.match(name):
        yield f"{name!r} is not an id: lower-case letters a–z, digits and single hyphens, at most {LONGEST_ID}"
    elif name in RESERVED_MUNICIPALITIES:
        yield f"{name!r} is an address of the site and cannot be an id"
    elif name in knowledge.municipalities or f"municipalities/{name}" in knowledge.layers:
        yield f"{name!r} is already there: municipalities/{name}; nothing in it was changed"


def _unknown_groups(knowledge: Knowledge, groups: Iterable[str]) -> Iterator[str]:
    known = sorted(layer.removeprefix("groups/") for layer in knowledge.layers if layer.startswith("groups/"))
    for group in groups:
        if group not in known:
            meant = process.extractOne(group, known, score_cutoff=60)
            hint = f"did you mean {meant[0]!r}?" if meant else f"known: {', '.join(known) or 'none'}"
            yield f"unknown group {group!r}; {hint}"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _municipality(begun: Municipality) -> str:
    groups = "".join(f"\n  - {group}" for group in begun.groups) or " []"
    name = _quoted(begun.name.best("sv"))
    return f"""## How {begun.name.best("sv")} is shown. Lines with ## explain.
id: {begun.id}
name:
  sv: {name}
  en: {name}
## Statistics Sweden's four digits; vacancies are fetched by them.
code: {_quoted(begun.code) if begun.code else "null"}
## The outermost first: where two groups answer the same, the later one counts.
groups:{groups}
## true only when the municipality has checked the answers and stands for them; until then pages say demonstration.
official: false
## The municipality's own site, such as https://www.example.se
site: null
## The contact in contacts.yaml that stands under every answer without one of its own.
switchboard: switchboard
## The sites that may show the chat, such as https://www.example.se
origins: []
accent: null
## Functions that answer for entries, each with name and email; never people.
owners: {{}}
## Where messages to a person are mailed, in how many working days they are answered, and what decides their removal.
mailbox: null
reply_days: null
message_days: null
disposal: null
legal_hold: false
"""


def _contacts(begun: Municipality) -> str:
    name = begun.name.best("sv")
    swedish = name if name.endswith(OWN_WORDS) else f"{name}s"
    return f"""## Functions and switchboards, never named people. Take "# " away, fill in, and say where you read it.
contacts:
  - id: switchboard
    name:
      sv: {_quoted(f"{swedish} kommun, växel")}
      en: {_quoted(f"{begun.name.best('en')} municipality, switchboard")}
    # phone: ""
    # email: ""
    # url: ""
    # address: ""
    # phone_hours:
    #   mon: 08:00-16:00
    # source:
    #   url: https://
    #   dated: null
    #   copied: null
"""


def _facts(knowledge: Knowledge) -> str:
    """Offer the facts that others give: what several municipalities tell can be set side by side."""
    labels = {fact.id: fact.label for layer in knowledge.layers.values() for fact in layer.inventory.facts.values()}
    lines = [f"##   {name}: {label.best('sv')} ({label.best('en')})" for name, label in sorted(labels.items())]
    return "\n".join(
        [
            "## Figures and short facts that municipalities are compared by. Others tell these:",
            *lines,
            "## Write each like this, and take [] away:",
            "##   - id: population",
            "##     label: {sv: Invånare, en: Inhabitants}",
            '##     value: "2359"',
            "##     unit: people",
            "##     dated: 2024-12-31",
            "##     source: {url: https://…, dated: null, copied: 2026-11-22}",
            "facts: []",
            "",
        ]
    )


PLACES = """## Villages and services, so that "plots in …" and "is the library open" are understood.
## Write each like this, and take [] away:
##   - id: library
##     name: {sv: Biblioteket, en: The library}
##     kind: library
##     place: the village it lies in
##     position: [64.2, 19.7]
##     source: {url: https://…, dated: null, copied: 2026-11-22}
places: []
"""


def _entries(heading: str, topics: Sequence[Topic], view: View) -> str:
    lines = [
        f"## {heading}: what {view.municipality.name.best('sv')} answers. Lines with ## explain; lines with one # are",
        '## a form that holds the inherited text. To answer yourselves take "# " away (most editors: Ctrl+/), write',
        "## what is true here, and name the page you read it on. An entry of which only the id stands changes nothing.",
        "entries:",
    ]
    for topic in topics:
        lines += _form(topic, view)
    return "\n".join([*lines, ""])


def _form(topic: Topic, view: View) -> Iterator[str]:
    entry = view.entries[topic.id]
    yield f"  ## {topic.id}: {topic.about}. Asked in {topic.asked} of the strangers' questions."
    yield f"  ## {_to_fill(topic)}"
    yield f"  ## Until then visitors read this, from {', '.join(view.origins[topic.id].get('answer', ('nowhere',)))}:"
    yield f"  - id: {topic.id}"
    if topic.id in SAFETY:
        yield from _safety_form(entry)
    else:
        yield from _answer_form(entry)


def _to_fill(topic: Topic) -> str:
    if topic.id in SAFETY:
        return "To fill before official: the municipality's own number. Lines are added below the text, which stays."
    if topic.layer == "municipality":
        return "To fill: the answer here, in both languages, whom to call, and the source."
    return "Nothing to fill, unless it differs here."


def _answer_form(entry: Entry) -> Iterator[str]:
    yield "    # answer:"
    for language in LANGUAGES:
        yield f"    #   {language}: |"
        yield from _commented((entry.answer and entry.answer[language]) or "…", "    #     ")
    yield "    # contacts:"
    yield "    #   - switchboard"
    yield "    # source:"
    yield "    #   url: https://"
    yield "    #   dated: null"
    yield "    #   copied: null"


def _safety_form(entry: Entry) -> Iterator[str]:
    for language in LANGUAGES:
        yield from _commented((entry.answer and entry.answer[language]) or "", "    ## ")
    yield "    # answer:"
    yield "    #   sv: |"
    yield "    #     Kommunens socialtjänst: …"
    yield "    #   en: |"
    yield "    #     The municipality's social services: …"


def _commented(text: str, start: str) -> Iterator[str]:
    for line in text.strip().splitlines():
        yield f"{start}{line}".rstrip()
