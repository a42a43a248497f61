"""Proofread what layers write: copies of facts, values that contradict each other, dead links, hard or short texts.

Nothing here is an error: each remark is said to whoever writes, who decides.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from rapidfuzz import fuzz, process

from bot.content.facts import ABROAD, Facts, named, tell_entry
from bot.content.items import Key
from bot.content.layers import SAFETY, View
from bot.content.loading import Knowledge
from bot.content.rules import RESERVED_ENTRIES, Fault
from bot.inventory import Fact
from bot.models import Entry
from bot.quality.readability import SENTENCE_END, count_words, lix
from bot.quality.stated import Figure, Kind, figure_of, figures_in, known_figures
from bot.text import words
from bot.values import LANGUAGES, Language, Localized

HARD, VERY_HARD = 40, 50
LONG_ANSWER, LONG_SENTENCE = 90, 25  # words
ENOUGH_TO_COMPARE = 12  # Swedish words, from which on the English can be too short
HALF = 2
ALIKE = 92  # of 100: two sentences that say the same but for their figures
TELLING = 3  # letters of a word of a label that says what a fact is about
ENDING = 2  # letters that may be others in another form of the word
FEWEST_WORDS = 4
ADDRESS = re.compile(r"(?:https?://[^\s/)]+)?/([a-z0-9-]+)/(sv|en)/([a-z0-9-]+)(?=[\s).,?#]|$)")
RELATIVE = re.compile(r"\]\((/[^)\s]*)\)")
MARKS = re.compile(r"\*\*|^\s*[-*]\s+", re.MULTILINE)


@dataclass(frozen=True)
class Remark:
    """One thing to look at: the item that it is about, and what."""

    key: Key
    fault: Fault


@dataclass(frozen=True)
class Desk:
    """What a layer's texts are read with: the facts that they may name, and the view that shows them, if any."""

    layer: str
    facts: Facts
    view: View | None = None

    @cached_property
    def figures(self) -> Mapping[tuple[Kind, str], str]:
        """The facts that tell each figure."""
        switchboard = self.view.municipality.switchboard if self.view else None
        return known_figures(self.facts, f"{switchboard}-phone")

    @cached_property
    def labelled(self) -> Mapping[Language, Sequence[tuple[str, Figure, tuple[str, ...]]]]:
        """The facts with a figure, each with the words of its label that say what it is about."""
        return {language: list(_labelled(self.facts, language)) for language in LANGUAGES}


def desk_of(knowledge: Knowledge, layer: str) -> Desk:
    """Return what texts of `layer` are read with."""
    if layer.startswith("municipalities/"):
        view = knowledge.view(layer.partition("/")[2])
        return Desk(layer, view.facts, view)
    found = [knowledge.layers[name] for name in dict.fromkeys(("national", layer)) if name in knowledge.layers]
    facts = {name: fact for one in found for name, fact in one.inventory.facts.items()}
    return Desk(layer, Facts(facts, {name: contact for one in found for name, contact in one.contacts.items()}))


def proofread(knowledge: Knowledge, layers: Collection[str] | None = None) -> list[Remark]:
    """Read everything that `layers` write, all of them where none is given; in their order."""
    wanted = [name for name in knowledge.layers if layers is None or name in layers]
    found: list[Remark] = []
    for name in wanted:
        desk = desk_of(knowledge, name)
        for entry in knowledge.layers[name].entries.values():
            found += [Remark(Key(name, "entry", entry.id), fault) for fault in read_entry(entry, desk)]
        found += _between_facts(knowledge, name)
        found += _between_entries(desk)
    return list({(one.key, str(one.fault)): one for one in found}.values())


def read_entry(entry: Entry, desk: Desk) -> Iterator[Fault]:
    """Find what to look at in one answer as a layer writes it."""
    for language, text in _texts(entry):
        if entry.id not in SAFETY:
            yield from _copies(text, language, desk)
        yield from _against_facts(text, language, desk)
        yield from _dead_addresses(("answer", language), text, desk)
    yield from _differing(entry)
    yield from _style(tell_entry(entry, desk.facts))
    yield from _dead_links(entry, desk)


