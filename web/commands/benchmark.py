"""hemvist benchmark: matching, language, speed and the cost of an answer, beside the peers that are installed."""

import json
import os
import platform
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

import click

from bot import (
    BenchmarkError,
    Hits,
    LanguageScore,
    RecordSpeed,
    Speed,
    load,
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

PARTS = ("matching", "language", "speed", "records", "server", "import", "export")


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
    asks for plots and jobs among many made-up ones. `import` takes over plots from a made-up GeoJSON file, `export`
    writes the static copy of a municipality, each in a process of its own.
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
    if "matching" in chosen:
        report["matching"] = list(measure_hits(folder, shipped_vectors(), queries))
    if "language" in chosen:
        report["language"] = measure_language(folder)
    if "speed" in chosen:
        report["speed"] = list(measure_speed(folder, shipped_vectors()))
    if "records" in chosen:
        report["records"] = _measure_records(settings)
    if "server" in chosen:
        report["server"] = measure_cost(settings)
    if "import" in chosen:
        report["import"] = measure_import(settings)
    if "export" in chosen:
        report["export"] = measure_export(settings)
    return report


def _measure_records(settings: Settings) -> RecordSpeed:
    knowledge = load(settings.knowledge)
    return measure_records(knowledge, min(knowledge.municipalities), datetime.now(settings.timezone).date())


def _as_text(report: dict[str, object]) -> str:
    lines = [f"{report['date']}, {report['machine']}"]
    hits, languages = report.get("matching"), report.get("language")
    speeds, cost, taken = report.get("speed"), report.get("server"), report.get("import")
    if isinstance(hits, list):
        lines += _table(hits)
    if isinstance(languages, list):
        lines += [_language(score) for score in languages]
    if isinstance(speeds, list):
        lines += [_speed(speed) for speed in speeds]
    records = report.get("records")
    if isinstance(records, RecordSpeed):
        lines.append(_records(records))
    if isinstance(cost, Cost):
        lines.append(_cost(cost))
    if isinstance(taken, ImportCost):
        lines.append(_import(taken))
    copied = report.get("export")
    if isinstance(copied, ExportCost):
        lines.append(_export(copied))
    return "\n".join(lines)


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


def _cost(cost: Cost) -> str:
    return (
        f"processor time of an answer: {cost.answer_us:.0f} µs, {cost.answer_ratio:.1f} × that of a bare Flask answer "
        f"({cost.bare_us:.0f} µs); with its note and its limits: {cost.turn_us:.0f} µs, {cost.turn_ratio:.1f} × "
        f"(medians of {cost.rounds} rounds of {cost.requests} requests)"
    )
