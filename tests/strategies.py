"""Any item that a knowledge file may hold, for property tests."""

from datetime import date, timedelta
from pathlib import Path

from hypothesis import strategies as st

from bot.content.editing import read_items
from bot.content.items import KINDS, Item, Kind, kinds_of
from bot.inventory import Fact, Hours, Job, Occupation, Place, Plot, SpecialHours
from bot.models import (
    AnswerTexts,
    Checked,
    Contact,
    Entry,
    Frames,
    Municipality,
    Owner,
    OwnQuestion,
    Phrases,
    Theme,
    WordGroup,
)
from bot.models import Tests as EntryTests
from bot.values import Link, Localized, Season, Source, Valid

FOLDER = Path(__file__).parent / "knowledge"
CONTENT = [
    (path.relative_to(FOLDER).as_posix(), path.read_text("utf-8"))
    for path in sorted(FOLDER.rglob("*.yaml"))
    if path.stem != "topics" and kinds_of(path.relative_to(FOLDER).as_posix())
]
CONTENT = [(name, text) for name, text in CONTENT if read_items(text, name)]

ODD = st.sampled_from(
    ["no", "1.10", "01234", "22:30", "2024-02-30", "2024-03-01", "true", "- a", "a: b", "a #b", "# x", "@x", "'", '"',
     "|", "> x", "? y", "*a", "&b", "!c", "%d", "{e}", "[f]", "a\\n", "\u2028x", "\u00a0y", "x\u00ad", "å ä ö", "😀!",
     "---", "...", "=", "<<", "~x", "0x1F", "1e5", ".inf", "a\tb", "x" * 90],
)  # fmt: skip
CHARACTERS = st.characters(exclude_categories=["Cs", "Cc", "Cn"], exclude_characters="\ufffe\uffff\ufeff")
LINES = st.text(CHARACTERS, min_size=1, max_size=40)


def texts(least: int, most: int, lines: bool = False) -> st.SearchStrategy[str]:
    """Texts as the schema lets them through: without blanks around them, and not the words for nothing."""
    one = st.one_of(ODD, LINES)
    several = st.lists(one, min_size=1, max_size=5).map("\n\n".join) if lines else one
    stripped = several.map(lambda text: text[:most].strip())
    return stripped.filter(lambda text: len(text) >= least and text not in ("null", "~") and is_stable(text))


def is_stable(text: str) -> bool:
    """Whether stripping as pydantic does it takes nothing away."""
    return text == text.strip() and not {"\u001c", "\u001d", "\u001e", "\u001f"} & {text[0], text[-1]}


