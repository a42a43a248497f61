"""Facts once: told through the layers in both languages, never shown as a placeholder, refused where something is
wrong."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from bot import Assistant, Key, Knowledge, Question, find_item, fingerprint, inspect, is_outdated, lay_over, load
from bot import problems_after as problems
from bot.content.figures import from_abroad, write
from bot.inventory import Fact, Unit
from bot.models import Answer, Entry
from bot.values import Checked, Localized

DAY = date(2026, 11, 23)
SOURCE = "source: {url: 'https://www.nation.example/x', copied: 2026-11-21}"
NATIONAL = f"""
facts:
  - id: queue-fee
    label: {{sv: Avgift för tomtkön, en: Fee for the plot queue}}
    fallback: {{sv: en avgift som kommunen bestämmer, en: a fee that the municipality sets}}
    compared: false
  - id: capital
    label: {{sv: Kapital, en: Capital}}
    value: "25000"
    unit: kr
    {SOURCE}
    compared: false
"""
FEE = f"""
facts:
  - id: queue-fee
    label: {{sv: Avgift för tomtkön, en: Fee for the plot queue}}
    value: "1250"
    unit: kr
    {SOURCE}
"""
ENTRIES = """
entries:
  - id: plot-queue
    questions: {sv: [Vad kostar tomtkön?, avgift för tomtkö], en: [What does the plot queue cost?]}
    answer:
      sv: |
        Kön kostar {{ queue-fee }}. Ett bolag kräver {{capital}}. Ring {{ switchboard-phone }}.
      en: |
        The queue costs {{ queue-fee }}. A company needs {{ capital }}. From abroad: {{ switchboard-phone-abroad }}.
    en_of: "%s"
    source: {url: 'https://www.nation.example/x', copied: 2026-11-21}
  - id: switchboard
    questions: {sv: [Vad är numret?], en: [What is the number?]}
    answer: {sv: "Ring {{ switchboard-phone }}.", en: "Call {{ switchboard-phone }}."}
"""
SWITCHBOARD = """
facts:
  - id: switchboard-phone
    label: {sv: Växeln, en: The switchboard}
    fallback: {sv: kommunens växel, en: the switchboard of the municipality}
  - id: switchboard-phone-abroad
    label: {sv: Växeln, en: The switchboard}
    fallback: {sv: kommunens växel, en: the switchboard of the municipality}
