"""One door to the API: requests, retries, the budget, pages, worker threads."""
