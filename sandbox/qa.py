"""Quality assurance: what monitors flag, and how reviewers score."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.chance import every

if TYPE_CHECKING:
    from sandbox.scene import Scene

Json = dict[str, Any]


def monitor_evaluations(scene: Scene, at: int) -> list[Json]:
    """Return the monitors' findings on a conversation."""
    if not every(scene.ordinal, 8, 3):
        return []
    gone = every(scene.ordinal, 16, 3)
    return [
        {
            "monitor_id": "12345",
            "monitor_name": None if gone else "Customer complaint handling",
            "monitor_type": None if gone else "prompt",
            "result": "flagged",
            "explanation": None if gone else "A refund was asked for and not mentioned again.",
            "evaluated_at": at,
        }
    ]


def scorecards(scene: Scene, at: int) -> list[Json]:
    """Return the scores that a conversation was given."""
    if not every(scene.ordinal, 9, 2):
        return []
    by_ai = every(scene.ordinal, 18, 2)
    return [
        {
            "scorecard_id": "67890",
            "scorecard_version_id": "67891",
            "name": "Standard QA review",
            "scorecard_type": "ai" if by_ai else "human",
            "passed": not every(scene.ordinal, 27, 2),
            "score": 0.85,
            "ai_score": 0.9 if by_ai else None,
            "evaluated_at": at,
            "reviewed_teammate": {
                "type": "ai" if by_ai else "admin",
                "admin_id": None if by_ai else scene.admin["id"],
            },
            "evaluators": _evaluators(by_ai=by_ai),
        }
    ]


def _evaluators(*, by_ai: bool) -> list[Json]:
    reasoning = "The problem was named and solved in the same answer." if by_ai else None
    result = {
        "value": "pass",
        "source": "ai" if by_ai else "human",
        "reasoning": reasoning,
        "reason_ids": None if by_ai else ["101", "102"],
        "other_text": None if by_ai else "Missed the second question.",
    }
    return [
        {"evaluator_id": "54321", "result": result},
        {"evaluator_id": "54322", "result": None},
    ]
