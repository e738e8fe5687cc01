"""Nothing is lost: faults, kills, changes during a sync, an index that lags."""
