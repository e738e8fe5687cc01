"""The canonical contact: the newest documented shape, every field of every version in its place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandbox import texts
from sandbox.chance import every, pick, stream

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox.cast import Cast
    from sandbox.collection import Mutation

Json = dict[str, Any]

SHOWN_LINKS = 10
_DAY = 86_400
_PLACES = (
    ("Ireland", "Leinster", "Dublin", "IRL", "EU"),
    ("Germany", "Berlin", "Berlin", "DEU", "EU"),
    ("United States", "California", "San Francisco", "USA", "NA"),
    ("Japan", None, "Tokyo", "JPN", "AS"),
    (None, None, None, None, None),
)
_NETWORKS = ("Twitter", "LinkedIn", "Facebook")
_CAMPAIGNS = ("spring-launch", "webinar", None)


@dataclass(frozen=True, slots=True)
class ContactLife:
    """What is known of a contact before it is made: when it began, and what happened since."""

    ordinal: int
    created_at: int
    updated_at: int
    mutations: Sequence[Mutation] = ()


def contact(cast: Cast, life: ContactLife, companies: Sequence[str]) -> Json:
    """Return a contact as the search has it, with the companies, by id, that it belongs to."""
    ordinal, person = life.ordinal, cast.contact(life.ordinal)
    path = f"/contacts/{person['id']}"
    tags = [tag["id"] for tag in contact_tags(cast, life)]
    owned = every(ordinal, 4, 1)
    return {
        "type": "contact",
        "id": person["id"],
        "external_id": person["external_id"],
        "workspace_id": "lk5pur01",
        "role": person["type"],
        "email": person["email"],
        "email_domain": person["email"].split("@")[1],
        **_phone(ordinal),
        "name": person["name"],
        "owner_id": str(cast.admin_id(ordinal % len(cast.admins))) if owned else None,
        "has_hard_bounced": every(ordinal, 30, 4),
        "marked_email_as_spam": every(ordinal, 40, 7),
        "unsubscribed_from_emails": every(ordinal, 9, 3),
        "created_at": life.created_at,
        "updated_at": life.updated_at,
        **_moments(ordinal, life),
        **_devices(ordinal, life),
        "custom_attributes": _custom_attributes(cast, life),
        "avatar": _avatar(ordinal),
        "tags": _links("tag", tags, f"{path}/tags", path="/tags"),
        "notes": _links("note", _notes(ordinal), f"{path}/notes", path="/notes"),
        "companies": _links("company", companies, f"{path}/companies", path="/companies"),
        "opted_out_subscription_types": _links("subscription", [], f"{path}/subscriptions"),
        "opted_in_subscription_types": _links("subscription", [], f"{path}/subscriptions"),
        "location": _location(ordinal),
        "social_profiles": {"type": "list", "data": _profiles(ordinal, person)},
        "utm_campaign": pick(_CAMPAIGNS, ordinal),
        "utm_content": None,
        "utm_medium": "email" if every(ordinal, 3) else None,
        "utm_source": None,
        "utm_term": None,
        "referrer": "https://www.larkspur.example/pricing" if every(ordinal, 3) else None,
    }


def contact_tags(cast: Cast, life: ContactLife) -> list[Json]:
    """Return the tags of a contact, with when and by whom each was applied."""
    ordinal = life.ordinal
    count = 13 if every(ordinal, 40, 11) else ordinal % 4
    count += sum(1 for mutation in life.mutations if mutation.kind == "tag")
    admin: Json = {"type": "admin", "id": cast.admins[ordinal % len(cast.admins)]["id"]}
    return [
        pick(cast.tags, ordinal + n) | {"applied_at": life.created_at + n, "applied_by": admin}
        for n in range(min(count, len(cast.tags)))
    ]


def company_ordinals(cast: Cast, life: ContactLife) -> list[int]:
    """Return the companies of a contact: its own, and those that it works for besides."""
    ordinal = life.ordinal
    more = 11 if every(ordinal, 50, 21) else every(ordinal, 5, 2)
    more += sum(1 for mutation in life.mutations if mutation.kind == "company")
    first = cast.contact(ordinal)["company"]
    step = 1 + ordinal % 3
    return list(dict.fromkeys((first + n * step) % cast.company_count for n in range(more + 1)))


def _links(kind: str, ids: Sequence[str], url: str, path: str = "") -> Json:
    shown = [
        {"type": kind, "id": number, "url": f"{path}/{number}"} for number in ids[:SHOWN_LINKS]
    ]
    return {
        "type": "list",
        "data": shown,
        "url": url,
        "total_count": len(ids),
        "has_more": len(ids) > SHOWN_LINKS,
    }


def _notes(ordinal: int) -> list[str]:
    count = 11 if every(ordinal, 60, 31) else int(every(ordinal, 7, 2))
    return [str(18_000_000 + 16 * ordinal + n) for n in range(count)]


def _phone(ordinal: int) -> Json:
    number = 1_511_000_000 + ordinal if every(ordinal, 3, 1) else None
    return {
        "phone": number and f"+49{number}",
        "formatted_phone": number and f"+49 {str(number)[:4]} {str(number)[4:]}",
    }


def _moments(ordinal: int, life: ContactLife) -> Json:
    def at(period: int, before: int) -> int | None:
        return max(life.created_at, life.updated_at - before) if every(ordinal, period) else None

    return {
        "signed_up_at": life.created_at if every(ordinal, 2) else None,
        "last_seen_at": at(1, 0) if ordinal % 8 else None,
        "last_replied_at": at(3, 3_600),
        "last_contacted_at": at(2, _DAY),
        "last_email_opened_at": at(5, 2 * _DAY),
        "last_email_clicked_at": at(10, 2 * _DAY - 60),
    }


def _devices(ordinal: int, life: ContactLife) -> Json:
    browser = pick(texts.BROWSERS, ordinal) if ordinal % 6 else None
    name, _, version = (browser or "").lower().partition(" ")
    known: Json = {
        "language_override": "de" if every(ordinal, 7) else None,
        "browser": name or None,
        "browser_version": version or None,
        "browser_language": "en-gb" if browser else None,
        "os": "macOS 14.5" if browser else None,
    }
    android, ios = every(ordinal, 6, 1), every(ordinal, 6, 4)
    known |= {
        "android_app_name": "Larkspur" if android else None,
        "android_app_version": "5.2.1" if android else None,
        "android_device": "Pixel 8" if android else None,
        "android_os_version": "14" if android else None,
        "android_sdk_version": "15.9.0" if android else None,
        "android_last_seen_at": life.updated_at if android else None,
    }
    return known | {
        "ios_app_name": "Larkspur" if ios else None,
        "ios_app_version": "5.2.0" if ios else None,
        "ios_device": "iPhone15,2" if ios else None,
        "ios_os_version": "17.5" if ios else None,
        "ios_sdk_version": "17.4.1" if ios else None,
        "ios_last_seen_at": life.updated_at if ios else None,
    }


def _custom_attributes(cast: Cast, life: ContactLife) -> Json:
    ordinal = life.ordinal
    rng = stream(cast.seed, 14, ordinal)
    attributes: Json = {"plan": rng.choice(texts.PLANS), "seats": rng.randrange(1, 400)}
    if every(ordinal, 3):
        attributes |= {"monthly spend (EUR)": round(rng.random() * 900, 2), "is_admin": True}
    if every(ordinal, 5, 1):
        attributes |= {"crm:stage": None, "trial_ends_at": life.created_at + 14 * _DAY}
    if life.mutations:
        attributes["Synced"] = len(life.mutations)
    return attributes


def _avatar(ordinal: int) -> Json | None:
    if every(ordinal, 3, 2):
        return None
    image = f"https://static.larkspur.example/c/{ordinal}.png" if ordinal % 2 else None
    return {"type": "avatar", "image_url": image}


def _location(ordinal: int) -> Json:
    country, region, city, code, continent = pick(_PLACES, ordinal)
    return {
        "type": "location",
        "country": country,
        "region": region,
        "city": city,
        "country_code": code,
        "continent_code": continent,
    }


def _profiles(ordinal: int, person: Json) -> list[Json]:
    handle = person["email"].split("@")[0]
    return [
        {
            "type": "social_profile",
            "name": name,
            "url": f"https://{name.lower()}.example/{handle}",
        }
        for name in _NETWORKS[: ordinal % 3]
    ]
