"""An error is one line: what was asked for, what came, and what to do; never content or a token."""

from __future__ import annotations

from typing import Any

import pytest

from tap_intercom_conversations import errors


def test_says_what_was_asked_what_came_and_what_to_do() -> None:
    error = errors.Unauthorized(
        "POST /conversations/search",
        status=401,
        code="unauthorized",
        message="Access Token Invalid",
        request_id="b3c8",
    )

    assert str(error) == (
        "POST /conversations/search: 401 unauthorized (Access Token Invalid) [request id b3c8]. "
        "Check the setting access_token, and that region is the one your workspace is hosted in."
    )


def test_leaves_out_what_is_not_known() -> None:
    assert str(errors.NotFound("GET /conversations/1", status=404)) == "GET /conversations/1: 404"


def test_without_an_answer_there_is_no_status() -> None:
    error = errors.Unavailable("GET /tags", message="no complete answer in time", slow=True)

    assert str(error).startswith("GET /tags: (no complete answer in time). ")
    assert error.status is None
    assert error.slow


def test_a_remedy_of_the_case_takes_the_place_of_the_kinds() -> None:
    error = errors.Refused("GET /tags", status=400, remedy="Check the setting api_version.")

    assert str(error) == "GET /tags: 400. Check the setting api_version."


@pytest.mark.parametrize("field", ["code", "message", "request_id"])
def test_whatever_somebody_else_wrote_is_cut_and_kept_on_one_line(field: str) -> None:
    said: dict[str, Any] = {field: "\x1b[31mred\u2028 " + "x" * 1_000_000}
    error = errors.Refused("GET /" + "y" * 1_000_000, **said)

    assert str(error).isprintable()
    assert len(str(error)) < 500


def test_what_it_holds_can_be_asked_for() -> None:
    error = errors.RateLimited("GET /tags", status=429, code="rate_limit_exceeded", request_id="7")

    assert (error.status, error.code, error.request_id) == (429, "rate_limit_exceeded", "7")
    assert not error.slow


@pytest.mark.parametrize(
    "kind",
    [errors.Unauthorized, errors.PermissionDenied, errors.Unavailable, errors.UnreadableAnswer],
)
def test_what_a_user_can_mend_says_how(kind: type[errors.ApiError]) -> None:
    assert str(kind("GET /tags")).endswith(kind.remedy)
    assert kind.remedy.endswith(".")


def test_invalid_settings_keep_a_line_each() -> None:
    error = errors.InvalidSettings(["page_size: 0 is too small", "region: none such"])

    assert error.lines == ["page_size: 0 is too small", "region: none such"]
    assert str(error) == "page_size: 0 is too small; region: none such"


def fault_of(error: Exception, led_to_by: Exception | None = None) -> errors.Fault:
    """The fault that an error is, once it was raised."""
    try:
        raise error from led_to_by  # noqa: TRY301  to give it a place
    except Exception as raised:  # noqa: BLE001  whatever it is
        return errors.Fault(raised)


def test_a_fault_names_error_and_place_and_quotes_nothing() -> None:
    try:
        errors._short(5, 7)  # type: ignore[arg-type]  # noqa: SLF001  to fail within the package
    except TypeError as error:
        fault = errors.Fault(error)

    assert str(fault).startswith("TypeError at errors.py:")
    assert "This is a fault of the tap: please open an issue" in str(fault)
    assert str(fault).isprintable()


def test_a_fault_of_the_system_has_the_systems_words() -> None:
    fault = fault_of(OSError(24, "what some library says", "/home/somebody"))

    assert str(fault).startswith("OSError (Too many open files) at an unknown place.")
    assert "somebody" not in str(fault) + fault.trace


def test_a_trace_says_where_and_what_led_to_it_but_no_words() -> None:
    fault = fault_of(ValueError("their words"), KeyError("their key"))

    assert fault.trace.startswith("KeyError\n")
    assert fault.trace.endswith("ValueError")
    assert "in fault_of" in fault.trace
    assert "their" not in fault.trace


def test_an_error_that_is_a_line_is_told_as_it_is() -> None:
    known = errors.LostPlace("here")

    assert errors.as_told(known) is known
    assert isinstance(errors.as_told(ValueError()), errors.Fault)
