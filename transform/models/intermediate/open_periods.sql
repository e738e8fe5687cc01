-- When each conversation was not closed: one row from opening to closing, none after the last while it is open.
with changes as (
    select conversation_id, created_at as changed_at, 0 as step, 0 as length, '' as part_id, true as opens
    from {{ ref('stg_conversations') }}

    union all

    select conversation_id, created_at, 1, length(part_id), part_id, part_type <> 'close'
    from {{ ref('stg_conversation_parts') }}
    where part_type in ('close', 'open', 'note_and_reopen', 'snoozed', 'unsnoozed', 'timer_unsnooze', 'assign_and_unsnooze')
        or (author_role = 'contact' and is_message)

    union all

    -- The conversation's own state has the last word: parts may be missing.
    select
        conversation_id,
        case when state = 'closed' then coalesce(counted_last_close_at, updated_at) else updated_at end,
        2, 0, '', state <> 'closed'
    from {{ ref('stg_conversations') }}
),

turns as (
    select *, lag(opens) over (partition by conversation_id order by step > 1, changed_at, step, length, part_id) as was_open
    from changes
),

periods as (
    select
        conversation_id,
        opens,
        changed_at as opened_at,
        lead(changed_at) over (partition by conversation_id order by step > 1, changed_at, step, length, part_id) as closed_at
    from turns
    where was_open is null or was_open <> opens
)

select
    conversation_id,
    cast(row_number() over (partition by conversation_id order by opened_at, closed_at nulls last) as int) as number,
    opened_at,
    -- Intercom's last close can lie before a reopening that only the parts tell of.
    case when closed_at < opened_at then opened_at else closed_at end as closed_at
from periods
where opens
