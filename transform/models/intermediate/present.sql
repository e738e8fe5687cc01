-- One row: the moment that the data are of. A row from the future does not count.
select
    as_of,
    {{ local_day('as_of') }} as today
from (
    select max(updated_at) as as_of
    from {{ ref('stg_conversations') }}
    where updated_at <= (current_timestamp at time zone 'UTC')
) as newest
