"""Every way in which the sandbox can be made to behave differently, with its default.

The defaults are a healthy workspace; each switch can be set at the start and at run time.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, available_timezones

from sandbox.poison import KINDS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

NEXT_FORMS = ("auto", "object", "string", "url", "page", "page-url")
LAST_FORMS = ("missing", "null", "empty-object", "null-cursor")
ENVELOPES = ("conversations", "data", "null", "none")
NOT_FOUND_FORMS = ("not_found", "conversation_not_found", "html", "mixed")
CURSOR_FAULTS = ("", "same", "alternate", "refuse", "ignore", "ignore-counting")
STALE_CURSORS = ("", "400", "403", "404", "500", "empty")
FALSE_ENDS = ("", "last", "no-pages", "empty", "short")
COUNT_LIES = ("", "absent", "zero", "negative", "text", "capped", "tenfold", "flicker")
ENCODINGS = ("gzip", "gzip-members", "x-gzip", "deflate", "deflate-raw")
LAG_CLOCKS = ("real", "simulated", "manual")
OVER_MAX = ("error", "clamp")
_CHOICES = {
    "next_form": NEXT_FORMS,
    "last_form": LAST_FORMS,
    "envelope": ENVELOPES,
    "not_found_form": NOT_FOUND_FORMS,
    "cursor_fault": CURSOR_FAULTS,
    "index_lag_clock": LAG_CLOCKS,
    "over_max": OVER_MAX,
    "stale_cursors": STALE_CURSORS,
    "false_end": FALSE_ENDS,
    "count_lie": COUNT_LIES,
    "encoding": ENCODINGS,
    "deleted_order": ("", "asc", "desc"),
    "company_notes": ("notes", "data"),
    "ticket_attributes_key": ("data", "ticket_type_attributes"),
    "scroll_clock": ("real", "simulated"),
    "rate_limit_figure": ("window", "minute", "mixed"),
}


@dataclass
class Switches:
    """The switches, grouped by what they concern."""

    # Access
    token: str = "sandbox-token"  # noqa: S105  the sandbox's own, known to all
    default_version: str = "2.14"  # without an Intercom-Version header
    denied: dict[str, str] = field(default_factory=dict)  # endpoint: error code
    unauthorized_after: int = -1  # requests until every answer is 401; -1 never
    tickets_scope: bool = True  # the token may read tickets

    # Speed and budget
    latency: tuple[float, float] = (0.0, 0.0)  # seconds, from and to
    search_latency: tuple[float, float] | None = None  # for pages of lists and searches
    rate_limit: int = 10_000  # requests a minute
    rate_limit_headers: bool = True
    rate_limit_figure: str = "window"  # what X-RateLimit-Limit tells
    retry_after: bool = False  # send Retry-After with a 429
    other_usage: float = 0.0  # requests a second by other integrations
    gzip: bool = True
    encoding: str = "gzip"  # how answers are packed, if they are
    clock_offset: float = 0.0  # seconds by which the API's clock is ahead: Date, X-RateLimit-Reset

    # Lists and search
    list_honours_order: bool = True
    over_max: str = "error"  # per_page above the maximum
    inclusive_comparisons: bool = False  # > means >=
    next_form: str = "auto"
    search_by_page: bool = False  # the search heeds pagination.page
    last_form: str = "missing"
    per_page_as_string: bool = False
    envelope: str = "conversations"  # the key of the list
    index_lag: float = 0.0  # seconds until the search knows of a change
    index_lag_clock: str = "real"
    page_size_limit: int = 0  # search pages above it always answer 502 or 504
    stumbling: tuple[str, ...] = ()  # ids that make a search's page answer 404
    churn: int = 0  # objects touched after each page of a list or search of them
    cursor_fault: str = ""  # ignore: the first page, whatever was asked for from that page on
    cursor_fault_page: int = 3
    cursor_fault_times: int = -1  # -1 always

    # Lies of the list, the search, the deleted and the side conversations
    lying_endpoints: tuple[str, ...] = ()  # none named: all
    false_end: str = ""  # last: no next page is named; short, empty: nor are all rows shown
    false_end_page: int = 0  # the page that it befalls; 0 any
    false_end_rows: int = 0  # not before so many rows
    false_end_probability: float = 1.0
    false_end_times: int = -1  # -1 always
    count_lie: str = ""  # of total_count, and of total_pages with it
    count_cap: int = 40
    total_pages_said: int = 0  # in place of how many there are
    page_size_served: int = 0  # rows a page has whatever is asked for; 0 as many as asked for
    page_size_cap: int = 0  # rows a page has at most, without a word
    endless_from: int = 0  # the page from which on all are empty and name a next one; 0 none
    stale_cursors: str = ""  # what cursors answer that were given out before a restart
    empty_pages: float = 0.0  # how likely a page behind a cursor is empty, and the next one not
    deleted_order: str = ""  # asc or desc, whatever is asked for
    padding: int = 0  # bytes of blanks behind a page of more rows than padded_above
    padded_above: int = 0

    # Conversations
    drift: float = 0.0
    drift_keys: bool = False  # also of id and updated_at, without loss
    total_count_capped: bool = False  # conversation_parts.total_count stops at 500
    not_found_form: str = "not_found"
    broken: tuple[str, ...] = ()  # ids whose own GETs answer broken_status for ever
    broken_status: int = 500  # 0: no end of an answer
    poison: dict[str, str] = field(default_factory=dict)  # id: kind, see sandbox/poison.py

    # Contacts, companies, tickets
    timezone: str = "Europe/Berlin"  # in whose days contacts are searched up to 2.16
    company_notes: str = "notes"  # or data: the key of a company's list of notes
    company_cap: int = 10_000  # how far one may page through the list of companies
    scroll_lifetime: float = 60.0  # seconds for which a scroll of companies lives on unused
    scroll_clock: str = "simulated"
    scroll_size: int = 100  # companies a page of the scroll has
    scroll_fault: float = 0.0  # how likely a scroll breaks and is to begin anew, at each page
    ticket_attributes_key: str = "data"  # as the schema has it: ticket_type_attributes
    ticket_parts_in_search: int = 500  # how many parts of a ticket the search serves at most
    log_window: float = 0.0  # days of the admins' log that may be asked for at once; 0 any

    # Faults: the probability of each, for each request
    fault_seed: int = 1
    fault_endpoints: tuple[str, ...] = ()  # none named: all
    fault_500: float = 0.0
    fault_502: float = 0.0  # with an HTML page
    fault_503: float = 0.0
    fault_504: float = 0.0
    fault_408: float = 0.0
    fault_429: float = 0.0
    fault_429_bare: float = 0.0  # no rate-limit headers, no body
    fault_429_early: float = 0.0  # too_many_requests with requests remaining
    fault_401: float = 0.0
    fault_404: float = 0.0  # from search only
    fault_404_html: float = 0.0  # a gateway's page
    fault_404_json: float = 0.0  # the API's own not_found, of whatever there is
    fault_reset: float = 0.0
    fault_half_close: float = 0.0
    fault_cut: float = 0.0  # the body ends before its Content-Length
    fault_torn: float = 0.0  # the same, but Content-Length fits what is left of it
    fault_empty: float = 0.0
    fault_html: float = 0.0  # a 200
    fault_drip: float = 0.0  # a response that never ends
    fault_slow: float = 0.0  # a body that takes slow_seconds
    slow_seconds: float = 2.0
    fail_first: int = 0  # how often each distinct request fails before it succeeds
    fail_first_with: str = "503"
    error_code_size: int = 0  # characters of each error's code; 0 as it should be

    def __post_init__(self) -> None:
        self.generation = 0
        self._watchers: list[Callable[[], None]] = []

    def __setattr__(self, name: str, value: Any) -> None:
        """Set a switch, and let nothing that was made before be used again."""
        super().__setattr__(name, value)
        if name in _NAMES:
            super().__setattr__("generation", getattr(self, "generation", 0) + 1)
            for watcher in getattr(self, "_watchers", ()):
                watcher()

    def watch(self, watcher: Callable[[], None]) -> None:
        """Have something called after each change."""
        self._watchers.append(watcher)

    def set(self, **changes: Any) -> None:
        """Set switches; an unknown name or an impossible value is an error and changes nothing."""
        unknown = sorted(changes.keys() - _NAMES)
        if unknown:
            raise ValueError(f"no such switch: {', '.join(unknown)}")
        checked = {name: self._checked(name, value) for name, value in changes.items()}
        for name, value in checked.items():
            setattr(self, name, value)

    def _checked(self, name: str, value: Any) -> Any:
        current = getattr(self, name)
        if name in ("latency", "search_latency"):
            return latency_range(value)
        if name in _CHOICES and value not in _CHOICES[name]:
            raise ValueError(f"{name} is one of {', '.join(_CHOICES[name])}, not {value!r}")
        if isinstance(current, tuple) and isinstance(value, (list, tuple)):
            return tuple(map(str, value))
        if isinstance(current, float) and isinstance(value, int):
            return float(value)
        if type(value) is not type(current):
            raise ValueError(f"{name} is a {type(current).__name__}, not {value!r}")
        if name == "timezone" and value not in available_timezones():
            raise ValueError(f"no such timezone: {value!r}")
        if name == "poison" and not set(value.values()) <= set(KINDS):
            raise ValueError(f"a kind of poison is one of {', '.join(KINDS)}, not {value!r}")
        return value

    @property
    def odd(self) -> bool:
        """Whether conversations have odd shapes."""
        return self.drift > 0 or self.drift_keys or bool(self.poison)

    @property
    def zone(self) -> ZoneInfo:
        """The workspace's timezone."""
        return ZoneInfo(self.timezone)

    @property
    def changeable(self) -> bool:
        """Whether the same request may be answered in another way next time."""
        return bool(self.false_end or self.empty_pages) or self.count_lie == "flicker"

    def as_dict(self) -> dict[str, Any]:
        """Return all switches but the token."""
        return {
            item.name: getattr(self, item.name) for item in fields(self) if item.name != "token"
        }

    @classmethod
    def of(cls, changes: Mapping[str, Any]) -> Switches:
        """Return the default switches with some changed."""
        switches = cls()
        switches.set(**changes)
        return switches


_NAMES = frozenset(item.name for item in fields(Switches))


def latency_range(value: Any) -> tuple[float, float] | None:
    """Return a latency as (from, to) seconds: of a number, a pair, or text like 0.15-0.25."""
    if value is None:
        return None
    if isinstance(value, str):
        low, _, high = value.partition("-")
        return float(low), float(high or low)
    if isinstance(value, (int, float)):
        return float(value), float(value)
    low, high = value
    return float(low), float(high)
