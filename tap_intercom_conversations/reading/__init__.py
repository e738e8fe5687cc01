"""Which objects of a collection changed between two moments, in order.

To read it: `collection` and `bounds` say what is asked for, `changes` has pages asked for side by
side and yields each as a `batch`, in order. A `walk` follows pages until it is sure that they are
over; `spans` are the walks of a search, `listing` has those of a list. `pages` asks for one page,
whose rows `envelope` takes out. `checkpoint` is where to go on. `scroll` is a way of its own, for
companies, and `list_or_scroll` chooses. `kept_pages` has what was read for streams that read the
same. Both wait in a `spool`.
"""
