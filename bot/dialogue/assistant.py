"""The one door: safety, language, matching, context, decision, reply; in this order."""

from collections.abc import Iterable, Iterator
from copy import copy
from dataclasses import replace
from datetime import date
from functools import cache
from itertools import islice, takewhile
from threading import Lock

from bot.content.layers import SAFETY, View
from bot.content.loading import Knowledge
from bot.dialogue.context import asks_an_aspect, complete, leans, names_nothing
from bot.dialogue.finding import Finder, under_headings
from bot.dialogue.fixed import FIXED
from bot.dialogue.listing import Lister, compile_titles, titles_of
from bot.dialogue.neighbours import Names, cooperate, other_than, speaks_of_home
from bot.dialogue.plan import Plan, make_plan
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
    Comparison,
    Elsewhere,
    Entry,
    Explanation,
    Heading,
    Matches,
    NoAnswer,
    Notice,
    Option,
    Question,
    Records,
    Reply,
    answer_of,
)
from bot.recent import Recent
from bot.records.compare import compared, forms_of, rows, together
from bot.records.openings import openings
from bot.records.search import NEAR_M, Search
from bot.tasks import Answers
from bot.text import clean
from bot.values import LANGUAGES, Language

SURE = 0.75  # a question that leans on the one before still counts for itself from this confidence on
SHOWN = 5
MOST_ELSEWHERE = 3
ALL_AROUND = 60  # municipalities that may all be looked at for what one of them is asked


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
        self._titles = (compile_titles(knowledge.occupations), titles_of(knowledge.occupations))
        self._names = Names.compiled(knowledge.municipalities.values())
        self._lock = Lock()
        self._forget_settings()

    def reply(self, question: Question) -> Reply:
        """Answer `question`; raises UnknownMunicipalityError. Same question, same knowledge, same answer."""
        given = self.reply_alone(question)
        if isinstance(given, NoAnswer) and not given.switched_off:
            return self._with_elsewhere(given, self.knowledge.view(question.municipality), question)
        return given

    def reply_alone(self, question: Question) -> Reply:
        """Answer as `reply` does, but for what neighbours answer where there is no answer.

        Nothing stands beside a crisis text, not even that the question held personal data.
        """
        view = self.knowledge.view(question.municipality)
        text = clean(question.text)
        language = _language(question, text)
        threat = danger(text, self._vectors.ordinary)
        if threat:
            return _safety(view, threat, language, question)
        given = switched_off(view, language) or self._reply(view, text, question, language)
        return noting(given, "personal-data") if self.redact(text, question.municipality).kinds else given

    def on(self, knowledge: Knowledge) -> "Assistant":
        """Return an assistant for `knowledge` that shares what is built of entries and records, which are to be the
        same: other settings and hours of a municipality take no time."""
        made = copy(self)
        made.knowledge = knowledge
        made._forget_settings()
        return made

    def redact(self, text: str, municipality: str) -> Redacted:
        """Take personal data out of `text`; whom the municipality names as a contact stays.

        Raises UnknownMunicipalityError.
        """
        view = self.knowledge.view(municipality)
        return redact(text, self._public.get(municipality, lambda: public_ways(view.contacts.values())))

    def is_danger(self, text: str) -> bool:
        """Whether `reply` meets `text` with the crisis numbers before it looks for anything else."""
        return danger(clean(text), self._vectors.ordinary) is not None

    def explain(self, question: Question) -> Explanation:
        """Say why `reply` answers as it does; raises UnknownMunicipalityError."""
        view = self.knowledge.view(question.municipality)
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
        view = self.knowledge.view(question.municipality)
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
        view = self.knowledge.view(question.municipality)
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
        view = self.knowledge.view(question.municipality)
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

    def neighbour(self, text: str, municipality: str) -> str | None:
        """Return the other municipality that alone is asked about; raises UnknownMunicipalityError."""
        return self._other(self.knowledge.view(municipality), clean(text))

    def index(self, municipality: str) -> Index:
        """Return the index of a municipality, for those who judge it; raises UnknownMunicipalityError."""
        return self._index(self.knowledge.view(municipality))

    def _reply(self, view: View, text: str, question: Question, language: Language) -> Reply:
        """Answer for the municipality that is asked; for another where the question is about that one alone."""
        beside = self._compared(view, text, question, language)
        if beside:
            return beside
        other = self._other(view, text)
        if other:
            theirs = self.knowledge.view(other)
            asked = replace(question, municipality=other, context=None)
            given = self._own(theirs, text, asked, language)
            if answer_of(given):
                return of_neighbour(given, theirs.municipality)
        return self._own(view, text, question, language)

    def _other(self, view: View, text: str) -> str | None:
        """Return the other municipality that a question is about."""
        other = other_than(view.municipality.id, self._names.named(text, self._vectors.ordinary))
        return other if other and not speaks_of_home(text, self._lister(view).names.places) else None

    def _own(self, view: View, text: str, question: Question, language: Language) -> Reply:
        """Answer from what one municipality knows."""
        _, decision, _ = self._decide(view, text, question)
        listed = self._listed(view, text, question, decision, language)
        if listed:
            return listed
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
        asked = replace(question, municipality=view.municipality.id, context=None)
        _, decision, _ = self._decide(view, text, asked)
        if decision.kind != "answer" or decision.confidence < SURE or not view.is_local(decision.entries[0]):
            return None
        entry = view.entries[decision.entries[0]]
        return Elsewhere(view.municipality, entry.id, entry.title(language))

    def _compared(self, view: View, text: str, question: Question, language: Language) -> Comparison | None:
        """Set municipalities or villages beside each other where the question names two or more to choose from."""
        columns = compared(text, view, self._neighbours(view))
        found = rows(text, columns, question.asked_on) if columns else ()
        if not found:
            return None
        made_up = any(column.has_examples for column in columns)
        notices: tuple[Notice, ...] = (*standing(view), "example") if made_up else standing(view)
        names = tuple(column.name for column in columns)
        return Comparison(language, names, found, contacts=someone(view), notices=notices)

    def _neighbours(self, view: View) -> Iterator[View]:
        """Yield the other municipalities' knowledge, those that cooperate with this one first. Few questions need it,
        so that nothing is laid before it is wanted; of a whole country only those that cooperate count."""
        home = view.municipality
        others = [other for other in self.knowledge.municipalities.values() if other.id != home.id]
        partners = [other for other in others if cooperate(home, other)]
        found = partners if len(others) > ALL_AROUND else others
        for other in sorted(found, key=lambda other: (not cooperate(home, other), other.id)):
            yield self.knowledge.view(other.id)

    def _listed(
        self, view: View, text: str, question: Question, decision: Decision, language: Language
    ) -> Records | None:
        """Answer with records where records are asked for, and there are any."""
        lister = self._lister(view)
        asked = lister.read(text, decision, question.context)
        if asked is None or not lister.has(asked.subject):
            return None
        entry = view.entries[lister.entries[asked.subject]]
        if not is_given(entry, question.asked_on):
            return None
        given = answer(view, entry, language, question.asked_on, decision.confidence, self._local)
        listing = lister.find(asked, question.asked_on)
        if len(asked.occupations) > 1:
            places = together([view, *self._neighbours(view)], asked.occupations, question.asked_on)
            listing = lister.find_together(asked, places, question.asked_on)
        if any(found.record.example for found in listing.shown):
            given = replace(given, notices=(*given.notices, "example"))
        return Records(given, listing)

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
        self._public: Recent[str, frozenset[str]] = Recent(most)


