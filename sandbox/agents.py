"""What the AI agents leave on a conversation: Fin's answers, sales data, topics."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox import texts
from sandbox.chance import every, pick

if TYPE_CHECKING:
    from sandbox.figures import Figures
    from sandbox.scene import Scene
    from sandbox.story import Tale

Json = dict[str, Any]

_RESOLUTIONS = (
    "escalated",
    "assumed_resolution",
    "confirmed_resolution",
    "negative_feedback",
    "procedure_handoff",
)
_SOURCES = (("profile", "Fin profile"), ("workflow", "After hours"), ("fin_preview", "Preview"))
_CONTENT = ("article", "file", "external_content", "content_snippet", "workflow_connector_action")
_OUTCOMES = (
    "qualified",
    "disqualified",
    "product_discovery",
    "escalated_to_support",
    "spam",
)


def ai_agent(tale: Tale, figures: Figures) -> Json | None:
    """Return what Fin did in a conversation, if it took part."""
    if not figures.answered_by_fin:
        return None
    ordinal, created = tale.life.ordinal, tale.life.created_at
    source_type, title = pick(_SOURCES, ordinal // 5)
    rated = every(ordinal // 5, 3)
    return {
        "source_type": source_type,
        "source_title": title,
        "last_answer_type": "custom_answer" if every(ordinal // 5, 4) else "ai_answer",
        "resolution_state": pick(_RESOLUTIONS, ordinal // 5),
        "rating": 1 + ordinal % 5 if rated else None,
        "rating_remark": tale.scene.words(texts.REMARKS) if rated else None,
        "created_at": created + 90 if rated else None,
        "updated_at": created + 95 if rated else None,
        "content_sources": _content_sources(tale.scene),
    }


def _content_sources(scene: Scene) -> Json:
    source = {
        "content_type": pick(_CONTENT, scene.ordinal // 5),
        "url": f"https://help.larkspur.example/articles/{100 + scene.ordinal % 40}",
        "title": f"{scene.topic.name}: {scene.topic.subtopic}",
        "locale": "en",
    }
    return {"type": "content_source.list", "total_count": 1, "content_sources": [source]}


def sells(ordinal: int) -> bool:
    """Say whether the sales agent took part."""
    return every(ordinal, 14, 9)


def sales_agent(scene: Scene) -> Json | None:
    """Return what the sales agent found out, if it took part."""
    if not sells(scene.ordinal):
        return None
    collected = {"email": scene.contact["email"], "company.name": "Acme & Sons"}
    return {
        "outcome": pick(_OUTCOMES, scene.ordinal // 14),
        "routing_outcome": "enterprise_sales",
        "collected_data": collected,
    }


def topics(scene: Scene) -> Json | None:
    """Return the topics that were found in a conversation."""
    if not every(scene.ordinal, 2):
        return None
    number = 40 + texts.TOPICS.index(scene.topic)
    subtopic = {"type": "ai_subtopic", "name": scene.topic.subtopic, "id": number}
    topic = {"type": "ai_topic", "topic_name": scene.topic.name, "subtopics": [subtopic]}
    return {"type": "ai_topics", "topics": [topic]}
