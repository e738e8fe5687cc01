"""What can happen in a conversation: one function for each kind of part."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

from sandbox import texts
from sandbox.chance import every, likely, pick, uuid_id
from sandbox.scene import Event, Scene, author
from sandbox.tags import applied, next_tag

Json = dict[str, Any]
Step = Callable[[Scene, int], Event]

PRIORITIES = ("none", "low", "medium", "high", "urgent")
SLA_NAMES = ("VIP customer <5m", "Standard SLA", "Premium SLA")
_TOMORROW = 86_400


def contact_reply(scene: Scene, at: int) -> Event:
    """The contact writes."""
    thanks = likely(scene.rng, 0.2)
    words = scene.words(texts.THANKS) if thanks else scene.next_words(scene.topic.details)
    extra: Json = {}
    if likely(scene.rng, 0.12):
        extra["attachments"] = [attachment(scene, at)]
    if scene.email:
        extra["email_message_metadata"] = email_metadata(scene, at)
    return Event("contact_reply", at, "comment", scene.contact_author(), scene.html(words), extra)


def admin_reply(scene: Scene, at: int) -> Event:
    """A teammate answers."""
    extra: Json = {}
    if scene.email:
        extra["email_message_metadata"] = email_metadata(scene, at)
    if every(scene.ordinal, 9, 4):
        extra["external_id"] = f"reply-{scene.ordinal}-{at}"
    body = scene.html(scene.next_words(scene.topic.answers))
    return Event("admin_reply", at, "comment", scene.admin_author(), body, extra)


def fin_answer(scene: Scene, at: int) -> Event:
    """The AI agent answers."""
    body = scene.html(scene.next_words(scene.topic.fin))
    return Event("fin_answer", at, "comment", scene.fin_author(answers=True), body)


def fin_question(scene: Scene, at: int) -> Event:
    """The AI agent offers answers to choose from."""
    options: list[Json] = [
        {
            "text": text,
            "uuid": uuid_id(scene.cast.seed, scene.ordinal, text),
            "translations": {"en": text, "fr": french},
        }
        for text, french in (("That helped", "Merci"), ("Talk to a person", "Un conseiller"))
    ]
    scene.quick_reply = options[1]["uuid"]
    extra = {"metadata": {"quick_reply_options": options}}
    who = scene.fin_author(answers=False)
    return Event("fin_question", at, "comment", who, "<p>Did that answer it?</p>", extra)


def quick_reply(scene: Scene, at: int) -> Event:
    """The contact clicks one of the offered answers."""
    extra = {"metadata": {"quick_reply_uuid": scene.quick_reply}}
    who = scene.contact_author()
    return Event("contact_reply", at, "quick_reply", who, "<p>Talk to a person</p>", extra)


def not_helpful(scene: Scene, at: int) -> Event:
    """The contact comments on what the AI agent said."""
    body = scene.html(scene.next_words(texts.NOT_HELPFUL))
    return Event("contact_reply", at, "comment", scene.contact_author(), body)


def note(scene: Scene, at: int) -> Event:
    """A teammate writes an internal note."""
    body = scene.html(scene.next_words(texts.NOTES))
    return Event("note", at, "note", scene.admin_author(), body)


def assign_team(scene: Scene, at: int) -> Event:
    """A rule assigns the conversation to a team."""
    target = {"type": "team", "id": str(scene.cast.team_id(scene.team))}
    return Event("assign_team", at, "assignment", scene.system(), None, {"assigned_to": target})


def assign_admin(scene: Scene, at: int) -> Event:
    """A teammate takes the conversation."""
    target = {"type": "admin", "id": scene.admin["id"]}
    who = scene.admin_author()
    body = scene.html(scene.next_words(texts.NOTES)) if likely(scene.rng, 0.1) else None
    return Event("assign_admin", at, "assignment", who, body, {"assigned_to": target})


def assign_bot(scene: Scene, at: int) -> Event:
    """A rule hands the conversation to the AI agent."""
    target = {"type": "bot", "id": scene.cast.fin["id"]}
    extra = {"assigned_to": target}
    return Event("assign_bot", at, "default_assignment", scene.system(), None, extra)


def unassign(scene: Scene, at: int) -> Event:
    """A teammate gives the conversation back: nobody has it."""
    extra = {"assigned_to": {"type": "nobody_admin", "id": None}}
    return Event("unassign", at, "assignment", scene.admin_author(), None, extra)


def close(scene: Scene, at: int) -> Event:
    """A teammate closes the conversation, now and then with a last word."""
    body = scene.html(scene.next_words(scene.topic.answers)) if likely(scene.rng, 0.2) else None
    return Event("close", at, "close", scene.admin_author(), body)


def reopen(scene: Scene, at: int) -> Event:
    """The conversation is opened again."""
    return Event("reopen", at, "open", scene.admin_author())


def snooze(scene: Scene, at: int) -> Event:
    """A teammate puts the conversation off."""
    custom = every(scene.ordinal, 2)
    until = at + _TOMORROW
    details = {
        "until": "until a custom time" if custom else "until tomorrow",
        "custom_until_time": iso(until) if custom else None,
    }
    extra = {"event_details": details, "snoozed_until": until}
    return Event("snooze", at, "snoozed", scene.admin_author(), None, extra)


def unsnooze(scene: Scene, at: int) -> Event:
    """The time is up and the conversation comes back."""
    return Event("reopen", at, "timer_unsnooze", scene.system())


def priority(scene: Scene, at: int) -> Event:
    """A teammate changes the priority."""
    previous = scene.priority
    scene.priority = pick(PRIORITIES, PRIORITIES.index(previous) + 1 + scene.ordinal % 4)
    details = {"current_priority": scene.priority, "previous_priority": previous}
    who = scene.admin_author()
    return Event("priority", at, "priority_changed", who, None, {"event_details": details})


def tag(scene: Scene, at: int) -> Event:
    """A teammate puts a tag on the conversation."""
    new = next_tag(scene)
    scene.tags.append(applied(scene, new, at))
    details = {"tags_added": [new["name"]], "tags_removed": ["press"]}
    extra = {"event_details": details, "tags": [dict(new)]}
    return Event("tag", at, "conversation_tags_updated", scene.admin_author(), None, extra)


def attribute_by_admin(scene: Scene, at: int) -> Event:
    """A teammate sets an attribute."""
    return _attribute(scene, at, "admin", "Severity", "S2")


def attribute_by_user(scene: Scene, at: int) -> Event:
    """The contact sets an attribute in the messenger."""
    return _attribute(scene, at, "user", "Product area", "Reports")


def workflow(scene: Scene, at: int) -> Event:
    """A workflow sets an attribute."""
    event = _attribute(scene, at, "workflow", "Language", "fr")
    event.extra["event_details"]["workflow"] = {"name": "Detect language"}
    return event


def workflow_event(scene: Scene, at: int) -> Event:
    """A workflow reports where it stands."""
    details = {
        "workflow": {"name": "Office hours"},
        "event": {"type": "wait_finished", "result": "Finished waiting"},
    }
    who = scene.system()
    extra = {"event_details": details}
    return Event("workflow_event", at, "operator_workflow_event", who, None, extra)


def action_started(scene: Scene, at: int) -> Event:
    """An app's action begins."""
    extra = {
        "event_details": {"action": {"name": "Create Jira issue"}},
        "app_package_code": "jira-cloud",
    }
    return Event("action", at, "custom_action_started", scene.admin_author(), None, extra)


