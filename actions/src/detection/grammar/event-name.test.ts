import { expect, test } from "vitest";
import { readEventName } from "./event-name.ts";

test.each([
  ["auth.login_failed", "auth-failed"],
  ["authn_login_fail", "auth-failed"],
  ["AUTHENTICATION_FAILURE", "auth-failed"],
  ["UserLoginFailed", "auth-failed"],
  ["auth.login", "auth-succeeded"],
  ["user_logged_in", "auth-succeeded"],
  ["user-password-change", "password-changed"],
  ["changed-password", "password-changed"],
  ["user.password_reset", "password-changed"],
  ["added-user-account", "user-created"],
  ["UserCreatedEvent", "user-created"],
  ["user.signup", "user-created"],
  ["deleted-user-account", "row-deleted"],
  ["sensitive_delete", "row-deleted"],
  ["order.deleted", "row-deleted"],
  ["override_enabled", "override-on"],
  ["override-off", "override-off"],
  ["migration-ran", "migration-ran"],
  ["statement-refused", "statement-refused"],
])("%s: %s", (name, kind) => {
  expect(readEventName(name)).toMatchObject({ kind, happened: true });
});

test.each(["user.password_reset_requested", "authn_password_change_fail", "orders.delete_failed"])(
  "%s says that it did not happen",
  (name) => {
    expect(readEventName(name)?.happened).toBe(false);
  },
);

test.each([
  "comment.created",
  "order.created",
  "user.updated",
  "user.role.deleted",
  "session.created",
  "LOGOUT_SUCCESS",
  "cache.deleted",
  "auth.token_refreshed",
  "user_address_created",
  "authn_login_lock",
  "password_expired",
])("%s is nothing of interest", (name) => {
  expect(readEventName(name)).toBeNull();
});
