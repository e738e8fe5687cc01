"""The assets: tables first, months side by side, then changes on a schedule, and the models.

The months are those of `updated_at`. What changes while they load moves out of its month, so the
first load of changes begins when the first month's load began, less FIRST_LOOKBACK.
"""

import os
from datetime import date, timedelta, timezone

import dagster as dg
from dagster_dbt import DbtCliResource

from intercom_orchestration.database import VERSIONS, Database
from intercom_orchestration.dbt import project
from intercom_orchestration.models import models
from intercom_orchestration.pipeline import Pipeline

ONCE = ("deleted_conversations", "conversation_attributes", "admins", "teams", "tags")
"""Deletions and reference data: loaded with the changes, and not by each month."""
COUNTS = "conversation_counts"
STREAMS = (*VERSIONS, *ONCE)
POOL = "intercom"
RETRIES = dg.RetryPolicy(max_retries=3, delay=60, backoff=dg.Backoff.EXPONENTIAL)
STALE = timedelta(hours=1)
LONGEST = timedelta(hours=2)
"""A load of changes that takes longer is ended; the next one goes on from there."""
FIRST_LOOKBACK = timedelta(hours=1)
"""The clocks that say when the months began to load may be ahead of Intercom's."""
FIRST_DAY = date.fromisoformat(os.environ.get("INTERCOM_FIRST_MONTH", "2020-01-01"))
FIRST_MONTH = FIRST_DAY.replace(day=1).isoformat()
"""Of a month that is begun in its midst, Dagster would make no partition, without a word."""

months = dg.MonthlyPartitionsDefinition(
    start_date=FIRST_MONTH,
    end_offset=1,  # the month that has begun, too
)


class Changes(dg.Config):
    """How the changes are loaded."""

    count: bool = False
    """Also ask how many conversations Intercom counts: a request or two for each week."""


def database_of(pipeline: Pipeline) -> Database:
    """The database that a pipeline loads into."""
    return Database(pipeline.database_url, pipeline.schema_name)


@dg.asset(group_name="intercom", pool=POOL)
def tables(pipeline: Pipeline) -> None:
    """Make the tables and what keeps newer versions; materialise it before all else."""
    pipeline.make_tables([*STREAMS, COUNTS])
    database_of(pipeline).prepare()


@dg.asset(
    deps=[tables], partitions_def=months, group_name="intercom", pool=POOL, retry_policy=RETRIES
)
def history(context: dg.AssetExecutionContext, pipeline: Pipeline) -> None:
    """Load the conversations of a month of `updated_at`, with what belongs to them.

    A month's run may be repeated at any time: the database keeps what is newer. One that was broken
    off goes on where it was.
    """
    database = _prepared(pipeline)
    start, end = context.partition_time_window
    settings = {"start_date": start.isoformat(), "end_date": end.isoformat()}
    what = f"history {context.partition_key}"
    with database.alone(what):
        database.note_begin(what)
        state = database.state(what)
        pipeline.load(
            VERSIONS, settings, state=state, keep=lambda new: database.keep_state(what, new)
        )
        database.drop_state(what)


@dg.asset(
    deps=[tables],
    group_name="intercom",
    pool=POOL,
    retry_policy=RETRIES,
    freshness_policy=dg.FreshnessPolicy.time_window(fail_window=STALE),
)
def changes(config: Changes, pipeline: Pipeline) -> None:
    """Load what has changed since the last time, deletions and reference data."""
    database = _prepared(pipeline)
    streams = [*STREAMS, COUNTS] if config.count else STREAMS
    # What is older was not loaded, so it is not to be counted either.
    settings = {"start_date": f"{FIRST_MONTH}T00:00:00Z"}
    # Two at once would begin at the same STATE, and the slower would have the last word.
    with database.alone("changes"):
        state = database.state("changes") or _first_state(database)
        pipeline.load(
            streams, settings, state=state, keep=lambda new: database.keep_state("changes", new)
        )


def _prepared(pipeline: Pipeline) -> Database:
    database = database_of(pipeline)
    if not database.is_prepared():
        raise dg.Failure(
            "The tables are not there: materialise the asset 'tables' first", allow_retries=False
        )
    return database


def _first_state(database: Database) -> dict[str, object]:
    """Bookmarks at which the first month's load began."""
    began_at = database.first_begin("history")
    if began_at is None:
        raise dg.Failure(
            "There is no load to carry on from: materialise a month first", allow_retries=False
        )
    moment = began_at.astimezone(timezone.utc) - FIRST_LOOKBACK
    value = moment.strftime("%Y-%m-%dT%H:%M:%SZ")
    return {"bookmarks": {stream: {"replication_key_value": value} for stream in VERSIONS}}


@dg.asset_check(asset=changes, description="Each part belongs to a conversation of the table.")
def parts_have_their_conversation(pipeline: Pipeline) -> dg.AssetCheckResult:
    """Count what no conversation belongs to."""
    orphans = database_of(pipeline).orphans()
    return dg.AssetCheckResult(passed=orphans == 0, metadata={"orphans": orphans})


load_changes = dg.define_asset_job(
    "load_changes",
    selection=dg.AssetSelection.assets(changes).downstream(),
    tags={
        # A run that went with its machine counts as running: the schedule would wait for ever.
        "dagster/max_runtime": str(LONGEST.seconds),
        # All months of a backfill are queued at once: it would wait for the last of them.
        "dagster/priority": "1",
    },
)


@dg.schedule(job=load_changes, cron_schedule="*/15 * * * *")
def every_quarter_of_an_hour(
    context: dg.ScheduleEvaluationContext,
) -> dg.RunRequest | dg.SkipReason:
    """Load the changes, unless the last time still runs."""
    unfinished = dg.RunsFilter(
        job_name=load_changes.name,
        statuses=[
            dg.DagsterRunStatus.QUEUED,
            dg.DagsterRunStatus.STARTING,
            dg.DagsterRunStatus.STARTED,
        ],
    )
    if context.instance.get_run_records(unfinished, limit=1):
        return dg.SkipReason("The load before is still running")
    return dg.RunRequest()


@dg.schedule(job=load_changes, cron_schedule="7 3 * * *")
def every_night() -> dg.RunRequest:
    """Load the changes, and what Intercom counts; it waits for a load that still runs."""
    return dg.RunRequest(run_config=dg.RunConfig(ops={"changes": Changes(count=True)}))


defs = dg.Definitions(
    assets=[tables, history, changes, models],
    asset_checks=[parts_have_their_conversation],
    jobs=[load_changes],
    schedules=[every_quarter_of_an_hour, every_night],
    resources={
        "pipeline": Pipeline(
            tap=os.environ.get("INTERCOM_TAP", "tap-intercom-conversations"),
            target=os.environ.get("INTERCOM_TARGET", "target-postgres"),
            database_url=dg.EnvVar("INTERCOM_DATABASE_URL"),
            lanes=dg.EnvVar.int("INTERCOM_LANES"),
        ),
        "dbt": DbtCliResource(project_dir=project),
    },
)
