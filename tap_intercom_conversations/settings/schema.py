"""The settings' schema, which `--about` shows."""

from __future__ import annotations

import typing as t

from singer_sdk import typing as th

from tap_intercom_conversations import __version__
from tap_intercom_conversations.settings.privacy import (
    ACTIONS,
    KINDS,
    LEAST_KEY_CHARACTERS,
    PRESETS,
)
from tap_intercom_conversations.settings.versions import DEFAULT as DEFAULT_VERSION
from tap_intercom_conversations.settings.versions import NEWEST, VERSIONS

REGIONS = {
    "us": "https://api.intercom.io",
    "eu": "https://api.eu.intercom.io",
    "au": "https://api.au.intercom.io",
}
MOST_FILTERS = 13
"""The API takes 15 in a group, and each search has two on `updated_at` of its own."""
LONGEST_LOOKBACK = 10 * 365 * 86_400
"""Seconds. Whoever wants more loads from `start_date`, without a state."""
LONGEST_TIMEOUT = 86_400
"""Seconds."""

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
        default=DEFAULT_VERSION,
        examples=list(VERSIONS),
        title="API version",
        description="Sent as Intercom-Version; streams that the version lacks are not offered. "
        f"A later 2.x is taken for 2.{NEWEST}.",
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
        th.IntegerType(minimum=0, maximum=LONGEST_LOOKBACK),
        default=600,
        title="Lookback window",
        description="Seconds before the bookmark at which an incremental sync starts again, "
        "because the search index lags behind; at most ten years.",
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
        th.IntegerType(minimum=1, maximum=LONGEST_TIMEOUT),
        default=60,
        title="Request timeout",
        description="Seconds for one request, from sending it to the last byte of the answer; "
        "at most a day.",
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
        "accepted_failures",
        th.ArrayType(th.CustomType({"type": ["string", "integer"]})),
        title="Accepted failures",
        description="Ids of objects that the API cannot serve: each is told, but does not make "
        'the sync fail: ["215468000000013"].',
    ),
    th.Property(
        "privacy",
        th.StringType,
        default="none",
        allowed_values=list(PRESETS),
        title="Privacy",
        description="What is done to personal data, on every level of every stream: nothing, or "
        "what docs/privacy.md says of analytics and strict.",
    ),
    th.Property(
        "privacy_rules",
        th.ObjectType(
            *(th.Property(kind, th.StringType, allowed_values=list(ACTIONS)) for kind in KINDS),
            additional_properties=False,
        ),
        title="Privacy rules",
        description="Kinds of personal data that privacy shall treat otherwise: "
        '{"body": "keep", "name": "drop"}.',
    ),
    th.Property(
        "privacy_key",
        th.StringType(min_length=LEAST_KEY_CHARACTERS),
        secret=True,
        title="Privacy key",
        description="The key of the hashes, a random text of at least "
        f"{LEAST_KEY_CHARACTERS} characters; required where anything is hashed. "
        "The same key makes the same hashes.",
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
