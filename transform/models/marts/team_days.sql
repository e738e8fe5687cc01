{{ days_of('team', ref('stg_teams')) }}