IDS = st.from_regex(r"[a-z0-9]{1,8}(-[a-z0-9]{1,5}){0,2}", fullmatch=True)
SHORT = texts(1, 60)
DAYS = st.integers(0, 20_000).map(lambda number: date(2000, 1, 1) + timedelta(number))
URLS = st.sampled_from(["https://x.se", "https://å.se/a?b=c#d", "mailto:a@b.se", "tel:090-123", "http://y.se/:/x"])
LOCALIZED = st.builds(Localized, st.none() | SHORT, st.none() | SHORT)
SOURCES = st.builds(Source, URLS, DAYS, st.none() | DAYS)
QUESTIONS = st.lists(texts(2, 80), max_size=3, unique=True).map(tuple)
PHRASES = st.builds(Phrases, QUESTIONS, QUESTIONS)
ANSWERS = st.builds(AnswerTexts, st.none() | texts(1, 300, lines=True), st.none() | texts(1, 300, lines=True))
TIMES = st.sampled_from([(), ((480, 990),), ((480, 720), (780, 1440))])
SPECIAL = st.builds(SpecialHours, DAYS, st.none() | DAYS, TIMES, st.none() | LOCALIZED)
HOURS = st.builds(
    Hours, mon=TIMES, sun=TIMES, holidays=st.none() | TIMES, eves=st.none() | TIMES,
    exceptions=st.lists(SPECIAL, max_size=2).map(tuple), valid=st.none() | st.builds(Valid, st.none() | DAYS, DAYS),
)  # fmt: skip
POSITIONS = st.tuples(st.floats(-90, 90), st.floats(-180, 180))
FLAGS = st.none() | st.booleans()
AREAS = st.none() | st.floats(0.001, 1e8)
SEASONS = st.builds(
    Season, st.sampled_from([(11, 15), (2, 28)]), st.sampled_from([(4, 1), (12, 31)]), st.none() | LOCALIZED
)
ENTRIES = st.builds(
    Entry, IDS, PHRASES, st.none() | ANSWERS, st.none() | SHORT, st.builds(EntryTests, PHRASES, PHRASES),
    st.lists(IDS, max_size=2).map(tuple), st.lists(st.builds(Link, URLS, LOCALIZED), max_size=2).map(tuple),
    st.lists(IDS, max_size=2).map(tuple), st.none() | SOURCES, st.none() | IDS,
    st.none() | st.builds(Checked, DAYS, SHORT, st.integers(1, 60)),
    st.none() | st.builds(Valid, st.none() | DAYS, st.none() | DAYS), st.none() | SEASONS,
    st.sampled_from([None, "plots", "plan"]), st.sampled_from([(), ("questions",), ("links", "next")]),
)  # fmt: skip
ITEMS: dict[Kind, st.SearchStrategy[Item]] = {
    "entry": ENTRIES,
    "contact": st.builds(
        Contact, IDS, LOCALIZED, phone=st.sampled_from([None, "0933-140 00", "112"]),
        email=st.sampled_from([None, "a.b@c.se"]), url=st.none() | URLS, note=st.none() | LOCALIZED,
        languages=st.lists(SHORT, max_size=2).map(tuple), hours=st.none() | HOURS, source=st.none() | SOURCES,
    ),
    "plot": st.builds(
        Plot, IDS, st.sampled_from(["available", "sold"]), place=st.none() | SHORT, area_m2=AREAS,
        price_kr=st.none() | st.integers(0, 10**9), water_sewage=FLAGS, position=st.none() | POSITIONS,
        polygon=st.lists(POSITIONS, max_size=4).map(tuple), example=st.booleans(), source=st.none() | SOURCES,
    ),
    "job": st.builds(Job, IDS, LOCALIZED, SHORT, st.none() | IDS, deadline=st.none() | DAYS, example=st.booleans()),
    "place": st.builds(
        Place, IDS, LOCALIZED, st.sampled_from(["village", "lake"]), words=st.lists(SHORT, max_size=3).map(tuple),
        position=st.none() | POSITIONS, outline=st.lists(POSITIONS, max_size=3).map(tuple), hours=st.none() | HOURS,
    ),
    "fact": st.builds(
        Fact, IDS, LOCALIZED, st.none() | texts(1, 40) | LOCALIZED, st.none() | SOURCES,
        st.sampled_from([None, "kr", "hours"]), fallback=st.none() | LOCALIZED, compared=st.booleans(),
    ),
    "question": st.builds(OwnQuestion, IDS, texts(2, 80), st.sampled_from(["sv", "en"]), st.none() | IDS),
    "group": st.builds(WordGroup, IDS, st.lists(texts(1, 30), max_size=4).map(tuple)),
    "frames": st.builds(Frames, st.just("frames"), st.lists(texts(1, 30), min_size=1, max_size=4).map(tuple)),
    "theme": st.builds(Theme, IDS, PHRASES),
    "occupation": st.builds(Occupation, IDS, QUESTIONS, QUESTIONS),
    "municipality": st.builds(
        Municipality, IDS, LOCALIZED, st.from_regex(r"[0-9]{4}", fullmatch=True),
        st.lists(IDS, max_size=2).map(tuple), st.booleans(), switchboard=st.none() | IDS,
        accent=st.sampled_from([None, "#00ff1A"]), owners=st.dictionaries(IDS, st.builds(Owner, SHORT), max_size=2),
        disposal=st.none() | SHORT, legal_hold=st.booleans(),
    ),
}  # fmt: skip
assert set(ITEMS) == set(KINDS)


def items_of(name: str) -> st.SearchStrategy[tuple[Kind, Item]]:
    """An item that the file `name` may hold: a new one, or one of those there in other words."""
    kinds = st.sampled_from(kinds_of(name))
    return kinds.flatmap(lambda kind: st.tuples(st.just(kind), ITEMS[kind]))
