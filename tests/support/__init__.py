"""What tests share: servers, simulated time, hostile objects, the truth."""
