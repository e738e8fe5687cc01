"""The canonical shape turned into that of an older version.

The rules are data: for each path, the versions that have it. Pruning copies only the objects on
the way to a rule, as the canonical ones are shared.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from sandbox.versions import PREVIEW, V2_0, V2_6, V2_11, V2_12, V2_14, V2_16, V2_17, since

Json = dict[str, Any]
# A tree of keys; a leaf is dropped, "*" stands for every element of a list.
Rules = dict[str, "Rules | None"]

_CONVERSATION_SINCE = {
    "2.10": "linked_objects",
    "2.11": "custom_attributes ai_agent_participated ai_agent ticket",
    "2.12": "statistics.assigned_team_first_response_time",
    "2.13": "statistics.assigned_team_first_response_time_in_office_hours statistics.handling_time"
    " statistics.adjusted_handling_time",
    "2.14": "conversation_rating.updated_at ai_agent.created_at ai_agent.updated_at"
    " source.author.from_ai_agent source.author.is_ai_answer",
    "2.15": "company",
    "2.16": "company.notes source.recipients source.reply_to source.email_message_metadata"
    " sales_agent_participated sales_agent channel external_references",
    "Preview": "ai_topics",
}
_PART_SINCE = {
    "2.13": "email_message_metadata state tags event_details app_package_code",
    "2.14": "author.from_ai_agent author.is_ai_answer metadata",
    "2.15": "email_message_metadata.message_id event_details.value.previous",
    "2.17": "admin_assignee_id team_assignee_id",
    "Preview": "event_details.tags_added event_details.tags_removed event_details.until"
    " event_details.custom_until_time event_details.current_priority"
    " event_details.previous_priority event_details.sla_name event_details.sla_definition"
    " event_details.sla_target_type event_details.current_sla_status event_details.sla_states"
    " event_details.call_id",
}
_ADMIN_SINCE = {"2.8": "team_priority_level", "2.14": "away_status_reason_id", "2.16": "role"}
_TEAM_SINCE = {"2.8": "admin_priority_level", "2.14": "assignment_limit distribution_method"}
_TICKET_SINCE = {
    "2.10": "category open snoozed_until linked_objects",
    "2.16": "previous_ticket_state_id",
}
_TICKET_PART_SINCE = {
    "2.13": "app_package_code",
    "2.14": "updated_attribute_data",
    "Preview": "translations",
}
_AI_USES = "ai_chatbot_availability ai_copilot_availability ai_sales_agent_availability"
_ARTICLE_CONTENT_2_16 = (
    f"{_AI_USES} body_markdown created_by_id updated_by_id draft_updated_at has_unpublished_changes"
)
_ARTICLE_SINCE = {
    "2.14": "tags",
    "2.16": f"{_ARTICLE_CONTENT_2_16} exclude_from_article_suggestions help_center_audience"
    " scheduled_publish_at scheduled_unpublish_at",
    "Preview": "folder_id",
}
_TABLES = {
    "article": _ARTICLE_SINCE,
    "article_content": {"2.16": f"{_ARTICLE_CONTENT_2_16} audience_ids"},
    "conversation": _CONVERSATION_SINCE,
    "part": _PART_SINCE,
    "admin": _ADMIN_SINCE,
    "team": _TEAM_SINCE,
    "ticket": _TICKET_SINCE,
    "ticket_part": _TICKET_PART_SINCE,
}
_OLD_RESOLUTIONS = {
    "escalated": "routed_to_team",
    "negative_feedback": "abandoned",
    "procedure_handoff": "routed_to_team",
}


@lru_cache(maxsize=256)
def rules_for(kind: str, version: int) -> Rules:
    """Return what an object of this kind lacks in a version."""
    rules: Rules = {}
    for name, paths in _TABLES[kind].items():
        if version < since(name):
            for path in paths.split():
                _add(rules, path)
    if kind == "conversation" and version >= V2_16:
        # The author of the source had these in 2.14 and 2.15 only.
        _add(rules, "source.author.from_ai_agent")
        _add(rules, "source.author.is_ai_answer")
    return rules


def _add(rules: Rules, path: str) -> None:
    *parents, leaf = path.split(".")
    node = rules
    for key in parents:
        below = node.setdefault(key, {})
        if below is None:
            return
        node = below
    node[leaf] = None


def prune(value: Json, rules: Rules) -> Json:
    """Return an object without what the rules name."""
    if not rules:
        return value
    pruned: Json = {}
    for key, item in value.items():
        if key not in rules:
            pruned[key] = item
            continue
        below = rules[key]
        if below is not None:
            pruned[key] = prune(item, below) if isinstance(item, dict) else item
    return pruned


def conversation(canonical: Json, version: int) -> Json:
    """Return a conversation, without its parts, in the shape of a version."""
    shaped = prune(canonical, rules_for("conversation", version))
    if shaped is canonical:
        shaped = dict(canonical)
    if version < V2_17:
        shaped["conversation_rating"] = _rating(shaped["conversation_rating"])
    if version >= V2_16:
        return shaped
    shaped["priority"] = "not_priority" if canonical["priority"] == "none" else "priority"
    shaped["admin_assignee_id"] = canonical["admin_assignee_id"] or None
    shaped["team_assignee_id"] = canonical["team_assignee_id"] or None
    agent = shaped.get("ai_agent")
    if agent and version <= V2_14:
        resolution = agent["resolution_state"]
        shaped["ai_agent"] = {
            **agent,
            "resolution_state": _OLD_RESOLUTIONS.get(resolution, resolution),
        }
    return shaped


def _rating(rating: Json | None) -> Json | None:
    """Return a rating as it was up to 2.16: a workflow that asked for it was taken for an admin."""
    if rating is None or rating["teammate"]["type"] != "workflow":
        return rating
    return {**rating, "teammate": {**rating["teammate"], "type": "admin"}}


def part(canonical: Json, version: int, *, translated: bool) -> Json:
    """Return a part in the shape of a version."""
    shaped = prune(canonical, rules_for("part", version))
    if version >= PREVIEW or (translated and version >= V2_14):
        return shaped
    return {key: value for key, value in shaped.items() if key != "translations"}


def admin(canonical: Json, version: int) -> Json:
    """Return an admin in the shape of a version."""
    shaped = dict(prune(canonical, rules_for("admin", version)))
    if version == since("2.11") and shaped["avatar"]:
        shaped["avatar"] = {"image_url": shaped["avatar"]}
    return shaped


def team(canonical: Json, version: int) -> Json:
    """Return a team in the shape of a version."""
    return prune(canonical, rules_for("team", version))


def contact(canonical: Json, version: int, *, history: bool, alone: bool = False) -> Json:
    """Return a contact in the shape of a version.

    Args:
        canonical: The contact.
        version: Which version.
        history: Whether the contacts that were merged into it are asked for.
        alone: Whether it is asked for by its id.
    """
    shaped = dict(canonical)
    merged = shaped.pop("merge_history")
    if history and version >= V2_16 and merged is not None:
        shaped["merge_history"] = merged
    if alone and version >= V2_12:
        shaped["enabled_push_messaging"] = True if canonical["ios_device"] else None
    if version not in (V2_11, PREVIEW):
        del shaped["formatted_phone"]
    if version < V2_16 and shaped["owner_id"]:
        shaped["owner_id"] = int(shaped["owner_id"])
    return shaped


def company(canonical: Json, version: int, *, notes: str) -> Json:
    """Return a company in the shape of a version, with its notes under the key given."""
    shaped = dict(canonical)
    written = shaped.pop("notes")
    if version < V2_16:
        return shaped
    if notes == "data":
        listed = {"data": written["notes"], "total_count": len(written["notes"])}
        written = {"type": "note.list", **listed, "has_more": False}
        written["url"] = f"/companies/{canonical['id']}/notes"
    return {**shaped, "notes": written}


def article(canonical: Json, version: int) -> Json:
    """Return an article in the shape of a version, and so its translations."""
    shaped = dict(prune(canonical, rules_for("article", version)))
    if version >= V2_16:
        del shaped["parent_id"], shaped["parent_type"]
    rules = rules_for("article_content", version)
    translated = canonical["translated_content"]
    if translated:
        shaped["translated_content"] = {
            key: prune(content, rules) if isinstance(content, dict) else content
            for key, content in translated.items()
        }
    return shaped


def legacy(shaped: Json, version: int, people: dict[str, Json]) -> Json:
    """Turn a conversation into the shape before 2.6: an assignee, and bare lists of people."""
    if version >= V2_6:
        return shaped
    old = dict(shaped)
    assignee = old.pop("admin_assignee_id") or old.pop("team_assignee_id")
    old.pop("team_assignee_id", None)
    old["assignee"] = _person(str(assignee), people) if assignee else None
    old["contacts"] = [
        {"type": "user", "id": contact["id"]} for contact in shaped["contacts"]["contacts"]
    ]
    teammates = shaped["teammates"] or {"teammates": []}
    old["teammates"] = [_person(mate["id"], people) for mate in teammates["teammates"]]
    if shaped["statistics"]:
        statistics = dict(shaped["statistics"])
        closer = statistics.pop("last_closed_by_id")
        statistics["last_closed_by"] = _person(closer, people) if closer else None
        old["statistics"] = statistics
    return _oldest(old) if version < V2_0 else old


def _oldest(old: Json) -> Json:
    """Approximate the shape of 1.x, which had a message in place of a source."""
    source = old.pop("source")
    old["source"] = None
    old["conversation_message"] = {
        "type": "conversation_message",
        "id": source["id"],
        "subject": source["subject"],
        "body": source["body"],
        "author": {"type": source["author"]["type"], "id": source["author"]["id"]},
        "attachments": source["attachments"],
        "url": source["url"],
    }
    old["customers"] = old.pop("contacts")
    old["user"] = old["customers"][0]
    return old


def _person(number: str, people: dict[str, Json]) -> Json:
    known = people.get(number)
    if known is None:
        return {"type": "nobody_admin", "id": number}
    keys = ("type", "id", "name", "email")
    return {key: known[key] for key in keys if key in known}
