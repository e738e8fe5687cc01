"""Runs `tap-intercom`, in its own environment, against another host: URL, then its own options.

Nothing of what it does with conversations is touched. It has no setting for the host, so that is
set here; and its search is asked for in terms that the sandbox takes:

- It sorts by `id` and asks for `id > ""`, to resume by id; neither is among what the API's
  documents allow, and the sandbox allows only that.
- It sends `updated_at` as a float, which the sandbox refuses where an integer is documented.

So it reads what the bare loop reads: POST /conversations/search, 150 a page, one page after
another, API version 2.12, which is fixed in it. It asks for single conversations only if
`conversation_parts` is selected, and before all for GET /tags, to check its token.
"""

from __future__ import annotations

import sys
from typing import Any

from tap_intercom import main  # type: ignore[import-not-found]  # in its own environment only
from tap_intercom.client import IntercomClient  # type: ignore[import-not-found]


def redirect(url: str) -> None:
    """Have the client talk to another host."""
    initialize, post = IntercomClient.__init__, IntercomClient.post

    def initialize_for_url(self: Any, *args: Any, **kwargs: Any) -> None:
        initialize(self, *args, **kwargs)
        self.base_url = url

    def post_as_documented(self: Any, path: str, **kwargs: Any) -> Any:
        search = kwargs["json"]
        search["query"] = {"field": "updated_at", "operator": ">", "value": 0}
        search["sort"] = {"field": "updated_at", "order": "ascending"}
        return post(self, path, **kwargs)

    IntercomClient.__init__ = initialize_for_url
    IntercomClient.post = post_as_documented


if __name__ == "__main__":
    redirect(sys.argv.pop(1))
    main()
