"""Changing one item of a knowledge file: it reads back as put, and everything else stays as it was written."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import CONTENT, ENTRIES, ITEMS, items_of

from bot.content.editing import put, read_items, remove
from bot.content.items import as_plain, cleaned, digest, pasted, read_item
from bot.content.translation import fingerprint
from bot.errors import KnowledgeError
from bot.models import AnswerTexts, Contact, Entry, Frames, Phrases
from bot.models import Tests as EntryTests
from bot.values import Localized

ROOT = Path(__file__).parent.parent
SHIPPED = sorted(
    path.relative_to(ROOT / "knowledge").as_posix()
    for path in (ROOT / "knowledge").rglob("*.yaml")
    if path.stem not in ("topics", "municipality")
)
HOUSING = "municipalities/norrby/housing.yaml"


def shipped(name: str) -> str:
    return (ROOT / "knowledge" / name).read_text("utf-8")


def untouched(before: str, after: str, changed: int) -> bool:
    """Whether all lines but at most `changed` of the ones before are there still, in their order."""
    old, new = before.splitlines(), after.splitlines()
    start = next((n for n, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))
    end = next(
        (n for n, (a, b) in enumerate(zip(old[::-1], new[::-1], strict=False)) if a != b), min(len(old), len(new))
    )
    return len(old) - start - end <= changed


@pytest.mark.parametrize("name", SHIPPED)
def test_what_is_put_as_it_stands_changes_no_byte(name: str) -> None:
    text = shipped(name)
    for (kind, _), item in list(read_items(text, name).items())[:5]:
        assert put(text, name, kind, item) == text


@pytest.mark.nightly
@pytest.mark.parametrize("name", SHIPPED)
def test_every_shipped_item_can_be_taken_out_and_put_back(name: str) -> None:
    text = shipped(name)
    items = read_items(text, name)
    for kind, known in list(items)[:: max(1, len(items) // 2)]:
        without = remove(text, name, kind, known)
        back = put(without, name, kind, items[kind, known])
        assert read_items(back, name) == items


FILE = """\
# what we sell
entries:
  # first of all
  - id: plots  # a topic
    questions:
      sv:
        # asked on the phone
        - Finns det tomter?
        - lediga tomter   # often
      en: [Are there plots?]
    answer:
      sv: |  # checked by the office
        Ja.

        Ring oss.
      en: Yes.
    source: {url: "https://x.se", dated: null, copied: 2026-11-21}
    owner: building   # the office
    next:
    - permits

  # then this
  - id: permits
    questions:
      sv:
        - Behöver jag bygglov?
