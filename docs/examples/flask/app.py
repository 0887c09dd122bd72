"""A small shop's user service: register, log in, change a password, delete; an administrator's side; an override.

    pip install -r requirements.txt
    SECRET_KEY=... flask run            # sqlite in ./shop.db; for PostgreSQL see the README

Every answer and every request body is JSON. What Holdfast has to know is told through holdfast_log, after the
commit; Flask's and the web server's own lines come beside it as they are.
"""

import os
import re
import sys
from datetime import datetime, timedelta, timezone
from functools import wraps

import click
from flask import Flask, abort, g, jsonify, request, session
from sqlalchemy import String, create_engine, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.security import check_password_hash, generate_password_hash

import holdfast_log
from holdfast_log import record

# How new passwords are hashed; werkzeug's default is meant to be slow, and only tests have a reason to want another.
METHOD = os.environ.get("PASSWORD_METHOD", "scrypt")
# What generate_password_hash makes, of now and of earlier versions: method, salt, digest.
HASH = re.compile(r"(scrypt:\d+:\d+:\d+|pbkdf2:sha(1|256|512)(:\d+)?)\$[^$\s]{1,64}\$[0-9a-f]{32,256}")
# Compared with where there is no such user, so that the time of an answer does not tell who has an account.
NOBODY = generate_password_hash("nobody's password", METHOD)


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)
    password_hash: Mapped[str] = mapped_column(String(255))
    role: Mapped[str] = mapped_column(String(20), default="customer")

    def told(self):
        """As the log names it: never more than this."""
        return {"id": str(self.id), "name": self.name, "roles": [self.role]}


def create_app():
    app = Flask(__name__)
    app.config.update(
        SECRET_KEY=os.environ["SECRET_KEY"],
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=timedelta(hours=8),
    )
    # Without hide_parameters a failing statement prints its values, password hashes among them.
    engine = create_engine(os.environ.get("DATABASE_URL", "sqlite:///shop.db"), hide_parameters=True)
    # On PostgreSQL the tables come by migrations: what an application changes at start-up, nobody has approved.
    if engine.dialect.name == "sqlite":
        Base.metadata.create_all(engine)
    holdfast_log.init_app(app)
    # How many proxies of your own stand in front: one too few and every customer has the proxy's address, one too
    # many and everybody can choose an address in X-Forwarded-For.
    proxies = int(os.environ.get("TRUSTED_PROXIES", "0"))
    if proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies)

    @app.before_request
    def open_database():
        g.db = Session(engine)
        g.user = g.db.get(User, session["user"]) if "user" in session else None

    @app.teardown_request
    def close_database(_error):
        if "db" in g:
            g.db.close()

    @app.errorhandler(HTTPException)
    def as_json(error):
        return jsonify(error=error.description), error.code

    @app.post("/register")
    def register():
        name, password = text("name"), text("password")
        user = User(name=name, password_hash=generate_password_hash(password, METHOD))
        g.db.add(user)
        commit_or_conflict()
        record("user-created", actor=g.user.told() if g.user else user.told(), target=user.told())
        return jsonify(id=user.id), 201

    @app.post("/login")
    def login():
        name, password = text("name"), text("password")
        user = g.db.scalar(select(User).where(User.name == name))
        if not check_password_hash(user.password_hash if user else NOBODY, password) or user is None:
            record("auth-failed", actor={"name": name})
            abort(401, "Unknown name or wrong password")
        session.clear()
        session["user"] = user.id
        record("auth-succeeded", actor=user.told())
        return jsonify(id=user.id)

    @app.post("/logout")
    def logout():
        session.clear()
        return "", 204

    @app.put("/account/password")
    @signed_in
    def change_password():
        if not check_password_hash(g.user.password_hash, text("current")):
            abort(403, "The current password is another one")
        g.user.password_hash = generate_password_hash(text("password"), METHOD)
        g.db.commit()
        record("password-changed", actor=g.user.told(), target=g.user.told(), rows=1, table="users")
        return "", 204

    @app.delete("/account")
    @signed_in
    def delete_account():
        delete(g.user)
        session.clear()
        return "", 204

    @app.get("/admin/users")
    @admin_only
    def list_users():
        return jsonify([user.told() for user in g.db.scalars(select(User).order_by(User.id))])

    @app.put("/admin/users/<int:user_id>/password")
    @admin_only
    def set_password(user_id):
        """`password` is hashed; `hashed_password`, which a backup held, is stored as it is: hashed again, it would lock its owner out."""
        given = body()
        if ("password" in given) == ("hashed_password" in given):
            abort(400, "Give either password or hashed_password")
        if "password" in given:
            stored = generate_password_hash(text("password"), METHOD)
        else:
            stored = text("hashed_password")
            if not HASH.fullmatch(stored):
                abort(400, "hashed_password is not a hash that this application could have stored")
        user = user_or_404(user_id)
        user.password_hash = stored
        g.db.commit()
        record("password-changed", actor=g.user.told(), target=user.told(), rows=1, table="users")
        return "", 204

    @app.delete("/admin/users/<int:user_id>")
    @admin_only
    def delete_user(user_id):
        delete(user_or_404(user_id))
        return "", 204

    @app.put("/admin/override")
    @admin_only
    def declare_override():
        """What follows is meant to happen, for this reason and no longer than this."""
        minutes = body().get("minutes")
        if not isinstance(minutes, int) or not 1 <= minutes <= 240:
            abort(400, "minutes: a whole number from 1 to 240")
        expires = datetime.now(timezone.utc) + timedelta(minutes=minutes)
        holdfast_log.override_on(text("reason"), expires, actor=g.user.told())
        return jsonify(expires=expires.isoformat())

    @app.delete("/admin/override")
    @admin_only
    def lift_override():
        holdfast_log.override_off(text("reason"), actor=g.user.told())
        return "", 204

    @app.cli.command("create-admin")
    @click.argument("name")
    def create_admin(name):
        """Makes an administrator; the password is read from standard input, where no process list shows it."""
        password = sys.stdin.readline().rstrip("\n")
        if not password:
            raise click.ClickException("no password on standard input")
        with Session(engine) as db:
            user = User(name=name, password_hash=generate_password_hash(password, METHOD), role="admin")
            db.add(user)
            db.commit()
            record("user-created", actor={"name": "console", "roles": ["admin"]}, target=user.told())

    return app


def signed_in(view):
    @wraps(view)
    def guarded(*args, **kwargs):
        if g.user is None:
            abort(401, "Log in first")
        return view(*args, **kwargs)

    return guarded


def admin_only(view):
    @wraps(view)
    @signed_in
    def guarded(*args, **kwargs):
        if g.user.role != "admin":
            abort(403, "Administrators only")
        return view(*args, **kwargs)

    return guarded


def body():
    given = request.get_json()
    if not isinstance(given, dict):
        abort(400, "The body is not a JSON object")
    return given


def text(field):
    """A field of the request's JSON body. Its value appears in no message: it may be a password."""
    value = body().get(field)
    if not isinstance(value, str) or not 1 <= len(value) <= 255:
        abort(400, f"{field}: a text of 1 to 255 characters")
    return value


def user_or_404(user_id):
    user = g.db.get(User, user_id)
    if user is None:
        abort(404, f"There is no user {user_id}")
    return user


def delete(user):
    gone = user.told()
    g.db.delete(user)
    g.db.commit()
    record("row-deleted", actor=g.user.told() if g.user is not user else gone, target=gone, rows=1, table="users")


def commit_or_conflict():
    try:
        g.db.commit()
    except IntegrityError:
        abort(409, "That name is taken")
