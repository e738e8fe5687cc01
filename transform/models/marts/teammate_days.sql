{{ days_of('teammate', ref('stg_admins')) }}
