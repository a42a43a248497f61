"""The one door: safety, language, matching, context, decision, reply; in this order."""

from collections.abc import Iterable, Iterator, Sequence
from copy import copy
from dataclasses import dataclass, replace
from datetime import date
from functools import cache, cached_property
from itertools import islice, takewhile
from threading import Lock

from bot.content.facts import Facts, tell_entry
from bot.content.layers import SAFETY, Layer, View
from bot.content.loading import NOBODY, Knowledge
from bot.dialogue.across import Groups
from bot.dialogue.context import asks_an_aspect, complete, leans, names_nothing
from bot.dialogue.finding import Finder, under_headings
from bot.dialogue.fixed import FIXED
from bot.dialogue.listing import CERTAIN, Asked, Lister, compile_titles, titles_of
from bot.dialogue.neighbours import WAYS, Mention, Names, around, beside, cooperate, other_than, speaks_of_home
from bot.dialogue.plan import Plan, make_plan
from bot.dialogue.proper_names import ProperNames
from bot.dialogue.redaction import Redacted, public_ways, redact
from bot.dialogue.replies import (
    answer,
    choices,
    is_given,
    noting,
    of_neighbour,
    offered,
    silence,
    someone,
    standing,
    switched_off,
    told_by,
)
from bot.dialogue.safety import SafetyEntry, danger
from bot.language import detect
from bot.matching.decision import Decision, decide
from bot.matching.index import OUTSIDE, Document, Index
from bot.matching.ranking import Ranking, rank
from bot.matching.texts import MEANING
from bot.matching.vectors import WordVectors, load_vectors
from bot.matching.vocabulary import compile_lexicon
from bot.models import (
    Answer,
    Candidate,
    Choices,
    Choose,
    Comparison,
    Elsewhere,
    Entry,
    Explanation,
    Heading,
    Listing,
    Matches,
    NoAnswer,
    Notice,
    Option,
    Overview,
    Question,
    Records,
    Reply,
    answer_of,
    neighbour_of,
)
from bot.recent import Recent
from bot.records.compare import forms_of, municipalities, rows, sets_beside, together, villages
from bot.records.openings import openings
from bot.records.search import NEAR_M, Search
from bot.tasks import Answers
from bot.text import clean, words
from bot.values import LANGUAGES, Language, is_understood

SURE = 0.75  # a question that leans on the one before still counts for itself from this confidence on
SHOWN = 5
MOST_ELSEWHERE = 3


