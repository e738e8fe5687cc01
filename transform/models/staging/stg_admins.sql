{%- set admins = loaded('admins') %}
select
    {{ column(admins, 'id') }} as admin_id,
    {{ column(admins, 'name') }} as name,
    {{ column(admins, 'email') }} as email,
    {{ column(admins, 'job_title') }} as job_title,
    {{ loaded_at(admins) }} as loaded_at
from {{ rows(admins) }}
where {{ is_alive(admins) }}
