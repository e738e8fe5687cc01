-- Who had each conversation from when to when: a row for each teammate and each team that it was assigned to.
with changes as (
    select
        conversation_id,
        case assigned_to_type when 'team' then 'team' else 'teammate' end as assignee_type,
        -- `nobody_admin` takes it from its teammate, and has no id.
        assigned_to_id as assignee_id,
        created_at as changed_at,
        0 as step,
        length(part_id) as length,
        part_id
    from {{ ref('stg_conversation_parts') }}
    where assigned_to_type in ('admin', 'team', 'nobody_admin')

    union all

    -- What the conversation itself says has the last word: parts may be missing.
    select
        conversation_id, assignee_type, assignee_id,
        case when is_assigned then updated_at else coalesce(counted_first_assignment_at, created_at) end,
        1, 0, ''
    from (
        select
            conversation.*,
            kind.assignee_type,
            case kind.assignee_type when 'team' then team_assignee_id else admin_assignee_id end as assignee_id,
            exists (
                select 1 from {{ ref('stg_conversation_parts') }} as part
                where part.conversation_id = conversation.conversation_id
                    and part.assigned_to_type = case kind.assignee_type when 'team' then 'team' else 'admin' end
            ) as is_assigned
        from {{ ref('stg_conversations') }} as conversation
        cross join (select 'teammate' as assignee_type union all select 'team') as kind
    ) as present
),

turns as (
    select
        *,
        lag(assignee_id) over (partition by conversation_id, assignee_type order by step, changed_at, length, part_id) as assignee_before
    from changes
),

periods as (
    select
        conversation_id,
        assignee_type,
        assignee_id,
        changed_at as assigned_at,
        lead(changed_at) over (partition by conversation_id, assignee_type order by step, changed_at, length, part_id) as unassigned_at
    from turns
    where assignee_id is distinct from assignee_before
)

select *
from periods
where assignee_id is not null
