"""The benchmarks' pure parts: what is made of the figures, not the figures."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

from benchmarks import written
from benchmarks.chart import Bar, Group, chart, draw
from benchmarks.measures import whole_windows
from benchmarks.page import BEGIN, END, with_block
from benchmarks.results import (
    Airbyte,
    AllStreams,
    Companies,
    Contacts,
    Cpu,
    FirstLoad,
    Load,
    Memory,
    NothingNew,
    Parts,
    Privacy,
    Program,
    Results,
    Run,
    Shape,
    Shapes,
    decode,
    encode,
    typical,
)
from benchmarks.table import CONDITIONS, table, tables

TAP = "tap-intercom-conversations"


@pytest.fixture
def results() -> Results:
    slow, fast = Run(5.0, 6.0, 56.0, 135), Run(1.25, 1.5, 88.0, 146)
    start = Run(0.25, 0.3, 50.0, 1)
    return Results(
        date="2026-11-21",
        machine="2 cores",
        command="python -m benchmarks",
        cpu=Cpu(
            20_000,
            [
                Program("bare loop", "2.16", 63.0, [Run(1.0, 1.2, 38.0, 135)], [start]),
                Program(TAP, "2.16", 63.0, [fast] * 5, [start] * 5),
                Program("<other>", "2.12", 43.0, [slow] * 5, [start] * 5),
            ],
        ),
        first_load=FirstLoad(
            12_000,
            80,
            [Load(0.8, 1, 1, Run(1.0, 64.0, 60.0, 80)), Load(0.8, 32, 8, Run(1.0, 10.0, 60.0, 88))],
        ),
        shapes=Shapes(
            30_000,
            200,
            [
                Shape("bulk", None, [Load(0.4, 32, 8, Run(2.0, 16.0, 60.0, 230))]),
                Shape("growth", 10_000, [Load(0.4, 32, 8, Run(2.0, 10.0, 60.0, 200))]),
            ],
        ),
        all_streams=AllStreams(30_000, {1: 200, 7: 206}, Run(60.0, 180.0, 90.0, 90_206)),
        parts=Parts(5_000, "0.15-0.25", 10_000 / 6, 0.9, [1_440, 1_470], 0, fast),
        memory=[Memory(5_000, fast), Memory(500_000, fast)],
        nothing_new=NothingNew(5_000, {"conversations": [fast]}, [fast]),
        airbyte=Airbyte(20_000, [fast], [Run(1.5, 2.0, 90.0, 146)], [start]),
        privacy=Privacy(20_000, {"none": [fast], "analytics": [Run(1.5, 2.0, 90.0, 146)]}),
        contacts=Contacts(50_000, 334, 0.4, {"2.17": Run(9.0, 26.7, 66.0, 354)}),
        companies=Companies(25_000, 100, 90.0, Run(9.0, 345.0, 61.0, 253)),
    )


def test_a_typical_run_has_the_median_of_each_figure() -> None:
    runs = [Run(1.0, 9.0, 50.0, 10), Run(3.0, 8.0, 70.0, 30), Run(2.0, 7.0, 60.0, 20)]

    assert typical(runs) == Run(2.0, 8.0, 60.0, 20)


def test_only_windows_that_were_filled_from_start_to_end_count() -> None:
    assert whole_windows({"1000": 12, "980": 900, "990": 1_500}) == [1_500]
    assert whole_windows({"980": 900, "990": 30}) == []


def test_the_share_used_is_of_what_the_tap_may_use(results: Results) -> None:
    assert results.parts
    assert results.parts.used == pytest.approx(0.97)


def test_results_survive_their_file(results: Results) -> None:
    assert decode(encode(results)) == results


def test_tables_name_what_was_measured_when_and_where(results: Results) -> None:
    text = tables(results)

    assert "Measured on 2026-11-21: 2 cores; `python -m benchmarks`." in text
    # 1.00 s in 145 pages, and 0.75 s in 134.
    assert f"| {TAP} | 2.16 | 1.25 s (1.25) | 6.9 ms (1.23) | 1.50 s | 88 MiB | 146 |" in text
    assert "| bulk | 16.0 s, 5.0 times faster, +15% |" in text
    assert "| growth, counts capped at 10,000 | 10.0 s, 8.0 times faster, +0% |" in text
    assert "206 search requests, 1.03 times the 200 of `conversations` alone" in text
    assert "| Airbyte | 10,000 (0.75) | 1.50 s (1.20) | 90 MiB |" in text
    assert "`spec` alone: 0.30 s, 0.25 s of CPU" in text
    assert "| `analytics` | 1.50 s (1.20) | 90 MiB |" in text
    assert "| 2.17 | seconds | 26.7 s | 5.0 | 354 | 66 MiB |" in text
    assert "rests once for 90 s: complete in 345 s, 253 requests, 61 MiB" in text
    assert "| 32 | 8 | 10.0 s (6.4 times faster) |" in text
    assert "| 97.0% (in 2 whole windows of 10 s) | 0 |" in text.replace("| 3,333 ", "")


def test_tables_leave_out_what_was_not_measured() -> None:
    text = tables(Results(date="2026-11-21", machine="2 cores", command="x"))

    assert text == f"Measured on 2026-11-21: 2 cores; `x`.\n\n{CONDITIONS}\n"


def test_a_table_is_markdown() -> None:
    assert table(("", "a"), [("x", "1"), ("y", "2")]) == (
        "|  | a |\n| --- | ---: |\n| x | 1 |\n| y | 2 |"
    )


def test_the_chart_is_well_formed_and_its_text_is_text(results: Results) -> None:
    picture = ET.fromstring(chart(results))  # noqa: S314  our own
    texts = ["".join(text.itertext()) for text in picture.iter("{http://www.w3.org/2000/svg}text")]

    assert "<other>, API 2.12" in texts
    assert "5.00 s" in texts


def test_the_longest_bar_fills_its_track_and_others_are_in_proportion() -> None:
    bars = [Bar("a", 4.0, "4"), Bar("b", 1.0, "1", ours=False), Bar("c", 0.0, "0")]
    picture = ET.fromstring(draw([Group("g", "", bars)], ""))  # noqa: S314  our own
    widths: dict[str, list[float]] = {}
    for rectangle in picture.iter("{http://www.w3.org/2000/svg}rect"):
        widths.setdefault(rectangle.attrib["class"], []).append(float(rectangle.attrib["width"]))

    track = widths["track"][0]
    assert widths["ours"][0] == track
    assert widths["other"][0] == pytest.approx(track / 4, abs=0.1)
    assert widths["ours"][1] > 0


def test_the_page_keeps_all_but_the_block() -> None:
    text = f"before\n{BEGIN}\nold\n{END}\nafter\n"

    assert with_block(text, "\nnew\n") == f"before\n{BEGIN}\nnew\n{END}\nafter\n"


@pytest.mark.parametrize("text", ["", BEGIN, END, f"{END}{BEGIN}", f"{BEGIN}{END}{BEGIN}{END}"])
def test_a_page_without_its_comments_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="once each and in this order"):
        with_block(text, "new")


def test_what_was_written_is_told_apart_by_records_not_by_when() -> None:
    def lines(second: int, *moments: str) -> list[bytes]:
        rows = [
            f'{{"type":"RECORD","stream":"s","record":{{"updated_at":"{moment}"}},'
            f'"time_extracted":"2026-01-01T00:00:{second:02}Z"}}'
            for moment in moments
        ]
        return [row.encode() for row in [*rows, '{"type":"STATE","value":{"a":1}}']]

    first = written.summary(iter(lines(1, "2026-01", "2026-02")))
    again = written.summary(iter(lines(2, "2026-01", "2026-02")))
    other = written.summary(iter(lines(2, "2026-02", "2026-01")))

    assert first == again
    assert (first.records, first.ascending, first.state) == (2, True, b'{"a":1}')
    assert other.digest != first.digest
    assert not other.ascending
