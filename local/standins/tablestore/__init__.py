"""A Tablestore for the laptop: the wide-column row API, in process and on the wire.

`state` holds all data and rules and knows no HTTP and no SDK; `api` speaks the vendor's protocol over it. The rules
come from the vendor's pages and from the functional tests of the vendor's own SDKs, which run against the service.
What is not here: search indexes, streams, SQL, the time-series model, and waiting for a new table to be loaded.
"""
