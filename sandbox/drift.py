"""Odd shapes: conversations as the API has been seen to answer, in place of as documented.

Each kind of oddity befalls a conversation with the probability of the switch, by the seed alone:
the same conversation is odd in the same way in a list, in a search and on its own.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sandbox import odd
from sandbox.chance import likely, stream

if TYPE_CHECKING:
    import random

    from sandbox.switches import Switches

Json = dict[str, Any]
Oddity = Callable[[Json, "random.Random"], None]

_MOMENTS = ("created_at", "waiting_since", "snoozed_until")
_BLOCKS = (
    "tags",
    "statistics",
    "conversation_rating",
    "sla_applied",
    "first_contact_reply",
    "ai_agent",
    "company",
    "linked_objects",
    "channel",
    "sales_agent",
    "ai_topics",
)


def drifted(shaped: Json, seed: int, ordinal: int, switches: Switches) -> Json:
    """Return a conversation with odd shapes, as often as the switch says."""
    if switches.drift > 0:
        shaped = _copy(shaped)
        # A stream for each oddity: none may depend on whether another struck.
        for number, (oddity, share) in enumerate(_ODDITIES):
            rng = stream(seed, 61, ordinal, number)
            if likely(rng, switches.drift * share):
                oddity(shaped, rng)
    if switches.drift_keys:
        shaped = {**shaped, **_odd_keys(shaped, stream(seed, 62, ordinal))}
    return shaped


def _odd_keys(shaped: Json, rng: random.Random) -> Json:
    moment = odd.same_moment(rng, shaped["updated_at"])
    return {"id": int(shaped["id"]), "updated_at": moment}


def _copy(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _copy(item) for key, item in value.items()}
    return [_copy(item) for item in value] if isinstance(value, list) else value


def _moments(shaped: Json, rng: random.Random) -> None:
    for key in _MOMENTS:
        if isinstance(shaped.get(key), int):
            shaped[key] = odd.moment(rng, shaped[key])


def _statistics(shaped: Json, rng: random.Random) -> None:
    statistics = shaped["statistics"]
    for key, value in (statistics or {}).items():
        if isinstance(value, int):
            change = odd.moment if key.endswith("_at") else odd.number
            statistics[key] = change(rng, value)


def _closer(shaped: Json, _rng: random.Random) -> None:
    statistics = shaped["statistics"] or {}
    closer = statistics.get("last_closed_by_id")
    if closer:
        statistics["last_closed_by_id"] = int(closer)
        statistics["last_closed_by"] = {"type": "admin", "id": closer, "name": "Tom Smith"}


def _assignees(shaped: Json, rng: random.Random) -> None:
    for key in ("admin_assignee_id", "team_assignee_id"):
        if key in shaped:
            shaped[key] = odd.assignee(rng, shaped[key])


def _words(shaped: Json, rng: random.Random) -> None:
    for key in ("state", "priority"):
        shaped[key] = odd.word(rng, shaped[key])


def _source(shaped: Json, rng: random.Random) -> None:
    if rng.randrange(2):
        shaped["source"] = None
    elif shaped["source"]:
        shaped["source"] |= {"type": "unknown", "delivered_as": "brand_new_value"}


def _source_text(shaped: Json, rng: random.Random) -> None:
    source = shaped["source"]
    if source and source["body"] is not None:
        source["body"] = odd.text(rng, source["body"])
        source["author"]["name"] = odd.text(rng, source["author"]["name"])


def _people(shaped: Json, rng: random.Random) -> None:
    contacts, teammates = shaped.get("contacts"), shaped["teammates"]
    if isinstance(contacts, dict):
        shaped["contacts"] = contacts["contacts"]
    if isinstance(teammates, dict):
        bare = teammates["teammates"]
        shaped["teammates"] = rng.choice((None, bare, {"type": "admin.list", "admins": bare}))


def _block(name: str) -> Oddity:
    def oddity(shaped: Json, rng: random.Random) -> None:
        if name in shaped:
            shaped[name] = odd.block(rng, shaped[name])

    return oddity


def _tags(shaped: Json, rng: random.Random) -> None:
    for tag in (shaped["tags"] or {}).get("tags") or ():
        tag["applied_at"] = odd.moment(rng, tag["applied_at"])
        tag["id"] = int(tag["id"])


def _rating(shaped: Json, rng: random.Random) -> None:
    rating = shaped["conversation_rating"]
    if rating and rating.get("created_at"):
        rating["created_at"] = odd.moment(rng, rating["created_at"])
        rating["rating"] = str(rating["rating"])
        rating["remark"] = odd.text(rng, rating["remark"] or "")


def _company(shaped: Json, rng: random.Random) -> None:
    company = shaped.get("company")
    if company and company.get("created_at"):
        company["created_at"] = odd.moment(rng, company["created_at"])
        company["monthly_spend"] = company["monthly_spend"] + 0.5
        company["size"] = odd.number(rng, company["size"])


def _attributes(shaped: Json, _rng: random.Random) -> None:
    attributes = shaped.get("custom_attributes")
    if attributes is not None:
        attributes |= {
            "": "an empty key",
            "nested": {"a": [1, "two", None, {"b": 10**25}]},
            "Due date": odd.LONE_SURROGATE,
            "mixed list": [1, "two", 3.0, False, None],
        }


def _undocumented(shaped: Json, rng: random.Random) -> None:
    shaped.update(odd.undocumented(rng))


def _undocumented_below(shaped: Json, rng: random.Random) -> None:
    for block in ("source", "statistics", "tags", "ai_agent", "company"):
        if isinstance(shaped.get(block), dict):
            shaped[block].update(odd.undocumented(rng))


def _parts(shaped: Json, rng: random.Random) -> None:
    for part in shaped.get("conversation_parts", {}).get("conversation_parts", ()):
        rng.choice(_PART_ODDITIES)(part, rng)


def _part_number(part: Json, _rng: random.Random) -> None:
    part["id"] = int(part["id"])


def _part_moments(part: Json, rng: random.Random) -> None:
    for key in ("created_at", "updated_at", "notified_at"):
        part[key] = odd.moment(rng, part[key])


def _part_assigned(part: Json, rng: random.Random) -> None:
    target = part["assigned_to"] or {"type": "nobody", "id": None}
    part["assigned_to"] = rng.choice((target["id"], target, 991_267_700, {"id": 7}))


def _part_waiting(part: Json, rng: random.Random) -> None:
    part["waiting_since"] = odd.moment(rng, part["created_at"])


def _part_text(part: Json, rng: random.Random) -> None:
    part["body"] = odd.text(rng, part["body"] or "")
    part["part_type"] = odd.word(rng, part["part_type"])


def _part_attachments(part: Json, rng: random.Random) -> None:
    file = {"type": "upload", "name": odd.text(rng, "photo"), "url": "https://x.example/p"}
    part["attachments"] = [{**file, "filesize": "4096", "width": "640", "height": 480}, {}]


def _part_details(part: Json, _rng: random.Random) -> None:
    part["event_details"] = {"brand_new": {"deep": [{"er": 1}]}, "value": {"name": 7}}
    part["tags"] = None
    part["metadata"] = {}


def _part_author(part: Json, _rng: random.Random) -> None:
    part["author"] = {"type": "brand_new_author", "id": 7, "name": None}
    part["undocumented"] = {"kept": True}


_PART_ODDITIES: tuple[Oddity, ...] = (
    _part_number,
    _part_moments,
    _part_assigned,
    _part_waiting,
    _part_text,
    _part_attachments,
    _part_details,
    _part_author,
)
_INSIDE: tuple[Oddity, ...] = (
    _moments,
    _statistics,
    _closer,
    _assignees,
    _words,
    _source_text,
    _tags,
    _rating,
    _company,
    _attributes,
    _undocumented_below,
    _people,
    _parts,
    _undocumented,
)
# These hide what stands inside, so they come last and strike less often.
_HIDING: tuple[Oddity, ...] = (_source, *(_block(name) for name in _BLOCKS))
_SELDOM = 0.4
_ODDITIES = (*((oddity, 1.0) for oddity in _INSIDE), *((oddity, _SELDOM) for oddity in _HIDING))
