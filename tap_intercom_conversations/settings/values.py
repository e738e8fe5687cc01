"""The settings, checked before any request, in the types that the code uses."""

from __future__ import annotations

import math
import typing as t
from dataclasses import dataclass, field
from datetime import datetime, timezone
from decimal import Decimal
from urllib.parse import urlsplit

import msgspec
from jsonschema import Draft7Validator, ValidationError
from jsonschema.exceptions import best_match

from tap_intercom_conversations.errors import InvalidSettings
from tap_intercom_conversations.settings import privacy
from tap_intercom_conversations.settings.schema import CONFIG_SCHEMA, MOST_FILTERS, REGIONS
from tap_intercom_conversations.settings.versions import NEWEST, at_least, is_version

if t.TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


def _boolean(text: str) -> bool:
    """Read what the SDK takes for true, or what plainly means false."""
    if text.lower() not in TRUTHS:
        raise ValueError
    return TRUTHS[text.lower()]


TRUTHS = {
    **dict.fromkeys(("true", "1", "yes", "on"), True),
    **dict.fromkeys(("false", "0", "no", "off", ""), False),
}
READ_AS: dict[str, tuple[t.Callable[[str], t.Any], str]] = {
    "integer": (int, "a whole number"),
    "boolean": (_boolean, "true or false"),
    "array": (msgspec.json.decode, "a JSON array"),
    "object": (msgspec.json.decode, "a JSON object"),
}
"""How an environment variable is read that is not taken as it stands, and what it must be."""

LONGEST_LABEL = 64
"""Characters between two dots of a host's name; so many are too many for DNS."""


class SearchFilter(msgspec.Struct, frozen=True):
    """One more condition for the search, in the API's own terms."""

    field: str
    operator: str
    value: t.Any


@dataclass(frozen=True)
class Settings:
    """The settings, checked and in the types that the code uses.

    Attributes:
        start: `start_date` in whole epoch seconds, rounded up: an inclusive lower bound.
        end: `end_date` in whole epoch seconds, rounded up: an exclusive upper bound.
        page_size: Conversations a page.
        lookback_window: Seconds before the bookmark at which an incremental sync starts again.
        max_concurrency: Requests in flight at once.
        rate_limit_share: The part of the workspace's request budget that may be used, up to 1.
        request_timeout: Seconds for one request.
        max_retries: Tries after the first.
        accepted_failures: Ids of objects that the API cannot serve.
        privacy_rules: Kind of personal data -> `drop` or `hash`; `privacy` is in it.
        privacy_key: The key of the hashes, without blanks around it.
    """

    access_token: str = field(repr=False)
    api_url: str
    api_version: str
    start: int | None
    end: int | None
    conversations_endpoint: str
    search_filters: tuple[SearchFilter, ...]
    page_size: int
    lookback_window: int
    max_concurrency: int
    rate_limit_share: float
    request_timeout: int
    max_retries: int
    body_format: str
    include_qa: bool
    include_translations: bool
    accepted_failures: frozenset[str]
    privacy_rules: Mapping[str, str]
    privacy_key: str | None = field(repr=False)
    user_agent: str

    @classmethod
    def parse(cls, config: Mapping[str, t.Any], *, needs_token: bool = True) -> Settings:
        """Check a configuration and turn it into settings; defaults fill what it leaves out.

        Args:
            config: As the user gave it.
            needs_token: Whether it is an error to have no token, or no key for hashes; discovery
                needs neither.

        Raises:
            InvalidSettings: One or more are wrong.
        """
        if not needs_token:
            config = {**config, "access_token": config.get("access_token") or "-"}
        values = _with_defaults(config)
        if errors := [*privacy.null_complaints(config), *_complaints(values)]:
            raise InvalidSettings(errors)
        settings = cls(
            access_token=values["access_token"],
            api_url=(values.get("api_url") or REGIONS[values["region"]]).rstrip("/"),
            api_version=values["api_version"],
            start=_epoch(values.get("start_date")),
            end=_epoch(values.get("end_date")),
            conversations_endpoint=values["conversations_endpoint"],
            search_filters=msgspec.convert(
                values.get("search_filters") or (), tuple[SearchFilter, ...]
            ),
            page_size=int(values["page_size"]),
            lookback_window=int(values["lookback_window"]),
            max_concurrency=int(values["max_concurrency"]),
            rate_limit_share=float(values["rate_limit_share"]),
            request_timeout=int(values["request_timeout"]),
            max_retries=int(values["max_retries"]),
            body_format=values["body_format"],
            include_qa=values["include_qa"],
            include_translations=values["include_translations"],
            accepted_failures=frozenset(map(_id, values.get("accepted_failures") or ())),
            privacy_rules=privacy.resolve(values["privacy"], values.get("privacy_rules") or {}),
            privacy_key=values.get("privacy_key"),
            user_agent=values["user_agent"],
        )
        errors = [
            *settings.contradictions(),
            *privacy.contradictions(settings.privacy_rules, values, needs_key=needs_token),
        ]
        if errors:
            raise InvalidSettings(errors)
        return settings

    def contradictions(self) -> Iterator[str]:
        """Yield one line for each pair of settings that cannot both hold."""
        searches = self.conversations_endpoint == "search"
        if self.search_filters and not searches:
            yield "search_filters: only conversations_endpoint: search takes filters"
        if searches and not at_least(self.api_version, "2.0"):
            yield (
                f"conversations_endpoint: version {self.api_version} has no search; "
                "set conversations_endpoint: list, or a later api_version"
            )
        if self.include_qa and not at_least(self.api_version, "2.16" if searches else "Preview"):
            yield (
                "include_qa: needs the search of api_version 2.16, or Preview; "
                f"this is the {self.conversations_endpoint} of {self.api_version}"
            )
        if self.include_translations and not at_least(self.api_version, "2.14"):
            yield f"include_translations: needs api_version 2.14 or later, not {self.api_version}"
        if self.start is not None and self.end is not None and self.end <= self.start:
            yield "end_date: must be later than start_date"


