-- How many conversations each teammate and each team had open at the end of each day.
with periods as (
    select
        assignment.assignee_type,
        assignment.assignee_id,
        {{ local_day('greatest(assignment.assigned_at, period.opened_at)') }} as first_day,
        {{ local_day('least(coalesce(assignment.unassigned_at, period.closed_at), coalesce(period.closed_at, assignment.unassigned_at))') }} as after_day
    from {{ ref('assignment_periods') }} as assignment
    join {{ ref('open_periods') }} as period
        on period.conversation_id = assignment.conversation_id
        and (assignment.unassigned_at is null or period.opened_at < assignment.unassigned_at)
        and (period.closed_at is null or assignment.assigned_at < period.closed_at)
),

changes as (
    select assignee_type, assignee_id, day, sum(change) as change
    from (
        select assignee_type, assignee_id, first_day as day, 1 as change from periods
        union all
        select assignee_type, assignee_id, after_day, -1 from periods where after_day is not null
    ) as both_ends
    group by assignee_type, assignee_id, day
),

days as (
    select assignee_type, assignee_id, {{ each_day('min(day)', 'max(present.today)') }} as day
    from changes
    cross join {{ ref('present') }} as present
    group by assignee_type, assignee_id
)

select *
from (
    select
        assignee_type,
        assignee_id,
        day,
        cast(sum(coalesce(change, 0)) over (partition by assignee_type, assignee_id order by day) as bigint) as open_at_end
    from days
    left join changes using (assignee_type, assignee_id, day)
) as counted
where open_at_end > 0
