"""What the API does otherwise than it documents, and how each case is put in order.

Each table's comment quotes its case. The functions compile a table's rule into the object or the
value of the schema that it concerns, so that no other value pays for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tap_intercom_conversations.jsontext import is_id

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

# `contacts`, `teammates` and `tags`: a bare array in 2.0-2.5, `{type, contacts: [...]}` since.
BARE_LISTS = {"contacts": "contact.list", "tags": "tag.list", "teammates": "admin.list"}

# Object -> the name that its list may have, and the name that it has here:
RENAMED = {
    # `{"type": "admin.list", "admins": [...]}` where `teammates` has its list under its own name;
    "teammates": ("admins", "teammates"),
    # a company's are under `notes.notes` in the schemas, under `notes.data` in the examples;
    "notes": ("data", "notes"),
    # the documents have the list under its own name, all their examples under `data`.
    "ticket_type_attributes": ("ticket_type_attributes", "data"),
}

# An option of an attribute is `{id, label, archived}` since 2.16, a plain string before.
BARE_VALUES = {"options": "label"}

# `avatar` is an address, but `{"type": "avatar", "image_url": "..."}` in 2.11.
UNWRAPPED = {"avatar": "image_url"}

# 0 for "nobody" since 2.16, null before. Not in a part, which says with 0 that it took the
# conversation from somebody, and with null that it left that as it was.
ASSIGNEES = frozenset({"admin_assignee_id", "team_assignee_id"})

# A field that is missing -> where else its value stands:
FALLBACKS = (
    # before 2.7 an object stood in the place of the id;
    ("last_closed_by_id", ("last_closed_by", "id")),
    # the documents of then have this typo, and whether the API had it is not known;
    ("first_contact_reply_at", ("first_contacat_reply_at",)),
    # a built-in attribute has no id in /data_attributes.
    ("id", ("full_name",)),
)


def zero_is_nobody(properties: Collection[str]) -> frozenset[str]:
    """Tell in which fields of an object 0 stands for nobody.

    Args:
        properties: The names of the object's fields; a part has `assigned_to` among them.
    """
    return frozenset() if "assigned_to" in properties else ASSIGNEES.intersection(properties)


def legacy_forms(name: str, properties: Collection[str]) -> Callable[[Any], dict[str, Any] | None]:
    """Compile the forms that an object had in old versions: a bare list, or a bare id.

    Args:
        name: The name of the object's field.
        properties: The names of the object's own fields.

    Returns:
        A function from the old form to the object; None if the value is no such form.
    """
    list_type = BARE_LISTS.get(name) if name in properties else None
    # A reference, such as a part's `assigned_to`, was once a plain id.
    bare = BARE_VALUES.get(name) or ("id" if "type" in properties else "")
    bare = bare if bare in properties else ""

    def to_object(value: Any) -> dict[str, Any] | None:
        if type(value) is list and list_type:
            return {"type": list_type, name: value}
        is_bare = type(value) is int or (type(value) is str and (bare != "id" or is_id(value)))
        return {bare: value} if is_bare and bare else None

    return to_object


def repairs(
    name: str, properties: Collection[str], *, keeps_both: bool = True
) -> tuple[Callable[[dict[str, Any]], None], ...]:
    """Compile what has to be put in order among the fields of an object.

    Args:
        name: The name of the object's field.
        properties: The names of the object's own fields.
        keeps_both: Whether a list that comes under its old name, too, stays as it is.

    Returns:
        Functions that each change the object.
    """
    found: list[Callable[[dict[str, Any]], None]] = []
    old, new = RENAMED.get(name, ("", ""))
    if new in properties:
        found.append(_rename(old, new, keeps_both=keeps_both))
    for field, elsewhere in FALLBACKS:
        if field in properties and elsewhere[0] in properties:
            found.append(_fall_back(field, elsewhere))
    found += [_without_zero(field) for field in zero_is_nobody(properties)]
    return tuple(found)


def _rename(old: str, new: str, *, keeps_both: bool) -> Callable[[dict[str, Any]], None]:
    def rename(obj: dict[str, Any]) -> None:
        if old in obj and obj.get(new) is None:
            obj[new] = obj.pop(old)
        elif not keeps_both:
            obj.pop(old, None)

    return rename


def _fall_back(field: str, elsewhere: tuple[str, ...]) -> Callable[[dict[str, Any]], None]:
    def fall_back(obj: dict[str, Any]) -> None:
        if obj.get(field) is None:
            value: Any = obj
            for name in elsewhere:
                value = value.get(name) if type(value) is dict else None
            if value is not None:
                obj[field] = value

    return fall_back


def _without_zero(field: str) -> Callable[[dict[str, Any]], None]:
    def forget_zero(obj: dict[str, Any]) -> None:
        value = obj.get(field)
        if value in (0, "0") and value is not False:
            obj[field] = None

    return forget_zero


def unwrapped_or(key: str, convert: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Compile a value that some versions wrap into an object, under `key`."""

    def unwrap_or_convert(value: Any) -> Any:
        if type(value) is dict and key in value and value.keys() <= {"type", key}:
            value = value[key]
        return None if value is None else convert(value)

    return unwrap_or_convert
