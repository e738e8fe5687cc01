"""The streams, one module per family, and what they have in common.

    IntercomStream                  a schema, records, an end that tells the truth   base
    ├── ListStream                  a list that comes in one answer                  reference
    └── IncrementalStream           a bookmark that it moves itself                  base
        └── ChangedObjectsStream    the objects of a collection that changed         changed_objects
            ├── LinkStream          a row for each link that its pages show          links
            └── PerObjectStream     what has to be asked for each object             per_object
                └── PartsStream     the parts of conversations and tickets           parts

`registry` has all streams, `collections` what the reader has to know of each collection.
"""
