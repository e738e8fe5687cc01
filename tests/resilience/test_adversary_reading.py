"""Attacks on how changes are read: no row is lost, and each sync ends, well or in a clear line.

The attacks are data, in the modules `attacks_*`; `python -m tests.resilience.attacks` tells what
came of each.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

import pytest

from tests.resilience.adversary import suffer
from tests.resilience.attacks_cursors import CURSORS, NO_END
from tests.resilience.attacks_further import AGREED, FURTHER
from tests.resilience.attacks_mixed import MIXTURES
from tests.resilience.attacks_reading import FALSE_ENDS, OUT_OF_PLACE, PAGE_NUMBERS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from _pytest.mark import ParameterSet

    from tests.resilience.adversary import Attack


def each(attacks: Sequence[Attack]) -> list[ParameterSet]:
    """The attacks as parameters, by their names."""
    return [pytest.param(attack, id=attack.name) for attack in attacks]


def withstands(attack: Attack) -> None:
    outcome = suffer(attack)
    assert not outcome.wrong, outcome.wrong


@pytest.mark.parametrize("attack", each(OUT_OF_PLACE))
def test_a_row_out_of_place_costs_no_other_row(attack: Attack) -> None:
    withstands(attack)


@pytest.mark.parametrize("attack", each(FALSE_ENDS))
def test_a_false_end_is_not_believed(attack: Attack) -> None:
    withstands(attack)


@pytest.mark.parametrize("attack", each(PAGE_NUMBERS))
def test_page_numbers_count_by_the_size_that_is_served(attack: Attack) -> None:
    withstands(attack)


@pytest.mark.parametrize("attack", each(CURSORS))
def test_a_cursor_or_a_count_of_no_use_stops_nothing(attack: Attack) -> None:
    withstands(attack)


@pytest.mark.parametrize("attack", each(NO_END))
def test_each_sync_has_an_end(attack: Attack) -> None:
    withstands(attack)


@pytest.mark.parametrize("attack", each(list(chain.from_iterable(FURTHER.values()))))
def test_further_attacks(attack: Attack) -> None:
    withstands(attack)


@pytest.mark.parametrize("attack", each(MIXTURES))
def test_random_mixtures(attack: Attack) -> None:
    withstands(attack)


@pytest.mark.parametrize("attack", AGREED, ids=lambda attack: attack.name)
def test_two_lies_that_agree_are_believed_and_end(attack: Attack) -> None:
    """Nothing contradicts them: rows may be missing, but all else holds."""
    outcome = suffer(attack)
    assert not outcome.endless
    assert not outcome.unclear
