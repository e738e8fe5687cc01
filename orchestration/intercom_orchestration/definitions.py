"""The assets: tables first, months side by side, then changes on a schedule.

The months are those of `updated_at`. What changes while they load moves out of its month, so the
first load of changes begins when the first month's load began, less the tap's lookback_window.
"""

import os
from datetime import datetime, timedelta, timezone

import dagster as dg

from intercom_orchestration.database import VERSIONS, Database
from intercom_orchestration.pipeline import Pipeline

ONCE = ("deleted_conversations", "conversation_attributes", "admins", "teams", "tags")
"""Deletions and reference data: loaded with the changes, and not by each month."""
STREAMS = (*VERSIONS, *ONCE)
POOL = "intercom"
RETRIES = dg.RetryPolicy(max_retries=3, delay=60, backoff=dg.Backoff.EXPONENTIAL)
STALE = timedelta(hours=1)

months = dg.MonthlyPartitionsDefinition(
    start_date=os.environ.get("INTERCOM_FIRST_MONTH", "2020-01-01"),
    end_offset=1,  # the month that has begun, too
)


def database_of(pipeline: Pipeline) -> Database:
    """The database that a pipeline loads into."""
    return Database(pipeline.database_url, pipeline.schema_name)


@dg.asset(group_name="intercom", pool=POOL)
def tables(pipeline: Pipeline) -> None:
    """Make the tables and what keeps newer versions; materialise it before all else."""
    pipeline.make_tables(STREAMS)
    database_of(pipeline).prepare()


@dg.asset(
    deps=[tables], partitions_def=months, group_name="intercom", pool=POOL, retry_policy=RETRIES
)
def history(context: dg.AssetExecutionContext, pipeline: Pipeline) -> None:
    """Load the conversations of a month of `updated_at`, with what belongs to them.

    A month's run may be repeated at any time: the database keeps what is newer.
    """
    database = _prepared(pipeline)
    start, end = context.partition_time_window
    settings = {"start_date": start.isoformat(), "end_date": end.isoformat()}
    with database.load(f"history {context.partition_key}"):
        pipeline.load(VERSIONS, settings)


@dg.asset(deps=[tables], group_name="intercom", pool=POOL, retry_policy=RETRIES)
def changes(pipeline: Pipeline) -> None:
    """Load what has changed since the last time, deletions and reference data."""
    database = _prepared(pipeline)
    state = database.state or _first_state(database)
    with database.load("changes"):
        pipeline.load(STREAMS, {}, state=state, keep=lambda new: setattr(database, "state", new))


def _prepared(pipeline: Pipeline) -> Database:
    database = database_of(pipeline)
    if not database.is_prepared():
        raise dg.Failure(
            "The tables are not there: materialise the asset 'tables' first", allow_retries=False
        )
    return database


def _first_state(database: Database) -> dict[str, object]:
    """Bookmarks at which the first month's load began; the tap itself looks further back."""
    began_at = database.first_load("history")
    if began_at is None:
        raise dg.Failure(
            "There is no load to carry on from: materialise a month first", allow_retries=False
        )
    value = began_at.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {"bookmarks": {stream: {"replication_key_value": value} for stream in VERSIONS}}


@dg.asset_check(asset=changes, description="Each part belongs to a conversation of the table.")
def parts_have_their_conversation(pipeline: Pipeline) -> dg.AssetCheckResult:
    """Count what no conversation belongs to."""
    orphans = database_of(pipeline).orphans()
    return dg.AssetCheckResult(passed=orphans == 0, metadata={"orphans": orphans})


@dg.asset_check(asset=changes, description="There are conversations that are not deleted.")
def there_are_rows(pipeline: Pipeline) -> dg.AssetCheckResult:
    """Count the conversations."""
    living = database_of(pipeline).living()
    return dg.AssetCheckResult(passed=living > 0, metadata={"conversations": living})


@dg.asset_check(asset=changes, description=f"The last good load began within {STALE}.")
def is_fresh(pipeline: Pipeline) -> dg.AssetCheckResult:
    """Look when the last load that ended well began: what is there is as new as that."""
    last = database_of(pipeline).last_success("changes")
    fresh = last is not None and datetime.now(timezone.utc) - last < STALE
    return dg.AssetCheckResult(passed=fresh, metadata={"last": str(last)})


load_changes = dg.define_asset_job("load_changes", selection=[changes])


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


defs = dg.Definitions(
    assets=[tables, history, changes],
    asset_checks=[parts_have_their_conversation, there_are_rows, is_fresh],
    jobs=[load_changes],
    schedules=[every_quarter_of_an_hour],
    resources={
        "pipeline": Pipeline(
            tap=os.environ.get("INTERCOM_TAP", "tap-intercom-conversations"),
            target=os.environ.get("INTERCOM_TARGET", "target-postgres"),
            database_url=dg.EnvVar("INTERCOM_DATABASE_URL"),
            lanes=dg.EnvVar.int("INTERCOM_LANES"),
        )
    },
)
