"""Proofreading: what is said of a text, where it stands, and what is left alone."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from bot import Key, Knowledge, check, desk_of, lay_over, load, proofread, read_entry
from bot.inventory import Fact
from bot.models import AnswerTexts, Entry
from bot.quality.stated import figures_in
from bot.values import Language, Link, Localized, Source

KNOWLEDGE = Path(__file__).parent / "knowledge"
HOME = "municipalities/soderby"
PAGE = Source("https://www.soderby.example/x", date(2026, 11, 21))
FEE = Fact("queue-fee", Localized("Köavgift, per år", "Queue fee, a year"), "1250", PAGE, "kr")


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return lay_over(load(KNOWLEDGE), {Key(HOME, "fact", FEE.id): FEE})


def found(
    knowledge: Knowledge, sv: str | None, en: str | None = None, **parts: object
) -> dict[str, Mapping[str, object]]:
    entry = replace(Entry("queue", answer=AnswerTexts(sv, en)), **parts)  # type: ignore[arg-type]
    after = lay_over(knowledge, {Key(HOME, "entry", "queue"): entry})
    return {fault.code: fault.values for fault in read_entry(entry, desk_of(after, HOME))}


@pytest.mark.parametrize(
    ("text", "language", "kind", "value"),
    [
        ("Ring 08-500 500 00.", "sv", "phone", "+46850050000"),
        ("Ring 0850050000 nu", "sv", "phone", "+46850050000"),
        ("Call (08) 500 500 00.", "en", "phone", "+46850050000"),
        ("Call +46 8 500 500 00.", "en", "phone", "+46850050000"),
        ("Det kostar 1 250 kr.", "sv", "kr", "1250"),
        ("Det kostar 1250 kronor.", "sv", "kr", "1250"),
        ("It costs SEK 1,250.", "en", "kr", "1250"),
        ("It costs 1,250 kronor.", "en", "kr", "1250"),
        ("Bidraget är 7,8 miljoner kronor.", "sv", "kr", "7800000"),
        ("Skatten är 23,10 procent.", "sv", "percent", "23.1"),
        ("Skatten är 23,10 kr per hundralapp.", "sv", "percent", "23.1"),
        ("The tax is 23.1 per cent.", "en", "percent", "23.1"),
        ("It costs SEK 515/m².", "en", "kr/m2", "515"),
    ],
    ids=["phone", "without spaces", "brackets", "abroad", "kr", "kronor", "SEK", "English kronor", "millions", "share",
         "per hundred", "English share", "a square metre"],
)  # fmt: skip
def test_a_figure_is_read_in_any_spelling(text: str, language: Language, kind: str, value: str) -> None:
    assert [(one.kind, one.value) for one in figures_in(text, language)] == [(kind, value)]


@pytest.mark.parametrize("text", ["Ring 112 eller 1177.", "Hus 12, 2024-03-05, kl. 8.30", "Sedan 2024 bor 1 250 här."])
def test_short_numbers_dates_and_counts_are_no_figures(text: str) -> None:
    assert not list(figures_in(text, "sv"))


@pytest.mark.parametrize(
    ("sv", "en", "code", "values"),
    [
        ("Ring 08-50050000.", "Call {{ switchboard-phone }}.", "copied-fact", {"id": "switchboard-phone"}),
        ("Från utlandet: +46 8 500 500 00", None, "copied-fact", {"id": "switchboard-phone-abroad"}),
        ("Platsen kostar 1 250 kr.", None, "copied-fact", {"id": "queue-fee", "value": "1 250 kr"}),
        ("Köavgiften är 1 300 kr.", None, "contradicts-fact", {"id": "queue-fee", "value": "1 300 kr"}),
        ("Det kostar 50 kr.", "It costs SEK 60.", "languages-differ", {"values": "SEK 60"}),
        ("Kön kostar {{ queue-fee }}.", "The queue costs money.", "languages-differ", {"values": "{{ queue-fee }}"}),
        ("Läs [mer](/soderby/sv/school).", None, "relative-link", {"url": "/soderby/sv/school"}),
        ("Läs https://x.example/soderby/sv/nix.", None, "dead-link", {"url": "https://x.example/soderby/sv/nix"}),
        ("ord " * 91, None, "long-answer", {"count": 91}),
        ("Vi går " + "och går " * 12 + "hem.", None, "long-sentence", {"count": 27}),
        ("Kommunfullmäktige beslutade verksamhetsplaneringen.", None, "very-hard", {}),
        ("Ett två tre fyra fem sex sju åtta nio tio elva tolv.", "One two.", "english-short", {"english": 2}),
    ],
    ids=["phone", "abroad", "price", "against a fact", "languages", "fact in one", "relative", "dead", "long",
         "sentence", "hard", "short English"],
)  # fmt: skip
def test_what_is_worth_a_look_is_said(
    knowledge: Knowledge, sv: str, en: str | None, code: str, values: dict[str, object]
) -> None:
    assert values.items() <= found(knowledge, sv, en)[code].items()


@pytest.mark.parametrize(
    ("sv", "en"),
    [
        (
            "Ring {{ switchboard-phone }}.",
            "Call {{ switchboard-phone }} or {{ switchboard-phone-abroad }} from abroad.",
        ),
        ("Köavgiften är {{ queue-fee }}.", "The queue fee is {{ queue-fee }}."),
        ("Läs https://x.example/soderby/sv/school.", "Read https://x.example/soderby/en/map."),
        ("Ring 1177.", "Call 1177."),
    ],
    ids=["named", "fee", "known page", "short number"],
)
def test_what_is_right_is_left_alone(knowledge: Knowledge, sv: str, en: str) -> None:
    assert not found(knowledge, sv, en)


def test_links_and_what_comes_next_are_looked_at(knowledge: Knowledge) -> None:
    link = Link("https://hemvist.example/soderby/en/gone", Localized("Sida", "Page"))
    assert "dead-link" in found(knowledge, "Läs.", None, links=(link,))


def test_sentences_that_differ_only_in_their_figures_contradict(knowledge: Knowledge) -> None:
    one = Entry("one", answer=AnswerTexts("Avgiften för barn på badet är 50 kr.", None))
    other = Entry("other", answer=AnswerTexts("Avgiften för barn på badet är 60 kr.", None))
    after = lay_over(knowledge, {Key(HOME, "entry", one.id): one, Key(HOME, "entry", other.id): other})
    codes = {(remark.key.id, remark.fault.code) for remark in proofread(after, [HOME])}
    assert {("one", "sentences-differ"), ("other", "sentences-differ")} <= codes


@pytest.mark.parametrize(
    ("url", "is_said"), [(PAGE.url, True), ("https://www.nation.example", False)], ids=["same source", "another"]
)
def test_layers_that_differ_by_the_same_source_contradict(knowledge: Knowledge, url: str, is_said: bool) -> None:
    outer = replace(FEE, value="900", source=replace(PAGE, url=url))
    after = lay_over(knowledge, {Key("national", "fact", FEE.id): outer})
    codes = [remark.fault.code for remark in proofread(after, [HOME]) if remark.key.kind == "fact"]
    assert codes == (["facts-differ"] if is_said else [])


def test_the_command_line_names_file_and_line(knowledge_folder: Path) -> None:
    file = knowledge_folder / "municipalities/soderby/family.yaml"
    file.write_text(file.read_text("utf-8").replace("sv: |\n        ", "sv: |\n        Ring 08-50050000. ", 1), "utf-8")
    said = [
        one
        for one in check(knowledge_folder, date(2026, 11, 23), with_recall=False).advice
        if one.code == "copied-fact"
    ]
    assert said
    line = file.read_text("utf-8").splitlines()[said[0].line - 1]
    assert (said[0].file, said[0].severity) == ("municipalities/soderby/family.yaml", "warning")
    assert "sv:" in line or "Ring" in line
    assert "{{ switchboard-phone }}" in str(said[0])


def test_shipped_knowledge_writes_no_fact_out() -> None:
    found = proofread(load(Path(__file__).parent.parent / "knowledge"))
    wrong = ("copied-fact", "contradicts-fact", "facts-differ", "dead-link", "relative-link", "english-short")
    assert [str(one.fault) for one in found if one.fault.code in wrong] == []