def _texts(entry: Entry) -> Iterator[tuple[Language, str]]:
    for language in LANGUAGES:
        if entry.answer and (text := entry.answer[language]):
            yield language, text


# figures that a fact tells, and those that say something else


def _copies(text: str, language: Language, desk: Desk) -> Iterator[Fault]:
    for figure in dict.fromkeys(figures_in(text, language)):
        if name := desk.figures.get((figure.kind, figure.value)):
            shown = f"{name}-abroad" if figure.written.startswith("+") else name
            yield Fault(("answer", language), "copied-fact", {"value": figure.written.strip(), "id": shown})


def _against_facts(text: str, language: Language, desk: Desk) -> Iterator[Fault]:
    for sentence in sentences(text):
        told, stated = set(named(sentence)), list(figures_in(sentence, language))
        found = words(sentence) if stated else []
        for name, figure, about in desk.labelled[language] if found else ():
            if name in told or not all(any(word.startswith(one) for word in found) for one in about):
                continue
            others = [one for one in stated if one.kind == figure.kind]
            if others and all(one.value != figure.value for one in others):
                values = {"value": others[0].written.strip(), "id": name, "fact": figure.written}
                yield Fault(("answer", language), "contradicts-fact", values)


def _labelled(facts: Facts, language: Language) -> Iterator[tuple[str, Figure, tuple[str, ...]]]:
    for name, fact in facts.written.items():
        figure = figure_of(fact)
        label = re.split(r"[,(]", fact.label.best(language))[0]
        about = tuple(word[: max(TELLING, len(word) - ENDING)] for word in words(label) if len(word) >= TELLING)
        if figure and figure.kind != "phone" and about:
            yield name, figure, about


def _differing(entry: Entry) -> Iterator[Fault]:
    """Find figures and facts that only one language states."""
    texts = dict(_texts(entry))
    if len(texts) < len(LANGUAGES):
        return
    stated = {language: _stated(text, language) for language, text in texts.items()}
    for language, other in zip(LANGUAGES, reversed(LANGUAGES), strict=True):
        alone = [written for said, written in stated[language].items() if said not in stated[other]]
        if alone:
            values = {"values": ", ".join(dict.fromkeys(alone)), "other": other}
            yield Fault(("answer", language), "languages-differ", values)


def _stated(text: str, language: Language) -> dict[tuple[str, str], str]:
    figures = {(one.kind, one.value): one.written.strip() for one in figures_in(text, language)}
    return figures | {("fact", name.removesuffix(ABROAD)): f"{{{{ {name} }}}}" for name in named(text)}


def _between_facts(knowledge: Knowledge, layer: str) -> Iterator[Remark]:
    """Find facts that a layer gives otherwise than another that stands beside it, or than its own source."""
    own = knowledge.layers[layer].inventory.facts
    for other in _beside(knowledge, layer):
        theirs = knowledge.layers[other].inventory.facts
        for name in own.keys() & theirs.keys():
            if _disagree(own[name], theirs[name], is_group=other.startswith("groups/") and layer.startswith("groups/")):
                values = {"value": _said(own[name]), "other": _said(theirs[name]), "layer": other, "id": name}
                yield Remark(Key(layer, "fact", name), Fault(("value",), "facts-differ", values))


def _beside(knowledge: Knowledge, layer: str) -> Iterator[str]:
    """Yield the layers that some municipality sees together with this one, and that come before it."""
    seen: set[str] = set()
    for municipality in knowledge.municipalities:
        names = knowledge.names_of_layers(municipality)
        if layer in names:
            seen.update(names[: names.index(layer)])
    yield from sorted(seen)