class Assistant:
    """Answers questions from one `Knowledge`. Build a new one when the knowledge changes; threads may share it.

    `near_m`: how far "near" reaches, in metres, as the crow flies.
    """

    def __init__(self, knowledge: Knowledge, vectors: WordVectors | None = None, *, near_m: float = NEAR_M) -> None:
        self.knowledge = knowledge
        self._near_m = near_m
        self._local = frozenset(topic.id for topic in knowledge.topics if topic.layer == "municipality")
        self._vectors = vectors or shipped_vectors()
        self._shared: Index | None = None
        self._indexes: Recent[str, Index] = Recent(knowledge.shelf.most)
        self._proper_names_of: Recent[str, ProperNames] = Recent(knowledge.shelf.most)
        self._titles = (compile_titles(knowledge.occupations), titles_of(knowledge.occupations))
        self._names = Names.compiled(knowledge.members.values())
        self._general = frozenset(topic.id for topic in knowledge.topics if topic.layer in ("national", "municipality"))
        self._of_groups = frozenset(topic.id for topic in knowledge.topics if topic.layer == "group")
        self._lock = Lock()
        self._forget_settings()

    @property
    def ready(self) -> list[str]:
        """The municipalities that are indexed, the one that was asked for last first."""
        return [name for name, _ in reversed(self._indexes.items())]

    def make_ready(self, municipality: str) -> None:
        """Read and index what is answered for a municipality where that is not in memory; raises
        UnknownMunicipalityError."""
        self._index(self.knowledge.view(municipality))

    def reply(self, question: Question) -> Reply:
        """Answer `question`; raises UnknownMunicipalityError. Same question, same knowledge, same answer."""
        given, home = self.reply_alone(question), self._home(question)
        if isinstance(given, NoAnswer) and home.municipality.id and not given.switched_off:
            return self._with_elsewhere(given, home, question)
        return given

    def reply_alone(self, question: Question) -> Reply:
        """Answer as `reply` does, but for what neighbours answer where there is no answer.

        Nothing stands beside a crisis text, not even that the question held personal data.
        """
        view = self._home(question)
        text = clean(question.text)
        language = _language(question, text)
        threat = danger(text, self._vectors.ordinary)
        if threat:
            return _safety(view, threat, language, question)
        given = switched_off(view, language) or self._reply(view, text, question, language)
        if question.municipality is None and view.municipality.id and not neighbour_of(given):
            given = of_neighbour(given, view.municipality)
        return noting(given, "personal-data") if self.redact(text, question.municipality).kinds else given

    def decided(self, question: Question) -> tuple[str, tuple[str, ...], bool]:
        """Return what the municipality that is asked decides on the whole text, as far as answers depend on it: answer,
        choices or none, which entries, and whether that is certain. Raises UnknownMunicipalityError."""
        _, decision, _ = self._decide(self._home(question), clean(question.text), question)
        return decision.kind, decision.entries, decision.confidence >= CERTAIN

    def on(self, knowledge: Knowledge) -> "Assistant":
        """Return an assistant for `knowledge` that shares what is built of entries and records, which are to be the
        same: other settings and hours of a municipality take no time."""
        made = copy(self)
        made.knowledge, made._lock = knowledge, Lock()
        made._forget_settings()
        return made

    def redact(self, text: str, municipality: str | None) -> Redacted:
        """Take personal data out of `text`; whom the municipality names as a contact stays.

        Raises UnknownMunicipalityError.
        """
        view = self.knowledge.view(municipality) if municipality else self.knowledge.common
        return redact(text, self._public.get(municipality or NOBODY, lambda: public_ways(view.contacts.values())))

    def is_danger(self, text: str) -> bool:
        """Whether `reply` meets `text` with the crisis numbers before it looks for anything else."""
        return danger(clean(text), self._vectors.ordinary) is not None

    def explain(self, question: Question) -> Explanation:
        """Say why `reply` answers as it does; raises UnknownMunicipalityError."""
        view = self._home(question)
        text = clean(question.text)
        ranking, decision, carried = self._decide(view, text, question)
        asked = ranking.asked
        return Explanation(
            language=_language(question, text),
            words=asked.reading.words,
            unknown=asked.unknown,
            concepts=tuple(sorted(term[1:] for term in asked.reading.terms if term.startswith(MEANING))),
            safety=danger(text, self._vectors.ordinary),
            carried_over=carried,
            confidence=decision.confidence,
            candidates=tuple(
                Candidate(
                    found.entry,
                    round(found.score, 3),
                    found.phrasing.written,
                    tuple(sorted(asked.terms.keys() & found.phrasing.terms)),
                )
                for found in ranking.found[:SHOWN]
            ),
        )

    def answer(self, entry: str, question: Question) -> Answer | None:
        """Give the answer of `entry` itself, as its own page shows it; None where there is none to give that day."""
        view = self._home(question)
        found = view.entries.get(entry)
        if found is None or not is_given(found, question.asked_on):
            return None
        language = question.language or question.prior
        return answer(view, found, language, question.asked_on, 1.0, self._local)

    def plan(self, municipality: str, answers: Answers, language: Language, today: date) -> Plan:
        """Make the plan of those who answered so; raises UnknownMunicipalityError. Nothing of it is kept."""
        return make_plan(self.knowledge.view(municipality), answers, language, today)

    def find(self, question: Question) -> Matches:
        """Return everything that answers a few words of search, titled in the language chosen; raises
        UnknownMunicipalityError."""
        view = self._home(question)
        text = clean(question.text)
        language = question.language or question.prior
        threat = danger(text, self._vectors.ordinary)
        found, holding = self._finder(view).find(text, rank(self._index(view), text), question.asked_on)
        if threat:
            others = (entry for entry in found if entry.id != threat)
            return Matches(_options(others, language), (), _safety(view, threat, language, question))
        return Matches(_options(found, language), _options(holding, language))

    def contents(self, question: Question) -> tuple[Heading, ...]:
        """Return everything that is answered, under its headings; the text of `question` does not count."""
        view = self._home(question)
        language = question.language or question.prior
        headings = under_headings(view, self.knowledge.headings, question.asked_on)
        return tuple(Heading(heading, _options(entries, language)) for heading, entries in headings.items())

    def prepare(self, municipality: str) -> None:
        """Build what the first question to `municipality` would have to wait for."""
        self._index(self.knowledge.view(municipality))

    def drafted(self, knowledge: Knowledge) -> "Assistant":
        """Return an assistant of a draft: `knowledge`, which is another than this one's in entries alone.

        What is built of municipalities that see none of the changes is shared, and so is what is built of the national
        questions: one of them that is changed weighs as if each municipality had changed it for itself.
        """
        made = self.on(knowledge)
        knowledge.keep_views(self.knowledge)
        made._indexes = self._indexes.where(lambda name: knowledge.lays_the_same(self.knowledge, name))
        made._listers = self._listers.where(lambda name: knowledge.lays_the_same(self.knowledge, name))
        made._searches = self._searches.where(knowledge.municipalities.__contains__)
        if not knowledge.lays_the_same(self.knowledge, NOBODY):
            made.__dict__.pop("_groups", None)
        made._proper_names = self._proper_names.after(self.knowledge, knowledge, self._vectors.ordinary)
        made._proper_names_of = Recent(knowledge.shelf.most)
        return made

    def beside(self, knowledge: Knowledge) -> "Assistant":
        """Return one that answers from `knowledge`, to be compared with this one; what both share is not built anew."""
        made = Assistant(knowledge, self._vectors, near_m=self._near_m)
        same = ("vocabulary", "topics", "occupations")
        is_alike = all(getattr(knowledge, part) is getattr(self.knowledge, part) for part in same)
        if is_alike and knowledge.shelf.is_same(self.knowledge.shelf, "national"):
            made._shared = self._shared
            made._indexes = self._indexes.where(lambda name: _is_same(name, knowledge, self.knowledge))
        return made

    def search(self, municipality: str) -> Search:
        """Return the search over the records of a municipality; raises UnknownMunicipalityError."""
        return self._lister(self.knowledge.view(municipality)).search

    def rests_on(self, text: str, municipality: str) -> frozenset[str]:
        """Return the municipalities whose knowledge the answer to `text` may rest on beside what this one knows of the
        whole text; raises UnknownMunicipalityError."""
        view, spoken = self.knowledge.view(municipality), clean(text)
        if self._groups.read(spoken, self._vectors.ordinary, is_chosen=True):
            return frozenset(self.knowledge.municipalities)
        other = self._other(view, spoken, self._named(spoken))
        return frozenset({other} if other else ())

    def naming_otherwise(self, other: "Assistant", texts: Iterable[str]) -> Iterator[str]:
        """Yield those of `texts` in which this one may take other words for names than the one it drafts."""
        is_near = not self.knowledge.is_country and self._groups.of == other._groups.of
        here, there, ordinary = self._proper_names, other._proper_names, self._vectors.ordinary
        if is_near and here.of == there.of:
            return
        yield from (text for text in texts if not is_near or here.unlike(there, words(clean(text)), ordinary))

    def index(self, municipality: str) -> Index:
        """Return the index of a municipality, for those who judge it; raises UnknownMunicipalityError."""
        return self._index(self.knowledge.view(municipality))

    def _home(self, question: Question) -> View:
        """Return the knowledge of the municipality that is asked; where none is chosen that of the one the conversation
        was about, else what all share. Raises UnknownMunicipalityError."""
        if question.municipality is not None:
            return self.knowledge.view(question.municipality)
        before = question.context.municipality if question.context else ""
        return self.knowledge.view(before) if before in self.knowledge.municipalities else self.knowledge.common

    def _reply(self, view: View, text: str, question: Question, language: Language) -> Reply:
        """Answer for the municipality that is asked; for another where the question is about that one alone, and for
        several where it is about these."""
        named = self._named(text)
        several = self._compared(view, text, named, question, language) or self._across(view, text, question, language)
        if several:
            return several
        theirs = self._of_other(view, text, named, question, language)
        if theirs:
            return theirs
        if not view.municipality.id:
            return self._unplaced(view, text, question, language)
        return self._with_records(self._own(view, text, question, language), view, question, language)

    def _named(self, text: str) -> Sequence[Mention]:
        """Return the municipalities that `text` names; one within the name of a group is not."""
        ordinary = self._vectors.ordinary
        named = self._names.named(text, ordinary)
        return self._names.named(self._groups.left_out(text, ordinary), ordinary) if named else named

    def _of_other(
        self, view: View, text: str, named: Sequence[Mention], question: Question, language: Language
    ) -> Reply | None:
        """Answer for the one other municipality that the question is about, by its name or by one that it alone has."""
        other = self._other(view, text, named)
        if other is None:
            return None
        theirs = self.knowledge.view(other)
        asked = replace(question, municipality=other, context=None)
        off = switched_off(theirs, language)
        if off:
            return of_neighbour(off, theirs.municipality) if named else None
        given = self._own(theirs, text, asked, language).reply
        answered = answer_of(given)
        if named and (answered or not view.municipality.id):
            return of_neighbour(given, theirs.municipality)
        is_theirs = answered is not None and (isinstance(given, Records) or theirs.is_local(answered.entry))
        return of_neighbour(given, theirs.municipality) if is_theirs else None

    def _other(self, view: View, text: str, named: Sequence[Mention]) -> str | None:
        """Return the other municipality that a question is about, by its name or by one that it alone has."""
        home = view.municipality.id
        other = other_than(home, named) if named else self._known_to(home, text)
        return None if home and other and speaks_of_home(text, self._lister(view).names.places) else other

    def _known_to(self, home: str, text: str) -> str | None:
        """Return the one other municipality that alone knows a name in `text`; of a whole country those that cooperate
        with `home` alone are looked at, where a word may be a name."""
        spoken, ordinary = words(text), self._vectors.ordinary
        is_far = self.knowledge.is_country
        if is_far and (not home or ordinary >= set(spoken)):
            return None
        names = self._names_around(home) if is_far else self._proper_names
        found = names.named(spoken, ordinary)
        owners = {owner for place, owner in found if not (place and spoken[place - 1] in WAYS)}
        return next(iter(owners)) if len(owners) == 1 and home not in owners else None

    def _unplaced(self, view: View, text: str, question: Question, language: Language) -> Reply:
        """Answer one who has chosen no municipality: with what holds everywhere, else by asking which is meant."""
        _, decision, _ = self._decide(view, text, question)
        wanted = self._lister(view).read(text, decision, None)
        if wanted and wanted.filters.said:
            listed = self._overview(view, wanted, decision, None, question, language)
            if listed:
                return listed
        if decision.kind == "answer" and self.knowledge.is_common(decision.entries[0]):
            given = self._own(view, text, question, language).reply
            return noting(given, "general") if decision.entries[0] in self._general else given
        return Choose(
            language,
            tuple(self.knowledge.members.values()),
            decision.confidence,
            notices=standing(view),
            entry=next(iter(decision.entries), None),
            group=self._groups.named(text, self._vectors.ordinary),
        )

    def _across(self, view: View, text: str, question: Question, language: Language) -> Overview | None:
        """Say what each of several municipalities has, where the question asks that."""
        is_chosen = question.municipality is not None
        asked = self._groups.read(text, self._vectors.ordinary, is_chosen=is_chosen)
        if asked is None or any(one.is_about for one in self._names.named(asked.rest, self._vectors.ordinary)):
            return None
        if self._index(view).lexicon.frames.issuperset(words(asked.rest)):
            return None  # it is about the group itself
        _, decision, _ = self._decide(view, asked.rest, replace(question, context=None))
        wanted = self._lister(view).read(asked.rest, decision, None)
        found = self._overview(view, wanted, decision, asked.group, question, language)
        if found is None or asked.group is None or any(one.listing for one in found.found):
            return found  # what the group writes on records in general says less than the records
        return replace(found, answer=self._of_group(asked.group, view, text, question, language))

    def _of_group(self, group: str, home: View, text: str, question: Question, language: Language) -> Answer | None:
        """Return what the group that is asked about has itself written on the question, not only on itself."""
        members = (one.id for one in self.knowledge.members.values() if group in one.groups)
        view = home if group in home.municipality.groups else self.knowledge.view(next(members))
        _, decision, _ = self._decide(view, text, replace(question, context=None))
        entry = view.entries[decision.entries[0]] if decision.kind == "answer" else None
        if entry is None or entry.id in self._of_groups or not view.is_of_group(entry.id):
            return None
        given = answer(view, entry, language, question.asked_on, decision.confidence, self._local)
        return given if view is home else replace(given, neighbour=view.municipality)

    def _overview(
        self,
        view: View,
        wanted: Asked | None,
        decision: Decision,
        group: str | None,
        question: Question,
        language: Language,
    ) -> Overview | None:
        entry = self._lister(view).entries[wanted.subject] if wanted else next(iter(decision.entries), None)
        if entry is None:
            return None
        for members in self._circles(view, group, question):
            told = (self._told(other, view, entry, wanted, question, language) for other in members)
            found = sorted(filter(None, told), key=lambda one: -one.listing.total if one.listing else 0)
            if found:
                notices: tuple[Notice, ...] = (*standing(view), "example") if _have_examples(found) else standing(view)
                return Overview(
                    language,
                    entry,
                    view.entries[entry].title(language),
                    tuple(found),
                    len(members) - len(found),
                    decision.confidence,
                    group=self._groups.of[group].name if group else None,
                    contacts=someone(view),
                    notices=notices,
                )
        return None

    def _circles(self, view: View, group: str | None, question: Question) -> Iterator[list[View]]:
        """Yield whom a question may mean: the group that it names, else those that home is in a group with, else
        all, unless they are a whole country."""
        home, known = view.municipality, self.knowledge.members.values()
        if group:
            yield [self.knowledge.view(one.id) for one in known if group in one.groups]
            return
        if question.municipality is not None and home.groups:
            yield [self.knowledge.view(one.id) for one in known if cooperate(home, one)]
        if not self.knowledge.is_country:
            yield [self.knowledge.view(one.id) for one in known]

    def _told(
        self, other: View, home: View, entry: str, wanted: Asked | None, question: Question, language: Language
    ) -> Elsewhere | None:
        """Return what `other` says of `entry` itself, and the records of it that fit; None where it says nothing."""
        found = other.entries.get(entry)
        if found is None or other.municipality.switched_off or not is_given(found, question.asked_on):
            return None
        listing = self._fitting(other, home, wanted, question) if wanted else None
        return told_by(other, found, language, listing) if listing or other.is_local(entry) else None

    def _fitting(self, other: View, home: View, wanted: Asked, question: Question) -> Listing | None:
        """Return the records of `other` that fit; None where it has none."""
        if not getattr(other.inventory, wanted.subject):
            return None
        search = self._searches.get(other.municipality.id, lambda: Search(other.inventory, self._near_m))
        listing = self._lister(home).find_in(search, wanted, question.asked_on)
        return listing if listing.total and not listing.relaxed else None

    def _with_records(self, own: "_Own", view: View, question: Question, language: Language) -> Reply:
        """Offer the records of those who cooperate with this municipality, where it has none that fit."""
        wanted, reply = own.wanted, own.reply
        if wanted is None or (isinstance(reply, Records) and not reply.listing.relaxed):
            return reply
        if wanted.filters.place or wanted.filters.employer:
            return reply
        entry = self._lister(view).entries[wanted.subject]
        partners = (other for other in self._neighbours(view) if cooperate(view.municipality, other.municipality))
        told = (self._told(other, view, entry, wanted, question, language) for other in partners)
        found = tuple(islice((one for one in told if one and one.listing), MOST_ELSEWHERE))
        if not found:
            return reply
        given = answer_of(reply)
        if given is None or given.entry != entry:
            given = answer(view, view.entries[entry], language, question.asked_on, reply.confidence, self._local)
        given = replace(given, elsewhere=found)
        return replace(reply, answer=given) if isinstance(reply, Records) else given

    def _own(self, view: View, text: str, question: Question, language: Language) -> "_Own":
        """Answer from what one municipality knows."""
        _, decision, _ = self._decide(view, text, question)
        wanted = self._wanted(view, text, question, decision)
        listed = self._listed(view, wanted, question, decision, language) if wanted else None
        return _Own(listed or self._decided(view, text, question, decision, language), wanted)

    def _decided(
        self, view: View, text: str, question: Question, decision: Decision, language: Language
    ) -> Answer | Choices | NoAnswer:
        match decision.kind:
            case "answer":
                entry = view.entries[decision.entries[0]]
                given = answer(view, entry, language, question.asked_on, decision.confidence, self._local)
                if entry.id in SAFETY:
                    return replace(given, kind="safety")
                return replace(given, openings=openings(view, entry, replace(question, text=text)))
            case "choices":
                return choices(view, decision.entries, language, decision.confidence)
            case _:
                return silence(view, language, decision.confidence)

    def _with_elsewhere(self, none: NoAnswer, view: View, question: Question) -> NoAnswer:
        """Say what those who cooperate with this municipality answer for themselves, where it has no answer."""
        home, text = view.municipality, clean(question.text)
        partners = takewhile(lambda other: cooperate(home, other.municipality), self._neighbours(view))
        found = (self._answered(other, text, question, none.language) for other in partners)
        return replace(none, elsewhere=tuple(islice(filter(None, found), MOST_ELSEWHERE)))

    def _answered(self, view: View, text: str, question: Question, language: Language) -> Elsewhere | None:
        if view.municipality.switched_off:
            return None
        asked = replace(question, municipality=view.municipality.id, context=None)
        _, decision, _ = self._decide(view, text, asked)
        if decision.kind != "answer" or decision.confidence < SURE or not view.is_local(decision.entries[0]):
            return None
        entry = view.entries[decision.entries[0]]
        return told_by(view, entry, language)

    def _compared(
        self, view: View, text: str, named: Sequence[Mention], question: Question, language: Language
    ) -> Comparison | None:
        """Set municipalities or villages beside each other where the question names two or more to choose from."""
        if not sets_beside(text, self._vectors.ordinary):
            return None
        names = beside(view.municipality.id, named, text)
        columns = municipalities(map(self.knowledge.view, names)) if len(names) > 1 else villages(text, view)
        found = rows(text, columns, question.asked_on) if columns else ()
        if not found:
            return None
        made_up = any(column.has_examples for column in columns)
        notices: tuple[Notice, ...] = (*standing(view), "example") if made_up else standing(view)
        shown = tuple(column.name for column in columns)
        return Comparison(language, shown, found, contacts=someone(view), notices=notices)

    def _neighbours(self, view: View) -> Iterator[View]:
        """Yield the other municipalities' knowledge, those that cooperate with this one first. Few questions need it,
        so that nothing is laid before it is wanted; of a whole country only those that cooperate count."""
        return map(self.knowledge.view, around(self.knowledge, view.municipality))

    def _wanted(self, view: View, text: str, question: Question, decision: Decision) -> Asked | None:
        """Say what records are asked for, where they are, and there is an entry that lists them that day."""
        lister = self._lister(view)
        asked = lister.read(text, decision, question.context)
        is_listed = asked is not None and is_given(view.entries[lister.entries[asked.subject]], question.asked_on)
        return asked if is_listed else None

    def _listed(
        self, view: View, asked: Asked, question: Question, decision: Decision, language: Language
    ) -> Records | None:
        """Answer with records, where there are any."""
        lister = self._lister(view)
        if not lister.has(asked.subject):
            return None
        entry = view.entries[lister.entries[asked.subject]]
        given = answer(view, entry, language, question.asked_on, decision.confidence, self._local)
        listing = lister.find(asked, question.asked_on)
        if len(asked.occupations) > 1:
            places = together([view, *self._neighbours(view)], asked.occupations, question.asked_on)
            listing = lister.find_together(asked, places, question.asked_on)
        if any(found.record.example for found in listing.shown):
            given = replace(given, notices=(*given.notices, "example"))
        return Records(given, listing)

    @cached_property
    def _groups(self) -> Groups:
        return Groups.compiled(self.knowledge)

    @cached_property
    def _proper_names(self) -> ProperNames:
        return ProperNames.compiled(self.knowledge.in_sight(), self._vectors.ordinary)

    def _names_around(self, home: str) -> ProperNames:
        """Return the names that `home` and those who cooperate with it know, and how they are shared out."""
        known = self.knowledge

        def made() -> ProperNames:
            seen = (layer for name in (home, *around(known, known.members[home])) for layer in known.layers_of(name))
            return ProperNames.compiled({layer.name: layer for layer in seen}.values(), self._vectors.ordinary)

        return self._proper_names_of.get(home, made)

    def _finder(self, view: View) -> Finder:
        name = view.municipality.id
        return self._finders.get(name, lambda: Finder(view, self._index(view).lexicon.frames))

    def _lister(self, view: View) -> Lister:
        name = view.municipality.id
        return self._listers.get(name, lambda: self._made_lister(view))

    def _made_lister(self, view: View) -> Lister:
        frames = self._index(view).lexicon.frames
        return Lister(view, *self._titles, self._vectors.ordinary, frames, self._near_m)

    def _decide(self, view: View, text: str, question: Question) -> tuple[Ranking, Decision, str | None]:
        """Rank and decide; the third value is the entry whose topic was carried over, if one was."""
        index = self._index(view)
        ranking = _allowed(rank(index, text), view, question)
        decision = decide(ranking)
        context = question.context
        before = view.entries.get(context.entry or "") if context else None
        if context is None or before is None or not leans(text):
            return ranking, decision, None
        names = not names_nothing(text, index.lexicon.frames.__contains__)
        own = decision.kind == "answer" and decision.confidence >= SURE
        if own and names:
            return ranking, decision, None
        completed = _allowed(rank(index, complete(text, before, _language(question, text))), view, question)
        near = {before.id, *before.next}
        if names and not asks_an_aspect(text) and not context.filters:  # "hur långt är det till Umeå?" asks no plot
            near &= {found.entry for found in ranking.found}
        completed = replace(completed, found=tuple(found for found in completed.found if found.entry in near))
        carried = decide(completed)
        if carried.kind == "none":
            return ranking, decision, None
        return completed, replace(carried, kind="answer", entries=carried.entries[:1]), before.id

    def _index(self, view: View) -> Index:
        return self._indexes.get(view.municipality.id, lambda: build_index(view, self._base()))

    def _base(self) -> Index:
        """Return what all indexes stand on."""
        with self._lock:
            self._shared = self._shared or shared_index(self.knowledge, self._vectors)
            return self._shared

    def _forget_settings(self) -> None:
        """Forget what is made of a municipality's settings and hours; it is made anew in no time."""
        most = self.knowledge.shelf.most
        self._listers: Recent[str, Lister] = Recent(most)
        self._finders: Recent[str, Finder] = Recent(most)
        self._searches: Recent[str, Search] = Recent(most)
        self._public: Recent[str, frozenset[str]] = Recent(most)


