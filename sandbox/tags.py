"""Which tags a conversation has: about a third have one to three, as teams tag what they count."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.chance import every, likely, pick, stream

if TYPE_CHECKING:
    from sandbox.scene import Scene

Json = dict[str, Any]

_SHARE = 0.33
_HOW_MANY = (1, 1, 1, 2, 2, 3)
_AN_HOUR = 3_600
_OF_TOPICS = {
    "Billing": ("billing", "refund"),
    "Login": ("sso", "bug"),
    "Export": ("export", "api"),
    "Integrations": ("salesforce", "api"),
    "Bug report": ("bug", "outage"),
    "Performance": ("escalated", "outage"),
    "Account": ("churn-risk", "vip"),
    "How-to": ("onboarding", "feature-request"),
}


def first_tags(scene: Scene, created_at: int, settled_at: int) -> list[Json]:
    """Return the tags that a conversation was given in its first hour; the first by its topic."""
    # A stream of its own, so that what else happens does not depend on it.
    rng = stream(scene.cast.seed, 25, scene.ordinal)
    if not likely(rng, _SHARE):
        return []
    name = rng.choice(_OF_TOPICS[scene.topic.name])
    fitting = [tag for tag in scene.cast.tags if tag["name"] == name]
    others = [tag for tag in scene.cast.tags if tag["name"] != name]
    chosen = [*fitting, *rng.sample(others, rng.choice(_HOW_MANY) - 1)]
    at = min(created_at + rng.randrange(_AN_HOUR), settled_at)
    return [applied(scene, tag, at) for tag in chosen]


def next_tag(scene: Scene) -> Json:
    """Return a tag that the conversation does not have yet."""
    there = {tag["id"] for tag in scene.tags}
    left = [tag for tag in scene.cast.tags if tag["id"] not in there]
    return pick(left or scene.cast.tags, scene.ordinal)


def applied(scene: Scene, tag: Json, at: int) -> Json:
    """Return a tag as a conversation has it: with who applied it, and when."""
    kind, who = ("contact", scene.contact) if every(scene.ordinal, 7, 3) else ("admin", scene.admin)
    return {**tag, "applied_at": at, "applied_by": {"type": kind, "id": who["id"]}}