"""


@pytest.fixture
def folder(knowledge_folder: Path) -> Path:
    """Facts in three layers: declared nationally, given in Söderby alone."""
    national = knowledge_folder / "national"
    (national / "facts.yaml").write_text(NATIONAL + SWITCHBOARD.replace("\nfacts:\n", ""), "utf-8")
    (national / "queue.yaml").write_text(ENTRIES % "a1b2c3", "utf-8")
    (knowledge_folder / "municipalities/soderby/facts.yaml").write_text(FEE, "utf-8")
    return knowledge_folder


def text(knowledge: Knowledge, municipality: str, language: str, entry: str = "plot-queue") -> str:
    texts = knowledge.view(municipality).entries[entry].answer
    assert texts
    return (texts.sv if language == "sv" else texts.en) or ""


@pytest.mark.parametrize(
    ("value", "unit", "sv", "en"),
    [
        ("25000", "kr", "25 000 kr", "SEK 25,000"),
        ("515", "kr/m2", "515 kr/m²", "SEK 515/m²"),
        ("1547", "kr/month", "1 547 kr i månaden", "SEK 1,547 a month"),
        ("22.80", "percent", "22,80 procent", "22.80 per cent"),
        ("1240", "m2", "1 240 m²", "1,240 m²"),
        ("20553", "km2", "20 553 km²", "20,553 km²"),
        ("1", "minutes", "1 minut", "1 minute"),
        ("22379", "people", "22 379", "22,379"),
        ("0930-140 00", "phone", "0930-140 00", "0930-140 00"),
        ("16:30", "time", "16:30", "16:30"),
        ("8.00-16.30", "hours", "08:00–16:30", "08:00–16:30"),
        ("2026-12-31", "date", "31 december 2026", "31 December 2026"),
    ],
    ids=["kr", "kr a m²", "kr a month", "share", "area", "land", "one", "people", "phone", "time", "hours", "date"],
)
def test_each_language_writes_a_value_in_its_own_way(value: str, unit: Unit, sv: str, en: str) -> None:
    assert (write(value, unit, "sv"), write(value, unit, "en")) == (sv, en)


def test_a_number_from_abroad_has_the_country_and_short_numbers_stay() -> None:
    assert (from_abroad("0932-140 00"), from_abroad("114 14")) == ("+46 932 140 00", "114 14")


def test_the_nearest_layer_gives_the_value(folder: Path) -> None:
    knowledge = load(folder)
    assert text(knowledge, "soderby", "sv") == "Kön kostar 1 250 kr. Ett bolag kräver 25 000 kr. Ring 08-500 500 00."
    assert text(knowledge, "soderby", "en").endswith("needs SEK 25,000. From abroad: +46 8 500 500 00.")


def test_where_nobody_gives_a_value_the_fallback_stands(folder: Path) -> None:
    knowledge = load(folder)
    assert text(knowledge, "ostby", "sv").startswith("Kön kostar en avgift som kommunen bestämmer. Ett bolag")
    assert "{{" not in "".join(text(knowledge, name, "en") for name in knowledge.municipalities)


@pytest.mark.parametrize("question", ["Vad kostar tomtkön?", "avgift för tomtkö"])
def test_visitors_are_told_the_value(folder: Path, question: str) -> None:
    reply = Assistant(load(folder)).reply(Question(question, "soderby", DAY))
    assert isinstance(reply, Answer)
    assert "1 250 kr" in reply.text


def test_values_are_matched_and_names_are_not(folder: Path) -> None:
    assistant = Assistant(load(folder))
    for municipality in ("soderby", "ostby"):
        indexed = assistant.index(municipality).documents["plot-queue"].text
        assert "25 000 kr" in indexed
        assert "queue-fee" not in indexed


def test_another_value_makes_no_translation_outdated(folder: Path) -> None:
    knowledge = load(folder)
    entry = find_item(knowledge, Key("national", "entry", "switchboard"))
    assert isinstance(entry, Entry)
    assert entry.answer
    made = {Key("national", "entry", "switchboard"): replace(entry, en_of=fingerprint(entry.answer.sv or ""))}
    assert not is_outdated(lay_over(knowledge, made).view("soderby").entries["switchboard"])
    assert is_outdated(knowledge.view("soderby").entries["plot-queue"]), "its mark is of another text"
    written = knowledge.view("soderby").as_written("plot-queue").answer
    assert written
    assert "{{ queue-fee }}" in (written.sv or "")


def test_a_fact_past_its_date_never_stands_alone(folder: Path) -> None:
    knowledge, key = load(folder), Key("municipalities/soderby", "fact", "queue-fee")
    fact = find_item(knowledge, key)
    assert isinstance(fact, Fact)
    old = Fact(fact.id, fact.label, fact.value, fact.source, fact.unit, checked=Checked(date(2025, 1, 1), "växeln", 6))
    assistant = Assistant(lay_over(knowledge, {key: old}))
    found = assistant.answer("plot-queue", Question("", "soderby", DAY))
    assert found
    assert "out-of-date" in found.notices
    assert "switchboard" in [contact.id for contact in found.contacts]


def test_tasks_of_the_plan_tell_facts(folder: Path) -> None:
    plan = folder / "national/plan.yaml"
    plan.write_text(plan.read_text("utf-8").replace("sv: Anmäl senast", "sv: Det kostar {{ capital }}. Anmäl senast"))
    tasks = load(folder).view("ostby").tasks.values()
    assert "Det kostar 25 000 kr. Anmäl senast en vecka efter flytten." in [task.text.sv for task in tasks if task.text]


def test_comparisons_leave_out_what_only_answers_tell(folder: Path) -> None:
    reply = Assistant(load(folder)).reply(Question("Norrby eller Östby?", "norrby", DAY))
    assert "queue-fee" not in {row.id for row in getattr(reply, "rows", ())}
    assert getattr(reply, "rows", ())


@pytest.mark.parametrize(
    ("file", "old", "new", "line", "code"),
    [
        ("national/queue.yaml", "{{ queue-fee }}. Ett", "{{ queue-fe }}. Ett", 6, "reference"),
        ("national/queue.yaml", "{{ queue-fee }}. Ett", "{{ Queue Fee }}. Ett", 6, "fact-name"),
        ("national/queue.yaml", "{{ queue-fee }}. Ett", "{{ queue-fee. Ett", 6, "fact-name"),
        ("national/queue.yaml", "avgift för tomtkö]", '"avgift {{ queue-fee }}"]', 4, "braces"),
        ("national/facts.yaml", '"25000"', '"{{ capital }}"', 9, "braces"),
        ("national/facts.yaml", '"25000"', '"**25000**"', 9, "fact-markup"),
        ("national/facts.yaml", '"25000"', "ungefär tusen", 9, "fact-value"),
        ("national/facts.yaml", "unit: kr", "unit: kronor", 10, "choice"),
        ("national/facts.yaml", "unit: kr", "unit: phone", 9, "fact-value"),
        ("national/facts.yaml", '"25000"', "{sv: tusen, en: thousand}", 10, "fact-unit-of-text"),
        ("national/facts.yaml", f"    {SOURCE}\n", "", 7, "missing"),
        ("national/facts.yaml", ", copied: 2026-11-21", "", 11, "missing"),
        ("national/facts.yaml", ", en: a fee that the municipality sets", "", 4, "fact-untold"),
        ("municipalities/soderby/facts.yaml", "- id: queue-fee", "- id: switchboard-phone", 3, "fact-of-contact"),
    ],
    ids=["unknown", "no id", "not closed", "in a question", "names itself", "markup", "not of its unit", "no unit",
         "wrong unit", "unit of words", "no source", "no date", "no language", "a contact's"],
)  # fmt: skip
def test_what_is_wrong_is_named_with_its_place(
    folder: Path, file: str, old: str, new: str, line: int, code: str
) -> None:
    path = folder / file
    before = path.read_text("utf-8")
    assert old in before
    path.write_text(before.replace(old, new, 1), "utf-8")
    knowledge, found = inspect(folder)
    assert knowledge is None
    own = [problem for problem in found if problem.code == code]
    assert own, [str(problem) for problem in found]
    assert any(problem.file in (file, "national/queue.yaml") for problem in own)
    if own[0].file == file:
        assert line in {problem.line for problem in own}
    assert all(problem.message for problem in found)


def test_single_braces_are_ordinary_text(folder: Path) -> None:
    path = folder / "national/queue.yaml"
    path.write_text(path.read_text("utf-8").replace("Ett bolag", "Skriv {ditt namn}. Ett bolag"), "utf-8")
    assert "Skriv {ditt namn}." in text(load(folder), "soderby", "sv")


def test_a_fact_that_answers_name_cannot_be_taken_away(folder: Path) -> None:
    knowledge, key = load(folder), Key("national", "fact", "capital")
    found = problems(lay_over(knowledge, {key: None}), [key])
    assert {(problem.file, problem.code) for problem in found} == {("national/entry/plot-queue", "reference")}


def test_a_value_may_be_words_of_each_language() -> None:
    fact = Fact("bus", Localized("Bussbolag", "Bus company"), Localized("Länstrafiken", "the county buses"))
    assert fact.value == Localized("Länstrafiken", "the county buses")
