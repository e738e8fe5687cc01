"""The settings: their schema, which `--about` shows, and their checks, before any request."""

from __future__ import annotations

import math
import typing as t
from dataclasses import dataclass
from datetime import datetime, timezone
from decimal import Decimal
from urllib.parse import urlsplit

import msgspec
from jsonschema import Draft7Validator, ValidationError
from jsonschema.exceptions import best_match
from singer_sdk import typing as th

from tap_intercom_conversations import __version__
from tap_intercom_conversations.errors import InvalidSettings

if t.TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

REGIONS = {
    "us": "https://api.intercom.io",
    "eu": "https://api.eu.intercom.io",
    "au": "https://api.au.intercom.io",
}
VERSIONS = (
    *(f"1.{minor}" for minor in range(5)),
    *(f"2.{minor}" for minor in range(17)),
    "Preview",
    "Unstable",
)

MOST_FILTERS = 13
"""The API takes 15 in a group, and each search has two on `updated_at` of its own."""

CONFIG_SCHEMA: dict[str, t.Any] = th.PropertiesList(
    th.Property(
        "access_token",
        th.StringType(min_length=1),
        required=True,
        secret=True,
        title="Access token",
        description="Access token or OAuth token of the workspace, from Intercom's Developer Hub.",
    ),
    th.Property(
        "region",
        th.StringType,
        default="us",
        allowed_values=list(REGIONS),
        title="Region",
        description="Where the workspace is hosted; picks the API's host.",
    ),
    th.Property(
        "api_url",
        th.StringType,
        title="API URL",
        description="Base URL in place of the region's; for a proxy or a sandbox.",
    ),
    th.Property(
        "api_version",
        th.StringType,
        default="2.16",
        allowed_values=list(VERSIONS),
        title="API version",
        description="Sent as Intercom-Version; streams that the version lacks are not offered.",
    ),
    th.Property(
        "start_date",
        th.DateTimeType,
        title="Start date",
        description="The earliest updated_at to load, inclusive; none: from the beginning.",
    ),
    th.Property(
        "end_date",
        th.DateTimeType,
        title="End date",
        description="The latest updated_at, exclusive; none: the moment the sync starts.",
    ),
    th.Property(
        "conversations_endpoint",
        th.StringType,
        default="search",
        allowed_values=["search", "list"],
        title="Conversations endpoint",
        description="How conversations are found: POST /conversations/search, "
        "or GET /conversations.",
    ),
    th.Property(
        "search_filters",
        th.ArrayType(
            th.ObjectType(
                th.Property("field", th.StringType, required=True),
                th.Property("operator", th.StringType, required=True),
                th.Property("value", th.AnyType, required=True),
            ),
        ),
        title="Search filters",
        description="More conditions for the search, all of which must hold, at most 13: "
        '[{"field": "state", "operator": "=", "value": "open"}].',
    ),
    th.Property(
        "page_size",
        th.IntegerType(minimum=1, maximum=150),
        default=150,
        title="Page size",
        description="Conversations a page, 1 to 150.",
    ),
    th.Property(
        "lookback_window",
        th.IntegerType(minimum=0),
        default=600,
        title="Lookback window",
        description="Seconds before the bookmark at which an incremental sync starts again, "
        "because the search index lags behind.",
    ),
    th.Property(
        "max_concurrency",
        th.IntegerType(minimum=1, maximum=100),
        default=32,
        title="Maximum concurrency",
        description="Requests in flight at once, 1 to 100.",
    ),
    th.Property(
        "rate_limit_share",
        th.NumberType(minimum=0.05, maximum=1),  # type: ignore[arg-type]  # typed for integers
        default=0.9,
        title="Rate limit share",
        description="The part of the workspace's request budget that the tap may use, 0.05 to 1.",
    ),
    th.Property(
        "request_timeout",
        th.IntegerType(minimum=1),
        default=60,
        title="Request timeout",
        description="Seconds for one request, from sending it to the last byte of the answer.",
    ),
    th.Property(
        "max_retries",
        th.IntegerType(minimum=0, maximum=20),
        default=8,
        title="Maximum retries",
        description="Tries after the first, for what can be retried, 0 to 20.",
    ),
    th.Property(
        "body_format",
        th.StringType,
        default="html",
        allowed_values=["html", "plaintext"],
        title="Body format",
        description="Message bodies as the API has them, or as plain text.",
    ),
    th.Property(
        "include_qa",
        th.BooleanType,
        default=False,
        title="Include QA",
        description="Ask for monitor_evaluations and scorecards "
        "(the search of 2.16; Preview everywhere).",
    ),
    th.Property(
        "include_translations",
        th.BooleanType,
        default=False,
        title="Include translations",
        description="Ask for the translations of message parts (2.14 and later).",
    ),
    th.Property(
        "user_agent",
        th.StringType(min_length=1),
        default=f"tap-intercom-conversations/{__version__}",
        title="User agent",
        description="Sent as User-Agent.",
    ),
    # Two of the SDK's own: one that it leaves to the tap to offer,
    th.Property(
        "emit_activate_version_messages",
        th.BooleanType,
        default=False,
        title="Emit ACTIVATE_VERSION messages",
        description="After a full load, have the target mark or delete the rows that are gone.",
    ),
    # and one with what its own schema lets through and its code then stumbles over.
    th.Property(
        "batch_config",
        th.ObjectType(
            th.Property(
                "encoding",
                th.ObjectType(
                    th.Property(
                        "format",
                        th.StringType,
                        required=True,
                        allowed_values=["jsonl", "parquet"],
                    ),
                    th.Property("compression", th.StringType, allowed_values=["gzip", "none"]),
                    additional_properties=False,
                ),
                required=True,
            ),
            th.Property(
                "storage",
                th.ObjectType(
                    th.Property("root", th.StringType(min_length=1), required=True),
                    th.Property("prefix", th.StringType),
                    th.Property("params", th.ObjectType()),
                    additional_properties=False,
                ),
                required=True,
            ),
            th.Property("batch_size", th.IntegerType(minimum=1)),
            additional_properties=False,
        ),
        title="Batch configuration",
        description="Write files instead of RECORD messages, for targets that read them.",
    ),
).to_dict()


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