def environment_complaints(environment: Mapping[str, str], prefix: str) -> Iterator[str]:
    """Yield one line for each environment variable that cannot be the setting that it is for."""
    for name, schema in CONFIG_SCHEMA["properties"].items():
        text = environment.get(prefix + name.upper())
        kind = next((kind for kind in READ_AS if kind in schema.get("type", ())), None)
        if text is None or kind is None:
            continue
        read, wanted = READ_AS[kind]
        try:
            read(text)
        except ValueError:
            yield f"{name}: {prefix}{name.upper()} in the environment must be {wanted}"


def _with_defaults(config: Mapping[str, t.Any]) -> dict[str, t.Any]:
    """Fill in the defaults. A null counts as not set; numbers may be text, as in environments."""
    properties = CONFIG_SCHEMA["properties"]
    values = {name: _plain(value) for name, value in config.items() if value is not None}
    if isinstance(key := values.get("privacy_key"), str):
        # A key that is read from a file has a line break at its end, and the same key must make
        # the same hashes.
        values["privacy_key"] = key.strip()
    for name, schema in properties.items():
        value = values.get(name)
        if value is None and "default" in schema:
            values[name] = schema["default"]
        elif isinstance(value, (str, float)) and "number" in schema["type"]:
            values[name] = _number(value)
        elif isinstance(value, str):
            # `EU` is `eu`, `preview` is `Preview`.
            choices = schema.get("enum") or schema.get("examples") or ()
            same = [choice for choice in choices if choice.lower() == value.lower()]
            values[name] = same[0] if same else value
    return values


def _plain(value: t.Any) -> t.Any:
    """Put floats in place of the decimals that the SDK reads JSON's numbers as."""
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    return value


def _number(value: str | float) -> float | str:
    try:
        number = float(value)
    except ValueError:
        return str(value)
    # NaN would pass any comparison with a bound.
    return number if math.isfinite(number) else str(value)