def action_finished(scene: Scene, at: int) -> Event:
    """An app's action ends."""
    result = "failed" if every(scene.ordinal, 5) else "success"
    extra = {
        "event_details": {"action": {"name": "Create Jira issue", "result": result}},
        "app_package_code": "jira-cloud",
    }
    return Event("action", at, "custom_action_finished", scene.admin_author(), None, extra)


def call_summary(scene: Scene, at: int) -> Event:
    """The AI agent sums up a phone call."""
    extra = {"event_details": {"call_id": str(3_822_000_000 + scene.ordinal)}}
    who = scene.fin_author(answers=False)
    body = scene.html(scene.next_words(scene.topic.answers))
    return Event("call", at, "call_summary", who, body, extra)


def rating(scene: Scene, at: int) -> Event:
    """The contact rates the conversation."""
    score = scene.rng.randint(1, 5)
    remark = scene.words(texts.REMARKS) if likely(scene.rng, 0.7) else None
    scene.rating = {"rating": score, "remark": remark, "at": at}
    who = scene.contact_author()
    return Event("rating", at, "conversation_rating_changed", who, None)


def merged(scene: Scene, at: int) -> Event:
    """Another conversation is merged into this one."""
    return Event("merged", at, "merged_secondary_conversation", scene.admin_author())


def attachment(scene: Scene, at: int) -> Json:
    """Return a file that somebody sent."""
    image = every(at, 2)
    name = "screenshot.png" if image else f"report-{scene.ordinal}.csv"
    return {
        "type": "upload",
        "name": name,
        "url": f"https://downloads.larkspur.example/o/{scene.ordinal}/{at}/{name}?expires=1780000000",
        "content_type": "image/png" if image else "text/csv",
        "filesize": 4_000 + at % 90_000,
        "width": 1_280 if image else None,
        "height": 720 if image else None,
    }


def email_metadata(scene: Scene, at: int) -> Json:
    """Return the headers of a message that came by mail."""
    contact = scene.contact
    return {
        "message_id": f"<{scene.ordinal}.{at}@mail.larkspur.example>",
        "subject": f"Re: {scene.topic.subtopic}",
        "email_address_headers": [
            {"type": "from", "email_address": contact["email"], "name": contact["name"]},
            {"type": "to", "email_address": "help@larkspur.example", "name": "Larkspur Help"},
            {"type": "cc", "email_address": "ops@larkspur.example", "name": None},
        ],
    }


def iso(at: int) -> str:
    """Write a moment as some of the endpoints do: ISO 8601 with milliseconds."""
    return datetime.fromtimestamp(at, tz=timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.146Z")


def _attribute(scene: Scene, at: int, by: str, name: str, value: str) -> Event:
    previous = "S3" if every(scene.ordinal, 2) else None
    details: Json = {"attribute": {"name": name}, "value": {"name": value, "previous": previous}}
    who = author(scene.contact) if by == "user" else scene.admin_author()
    who = scene.system() if by == "workflow" else who
    part_type = f"conversation_attribute_updated_by_{by}"
    return Event("attribute", at, part_type, who, None, {"event_details": details})
