"""The canonical conversation: the newest documented shape, every field where it belongs.

Older shapes are made from this one, so each fact is written down once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox import agents, qa, sla, steps
from sandbox.chance import every, pick, stream
from sandbox.figures import Figures, statistics, sum_up
from sandbox.ids import conversation_id, part_id
from sandbox.scene import author
from sandbox.ticket import ticket_in

if TYPE_CHECKING:
    from sandbox.scene import Event, Scene
    from sandbox.story import Tale

Json = dict[str, Any]

SERVED_PARTS = 500
_CHANNELS = (
    "conversation",
    "conversation",
    "conversation",
    "conversation",
    "whatsapp",
    "conversation",
    "sms",
    "conversation",
    "facebook",
    "conversation",
    "instagram",
    "phone_call",
    "conversation",
    "twitter",
)
_TICKET_CATEGORIES = ("Customer", "Back-office", "Tracker", None)


def is_ticket(ordinal: int) -> bool:
    """Say whether a conversation is a ticket, which not every token may read."""
    return every(ordinal, 25, 6)


def list_item(tale: Tale, updated_at: int) -> Json:
    """Return the conversation as lists and searches have it: all but its parts."""
    scene, life = tale.scene, tale.life
    ordinal = life.ordinal
    # Its own stream: what was said first must read the same however much happened since.
    scene.rng = stream(scene.cast.seed, 24, ordinal)
    by_contact = not every(ordinal, 10, 7)
    figures = sum_up(tale, started_by_contact=by_contact)
    channel = "email" if scene.email else pick(_CHANNELS, ordinal // 4)
    return {
        "type": "conversation",
        "id": conversation_id(ordinal),
        "created_at": life.created_at,
        "updated_at": updated_at,
        "waiting_since": figures.waiting_since if figures.state == "open" else None,
        "snoozed_until": figures.snoozed_until,
        "source": _source(tale, channel, by_contact=by_contact),
        "contacts": _contacts(scene),
        "first_contact_reply": _first_contact_reply(tale, figures, channel),
        "admin_assignee_id": figures.admin,
        "team_assignee_id": figures.team,
        "open": figures.state != "closed",
        "state": figures.state,
        "read": not every(ordinal, 6, 5),
        "tags": {"type": "tag.list", "tags": scene.tags},
        "priority": scene.priority,
        "sla_applied": sla.summary(scene),
        "statistics": statistics(tale, figures) if tale.events else None,
        "conversation_rating": _rating(tale, figures),
        "teammates": _teammates(figures),
        "title": _title(scene),
        "custom_attributes": _custom_attributes(tale),
        "topics": {},
        "ticket": _ticket(ordinal),
        "linked_objects": _linked_objects(ordinal),
        "ai_topics": agents.topics(scene),
        "ai_agent": agents.ai_agent(tale, figures),
        "ai_agent_participated": figures.answered_by_fin,
        "sales_agent_participated": agents.sells(ordinal),
        "sales_agent": agents.sales_agent(scene),
        "channel": _channel(ordinal, channel),
        "company": scene.cast.company(scene.contact["company"]) if every(ordinal, 3) else None,
        "external_references": _external_references(ordinal),
        "monitor_evaluations": qa.monitor_evaluations(scene, updated_at),
        "scorecards": qa.scorecards(scene, updated_at),
    }


def parts_of(tale: Tale) -> list[Json]:
    """Return the parts that the API serves of a conversation: the most recent ones."""
    first = max(0, len(tale.events) - SERVED_PARTS)
    ordinal = tale.life.ordinal
    return [part(ordinal, index, tale.events[index]) for index in range(first, len(tale.events))]


def part(ordinal: int, index: int, event: Event) -> Json:
    """Return one event as a part."""
    written = event.body is not None
    extra = {key: value for key, value in event.extra.items() if key != "snoozed_until"}
    state = {"close": "closed", "snooze": "snoozed"}.get(event.step, "open")
    return {
        "type": "conversation_part",
        "id": part_id(ordinal, index),
        "part_type": event.part_type,
        "body": event.body,
        "created_at": event.at,
        "updated_at": event.edited_at or event.at,
        "notified_at": event.at,
        "assigned_to": None,
        **_assignees(event.extra.get("assigned_to")),
        "author": event.author,
        "attachments": [],
        "external_id": None,
        "redacted": event.redacted,
        "email_message_metadata": None,
        "metadata": None,
        "state": state,
        "tags": [],
        "event_details": None,
        "app_package_code": None,
        "translations": _translations(ordinal, event) if written else None,
        **extra,
    }


def _assignees(target: Json | None) -> Json:
    """Return whom a part assigned it to: 0 is nobody, null says nothing of it; bots are admins."""
    kind, number = ("", 0) if target is None else (target["type"], int(target["id"] or 0))
    return {
        "admin_assignee_id": number if kind in {"admin", "bot", "nobody_admin"} else None,
        "team_assignee_id": number if kind == "team" else None,
    }


def _translations(ordinal: int, event: Event) -> Json:
    local = pick(("fr", "de", "es", "ja"), ordinal)
    return {"original": "en", "en": event.body, local: f"<p>[{local}]</p>{event.body}"}


def _source(tale: Tale, channel: str, *, by_contact: bool) -> Json:
    scene, created = tale.scene, tale.life.created_at
    ordinal = tale.life.ordinal
    mail = channel == "email"
    subject = f"<p>{scene.first_words(scene.topic.subjects)}</p>" if mail else ""
    delivered = pick(("automated", "admin_initiated", "operator_initiated"), ordinal)
    source = {
        "type": channel,
        "id": str(403_000_000 + ordinal),
        "delivered_as": "customer_initiated" if by_contact else delivered,
        "subject": subject,
        "body": scene.html(scene.first_words(scene.topic.openers)),
        "author": author(scene.contact if by_contact else scene.admin),
        "attachments": [steps.attachment(scene, created)] if every(ordinal, 8, 1) else [],
        "url": None if mail else f"https://app.{scene.contact['email'].split('@')[1]}/inbox",
        "redacted": every(ordinal, 40, 12),
    }
    if mail:
        source |= _mail(scene, created)
    return source


def _mail(scene: Scene, created: int) -> Json:
    dropped = "unsubscribed" if every(scene.ordinal, 3) else None
    quoted = "<div>On Monday you wrote:<blockquote>Welcome to Larkspur</blockquote></div>"
    return {
        "recipients": [
            {"type": "to", "email": "help@larkspur.example", "drop_reason": None},
            {"type": "cc", "email": "ops@larkspur.example", "drop_reason": dropped},
        ],
        "reply_to": [{"email": scene.contact["email"], "name": scene.contact["name"]}],
        "email_message_metadata": {**steps.email_metadata(scene, created), "history": quoted},
    }


def _contacts(scene: Scene) -> Json:
    people = [scene.contact]
    if every(scene.ordinal, 12, 5):
        people.append(scene.cast.contact((scene.ordinal * 7) % scene.cast.contact_count))
    unique = {person["id"]: person for person in people}
    return {
        "type": "contact.list",
        "contacts": [
            {"type": "contact", "id": person["id"], "external_id": person["external_id"]}
            for person in unique.values()
        ],
    }


def _first_contact_reply(tale: Tale, figures: Figures, channel: str) -> Json | None:
    if not figures.contact_replies:
        return None
    url = f"https://app.{tale.scene.contact['email'].split('@')[1]}/inbox"
    return {"created_at": figures.contact_replies[0], "type": channel, "url": url}


def _rating(tale: Tale, figures: Figures) -> Json | None:
    rating, scene = tale.scene.rating, tale.scene
    if rating is None:
        return None
    contact = scene.contact
    return {
        "rating": rating["rating"],
        "remark": rating["remark"],
        "created_at": rating["at"],
        "updated_at": rating["at"],
        "contact": {
            "type": "contact",
            "id": contact["id"],
            "external_id": contact["external_id"],
        },
        "teammate": _rated(tale, figures),
    }


def _rated(tale: Tale, figures: Figures) -> Json:
    """Return who is rated; in each fourth conversation that is a workflow, which asked for it."""
    if every(tale.life.ordinal, 4, 2):
        return {"type": "workflow", "id": str(34_000_000 + tale.life.ordinal % 5)}
    return {"type": "admin", "id": str(figures.admin) if figures.admin else None}


def _teammates(figures: Figures) -> Json | None:
    if not figures.teammates:
        return None
    teammates = [{"type": "admin", "id": number} for number in figures.teammates]
    return {"type": "admin.list", "teammates": teammates}


def _title(scene: Scene) -> str | None:
    return scene.first_words(scene.topic.subjects) if every(scene.ordinal, 4, 1) else None


def _custom_attributes(tale: Tale) -> Json:
    scene, ordinal = tale.scene, tale.life.ordinal
    attributes: Json = {"Product area": scene.topic.name, "Language": "en"}
    if every(ordinal, 3):
        attributes |= {"CX Score rating": 1 + ordinal % 5, "billing:amount due": 155.5}
    if every(ordinal, 5, 1):
        attributes |= {"Affected features": ["Inbox", "Reports"], "Is VIP?": True, "Region": None}
    if every(ordinal, 7, 2):
        attributes["Orders"] = {"type": "Order.list", "instances": [_order(tale)]}
    if every(ordinal, 9, 1):
        attributes |= {"start_date_iso8601": "2026-03-04T09:46:14Z", "Due date": 1_677_923_174}
    return {**attributes, **tale.attributes}


def _order(tale: Tale) -> Json:
    created, ordinal = tale.life.created_at, tale.life.ordinal
    return {
        "id": str(16_032_000 + ordinal),
        "external_id": f"ord-{ordinal}",
        "external_created_at": created - 86_400,
        "external_updated_at": created - 3_600,
        "created_at": created - 3_000,
        "updated_at": created,
        "type": "Order",
        "custom_attributes": {"order_number": f"SO-{ordinal}", "total_price": "99.90"},
    }


def _ticket(ordinal: int) -> Json | None:
    if not is_ticket(ordinal):
        return None
    return {"type": "ticket", "id": ticket_in(ordinal), "ticket_type": "Bug"}


def _linked_objects(ordinal: int) -> Json:
    linked = []
    if every(ordinal, 11, 4):
        linked.append(
            {"type": "conversation", "id": conversation_id(ordinal + 1), "category": None}
        )
    if every(ordinal, 6, 1):
        category = pick(_TICKET_CATEGORIES, ordinal // 6)
        linked.append({"type": "ticket", "id": ticket_in(ordinal), "category": category})
    return {"type": "list", "data": linked, "total_count": len(linked), "has_more": False}


def _channel(ordinal: int, channel: str) -> Json:
    initial = {"conversation": "messenger"}.get(channel, channel)
    return {"initial": initial, "current": "email" if every(ordinal, 10, 3) else initial}


def _external_references(ordinal: int) -> list[Json]:
    if not every(ordinal, 13, 6):
        return []
    return [
        {"type": "salesforce_case", "id": f"500{ordinal:012d}"},
        {"type": "zendesk_ticket", "id": str(3_633_000 + ordinal)},
    ]