def _id(value: str | float) -> str:
    """The API's ids are texts, also where somebody writes a number."""
    return value if isinstance(value, str) else str(int(value))


def _complaints(values: Mapping[str, t.Any]) -> Iterator[str]:
    errors = sorted(_errors(values), key=lambda error: (str(error.path), error.validator != "type"))
    # A value of another type is mostly none of the allowed ones either: one line is enough.
    first: dict[str, ValidationError] = {}
    for error in errors:
        first.setdefault(str(error.path), error)
    yield from map(_complaint, first.values())
    for name in ("start_date", "end_date"):
        value = values.get(name)
        if isinstance(value, str) and _datetime(value) is None:
            yield f"{name}: {value!r} is not a date-time; write it as 2026-01-31T00:00:00Z"
    version = values.get("api_version")
    if isinstance(version, str) and not is_version(version):
        yield (
            f"api_version: {version!r} is none; there are 1.0 to 1.4, 2.0 to 2.{NEWEST} or later, "
            "Preview and Unstable"
        )
    for name in ("access_token", "user_agent"):
        # What goes into a header: the HTTP library's own error would repeat the value.
        value = values.get(name)
        if isinstance(value, str) and not (value.isascii() and value.isprintable()):
            yield f"{name}: holds a character that no HTTP header can carry; copy it once more"
    key = values.get("privacy_key")
    if isinstance(key, str) and not key.isprintable():
        yield "privacy_key: holds a character that cannot be seen; copy it once more"
    filters = values.get("search_filters")
    if isinstance(filters, list) and len(filters) > MOST_FILTERS:
        yield (
            f"search_filters: at most {MOST_FILTERS} filters, not {len(filters)}; "
            "the API takes 15, and the tap's own two bound updated_at"
        )
    url = values.get("api_url")
    if isinstance(url, str) and not _is_http_url(url):
        yield "api_url: must be a URL such as https://api.intercom.io"


def _errors(values: Mapping[str, t.Any]) -> list[ValidationError]:
    schema = {"type": "object", **CONFIG_SCHEMA}
    try:
        return list(Draft7Validator(schema).iter_errors(values))
    except (AttributeError, TypeError):
        # The SDK's schema of `__else__` is broken: it only works for the values that it allows.
        message = '__else__ can only be null or "__NULL__"'
        return [ValidationError(message, path=("stream_maps",))]


def _complaint(error: ValidationError) -> str:
    # Where there are alternatives, say what is wrong with the one that fits best.
    error = best_match([error]) or error
    if error.validator == "required" and not error.absolute_path:
        missing = error.message.split("'")[1]
        return f"{missing}: is required; set it in the configuration or the environment"
    name, *steps = error.absolute_path
    where = "".join(f"[{step!r}]" for step in steps)
    if CONFIG_SCHEMA["properties"].get(str(name), {}).get("secret"):
        least = CONFIG_SCHEMA["properties"][str(name)]["minLength"]
        return f"{name}: must be a text of {least} or more characters"
    return f"{name}{where}: {error.message}"


def _is_http_url(text: str) -> bool:
    """Tell whether requests can be sent there, as far as its form goes."""
    try:
        url = urlsplit(text)
        _ = url.port  # raises, if it is none
    except ValueError:
        return False
    host = (url.hostname or "").removesuffix(".")
    is_host = all(0 < len(label) < LONGEST_LABEL for label in host.split("."))
    is_plain = not url.query and " " not in text
    return url.scheme in {"http", "https"} and is_host and is_plain


def _datetime(text: str) -> datetime | None:
    """Read an RFC 3339 date-time or date; without an offset it is UTC."""
    for candidate in (text, f"{text}T00:00:00Z"):
        try:
            moment = msgspec.convert(candidate, datetime)
        except msgspec.ValidationError:
            continue
        return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)
    return None


def _epoch(text: str | None) -> int | None:
    moment = _datetime(text) if text else None
    return None if moment is None else math.ceil(moment.timestamp())
