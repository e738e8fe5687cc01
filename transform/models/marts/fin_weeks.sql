select
    {{ local_week('created_at') }} as week,
    count(*) as conversations,
    count(*) filter (where fin_participated) as involved,
    count(*) filter (where fin_outcome = 'resolved') as resolved,
    count(*) filter (where fin_outcome = 'handed over') as handed_over,
    count(*) filter (where fin_participated and teammate_replies > 0) as answered_by_a_teammate_too,
    count(*) filter (where fin_participated and fin_rating is not null) as rated,
    cast(avg(fin_rating) filter (where fin_participated) as float8) as average_rating
from {{ ref('conversations') }}
where created_at is not null
group by 1
