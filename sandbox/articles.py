"""The help center: its articles, and the collections that they stand in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox import moments, texts
from sandbox.cast import FOUNDED, WEEK
from sandbox.chance import every, pick
from sandbox.collection import Collection

if TYPE_CHECKING:
    from sandbox.cast import Cast
    from sandbox.world import World

Json = dict[str, Any]

_SEED_STEP = 1_021
_FIRST = 100
_FIRST_COLLECTION = 159
_COLLECTIONS = 40
_DAY = 86_400


class Articles(Collection):
    """Articles."""

    kinds = ("edit",)

    def __init__(self, world: World, cast: Cast, count: int) -> None:
        self._cast = cast
        updated = moments.shaped(world.seed * _SEED_STEP, count, "even")
        created = updated[:]
        for ordinal, at in enumerate(updated):
            created[ordinal] = at - (1 + ordinal % 90) * _DAY
        super().__init__(world, created, updated, {})

    def id_of(self, ordinal: int) -> str:
        """Return the id of the n-th article."""
        return str(_FIRST + ordinal)

    def ordinal_of(self, identifier: str) -> int:
        """Return which article an id belongs to, or -1 when none can have it."""
        return int(identifier) - _FIRST if identifier.isdecimal() else -1

    def canonical(self, ordinal: int) -> Json:
        """Return an article as the list has it."""
        made = self._content(ordinal)
        return {
            **made,
            "type": "article",
            "id": self.id_of(ordinal),
            "workspace_id": "lk5pur01",
            "parent_ids": [_FIRST_COLLECTION + ordinal % _COLLECTIONS] if ordinal % 6 else [],
            "parent_id": _FIRST_COLLECTION + ordinal % _COLLECTIONS if ordinal % 6 else None,
            "parent_type": "collection" if ordinal % 6 else None,
            "default_locale": "en",
            "translated_content": self._translations(ordinal) if every(ordinal, 4) else None,
            "tags": {"type": "tag.list", "tags": self._tags(ordinal)},
            "folder_id": 4_400 + ordinal % 5 if every(ordinal, 3) else None,
            "exclude_from_article_suggestions": every(ordinal, 7),
            "help_center_audience": "everyone",
            "scheduled_publish_at": None,
            "scheduled_unpublish_at": made["updated_at"] + WEEK if every(ordinal, 9) else None,
        }

    def _tags(self, ordinal: int) -> list[Json]:
        applied: Json = {"applied_at": self._created[ordinal]}
        applied["applied_by"] = {"type": "admin", "id": self._cast.admins[0]["id"]}
        return [pick(self._cast.tags, ordinal) | applied] if every(ordinal, 2) else []

    def _content(self, ordinal: int) -> Json:
        topic = pick(texts.TOPICS, ordinal)
        edits = "".join(f"<p>Edited {m.number}</p>" for m in self._mutations.get(ordinal, ()))
        author = int(self._cast.admin_id(ordinal % 14))
        draft = every(ordinal, 5, 4)
        return {
            "title": f"{topic.name}: {topic.subtopic} ({ordinal})",
            "description": topic.subtopic if ordinal % 3 else "",
            "body": f"<p>{topic.fin[0]}</p>{edits}",
            "body_markdown": f"{topic.fin[0]}\n",
            "author_id": author,
            "state": "draft" if draft else "published",
            "created_at": self._created[ordinal],
            "updated_at": self._updated[ordinal],
            "has_unpublished_changes": draft,
            "draft_updated_at": self._updated[ordinal] if draft else None,
            "url": None if draft else f"https://help.larkspur.example/articles/{_FIRST + ordinal}",
            "ai_chatbot_availability": True,
            "ai_copilot_availability": ordinal % 2 == 0,
            "ai_sales_agent_availability": False,
            "created_by_id": author,
            "updated_by_id": author if every(ordinal, 2) else None,
        }

    def _translations(self, ordinal: int) -> Json:
        english = {"type": "article_content", **self._content(ordinal), "audience_ids": [7]}
        french = {**english, "title": f"[fr] {english['title']}"}
        return {"type": "article_translated_content", "en": english, "fr": french}


def help_center_collections() -> list[Json]:
    """Return all collections, the one updated last first."""
    return [_collection(number) for number in reversed(range(_COLLECTIONS))]


def _collection(number: int) -> Json:
    topic = pick(texts.TOPICS, number)
    inner = every(number, 3, 1)
    names = {"name": topic.name, "description": topic.subtopic, "type": "group_content"}
    return {
        "id": str(_FIRST_COLLECTION + number),
        "workspace_id": "lk5pur01",
        "name": topic.name,
        "description": None if every(number, 4) else topic.subtopic,
        "created_at": FOUNDED + number * WEEK,
        "updated_at": FOUNDED + (number + 100) * WEEK,
        "url": f"https://help.larkspur.example/collections/{number}",
        "icon": "bookmark" if number % 2 else None,
        "order": number,
        "default_locale": "en",
        "translated_content": {"type": "group_translated_content", "en": names, "fr": names},
        "parent_id": str(_FIRST_COLLECTION + number - 1) if inner else None,
        "help_center_id": None if inner else 79,
    }
