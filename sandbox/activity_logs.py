"""What admins did in the workspace: a log that only grows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox import moments
from sandbox.chance import pick, uuid_id
from sandbox.collection import HexCollection

if TYPE_CHECKING:
    from sandbox.cast import Cast
    from sandbox.world import World

Json = dict[str, Any]

_SEED_STEP = 1_019
_WHAT: tuple[tuple[str, Json | None], ...] = (
    ("admin_login_success", {"sign_in_method": "email_password", "external_id": None}),
    ("admin_away_mode_change", {"away_mode": True, "away_status_reason": "Break"}),
    ("app_name_change", {"before": "Larkspurr", "after": "Larkspur"}),
    ("message_state_change", {"message": {"id": 123, "title": "Hello"}, "before": "draft"}),
    ("admin_avatar_change", None),
    ("app_team_creation", {"team": {"id": 5_017_690, "name": "Billing"}}),
    ("role_change", {"before": {"role": "Agent"}, "after": {"role": "Lead"}}),
    ("admin_logout", {}),
    ("bulk_export", {"update_by": 991_267_700, "update_by_name": "Operator"}),
    ("teammate_gifs_setting_change", {"changes": {"gifs": {"before": True, "after": False}}}),
)
EVENT_TYPES = [kind for kind, _ in _WHAT]


class ActivityLogs(HexCollection):
    """Entries of the log; one that is created is a new one."""

    noun = "log"

    def __init__(self, world: World, cast: Cast, count: int) -> None:
        self._cast = cast
        happened = moments.shaped(world.seed * _SEED_STEP, count, "even")
        super().__init__(world, happened, happened[:], {})

    def id_of(self, ordinal: int) -> str:
        """Return the id of the n-th entry."""
        return uuid_id(self.seed, self.noun, ordinal)

    def canonical(self, ordinal: int) -> Json:
        """Return an entry."""
        admin = pick(self._cast.admins, ordinal)
        kind, metadata = pick(_WHAT, ordinal)
        return {
            "id": self.id_of(ordinal),
            "performed_by": {
                "type": "admin",
                "id": admin["id"],
                "email": admin["email"],
                "ip": f"203.0.113.{ordinal % 250}",
            },
            "metadata": metadata,
            "created_at": self._created[ordinal],
            "activity_type": kind,
            "activity_description": f"{admin['name']}: {kind.replace('_', ' ')}",
        }
