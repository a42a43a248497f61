"""The strict reader: what YAML would misread stays text, what is dangerous is refused, and every refusal says where."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from bot.content.yamlfile import MAX_BYTES, decode, read_file, read_text
from bot.errors import KnowledgeError


def refused(text: str) -> str:
    with pytest.raises(KnowledgeError) as caught:
        read_text(text, "file.yaml")
    return str(caught.value)


@pytest.mark.parametrize(
    "written",
    [
        "0701234567",
        "+46701234567",
        "22:30",
        "1_000",
        "1.10",
        "010",
        "no",
        "on",
        "off",
        "2024-03-01",
        "1177",
        "null",
        "~",
    ],
)
def test_every_scalar_stays_text(written: str) -> None:
    assert read_text(f"value: {written}", "file.yaml").content == {"value": written}


def test_positions_count_from_one() -> None:
    file = read_text("entries:\n  - id: plots\n    next:\n      - a\n", "file.yaml")
    assert file.positions["entries", 0, "id"] == (2, 5)
    assert file.positions["entries", 0, "next", 0] == (4, 9)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        pytest.param("a: &x 1\nb: 2", "file.yaml:1:4: an anchor (&x)", id="anchor"),
        pytest.param("a: *x", "an alias (*x)", id="alias"),
        pytest.param("a: &a [*a]", "an anchor", id="recursive alias"),
        pytest.param("<<: {a: 1}\n<<: {b: 2}", "'<<' stands twice", id="merge"),
        pytest.param("a: !!python/object/apply:os.system [ls]", "a tag", id="python tag"),
        pytest.param("a: !!binary aGVq", "a tag", id="binary"),
        pytest.param("a: !!set {x}", "a tag", id="set"),
        pytest.param("a: !own x", "a tag", id="own tag"),
        pytest.param(
            "id: a\nx: 1\nid: b", "file.yaml:3:1: 'id' stands twice; it was first written on line 1", id="duplicate key"
        ),
        pytest.param("a: 1\n---\nb: 2", "file.yaml:2:1: one document a file", id="two documents"),
        pytest.param("a: Fråga: vad?", "file.yaml:1:9: a colon inside text", id="colon"),
        pytest.param("a:\n\tb: 1", "a tab is used as indentation", id="tab"),
        pytest.param("a:\n\u00a0\u00a0b: 1", "a no-break space is used as indentation", id="no-break space"),
        pytest.param("a: b\x07c", "control character (U+0007)", id="control"),
        pytest.param("a: b\x00c", "control character (U+0000)", id="NUL"),
        pytest.param("a: b\x9cc", "control character (U+009C)", id="C1"),
        pytest.param("? [a]\n: b", "a key must be plain text", id="list as key"),
    ],
)
def test_refusals_say_where_and_what_to_do(text: str, says: str) -> None:
    assert says in refused(text)


@pytest.mark.parametrize("sign", ["@", "%", "*", "&", "!", "[", "{", "`"])
def test_text_that_begins_with_a_sign_of_yaml_is_never_silently_something_else(sign: str) -> None:
    message = refused(f"questions:\n  - {sign}kontakt")
    assert message.startswith("file.yaml:2:")


@pytest.mark.parametrize("depth", [21, 900, 30_000])
def test_deep_nesting_is_refused_and_never_crashes(depth: int) -> None:
    assert "nested more than 20 levels deep" in refused("a: " + "[" * depth)


def test_twenty_levels_are_let_in() -> None:
    assert read_text("a: " + "[" * 19 + "]" * 19, "file.yaml").content["a"]


def test_a_bomb_of_aliases_is_refused_at_its_first_anchor() -> None:
    bomb = "a: &a [x]\n" + "\n".join(
        f"{b}: &{b} [{', '.join(['*' + a] * 9)}]" for a, b in zip("abcdef", "bcdefg", strict=True)
    )
    assert "an anchor (&a)" in refused(bomb)


def test_a_file_over_the_limit_is_refused() -> None:
    assert "larger than 1000000 bytes" in refused("a: " + "x" * MAX_BYTES)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"a: \xe5\xe4\xf6\n", "not UTF-8 (byte 0xe5, as in Latin-1); save the file as UTF-8"),
        ("a: å".encode("utf-16"), "not UTF-8 (UTF-16 or UTF-32)"),
        ("a: å".encode("utf-16-le"), "not UTF-8 (UTF-16 or UTF-32)"),
    ],
)
def test_other_encodings_are_named(data: bytes, says: str) -> None:
    with pytest.raises(KnowledgeError) as caught:
        decode(data, "file.yaml")
    assert says in str(caught.value)


def test_a_byte_order_mark_is_let_in() -> None:
    assert decode("\ufeffa: å".encode(), "file.yaml") == "a: å"


def test_a_missing_file_is_a_problem_not_a_traceback(tmp_path: Path) -> None:
    with pytest.raises(KnowledgeError, match="cannot be read"):
        read_file(tmp_path / "gone.yaml", "gone.yaml")


@pytest.mark.parametrize("line", ["q: Rum # 3", "- Rum # 3", "- a: Rum #3"])
def test_text_cut_short_by_a_number_sign_is_warned_of(line: str) -> None:
    (warning,) = read_text(line, "file.yaml").warnings
    assert warning.severity == "warning"
    assert "put the text in quotes" in warning.message


@pytest.mark.parametrize(
    "line", ['q: "Rum # 3"', "id: plots     # a topic id", "# only a comment", "q: |\n  Rum # 3\n"]
)
def test_meant_comments_are_not_warned_of(line: str) -> None:
    assert read_text(line, "file.yaml").warnings == ()


plain = st.recursive(
    st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn", "Co"]), max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.from_regex(r"[a-z]{1,8}", fullmatch=True), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(st.dictionaries(st.from_regex(r"[a-z]{1,8}", fullmatch=True), plain, max_size=4))
def test_whatever_is_written_comes_back(content: dict[str, object]) -> None:
    from io import StringIO

    out = StringIO()
    yaml = YAML()
    yaml.width = 4096
    yaml.dump(content, out)
    if "\ufeff" not in out.getvalue():
        assert (read_text(out.getvalue(), "file.yaml").content or {}) == content


PIECES = [
    "a: ", "- ", "\n", "  ", "\t", "&a ", "*a", "<<: ", "!!python/object/apply:os.system ", "!!int ", "!x ", "[", "]",
    "{", "}", "|", ">", "'", '"', "\\", "\\u0000", "?", ":", "#", "%YAML 9.9", "---", "...", "\x00", "\x85",
    "9" * 400, "2024-02-30", "1e999",
    "\ufeff", "å", "\r", "\x1b[31m", "\u2028",
]  # fmt: skip
BYTES = st.sampled_from([piece.encode() for piece in PIECES]) | st.sampled_from([b"\xff\xfe", b"\xed\xa0\x80"])


@settings(max_examples=300, derandomize=True, deadline=None)
@given(st.lists(BYTES | st.binary(max_size=6), max_size=30).map(b"".join))
def test_hostile_bytes_are_content_or_a_problem(data: bytes) -> None:
    """Never another error, and never anything but text, lists and mappings."""
    try:
        content = read_text(decode(data, "file.yaml"), "file.yaml").content
    except KnowledgeError:
        return
    left = [content]
    while left:
        one = left.pop()
        assert one is None or isinstance(one, str | list | dict)
        left += one.values() if isinstance(one, dict) else one if isinstance(one, list) else []
