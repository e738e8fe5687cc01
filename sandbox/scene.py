"""One conversation's setting: its people, its topic, and how they put things into words."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sandbox import texts
from sandbox.cast import company_name, company_slug
from sandbox.chance import every, likely, pick

if TYPE_CHECKING:
    import random

    from sandbox.cast import Cast

Json = dict[str, Any]


@dataclass(slots=True)
class Event:
    """Something that happened in a conversation; each is served as one conversation part."""

    step: str
    at: int
    part_type: str
    author: Json
    body: str | None = None
    extra: Json = field(default_factory=dict)
    edited_at: int = 0
    redacted: bool = False


class Scene:
    """Who talks to whom about what."""

    def __init__(self, cast: Cast, ordinal: int, rng: random.Random) -> None:
        self.cast = cast
        self.ordinal = ordinal
        self.rng = rng
        self.topic = rng.choice(texts.TOPICS)
        # The square makes some contacts write often and most of them once.
        self.contact = cast.contact(int(rng.random() ** 2 * cast.contact_count))
        self.team = self.topic.team
        members = cast.members(self.team)
        self.admin = rng.choice(members)
        self.colleague = rng.choice(cast.admins)
        self.email = every(ordinal, 4, 1)
        self.tags: list[Json] = []
        self.rating: Json | None = None
        self.priority = "none"
        self.quick_reply = ""
        self._issue = rng.randrange(len(self.topic.openers))
        self._said: dict[tuple[str, ...], int] = {}
        self._slots = self._fill()

    def _fill(self) -> dict[str, str]:
        rng = self.rng
        seed, company = self.cast.seed, self.contact["company"]
        return {
            "first": self.contact["first"],
            "email": self.contact["email"],
            "admin": self.admin["name"].split()[0],
            "colleague": self.colleague["name"],
            "company": company_name(seed, company),
            "company_slug": company_slug(seed, company),
            "invoice": f"INV-{20_000 + self.ordinal}",
            "amount": f"€{rng.randrange(19, 4_900)}.00",
            "code": f"LK-{rng.randrange(1_000, 99_999)}",
            "plan": rng.choice(texts.PLANS),
            "feature": rng.choice(texts.FEATURES),
            "browser": rng.choice(texts.BROWSERS),
            "day": rng.choice(texts.DAYS),
        }

    def words(self, sentences: tuple[str, ...]) -> str:
        """Choose a sentence and fill its slots."""
        return self.rng.choice(sentences).format_map(self._slots)

    def first_words(self, sentences: tuple[str, ...]) -> str:
        """Return the sentence that goes with what the conversation is about."""
        return pick(sentences, self._issue).format_map(self._slots)

    def next_words(self, sentences: tuple[str, ...]) -> str:
        """Return a sentence that has not been said lately, beginning with what it is about."""
        said = self._said.get(sentences, 0)
        self._said[sentences] = said + 1
        return pick(sentences, self._issue + said).format_map(self._slots)

    def html(self, text: str) -> str:
        """Write a message as HTML."""
        paragraphs = f"<p>{escape(text)}</p>"
        if likely(self.rng, 0.06):
            link = (
                '<p>See <a href="https://help.larkspur.example/a?id=7&amp;l=en">this page</a></p>'
            )
            return paragraphs + link
        if likely(self.rng, 0.04):
            return f"{paragraphs}<ul><li>step one</li><li>step two<br>and wait</li></ul>"
        return paragraphs

    def contact_author(self) -> Json:
        """Return the contact as the author of a message."""
        return author(self.contact)

    def admin_author(self) -> Json:
        """Return the admin who answers as the author of a message."""
        return author(self.admin)

    def fin_author(self, *, answers: bool) -> Json:
        """Return the AI agent as the author of a message."""
        return {**self.cast.fin, "from_ai_agent": True, "is_ai_answer": answers}

    def system(self) -> Json:
        """Return the workspace's own bot, the author of what happens by rule."""
        return author(self.cast.operator)


def author(person: Json) -> Json:
    """Return the four fields by which messages name their author."""
    return {
        "type": person["type"],
        "id": person["id"],
        "name": person["name"],
        "email": person["email"],
        "from_ai_agent": False,
        "is_ai_answer": False,
    }


def escape(text: str) -> str:
    """Escape what has a meaning in HTML, as a rich-text editor does."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
