"""Who and what a workspace has besides conversations: people, teams, companies, tags."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sandbox import names, texts
from sandbox.chance import every, hex_id, likely, pick, stream

if TYPE_CHECKING:
    import random

Json = dict[str, Any]

FOUNDED = 1_546_300_800  # 2019-01-01, when the workspace was set up
WEEK = 7 * 86_400
UPDATED_AFTER = 50 * WEEK
_TEAMS = ("Support Tier 1", "Billing", "Platform", "Sales", "Customer Success")
_TAGS = [
    "bug",
    "refund",
    "vip",
    "churn-risk",
    "feature-request",
    "billing",
    "onboarding",
    "escalated",
    "outage",
    "sso",
    "api",
    "export",
    "salesforce",
    "feedback",
    "spam",
    "duplicate",
    "follow-up",
    "press",
]
_SEGMENTS = ("Active", "New trials", "At risk", "Enterprise accounts", "Newsletter")
_ROLES = ("Support Agent", "Team Lead", "Administrator")
_JOBS = ("Support Specialist", "Support Engineer", "Team Lead", "Account Manager")


class Cast:
    """The people and things of one workspace, all of them given by its seed."""

    def __init__(self, seed: int, contacts: int, companies: int) -> None:
        self.seed = seed
        self.contact_count = contacts
        self.company_count = companies
        self.admins = [self._admin(index) for index in range(14)]
        self.teams = [self._team(index) for index in range(len(_TEAMS))]
        self.tags: list[Json] = [
            {"type": "tag", "id": str(7_522_900 + 17 * index), "name": name}
            for index, name in enumerate(_TAGS)
        ]
        self.segments = [self._segment(index) for index in range(len(_SEGMENTS))]
        self.fin = bot(991_000_001, "Fin", "operator+fin@larkspur.example")
        self.operator = bot(991_000_000, "Operator", "operator+main@larkspur.example")
        # Asked for again and again while pages are rendered, and never changing.
        self.contact = lru_cache(maxsize=20_000)(self._contact)
        self.company = lru_cache(maxsize=5_000)(self._company)

    def team_id(self, index: int) -> int:
        """Return a team's number."""
        return 5_017_690 + index

    def admin_id(self, index: int) -> int:
        """Return an admin's number."""
        return 991_267_700 + 3 * index

    def members(self, team: int) -> list[Json]:
        """Return the admins of a team."""
        return [admin for admin in self.admins if self.team_id(team) in admin["team_ids"]]

    def _admin(self, index: int) -> Json:
        first = pick(names.FIRST_NAMES, index * 7 + self.seed)
        last = pick(names.LAST_NAMES, index * 5 + self.seed)
        primary = self.team_id(index % len(_TEAMS))
        secondary = self.team_id((index + 1) % len(_TEAMS))
        away = every(index, 5, 2)
        return {
            "type": "admin",
            "id": str(self.admin_id(index)),
            "name": f"{first} {last}",
            "email": f"{_slug(first)}.{_slug(last)}@larkspur.example",
            "job_title": pick(_JOBS, index),
            "away_mode_enabled": away,
            "away_mode_reassign": every(index, 10, 2),
            "away_status_reason_id": 2_201 + index if away else None,
            "has_inbox_seat": not every(index, 9, 8),
            "team_ids": [primary, secondary],
            "avatar": f"https://static.larkspur.example/a/{index}.png" if index else None,
            "team_priority_level": {
                "primary_team_ids": [primary],
                "secondary_team_ids": [secondary] if every(index, 2) else None,
            },
            "role": {"type": "role", "id": str(index % 3 + 1), "name": pick(_ROLES, index)},
        }

    def _team(self, index: int) -> Json:
        members = [int(admin["id"]) for admin in self.members(index)]
        return {
            "type": "team",
            "id": str(self.team_id(index)),
            "name": _TEAMS[index],
            "admin_ids": members,
            "admin_priority_level": {
                "primary_admin_ids": members[::2],
                "secondary_admin_ids": members[1::2],
            },
            "assignment_limit": 12 + index if every(index, 2) else None,
            "distribution_method": "round_robin" if every(index, 2) else None,
        }

    def _segment(self, index: int) -> Json:
        return {
            "type": "segment",
            "id": hex_id(self.seed, "segment", index),
            "name": _SEGMENTS[index],
            "created_at": FOUNDED + index * WEEK,
            "updated_at": FOUNDED + (index + 40) * WEEK,
            "person_type": "user" if every(index, 2) else "contact",
            "count": None if every(index, 4, 3) else 100 * (index + 1),
        }

    def _contact(self, index: int) -> Json:
        rng = stream(self.seed, 11, index)
        first, last = rng.choice(names.FIRST_NAMES), rng.choice(names.LAST_NAMES)
        company = int(rng.random() * self.company_count)
        lead = likely(rng, 0.15)
        domain = f"{company_slug(self.seed, company)}.example"
        return {
            "type": "lead" if lead else "user",
            "id": hex_id(self.seed, "contact", index),
            "external_id": None if lead else str(70_000 + index),
            "name": f"{first} {last}",
            "first": first,
            "email": f"{_slug(first)}.{_slug(last)}{index}@{domain}",
            "company": company,
        }

    def _company(self, index: int) -> Json:
        rng = stream(self.seed, 12, index)
        created = first_seen(rng)
        author = self.admins[index % len(self.admins)]
        company_id = hex_id(self.seed, "company", index)
        return {
            "type": "company",
            "id": company_id,
            "name": company_name(self.seed, index),
            "app_id": "lk5pur01",
            "plan": {
                "type": "plan",
                "id": str(269_315 + index % 4),
                "name": pick(texts.PLANS, index),
            },
            "company_id": f"acct-{1000 + index}",
            "remote_created_at": created - WEEK,
            "created_at": created,
            "updated_at": created + UPDATED_AFTER,
            "last_request_at": last_request_at(index, created),
            "size": 10 * (1 + index % 90),
            "website": f"https://www.{company_slug(self.seed, index)}.example",
            "industry": pick(names.INDUSTRIES, index),
            "monthly_spend": int(rng.random() * 4_000),
            "session_count": int(rng.random() * 9_000),
            "user_count": 1 + int(rng.random() * 60),
            "custom_attributes": {
                "paid_subscriber": every(index, 2),
                "monthly spend (EUR)": round(rng.random() * 900, 2),
                "crm:owner": author["email"],
            },
            "tags": {"type": "tag.list", "tags": [pick(self.tags, index), pick(self.tags, 2)]},
            "segments": {"type": "segment.list", "segments": [pick(self.segments, index)]},
            "notes": {"type": "note.list", "notes": [self._note(index, company_id, author)]},
        }

    def _note(self, index: int, company_id: str, author: Json) -> Json:
        return {
            "type": "note",
            "id": str(17_495_000 + index),
            "created_at": FOUNDED + (index % 300) * WEEK,
            "company": {"type": "company", "id": company_id},
            "author": author,
            "body": "<p>Prefers to be contacted by mail. Renewal is in autumn.</p>",
        }


def first_seen(rng: random.Random) -> int:
    """Return when a company was first seen: at the beginning of some week, as many others."""
    return FOUNDED + int(rng.random() * 300) * WEEK


def last_request_at(index: int, created_at: int) -> int:
    """Return when somebody of a company was last seen, some time after its last update."""
    return created_at + (51 + index * 7 % 30) * WEEK


def bot(number: int, name: str, email: str) -> Json:
    """Return a bot as the author of messages."""
    return {"type": "bot", "id": str(number), "name": name, "email": email}


def company_name(seed: int, index: int) -> str:
    """Return the name of a company."""
    first, second, form = names.COMPANY_WORDS
    return f"{pick(first, index + seed)}{pick(second, index // 10 + seed)} {pick(form, index)}"


def company_slug(seed: int, index: int) -> str:
    """Return a company's name as it stands in its domain."""
    return _slug(company_name(seed, index).split()[0])


def _slug(name: str) -> str:
    ascii_only = name.encode("ascii", "ignore").decode()
    return "".join(letter for letter in ascii_only.lower() if letter.isalnum())