class SearchFilter(msgspec.Struct, frozen=True):
    """One more condition for the search, in the API's own terms."""

    field: str
    operator: str
    value: t.Any


@dataclass(frozen=True)
class Settings:
    """The settings, checked and in the types that the code uses.

    `start` and `end` are `start_date` and `end_date` in whole epoch seconds; both are rounded up,
    which is right for an inclusive lower and an exclusive upper bound on whole seconds.
    """

    access_token: str
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
    user_agent: str

    @classmethod
    def parse(cls, config: Mapping[str, t.Any]) -> Settings:
        """Check a configuration and turn it into settings; defaults fill what it leaves out.

        Raises:
            InvalidSettings: One or more are wrong.
        """
        values = _with_defaults(config)
        if errors := list(_complaints(values)):
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
            user_agent=values["user_agent"],
        )
        if errors := list(settings.contradictions()):
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


def at_least(version: str, wanted: str) -> bool:
    """Tell whether an API version is another or later; Preview and Unstable come last."""
    return VERSIONS.index(version) >= VERSIONS.index(wanted)


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
    for name, schema in properties.items():
        value = values.get(name)
        if value is None and "default" in schema:
            values[name] = schema["default"]
        elif isinstance(value, (str, float)) and "number" in schema["type"]:
            values[name] = _number(value)
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
    for name in ("access_token", "user_agent"):
        # What goes into a header: the HTTP library's own error would repeat the value.
        value = values.get(name)
        if isinstance(value, str) and not (value.isascii() and value.isprintable()):
            yield f"{name}: holds a character that no HTTP header can carry; copy it once more"
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
        return f"{name}: must be a text of at least one character"
    return f"{name}{where}: {error.message}"


def _is_http_url(text: str) -> bool:
    try:
        url = urlsplit(text)
    except ValueError:
        return False
    return url.scheme in {"http", "https"} and bool(url.hostname) and not url.query


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
