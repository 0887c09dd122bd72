"""Tells Holdfast what happened: one line of JSON on standard output for each occurrence, in its log contract.

Copy this file into your application; it needs Flask and nothing else. Call `record` right after the thing was
done (after the commit), once for each thing:

    record("password-changed", actor=me, target=user, rows=1, table="users")

What makes the difference between a disaster and a plan is said here and nowhere else: an actor's role, and
`override_on` with a reason and an end. Neither is ever read out of free text, which a user could have written.
Never pass a password, a hash or a token: a log is read by more people than a database.
"""

import json
import logging
import sys
import uuid
from datetime import datetime, timezone

from flask import g, has_request_context, request

# What there is to say, and how ECS files it. Holdfast counts by `event.action`.
_EVENTS = {
    "auth-failed": ("authentication", ["start"], "failure"),
    "auth-succeeded": ("authentication", ["start"], "success"),
    "password-changed": ("iam", ["user", "change"], "success"),
    "user-created": ("iam", ["user", "creation"], "success"),
    "row-deleted": ("database", ["deletion"], "success"),
    "override-on": ("configuration", ["change"], "success"),
    "override-off": ("configuration", ["change"], "success"),
}

_logger = logging.getLogger("holdfast")


def init_app(app):
    """Sends the lines to standard output, untouched by whatever else the application does to its logging."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(logging.Formatter("%(message)s"))
    _logger.handlers[:] = [handler]
    _logger.setLevel(logging.INFO)
    _logger.propagate = False


def record(action, *, actor=None, target=None, rows=None, table=None, override=None):
    """`actor` did it, `target` it was done to: dictionaries with any of `id`, `name` and `roles` (a list)."""
    category, types, outcome = _EVENTS[action]
    line = {
        "@timestamp": _iso(datetime.now(timezone.utc)),
        "message": action,
        "event": {"action": action, "category": [category], "type": types, "outcome": outcome},
    }
    user = dict(actor or {})
    if target is not None:
        user["target"] = target
    if user:
        line["user"] = user
    if has_request_context():
        # Behind a proxy this is the proxy unless ProxyFix is told how many there are; see app.py.
        line["client"] = {"ip": request.remote_addr}
        line["http"] = {"request": {"id": _request_id()}}
    extra = {"rows": rows, "table": table, "override": override}
    extra = {name: value for name, value in extra.items() if value is not None}
    if extra:
        line["holdfast"] = extra
    # json.dumps escapes newlines and control characters, so no name that a user chose can forge a second line.
    _logger.info(json.dumps(line))


def override_on(reason, expires, *, actor=None):
    """From now until `expires` (an aware datetime) this is meant to happen. Holdfast counts what it hides."""
    record("override-on", actor=actor, override={"on": True, "reason": reason, "expires": _iso(expires)})


def override_off(reason, *, actor=None):
    record("override-off", actor=actor, override={"on": False, "reason": reason})


def _request_id():
    if "request_id" not in g:
        g.request_id = str(uuid.uuid4())
    return g.request_id


def _iso(time):
    return time.astimezone(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