"""
NAME = "municipalities/x/housing.yaml"


def changed(old: str, new: str) -> str:
    assert FILE.count(old) == 1
    return FILE.replace(old, new)


def plots() -> Entry:
    return read_items(FILE, NAME)["entry", "plots"]


CHANGES = {
    "a text in its line": (
        lambda entry: replace(entry, owner="housing"),
        changed("owner: building   # the office", "owner: housing   # the office"),
    ),
    "a block": (
        lambda entry: replace(entry, answer=AnswerTexts("Nej.\n\nInte nu.", "Yes.")),
        changed("        Ja.\n\n        Ring oss.\n", "        Nej.\n\n        Inte nu.\n"),
    ),
    "a line to a block": (
        lambda entry: replace(entry, answer=AnswerTexts("Ja.\n\nRing oss.", "Yes.\n\nCall.")),
        changed("      en: Yes.\n", "      en: |\n        Yes.\n\n        Call.\n"),
    ),
    "one more phrasing": (
        lambda entry: replace(entry, questions=Phrases((*entry.questions.sv, "tomt"), entry.questions.en)),
        changed("   # often\n", "   # often\n        - tomt\n"),
    ),
    "a phrasing less": (
        lambda entry: replace(entry, questions=Phrases(entry.questions.sv[:1], entry.questions.en)),
        changed("        - lediga tomter   # often\n", ""),
    ),
    "another phrasing": (
        lambda entry: replace(entry, questions=Phrases(("Finns tomter?", *entry.questions.sv[1:]), entry.questions.en)),
        changed("- Finns det tomter?", "- Finns tomter?"),
    ),
    "a phrasing first": (
        lambda entry: replace(entry, questions=Phrases(("tomt: när?", *entry.questions.sv), entry.questions.en)),
        changed("        - Finns det tomter?\n", "        - 'tomt: när?'\n        - Finns det tomter?\n"),
    ),
    "a new field": (
        lambda entry: replace(entry, tests=EntryTests(must_match=Phrases(("var kan man bygga",), ()))),
        changed(
            "    source:",
            "    tests:\n      must_match:\n        sv:\n          - var kan man bygga\n    source:",
        ),
    ),
    "a list in one line": (
        lambda entry: replace(entry, questions=Phrases(entry.questions.sv, ("Plots?",))),
        changed("      en: [Are there plots?]\n", "      en:\n        - Plots?\n"),
    ),
    "a field less": (lambda entry: replace(entry, owner=None), changed("    owner: building   # the office\n", "")),
}


@pytest.mark.parametrize("change", CHANGES)
def test_only_the_lines_of_what_changed_are_written(change: str) -> None:
    make, wanted = CHANGES[change]
    assert put(FILE, NAME, "entry", make(plots())) == wanted


def test_new_item_goes_where_its_neighbours_are() -> None:
    new = Entry("plot-costs", Phrases(("Vad kostar det?",), ()))
    added = "  - id: plot-costs\n    questions:\n      sv:\n        - Vad kostar det?\n"
    assert put(FILE, NAME, "entry", new, ["nowhere", "plots"]) == changed("    - permits\n", f"    - permits\n{added}")
    assert put(FILE, NAME, "entry", new) == FILE + added


def test_last_item_leaves_an_empty_list() -> None:
    once = remove(FILE, NAME, "entry", "plots")
    assert "# first of all" in once
    assert "# then this\n  - id: permits" in once
    twice = remove(once, NAME, "entry", "permits")
    assert "entries: []" in twice
    assert read_items(put(twice, NAME, "entry", plots()), NAME) == {("entry", "plots"): plots()}


@pytest.mark.parametrize(
    "text",
    ["", "# nothing yet\n", "entries: []\n", "entries: [{id: other}]\n", "{entries: [{id: other}]}\n", "\n"],
    ids=["nothing", "comment", "empty list", "in one line", "all in one line", "blank"],
)
def test_files_of_every_shape_take_an_item(text: str) -> None:
    items = read_items(text, NAME)
    assert read_items(put(text, NAME, "entry", plots()), NAME) == {**items, ("entry", "plots"): plots()}


@pytest.mark.parametrize("end", ["\r\n", "\n"], ids=["CRLF", "LF"])
def test_breaks_stay_as_the_file_has_them(end: str) -> None:
    text = FILE.replace("\n", end)
    after = put(text, NAME, "entry", replace(plots(), owner=None, answer=AnswerTexts("Nu.", None)))
    assert after.count("\n") == after.count(end)
    assert put(text.removesuffix(end), NAME, "entry", Entry("new", Phrases(("ny?",), ()))).endswith(f"ny?{end}")


def test_settings_of_a_municipality_change_in_place() -> None:
    name = "municipalities/vindeln/municipality.yaml"
    text = shipped(name)
    item = read_items(text, name)["municipality", "vindeln"]
    after = put(
        text, name, "municipality", replace(item, official=True, accent=None, origins=("https://www.vindeln.se",))
    )
    wanted = text.replace("official: false", "official: true").replace('accent: "#1f5f4a"\n', "")
    assert after == wanted.replace("origins: []\n", "origins:\n  - https://www.vindeln.se\n")


def test_broken_file_is_not_touched() -> None:
    with pytest.raises(KnowledgeError):
        put("entries: [", NAME, "entry", plots())
    with pytest.raises(KnowledgeError):
        put("entries:\n  - id: Plots!\n", NAME, "entry", plots())


def test_item_that_no_file_may_hold_is_refused() -> None:
    with pytest.raises(KnowledgeError) as raised:
        put(FILE, NAME, "contact", Contact("x", Localized("Växeln"), phone="hej"))
    assert [problem.code for problem in raised.value.problems] == ["phone"]


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_put_reads_back_and_leaves_the_rest(data: st.DataObject) -> None:
    name, text = data.draw(st.sampled_from(CONTENT))
    kind, item = data.draw(items_of(name))
    before = read_items(text, name)
    known = [key for of, key in before if of == kind]
    item = replace(item, id=data.draw(st.sampled_from(known if kind == "municipality" else [item.id, *known])))
    after = put(text, name, kind, item, data.draw(st.lists(st.sampled_from([key[1] for key in before]))))
    assert read_items(after, name) == {**before, (kind, item.id): item}
    assert put(after, name, kind, item) == after
    if (kind, item.id) in before and kind != "municipality":
        assert remove(after, name, kind, item.id) == remove(text, name, kind, item.id)
    elif kind != "municipality":
        assert untouched(text, after, 0)
        assert read_items(remove(after, name, kind, item.id), name) == before


@settings(max_examples=100, deadline=None)
@given(ENTRIES, ENTRIES)
def test_one_entry_becomes_any_other(first: Entry, second: Entry) -> None:
    second = replace(second, id=first.id)
    text = put(FILE, NAME, "entry", first)
    after = put(text, NAME, "entry", second)
    assert read_items(after, NAME)["entry", second.id] == second
    if first.id not in ("plots", "permits"):
        assert after.startswith(FILE)
    assert put(FILE, NAME, "entry", first) == text


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(sorted(ITEMS)).flatmap(lambda kind: st.tuples(st.just(kind), ITEMS[kind])))
def test_values_survive_being_plain(given_item: tuple) -> None:
    kind, item = given_item
    plain = as_plain(item)
    assert read_item(kind, plain) == item
    assert digest(read_item(kind, plain)) == digest(item)


PASTED = {
    "no-break spaces": ("10\u00a0000\u202fkr", "10 000 kr"),
    "soft hyphens": ("bygg\u00adlov", "bygglov"),
    "curly quotes": ("\u201dja\u201d, \u2018nej\u2019, it\u2019s", "\"ja\", 'nej', it's"),
    "breaks of Windows": ("ett\r\ntvå\rtre", "ett\ntvå\ntre"),
    "breaks of Word": ("ett\vtvå\u2028tre\u0085fyra", "ett\ntvå\ntre\nfyra"),
    "tabs": ("\tett\ttvå", "ett två"),
    "trailing blanks": ("ett  \n\n\n\n två \u00a0\n", "ett\n\n två"),
    "bullets": ("•\tett\n\u00b7 två", "- ett\n- två"),
    "invisible signs": ("\ufefft\u200bo\u202emt\U000e0041", "tomt"),
    "letters in two parts": ("a\u030a", "å"),
}


@pytest.mark.parametrize("case", PASTED)
def test_116_what_is_pasted_is_cleaned(case: str) -> None:
    given_text, wanted = PASTED[case]
    assert pasted(given_text) == wanted
    assert pasted(wanted) == wanted


def test_answers_keep_their_lines_and_other_texts_have_one() -> None:
    plain = {"id": " plots ", "answer": {"sv": "a\r\n\r\nb "}, "questions": {"sv": ["vad\nkostar  det", " ", "x"]}}
    assert cleaned(plain) == {"id": "plots", "answer": {"sv": "a\n\nb"}, "questions": {"sv": ["vad kostar det", "x"]}}


@given(st.text())
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    once = pasted(text)
    assert pasted(once) == once
    assert fingerprint(once) == fingerprint(pasted(once))


def test_problems_name_their_fields() -> None:
    with pytest.raises(KnowledgeError) as raised:
        read_item("entry", {"id": "A B", "questions": {"sv": ["x"]}, "anwser": {}}, "the form")
    found = {(problem.field, problem.code) for problem in raised.value.problems}
    assert {("id", "id"), ("questions.sv.0", "short")} <= found
    assert {problem.file for problem in raised.value.problems} == {"the form"}


WORDS = "vocabulary/words.yaml"
FRAMING = """\
# why
groups: []
frames:
  - hur # asks
  - vad
  - no
"""


def test_frames_are_changed_word_by_word() -> None:
    changed = put(FRAMING, WORDS, "frames", Frames("frames", ("hur", "vart", "no", "on")))
    assert changed == FRAMING.replace("- vad", "- vart").replace("- no\n", '- no\n  - "on"\n')


@pytest.mark.parametrize("text", ["", "groups: []\n", "frames: []\n", "{frames: [], groups: []}\n"])
def test_frames_are_begun_and_ended(text: str) -> None:
    frames = Frames("frames", ("hur", "how do"))
    begun = put(text, WORDS, "frames", frames)
    assert read_items(begun, WORDS) == {("frames", "frames"): frames}
    assert read_items(remove(begun, WORDS, "frames", "frames"), WORDS) == {}