def _is_same(municipality: str, now: Knowledge, before: Knowledge) -> bool:
    """Whether a municipality is there, and its questions and answers are the very same."""
    if municipality not in now.municipalities:
        return False
    name = now.municipalities[municipality].name == before.municipalities[municipality].name
    return name and now.has_same_layers(before, municipality)


def shared_index(knowledge: Knowledge, vectors: WordVectors) -> Index:
    """Index what all municipalities share: the national questions, and what is known but not answered."""
    outside = (
        Document(OUTSIDE + theme.id, tuple(phrase for _, phrase in theme.questions))
        for theme in knowledge.vocabulary.outside
    )
    national = knowledge.layers["national"].entries.values() if "national" in knowledge.layers else ()
    return Index([*map(_document, national), *outside], compile_lexicon(knowledge.vocabulary), vectors)


def build_index(view: View, shared: Index) -> Index:
    """Index what a municipality's visitors may be answered with."""
    lexicon = shared.lexicon.framing(forms_of(view.municipality.name))
    outside = (document for document in shared.documents.values() if document.id.startswith(OUTSIDE))
    own = (_shared_document(entry, shared) for entry in view.entries.values())
    return Index([*own, *outside], lexicon, shared.vectors, base=shared)


def _shared_document(entry: Entry, shared: Index) -> Document:
    """Return the document of an entry, the very one that all share where it says the same."""
    document, known = _document(entry), shared.documents.get(entry.id)
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
    if question.language:
        return question.language
    return detect(text, question.context.language if question.context else question.prior)


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
