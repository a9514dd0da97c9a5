"""docs/accuracy.md: how exact Tollgate is, and genai-prices called directly, case by case."""

from collections.abc import Iterable, Iterator
from importlib.metadata import version
from itertools import groupby
from pathlib import Path

import yaml

from tests.accuracy import direct, replay
from tests.accuracy.corpus import Case, cases
from tollgate.usage.reading import faults

REPORT = Path(__file__).parents[2] / "docs" / "accuracy.md"
DIFFERENCES = Path(__file__).parent / "differences.yaml"

HEAD = """# Accuracy

Written by `make accuracy`; do not edit. {cases} answers in the shapes of the providers' public
documentation, {streams} of them streams, each with the classes of usage and the cost that follow from the
provider's own pages. The prices stand in the cases as published; the costs are worked out by
`tests/accuracy/calculator.py`, which shares nothing with Tollgate. An answer is *exact* when every class and
the cost are equal as decimals, and when a report that contradicts itself is booked as its case says, and
marked. Streams are fed in one piece, byte by byte, and in random pieces.

Exact by Tollgate: **{tollgate} of {cases}**. By genai-prices {version}, called directly (`extract_usage`,
then `calc_price`): **{direct} of {asked}**, those for which it has an extractor and could have a price. It is
told the provider, the API, the moment, and the service tier and speed that the answer states; of a stream it
gets the object with the usage.

| provider | endpoint | cases | Tollgate exact | genai-prices asked | genai-prices exact |
|---|---|---:|---:|---:|---:|
"""

LIMITS = """
## What no report of usage tells

These are charged, and an answer does not say so, or not how much; the ledger is short of them:

- the container of OpenAI's code interpreter (by the session, which several calls may share);
- the tokens of pictures made within a response, which are another model's: the entry is marked;
- the 8,000 tokens that gpt-4o-mini and gpt-4.1-mini are charged for what a web search found, and the higher
  fee of `web_search_preview` on models that do not reason;
- tokens of an advising model in Anthropic's `iterations`: booked at the price of the model asked, and marked;
- speech of gpt-4o-mini-tts that is not streamed as events, and transcripts asked for as plain text or
  subtitles: their answers have no usage, and are estimated.
"""


def text() -> str:
    """The whole report."""
    corpus = cases()
    compared = [case for case in corpus if direct.asked(case)]
    head = HEAD.format(
        cases=len(corpus),
        streams=sum(case.is_stream for case in corpus),
        tollgate=sum(map(exact, corpus)),
        version=version("genai-prices"),
        direct=sum(map(direct.agrees, compared)),
        asked=len(compared),
    )
    return "".join((head, *_rows(corpus), _differences(corpus), LIMITS, _sources(corpus)))


def exact(case: Case) -> bool:
    """Whether Tollgate books a case as it is charged, class by class."""
    reading = replay.replay(case).reading
    if reading is None or case.classes is None:
        return reading is None and case.classes is None
    booked = replay.priced(case, reading)
    marked = faults(reading.fault, booked.fault)
    as_marked = case.mark in marked and bool(case.mark) == bool(marked)
    return reading.usage.counts() == case.classes and booked.cost == case.cost and as_marked


def differing(corpus: Iterable[Case]) -> set[str]:
    """The cases where genai-prices arrives at something else."""
    return {case.id for case in corpus if direct.asked(case) and not direct.agrees(case)}


def explained() -> list[tuple[str, list[str]]]:
    """Why it differs, and in which cases."""
    return [(part["why"], part["cases"]) for part in yaml.safe_load(DIFFERENCES.read_text())]


def _rows(corpus: list[Case]) -> Iterator[str]:
    for (provider, endpoint), found in groupby(sorted(corpus, key=_group), _group):
        group = list(found)
        asked = [case for case in group if direct.asked(case)]
        agreeing = sum(map(direct.agrees, asked)) if asked else "-"
        ours = sum(map(exact, group))
        yield f"| {provider} | `{endpoint}` | {len(group)} | {ours} | {len(asked)} | {agreeing} |\n"


def _differences(corpus: list[Case]) -> str:
    by_id = {case.id: case for case in corpus}
    parts = ["\n## Where genai-prices differs\n"]
    for why, ids in explained():
        rows = "".join(_difference(by_id[id_]) for id_ in ids)
        parts.append(f"\n{why}\n\n| case | genai-prices | charged |\n|---|---:|---:|\n{rows}")
    return "".join(parts)


def _difference(case: Case) -> str:
    theirs = direct.cost(case)
    return f"| {case.id} | {'an error' if theirs is None else f'{theirs:f}'} | {case.cost:f} |\n"


def _sources(corpus: list[Case]) -> str:
    pages = sorted({case.source for case in corpus})
    return "\n## Sources\n\n" + "".join(f"- <{page}>\n" for page in pages)


def _group(case: Case) -> tuple[str, str]:
    return case.group


if __name__ == "__main__":
    REPORT.write_text(text())
