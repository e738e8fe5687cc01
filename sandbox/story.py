"""The course of one conversation: which events, how many, when, and what was changed later."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandbox import sla, steps
from sandbox.chance import every, likely, stream
from sandbox.scene import Event, Scene
from sandbox.tags import first_tags

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

    from sandbox.cast import Cast
    from sandbox.collection import Mutation

# What else can happen. Every third conversation has one of these, in turn, so that a workspace
# of three hundred has all of them.
_SPICE: tuple[tuple[steps.Step, ...], ...] = (
    (steps.note,),
    (steps.tag,),
    (steps.priority,),
    (steps.attribute_by_admin, steps.attribute_by_user),
    (steps.workflow, steps.workflow_event),
    (steps.action_started, steps.action_finished),
    (steps.call_summary,),
    (sla.applied, sla.missed),
    (sla.applied, sla.paused, sla.unpaused),
    (sla.applied, sla.removed),
    (steps.snooze, steps.unsnooze),
    (steps.close, steps.rating, steps.reopen),
    (steps.assign_bot, steps.unassign, steps.merged),
)
_ENDINGS: dict[str, tuple[steps.Step, ...]] = {
    "open": (),
    "closed": (steps.close,),
    "rated": (steps.close, steps.rating),
    "snoozed": (steps.snooze,),
}
_MEAN_EXTRA_PARTS = 3.4
_MOST_PARTS = 90


@dataclass(slots=True)
class Life:
    """What the workspace knows of a conversation without telling its story."""

    ordinal: int
    created_at: int
    settled_at: int
    parts: int | None
    mutations: tuple[Mutation, ...] = ()


@dataclass(slots=True)
class Tale:
    """A conversation told: its setting and all that happened."""

    life: Life
    scene: Scene
    events: list[Event]
    attributes: dict[str, object]


def tell(cast: Cast, life: Life) -> Tale:
    """Tell the story of a conversation."""
    rng = stream(cast.seed, 21, life.ordinal)
    scene = Scene(cast, life.ordinal, rng)
    scene.tags = first_tags(scene, life.created_at, life.settled_at)
    plot = _plot(rng, life)
    moments = _moments(rng, life, len(plot))
    events = [step(scene, at) for step, at in zip(plot, moments, strict=True)]
    tale = Tale(life, scene, events, {})
    for mutation in life.mutations:
        _apply(tale, mutation)
    return tale


def _plot(rng: random.Random, life: Life) -> list[steps.Step]:
    """Choose the events of a story; exactly as many as were asked for, if any number was."""
    opening = _opening(rng, life.ordinal)
    draw = rng.random()
    ending = _ENDINGS["closed" if draw < _CLOSED else _late_ending(draw)]
    spiced = every(life.ordinal, 3)
    spice = _SPICE[life.ordinal // 3 % len(_SPICE)] if spiced else ()
    size = life.parts
    if size is None:
        size = 1 + int(rng.expovariate(1 / _MEAN_EXTRA_PARTS))
        least = len(opening) + len(spice) + len(ending) if spiced else 0
        size = max(least, min(size, _MOST_PARTS))
    ending = ending[: max(0, size)]
    plot = [*opening, *spice][: size - len(ending)]
    while len(plot) < size - len(ending):
        plot.append(_dialogue(rng, len(plot)))
    return [*plot, *ending]


_CLOSED = 0.5
_RATED = 0.72
_SNOOZED = 0.8


def _late_ending(draw: float) -> str:
    if draw < _RATED:
        return "rated"
    return "snoozed" if draw < _SNOOZED else "open"


def _opening(rng: random.Random, ordinal: int) -> list[steps.Step]:
    human: list[steps.Step] = [steps.assign_team, steps.assign_admin, steps.admin_reply]
    if every(ordinal, 5, 2):
        return [steps.fin_answer, steps.fin_question, steps.quick_reply, *human]
    if every(ordinal, 5, 4):
        return [steps.fin_answer, steps.not_helpful, *human]
    return human if likely(rng, 0.6) else human[1:]


def _dialogue(rng: random.Random, index: int) -> steps.Step:
    if likely(rng, 0.08):
        return steps.note
    return steps.admin_reply if index % 2 else steps.contact_reply


def _moments(rng: random.Random, life: Life, count: int) -> list[int]:
    """Spread the events over the conversation's life; the last is its last update."""
    span = life.settled_at - life.created_at
    # The square puts most of a conversation near its beginning, as people answer at first.
    moments = sorted(life.created_at + int(rng.random() ** 2 * span) for _ in range(count))
    if moments:
        moments[-1] = life.settled_at
    return moments


def _apply(tale: Tale, mutation: Mutation) -> None:
    scene = tale.scene
    scene.rng = stream(scene.cast.seed, 22, tale.life.ordinal, mutation.number)
    if mutation.kind in _REVISIONS:
        _revise(tale, mutation)
    elif mutation.kind == "attribute":
        tale.attributes["Migrated in batch"] = mutation.number
    else:
        tale.events.append(MUTATIONS[mutation.kind](scene, mutation.at))


def _revise(tale: Tale, mutation: Mutation) -> None:
    """Change an old part in place; with no part to change, the contact writes one."""
    written = [event for event in tale.events if event.body is not None and not event.redacted]
    if not written:
        tale.events.append(steps.contact_reply(tale.scene, mutation.at))
        return
    event = tale.scene.rng.choice(written)
    event.edited_at = mutation.at
    if mutation.kind == "redact":
        event.redacted = True
        event.body = None
        event.extra.pop("attachments", None)
    else:
        event.body = f"{event.body}<p>(edited {mutation.number})</p>"


MUTATIONS: dict[str, Callable[[Scene, int], Event]] = {
    "reply": steps.contact_reply,
    "admin_reply": steps.admin_reply,
    "note": steps.note,
    "close": steps.close,
    "reopen": steps.reopen,
    "tag": steps.tag,
    "snooze": steps.snooze,
    "unassign": steps.unassign,
}
_REVISIONS = ("edit", "redact")
KINDS = (*MUTATIONS, *_REVISIONS, "attribute")