@dataclass(frozen=True, slots=True)
class _Own:
    """What one municipality answers, and the records that were asked for."""

    reply: Answer | Records | Choices | NoAnswer
    wanted: Asked | None


def _is_same(municipality: str, now: Knowledge, before: Knowledge) -> bool:
    """Whether a municipality is there, and its questions and answers are the very same."""
    if municipality not in now.municipalities:
        return False
    name = now.municipalities[municipality].name == before.municipalities[municipality].name
    return name and now.has_same_layers(before, municipality)


def _have_examples(found: Iterable[Elsewhere]) -> bool:
    listings = (one.listing for one in found if one.listing)
    return any(one.record.example for listing in listings for one in listing.shown)


def shared_index(knowledge: Knowledge, vectors: WordVectors) -> Index:
    """Index what all municipalities share: the national questions, and what is known but not answered."""
    outside = (
        Document(OUTSIDE + theme.id, tuple(phrase for _, phrase in theme.questions))
        for theme in knowledge.vocabulary.outside
    )
    national = knowledge.layers.get("national", Layer("national", {}, {}))
    facts = Facts(national.inventory.facts, national.contacts)
    entries = (tell_entry(entry, facts) for entry in national.entries.values())
    return Index([*map(_document, entries), *outside], compile_lexicon(knowledge.vocabulary), vectors)


