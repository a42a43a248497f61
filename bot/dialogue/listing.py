"""A question about things is answered with the things: which question is one, and what it asks for."""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Final

from bot.content.layers import View
from bot.dialogue.context import OPENINGS, POINTERS
from bot.inventory import Occupation, Plot
from bot.matching.decision import Decision
from bot.models import Context, Filters, Found, Listing, Together
from bot.records.filters import Names, Subject, Understood, compile_occupations, merge, settled, understand
from bot.records.phrases import Phrases, asking_words, grammar, phrases_of, tokens
from bot.records.search import NEAR_M, SHOWN, Search
from bot.values import Localized

CERTAIN: Final = 0.9  # an answer this sure is given though the question could be read as one about things
OUTWEIGHING: Final = 2  # so many filters outweigh a sure answer on something else
FEW_OTHERS, SOME_OTHERS, MANY_OTHERS = 2, 5, 8  # words that say nothing of records


@dataclass(frozen=True, slots=True)
class Asked:
    """What a question asks for: the filters, and the words that none of them holds."""

    subject: Subject
    filters: Filters
    wishes: tuple[str, ...] = ()
    occupations: tuple[str, ...] = ()


@dataclass(frozen=True)
class Lister:
    """Reads questions about the plots and jobs of one municipality, and finds what fits. `near_m`: metres."""

    view: View
    occupations: Phrases
    titles: Mapping[str, Localized]
    ordinary: AbstractSet[str]
    frames: AbstractSet[str]
    near_m: float = NEAR_M

    @cached_property
    def search(self) -> Search:
        """The search over the municipality's records."""
        return Search(self.view.inventory, self.near_m)

    @cached_property
    def entries(self) -> Mapping[Subject, str]:
        """The entry that shows each table."""
        shown: dict[Subject, str] = {}
        for entry in self.view.entries.values():
            if entry.shows == "plots" or entry.shows == "jobs":
                shown[entry.shows] = entry.id
        return shown

    @cached_property
    def names(self) -> Names:
        """The names a question may hold."""
        inventory = self.view.inventory
        places = [place.name.best("sv") for place in inventory.places.values() if place.kind == "village"]
        places += [plot.place for plot in inventory.plots.values() if plot.place]
        places += [job.place for job in inventory.jobs.values() if job.place]
        employers = dict.fromkeys(job.employer for job in inventory.jobs.values())
        own = tuple(name for name in (self.view.municipality.name.sv, self.view.municipality.name.en) if name)
        return Names(tuple(dict.fromkeys(places)), tuple(employers), own)

    def read(self, text: str, decision: Decision, context: Context | None) -> Asked | None:
        """Say what records `text` asks for; None where another answer is meant."""
        decided = self._shown_by(decision.entries[0]) if decision.kind == "answer" else None
        before = self._before(context)
        if not (decided or before or self._may_be_about_records(text, decision)):
            return None
        said = understand(text, self.names, self.occupations, self.ordinary)
        subject = self._subject(said, decision, decided)
        if before and subject in (None, before.subject) and self._goes_on(said, decision, decided):
            changed = self._compared(merge(before.filters, said), before.filters, said, before.subject)
            return Asked(before.subject, changed, said.wishes, said.occupations)
        if subject is None or subject not in self.entries:
            return None
        return Asked(subject, settled(said.filters), said.wishes, said.occupations)

    def find(self, asked: Asked, today: date) -> Listing:
        """Find what fits."""
        return self.find_in(self.search, asked, today)

    def find_in(self, search: Search, asked: Asked, today: date) -> Listing:
        """Find what fits among the records of any municipality."""
        found = search.plots(asked.filters) if asked.subject == "plots" else search.jobs(asked.filters, today)
        return replace(found, wishes=asked.wishes, occupation=self.titles.get(asked.filters.occupation or ""))

    def find_together(self, asked: Asked, places: tuple[Together, ...], today: date) -> Listing:
        """Find the jobs of several occupations: where all can be had at once, else those of this municipality."""
        filters = replace(asked.filters, occupation=None)
        found = [Found(job) for place in places for job in place.jobs]
        if not found:
            each = [self.search.jobs(replace(asked.filters, occupation=one), today) for one in asked.occupations]
            found = [job for listing in each if not listing.relaxed for job in listing.shown]
        return Listing("jobs", filters, tuple(found[:SHOWN]), len(found), wishes=asked.wishes, together=places)

    def has(self, subject: Subject) -> bool:
        """Whether there is anything to list at all."""
        return bool(getattr(self.view.inventory, subject))

    def _before(self, context: Context | None) -> Asked | None:
        subject = self._shown_by(context.entry) if context and context.entry else None
        if context is None or context.filters is None or subject is None:
            return None
        return Asked(subject, context.filters)

    def _shown_by(self, entry: str) -> Subject | None:
        return next((subject for subject, shows in self.entries.items() if shows == entry), None)

    def _may_be_about_records(self, text: str, decision: Decision) -> bool:
        """Look quickly whether reading the question closely is worth the time."""
        if any(self._shown_by(entry) for entry in decision.entries):
            return True
        asked = tokens(text)
        if any(token.folded.startswith(STEMS) for token in asked):
            return True
        if self.occupations.are_in(asked):
            return True
        return bool(phrases_of("subject").spot(asked, ordinary=self.ordinary))

    def _subject(self, said: Understood, decision: Decision, decided: Subject | None) -> Subject | None:
        """Say which table is asked for. A sure answer on something else stands, unless the question gives limits."""
        if decided or said.subject is None or not said.filters.said:
            return decided
        others, filters = len(self._others(said)), len(said.filters.said)
        if not said.named:
            telling = filters >= OUTWEIGHING or len(said.occupations) > 1
            return said.subject if telling and others <= (FEW_OTHERS if filters > OUTWEIGHING else 0) else None
        if filters > OUTWEIGHING:
            return said.subject
        if filters == OUTWEIGHING:
            return said.subject if others <= MANY_OTHERS else None
        borne = FEW_OTHERS if decision.kind == "answer" else SOME_OTHERS
        sure_of_another = decision.kind == "answer" and decision.confidence >= CERTAIN
        return said.subject if others <= (0 if sure_of_another else borne) else None

    def _others(self, said: Understood) -> list[str]:
        """Return the words that say something else than what records to find."""
        return [word for word in said.rest if word not in self.frames and word not in ASKING]

    def _goes_on(self, said: Understood, decision: Decision, decided: Subject | None) -> bool:
        """Whether a question changes the filters of the one before: it says something of them and little else."""
        if not (said.filters.said or said.forget or said.compare or said.wishes):
            return False
        others = len(self._others(said))
        if decision.kind == "answer" and decided is None and decision.confidence >= CERTAIN:
            return others == 0
        whole = said.named and len(said.filters.said) > 1
        return others <= FEW_OTHERS and not whole

    def _compared(self, filters: Filters, before: Filters, said: Understood, subject: Subject) -> Filters:
        """Set the limit that "cheaper" or "larger" draws: just beyond the best of what was shown."""
        if not said.compare or subject != "plots":
            return filters
        shown = [one.record for one in self.search.plots(before).shown if isinstance(one.record, Plot)]
        prices = [plot.price for plot in shown if plot.price is not None]
        areas = [plot.area_m2 for plot in shown if plot.area_m2 is not None]
        limits: dict[str, int] = {}
        if "cheaper" in said.compare and prices:
            limits["price_max"] = min(prices) - 1
        if "dearer" in said.compare and prices:
            limits["price_min"] = max(prices) + 1
        if "larger" in said.compare and areas and "area_min" not in said.filters.said:
            limits["area_min"] = int(max(areas)) + 1
        if "smaller" in said.compare and areas and "area_max" not in said.filters.said:
            limits["area_max"] = int(min(areas) - 0.5)
        return Filters(**{**filters.said, **limits})


ASKING: Final = asking_words() | OPENINGS | POINTERS
STEMS: Final[tuple[str, ...]] = tuple(grammar()["beginnings"])


def compile_titles(occupations: Iterable[Occupation]) -> Phrases:
    """Index what people call occupations, in both languages."""
    return compile_occupations((one.id, (*one.sv, *one.en)) for one in occupations)


def titles_of(occupations: Iterable[Occupation]) -> dict[str, Localized]:
    """Return what each occupation is called first."""
    return {one.id: Localized(next(iter(one.sv), None), next(iter(one.en), None)) for one in occupations}
