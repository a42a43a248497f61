"""hemvist benchmark: matching, language, speed and the cost of an answer, beside the peers that are installed."""

import json
import os
import platform
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import click

from bot import (
    BenchmarkError,
    ClusterSpeed,
    EffectSpeed,
    Hits,
    LanguageScore,
    RecordSpeed,
    Speed,
    load,
    measure_clusters,
    measure_effect,
    measure_hits,
    measure_language,
    measure_records,
    measure_speed,
    shipped_vectors,
)
from web.cli import Unusable
from web.cost import Cost, measure_cost
from web.export_cost import ExportCost, measure_export
from web.import_cost import ImportCost, measure_import
from web.settings import Settings, read_settings
from web.sheet_cost import SheetCost, measure_sheets

PARTS = ("matching", "language", "speed", "records", "effect", "gaps", "sheet", "server", "import", "export")


@click.command()
@click.option(
    "--only", type=click.Choice(PARTS), multiple=True, help="Measure this part only; may be given several times."
)
@click.option(
    "--queries", type=click.IntRange(1), default=1_500, show_default=True, help="At most so many a question set."
)
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
def command(only: tuple[str, ...], queries: int, *, as_json: bool) -> None:
    """Measure on the public question sets in HEMVIST_BENCHMARK_DATA, everything in one run.

    The extra `bench` brings the peers bm25s and scikit-learn. `server` starts two servers on this machine: one that
    answers from the shipped knowledge, one bare Flask view, and compares the processor time of their answers. `records`
    asks for plots and jobs among many made-up ones. `effect` edits entries, and says how long staff wait to see which
    questions an edit moves. `gaps` puts 10,000 questions without an answer together. `sheet` writes all knowledge to a
    workbook and reads it back, and names 50 faults among 5,000 rows. `import` takes over plots from a
    made-up GeoJSON file, `export` writes the static copy of a municipality, each in a process of its own.
    """
    settings = read_settings(os.environ)
    chosen = only or PARTS
    try:
        report = _measured(settings, chosen, queries)
    except BenchmarkError as error:
        raise Unusable([str(error)]) from error
    click.echo(json.dumps(report, indent=2, default=asdict) if as_json else _as_text(report))


def _measured(settings: Settings, chosen: tuple[str, ...], queries: int) -> dict[str, object]:
    folder: Path = settings.benchmark_data
    report: dict[str, object] = {
        "date": datetime.now(settings.timezone).date().isoformat(),
        "machine": f"{os.cpu_count()} processors, Python {platform.python_version()}, {platform.machine()}",
    }
    measures: dict[str, Callable[[], object]] = {
        "matching": lambda: list(measure_hits(folder, shipped_vectors(), queries)),
        "language": lambda: measure_language(folder),
        "speed": lambda: list(measure_speed(folder, shipped_vectors())),
        "records": lambda: _measure_records(settings),
        "effect": lambda: _measure_effect(settings),
        "server": lambda: measure_cost(settings),
        "import": lambda: measure_import(settings),
        "export": lambda: measure_export(settings),
        "gaps": lambda: measure_clusters(folder),
        "sheet": lambda: measure_sheets(settings),
    }
    return report | {part: measure() for part, measure in measures.items() if part in chosen}


def _measure_records(settings: Settings) -> RecordSpeed:
    knowledge = load(settings.knowledge)
    return measure_records(knowledge, min(knowledge.municipalities), datetime.now(settings.timezone).date())


def _measure_effect(settings: Settings) -> list[EffectSpeed]:
    knowledge = load(settings.knowledge)
    return list(measure_effect(knowledge, min(knowledge.municipalities), datetime.now(settings.timezone).date()))


def _as_text(report: dict[str, object]) -> str:
    lines = [f"{report['date']}, {report['machine']}"]
    for part in PARTS:
        lines += _lines(report.get(part))
    return "\n".join(lines)


def _lines(found: object) -> list[str]:
    """Say what was measured of one part; a list holds one kind of figures."""
    many = found if isinstance(found, list) else [found]
    if hits := [one for one in many if isinstance(one, Hits)]:
        return _table(hits)
    return [WORDS[type(one)](one) for one in many if type(one) in WORDS]


def _table(hits: list[Hits]) -> list[str]:
    columns = list(dict.fromkeys((hit.language, hit.noise) for hit in hits))
    found = {(hit.method, hit.language, hit.noise): hit.percent for hit in hits}
    head = f"{'first answer right, %':26}" + "".join(f"{language + ' ' + noise:>10}" for language, noise in columns)
    methods = dict.fromkeys(hit.method for hit in hits)
    return [
        head,
        *(f"{method:26}" + "".join(f"{found[method, *column]:10.1f}" for column in columns) for method in methods),
    ]


def _language(score: LanguageScore) -> str:
    return f"language of {score.questions} short questions, {score.noise}: {score.percent:.2f} % right"


def _speed(speed: Speed) -> str:
    return (
        f"{speed.phrasings} phrasings: p50 {speed.p50_ms} ms, p99 {speed.p99_ms} ms; "
        f"{speed.times_faster} times faster than WRatio (p50 {speed.wratio_p50_ms} ms)"
    )


def _records(speed: RecordSpeed) -> str:
    return (
        f"{speed.questions} questions among {speed.plots} plots and {speed.jobs} jobs: "
        f"p50 {speed.p50_ms} ms, p99 {speed.p99_ms} ms"
    )


def _effect(speed: EffectSpeed) -> str:
    return (
        f"effect of an edit among {speed.entries} entries of {speed.phrasings} questions, on {speed.questions} tests: "
        f"p50 {speed.p50_ms} ms, p95 {speed.p95_ms} ms, {speed.asked} % of them asked again, after {speed.before_s} s "
        f"once; all of them in {speed.full_s} s with {'the same' if speed.same else 'another'} verdict"
    )


def _import(cost: ImportCost) -> str:
    return (
        f"import of {cost.plots} plots (GeoJSON of {cost.megabytes} MB, SWEREF 99 TM): {cost.seconds} s, "
        f"{cost.peak_megabytes} MB at most"
    )


def _export(cost: ExportCost) -> str:
    return (
        f"export of {cost.municipality}: {cost.seconds} s ({cost.processor_seconds} s of processor time), "
        f"{cost.files} files, {cost.megabytes} MB"
    )


def _clusters(speed: ClusterSpeed) -> str:
    return f"{speed.questions} questions without an answer are {speed.clusters} clusters: {speed.seconds} s"


def _sheet(cost: SheetCost) -> str:
    return (
        f"workbook of {cost.items} items ({cost.megabytes} MB): written in {cost.write_s} s, read and compared in "
        f"{cost.read_s} s; {cost.faults} faults named among {cost.rows} rows in {cost.faults_s} s"
    )


def _cost(cost: Cost) -> str:
    return (
        f"processor time of an answer: {cost.answer_us:.0f} µs, {cost.answer_ratio:.1f} × that of a bare Flask answer "
        f"({cost.bare_us:.0f} µs); with its note and its limits: {cost.turn_us:.0f} µs, {cost.turn_ratio:.1f} × "
        f"(medians of {cost.rounds} rounds of {cost.requests} requests)"
    )


WORDS: Final[Mapping[type, Callable[[Any], str]]] = {
    LanguageScore: _language,
    Speed: _speed,
    RecordSpeed: _records,
    EffectSpeed: _effect,
    Cost: _cost,
    ImportCost: _import,
    ExportCost: _export,
    ClusterSpeed: _clusters,
    SheetCost: _sheet,
}
