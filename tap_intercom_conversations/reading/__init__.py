"""Which objects of a collection changed between two moments, in order.

To read it: `collection` and `bounds` say what is asked for, `changes` has pages asked for side by
side and yields each as a `batch`, in order. `walk` follows one chain of pages until it is over;
`spans` are the walks of a search, `listing` has those of a list. `pages` asks for one page, whose
rows `envelope` takes out. `checkpoint` is where to go on. `scroll` is the way of companies, and
`kept_pages` has what was read for those that read the same, both in a `spool`.
"""
