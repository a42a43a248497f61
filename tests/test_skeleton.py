"""A municipality in an hour: what is written for a new one, what is refused, and the guide followed as it stands."""

import re
import shlex
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from bot import Assistant, Question, StartError, answer_of, check, formatted, inspect, load, skeleton, start

ROOT = Path(__file__).parent.parent
SHIPPED = ROOT / "knowledge"
TODAY = date(2026, 11, 22)
GUIDE = (
    (ROOT / "README.md")
    .read_text(encoding="utf-8")
    .partition("## A municipality in an hour\n")[2]
    .partition("\n## ")[0]
)


def begin(folder: Path, name: str = "kallback", called: str = "Kallbäck", groups: tuple[str, ...] = ()) -> Path:
    """Write a new municipality into the knowledge in `folder`, as the command does."""
    knowledge = load(folder)
    target = folder / "municipalities" / name
    target.mkdir()
    for file, text in skeleton(knowledge, start(knowledge, name, called, groups)).items():
        (target / file).write_text(text, encoding="utf-8")
    return target


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped knowledge with a thirteenth, made-up municipality."""
    folder = Path(shutil.copytree(SHIPPED, tmp_path_factory.mktemp("shipped") / "knowledge"))
    begin(folder, groups=("move-on-up",))
    return folder


def test_what_is_begun_is_sound_and_has_the_shape_of_knowledge_files(shipped: Path) -> None:
    knowledge, problems = inspect(shipped)
    assert knowledge is not None
    assert [str(problem) for problem in problems] == []
    for path in (shipped / "municipalities" / "kallback").iterdir():
        assert formatted(path.read_text(encoding="utf-8"), path.name) == path.read_text(encoding="utf-8"), path.name


def test_every_topic_is_there_with_the_text_it_inherits(shipped: Path) -> None:
    knowledge = load(shipped)
    written = "\n".join(path.read_text("utf-8") for path in (shipped / "municipalities" / "kallback").iterdir())
    view = knowledge.view("kallback")
    wanted = [topic.id for topic in knowledge.topics if topic.layer != "bot" and topic.id in view.entries]
    assert [topic for topic in wanted if f"  - id: {topic}\n" not in written] == []
    said = re.sub(r"\s+", " ", re.sub(r"(?m)^ *#+", "", written))
    texts = {topic: view.entries[topic].answer for topic in wanted}
    assert [topic for topic, text in texts.items() if text and re.sub(r"\s+", " ", text.best("sv")) not in said] == []
    assert "Until then visitors read this, from groups/move-on-up:" in said


def test_what_is_begun_changes_nothing_but_the_contact(shipped: Path) -> None:
    assistant = Assistant(load(shipped))
    answer = answer_of(assistant.reply(Question("finns det lediga tomter", "kallback", TODAY)))
    assert answer is not None
    assert answer.entry == "plots"
    assert "general" in answer.notices
    assert [contact.name.sv for contact in answer.contacts] == ["Kallbäcks kommun, växel"]


@pytest.mark.parametrize("file", ["housing.yaml", "contacts.yaml"])
def test_a_form_taken_in_use_is_right_but_for_what_only_people_know(tmp_path: Path, file: str) -> None:
    folder = Path(shutil.copytree(SHIPPED, tmp_path / "knowledge"))
    path = begin(folder) / file
    path.write_text(re.sub(r"(?m)^( +)# ?(?!#)", r"\1", path.read_text(encoding="utf-8")), encoding="utf-8")
    problems = [problem for problem in inspect(folder)[1] if problem.code != "reference"]  # to what could not be read
    assert problems
    assert {problem.field.rpartition(".")[2] for problem in problems} == {"url", "copied"}


def test_what_is_left_is_listed_most_asked_first(shipped: Path) -> None:
    report = check(shipped, TODAY, with_recall=False, municipality="kallback")
    assert report.errors == 0
    assert {finding.municipality for finding in report.to_fill} == {"kallback"}
    assert [finding.text for finding in report.to_fill[:2]] == [
        "adds no number of the social services here; to fill before official",
        "switchboard has neither phone nor e-mail",
    ]
    asked = {topic.id: topic.asked for topic in load(shipped).topics}
    own = [asked[finding.entry] for finding in report.to_fill if finding.code == "general-text"]
    assert own == sorted(own, reverse=True)
    assert len(own) > 50


def test_every_topic_says_how_often_it_is_asked() -> None:
    assert [topic.id for topic in load(SHIPPED).topics if not topic.asked] == []


@pytest.mark.parametrize(
    ("name", "called", "groups", "code", "says"),
    [
        (
            "vindeln",
            "Vindeln",
            (),
            None,
            "'vindeln' is already there: municipalities/vindeln; nothing in it was changed",
        ),
        (
            "Kallbäck",
            "Kallbäck",
            (),
            None,
            "'Kallbäck' is not an id: lower-case letters a–z, digits and single hyphens",
        ),
        ("../etc", "x", (), None, "'../etc' is not an id"),
        ("x" * 65, "x", (), None, "is not an id"),
        ("api", "Api", (), None, "'api' is an address of the site and cannot be an id"),
        ("kallback", "Kallbäck", ("move-on-upp",), None, "unknown group 'move-on-upp'; did you mean 'move-on-up'?"),
        ("kallback", "Kallbäck", ("zz",), None, "unknown group 'zz'; known: move-on-up, umearegionen"),
        ("kallback", " ", (), None, "the name is empty"),
        ("kallback", "Kallbäck", (), "24", "'24' is not a municipality's code"),
    ],
    ids=["exists", "letters", "path", "long", "reserved", "group-misspelt", "group-unknown", "nameless", "code"],
)
def test_what_cannot_be_begun_is_refused_with_the_reason(
    name: str, called: str, groups: tuple[str, ...], code: str | None, says: str
) -> None:
    with pytest.raises(StartError) as refused:
        start(load(SHIPPED), name, called, groups, code)
    assert says in str(refused.value)


def test_all_reasons_are_told_at_once() -> None:
    with pytest.raises(StartError) as refused:
        start(load(SHIPPED), "Å", "", ("a", "b"), "x")
    assert len(refused.value.reasons) == 5


def test_the_names_of_municipalities_keep_their_form(knowledge_folder: Path) -> None:
    contacts = (begin(knowledge_folder, "vannas-by", "Vännäs") / "contacts.yaml").read_text(encoding="utf-8")
    assert '"Vännäs kommun, växel"' in contacts


def test_the_guide_followed_as_written_ends_with_a_right_answer(tmp_path: Path) -> None:
    """Runs each command and makes each edit of the README's guide in its order."""
    shutil.copytree(SHIPPED, tmp_path / "knowledge")
    folder = tmp_path / "knowledge" / "municipalities" / "kallback"
    said = ""
    blocks = re.findall(r"```(sh|yaml)\n(.*?)```", GUIDE, re.S)
    assert [kind for kind, _ in blocks] == ["sh", "yaml", "yaml", "sh"]
    for kind, text in blocks:
        if kind == "yaml":
            edit(folder, text)
            continue
        for line in text.splitlines():
            said = run(line, tmp_path)
    assert "[plots]" in said
    assert "Ja, i Kallbäck. Tomterna lottas ut i maj varje år." in said
    assert "Kallbäcks kommun, växel: 0980-319 200" in said
    assert "https://kallback.example/tomter (2026-10-01, read 2026-11-22)" in said


def edit(folder: Path, block: str) -> None:
    head, _, text = block.partition("\n")
    found = re.fullmatch(r"# (\S+), in place of `(.*)`", head)
    assert found, head
    path = folder / found[1]
    before = path.read_text(encoding="utf-8")
    assert before.count(f"{found[2]}\n") == 1, head
    path.write_text(before.replace(f"{found[2]}\n", text), encoding="utf-8")


def run(line: str, here: Path) -> str:
    program, *arguments = shlex.split(line)
    assert program == "hemvist"
    done = subprocess.run(
        [sys.executable, "-m", "web", *arguments],
        cwd=here,
        env={"PYTHONPATH": str(ROOT), "PATH": "", "OPENBLAS_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{line}: {done.stdout[-2000:]}{done.stderr}"
    return done.stdout