def build_index(view: View, shared: Index) -> Index:
    """Index what a municipality's visitors may be answered with."""
    lexicon = shared.lexicon.framing(forms_of(view.municipality.name))
    outside = (document for document in shared.documents.values() if document.id.startswith(OUTSIDE))
    own = (_indexed(view, entry, shared) for entry in view.entries.values())
    return Index([*own, *outside], lexicon, shared.vectors, base=shared)


def _indexed(view: View, entry: Entry, shared: Index) -> Document:
    """Return what is matched of an entry, the very document that all share where it is that one. What facts say here
    makes no national text another one."""
    document, known = _document(entry), shared.documents.get(entry.id)
    if known and entry.id in view.written and view.origins[entry.id].get("answer") == ("national",):
        document = replace(document, text=known.text)
    return known if known == document else document


def _document(entry: Entry) -> Document:
    texts = [entry.answer[language] or "" for language in LANGUAGES] if entry.answer else []
    return Document(entry.id, tuple(phrase for _, phrase in entry.questions), " ".join(texts))


@cache
def shipped_vectors() -> WordVectors:
    """Load the shipped word vectors once."""
    return load_vectors()


def _options(entries: Iterable[Entry], language: Language) -> tuple[Option, ...]:
    return tuple(offered(entry, language) for entry in entries)


def _language(question: Question, text: str) -> Language:
    """Whoever reads in a language that is not understood is answered in it, whatever the question is written in."""
    chosen = question.language or question.prior
    if question.language or not is_understood(chosen):
        return chosen
    before = question.context.language if question.context else chosen
    return detect(text, before if is_understood(before) else chosen)


def _allowed(ranking: Ranking, view: View, question: Question) -> Ranking:
    """Leave out entries that may not be given on the day of the question."""
    found = tuple(
        found
        for found in ranking.found
        if found.entry.startswith(OUTSIDE) or is_given(view.entries[found.entry], question.asked_on)
    )
    return replace(ranking, found=found)


def _safety(view: View, threat: SafetyEntry, language: Language, question: Question) -> Answer:
    entry = view.entries.get(threat)
    if entry is None or not is_given(entry, question.asked_on):
        entry = FIXED[threat]
    return replace(answer(view, entry, language, question.asked_on, 1.0), kind="safety")