def _disagree(one: Fact, other: Fact, *, is_group: bool) -> bool:
    """Two groups of one municipality must not differ; a nearer layer may, but not by the same source."""
    if one.value is None or other.value is None or one.value == other.value:
        return False
    return is_group or bool(one.source and other.source and one.source.url == other.source.url)


def _said(fact: Fact) -> str:
    return fact.value.best("sv") if isinstance(fact.value, Localized) else str(fact.value)


def _between_entries(desk: Desk) -> Iterator[Remark]:
    """Find sentences of two answers that a visitor sees beside each other, alike but for their figures."""
    view = desk.view
    if view is None:
        return
    for language in LANGUAGES:
        said = [one for entry in view.entries.values() for one in _sentences_with_figures(entry, language)]
        masks = [masked for _, _, _, masked in said]
        scores = process.cdist(masks, masks, scorer=fuzz.token_sort_ratio, score_cutoff=ALIKE)
        for first, second in zip(*scores.nonzero(), strict=True):
            one, other = said[first], said[second]
            is_own = view.is_local(one[0]) and one[0] != other[0]
            if is_own and one[2] != other[2]:
                values = {"sentence": one[1], "other": other[0], "said": other[1]}
                yield Remark(Key(desk.layer, "entry", one[0]), Fault(("answer", language), "sentences-differ", values))


def _sentences_with_figures(
    entry: Entry, language: Language
) -> Iterator[tuple[str, str, frozenset[tuple[Kind, str]], str]]:
    text = entry.answer[language] if entry.answer else None
    for sentence in sentences(text or ""):
        figures = list(figures_in(sentence, language))
        masked = sentence
        for figure in figures:
            masked = masked.replace(figure.written, " # ")
        folded = " ".join(words(masked))
        if figures and len(folded.split()) >= FEWEST_WORDS:
            yield entry.id, sentence, frozenset((one.kind, one.value) for one in figures), folded


def sentences(text: str) -> list[str]:
    """Return the sentences of a Markdown text, without its marks."""
    return [part.strip() for part in SENTENCE_END.split(MARKS.sub("", text)) if part.strip()]


# links


def _dead_addresses(path: tuple[str | int, ...], text: str, desk: Desk) -> Iterator[Fault]:
    for found in RELATIVE.finditer(text):
        yield Fault(path, "relative-link", {"url": found[1]})
    for found in ADDRESS.finditer(text):
        municipality, _language, page = found.groups()
        view = desk.view
        if view and municipality == view.municipality.id and page not in view.entries and page not in RESERVED_ENTRIES:
            yield Fault(path, "dead-link", {"url": found[0]})


def _dead_links(entry: Entry, desk: Desk) -> Iterator[Fault]:
    for place, link in enumerate(entry.links):
        yield from _dead_addresses(("links", place, "url"), link.url, desk)
    known = desk.view.entries if desk.view else {}
    for place, other in enumerate(entry.next):
        if other in known and not known[other].answer:
            yield Fault(("next", place), "next-unanswered", {"id": other})


# style


def _style(entry: Entry) -> Iterator[Fault]:
    texts = dict(_texts(entry))
    for language, text in texts.items():
        path, hardness, length = ("answer", language), lix(text), count_words(text)
        if hardness > HARD:
            yield Fault(path, "very-hard" if hardness > VERY_HARD else "hard", {"lix": hardness, "limit": HARD})
        if length > LONG_ANSWER:
            yield Fault(path, "long-answer", {"count": length, "limit": LONG_ANSWER})
        for sentence in sentences(text):
            if (count := count_words(sentence)) > LONG_SENTENCE:
                values = {"count": count, "limit": LONG_SENTENCE, "start": " ".join(sentence.split()[:5])}
                yield Fault(path, "long-sentence", values)
    swedish, english = (count_words(texts.get(language, "")) for language in LANGUAGES)
    if english and swedish >= ENOUGH_TO_COMPARE and english * HALF < swedish:
        yield Fault(("answer", "en"), "english-short", {"english": english, "swedish": swedish})
